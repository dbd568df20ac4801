//! `demo`: the failure of a whole host in an embedded pair, told step by step.

use std::path::PathBuf;

use clap::Args;

use super::{Exit, Global};

/// Watch a whole host fail and one decision come out, from embedded logs
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where the timeline of the incident is drawn
    #[arg(
        long,
        value_name = "OUT",
        default_value = "tailswitch-demo/timeline.html"
    )]
    timeline: PathBuf,
}

impl Demo {
    pub(super) fn run(self, _global: &Global) -> anyhow::Result<Exit> {
        anyhow::bail!("demo is not wired to the core yet")
    }
}
