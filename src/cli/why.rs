//! `why`: the reasons of an incident, of a time, or of what is believed of an application.

use clap::Args;
use indicatif::ProgressBar;

use super::daemon::{Daemon, form};
use super::output::{Format, Output};
use super::{Exit, Failure, Global};
use crate::json;
use crate::why;

/// Say why: for an incident, a time, or an application, with every gate and its value
#[derive(Debug, Args)]
pub(super) struct Why {
    /// An incident's id, a time (2026-11-02T20:31:07Z, or 20:31 of today, UTC), an application's name or DBID
    #[arg(value_name = "ID|TIME|APP")]
    about: String,
    /// Sentences for people, or one JSON object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Why {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let mut output = Output::new(global, self.format, ProgressBar::hidden());
        let daemon = Daemon::new(global, &mut output)?;
        let query = [
            ("about", self.about.as_str()),
            ("format", form(self.format)),
        ];
        daemon.show(&mut output, "/api/v1/why", &query, |config, past| {
            let usage = |message| Failure {
                exit: Exit::Usage,
                message,
            };
            let topology = &config.topology;
            // A time of day is one of the last day that the journal knows.
            let now = past.now()?.now;
            let question = why::question(topology, now, &self.about).map_err(usage)?;
            let why = why::answer(topology, past, &question)?
                .ok_or_else(|| usage(format!("the journal knows nothing of `{}`", self.about)))?;
            Ok(match self.format {
                Format::Text => why::text(&why),
                Format::Json => json::line(&why)?,
            })
        })
    }
}
