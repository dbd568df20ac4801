//! `status`: what the daemon believes of every pair, and what stands in the way of a move.

use clap::Args;
use indicatif::ProgressBar;

use super::daemon::{Daemon, form};
use super::output::{Format, Output};
use super::{Exit, Global};
use crate::json;
use crate::operate::table;
use crate::snapshot::{Extras, snapshot};

/// Show what is believed of every pair: roles, VIP, holds, open incidents, debts, alerts, sources
#[derive(Debug, Args)]
pub(super) struct Status {
    /// Tables for people, or one JSON object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Status {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let mut output = Output::new(global, self.format, ProgressBar::hidden());
        let daemon = Daemon::new(global, &mut output)?;
        let query = [("format", form(self.format))];
        daemon.show(&mut output, "/api/v1/status", &query, |_, past| {
            let state = past.now()?;
            let snapshot = snapshot(&state, state.now, Extras::offline());
            Ok(match self.format {
                Format::Text => table::status(&snapshot),
                Format::Json => json::line(&snapshot)?,
            })
        })
    }
}
