//! Wall clock → UTC, where summer time makes an hour happen twice or not at all.

use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

use super::stamp::{DAY, SECOND};

const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// A line this little earlier than the one before it is out of order, and no sign that an hour begins again.
const DISORDER: i64 = 10 * SECOND;
/// How exactly an hour a fall-back has to be: the log may have been silent for a while.
const SLACK: i64 = 5 * MINUTE;

/// A file's zone. Wall clocks are microseconds since 1970-01-01T00:00 on that clock.
#[derive(Clone, Debug)]
pub enum Zone {
    Named {
        zone: TimeZone,
        /// The minute asked for last, and what holds in it: a transition never lies inside a minute.
        cached: Option<(i64, AmbiguousOffset)>,
    },
    /// Seconds east of UTC, and nothing known about summer time.
    Fixed {
        seconds: i64,
        /// Summer time ended while the file was written.
        fell_back: bool,
    },
}

impl Zone {
    pub fn named(zone: TimeZone) -> Zone {
        Zone::Named { zone, cached: None }
    }

    pub fn fixed(seconds: i64) -> Zone {
        Zone::Fixed {
            seconds,
            fell_back: false,
        }
    }

    /// UTC of a wall clock, in microseconds. None if no calendar reaches that far.
    ///
    /// In the hour that happens twice the earlier reading counts, unless it lies before the record before it
    /// (`previous`, UTC) by more than lines are out of order. A wall clock that never was, in spring, is read with
    /// the zone that held before.
    pub fn utc(&mut self, local: i64, previous: Option<i64>) -> Option<i64> {
        let seconds = match self {
            Zone::Fixed { seconds, .. } => *seconds,
            Zone::Named { zone, cached } => {
                let minute = local.div_euclid(MINUTE);
                let known = cached.filter(|(cached, _)| *cached == minute);
                let offset = match known {
                    Some((_, offset)) => offset,
                    None => offset_at(zone, local)?,
                };
                *cached = Some((minute, offset));
                i64::from(match offset {
                    AmbiguousOffset::Unambiguous { offset } => offset.seconds(),
                    AmbiguousOffset::Gap { before, .. } => before.seconds(),
                    AmbiguousOffset::Fold { before, after } => {
                        let earlier = local - i64::from(before.seconds()) * SECOND;
                        let again = previous.is_some_and(|previous| earlier < previous - DISORDER);
                        if again { after } else { before }.seconds()
                    }
                })
            }
        };
        Some(local - seconds * SECOND)
    }

    /// The wall clock at a UTC time, in microseconds.
    pub fn local(&self, utc: i64) -> Option<i64> {
        let seconds = match self {
            Zone::Fixed { seconds, .. } => *seconds,
            Zone::Named { zone, .. } => {
                let time = jiff::Timestamp::from_microsecond(utc).ok()?;
                i64::from(zone.to_offset(time).seconds())
            }
        };
        Some(utc + seconds * SECOND)
    }

    /// A file that states only an offset can still be seen to fall back: by night, from one record to the next, its
    /// wall clock goes back by an hour. From there on the offset is an hour less. True if it did so now.
    ///
    /// The hour that spring leaves out looks like an hour of silence; the next header's offset settles it.
    pub fn falls_back(&mut self, previous: i64, local: i64) -> bool {
        let Zone::Fixed { seconds, fell_back } = self else {
            return false;
        };
        let clock = previous.rem_euclid(DAY);
        let by_night = clock <= 4 * HOUR || clock >= DAY - SLACK;
        let by_an_hour = (previous - local - HOUR).abs() <= SLACK;
        if *fell_back || !by_night || !by_an_hour {
            return false;
        }
        *seconds -= 3600;
        *fell_back = true;
        true
    }

    /// As it was found by `fell_back`.
    pub fn resumed(seconds: i64, fell_back: bool) -> Zone {
        Zone::Fixed { seconds, fell_back }
    }

    /// Summer time was seen to end.
    pub fn fell_back(&self) -> bool {
        matches!(
            self,
            Zone::Fixed {
                fell_back: true,
                ..
            }
        )
    }

