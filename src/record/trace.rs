//! SIP messages in a log: which lines a caller wrote.
//!
//! A record such as `SIPTR: Received [0,UDP] 612 bytes from 10.0.0.9:5060 <<<<<` is followed by the 612 bytes of a
//! message. Whatever stands there, it is not a record. Where the message ends is certain if the file kept it as it
//! came. A file may also have turned each CR LF into LF, or each LF into CR LF; then the same bytes of the file are
//! more, or less, of the message. So a body counts two things at each line: the `least` and the `most` of the message
//! that may lie before it. A line is inside while even the `most` is short of the size, and outside once the `least`
//! has reached it. Between the two it is in the gap: perhaps a record, perhaps a caller's last words.

use memchr::{memchr, memchr_iter, memrchr};

use super::lines::{End, Extent, Line};

/// A tag before the announcement (`SIPTR: `) is no longer than this.
const TAG_BYTES_MAX: usize = 16;
/// A size over the cap is still thought possible up to so many times the cap: there the rest is a gap.
const POSSIBLE_CAPS: u64 = 16;
/// An announcement that may be a caller's own puts no more than this in doubt.
const DOUBT_BYTES_MAX: u64 = 64 * 1024;
/// Fewer are passed line by line.
const MANY_BYTES: usize = 128;

/// A record's announcement of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Size of the message; `u64::MAX` for anything larger.
    pub size: u64,
    /// Where in the line the word `bytes` ends: before that it announces nothing.
    pub end: usize,
    /// It stands where SIP Server writes it, at the text's beginning or behind one tag, and is no quotation.
    pub in_place: bool,
}

/// Stands in every announcement.
pub const ANNOUNCES: &[u8] = b"bytes";

/// The word [`ANNOUNCES`] can end an announcement, by the text of its line before it.
pub fn may_announce(before: &[u8]) -> bool {
    let mut before = before.trim_ascii_end();
    while let [rest @ .., b'0'..=b'9'] = before {
        before = rest;
    }
    before.trim_ascii_end().ends_with(b"]")
}

/// The announcement in a record, whose text begins at `from` in its line: `Received [..] N bytes` or
/// `Sending [..] N bytes`.
pub fn opening(line: &[u8], from: usize) -> Option<Opening> {
    let text = line.get(from..)?;
    let mut opening = memchr_iter(b']', text).find_map(|close| announced(text, close))?;
    opening.end += from;
    Some(opening)
}

fn announced(text: &[u8], close: usize) -> Option<Opening> {
    let (before, after) = (text.get(..close)?, text.get(close + 1..)?);
    let digits_on = after.trim_ascii_start();
    let count = digits_on.iter().take_while(|byte| byte.is_ascii_digit());
    let (digits, rest) = digits_on.split_at(count.count());
    let rest = rest.trim_ascii_start().strip_prefix(ANNOUNCES)?;
    if digits.is_empty() {
        return None;
    }
    let size = digits.iter().fold(0_u64, |sum, digit| {
        sum.saturating_mul(10)
            .saturating_add(u64::from(digit - b'0'))
    });
    let open = memrchr(b'[', before)?;
    let before = before.get(..open)?.trim_ascii_end();
    let tag = [b"Received".as_slice(), b"Sending"]
        .iter()
        .find_map(|word| before.strip_suffix(*word))?;
    Some(Opening {
        size,
        end: text.len() - rest.len(),
        in_place: is_tag(tag),
    })
}

/// Nothing, or one word such as `SIPTR:` in capitals, with or without a level and an id before it.
pub fn is_tag(text: &[u8]) -> bool {
    if super::head::behind_id(text) == Some(text.trim_ascii_end().len()) {
        return true;
    }
    let tag = text.trim_ascii();
    tag.len() <= TAG_BYTES_MAX
        && tag.iter().all(|byte| {
            byte.is_ascii_uppercase() || byte.is_ascii_digit() || b"_-()#$+*:".contains(byte)
        })
}

/// Whether a line may be a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In no message.
    Free,
    /// A caller's text.
    Body,
    /// Perhaps a record.
    Gap,
}

