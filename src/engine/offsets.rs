//! How far each writer's clock is ahead of ours, learned from its live lines: a line that was just written is now.
//!
//! One line proves nothing: it may be old, or its stamp wrong. A clock is believed once a writer's stamps have kept
//! step with the time of their arrival for a while. Old text that is read in one go does not keep step.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::time::Time;

/// Stamps of one clock arrive with so much unrest.
const UNREST: Duration = Duration::from_secs(1);
/// Stamps that kept step for so long show a clock.
const PROOF: Duration = Duration::from_secs(1);
/// A log that suddenly comes later may only lag; for so long nothing else is concluded.
const LAG_PATIENCE: Duration = Duration::from_secs(30);
/// So many writers are remembered.
const WRITERS_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Offsets {
    writers: BTreeMap<Arc<str>, Writer>,
}

#[derive(Debug)]
struct Writer {
    /// Microseconds; none while nothing is proved.
    ahead: Option<i64>,
    /// What the newest stamps show, and since when they do.
    shown: i64,
    since: Time,
}

impl Offsets {
    /// A line of this stamp arrived now.
    pub fn learn(&mut self, writer: &Arc<str>, stamp: Time, now: Time) {
        let shown = stamp.micros().saturating_sub(now.micros());
        if let Some(known) = self.writers.get_mut(writer) {
            known.learn(shown, now);
        } else if self.writers.len() < WRITERS_MAX {
            let (ahead, since) = (None, now);
            let new = Writer {
                ahead,
                shown,
                since,
            };
            self.writers.insert(writer.clone(), new);
        }
    }

    /// Microseconds by which its clock is ahead; none while that is not known.
    pub fn ahead(&self, writer: &str) -> Option<i64> {
        self.writers.get(writer)?.ahead
    }
}

impl Writer {
    fn learn(&mut self, shown: i64, now: Time) {
        if micros(shown, self.shown) > UNREST {
            (self.shown, self.since) = (shown, now);
            return;
        }
        // The line that came quickest tells the clock best.
        self.shown = self.shown.max(shown);
        let proof = match self.ahead {
            Some(known) if self.shown < known && micros(self.shown, known) > UNREST => LAG_PATIENCE,
            _ => PROOF,
        };
        if now.since(self.since) >= proof {
            self.ahead = Some(self.shown);
        }
    }
}

fn micros(one: i64, other: i64) -> Duration {
    Duration::from_micros(one.abs_diff(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    /// Lines as (arrival in ms, stamp minus arrival in µs), and what is believed behind the last.
    fn learned(lines: &[(u64, i64)]) -> Option<i64> {
        let mut offsets = Offsets::default();
        let writer: Arc<str> = "RM_1".into();
        for (arrival, ahead) in lines {
            let now = Time::from_micros(HOUR * 1000).plus(Duration::from_millis(*arrival));
            offsets.learn(&writer, now.shifted(*ahead), now);
        }
        offsets.ahead("RM_1")
    }

    #[test]
    fn a_clock_is_believed_when_stamps_keep_step_with_arrivals() {
        for (lines, expected) in [
            (&[(0, HOUR)][..], None),
            (&[(0, HOUR), (900, HOUR)], None),
            (&[(0, HOUR), (500, HOUR - 9), (1000, HOUR - 5)], Some(HOUR)),
            (&[(0, -HOUR), (1000, -HOUR)], Some(-HOUR)),
        ] {
            assert_eq!(learned(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn old_text_read_in_one_go_shows_no_clock() {
        // An hour of log, copied into the folder and read within three seconds.
        let lines: Vec<(u64, i64)> = (0..300)
            .map(|line| (line * 10, -10 * HOUR + (line as i64) * 12_000_000))
            .collect();
        assert_eq!(learned(&lines), None);
    }

    #[test]
    fn a_log_that_begins_to_lag_does_not_turn_its_clock_back_at_once() {
        let lag = -20_000_000;
        let before = [(0, 0), (1000, 0)];
        let late = |until: u64| (2..=until).map(move |second| (second * 1000, lag));
        let short: Vec<_> = before.into_iter().chain(late(20)).collect();
        assert_eq!(learned(&short), Some(0));
        let long: Vec<_> = before.into_iter().chain(late(40)).collect();
        assert_eq!(learned(&long), Some(lag));
    }

    #[test]
    fn one_absurd_stamp_changes_nothing() {
        let lines = [(0, 0), (1000, 0), (1500, 1000 * HOUR), (2000, 0), (3500, 0)];
        assert_eq!(learned(&lines), Some(0));
    }
}
