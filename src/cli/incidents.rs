//! `incidents`: what happened, newest first, or one incident with its steps.

use clap::Args;
use indicatif::ProgressBar;

use super::daemon::{Daemon, form};
use super::output::{Format, Output};
use super::{Exit, Failure, Global};
use crate::config::Config;
use crate::json;
use crate::operate::{history, table};
use crate::past::{Page, Past};

/// List the incidents, newest first, or show one with its steps
#[derive(Debug, Args)]
pub(super) struct Incidents {
    /// One incident
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Only those of one pair
    #[arg(long, value_name = "NAME", conflicts_with = "id")]
    solution: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 20, conflicts_with = "id",
          value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
    /// Lines for people, or one JSON object a line
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Incidents {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let mut output = Output::new(global, self.format, ProgressBar::hidden());
        let daemon = Daemon::new(global, &mut output)?;
        let form = ("format", form(self.format));
        if let Some(id) = &self.id {
            let path = format!("/api/v1/incidents/{}", in_path(id));
            return daemon.show(&mut output, &path, &[form], |config, past| {
                one(config, past, id, self.format)
            });
        }
        let limit = self.limit.to_string();
        let mut query = vec![form, ("limit", limit.as_str())];
        query.extend(self.solution.as_deref().map(|name| ("solution", name)));
        daemon.show(&mut output, "/api/v1/incidents", &query, |config, past| {
            let page = Page::newest(self.limit.into());
            let found = history::incidents(config, past, self.solution.as_deref(), page)?;
            Ok(match self.format {
                Format::Text => table::incidents(&found, &config.topology),
                Format::Json => found.lines(config)?,
            })
        })
    }
}

fn one(config: &Config, past: &mut dyn Past, id: &str, format: Format) -> anyhow::Result<String> {
    let told = history::incident(config, past, &id.into())?.ok_or_else(|| Failure {
        exit: Exit::Usage,
        message: format!("the journal knows no incident `{id}`"),
    })?;
    Ok(match (format, told.shown(config)) {
        (Format::Json, Some(shown)) => json::line(&shown)?,
        _ => table::incident(&config.topology, &told),
    })
}

/// As one part of a path.
fn in_path(text: &str) -> String {
    text.bytes().fold(String::new(), |path, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            path + &char::from(byte).to_string()
        } else {
            format!("{path}%{byte:02X}")
        }
    })
}
