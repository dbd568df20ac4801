//! The header block at the head of every segment: who writes it, on which host, in which zone, since when.
//!
//! ```text
//! Application name: VM_SIPServer_1
//! Application type: TServer (1)
//! Host name: vmhost1
//! Time zone: -3600
//! Local time: 2026-11-02T21:30:00.000
//! Start time (UTC): 2026-11-02T20:30:00.000
//! File: (1) /logs/sips1.20261102_213000_000.log
//! ```
//!
//! It is read from the first lines only, before records have begun: the same words inside a SIP message say nothing.

use super::head;
use super::lines::{Encoding, Line, Lines, Piece};
use super::stamp::{self, SECOND, Stamp};
use super::text;
use super::trace;

/// The header ends here at the latest.
pub const HEADER_BYTES_MAX: usize = 64 * 1024;
const HEADER_LINES_MAX: u64 = 200;
/// So many records, and no header is to be expected any more.
const RECORDS_BEFORE_HEADER_MAX: u32 = 8;
const VALUE_CHARS_MAX: usize = 512;

/// What the block says. Each value is the first of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub application: Option<String>,
    /// As it stands: `TServer (1)`.
    pub application_type: Option<String>,
    pub command_line: Option<String>,
    pub host: Option<String>,
    /// Seconds west of UTC, as C's `timezone`: summer time is not in it.
    pub time_zone: Option<i64>,
    /// Wall clock, as microseconds since 1970-01-01T00:00 on that clock.
    pub local_time: Option<i64>,
    /// When the application (not the file) was started, microseconds since the epoch.
    pub start_time: Option<i64>,
    /// `local_time` in UTC, which some versions write too.
    pub utc_time: Option<i64>,
    pub file: Option<String>,
}

