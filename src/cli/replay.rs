//! `replay`: what would have been decided, told from captured logs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::output::Format;
use super::values::{Delay, Failing, Setting, Shift};
use super::{Exit, Global};
use crate::time::Time;

/// Replay captured logs on a virtual clock: events, decisions, incidents and steps; nothing is run
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// Files, folders, patterns, .gz, .zip; - for standard input
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// A story for people, or JSON
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Draw the incidents into a self-contained page
    #[arg(long, value_name = "OUT.html")]
    timeline: Option<PathBuf>,
    /// What is earlier only teaches roles, as history does when the daemon starts
    #[arg(long, value_name = "TIME")]
    from: Option<Time>,
    /// When a switch counts as done
    #[arg(long, value_enum, default_value_t = Effects::Observed)]
    effects: Effects,
    /// Another value in the configuration, by its dotted path
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Setting>,
    /// Try the events of each incident in every order, and say how many plans come out
    #[arg(long)]
    permute: bool,
    /// Let a step fail: ACTION@HOST=timeout, ACTION@APPLICATION=error
    #[arg(long, value_name = "STEP=HOW")]
    fail: Vec<Failing>,
    /// Move the stamps of a host: vmhost2=+40s
    #[arg(long, value_name = "HOST=TIME")]
    shift: Vec<Shift>,
    /// Let the lines of a host arrive late: vmhost2=5s
    #[arg(long, value_name = "HOST=TIME")]
    delay: Vec<Delay>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Effects {
    /// When the logs show its 4563 or mode line
    Observed,
    /// At once, as if every step worked
    Assumed,
}

impl Replay {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let _path = global.config_path()?;
        anyhow::bail!("replay is not wired to the core yet")
    }
}
