//! Times as a story tells them: the time of day, with the date only where it is another day.

use crate::time::Time;

/// The day that goes without saying.
pub(crate) struct Clock {
    day: String,
}

impl Clock {
    pub(crate) fn of(time: Time) -> Clock {
        Clock { day: time.day() }
    }

    pub(crate) fn day(&self) -> &str {
        &self.day
    }

    /// `20:31:07.412`, or `2026-11-03 00:00:01.100`.
    pub(crate) fn tell(&self, time: Time) -> String {
        let day = time.day();
        if day == self.day {
            time.clock()
        } else {
            format!("{day} {}", time.clock())
        }
    }
}

/// Seconds since the first event: `+0.538`, or `-0.112` for what was before it.
pub(crate) fn offset(time: Time, first: Time) -> String {
    let sign = if time < first { '-' } else { '+' };
    let millis = time.distance(first).as_millis();
    format!("{sign}{}.{:03}", millis / 1000, millis % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_told_where_it_is_another_day() {
        let clock = Clock::of("2026-11-02T23:59:59.900Z".parse().unwrap());
        for (time, told) in [
            ("2026-11-02T20:31:07.412Z", "20:31:07.412"),
            ("2026-11-03T00:00:00.100Z", "2026-11-03 00:00:00.100"),
        ] {
            assert_eq!(clock.tell(time.parse().unwrap()), told);
        }
    }

    #[test]
    fn an_offset_has_a_sign_and_milliseconds() {
        let first = Time::from_micros(10_000_000);
        for (micros, told) in [
            (10_000_000, "+0.000"),
            (10_538_900, "+0.538"),
            (71_200_000, "+61.200"),
            (9_888_000, "-0.112"),
        ] {
            assert_eq!(offset(Time::from_micros(micros), first), told);
        }
    }
}
