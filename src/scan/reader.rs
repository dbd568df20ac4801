//! The lines of a segment whose header is known, one after another.

pub mod mark;

use std::sync::Arc;
use std::time::Duration;

use super::notes::Notes;
use super::owner::Owner;
use super::{Counts, Encoding, Finished, Found, Limits, Segment};
use crate::event::Origin;
use crate::fault::{Code, Severity};
use crate::pack::{Head, Matcher, Memory};
use crate::record::calendar::{Calendar, Oddity};
use crate::record::head;
use crate::record::header::Header;
use crate::record::lines::{End, Line, Lines, Piece};
use crate::record::stamp::{self, Stamp};
use crate::record::text;
use crate::record::trace::{self, Place, Trace};
use crate::time::Time;
use mark::Mark;

/// Signs of life are at least this far apart.
const LIFE_EVERY: Duration = Duration::from_millis(250);

#[derive(Clone)]
pub struct Reader {
    lines: Lines,
    bytes: u64,
    records: Records,
}

/// One head of a line, for the rules.
struct At<'a> {
    line: &'a Line<'a>,
    /// Index in the line where its record begins.
    begins: usize,
    time: Time,
    /// It is no caller's text.
    certain: bool,
}

/// Everything but the bytes.
#[derive(Clone)]
struct Records {
    file: Arc<str>,
    encoding: Option<Encoding>,
    trace_bytes_max: usize,
    header: Header,
    owner: Owner,
    matcher: Arc<Matcher>,
    memory: Memory,
    calendar: Calendar,
    trace: Trace,
    /// The line before was a record with nothing, or only a tag, behind its stamp.
    after_bare_stamp: bool,
    tells_life: bool,
    life: Option<Time>,
    /// The newest time of a record so far.
    newest: Option<Time>,
    notes: Notes,
    lines: u64,
    records: u64,
    /// The last one, once marks are kept.
    mark: Option<Mark>,
    /// Bytes that told the header, where marks are kept.
    marks_head: Option<u64>,
}

impl Reader {
    pub fn new(
        segment: Segment,
        header: Header,
        limits: Limits,
        matcher: Arc<Matcher>,
        tells_life: bool,
    ) -> Reader {
        let records = Records {
            owner: Owner::new(&segment, &header),
            calendar: segment.calendar(&header),
            notes: Notes::new(segment.file.clone()),
            file: segment.file,
            encoding: segment.encoding,
            trace_bytes_max: limits.trace_bytes_max,
            header,
            matcher,
            memory: Memory::default(),
            trace: Trace::default(),
            after_bare_stamp: false,
            tells_life,
            life: None,
            newest: None,
            lines: 0,
            records: 0,
            mark: None,
            marks_head: None,
        };
        Reader {
            lines: Lines::new(segment.encoding, limits.line_bytes_max),
            bytes: 0,
            records,
        }
    }

    /// Whose log it is: by the source's setting, or the header.
    pub fn owner(&self) -> &Owner {
        &self.records.owner
    }

    pub fn header(&self) -> &Header {
        &self.records.header
    }

    /// All bytes of a segment pass here in large portions: the place for a literal prefilter.
    pub fn push(&mut self, bytes: &[u8], found: &mut impl FnMut(Found)) {
        self.bytes += bytes.len() as u64;
        let records = &mut self.records;
        self.lines
            .push(bytes, &mut |piece| records.piece(piece, found));
    }

    /// The line that was begun ends here.
    pub fn end_line(mut self, found: &mut impl FnMut(Found)) {
        let records = &mut self.records;
        self.lines.finish(&mut |piece| records.piece(piece, found));
    }

    pub fn finish(mut self, found: &mut impl FnMut(Found)) -> Finished {
        let mut records = self.records;
        self.lines.finish(&mut |piece| records.piece(piece, found));
        records.finish(self.bytes, found)
    }
}

impl Records {
    fn piece(&mut self, piece: Piece<'_>, found: &mut impl FnMut(Found)) {
        match piece {
            Piece::Line(line) => {
                self.line(&line, found);
                self.keep_mark(&line);
            }
            Piece::Nuls { line, length } => {
                let message = || format!("{length} NUL bytes were skipped");
                self.warn(Code::NulBytes, line, message, found);
            }
        }
    }

