//! The stamp at the beginning of a record, in every shape met in the field.
//!
//! ```text
//! 20:31:07.412   20:31:07,412   @20:31:07.4121
//! 2026-11-02T20:31:07.412   2026-11-02 20:31:07.412+01:00   2026/11/02 20:31:07.412
//! 11/02/2026 20:31:07.412   11/02/26 20:31:07.412   Mon Nov  2 20:31:07 2026.412
//! ```
//!
//! Most lines of a log are not records, so the first byte alone turns most of them away. A value that no clock shows
//! (`24:00:00`, 29 February of an ordinary year) makes the text not a stamp.

use jiff::civil::Date;
use jiff::tz::Offset;

pub const SECOND: i64 = 1_000_000;
pub const DAY: i64 = 86_400 * SECOND;

/// What a stamp says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub date: Option<Date>,
    /// Microseconds since midnight. A leap second, `23:59:60`, reads as the second after it.
    pub clock: i64,
    /// The stamp's own zone, in seconds east of UTC.
    pub offset: Option<i32>,
}

impl Stamp {
    /// A dated stamp as microseconds since 1970-01-01T00:00, both on the writer's wall clock.
    pub fn local(&self) -> Option<i64> {
        let midnight = self.date?.at(0, 0, 0, 0);
        Some(Offset::UTC.to_timestamp(midnight).ok()?.as_microsecond() + self.clock)
    }
}

/// The stamp at the front of a line, and where the text behind it begins: past blanks, or `: ` as SIP Server writes it.
pub fn leading(line: &[u8]) -> Option<(Stamp, usize)> {
    let (stamp, end) = read(line)?;
    let rest = line.get(end..)?;
    let rest = match rest {
        [b':'] => &[],
        [b':', tail @ ..] if tail.first().is_some_and(is_blank) => tail,
        _ => rest,
    };
    if rest.first().is_some_and(|byte| !is_blank(byte)) {
        return None;
    }
    let text = rest.trim_ascii_start();
    Some((stamp, line.len() - text.len()))
}

/// The stamp that `text` begins with, and its length. What follows it is not looked at, except that it may not be
/// one more digit.
pub fn read(text: &[u8]) -> Option<(Stamp, usize)> {
    let mut cursor = Cursor { text, at: 0 };
    let stamp = match text {
        [b'@', ..] => {
            cursor.at = 1;
            cursor.time_only()?
        }
        [b'0'..=b'9', _, b':', ..] => cursor.time_only()?,
        [b'0'..=b'9', _, b'/', ..] => cursor.american()?,
        [b'0'..=b'9', _, _, _, b'-' | b'/', ..] => cursor.year_first()?,
        [b'S' | b'M' | b'T' | b'W' | b'F', ..] => cursor.spelled()?,
        _ => return None,
    };
    let more = cursor.peek().is_some_and(|byte| byte.is_ascii_digit());
    (!more).then_some((stamp, cursor.at))
}

