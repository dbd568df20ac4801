//! Time zones by name, and time windows that come again.

use std::time::Duration;

use jiff::civil;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

use crate::yaml::{Value, nearest};

const DAY: Duration = Duration::from_secs(86_400);
const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Monday),
    ("tue", Weekday::Tuesday),
    ("wed", Weekday::Wednesday),
    ("thu", Weekday::Thursday),
    ("fri", Weekday::Friday),
    ("sat", Weekday::Saturday),
    ("sun", Weekday::Sunday),
];

/// `Europe/Berlin`, `UTC`, or an offset such as `+02:00`.
pub(super) fn time_zone(value: &Value<'_>) -> Option<TimeZone> {
    let name = value.text()?;
    let parser = jiff::fmt::temporal::DateTimeParser::new();
    let known = TimeZone::get(name).or_else(|_| parser.parse_time_zone(name));
    match known {
        Ok(zone) => Some(zone),
        Err(_) => {
            let names: Vec<String> = jiff::tz::db()
                .available()
                .map(|name| name.to_string())
                .collect();
            let hint = nearest(name, names.iter().map(String::as_str));
            value.expected("a time zone such as Europe/Berlin or +02:00", hint)
        }
    }
}

/// The days (all if empty), the time of day at which it begins, and how long it lasts.
pub(super) type Window = (Vec<Weekday>, civil::Time, Duration);

/// `sun 02:00-04:00`, `mon,wed 22:00-01:00`, `sat-mon 00:00-24:00`, `01:00-02:00`.
pub(super) fn window(text: &str) -> Option<Window> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (days, times) = match words.as_slice() {
        [times] => (Vec::new(), *times),
        [names, times] => (days(names)?, *times),
        _ => return None,
    };
    let (from, to) = times.split_once('-')?;
    let (from, to) = (time_of_day(from)?, time_of_day(to)?);
    // An end before the begin is on the next day.
    let length = if to > from {
        to.saturating_sub(from)
    } else {
        (to + DAY).saturating_sub(from)
    };
    let minutes = i8::try_from(from.as_secs() / 60 % 60).ok()?;
    let hours = i8::try_from(from.as_secs() / 3600).ok()?;
    let begin = civil::Time::new(hours, minutes, 0, 0).ok()?;
    (to != from).then_some((days, begin, length))
}

fn days(text: &str) -> Option<Vec<Weekday>> {
    let text = text.to_ascii_lowercase();
    if text == "daily" {
        return Some(Vec::new());
    }
    let day = |name: &str| {
        DAYS.iter()
            .find(|(short, _)| *short == name)
            .map(|day| day.1)
    };
    let mut days = Vec::new();
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (day(first)?, day(last)?);
        let mut next = first;
        days.push(next);
        while next != last {
            next = next.next();
            days.push(next);
        }
    }
    Some(days)
}

/// `02:00` as the time since midnight; `24:00` is the midnight behind the day.
fn time_of_day(text: &str) -> Option<Duration> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| -> Option<u64> {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let seconds = hours * 3600 + minutes * 60;
    (minutes < 60 && seconds <= DAY.as_secs()).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_has_days_and_two_times_of_day() {
        use Weekday::*;
        for (text, days, begin, minutes) in [
            ("sun 02:00-04:00", vec![Sunday], "02:00:00", 120),
            (
                "Mon,Wed 22:30-01:00",
                vec![Monday, Wednesday],
                "22:30:00",
                150,
            ),
            (
                "sat-mon 00:00-24:00",
                vec![Saturday, Sunday, Monday],
                "00:00:00",
                1440,
            ),
            ("01:00-02:00", vec![], "01:00:00", 60),
            ("daily 23:00-00:00", vec![], "23:00:00", 60),
        ] {
            let length = Duration::from_secs(60 * minutes);
            assert_eq!(
                window(text),
                Some((days, begin.parse().unwrap(), length)),
                "{text}"
            );
        }
        for text in [
            "",
            "sun",
            "sunday 02:00-04:00",
            "sun 2:00-4:00",
            "sun 02:00",
            "sun 02:00-02:00",
            "sun 25:00-26:00",
            "sun 24:30-25:00",
            "sun 02:60-03:00",
            "24:00-02:00",
            "sun 02:00-04:00 x",
            "sun, 02:00-04:00",
            "+2:00-04:00",
        ] {
            assert_eq!(window(text), None, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[a-z0-9:, -]{0,20}") {
            let _ = window(&text);
        }
    }
}
