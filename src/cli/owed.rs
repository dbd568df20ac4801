//! `owed`: the VIP-disables that could not be done, and letting one be.

use clap::{Args, Subcommand};
use indicatif::ProgressBar;

use super::daemon::{Daemon, form};
use super::operate::{Signed, told};
use super::output::{Format, Output};
use super::{Exit, Global};
use crate::json;
use crate::operate::verb::Forgive;
use crate::operate::{history, table};
use crate::snapshot::{Extras, snapshot};

/// Show what is owed to a host, or let one debt be
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Owed {
    #[command(subcommand)]
    verb: Option<OwedVerb>,
    /// Lines for people, or one JSON object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum OwedVerb {
    /// Let a debt be: the host will never come back, or somebody disabled the VIP by hand
    Forgive {
        /// The debt's id, as `owed` shows it (east:vmhost1), or its incident's
        id: String,
        #[command(flatten)]
        signed: Signed,
    },
}

impl Owed {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let mut output = Output::new(global, self.format, ProgressBar::hidden());
        let daemon = Daemon::new(global, &mut output)?;
        if let Some(OwedVerb::Forgive { id, signed }) = self.verb {
            let (by, why) = (signed.by, signed.why);
            let body = json::line(&Forgive { id, by, why })?;
            let answer = daemon.post("/api/v1/owed/forgive", &body)?;
            return told(answer, signed.format, &mut output);
        }
        let query = [("format", form(self.format))];
        daemon.show(&mut output, "/api/v1/owed", &query, |_, past| {
            let state = past.now()?;
            let debts = history::owed(&snapshot(&state, state.now, Extras::offline()));
            Ok(match self.format {
                Format::Text => table::owed(&debts),
                Format::Json => json::line(&debts)?,
            })
        })
    }
}