fn is_blank(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn time_only(&mut self) -> Option<Stamp> {
        let seconds = self.clock()?;
        let (fraction, digits) = self.fraction()?;
        (3..=6).contains(&digits).then_some(Stamp {
            date: None,
            clock: seconds * SECOND + fraction,
            offset: None,
        })
    }

    /// `2026-11-02T20:31:07.412Z`
    fn year_first(&mut self) -> Option<Stamp> {
        let year = self.digits(4)?;
        let between = self.one_of(b"-/")?;
        let month = self.digits(2)?;
        self.byte(between)?;
        let day = self.digits(2)?;
        self.one_of(b"T ")?;
        self.dated(year, month, day)
    }

    /// `11/02/2026 20:31:07.412`, or with a year of two digits
    fn american(&mut self) -> Option<Stamp> {
        let month = self.digits(2)?;
        self.byte(b'/')?;
        let day = self.digits(2)?;
        self.byte(b'/')?;
        let year = match self.digits(4) {
            Some(year) => year,
            None => 2000 + self.digits(2)?,
        };
        self.byte(b' ')?;
        self.dated(year, month, day)
    }

    /// `Mon Nov  2 20:31:07 2026.412`
    fn spelled(&mut self) -> Option<Stamp> {
        self.name(&["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"])?;
        self.blanks()?;
        let month = 1 + self.name(&[
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ])?;
        self.blanks()?;
        let day = match self.digits(2) {
            Some(day) => day,
            None => self.digits(1)?,
        };
        self.blanks()?;
        let seconds = self.clock()?;
        self.blanks()?;
        let year = self.digits(4)?;
        let fraction = self.fraction()?.0;
        Some(Stamp {
            date: Some(date(year, month, day)?),
            clock: seconds * SECOND + fraction,
            offset: None,
        })
    }

    fn dated(&mut self, year: i64, month: i64, day: i64) -> Option<Stamp> {
        let date = date(year, month, day)?;
        let seconds = self.clock()?;
        let fraction = self.fraction()?.0;
        Some(Stamp {
            date: Some(date),
            clock: seconds * SECOND + fraction,
            offset: self.zone()?,
        })
    }

    /// `20:31:07`, in seconds.
    fn clock(&mut self) -> Option<i64> {
        let hour = self.digits(2)?;
        self.byte(b':')?;
        let minute = self.digits(2)?;
        self.byte(b':')?;
        let second = self.digits(2)?;
        // A leap second ends a UTC day; every zone is whole quarters of an hour from there.
        let leap = second == 60 && minute % 15 == 14;
        (hour < 24 && minute < 60 && (second < 60 || leap))
            .then_some(hour * 3600 + minute * 60 + second)
    }

    /// The decimals behind a point or comma as microseconds, and how many they are. A comma that no digit follows
    /// belongs to the text.
    fn fraction(&mut self) -> Option<(i64, usize)> {
        let [b'.' | b',', tail @ ..] = self.text.get(self.at..)? else {
            return Some((0, 0));
        };
        let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return Some((0, 0));
        }
        if digits > 9 {
            return None;
        }
        self.at += 1 + digits;
        let six = tail.iter().take(digits).chain(b"000000").take(6);
        let micros = six.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        Some((micros, digits))
    }

    /// `Z`, `+01:00`, `+0100` or nothing. None if it begins as a zone and is none.
    fn zone(&mut self) -> Option<Option<i32>> {
        let sign = match self.peek() {
            Some(b'Z') => {
                self.at += 1;
                return Some(Some(0));
            }
            Some(b'+') => 1,
            Some(b'-') => -1,
            _ => return Some(None),
        };
        self.at += 1;
        let hours = self.digits(2)?;
        let _ = self.byte(b':');
        let minutes = self.digits(2)?;
        let seconds = sign * i32::try_from(hours * 3600 + minutes * 60).ok()?;
        (hours <= 18 && minutes < 60).then_some(Some(seconds))
    }

    fn name(&mut self, names: &[&str]) -> Option<i64> {
        let word = self.text.get(self.at..self.at + 3)?;
        let index = names.iter().position(|name| name.as_bytes() == word)?;
        self.at += 3;
        Some(index as i64)
    }

    fn blanks(&mut self) -> Option<()> {
        let from = self.at;
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
        (self.at > from).then_some(())
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let text = self.text.get(self.at..self.at + count)?;
        let number = text.iter().try_fold(0, |sum, byte| {
            let digit = byte.wrapping_sub(b'0');
            (digit < 10).then_some(sum * 10 + i64::from(digit))
        })?;
        self.at += count;
        Some(number)
    }

    fn byte(&mut self, wanted: u8) -> Option<()> {
        self.one_of(&[wanted]).map(|_| ())
    }

    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| wanted.contains(byte))?;
        self.at += 1;
        Some(byte)
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }
}

