//! What follows a record's stamp: a level and an id, and sometimes a second record.

use memchr::{memchr, memmem};

use super::stamp;

const LEVELS: [&[u8]; 14] = [
    b"Std",
    b"Int",
    b"Trc",
    b"Dbg",
    b"Alr",
    b"Non",
    b"Unk",
    b"Standard",
    b"Interaction",
    b"Trace",
    b"Debug",
    b"Alarm",
    b"None",
    b"Unknown",
];

/// Host and application stand between level and id in the full format.
const NAMES_BYTES_MAX: usize = 512;

/// Where the text begins behind a level and an id (`Std 04563`, `Standard   host   app   GCTI-00-04563`).
pub fn behind_id(text: &[u8]) -> Option<usize> {
    let word = text.iter().take_while(|byte| byte.is_ascii_alphabetic());
    let (level, rest) = text.split_at(word.count());
    let at = text.len() - rest.trim_ascii_start().len();
    if at == level.len() || !LEVELS.contains(&level) {
        return None;
    }
    let rest = text.get(at..)?;
    if let Some(length) = id(rest) {
        return Some(at + length);
    }
    let names = rest.get(..NAMES_BYTES_MAX).unwrap_or(rest);
    let before = memmem::find(names, b"GCTI-")?;
    Some(at + before + id(rest.get(before..)?)?)
}

/// The length of an id: `4563`, `04563`, `00-04563` or `GCTI-00-04563`.
fn id(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"GCTI-").unwrap_or(text);
    let rest = match rest {
        [a, b, b'-', tail @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => tail,
        _ => rest,
    };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let tail = rest.get(digits..)?;
    let ends = tail
        .first()
        .is_none_or(|byte| byte.is_ascii_whitespace() || *byte == 0);
    ((4..=5).contains(&digits) && ends).then_some(text.len() - tail.len())
}

/// Stands in every check-point record.
pub const CHECK_POINT: &[u8] = b"Check point ";

/// The date and time that a check-point record (4120) states, as a wall clock in microseconds.
pub fn check_point(text: &[u8]) -> Option<i64> {
    let at = behind_id(text)?;
    let id = text.get(..at)?;
    let stated = text.get(at..)?.trim_ascii_start();
    let stated = stated.strip_prefix(CHECK_POINT)?;
    id.ends_with(b"4120")
        .then(|| stamp::read(stated.trim_ascii_start()))?
        .and_then(|(stamp, _)| stamp.local())
}

/// The record ends before its level and id do.
pub fn is_broken_off(text: &[u8]) -> bool {
    let word = text.iter().take_while(|byte| byte.is_ascii_alphabetic());
    let (level, rest) = text.split_at(word.count());
    let rest = rest.trim_ascii_start();
    let digits = rest.len() < 5 && rest.iter().all(u8::is_ascii_digit);
    digits && LEVELS.iter().any(|each| each.starts_with(level))
}

/// Where a second record begins on the same line, its writer having left out the line end:
/// `Std 04561 Hot Standby (backup) mode activated20:31:07.412 Std 04563 …`.
///
/// A text may hold such a thing because someone said so, and that must not make a record. The first record therefore
/// has a level and an id, its text holds nothing that quotes, names or assigns, and runs into the stamp without a
/// gap; behind the whole stamp stand a level and an id again. Whoever uses it still has to know that the first
/// record's text is not a caller's.
pub fn glued(text: &[u8]) -> Option<usize> {
    const DATE_LENGTHS: [usize; 5] = [11, 10, 9, 1, 0];
    let from = behind_id(text)?;
    let clock = (from + memchr(b':', text.get(from..)?)?).checked_sub(2)?;
    DATE_LENGTHS.iter().find_map(|length| {
        let start = clock.checked_sub(*length).filter(|start| *start > from)?;
        let (own, second) = text.split_at(start);
        let (_, at) = stamp::leading(second)?;
        behind_id(second.get(at..)?)?;
        let own = own.get(from..)?;
        let runs_on = own
            .last()
            .is_some_and(|byte| byte.is_ascii_alphabetic() || b".)".contains(byte));
        (runs_on && !own.iter().any(quotes)).then_some(start)
    })
}

