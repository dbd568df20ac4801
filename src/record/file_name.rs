//! The date in a log's name: `sips_a.20261102_203107_412.log` was begun at that moment, on the writer's wall clock.

use jiff::civil::{Date, DateTime};

/// The creation time in a file's name, with or without folders and further endings (`.gz`).
pub fn named_date(file_name: &str) -> Option<DateTime> {
    let name = file_name.rsplit(['/', '\\']).next()?;
    name.split('.').rev().find_map(stamped)
}

/// `20261102_203107_412`
fn stamped(part: &str) -> Option<DateTime> {
    let mut fields = part.split('_');
    let (date, clock) = (fields.next()?, fields.next()?);
    let millis = fields.next()?;
    let shape = [(date, 8), (clock, 6), (millis, 3)];
    let shaped = |(text, length): &(&str, usize)| {
        text.len() == *length && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !shape.iter().all(shaped) || fields.next().is_some() {
        return None;
    }
    let (date, clock): (u32, u32) = (date.parse().ok()?, clock.parse().ok()?);
    let two = |number: u32| i8::try_from(number % 100).ok();
    let year = i16::try_from(date / 10_000).ok()?;
    let date = Date::new(year, two(date / 100)?, two(date)?).ok()?;
    let nanos = millis.parse::<i32>().ok()? * 1_000_000;
    let (hour, minute, second) = (two(clock / 10_000)?, two(clock / 100)?, two(clock)?);
    jiff::civil::Time::new(hour, minute, second, nanos)
        .ok()
        .map(|time| date.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_creation_time_is_read_from_a_name() {
        for (name, expected) in [
            ("sips_a.20261102_203107_412.log", "2026-11-02T20:31:07.412"),
            (
                "logs/UR Server 750.1.20240229_235959_000.log.gz",
                "2024-02-29T23:59:59",
            ),
            (
                r"D:\logs\rm.20261102_203107_412.log",
                "2026-11-02T20:31:07.412",
            ),
        ] {
            assert_eq!(named_date(name), Some(expected.parse().unwrap()), "{name}");
        }
    }

    #[test]
    fn other_digits_in_a_name_are_not_a_time() {
        for name in [
            "",
            "app.log",
            "app.20261102.log",
            "app.20261302_203107_412.log",
            "app.20261102_243107_412.log",
            "app.20261102_203107_41.log",
            "app.+0261102_203107_412.log",
            "app.20261102_203107_412_1.log",
            "20261102_203107_412/app.log",
        ] {
            assert_eq!(named_date(name), None, "{name}");
        }
    }
}