fn date(year: i64, month: i64, day: i64) -> Option<Date> {
    let small = |number: i64| i8::try_from(number).ok();
    Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `date clock-in-µs offset | text behind`, or `-`.
    fn told(line: &str) -> String {
        let Some((stamp, text)) = leading(line.as_bytes()) else {
            return "-".into();
        };
        let date = stamp.date.map_or("?".into(), |date| date.to_string());
        let offset = stamp
            .offset
            .map_or(String::new(), |seconds| format!(" {seconds}"));
        format!("{date} {}{offset} | {}", stamp.clock, &line[text..])
    }

    #[test]
    fn every_shape_of_a_stamp_is_read() {
        for (line, expected) in [
            ("18:15:33.952 Std", "? 65733952000 | Std"),
            ("18:15:33,952 Std", "? 65733952000 | Std"),
            ("@12:21:16.4386 x", "? 44476438600 | x"),
            ("09:22:09.970 [LS] x", "? 33729970000 | [LS] x"),
            ("16:38:02.417: SIPTR: x", "? 59882417000 | SIPTR: x"),
            ("16:38:02.417:", "? 59882417000 | "),
            ("00:00:00.000", "? 0 | "),
            ("23:59:60.500 x", "? 86400500000 | x"),
            (
                "2002-05-07T18:15:33.952 Std",
                "2002-05-07 65733952000 | Std",
            ),
            (
                "2002-05-07 18:15:33.952   Standard",
                "2002-05-07 65733952000 | Standard",
            ),
            ("2002-05-07T18:15:33 \tx", "2002-05-07 65733000000 | x"),
            ("2002-05-07T18:15:33.952Z x", "2002-05-07 65733952000 0 | x"),
            (
                "2002-05-07T18:15:33.952+01:00 x",
                "2002-05-07 65733952000 3600 | x",
            ),
            (
                "2002-05-07T18:15:33.952-0330 x",
                "2002-05-07 65733952000 -12600 | x",
            ),
            ("2002/05/07 18:15:33.952 x", "2002-05-07 65733952000 | x"),
            ("05/07/2002 18:15:33.952 x", "2002-05-07 65733952000 | x"),
            ("05/07/02 18:15:33.952 x", "2002-05-07 65733952000 | x"),
            (
                "Sun Jun  5 15:22:21 2016.741 x",
                "2016-06-05 55341741000 | x",
            ),
            ("Sun Jun 15 15:22:21 2016 x", "2016-06-15 55341000000 | x"),
            ("2024-02-29T00:00:00.1 x", "2024-02-29 100000 | x"),
            ("2016-12-31T23:59:60.2Z x", "2016-12-31 86400200000 0 | x"),
        ] {
            assert_eq!(told(line), expected, "{line}");
        }
    }

    #[test]
    fn what_no_clock_shows_is_not_a_stamp() {
        for line in [
            "",
            "1",
            "@",
            "24:00:00.000 x",
            "12:60:00.000 x",
            "12:00:60.000 x",
            "12:00:61.000 x",
            "12:00:00 x",
            "12:00:00.12 x",
            "12:00:00.1234567 x",
            "12:00:00.000x",
            "12:00:00.000:x",
            "9:00:00.000 x",
            " 09:00:00.000 x",
            "2023-02-29T00:00:00.000 x",
            "2026-13-01T00:00:00.000 x",
            "2026-00-01T00:00:00.000 x",
            "2026-01/01T00:00:00.000 x",
            "2026-01-01T00:00:00.000+1 x",
            "2026-01-01T00:00:00.000+19:00 x",
            "2026-01-01T00:00:00.0000000001 x",
            "2026-01-01",
            "31/12/2026 00:00:00.000 x",
            "Sun Jux  5 15:22:21 2016.741 x",
            "Subject: 12:00:00.000",
            "SIP/2.0 200 OK",
        ] {
            assert_eq!(told(line), "-", "{line}");
        }
    }

    proptest! {
        #[test]
        fn a_written_stamp_is_read_back(micros in 0_i64..4_102_444_800_000_000) {
            let time = jiff::Timestamp::from_microsecond(micros).unwrap();
            for format in [
                "%Y-%m-%dT%H:%M:%S.%6f x", "%Y-%m-%d %H:%M:%S,%6f\tx", "%Y/%m/%d %H:%M:%S.%6f x",
                "%m/%d/%Y %H:%M:%S.%6f x", "%a %b %e %H:%M:%S %Y.%6f x",
            ] {
                let text = time.strftime(format).to_string();
                let (stamp, rest) = leading(text.as_bytes()).unwrap();
                prop_assert_eq!(stamp.local(), Some(micros));
                prop_assert_eq!(&text[rest..], "x");
            }
        }

        #[test]
        fn no_bytes_upset_it(bytes in prop::collection::vec(prop::sample::select(b"0123459:.-/TZ+@ SunJ".to_vec()), 0..40)) {
            if let Some((_, end)) = leading(&bytes) {
                prop_assert!(end <= bytes.len());
            }
        }
    }
}
