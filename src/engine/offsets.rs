//! How far the clock of each log's writer is ahead of ours, learned from its live lines: a line just written is now.
//!
//! Lines come late and never early, so the line that is the furthest ahead is the best measure. A clock that is
//! set back is followed once no line of the last while is as far ahead as before.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::time::Time;

/// So long a measure counts.
const REMEMBERED: Duration = Duration::from_secs(600);
/// So many of each writer are kept; a newer one that is further ahead makes all before it superfluous.
const MEASURES_MAX: usize = 32;
/// Below this, a difference is delay and not a clock.
const NOISE_MICROS: i64 = 1_000_000;

#[derive(Debug, Default)]
pub(super) struct Offsets {
    /// By writer; each with falling offsets, newest last.
    measures: HashMap<Arc<str>, VecDeque<(Time, i64)>>,
}

impl Offsets {
    /// A line with this stamp was just written.
    pub fn learn(&mut self, writer: &Arc<str>, stamp: Time, now: Time) {
        let ahead = stamp.micros().saturating_sub(now.micros());
        let measures = self.measures.entry(writer.clone()).or_default();
        while measures.back().is_some_and(|(_, other)| *other <= ahead) {
            measures.pop_back();
        }
        measures.push_back((now, ahead));
        while measures.len() > MEASURES_MAX
            || measures.front().is_some_and(|(at, _)| measures.len() > 1 && now.since(*at) > REMEMBERED)
        {
            measures.pop_front();
        }
    }

    /// Microseconds by which the writer's clock is ahead; zero where nothing says otherwise.
    pub fn ahead(&self, writer: &str) -> i64 {
        let measured = self.measures.get(writer).and_then(|measures| measures.front());
        measured.map_or(0, |(_, ahead)| if ahead.abs() < NOISE_MICROS { 0 } else { *ahead })
    }

    /// Every clock that is off, for people.
    pub fn all(&self) -> impl Iterator<Item = (&Arc<str>, i64)> {
        self.measures.keys().map(|writer| (writer, self.ahead(writer))).filter(|(_, ahead)| *ahead != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_line_that_is_furthest_ahead_tells_the_clock_and_delay_tells_nothing() {
        let (mut offsets, writer) = (Offsets::default(), Arc::from("SIPS"));
        for (now, stamp) in [(100, 340), (101, 335), (103, 342)] {
            offsets.learn(&writer, at(stamp), at(now));
        }
        assert_eq!(offsets.ahead("SIPS"), 240_000_000);
        assert_eq!(offsets.ahead("RM"), 0);
    }

    #[test]
    fn a_clock_behind_is_known_too_and_noise_is_no_clock() {
        let (mut offsets, writer) = (Offsets::default(), Arc::from("SIPS"));
        offsets.learn(&writer, at(40), at(100));
        assert_eq!(offsets.ahead("SIPS"), -60_000_000);
        let other = Arc::from("RM");
        offsets.learn(&other, Time::from_micros(99_700_000), at(100));
        assert_eq!(offsets.ahead("RM"), 0);
    }

    #[test]
    fn a_clock_that_was_set_back_is_followed_after_a_while() {
        let (mut offsets, writer) = (Offsets::default(), Arc::from("SIPS"));
        offsets.learn(&writer, at(400), at(100));
        offsets.learn(&writer, at(200), at(200));
        assert_eq!(offsets.ahead("SIPS"), 300_000_000);
        offsets.learn(&writer, at(801), at(801));
        assert_eq!(offsets.ahead("SIPS"), 0);
    }
}
