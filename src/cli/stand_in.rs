//! `stand-in`: a command of the simulated pair; not for people, and not in the help.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use super::Exit;
use crate::standin;

/// Do to the simulated pair what a command of the field would do
#[derive(Debug, Args)]
pub(super) struct StandIn {
    /// The pair's folder
    #[arg(long, value_name = "DIR", default_value = ".")]
    folder: PathBuf,
    /// The command and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<String>,
}

impl StandIn {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let ended = standin::run(&self.folder, &self.command)?;
        io::stdout().write_all(ended.out.as_bytes())?;
        io::stderr().write_all(ended.err.as_bytes())?;
        Ok(match ended.exit {
            0 => Exit::Ok,
            2 => Exit::Usage,
            _ => Exit::Failed,
        })
    }
}
