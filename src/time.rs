//! Points in time, as data. There is no `now()` here: whoever needs the present is handed it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A point in time: microseconds since the Unix epoch, UTC.
///
/// Printed as RFC 3339 with milliseconds (`2026-11-02T20:31:07.412Z`), which is what a log stamp holds.
/// Serialised without loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    pub const fn from_micros(micros: i64) -> Time {
        Time(micros)
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0).max(0) as u64)
    }

    /// How far apart the two are, whichever comes first.
    pub fn distance(self, other: Time) -> Duration {
        Duration::from_micros(self.0.abs_diff(other.0))
    }

    pub fn plus(self, duration: Duration) -> Time {
        Time(self.0.saturating_add(micros(duration)))
    }

    pub fn minus(self, duration: Duration) -> Time {
        Time(self.0.saturating_sub(micros(duration)))
    }

    /// Moved by a signed number of microseconds, as a clock offset moves a stamp.
    pub fn shifted(self, micros: i64) -> Time {
        Time(self.0.saturating_add(micros))
    }

    /// The time of day with milliseconds, `20:31:07.412`: how a story tells it.
    pub fn clock(self) -> String {
        self.jiff().strftime("%H:%M:%S%.3f").to_string()
    }

    /// The day in UTC, `2026-11-02`.
    pub fn day(self) -> String {
        self.jiff().strftime("%Y-%m-%d").to_string()
    }

    /// As `20261102T203107`: sortable, and safe in a file name or an id.
    pub fn compact(self) -> String {
        self.jiff().strftime("%Y%m%dT%H%M%S").to_string()
    }

    /// Without what is finer than a millisecond: how published times are told.
    pub fn whole_millis(self) -> Time {
        Time(self.0 - self.0.rem_euclid(1000))
    }

    /// The same point for calendar work. Out of range, the nearest representable one.
    pub fn jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl From<jiff::Timestamp> for Time {
    fn from(timestamp: jiff::Timestamp) -> Time {
        Time(timestamp.as_microsecond())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.jiff().strftime("%Y-%m-%dT%H:%M:%S%.3fZ"))
    }
}

impl FromStr for Time {
    type Err = String;

    /// RFC 3339 (`2026-11-02T20:31:07Z`); without a zone it is taken as UTC.
    fn from_str(text: &str) -> Result<Time, String> {
        if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
            return Ok(timestamp.into());
        }
        let civil: jiff::civil::DateTime = text
            .parse()
            .map_err(|_| format!("`{text}` is not a time such as 2026-11-02T20:31:07Z"))?;
        civil
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .map(|zoned| zoned.timestamp().into())
            .map_err(|_| format!("`{text}` is out of range"))
    }
}

impl Serialize for Time {
    /// As printed, with microseconds where there are any; outside the years 1 to 9999 as a plain number of them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !WRITTEN_AS_DATE.contains(&self.0) {
            return serializer.serialize_i64(self.0);
        }
        if self.0 % 1000 == 0 {
            return serializer.collect_str(self);
        }
        serializer.collect_str(&self.jiff().strftime("%Y-%m-%dT%H:%M:%S%.6fZ"))
    }
}

impl schemars::JsonSchema for Time {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Time".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "RFC 3339 in UTC; outside the years 1 to 9999 microseconds since 1970",
            "type": ["string", "integer"],
        })
    }
}

/// From the year 1 to a day before the end of 9999, where the calendar of `jiff` ends.
const WRITTEN_AS_DATE: std::ops::Range<i64> = -62_135_596_800_000_000..253_402_128_000_000_000;

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        deserializer.deserialize_any(Written)
    }
}

/// Either form in which a time is serialised.
struct Written;

impl Visitor<'_> for Written {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time such as 2026-11-02T20:31:07Z, or microseconds since 1970")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Time, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_i64<E: serde::de::Error>(self, micros: i64) -> Result<Time, E> {
        Ok(Time(micros))
    }

    fn visit_u64<E: serde::de::Error>(self, micros: u64) -> Result<Time, E> {
        i64::try_from(micros).map(Time).map_err(E::custom)
    }
}

/// A duration as people write it: `250ms`, `5s`, `1m 30s`, `2h`.
pub fn spoken(duration: Duration) -> String {
    let millis = duration.as_millis();
    let (hours, minutes, seconds, rest) = (
        millis / 3_600_000,
        millis / 60_000 % 60,
        millis / 1000 % 60,
        millis % 1000,
    );
    let mut parts = Vec::new();
    if hours > 0 {
        parts.push(format!("{hours}h"));
    }
    if minutes > 0 {
        parts.push(format!("{minutes}m"));
    }
    match (seconds, rest) {
        (0, 0) if !parts.is_empty() => {}
        (0, 0) => parts.push("0s".into()),
        (0, rest) => parts.push(format!("{rest}ms")),
        (seconds, 0) => parts.push(format!("{seconds}s")),
        (seconds, rest) => {
            let decimals = format!("{rest:03}");
            parts.push(format!("{seconds}.{}s", decimals.trim_end_matches('0')));
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_and_printed_as_rfc_3339_with_milliseconds() {
        for (text, printed) in [
            ("2026-11-02T20:31:07.412Z", "2026-11-02T20:31:07.412Z"),
            ("2026-11-02T21:31:07.412+01:00", "2026-11-02T20:31:07.412Z"),
            ("2026-11-02T20:31:07", "2026-11-02T20:31:07.000Z"),
            ("2026-11-02 20:31:07.5", "2026-11-02T20:31:07.500Z"),
        ] {
            assert_eq!(text.parse::<Time>().unwrap().to_string(), printed);
        }
        assert!("yesterday".parse::<Time>().is_err());
    }

    proptest::proptest! {
        #[test]
        fn a_time_survives_json(micros in proptest::prop_oneof![
            proptest::prelude::any::<i64>(), -2_000_000_000_000_000_i64..2_000_000_000_000_000
        ]) {
            let time = Time::from_micros(micros);
            let text = serde_json::to_string(&time).unwrap();
            proptest::prop_assert_eq!(serde_json::from_str::<Time>(&text).unwrap(), time);
        }
    }

    #[test]
    fn durations_are_spoken_as_they_are_written() {
        for (millis, text) in [
            (0, "0s"),
            (250, "250ms"),
            (1_412, "1.412s"),
            (30_000, "30s"),
            (300_000, "5m"),
            (5_430_000, "1h 30m 30s"),
        ] {
            assert_eq!(spoken(Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn time_never_overflows() {
        let end = Time::from_micros(i64::MAX);
        assert_eq!(end.plus(Duration::MAX), end);
        assert_eq!(
            Time::from_micros(5).since(Time::from_micros(9)),
            Duration::ZERO
        );
    }
}
