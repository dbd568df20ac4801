//! Passing over what no rule can mean: between two places that a [`Search`] finds, lines are counted and nothing more.
//!
//! The messages of callers are known exactly all the way, since each announcement is a place that is found; what is
//! inside is not even searched. The time of a log is looked at in one record of each [`STRIDE_BYTES`]: while that is
//! close to the last record that was handed on, no midnight and no hour put back can lie between. Where it is not, all
//! lines since the last look are handed on, as they are at a file's beginning and wherever line ends are not LF or CR LF.

use memchr::{memchr, memchr_iter, memrchr};

use super::{Frame, Framed, Framing};
use crate::record::stamp::{self, Stamp};
use crate::record::trace;
use crate::scan::search::{Hit, Search};

/// Of a file's first bytes all lines are handed on: a small log is read whole.
const WHOLE_BYTES: u64 = 64 * 1024;
/// Less is not worth a search.
const SKIMMED_BYTES_MIN: usize = 512;
/// One record in so many bytes tells what time it is.
const STRIDE_BYTES: usize = 16 * 1024;
/// A record may be this much older than one before it, in microseconds: lines come out of order.
const DISORDER: i64 = 10 * stamp::SECOND;

/// Whole lines, each of which ends in LF or CR LF.
struct Skim<'a> {
    text: &'a [u8],
    search: &'a Search,
    /// The start of the first line that is not dealt with.
    at: usize,
    /// To here they were counted.
    counted: usize,
}

/// What a place that was found comes to.
enum Weight {
    Nothing,
    /// The lines from there on, to the end of the one that it was found in.
    Read {
        from: usize,
    },
    /// A message begins behind this line, and nothing else is to be known of it.
    Message(trace::Opening),
}

impl Framing {
    pub(super) fn skim(
        &mut self,
        bytes: &[u8],
        search: &Search,
        each: &mut impl FnMut(Framed<'_>),
    ) {
        let whole = WHOLE_BYTES.saturating_sub(self.bytes);
        let whole = usize::try_from(whole).map_or(bytes.len(), |whole| whole.min(bytes.len()));
        let (first, rest) = bytes.split_at(whole);
        self.read(first, each);
        // No line inside a portion can be longer than a line may be.
        for portion in rest.chunks(self.line_bytes_max) {
            self.skim_portion(portion, search, each);
        }
    }

    fn skim_portion(&mut self, bytes: &[u8], search: &Search, each: &mut impl FnMut(Framed<'_>)) {
        let mut rest = bytes;
        if !self.lines.can_skip() && rest.len() >= SKIMMED_BYTES_MIN {
            let (begun, behind) = rest.split_at(behind_feed(rest, 0).unwrap_or(rest.len()));
            self.read(begun, each);
            rest = behind;
        }
        if rest.len() < SKIMMED_BYTES_MIN || !self.lines.can_skip() {
            return self.read(rest, each);
        }
        let (text, begun) = rest.split_at(memrchr(b'\n', rest).map_or(0, |feed| feed + 1));
        if has_lone_return(text) {
            self.read(text, each);
        } else {
            self.skim_lines(text, search, each);
        }
        self.read(begun, each);
    }

    fn skim_lines(&mut self, text: &[u8], search: &Search, each: &mut impl FnMut(Framed<'_>)) {
        let mut skim = Skim {
            text,
            search,
            at: 0,
            counted: 0,
        };
        while skim.at < text.len() {
            if self.frame.trace.is_open() {
                skim.at += self.frame.trace.pass_over(skim.rest());
            } else if self.frame.trace.is_over() {
                self.frame.trace = trace::Trace::default();
                self.skim_free(&mut skim, each);
            } else {
                self.read_line(&mut skim, each);
            }
        }
        self.count(&mut skim);
        let (offset, line) = (self.lines.begun(), self.lines.count() + 1);
        self.frame.tell_rest(offset, line, each);
    }

    /// Goes on behind the next line that matters, or to the end of the text. No message is open.
    fn skim_free(&mut self, skim: &mut Skim<'_>, each: &mut impl FnMut(Framed<'_>)) {
        let mut from = skim.at;
        while let Some((found, hit)) = skim.search.next(skim.text, from) {
            let begin = skim.line_begin(found);
            let end = behind_feed(skim.text, found).unwrap_or(skim.text.len());
            match self.frame.weigh(skim, hit, found, begin..end) {
                Weight::Nothing => from = found + 1,
                Weight::Read { from } => {
                    self.pass_free(skim, from, each);
                    while skim.at < end {
                        self.read_line(skim, each);
                    }
                    return;
                }
                Weight::Message(opening) => {
                    self.pass_free(skim, begin, each);
                    self.frame.after_bare_stamp = false;
                    self.frame.trace.open(opening, self.frame.trace_bytes_max);
                    skim.at = end;
                    return;
                }
            }
        }
        let last = skim.text.get(skim.line_begin(skim.text.len() - 1)..);
        self.pass_free(skim, skim.text.len(), each);
        self.frame.after_bare_stamp = last.is_some_and(is_bare);
    }

    /// Passes over lines in which nothing was found, to the start of another line. Those that may tell a new day are
    /// read.
    fn pass_free(&mut self, skim: &mut Skim<'_>, to: usize, each: &mut impl FnMut(Framed<'_>)) {
        while skim.at < to {
            let far = skim.at + STRIDE_BYTES;
            let stop = match behind_feed(skim.text, far) {
                Some(stop) if far < to => stop.min(to),
                _ => to,
            };
            if self.frame.is_close(skim, stop) {
                self.frame.after_bare_stamp = false;
                skim.at = stop;
                continue;
            }
            while skim.at < stop {
                self.read_line(skim, each);
            }
        }
    }

    fn read_line(&mut self, skim: &mut Skim<'_>, each: &mut impl FnMut(Framed<'_>)) {
        self.count(skim);
        let end = behind_feed(skim.text, skim.at).unwrap_or(skim.text.len());
        let line = skim.text.get(skim.at..end).unwrap_or_default();
        self.read(line, each);
        skim.at = end;
        skim.counted = end;
    }

