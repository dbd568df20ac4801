//! The present, for whoever is allowed to ask: the daemon's edges. The core and the journal are handed times.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::time::Time;

pub trait Clock: Send + Sync {
    /// What the machine takes for UTC. It may step.
    fn wall(&self) -> Time;

    /// Since the machine booted, suspended time included. It only rises, and starts anew at each boot.
    fn boottime(&self) -> Duration;

    /// Which boot that is.
    fn boot_id(&self) -> Arc<str>;
}

/// The machine's own clocks.
#[derive(Clone, Debug)]
pub struct SystemClock {
    boot_id: Arc<str>,
}

impl SystemClock {
    pub fn new() -> SystemClock {
        // Where the machine does not name its boots, every start counts as one: times then go on by the wall clock.
        let boot_id =
            boot().unwrap_or_else(|| format!("{}-{}", std::process::id(), wall().micros()));
        SystemClock {
            boot_id: boot_id.into(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> SystemClock {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    fn wall(&self) -> Time {
        wall()
    }

    fn boottime(&self) -> Duration {
        boottime()
    }

    fn boot_id(&self) -> Arc<str> {
        self.boot_id.clone()
    }
}

/// What the machine takes for UTC.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the present comes from"
)]
pub fn wall() -> Time {
    jiff::Timestamp::now().into()
}

/// Since the machine booted, suspended time included.
#[cfg(unix)]
pub fn boottime() -> Duration {
    #[cfg(target_os = "linux")]
    let id = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let id = rustix::time::ClockId::Monotonic;
    let now = rustix::time::clock_gettime(id);
    // It starts at zero with the machine; neither part is ever negative.
    Duration::from_secs(now.tv_sec.unsigned_abs())
        + Duration::from_nanos(now.tv_nsec.unsigned_abs())
}

/// The wall clock stands in where the system has no other that processes share.
#[cfg(not(unix))]
pub fn boottime() -> Duration {
    Duration::from_micros(wall().micros().unsigned_abs())
}

/// Names this run of the machine: after a restart of it, process ids and boot times mean nothing. None if it is not
/// known.
pub fn boot() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}

/// A clock that stands until it is moved: for tests and the simulator.
#[derive(Debug)]
pub struct ManualClock(Mutex<Manual>);

#[derive(Debug)]
struct Manual {
    wall: Time,
    boottime: Duration,
    boots: u32,
}

impl ManualClock {
    /// An hour after the machine booted.
    pub fn new(wall: Time) -> ManualClock {
        ManualClock(Mutex::new(Manual {
            wall,
            boottime: Duration::from_secs(3600),
            boots: 1,
        }))
    }

    pub fn advance(&self, by: Duration) {
        self.change(|now| (now.wall, now.boottime) = (now.wall.plus(by), now.boottime + by));
    }

    /// Somebody sets the wall clock.
    pub fn step_wall(&self, to: Time) {
        self.change(|now| now.wall = to);
    }

    /// The machine goes down, and is up again `off` later.
    pub fn reboot(&self, off: Duration) {
        self.change(|now| {
            *now = Manual {
                wall: now.wall.plus(off),
                boottime: Duration::from_secs(10),
                boots: now.boots + 1,
            };
        });
    }

    fn change(&self, change: impl FnOnce(&mut Manual)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn read<T>(&self, read: impl FnOnce(&Manual) -> T) -> T {
        read(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Clock for ManualClock {
    fn wall(&self) -> Time {
        self.read(|now| now.wall)
    }

    fn boottime(&self) -> Duration {
        self.read(|now| now.boottime)
    }

    fn boot_id(&self) -> Arc<str> {
        self.read(|now| format!("boot-{}", now.boots).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_names_its_boot_and_its_clock_rises() {
        let clock = SystemClock::new();
        let before = clock.boottime();
        assert!(!clock.boot_id().is_empty());
        assert!(clock.boottime() >= before);
        assert!(clock.wall() > "2024-01-01T00:00:00Z".parse().unwrap());
    }

    #[test]
    fn a_stepped_wall_clock_leaves_the_boot_clock_alone() {
        let clock = ManualClock::new(Time::from_micros(0));
        let before = clock.boottime();
        clock.step_wall(Time::from_micros(-5));
        assert_eq!(clock.boottime(), before);
        clock.reboot(Duration::from_secs(60));
        assert!(clock.boottime() < before);
    }
}
