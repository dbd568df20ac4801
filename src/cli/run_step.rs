//! `run-step`: carries out one command for the daemon; not for people, and not in the help.

use std::path::PathBuf;

use clap::Args;

use super::Exit;

/// Carry out the one command that the daemon hands over on standard input
#[derive(Debug, Args)]
pub(super) struct RunStep {
    /// The job's folder, for a command that has to be found again after a crash
    folder: Option<PathBuf>,
}

impl RunStep {
    #[cfg(unix)]
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        crate::dispatch::run_step(self.folder)?;
        Ok(Exit::Ok)
    }

    #[cfg(not(unix))]
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        anyhow::bail!("commands cannot be run on this system yet")
    }
}