    /// The lines up to where the skim is were passed over.
    fn count(&mut self, skim: &mut Skim<'_>) {
        let passed = skim.text.get(skim.counted..skim.at).unwrap_or_default();
        let bytes = passed.len() as u64;
        self.bytes += bytes;
        self.lines
            .skip(bytes, memchr_iter(b'\n', passed).count() as u64);
        skim.counted = skim.at;
    }
}

impl Skim<'_> {
    fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Where the line begins that holds the byte at `index`.
    fn line_begin(&self, index: usize) -> usize {
        let before = self.text.get(self.at..index).unwrap_or_default();
        self.at + memrchr(b'\n', before).map_or(0, |feed| feed + 1)
    }
}

impl Frame {
    /// What has to be done about something found at `found`, in the line of that `range`.
    fn weigh(
        &self,
        skim: &Skim<'_>,
        hit: Hit,
        found: usize,
        range: std::ops::Range<usize>,
    ) -> Weight {
        let begin = range.start;
        let read = Weight::Read { from: begin };
        if hit == Hit::Announcement
            && !trace::may_announce(skim.text.get(begin..found).unwrap_or_default())
        {
            return Weight::Nothing;
        }
        let line = without_end(skim.text.get(range.clone()).unwrap_or_default());
        if line.starts_with(b"\0") {
            return read;
        }
        let Some((stamp, from)) = stamp::leading(line) else {
            return match hit {
                Hit::Rule => Weight::Nothing,
                Hit::Reading => read,
                // What the line before it is decides.
                Hit::Announcement => Weight::Read {
                    from: skim.line_begin(begin.saturating_sub(1)).min(begin),
                },
            };
        };
        let behind = found - begin + 1;
        let nothing_else = || skim.search.next(line, behind).is_none();
        match trace::opening(line, from) {
            Some(opening)
                if hit == Hit::Announcement
                    && opening.size <= self.trace_bytes_max as u64
                    && self.is_near(&stamp)
                    && nothing_else() =>
            {
                Weight::Message(opening)
            }
            _ => read,
        }
    }

    /// The last record before `to`, if there is one, is close to the last one that was handed on.
    fn is_close(&self, skim: &Skim<'_>, to: usize) -> bool {
        let mut end = to;
        while end > skim.at {
            let begin = skim.line_begin(end - 1);
            let line = without_end(skim.text.get(begin..end).unwrap_or_default());
            if let Some((stamp, _)) = stamp::leading(line) {
                return self.is_near(&stamp);
            }
            end = begin;
        }
        true
    }

    fn is_near(&self, stamp: &Stamp) -> bool {
        self.last.is_some_and(|last| {
            let same_day = last.date == stamp.date && last.offset == stamp.offset;
            same_day && (-DISORDER..=self.stride).contains(&(stamp.clock - last.clock))
        })
    }
}

/// Behind the first LF at or behind `from`.
fn behind_feed(text: &[u8], from: usize) -> Option<usize> {
    Some(from + memchr(b'\n', text.get(from..)?)? + 1)
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// A record with nothing, or only a tag, behind its stamp.
fn is_bare(line: &[u8]) -> bool {
    let line = without_end(line);
    stamp::leading(line)
        .is_some_and(|(_, from)| trace::is_tag(line.get(from..).unwrap_or_default()))
}

/// A CR ends a line by itself.
fn has_lone_return(text: &[u8]) -> bool {
    // Looked at in pieces without a branch inside, which compilers turn into vector instructions.
    const PIECE: usize = 4096;
    let next = text.get(1..).unwrap_or_default();
    let lone = |(piece, next): (&[u8], &[u8])| {
        let pairs = piece.iter().zip(next);
        pairs.fold(false, |lone, (&byte, &next)| {
            lone | ((byte == b'\r') & (next != b'\n'))
        })
    };
    text.chunks(PIECE).zip(next.chunks(PIECE)).any(lone)
}