/// The message that a segment's lines are in, if any.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    body: Option<Body>,
}

/// How much of a message was passed, under each of the ways in which a file may have written it.
#[derive(Clone, Debug, Default)]
struct Body {
    /// To here lines are a caller's.
    size: u64,
    /// To here they may be.
    doubt: u64,
    /// The file's own count, line ends included.
    read: Extent,
    /// `least` at the beginning of the line that was passed last.
    begun: u64,
    lines: u64,
    /// The first line ends in CR LF: the file kept the message's line ends.
    kept: bool,
    /// Line ends.
    ends: u64,
    /// Line feeds, and how many of them follow no CR.
    feeds: u64,
    bare_feeds: u64,
    /// CR CR LF: a CR LF whose LF was turned into CR LF once more.
    doubled: u64,
    after_cr: bool,
}

impl Trace {
    /// Where the line stands, by its first byte. To be called for every line in turn.
    pub fn place(&mut self, line: &Line<'_>) -> Place {
        let Some(body) = &mut self.body else {
            return Place::Free;
        };
        let (least, most) = (body.least(), body.most());
        if least >= body.doubt {
            self.body = None;
            return Place::Free;
        }
        body.pass(line.extent, line.end);
        if most < body.size {
            Place::Body
        } else {
            Place::Gap
        }
    }

    /// Passes over the lines that begin inside the message, and returns where in `text` the first begins that does not.
    ///
    /// `text` is whole lines of a narrow file, and each CR in it is followed by an LF.
    pub fn pass_over(&mut self, text: &[u8]) -> usize {
        let mut at = 0;
        while let Some(body) = self.body.as_mut().filter(|body| body.most() < body.size)
            && let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty())
        {
            if let Some(end) = body.kept_to(rest) {
                self.body = None;
                return at + end;
            }
            let many = body.pass_many(rest);
            at += if many > 0 {
                many
            } else {
                body.pass_first(rest)
            };
        }
        at
    }

    /// The line placed last announces a message, which begins with the next one. True if its size is over the cap,
    /// `trace_bytes_max`: then only so much is passed over.
    pub fn open(&mut self, opening: Opening, trace_bytes_max: usize) -> bool {
        let cap = trace_bytes_max as u64;
        let body = self.body.get_or_insert_default();
        // All of the announcement can be the end of the message before, as a caller wrote it.
        let forgeable = body.begun + opening.end as u64 <= body.doubt;
        if !opening.in_place || forgeable {
            let doubt = opening.size.min(cap).min(DOUBT_BYTES_MAX);
            body.doubt = body.doubt.max(body.least() + doubt);
            return false;
        }
        let possible = opening.size <= cap.saturating_mul(POSSIBLE_CAPS);
        *body = Body {
            size: opening.size.min(cap),
            doubt: if possible { opening.size } else { cap },
            ..Body::default()
        };
        opening.size > cap
    }

    /// The next line is in no message, whatever it is.
    pub fn is_over(&self) -> bool {
        self.body
            .as_ref()
            .is_none_or(|body| body.least() >= body.doubt)
    }

    /// More of the message must follow.
    pub fn is_open(&self) -> bool {
        self.body
            .as_ref()
            .is_some_and(|body| body.most() < body.size)
    }
}

impl Body {
    /// Every character is a byte, and where each LF follows a CR all those CRs may be the file's own.
    fn least(&self) -> u64 {
        let added = self.doubled > 0 && self.bare_feeds == 0;
        self.read.units - if added { self.feeds } else { 0 }
    }

    /// Every line end may have been a character longer, one of CR LF too: CR CR LF, as a caller may write it.
    fn most(&self) -> u64 {
        self.read.octets + if self.kept { 0 } else { self.ends }
    }

    fn pass(&mut self, extent: Extent, end: End) {
        self.begun = self.least();
        let doubles = self.after_cr && end == End::CrLf && extent.units == 0;
        self.doubled += u64::from(doubles);
        if self.lines == 0 || (self.lines == 1 && doubles) {
            self.kept = end == End::CrLf;
        }
        self.ends += u64::from(end != End::File);
        self.feeds += u64::from(matches!(end, End::Lf | End::CrLf));
        self.bare_feeds += u64::from(end == End::Lf);
        self.after_cr = end == End::Cr;
        self.lines += 1;
        self.read.units += extent.units + end.units();
        self.read.octets += extent.octets + end.units();
    }

