//! `test`: scenario folders, replayed and compared with what they are expected to tell.

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Global};

/// Replay scenario folders and compare with what they expect
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Scenario folders, or folders of them
    #[arg(value_name = "DIR", default_value = "fixtures/scenarios")]
    folders: Vec<PathBuf>,
    /// Write the results as JUnit XML too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Take what comes out as what is expected from now on
    #[arg(long)]
    bless: bool,
}

impl Test {
    pub(super) fn run(self, _global: &Global) -> anyhow::Result<Exit> {
        anyhow::bail!("test is not wired to the core yet")
    }
}
