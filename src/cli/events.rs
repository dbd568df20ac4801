//! `events`: the extracted events alone, in the order of the arguments, read on all cores.

use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use clap::{Args, ValueEnum};

use self::in_order::{Turn, in_order};
use self::table::{Column, Table};
use super::output::{Format, Output};
use super::values::EventId;
use super::{Exit, Failure, Global, progress};
use crate::capture::{self, Captured, OnRead};
use crate::event::Event;
use crate::fault::{Code, Diagnostic, Severity};
use crate::json::{self, Summary};
use crate::pack::Packs;
use crate::scan::{Counts, Found, Limits, Scanner, Segment};
use crate::topology::Topology;

mod in_order;
mod names;
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
        let reading = Reading {
            packs: Arc::new(Packs::builtin()),
            only: self.id.into_iter().map(|id| id.0).collect(),
            on_read: progress::moves(&bar),
        };
        let topology: Option<Topology> = None;
        let mut summary = Summary::default();
        let threads = self.threads.or(thread::available_parallelism().ok());
        in_order(
            threads.unwrap_or(NonZeroUsize::MIN),
            &found.logs,
            |log, turn| reading.read(log, &turn),
            |told| match told {
                Told::Event(mut event) => {
                    summary.events += 1;
                    let solution = topology
                        .as_ref()
                        .and_then(|topology| names::complete(topology, &mut event));
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

/// What comes out of one log.
enum Told {
    Event(Box<Event>),
    Diagnostic(Diagnostic),
    /// The last of a log that could be opened.
    End(Counts),
}

struct Reading {
    packs: Arc<Packs>,
    /// Ids to tell; all if empty.
    only: Vec<Arc<str>>,
    on_read: OnRead,
}

/// Bytes that are taken from a log at once.
const PORTION_BYTES: usize = 256 * 1024;

impl Reading {
    fn read(&self, log: &Captured, turn: &Turn<'_, Told>) {
        let mut reader = match log.open_counted(self.on_read.clone()) {
            Ok(reader) => reader,
            Err(error) => {
                turn.give(unreadable(log, &error));
                return;
            }
        };
        let packs = self.packs.clone();
        let segment = Segment::new(log.name.clone());
        let mut scanner = Scanner::new(segment, Limits::default(), move |header| {
            packs
                .matcher(header.application_type.as_deref(), None)
                .unwrap_or_default()
        });
        let mut tell = |found| match found {
            Found::Event(event) if self.wants(&event) => {
                turn.give(Told::Event(Box::new(event)));
            }
            Found::Diagnostic(diagnostic) => {
                turn.give(Told::Diagnostic(diagnostic));
            }
            Found::Event(_) | Found::Life(_) => {}
        };
        let mut portion = vec![0; PORTION_BYTES];
        let mut broken = None;
        while turn.wanted() {
            match reader.read(&mut portion) {
                Ok(0) => break,
                Ok(length) => scanner.push(portion.get(..length).unwrap_or_default(), &mut tell),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    broken = Some(error);
                    break;
                }
            }
        }
        let finished = scanner.finish(&mut tell);
        // What came before the damage is told; that something is missing comes behind it.
        if let Some(error) = broken {
            turn.give(unreadable(log, &error));
        }
        turn.give(Told::End(finished.counts));
    }

    fn wants(&self, event: &Event) -> bool {
        self.only.is_empty() || self.only.contains(&event.id)
    }
}

fn unreadable(log: &Captured, error: &io::Error) -> Told {
    Told::Diagnostic(Diagnostic {
        severity: Severity::Error,
        code: Code::Unreadable,
        file: log.name.clone(),
        line: 0,
        message: error.to_string(),
    })
}
