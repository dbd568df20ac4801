//! The segments of one application, one after the other, as one source: dates roll on from each to the next.
//! One segment is open at a time, and what was read of it is told before more is read.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use super::{Content, Item};
use crate::capture::{Captured, OnRead};
use crate::fault::{Code, Diagnostic, Severity};
use crate::pack::{Matcher, Packs};
use crate::scan::{Carry, Counts, Found, Limits, Scanner, Segment};
use crate::time::Time;

/// One segment, looked at but not read.
pub(super) struct Waiting {
    pub captured: Captured,
    pub segment: Segment,
    pub pack: Option<Arc<str>>,
    /// What was read to look at it, where it cannot be read again.
    pub begun: Option<Begun>,
}

/// A pipe's first bytes, and the pipe.
pub(super) type Begun = (Vec<u8>, Box<dyn Read + Send>);

/// What the source's settings and the command line do to a chain's times. Microseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    /// Added to the stamps.
    pub shift: i64,
    /// How far the writer's clock is ahead; taken off for the corrected clock.
    pub offset: i64,
    /// Between the stamp and the arrival.
    pub delay: Duration,
}

pub struct Chain {
    waiting: VecDeque<Waiting>,
    open: Option<Open>,
    clock: Clock,
    /// The application of the configuration whose own log this is: (solution, application).
    owner: Option<(usize, usize)>,
    limits: Limits,
    packs: Arc<Packs>,
    on_read: OnRead,
    queue: VecDeque<Item>,
    carry: Option<Carry>,
    arrival: Time,
    counts: Counts,
}

struct Open {
    file: Arc<str>,
    reader: Box<dyn Read + Send>,
    scanner: Scanner,
}

impl Chain {
    pub(super) fn new(
        waiting: impl IntoIterator<Item = Waiting>,
        clock: Clock,
        owner: Option<(usize, usize)>,
        limits: Limits,
        packs: Arc<Packs>,
        on_read: OnRead,
    ) -> Chain {
        Chain {
            waiting: waiting.into_iter().collect(),
            open: None,
            clock,
            owner,
            limits,
            packs,
            on_read,
            queue: VecDeque::new(),
            carry: None,
            arrival: Time::from_micros(i64::MIN),
            counts: Counts::default(),
        }
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// The next item. Bytes are read into `buffer`, which all chains share: there may be thousands of them.
    pub(super) fn next(&mut self, buffer: &mut [u8]) -> Option<Item> {
        loop {
            if let Some(item) = self.queue.pop_front() {
                return Some(item);
            }
            match self.open.take() {
                Some(open) => self.read_on(open, buffer),
                None if self.open_next() => {}
                None => return None,
            }
        }
    }

    /// Opens the next segment; false if there is none.
    fn open_next(&mut self) -> bool {
        let Some(Waiting {
            captured,
            mut segment,
            pack,
            begun,
        }) = self.waiting.pop_front()
        else {
            return false;
        };
        let file = segment.file.clone();
        let (head, reader) = match begun.map_or_else(
            || {
                captured
                    .open_counted(self.on_read.clone())
                    .map(|reader| (Vec::new(), reader))
            },
            Ok,
        ) {
            Ok(opened) => opened,
            Err(error) => {
                self.unreadable(&file, &error);
                return true;
            }
        };
        segment.carry = self.carry.take();
        let packs = self.packs.clone();
        let mut scanner = Scanner::new(segment, self.limits, move |header| -> Arc<Matcher> {
            packs
                .matcher(header.application_type.as_deref(), pack.as_deref())
                .unwrap_or_default()
        });
        scanner.tell_life();
        let mut open = Open {
            file,
            reader,
            scanner,
        };
        self.push(&mut open, &head);
        self.open = Some(open);
        true
    }

    fn read_on(&mut self, mut open: Open, buffer: &mut [u8]) {
        match open.reader.read(buffer) {
            Ok(0) => self.close(open),
            Ok(length) => {
                self.push(&mut open, buffer.get(..length).unwrap_or_default());
                self.open = Some(open);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => self.open = Some(open),
            Err(error) => {
                self.unreadable(&open.file, &error);
                self.close(open);
            }
        }
    }

    fn push(&mut self, open: &mut Open, bytes: &[u8]) {
        let mut found = Vec::new();
        open.scanner.push(bytes, &mut |each| found.push(each));
        self.enqueue(found);
    }

    fn close(&mut self, open: Open) {
        let mut found = Vec::new();
        let finished = open.scanner.finish(&mut |each| found.push(each));
        self.enqueue(found);
        self.counts.bytes += finished.counts.bytes;
        self.counts.lines += finished.counts.lines;
        self.counts.records += finished.counts.records;
        self.carry = finished.carry;
    }

    fn enqueue(&mut self, found: Vec<Found>) {
        for each in found {
            let content = match each {
                Found::Event(mut event) => {
                    event.time = event.time.shifted(self.clock.shift);
                    let stamp = event.time.shifted(-self.clock.offset);
                    self.arrival = self.arrival.max(stamp.plus(self.clock.delay));
                    Content::Event {
                        event: Arc::new(event),
                        stamp,
                    }
                }
                Found::Life(time) => {
                    let stamp = time.shifted(self.clock.shift - self.clock.offset);
                    self.arrival = self.arrival.max(stamp.plus(self.clock.delay));
                    let Some((solution, application)) = self.owner else {
                        continue;
                    };
                    Content::Life {
                        solution,
                        application,
                        stamp,
                    }
                }
                Found::Diagnostic(diagnostic) => Content::Diagnostic(diagnostic),
            };
            self.queue.push_back(Item {
                arrival: self.arrival,
                content,
            });
        }
    }

    fn unreadable(&mut self, file: &Arc<str>, error: &io::Error) {
        self.diagnose(
            Severity::Error,
            Code::Unreadable,
            file,
            format!("cannot be read: {error}"),
        );
    }

    fn diagnose(&mut self, severity: Severity, code: Code, file: &Arc<str>, message: String) {
        let diagnostic = Diagnostic {
            severity,
            code,
            file: file.clone(),
            line: 0,
            message,
        };
        let content = Content::Diagnostic(diagnostic);
        self.queue.push_back(Item {
            arrival: self.arrival,
            content,
        });
    }
}
