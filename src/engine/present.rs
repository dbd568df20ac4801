//! The engine's own time: it only rises, whatever the machine's clock does, and it notices when it stood still.

use std::time::Duration;

use crate::clock::Clock;
use crate::time::Time;

/// A loop that did not turn for so long cannot know what it missed.
const STALL_MAX: Duration = Duration::from_secs(5);
/// A wall clock that moves by so much against the time since boot was stepped.
const STEP_MAX: Duration = Duration::from_secs(2);

/// Engine time is the wall clock at the start, carried on by the time since boot.
pub(super) struct Present {
    begun: Time,
    boottime: Duration,
    /// Wall clock minus engine time, when last looked at.
    apart_micros: i64,
    looked: Time,
}

/// What a look at the clocks shows.
pub(super) struct Look {
    pub now: Time,
    /// Why what is believed has to be read again.
    pub doubt: Option<Doubt>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    ClockStepped,
    StoodStill,
}

impl Present {
    /// Goes on behind `last`, the newest time that was journaled.
    pub fn new(clock: &dyn Clock, last: Option<Time>) -> Present {
        let wall = clock.wall();
        let begun = last.map_or(wall, |last| wall.max(last.shifted(1)));
        Present {
            begun,
            boottime: clock.boottime(),
            apart_micros: wall.micros() - begun.micros(),
            looked: begun,
        }
    }

    /// Microseconds by which the wall clock is ahead of engine time.
    pub fn apart_micros(&self) -> i64 {
        self.apart_micros
    }

    /// Reads the clocks. `asleep_until` is when the loop meant to wake at the latest.
    pub fn look(&mut self, clock: &dyn Clock, asleep_until: Option<Time>) -> Look {
        let (wall, boottime) = (clock.wall(), clock.boottime());
        let now = self
            .begun
            .plus(boottime.saturating_sub(self.boottime))
            .max(self.looked);
        let apart = wall.micros() - now.micros();
        let stepped = apart.abs_diff(self.apart_micros) > STEP_MAX.as_micros() as u64;
        let late = asleep_until.is_some_and(|until| now.since(until) > STALL_MAX);
        (self.apart_micros, self.looked) = (apart, now);
        let doubt = match (stepped, late) {
            (_, true) => Some(Doubt::StoodStill),
            (true, false) => Some(Doubt::ClockStepped),
            (false, false) => None,
        };
        Look { now, doubt }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn engine_time_rises_with_the_boot_clock_and_a_step_of_the_wall_clock_is_noticed_once() {
        let clock = ManualClock::new(Time::from_micros(1_000_000_000));
        let mut present = Present::new(&clock, None);
        clock.advance(Duration::from_secs(1));
        let look = present.look(&clock, None);
        assert_eq!((look.now.micros(), look.doubt), (1_001_000_000, None));
        clock.step_wall(Time::from_micros(5));
        clock.advance(Duration::from_millis(10));
        let look = present.look(&clock, None);
        assert_eq!(
            (look.now.micros(), look.doubt),
            (1_001_010_000, Some(Doubt::ClockStepped))
        );
        assert_eq!(present.look(&clock, None).doubt, None);
    }

    #[test]
    fn a_loop_that_woke_too_late_stood_still() {
        let clock = ManualClock::new(Time::from_micros(0));
        let mut present = Present::new(&clock, None);
        let meant = Time::from_micros(250_000);
        clock.advance(Duration::from_secs(600));
        assert_eq!(
            present.look(&clock, Some(meant)).doubt,
            Some(Doubt::StoodStill)
        );
    }

    #[test]
    fn a_wall_clock_behind_the_journal_does_not_turn_time_back() {
        let clock = ManualClock::new(Time::from_micros(5));
        let last = Time::from_micros(1_000_000);
        let mut present = Present::new(&clock, Some(last));
        assert!(present.look(&clock, None).now > last);
    }
}
