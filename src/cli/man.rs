//! `man`: the manual pages, made from the same text as `--help`.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use clap_mangen::Man as Page;

use super::Exit;

/// Print the manual page, or write all pages into a folder
#[derive(Debug, Args)]
pub(super) struct Man {
    /// Write `tailswitch.1` and one page for each command into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self, command: &clap::Command) -> anyhow::Result<Exit> {
        match self.out {
            Some(folder) => {
                fs::create_dir_all(&folder)
                    .and_then(|()| clap_mangen::generate_to(command.clone(), &folder))
                    .with_context(|| format!("failed to write to {}", folder.display()))?;
            }
            None => {
                let mut page = Vec::new();
                Page::new(command.clone()).render(&mut page)?;
                io::stdout().write_all(&page)?;
            }
        }
        Ok(Exit::Ok)
    }
}
