//! One segment's bytes in, its events out.
//!
//! A [`Scanner`] is pushed the bytes of one file in any portions; it opens nothing and reads no clock. It holds the
//! head of the file back until the header block says which rules read it, then cuts lines, passes over SIP messages,
//! dates records and asks the rules what each record means. What a portion's borders cut changes no event.
//!
//! ```text
//!          framing                                            reader
//! bytes ─┬─ Search ─▶ lines that may matter ─┬─▶ Lines, Trace ─▶ not a caller's ─ Stamp, Calendar ─▶ record ─ Matcher ─▶ event
//!        └─ every line ──────────────────────┘
//! ```
//!
//! A busy log holds one event in 100,000 lines. Behind its first bytes a file is therefore searched for what the rules
//! can mean, and only the lines around a hit are read; where the rules allow no search, all are.

mod framing;
mod notes;
mod owner;
mod reader;
mod resume;
mod search;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::event::Event;
use crate::fault::Diagnostic;
use crate::pack::Matcher;
use crate::record::calendar::Calendar;
pub use crate::record::calendar::Carry;
use crate::record::file_name::named_date;
use crate::record::header::{HEADER_BYTES_MAX, Header, HeaderReader};
pub use crate::record::lines::Encoding;
use crate::time::Time;
pub use owner::Owner;
use reader::Reader;
pub use reader::mark::Mark;

/// What no input can exceed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Of a longer line the head is read.
    pub line_bytes_max: usize,
    /// Of a larger SIP message so much is passed over.
    pub trace_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            line_bytes_max: 1024 * 1024,
            trace_bytes_max: 256 * 1024,
        }
    }
}

/// What is known of a segment before its first byte. Settings win over the file's header.
#[derive(Clone, Debug)]
pub struct Segment {
    pub file: Arc<str>,
    pub application: Option<Arc<str>>,
    pub host: Option<Arc<str>>,
    pub time_zone: Option<TimeZone>,
    pub encoding: Option<Encoding>,
    /// The creation time in the file's name, on the writer's wall clock.
    pub named_date: Option<DateTime>,
    /// The end of the segment before, of the same application.
    pub carry: Option<Carry>,
}

impl Segment {
    pub fn new(file: impl Into<Arc<str>>) -> Segment {
        let file = file.into();
        Segment {
            named_date: named_date(&file),
            file,
            application: None,
            host: None,
            time_zone: None,
            encoding: None,
            carry: None,
        }
    }

    fn calendar(&self, header: &Header) -> Calendar {
        let carry = self.carry.as_ref();
        Calendar::new(self.time_zone.as_ref(), header, self.named_date, carry)
    }
}

/// What a scanner tells, in file order.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    Event(Event),
    Diagnostic(Diagnostic),
    /// The writer wrote a record at this time. Told only after [`Scanner::tell_life`]: sparsely, and before each event
    /// that stands behind a newer record.
    Life(Time),
}

/// How much was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub bytes: u64,
    pub lines: u64,
    /// Records looked at: stamped lines outside of SIP messages, and records glued to one, as far as they were not
    /// passed over.
    pub records: u64,
}

type Choose = Box<dyn FnOnce(&Header) -> Arc<Matcher> + Send>;

pub struct Scanner {
    limits: Limits,
    tells_life: bool,
    keeps_marks: bool,
    /// Until the header is whole; then the reader takes its place.
    front: Option<Front>,
    reader: Option<Reader>,
}

struct Front {
    segment: Segment,
    header: HeaderReader,
    /// All bytes so far.
    held: Vec<u8>,
    choose: Choose,
}

impl Scanner {
    /// The rules are chosen once the header is known, or known to be missing.
    pub fn new(
        segment: Segment,
        limits: Limits,
        choose: impl FnOnce(&Header) -> Arc<Matcher> + Send + 'static,
    ) -> Scanner {
        Scanner {
            limits,
            tells_life: false,
            keeps_marks: false,
            front: Some(Front {
                header: HeaderReader::new(segment.encoding),
                segment,
                held: Vec::new(),
                choose: Box::new(choose),
            }),
            reader: None,
        }
    }

    /// Also tell when the writer was alive, at most every 250 ms of its time. To be called before the first byte.
    pub fn tell_life(&mut self) {
        self.tells_life = true;
    }

    pub fn push(&mut self, bytes: &[u8], found: &mut impl FnMut(Found)) {
        let mut rest = bytes;
        if let Some(front) = &mut self.front {
            let room = HEADER_BYTES_MAX.saturating_sub(front.held.len());
            let (head, behind) = rest.split_at(room.min(rest.len()));
            front.header.push(head);
            front.held.extend_from_slice(head);
            rest = behind;
            if front.held.len() < HEADER_BYTES_MAX && !front.header.is_closed() {
                return;
            }
            self.start(found);
        }
        if let Some(reader) = &mut self.reader {
            reader.push(rest, found);
        }
    }

    /// Who writes the segment; none while too little of it was pushed.
    pub fn header(&self) -> Option<&Header> {
        self.reader.as_ref().map(Reader::header)
    }

    /// The end of the file. Returns what the next segment of the application has to know.
    pub fn finish(mut self, found: &mut impl FnMut(Found)) -> Finished {
        if let Some(front) = &mut self.front {
            front.header.finish();
            self.start(found);
        }
        self.reader
            .map(|reader| reader.finish(found))
            .unwrap_or_default()
    }

    fn start(&mut self, found: &mut impl FnMut(Found)) {
        let Some(front) = self.front.take() else {
            return;
        };
        let (header, _) = front.header.into_parts();
        let matcher = (front.choose)(&header);
        let mut reader = Reader::new(front.segment, header, self.limits, matcher, self.tells_life);
        if self.keeps_marks {
            reader.keep_marks(front.held.len() as u64);
        }
        self.reader.insert(reader).push(&front.held, found);
    }
}

/// A segment once it is read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finished {
    pub header: Header,
    pub counts: Counts,
    /// None if no day is known in it.
    pub carry: Option<Carry>,
}

/// What the first bytes of a segment tell, for putting the segments of one application in order before reading them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peek {
    pub header: Header,
    /// The time of the first record, if one stands in the block or right behind it.
    pub first: Option<Time>,
}

/// Looks at a segment's first bytes; 64 KiB are enough.
pub fn peek(segment: &Segment, head: &[u8]) -> Peek {
    let mut reader = HeaderReader::new(segment.encoding);
    let whole = head.len() < HEADER_BYTES_MAX;
    reader.push(head.get(..HEADER_BYTES_MAX).unwrap_or(head));
    if whole {
        reader.finish();
    }
    let (header, stamp) = reader.into_parts();
    let mut calendar = segment.calendar(&header);
    let first = stamp.map(|stamp| calendar.time(&stamp, &mut |_| {}));
    Peek { header, first }
}