    /// Where the message ends in `text`, if all of its line ends were kept: then no line needs to be looked at.
    fn kept_to(&self, text: &[u8]) -> Option<usize> {
        let certain = self.lines > 0 && self.kept && !self.after_cr;
        if !certain || self.doubled > 0 || self.doubt != self.size {
            return None;
        }
        let left = usize::try_from(self.size.checked_sub(self.most() + 1)?).ok()?;
        Some(left + memchr(b'\n', text.get(left..)?)? + 1)
    }

    /// Passes so many lines of `text` at once as surely begin inside: each byte and each line end brings the message
    /// no more than two bytes nearer to its end. Returns their length.
    fn pass_many(&mut self, text: &[u8]) -> usize {
        let half = usize::try_from(self.size.saturating_sub(self.most()) / 2).unwrap_or(usize::MAX);
        let near = text.get(..half).unwrap_or(text);
        let many = memrchr(b'\n', near).map_or(0, |end| end + 1);
        let text = near.get(..many).unwrap_or_default();
        if many < MANY_BYTES || self.lines == 0 || self.after_cr {
            return 0;
        }
        let count = |byte| memchr_iter(byte, text).count() as u64;
        let (feeds, returns) = (count(b'\n'), count(b'\r'));
        self.lines += feeds;
        self.ends += feeds;
        self.feeds += feeds;
        self.bare_feeds += feeds - returns;
        self.read.units += many as u64;
        self.read.octets += many as u64;
        many
    }

    /// Passes the line that `text` begins with, and returns its length.
    fn pass_first(&mut self, text: &[u8]) -> usize {
        let length = memchr(b'\n', text).map_or(text.len(), |end| end + 1);
        let line = text.get(..length).unwrap_or(text);
        let end = match line {
            [.., b'\r', b'\n'] => End::CrLf,
            _ => End::Lf,
        };
        let units = length as u64 - end.units();
        let octets = units;
        self.pass(Extent { units, octets }, end);
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::lines::{Lines, Piece};

    const CAP: usize = 1000;

    fn told(text: &str) -> Option<(u64, bool)> {
        opening(text.as_bytes(), 0).map(|opening| (opening.size, opening.in_place))
    }

    /// A letter for each line behind an announcement of `size` bytes: **b**ody, **g**ap or **f**ree.
    fn places(file: &str, size: u64) -> String {
        let mut trace = Trace::default();
        let opening = Opening {
            size,
            end: 40,
            in_place: true,
        };
        trace.open(opening, CAP);
        let mut places = String::new();
        let mut each = |piece: Piece<'_>| {
            if let Piece::Line(line) = piece {
                places.push(match trace.place(&line) {
                    Place::Body => 'b',
                    Place::Gap => 'g',
                    Place::Free => 'f',
                });
            }
        };
        let mut lines = Lines::new(None, 10_000);
        lines.push(file.as_bytes(), &mut each);
        lines.finish(&mut each);
        places
    }

