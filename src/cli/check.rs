//! `check`: every fault of the configuration and its packs at once, each at its place.

use std::path::PathBuf;

use clap::Args;

use super::output::Format;
use super::{Exit, Global};

/// Check the configuration, its packs, logs, commands and secrets: every fault at once
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Configurations to check instead of the usual one
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Exit with 3 where there are warnings
    #[arg(long)]
    strict: bool,
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Check {
    pub(super) fn run(self, _global: &Global) -> anyhow::Result<Exit> {
        anyhow::bail!("check is not wired to the configuration yet")
    }
}