    fn line(&mut self, line: &Line<'_>, found: &mut impl FnMut(Found)) {
        self.lines += 1;
        if line.cut {
            let (kept, length) = (line.bytes.len(), line.extent.units);
            let message = || format!("of {length} bytes the first {kept} were read");
            self.warn(Code::LongLine, line.number, message, found);
        }
        let place = self.trace.place(line);
        if place == Place::Body {
            return;
        }
        let after_bare_stamp = std::mem::take(&mut self.after_bare_stamp);
        let text = match self.matcher.reads_every_line() {
            true => head::unmarked(line.bytes),
            false => line.bytes,
        };
        let from = line.bytes.len() - text.len();
        match stamp::leading(text) {
            Some((stamp, at)) => self.record(line, from + at, &stamp, place, found),
            None => self.continuation(line, from, place, after_bare_stamp, found),
        }
    }

    /// A line whose text begins at `from`, behind a stamp.
    fn record(
        &mut self,
        line: &Line<'_>,
        from: usize,
        stamp: &Stamp,
        place: Place,
        found: &mut impl FnMut(Found),
    ) {
        let text = line.bytes.get(from..).unwrap_or_default();
        let certain = place == Place::Free;
        if certain
            && stamp.date.is_none()
            && let Some(stated) = head::check_point(text)
        {
            self.calendar.check_point(stated);
        }
        let time = self.time(stamp, line.number, certain, found);
        let matched = self.heads(line, from, time, certain, found);
        if line.end == End::File && (matched || head::is_broken_off(text)) {
            let message = || "the file ends inside this record".to_string();
            let (severity, code) = (Severity::Info, Code::CutRecord);
            self.notes.note(severity, code, line.number, message, found);
        }
        self.after_bare_stamp = trace::is_tag(text);
        if let Some(opening) = trace::opening(line.bytes, from) {
            self.open(opening, line.number, found);
        }
    }

    /// A line without a stamp: part of the record before it, and seldom an event.
    fn continuation(
        &mut self,
        line: &Line<'_>,
        from: usize,
        place: Place,
        after_bare_stamp: bool,
        found: &mut impl FnMut(Found),
    ) {
        if let Some(mut opening) = trace::opening(line.bytes, from) {
            opening.in_place &= after_bare_stamp;
            self.open(opening, line.number, found);
        }
        if self.matcher.reads_every_line() {
            let head = Head {
                text: line.bytes.get(from..).unwrap_or_default(),
                stamped: false,
            };
            let last = self.calendar.last();
            let at = At {
                line,
                begins: 0,
                time: last.unwrap_or_default(),
                certain: place == Place::Free,
            };
            if self.head(head, at, found) && last.is_none() {
                let (code, message) = told(Oddity::NoDate);
                self.warn(code, line.number, || message.to_string(), found);
            }
        }
    }

    /// The record's head, and those glued to it. What is glued is certain only if the rules know the record before it,
    /// whose text then is the application's own and no caller's. True if any was an event.
    fn heads(
        &mut self,
        line: &Line<'_>,
        from: usize,
        time: Time,
        mut certain: bool,
        found: &mut impl FnMut(Found),
    ) -> bool {
        let mut text = line.bytes.get(from..).unwrap_or_default();
        let mut matched = false;
        let mut at = At {
            line,
            begins: 0,
            time,
            certain,
        };
        loop {
            self.records += 1;
            let glued = head::glued(text);
            let (own, next) = text.split_at(glued.unwrap_or(text.len()));
            let head = Head {
                text: own,
                stamped: true,
            };
            let meant = self.head(head, at, found);
            matched |= meant;
            let Some((stamp, behind)) = glued.and_then(|_| stamp::leading(next)) else {
                return matched;
            };
            certain &= meant;
            at = At {
                line,
                begins: line.bytes.len() - next.len(),
                time: self.time(&stamp, line.number, certain, found),
                certain,
            };
            text = next.get(behind..).unwrap_or_default();
        }
    }

    /// Asks the rules about one head. True if it is an event.
    fn head(&mut self, head: Head<'_>, at: At<'_>, found: &mut impl FnMut(Found)) -> bool {
        let memory = &mut self.memory;
        let meaning = if head.text.is_ascii() {
            self.matcher.read(memory, head)
        } else {
            let decoded = text::decode(head.text, self.encoding);
            let text = decoded.as_bytes();
            self.matcher.read(memory, Head { text, ..head })
        };
        self.unnamed(at.line.number, found);
        let Some(meaning) = meaning else {
            return false;
        };
        let origin = Origin {
            file: self.file.clone(),
            line: at.line.number,
            offset: at.line.offset_of(at.begins),
        };
        let event = self.owner.event(meaning, at.time, origin, !at.certain);
        if !at.certain {
            let id = &event.id;
            let message = || format!("{id} may be a caller's text: it is evidence, nothing more");
            self.warn(Code::TraceGap, at.line.number, message, found);
        }
        self.tell_newest(event.time, found);
        found(Found::Event(event));
        true
    }

