//! `run-step`: carries out one command for the daemon; not for people, and not in the help.

use std::path::PathBuf;

use clap::Args;

use super::Exit;

/// Carry out the one command that the daemon hands over on standard input
#[derive(Debug, Args)]
pub(super) struct RunStep {
    /// The folder of the daemon's jobs: tells whose shim this is
    steps: PathBuf,
}

impl RunStep {
    #[cfg(unix)]
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        crate::dispatch::run_step()?;
        Ok(Exit::Ok)
    }

    #[cfg(not(unix))]
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        anyhow::bail!("commands cannot be run on this system yet")
    }
}