    #[test]
    fn an_announcement_is_known_with_what_stands_around_it() {
        for (text, expected) in [
            (
                "Received [0,UDP] 612 bytes from 10.0.0.9:5060 <<<<<",
                Some((612, true)),
            ),
            (
                "SIPTR: Sending  [0,TCP]  4 bytes to 10.0.0.9:5060 >>>>>",
                Some((4, true)),
            ),
            ("SIPTR(3): Received [..] 18 bytes", Some((18, true))),
            ("Trc 33009 Received [0] 7 bytes", Some((7, true))),
            ("Sending[x]5bytes", Some((5, true))),
            (
                "Received [0,UDP] 99999999999999999999999 bytes",
                Some((u64::MAX, true)),
            ),
            (
                "Std 04999 User said: Received [0,UDP] 9 bytes",
                Some((9, false)),
            ),
            ("[LS] Received [0,UDP] 9 bytes", Some((9, false))),
            ("Received [0,UDP] bytes", None),
            ("Received [0,UDP] -5 bytes", None),
            ("Received 612 bytes from 10.0.0.9:5060", None),
            ("received [0,UDP] 612 bytes", None),
            ("0,UDP] 612 bytes", None),
            ("", None),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn a_message_that_was_kept_ends_exactly() {
        let body = "INVITE\r\nVia: x\r\n\r\n"; // 8 + 8 + 2 bytes
        let file = format!("{body}record\r\nrecord\r\n");
        assert_eq!(places(&file, 18), "bbbff");
        assert_eq!(places(&file, 17), "bbbff"); // the last line begins inside
        assert_eq!(places(&file, 16), "bbfff");
        assert_eq!(places(&file, 19), "bbbbf"); // one byte into the record: it is none
        assert_eq!(places(&file, 0), "fffff");
    }

    #[test]
    fn a_message_whose_line_ends_were_turned_ends_in_a_gap() {
        let file = "INVITE\nVia: x\n\nab\nc\nd\n"; // 7 + 7 + 1, and 8 + 8 + 2 as it came
        assert_eq!(places(file, 18), "bbbgff");
        assert_eq!(places(file, 15), "bbgfff");
        assert_eq!(places(file, 16), "bbggff");
        assert_eq!(places(file, 14), "bbffff");
        assert_eq!(places(&file.replace('\n', "\r"), 18), "bbbgff");
    }

    #[test]
    fn line_ends_that_may_have_been_turned_into_more_leave_a_gap_too() {
        let message = "INVITE\r\nVia: x\r\n\r\n";
        let file = format!("{}a\r\nb\r\nc\r\nd\r\n", message.replace('\n', "\r\n"));
        // CR and CR LF are two lines each time.
        assert_eq!(places(&file, 18), "bbbbggffff");
    }

    #[test]
    fn utf_16_counts_characters_or_the_bytes_they_may_have_been() {
        let file: String = "\u{fc}\u{fc}\r\nab\r\ncd\r\nef\r\n".into();
        let wide: Vec<u8> = file.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut trace = Trace::default();
        let opening = Opening {
            size: 10,
            end: 40,
            in_place: true,
        };
        trace.open(opening, CAP);
        let mut seen = Vec::new();
        Lines::new(Some(crate::record::lines::Encoding::Utf16Le), 100).push(&wide, &mut |piece| {
            if let Piece::Line(line) = piece {
                seen.push(trace.place(&line));
            }
        });
        assert_eq!(seen, [Place::Body, Place::Body, Place::Gap, Place::Free]);
    }

    #[test]
    fn a_size_over_the_cap_hides_no_more_than_the_cap() {
        let file = "x".repeat(99) + "\r\n";
        let places = |size| places(&file.repeat(20), size);
        assert_eq!(places(u64::MAX), "b".repeat(10) + &"f".repeat(10));
        assert_eq!(places(1500), "b".repeat(10) + &"g".repeat(5) + "fffff");
    }

    #[test]
    fn an_announcement_that_a_caller_can_have_written_hides_nothing() {
        // Of 60 turned lines each may have been a byte longer: there is room for a whole announcement in the gap.
        let mut trace = Trace::default();
        let opening = |end| Opening {
            size: 500,
            end,
            in_place: true,
        };
        trace.open(opening(40), CAP);
        let line = Line {
            number: 1,
            offset: 0,
            next: 8,
            bytes: b"1234567",
            cut: false,
            extent: Extent {
                units: 7,
                octets: 7,
            },
            end: End::Lf,
            width: 1,
        };
        for _ in 0..56 {
            assert_eq!(trace.place(&line), Place::Body);
        }
        assert_eq!(trace.place(&line), Place::Gap);
        trace.open(opening(40), CAP); // all of it can be the message's own
        assert_eq!(trace.place(&line), Place::Gap);
        trace.open(opening(600), CAP); // none can end behind the doubt
        assert_eq!(trace.place(&line), Place::Body);
    }
}
