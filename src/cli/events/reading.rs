//! One log read to its end, on whichever thread.

use std::io::{self, Read};
use std::sync::Arc;

use super::in_order::Turn;
use crate::capture::{Captured, OnRead};
use crate::config::{Config, Source};
use crate::event::Event;
use crate::fault::{Code, Diagnostic, Severity};
use crate::pack::Packs;
use crate::scan::{Counts, Found, Limits, Scanner, Segment};

/// What comes out of one log.
pub(super) enum Told {
    Event(Box<Event>),
    Diagnostic(Diagnostic),
    /// The last of a log that could be opened.
    End(Counts),
}

/// How all logs are read.
pub(super) struct Reading<'a> {
    config: Option<&'a Config>,
    packs: Arc<Packs>,
    only: Vec<Arc<str>>,
    on_read: OnRead,
}

/// Bytes that are taken from a log at once.
const PORTION_BYTES: usize = 256 * 1024;

impl<'a> Reading<'a> {
    /// `only` are the ids to tell; all if it is empty.
    pub(super) fn new(
        config: Option<&'a Config>,
        only: Vec<Arc<str>>,
        on_read: OnRead,
    ) -> Reading<'a> {
        let packs = match config {
            Some(config) => config.packs.clone(),
            None => Arc::new(Packs::builtin()),
        };
        Reading {
            config,
            packs,
            only,
            on_read,
        }
    }

    /// Tells all that the log holds; ends early if nobody wants it any more.
    pub(super) fn read(&self, log: &Captured, turn: &Turn<'_, Told>) {
        let mut reader = match log.open_counted(self.on_read.clone()) {
            Ok(reader) => reader,
            Err(error) => {
                turn.give(unreadable(log, &error));
                return;
            }
        };
        let mut scanner = self.scanner(log);
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

    fn scanner(&self, log: &Captured) -> Scanner {
        let (segment, limits, pack) = match self.config {
            Some(config) => (
                Source::segment(config.source(&log.path), &log.name),
                config.limits(),
                config
                    .source(&log.path)
                    .and_then(|source| source.pack.clone()),
            ),
            None => (Segment::new(log.name.clone()), Limits::default(), None),
        };
        let packs = self.packs.clone();
        Scanner::new(segment, limits, move |header| {
            packs
                .matcher(header.application_type.as_deref(), pack.as_deref())
                .unwrap_or_default()
        })
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