    /// An event whose application was to follow, and did not.
    fn unnamed(&mut self, line: u64, found: &mut impl FnMut(Found)) {
        if let Some(id) = self.memory.unnamed() {
            let message = || format!("no line names the application of event {id}");
            self.warn(Code::NoApplication, line, message, found);
        }
    }

    /// A record that may be a caller's text gets a time, and moves no clock.
    fn time(
        &mut self,
        stamp: &Stamp,
        line: u64,
        certain: bool,
        found: &mut impl FnMut(Found),
    ) -> Time {
        if !certain {
            return self.calendar.clone().time(stamp, &mut |_| {});
        }
        let mut believed = true;
        let notes = &mut self.notes;
        let time = self.calendar.time(stamp, &mut |oddity| {
            believed &= oddity != Oddity::Implausible;
            let (code, message) = told(oddity);
            let message = || message.to_string();
            notes.note(Severity::Warning, code, line, message, found);
        });
        if believed {
            self.newest = self.newest.max(Some(time));
            let due = |last| time.distance(last) >= LIFE_EVERY;
            if self.life.is_none_or(due) {
                self.tell_life(time, found);
            }
        }
        time
    }

    /// An event behind newer records was written no earlier than they were.
    fn tell_newest(&mut self, event: Time, found: &mut impl FnMut(Found)) {
        if let Some(newest) = self
            .newest
            .filter(|newest| *newest > event && self.life != Some(*newest))
        {
            self.tell_life(newest, found);
        }
    }

    fn tell_life(&mut self, time: Time, found: &mut impl FnMut(Found)) {
        if self.tells_life {
            self.life = Some(time);
            found(Found::Life(time));
        }
    }

    fn open(&mut self, opening: trace::Opening, line: u64, found: &mut impl FnMut(Found)) {
        if self.trace.open(opening, self.trace_bytes_max) {
            let (size, max) = (opening.size, self.trace_bytes_max);
            let message =
                || format!("a SIP message of {size} bytes: no more than {max} are passed over");
            self.warn(Code::LongTrace, line, message, found);
        }
    }

    fn warn(
        &mut self,
        code: Code,
        line: u64,
        message: impl FnOnce() -> String,
        found: &mut impl FnMut(Found),
    ) {
        self.notes
            .note(Severity::Warning, code, line, message, found);
    }

    fn finish(mut self, bytes: u64, found: &mut impl FnMut(Found)) -> Finished {
        self.memory.end();
        self.unnamed(self.lines, found);
        if self.trace.is_open() {
            let message = || "the file ends inside a SIP message".to_string();
            let (severity, code) = (Severity::Info, Code::CutTrace);
            self.notes.note(severity, code, self.lines, message, found);
        }
        if bytes == 0 {
            let message = || "the file is empty".to_string();
            self.warn(Code::EmptyFile, 0, message, found);
        } else if self.records == 0 && !self.matcher.reads_every_line() {
            let message = || "no line begins with a time stamp".to_string();
            self.warn(Code::NoRecords, 0, message, found);
        }
        self.notes.finish(found);
        Finished {
            header: self.header,
            counts: Counts {
                bytes,
                lines: self.lines,
                records: self.records,
            },
            carry: self.calendar.carry(),
        }
    }
}

fn told(oddity: Oddity) -> (Code, &'static str) {
    match oddity {
        Oddity::NoZone => (
            Code::NoZone,
            "stamps have no zone and the file names none: they are read as UTC",
        ),
        Oddity::NoDate => (
            Code::NoDate,
            "stamps have no date and nothing tells it: they are read as of 1970-01-01",
        ),
        Oddity::Implausible => (
            Code::ImplausibleStamp,
            "the stamp is more than 180 days off: the time before it is used",
        ),
        Oddity::FellBack => (
            Code::ClockBack,
            "the clock went back by an hour: summer time is taken as ended",
        ),
    }
}
