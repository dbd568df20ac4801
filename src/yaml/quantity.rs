//! Durations and sizes as people write them.

use std::time::Duration;

const DURATION_UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];
const SIZE_UNITS: [(&str, u64); 7] = [
    ("", 1),
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("kB", 1_000),
    ("MB", 1_000_000),
];
/// A year: whoever writes more meant something else, and nothing overflows below.
const MILLIS_MAX: u64 = 366 * 86_400_000;

/// `250ms`, `5s`, `1h30m`, `1m 30s`: whole numbers with a unit each, the larger unit first. `0` alone is zero.
pub fn duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text;
    let mut total = 0u64;
    let mut last = u64::MAX;
    while !rest.is_empty() {
        let (number, behind) = number(rest)?;
        let end = behind
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        let millis = DURATION_UNITS.iter().find(|(name, _)| *name == unit)?.1;
        if millis >= last {
            return None;
        }
        last = millis;
        total = total.checked_add(number.checked_mul(millis)?)?;
        rest = behind.trim_start_matches(' ');
    }
    (!text.is_empty() && total <= MILLIS_MAX).then(|| Duration::from_millis(total))
}

/// A duration with a sign, in microseconds: `+40s`, `-2m`, `0s`.
pub fn span(text: &str) -> Option<i64> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let micros = i64::try_from(duration(unsigned)?.as_micros()).ok()?;
    Some(sign * micros)
}

/// A number of bytes: `512`, `256KiB`, `1MiB`, `1 MiB`.
pub fn size(text: &str) -> Option<u64> {
    let (number, unit) = number(text)?;
    let unit = unit.trim_start_matches(' ');
    let bytes = SIZE_UNITS.iter().find(|(name, _)| *name == unit)?.1;
    number.checked_mul(bytes)
}

fn number(text: &str) -> Option<(u64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_duration_is_whole_numbers_with_units_the_larger_first() {
        for (text, millis) in [
            ("250ms", Some(250)),
            ("5s", Some(5_000)),
            ("2m", Some(120_000)),
            ("1h30m", Some(5_400_000)),
            ("1m 30s", Some(90_000)),
            ("1d", Some(86_400_000)),
            ("0", Some(0)),
            ("0s", Some(0)),
            ("", None),
            ("5", None),
            ("s", None),
            ("5 s", None),
            ("5sec", None),
            ("1.5s", None),
            ("-5s", None),
            ("+5s", None),
            ("30m1h", None),
            ("5s5s", None),
            ("5S", None),
            ("999999999999d", None),
            ("99999999999999999999s", None),
            ("٣s", None),
        ] {
            assert_eq!(duration(text), millis.map(Duration::from_millis), "{text}");
        }
    }

    #[test]
    fn a_span_is_a_duration_with_a_sign() {
        for (text, micros) in [
            ("+40s", Some(40_000_000)),
            ("-2m", Some(-120_000_000)),
            ("0s", Some(0)),
            ("40s", Some(40_000_000)),
            ("--2m", None),
            ("+-2m", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(span(text), micros, "{text}");
        }
    }

    #[test]
    fn a_size_is_bytes_or_a_number_with_its_unit() {
        for (text, bytes) in [
            ("512", Some(512)),
            ("256KiB", Some(256 << 10)),
            ("1MiB", Some(1 << 20)),
            ("1 MiB", Some(1 << 20)),
            ("2GiB", Some(2 << 30)),
            ("1mib", None),
            ("1M", None),
            ("MiB", None),
            ("-1", None),
            ("99999999999999999999", None),
            ("18446744073709551615GiB", None),
        ] {
            assert_eq!(size(text), bytes, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_spoken_duration_is_read_back(seconds in 0u64..864_000) {
            let written = Duration::from_secs(seconds);
            prop_assert_eq!(duration(&crate::time::spoken(written)), Some(written));
        }

        #[test]
        fn no_text_makes_them_panic(text in ".{0,40}") {
            let _ = (duration(&text), span(&text), size(&text));
        }
    }
}
