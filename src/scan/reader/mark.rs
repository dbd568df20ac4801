//! Marks: the places from which reading can go on.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Reader, Records};
use crate::record::calendar::{Calendar, Carry, Days};
use crate::record::lines::Lines;
use crate::time::Time;

/// To know how a file is spelt, so many of its first bytes are needed.
const FORM_BYTES: u64 = 4;

/// The start of a line of which the lines before need not be known: outside of SIP messages, and with no event that
/// waits for another line. A scanner that goes on from here finds what the first one would have found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Bytes before the line.
    pub offset: u64,
    /// Its number, counted from 1.
    pub line: u64,
    /// So many bytes at the file's head told who writes it.
    pub(in crate::scan) head: u64,
    pub(in crate::scan) records: u64,
    pub(in crate::scan) newest: Option<Time>,
    pub(in crate::scan) days: Days,
}

impl Mark {
    /// What a segment behind this place has to know.
    pub fn carry(&self) -> Option<Carry> {
        self.days.carry()
    }

    /// How many of the file's first bytes [`Scanner::resume`](crate::scan::Scanner::resume) needs.
    pub fn head_bytes(&self) -> u64 {
        self.head.max(FORM_BYTES)
    }
}

impl Reader {
    /// Goes on behind a mark, where `head` are the file's first bytes.
    pub fn resume(&mut self, mark: Mark, head: &[u8], time_zone: Option<&TimeZone>) {
        let records = &mut self.records;
        let place = (mark.offset, mark.line);
        self.framing.resume(records.encoding, head, place);
        self.framing.tell_rests();
        records.calendar = Calendar::resumed(time_zone, &mark.days);
        records.newest = mark.newest;
        records.records = mark.records;
        records.marks_head = Some(mark.head);
        records.mark = Some(mark);
    }

    /// Marks are kept from now on; `head` bytes told the header.
    pub fn keep_marks(&mut self, head: u64) {
        self.framing.tell_rests();
        self.records.marks_head = Some(head);
    }

    pub fn mark(&self) -> Option<&Mark> {
        self.records.mark.as_ref()
    }

    pub fn carry(&self) -> Option<Carry> {
        self.records.calendar.carry()
    }

    pub fn lines(&self) -> &Lines {
        self.framing.lines()
    }
}

impl Records {
    /// A line begins here, and the lines before it need not be known; nor does an event among them wait for another.
    pub(super) fn keep_mark(&mut self, offset: u64, line: u64) {
        let Some(head) = self.marks_head.filter(|_| self.memory.is_empty()) else {
            return;
        };
        self.mark = Some(Mark {
            offset,
            line,
            head,
            records: self.records,
            newest: self.newest,
            days: self.calendar.days(),
        });
    }
}
