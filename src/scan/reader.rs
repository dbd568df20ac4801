//! The lines of a segment whose header is known, one after another.

pub mod mark;

use std::sync::Arc;
use std::time::Duration;

use super::framing::{Framed, Framing};
use super::notes::Notes;
use super::owner::Owner;
use super::search::Search;
use super::{Counts, Encoding, Finished, Found, Limits, Segment};
use crate::event::Origin;
use crate::fault::{Code, Severity};
use crate::pack::{Head, Matcher, Memory};
use crate::record::calendar::{Calendar, Oddity};
use crate::record::head;
use crate::record::header::Header;
use crate::record::lines::{End, Line};
use crate::record::stamp::{self, Stamp};
use crate::record::text;
use crate::record::trace::Place;
use crate::time::Time;
use mark::Mark;

/// Signs of life are at least this far apart.
const LIFE_EVERY: Duration = Duration::from_millis(250);
/// Where none are told, records further apart than this are looked at all the same: less than an hour, so that one
/// put back is seen.
const STRIDE: Duration = Duration::from_secs(30 * 60);

#[derive(Clone)]
pub struct Reader {
    framing: Framing,
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

/// What the lines that are handed on come to.
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
    tells_life: bool,
    life: Option<Time>,
    /// The newest time of a record so far.
    newest: Option<Time>,
    notes: Notes,
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
        let (ahead, search) = (
            if tells_life { LIFE_EVERY } else { STRIDE },
            Search::new(&matcher),
        );
        let framing = Framing::new(
            segment.encoding,
            limits,
            matcher.reads_every_line(),
            search,
            ahead,
        );
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
            tells_life,
            life: None,
            newest: None,
            records: 0,
            mark: None,
            marks_head: None,
        };
        Reader { framing, records }
    }

    /// Whose log it is: by the source's setting, or the header.
    pub fn owner(&self) -> &Owner {
        &self.records.owner
    }

    pub fn header(&self) -> &Header {
        &self.records.header
    }

    pub fn push(&mut self, bytes: &[u8], found: &mut impl FnMut(Found)) {
        let Reader { framing, records } = self;
        framing.push(bytes, &mut |framed| records.take(framed, found));
    }

    /// The line that was begun ends here.
    pub fn end_line(mut self, found: &mut impl FnMut(Found)) {
        self.end(found);
    }

    pub fn finish(mut self, found: &mut impl FnMut(Found)) -> Finished {
        self.end(found);
        self.records.finish(&self.framing, found)
    }

    fn end(&mut self, found: &mut impl FnMut(Found)) {
        let Reader { framing, records } = self;
        framing.finish(&mut |framed| records.take(framed, found));
    }
}

impl Records {
    fn take(&mut self, framed: Framed<'_>, found: &mut impl FnMut(Found)) {
        match framed {
            Framed::Record {
                line,
                from,
                stamp,
                place,
            } => self.record(line, from, &stamp, place, found),
            Framed::Other { line, from, place } => self.continuation(line, from, place, found),
            Framed::LongLine(line) => {
                let (kept, length) = (line.bytes.len(), line.extent.units);
                let message = || format!("of {length} bytes the first {kept} were read");
                self.warn(Code::LongLine, line.number, message, found);
            }
            Framed::Nuls { line, length } => {
                let message = || format!("{length} NUL bytes were skipped");
                self.warn(Code::NulBytes, line, message, found);
            }
            Framed::LongTrace { line, size } => {
                let max = self.trace_bytes_max;
                let message =
                    || format!("a SIP message of {size} bytes: no more than {max} are passed over");
                self.warn(Code::LongTrace, line, message, found);
            }
            Framed::Rest { offset, line } => self.keep_mark(offset, line),
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
    }

    /// A line without a stamp, which may be an event where rules read every line.
    fn continuation(
        &mut self,
        line: &Line<'_>,
        from: usize,
        place: Place,
        found: &mut impl FnMut(Found),
    ) {
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

    fn finish(mut self, framing: &Framing, found: &mut impl FnMut(Found)) -> Finished {
        let (bytes, lines) = (framing.bytes(), framing.lines().count());
        self.memory.end();
        self.unnamed(lines, found);
        if framing.is_in_message() {
            let message = || "the file ends inside a SIP message".to_string();
            let (severity, code) = (Severity::Info, Code::CutTrace);
            self.notes.note(severity, code, lines, message, found);
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
                lines,
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
