//! When something was written down, on all three clocks, and how the engine's time goes on after a restart.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::time::Time;

/// One instant as the three clocks tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The engine's own time, which only rises.
    pub core: Time,
    pub wall: Time,
    pub boottime: Duration,
}

impl Moment {
    pub fn now(core: Time, clock: &dyn Clock) -> Moment {
        Moment {
            core,
            wall: clock.wall(),
            boottime: clock.boottime(),
        }
    }
}

/// The newest moment that the journal holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    pub moment: Moment,
    pub boot_id: Arc<str>,
}

impl Last {
    /// The engine's time now, going on from the journal's last entry. Within one boot the boot clock tells how
    /// long ago that was. Over a reboot only the wall clock can, and if it went back nothing has passed: waits
    /// and blocks then last longer than they had to, never shorter.
    pub fn core_now(&self, clock: &dyn Clock) -> Time {
        let Moment {
            core,
            wall,
            boottime,
        } = self.moment;
        if self.boot_id == clock.boot_id() {
            core.plus(clock.boottime().saturating_sub(boottime))
        } else {
            core.plus(clock.wall().since(wall))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    #[test]
    fn the_engines_time_goes_on_by_the_clock_that_can_be_trusted() {
        let start = Time::from_micros(1_700_000_000_000_000);
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
        type Change = fn(&ManualClock);
        let cases: [(&str, Change, Duration); 5] = [
            ("at once", |_| {}, Duration::ZERO),
            (
                "a minute later",
                |c| c.advance(Duration::from_secs(60)),
                minute,
            ),
            (
                "a minute later, the wall clock a day back",
                |c| {
                    c.step_wall(c.wall().minus(Duration::from_secs(86_400)));
                    c.advance(Duration::from_secs(60));
                },
                minute,
            ),
            (
                "after an hour's reboot",
                |c| c.reboot(Duration::from_secs(3600)),
                hour,
            ),
            (
                "after a reboot with the wall clock set back",
                |c| {
                    c.step_wall(c.wall().minus(Duration::from_secs(86_400)));
                    c.reboot(Duration::from_secs(60));
                },
                Duration::ZERO,
            ),
        ];
        for (what, change, passed) in cases {
            let clock = ManualClock::new(start);
            let last = Last {
                moment: Moment::now(start, &clock),
                boot_id: clock.boot_id(),
            };
            change(&clock);
            assert_eq!(last.core_now(&clock), start.plus(passed), "{what}");
        }
    }
}