    /// Seconds east of UTC of a zone that is an offset.
    pub fn offset(&self) -> Option<i64> {
        match self {
            Zone::Fixed { seconds, .. } => Some(*seconds),
            Zone::Named { .. } => None,
        }
    }
}

fn offset_at(zone: &TimeZone, local: i64) -> Option<AmbiguousOffset> {
    let wall = jiff::Timestamp::from_microsecond(local).ok()?;
    let wall = Offset::UTC.to_datetime(wall);
    Some(zone.to_ambiguous_timestamp(wall).offset())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;

    fn micros(text: &str) -> i64 {
        text.parse::<Time>().unwrap().micros()
    }

    /// Reads wall clocks one after another; the UTC clocks.
    fn read(zone: &mut Zone, walls: &[&str]) -> Vec<String> {
        let (mut previous, mut before) = (None, None);
        let mut clocks = Vec::new();
        for wall in walls {
            let local = micros(wall);
            if let Some(before) = before {
                zone.falls_back(before, local);
            }
            let utc = zone.utc(local, previous).unwrap();
            (previous, before) = (Some(utc), Some(local));
            clocks.push(Time::from_micros(utc).clock());
        }
        clocks
    }

    fn berlin() -> Zone {
        Zone::named(TimeZone::get("Europe/Berlin").unwrap())
    }

    #[test]
    fn the_hour_that_autumn_repeats_is_told_by_the_order_of_the_records() {
        let walls = [
            "2026-10-25T01:59:59.9",
            "2026-10-25T02:10:00",
            "2026-10-25T02:09:59.9", // out of order, not an hour later
            "2026-10-25T02:59:59",
            "2026-10-25T02:00:01",
            "2026-10-25T02:59:00",
            "2026-10-25T03:00:00",
        ];
        let clocks = [
            "23:59:59.900",
            "00:10:00.000",
            "00:09:59.900",
            "00:59:59.000",
            "01:00:01.000",
            "01:59:00.000",
            "02:00:00.000",
        ];
        assert_eq!(read(&mut berlin(), &walls), clocks);
    }

    #[test]
    fn the_hour_that_spring_leaves_out_is_read_with_the_zone_before_it() {
        let walls = [
            "2026-03-29T01:59:59",
            "2026-03-29T02:30:00",
            "2026-03-29T03:00:00",
        ];
        let clocks = ["00:59:59.000", "01:30:00.000", "01:00:00.000"];
        assert_eq!(read(&mut berlin(), &walls), clocks);
    }

    #[test]
    fn an_offset_falls_back_once_by_night_and_by_an_hour_only() {
        let walls = [
            "2026-10-25T02:59:59",
            "2026-10-25T02:00:01",
            "2026-10-25T03:00:00",
        ];
        let clocks = ["00:59:59.000", "01:00:01.000", "02:00:00.000"];
        assert_eq!(read(&mut Zone::fixed(7200), &walls), clocks);
        for (previous, next) in [
            ("2026-10-25T12:59:59", "2026-10-25T12:00:01"), // by day
            ("2026-10-25T02:59:59", "2026-10-25T02:30:00"), // by half an hour
            ("2026-10-25T02:59:59", "2026-10-25T00:59:59"), // by two
            ("2026-10-25T02:59:59", "2026-10-25T03:59:59"), // forward
        ] {
            assert!(
                !Zone::fixed(0).falls_back(micros(previous), micros(next)),
                "{next}"
            );
        }
        let mut zone = Zone::fixed(7200);
        let walls = [
            "2026-10-25T02:59:59",
            "2026-10-25T02:00:01",
            "2026-10-25T01:00:01",
        ];
        read(&mut zone, &walls);
        assert_eq!(zone.offset(), Some(3600));
    }

    #[test]
    fn a_wall_clock_comes_back_from_utc() {
        for (mut zone, wall) in [
            (berlin(), "2026-07-01T12:00:00"),
            (Zone::fixed(-18_000), "2026-07-01T12:00:00"),
        ] {
            let utc = zone.utc(micros(wall), None).unwrap();
            assert_eq!(zone.local(utc), Some(micros(wall)));
        }
    }
}
