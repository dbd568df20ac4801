//! `completions`: the script that completes this command line in a shell.

use std::io::{self, Write};

use clap::Args;
use clap_complete::{Shell, generate};

use super::Exit;

/// Print the completions for a shell
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self, command: &clap::Command) -> anyhow::Result<Exit> {
        // Written at one go: the generator itself gives up where a reader leaves early.
        let mut script = Vec::new();
        generate(self.shell, &mut command.clone(), "tailswitch", &mut script);
        io::stdout().write_all(&script)?;
        Ok(Exit::Ok)
    }
}
