//! From bytes to the lines that rules may have to read, each with its place: a record or not, a caller's or not.
//!
//! Line by line, all of them are handed on. Where a [`Search`] knows what to look for, [`skim`] passes over the others.

mod skim;

use std::sync::Arc;
use std::time::Duration;

use super::search::Search;
use super::{Encoding, Limits};
use crate::record::head;
use crate::record::lines::{End, Line, Lines, Piece};
use crate::record::stamp::{self, Stamp};
use crate::record::trace::{self, Place, Trace};

/// What a segment is made of, in file order.
pub enum Framed<'a> {
    /// A line with a stamp, and text behind it from that index on.
    Record {
        line: &'a Line<'a>,
        from: usize,
        stamp: Stamp,
        place: Place,
    },
    /// A line without one, where rules read every line.
    Other {
        line: &'a Line<'a>,
        from: usize,
        place: Place,
    },
    /// Of this line only the head was kept.
    LongLine(&'a Line<'a>),
    Nuls {
        line: u64,
        length: u64,
    },
    /// The line announces a message over the cap.
    LongTrace {
        line: u64,
        size: u64,
    },
    /// A line begins here, and nothing is needed of those before it.
    Rest {
        offset: u64,
        line: u64,
    },
}

#[derive(Clone)]
pub struct Framing {
    lines: Lines,
    frame: Frame,
    search: Option<Arc<Search>>,
    /// Bytes pushed so far.
    bytes: u64,
    line_bytes_max: usize,
}

/// What is known between two lines.
#[derive(Clone)]
struct Frame {
    trace: Trace,
    trace_bytes_max: usize,
    /// Rules read every line, behind the marks that may stand before it.
    reads_every_line: bool,
    /// The line before was a record with nothing, or only a tag, behind its stamp.
    after_bare_stamp: bool,
    /// Of the last record that was handed on and is no caller's.
    last: Option<Stamp>,
    /// Records up to so long after that one need not be looked at, microseconds.
    stride: i64,
    tells_rests: bool,
}

impl Framing {
    /// `stride` is how long after a record others need not be looked at, by the log's own clock.
    pub fn new(
        encoding: Option<Encoding>,
        limits: Limits,
        reads_every_line: bool,
        search: Option<Search>,
        stride: Duration,
    ) -> Framing {
        Framing {
            lines: Lines::new(encoding, limits.line_bytes_max),
            frame: Frame {
                trace: Trace::default(),
                trace_bytes_max: limits.trace_bytes_max,
                reads_every_line,
                after_bare_stamp: false,
                last: None,
                stride: i64::try_from(stride.as_micros()).unwrap_or(0),
                tells_rests: false,
            },
            search: search.map(Arc::new),
            bytes: 0,
            line_bytes_max: limits.line_bytes_max,
        }
    }

    /// Goes on at the start of a line, in the file whose first bytes are `head`.
    pub fn resume(&mut self, encoding: Option<Encoding>, head: &[u8], place: (u64, u64)) {
        self.lines = Lines::resumed(encoding, self.line_bytes_max, head, place);
        self.bytes = place.0;
    }

    pub fn tell_rests(&mut self) {
        self.frame.tells_rests = true;
    }

    pub fn lines(&self) -> &Lines {
        &self.lines
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// More of a message must follow.
    pub fn is_in_message(&self) -> bool {
        self.frame.trace.is_open()
    }

    pub fn push(&mut self, bytes: &[u8], each: &mut impl FnMut(Framed<'_>)) {
        match self.search.clone() {
            Some(search) => self.skim(bytes, &search, each),
            None => self.read(bytes, each),
        }
    }

    /// The end of the file, or of the line that was begun.
    pub fn finish(&mut self, each: &mut impl FnMut(Framed<'_>)) {
        let frame = &mut self.frame;
        self.lines.finish(&mut |piece| frame.piece(piece, each));
    }

    /// Every line.
    fn read(&mut self, bytes: &[u8], each: &mut impl FnMut(Framed<'_>)) {
        self.bytes += bytes.len() as u64;
        let frame = &mut self.frame;
        self.lines
            .push(bytes, &mut |piece| frame.piece(piece, each));
    }
}

impl Frame {
    fn piece(&mut self, piece: Piece<'_>, each: &mut impl FnMut(Framed<'_>)) {
        match piece {
            Piece::Line(line) => {
                self.line(&line, each);
                if line.end != End::File {
                    self.tell_rest(line.next, line.number + 1, each);
                }
            }
            Piece::Nuls { line, length } => each(Framed::Nuls { line, length }),
        }
    }

    fn tell_rest(&self, offset: u64, line: u64, each: &mut impl FnMut(Framed<'_>)) {
        if self.tells_rests && !self.after_bare_stamp && self.trace.is_over() {
            each(Framed::Rest { offset, line });
        }
    }

    fn line(&mut self, line: &Line<'_>, each: &mut impl FnMut(Framed<'_>)) {
        if line.cut {
            each(Framed::LongLine(line));
        }
        let place = self.trace.place(line);
        if place == Place::Body {
            return;
        }
        let after_bare_stamp = std::mem::take(&mut self.after_bare_stamp);
        let text = match self.reads_every_line {
            true => head::unmarked(line.bytes),
            false => line.bytes,
        };
        let from = line.bytes.len() - text.len();
        match stamp::leading(text) {
            Some((stamp, behind)) => {
                let from = from + behind;
                if place == Place::Free {
                    self.last = Some(stamp);
                }
                each(Framed::Record {
                    line,
                    from,
                    stamp,
                    place,
                });
                self.after_bare_stamp = trace::is_tag(line.bytes.get(from..).unwrap_or_default());
                if let Some(opening) = trace::opening(line.bytes, from) {
                    self.open(opening, line.number, each);
                }
            }
            None => {
                if let Some(mut opening) = trace::opening(line.bytes, from) {
                    opening.in_place &= after_bare_stamp;
                    self.open(opening, line.number, each);
                }
                if self.reads_every_line {
                    each(Framed::Other { line, from, place });
                }
            }
        }
    }

    fn open(&mut self, opening: trace::Opening, line: u64, each: &mut impl FnMut(Framed<'_>)) {
        if self.trace.open(opening, self.trace_bytes_max) {
            let size = opening.size;
            each(Framed::LongTrace { line, size });
        }
    }
}
