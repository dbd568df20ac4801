//! `events`: the extracted events alone, in the order of the arguments, read on all cores.

use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread;

use clap::{Args, ValueEnum};

use self::in_order::in_order;
use self::reading::{Reading, Told};
use self::table::{Column, Table};
use super::output::{Format, Output};
use super::values::EventId;
use super::{Exit, Failure, Global, configuration, progress};
use crate::capture;
use crate::event::Event;
use crate::json::{self, Summary};

mod in_order;
mod names;
mod reading;
mod table;

/// Print the events that logs hold
#[derive(Debug, Args)]
pub(super) struct Events {
    /// Files, folders, patterns, .gz, .zip; - for standard input
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// Aligned columns, JSON, or fields with tabs between them
    #[arg(long, value_enum, default_value_t = EventFormat::Text)]
    format: EventFormat,
    /// What to show of an event, in this order (text and tsv)
    #[arg(long, value_enum, value_delimiter = ',', value_name = "COLUMN,…")]
    columns: Vec<Column>,
    /// Only events with these ids: 4563, 00-04563, GCTI-00-04563, AppRunModeChanged
    #[arg(long, value_delimiter = ',', value_name = "ID,…")]
    id: Vec<EventId>,
    /// How many logs are read at once; all cores if not given
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EventFormat {
    /// Aligned columns for people
    Text,
    /// One object a line
    Json,
    /// One event a line, no heading, tabs between the fields
    Tsv,
}

impl Events {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let mut rows = self.rows()?;
        let found = capture::find(&self.logs);
        let bar = progress::bar(&found);
        let format = match self.format {
            EventFormat::Json => Format::Json,
            EventFormat::Text | EventFormat::Tsv => Format::Text,
        };
        let mut output = Output::new(global, format, bar.clone());
        for diagnostic in &found.diagnostics {
            output.diagnostic(diagnostic)?;
        }
        // Only if it is named: what a log holds does not depend on where one stands.
        let config = match &global.config {
            Some(path) => Some(configuration::load(path, &[], &mut output)?),
            None => None,
        };
        let only = self.id.into_iter().map(|id| id.0).collect();
        let reading = Reading::new(config.as_ref(), only, progress::moves(&bar));
        let mut summary = Summary::default();
        let threads = self.threads.or(thread::available_parallelism().ok());
        in_order(
            threads.unwrap_or(NonZeroUsize::MIN),
            &found.logs,
            |log, turn| reading.read(log, &turn),
            |told| match told {
                Told::Event(mut event) => {
                    summary.events += 1;
                    let solution = config
                        .as_ref()
                        .and_then(|config| names::complete(&config.topology, &mut event));
                    output.line(&rows.row(&event, solution)?)
                }
                Told::Diagnostic(diagnostic) => output.diagnostic(&diagnostic),
                Told::End(counts) => {
                    summary.files += 1;
                    summary.bytes += counts.bytes;
                    summary.records += counts.records;
                    Ok(())
                }
            },
        )?;
        if format == Format::Json {
            output.line(&json::line(&summary)?)?;
        }
        Ok(output.finish()?)
    }

    fn rows(&self) -> Result<Rows, Failure> {
        let columns = |usual: &[Column]| match self.columns.as_slice() {
            [] => usual.to_vec(),
            chosen => chosen.to_vec(),
        };
        match self.format {
            EventFormat::Json if !self.columns.is_empty() => Err(Failure {
                exit: Exit::Usage,
                message: "--columns is for --format text and tsv; JSON has all fields".into(),
            }),
            EventFormat::Json => Ok(Rows::Json),
            EventFormat::Text => Ok(Rows::Text(Table::new(&columns(&table::FOR_PEOPLE)))),
            EventFormat::Tsv => Ok(Rows::Tsv(columns(&table::ALL))),
        }
    }
}

enum Rows {
    Text(Table),
    Tsv(Vec<Column>),
    Json,
}

impl Rows {
    fn row(&mut self, event: &Event, solution: Option<&str>) -> io::Result<String> {
        Ok(match self {
            Rows::Text(table) => table.row(event),
            Rows::Tsv(columns) => table::tsv(columns, event),
            Rows::Json => json::line(&json::event(event, solution))?,
        })
    }
}