fn quotes(byte: &u8) -> bool {
    b"\"'`<>=:;[]{}\\|@".contains(byte) || byte.is_ascii_control()
}

/// A line without the `>` and blanks that Solution Control Server puts before it.
pub fn unmarked(line: &[u8]) -> &[u8] {
    let marks = line
        .iter()
        .take_while(|byte| matches!(byte, b'>' | b' ' | b'\t'));
    line.get(marks.count()..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_and_an_id_are_known_in_every_spelling() {
        for (text, behind) in [
            ("Std 04563 Hot", Some(9)),
            ("Trc 4563", Some(8)),
            ("Alr 00-04563 Hot", Some(12)),
            (
                "Standard   vmhost1   UR Server 750   GCTI-00-05060   x",
                Some(50),
            ),
            ("Interaction\t43-10327\tx", Some(20)),
            ("Std 456 x", None),
            ("Std 045630 x", None),
            ("Std 04563x", None),
            ("Std04563 x", None),
            ("std 04563 x", None),
            ("Std", None),
            ("", None),
            ("Hot Standby", None),
        ] {
            assert_eq!(behind_id(text.as_bytes()), behind, "{text}");
        }
    }

    #[test]
    fn a_check_point_states_its_date() {
        let date = check_point(b"Trc 04120 Check point 2014-09-16T13:16:54");
        assert_eq!(date, Some(1_410_873_414_000_000));
        for text in [
            "Trc 04121 Check point 2014-09-16T13:16:54",
            "Trc 04120 Said: Check point 2014-09-16T13:16:54",
            "Trc 04120 Check point 13:16:54.000",
            "Check point 2014-09-16T13:16:54",
        ] {
            assert_eq!(check_point(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_second_record_on_the_line_is_found_where_the_first_runs_into_it() {
        for glue in [
            "20:31:07.412 Std 04563 x",
            "@20:31:07.4121 Std 04563 x",
            "2026-11-02T20:31:07.412 Std 04563 x",
            "2026-11-02 20:31:07.412   Standard   h   a   GCTI-00-04563   x",
            "11/02/2026 20:31:07.412 Std 04563 x",
            "11/02/26 20:31:07.412 Std 04563 x",
            "Mon Nov  2 20:31:07 2026.412 Std 04563 x",
            "Mon Nov 2 20:31:07 2026 Std 04563 x",
        ] {
            let first = "Std 04561 Hot Standby (backup) mode activated";
            let line = format!("{first}{glue}");
            assert_eq!(glued(line.as_bytes()), Some(first.len()), "{line}");
        }
    }

    #[test]
    fn a_quoted_record_is_not_a_second_record() {
        for line in [
            "Std 04999 User said: \"20:31:07.412 Std 04563 x",
            "Std 04999 User said: hello20:31:07.412 Std 04563 x",
            "Std 04999 User said 20:31:07.412 Std 04563 x",
            "Std 04999 name=bob20:31:07.412 Std 04563 x",
            "Std 04999 'bob20:31:07.412 Std 04563 x",
            "Std 04999 bob(20:31:07.412 Std 04563 x",
            "Std 04999 bob20:31:07 Std 04563 x",
            "Std 04999 bob20:31:07.412 04563 x",
            "Std 04999 bob20:31:07.412 Std Hot Standby",
            "Std 0499920:31:07.412 Std 04563 x",
            "bob20:31:07.412 Std 04563 x",
            "bob: Std 04999 x20:31:07.412 Std 04563 x",
        ] {
            assert_eq!(glued(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_head_that_is_broken_off_is_told_from_a_whole_one() {
        for text in ["", "St", "Std", "Std 045"] {
            assert!(is_broken_off(text.as_bytes()), "{text}");
        }
        for text in ["Std 04563", "[LS] x", "hello"] {
            assert!(!is_broken_off(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn marks_before_a_line_are_skipped() {
        assert_eq!(unmarked(b">> \t> text > x"), b"text > x");
        assert_eq!(unmarked(b""), b"");
    }
}
