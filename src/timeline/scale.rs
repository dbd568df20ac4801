//! From points in time to places across the picture, in percent of its width.

use std::fmt;
use std::time::Duration;

use crate::time::Time;

/// A place across the picture: 0 is its left edge, 100 its right one.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Percent(pub(super) f64);

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}%", self.0)
    }
}

/// A mark has room on both sides, and what is open-ended has room on the right.
const LEFT: f64 = 2.5;
const RIGHT: f64 = 90.0;

/// So many ticks have room on a narrow screen.
const TICKS_MAX: u32 = 5;
const SPAN_MIN: Duration = Duration::from_millis(100);

/// One clock for all lanes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    begin: Time,
    span_micros: i64,
    /// From where seconds are counted: the first event.
    origin: Time,
}

#[derive(Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) x: Percent,
    pub(super) label: String,
}

impl Scale {
    pub(super) fn new(begin: Time, end: Time, origin: Time) -> Scale {
        let span = end.since(begin).max(SPAN_MIN);
        Scale {
            begin,
            span_micros: i64::try_from(span.as_micros()).unwrap_or(i64::MAX),
            origin,
        }
    }

    /// What is outside of the span stands at its edge.
    pub(super) fn x(&self, time: Time) -> Percent {
        let after = time.micros().saturating_sub(self.begin.micros());
        let part = after.clamp(0, self.span_micros) as f64 / self.span_micros as f64;
        Percent(LEFT + part * (RIGHT - LEFT))
    }

    /// Round numbers of seconds since the origin.
    pub(super) fn ticks(&self) -> Vec<Tick> {
        let step = round_step(self.span_micros / i64::from(TICKS_MAX));
        let before = self.begin.micros().saturating_sub(self.origin.micros());
        let first = before.div_euclid(step) + i64::from(before.rem_euclid(step) != 0);
        (first..)
            .map(|number| number.saturating_mul(step))
            .take_while(|micros| micros.saturating_sub(before) <= self.span_micros)
            // At the end of all time, sums stand still.
            .take(TICKS_MAX as usize + 1)
            .map(|micros| Tick {
                x: self.x(self.origin.shifted(micros)),
                label: label(micros, step),
            })
            .collect()
    }
}

/// The first of 1, 2, 5, 10, 20, … milliseconds that is not less.
fn round_step(micros: i64) -> i64 {
    let mut decade: i64 = 1_000;
    loop {
        for factor in [1, 2, 5] {
            let step = decade.saturating_mul(factor);
            if step >= micros {
                return step;
            }
        }
        decade = decade.saturating_mul(10);
    }
}

/// As many decimals as the step needs: `+0.2 s`, `+15 s`.
fn label(micros: i64, step: i64) -> String {
    let decimals = match step {
        1_000_000.. => 0,
        100_000.. => 1,
        10_000.. => 2,
        _ => 3,
    };
    let seconds = micros as f64 / 1e6;
    if micros == 0 {
        "0 s".into()
    } else {
        format!("{seconds:+.decimals$} s")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Time {
        Time::from_micros(millis * 1000)
    }

    #[test]
    fn ticks_are_round_and_counted_from_the_first_event() {
        let labels = |begin, end, origin| -> Vec<String> {
            let scale = Scale::new(at(begin), at(end), at(origin));
            scale.ticks().into_iter().map(|tick| tick.label).collect()
        };
        assert_eq!(labels(0, 1046, 0), ["0 s", "+0.5 s", "+1.0 s"]);
        assert_eq!(labels(-112, 900, 0), ["0 s", "+0.5 s"]);
        assert_eq!(labels(-700, 900, 0), ["-0.5 s", "0 s", "+0.5 s"]);
        assert_eq!(
            labels(5, 5, 5),
            ["0 s", "+0.02 s", "+0.04 s", "+0.06 s", "+0.08 s", "+0.10 s"]
        );
        assert_eq!(labels(0, 124_000, 0), ["0 s", "+50 s", "+100 s"]);
    }

    proptest! {
        #[test]
        fn every_place_is_inside_and_in_the_order_of_time(begin: i64, end: i64, origin: i64, a: i64, b: i64) {
            let scale = Scale::new(Time::from_micros(begin), Time::from_micros(end), Time::from_micros(begin.saturating_add(origin % 1_000_000)));
            let (early, late) = (a.min(b), a.max(b));
            let (early, late) = (scale.x(Time::from_micros(early)), scale.x(Time::from_micros(late)));
            prop_assert!(LEFT <= early.0 && early <= late && late.0 <= RIGHT);
            prop_assert!(scale.ticks().len() <= 1 + TICKS_MAX as usize);
        }
    }
}