impl Header {
    /// Seconds east of UTC, summer time included, if two clocks of the block tell it.
    ///
    /// A segment that a rotation began tells an old `Start time (UTC):`; its distance from the local time is a zone
    /// only if it is one that fits `Time zone:`, or without that whole quarters of an hour.
    pub fn offset(&self) -> Option<i64> {
        const QUARTER: i64 = 900;
        const SLACK: i64 = 120;
        let local = self.local_time?;
        let told = [self.utc_time, self.start_time].into_iter().flatten();
        told.map(|utc| (local - utc) / SECOND).find_map(|seconds| {
            let rounded = (seconds + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
            let fits = match self.time_zone {
                Some(west) => [0, 1800, 3600].contains(&(rounded + west)),
                None => rounded.abs() <= 14 * 3600,
            };
            (fits && (seconds - rounded).abs() <= SLACK).then_some(rounded)
        })
    }

    fn take(&mut self, key: &[u8], value: &[u8]) -> bool {
        let stamp = || stamp::read(value).map(|(stamp, _)| stamp);
        let local = || stamp().and_then(|stamp| stamp.local());
        let utc = || stamp().and_then(|stamp| Some(stamp.local()? - east(&stamp)));
        match key.to_ascii_lowercase().as_slice() {
            b"application name" => keep(&mut self.application, value),
            b"application type" => keep(&mut self.application_type, value),
            b"command line" => keep(&mut self.command_line, value),
            b"host name" => keep(&mut self.host, value),
            b"time zone" => self.time_zone = self.time_zone.or_else(|| seconds(value)),
            b"local time" => self.local_time = self.local_time.or_else(local),
            b"start time (utc)" => self.start_time = self.start_time.or_else(utc),
            b"utc time" => self.utc_time = self.utc_time.or_else(utc),
            b"file" if value.starts_with(b"(") => keep(&mut self.file, value),
            _ => return false,
        }
        true
    }
}

fn east(stamp: &Stamp) -> i64 {
    i64::from(stamp.offset.unwrap_or(0)) * SECOND
}

fn keep(place: &mut Option<String>, value: &[u8]) {
    if place.is_none() && !value.is_empty() {
        let value = text::decode(value, None);
        *place = Some(value.chars().take(VALUE_CHARS_MAX).collect());
    }
}

/// The number that a value begins with; a zone's names may follow it.
fn seconds(value: &[u8]) -> Option<i64> {
    let (negative, digits) = match value {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let length = digits.iter().take_while(|byte| byte.is_ascii_digit());
    let digits = std::str::from_utf8(digits.get(..length.count())?).ok()?;
    let seconds: i64 = digits.parse().ok()?;
    let seconds = if negative { -seconds } else { seconds };
    (seconds.abs() <= 18 * 3600).then_some(seconds)
}

/// Reads the block from a segment's first bytes, in any portions.
#[derive(Debug)]
pub struct HeaderReader {
    lines: Lines,
    block: Block,
}

#[derive(Debug, Default)]
struct Block {
    header: Header,
    /// The first record's stamp.
    first: Option<Stamp>,
    records: u32,
    closed: bool,
}

impl HeaderReader {
    pub fn new(encoding: Option<Encoding>) -> HeaderReader {
        HeaderReader {
            lines: Lines::new(encoding, HEADER_BYTES_MAX),
            block: Block::default(),
        }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        let HeaderReader { lines, block } = self;
        lines.push(bytes, &mut |piece| block.piece(piece));
    }

    /// No more bytes are to come: the last line is whole.
    pub fn finish(&mut self) {
        let HeaderReader { lines, block } = self;
        lines.finish(&mut |piece| block.piece(piece));
    }

    /// Nothing that follows can change what was read.
    pub fn is_closed(&self) -> bool {
        self.block.closed
    }

    /// The header, and the stamp of the first record if one was met.
    pub fn into_parts(self) -> (Header, Option<Stamp>) {
        (self.block.header, self.block.first)
    }
}

impl Block {
    fn piece(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Line(line) if !self.closed => self.line(line),
            _ => {}
        }
    }

    fn line(&mut self, line: Line<'_>) {
        let bytes = match line.bytes {
            [b'>', ..] => head::unmarked(line.bytes),
            bytes => bytes,
        };
        self.closed = line.number >= HEADER_LINES_MAX;
        if let Some((stamp, at)) = stamp::leading(bytes) {
            self.first.get_or_insert(stamp);
            self.records += 1;
            // What a caller wrote begins behind a trace's head.
            self.closed |=
                self.records >= RECORDS_BEFORE_HEADER_MAX || trace::opening(bytes, at).is_some();
        } else if trace::opening(bytes, 0).is_some() {
            self.closed = true;
        } else if let Some(colon) = memchr::memchr(b':', bytes) {
            let (key, value) = bytes.split_at(colon);
            let value = value.trim_ascii_start().get(1..).unwrap_or_default();
            let taken = self.header.take(key.trim_ascii_end(), value.trim_ascii());
            self.closed |= taken && self.header.file.is_some();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;

    fn read(text: &str) -> (Header, Option<Stamp>, bool) {
        let mut reader = HeaderReader::new(None);
        reader.push(text.as_bytes());
        let closed = reader.is_closed();
        reader.finish();
        let (header, first) = reader.into_parts();
        (header, first, closed)
    }

    fn micros(text: &str) -> Option<i64> {
        Some(text.parse::<Time>().unwrap().micros())
    }

    #[test]
    fn every_value_of_the_block_is_read() {
        let (header, first, closed) = read(concat!(
            "Application name:\tUR Server 750\r\n",
            "APPLICATION TYPE:   TServer (1)\r\n",
            "Command line :  sip_server -host h -port 1\r\n",
            "Host name:\tvmhost1.example.com\r\n",
            "Time zone:\t-3600, W. Europe Standard Time\r\n",
            "UTC time: 2026-11-02T20:30:01\r\n",
            "Local time:\t2026/11/02 21:30:00.500\r\n",
            "Start time (UTC):\t2026-11-02T20:30:00\r\n",
            "Running time: 0:00:00:00\r\n",
            "File:\t(1) D:\\logs\\x.log\r\n",
            "21:30:01.000 Std 05060 Application started\r\n",
        ));
        let expected = Header {
            application: Some("UR Server 750".into()),
            application_type: Some("TServer (1)".into()),
            command_line: Some("sip_server -host h -port 1".into()),
            host: Some("vmhost1.example.com".into()),
            time_zone: Some(-3600),
            local_time: micros("2026-11-02T21:30:00.5"),
            start_time: micros("2026-11-02T20:30:00"),
            utc_time: micros("2026-11-02T20:30:01"),
            file: Some("(1) D:\\logs\\x.log".into()),
        };
        assert_eq!((header, closed), (expected, true));
        assert_eq!(first, None); // behind the block
    }

    #[test]
    fn a_value_is_the_first_of_its_kind_and_no_empty_one() {
        let (header, ..) =
            read("Application name:\nApplication name: a\nApplication name: b\nTime zone: x\n");
        assert_eq!(header.application.as_deref(), Some("a"));
        assert_eq!(header.time_zone, None);
    }

    #[test]
    fn what_a_sip_message_says_is_no_header() {
        for before in [
            "10:00:00.000: Received [0,UDP] 40 bytes from 10.0.0.9:5060 <<<<<\n".to_string(),
            "Sending [0,UDP] 40 bytes to 10.0.0.9:5060 >>>>>\n".to_string(),
            "10:00:00.000 Trc 04999 x\n".repeat(8),
            "x\n".repeat(200),
            "File: (1) x.log\n".to_string(),
        ] {
            let (header, _, closed) = read(&format!("{before}Application name: evil\n"));
            assert_eq!((header.application, closed), (None, true), "{before}");
        }
        let (header, first, closed) = read("10:00:00.000 Trc 04999 x\nApplication name: good\n");
        assert_eq!(
            (header.application.as_deref(), closed),
            (Some("good"), false)
        );
        assert!(first.is_some());
    }

    #[test]
    fn the_offset_is_told_by_two_clocks_that_fit() {
        let offset = |time_zone, local: &str, start: &str| {
            let header = Header {
                time_zone,
                local_time: micros(local),
                start_time: micros(start),
                ..Header::default()
            };
            header.offset()
        };
        let start = "2026-07-02T12:00:00";
        for (time_zone, local, expected) in [
            (Some(-3600), "2026-07-02T14:00:01", Some(7200)),
            (Some(-3600), "2026-07-02T13:00:01", Some(3600)),
            (Some(-3600), "2026-07-02T18:00:01", None),
            (Some(18_000), "2026-07-02T08:00:01", Some(-14_400)),
            (Some(-37_800), "2026-07-02T23:00:01", Some(39_600)),
            (None, "2026-07-02T17:45:01", Some(20_700)),
            (None, "2026-07-02T17:50:01", None),
            (None, "2026-07-08T17:45:01", None),
        ] {
            assert_eq!(offset(time_zone, local, start), expected, "{local}");
        }
    }
}
