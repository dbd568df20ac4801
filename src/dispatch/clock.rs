//! A clock that all processes of one machine share and that no clock step moves; it counts the time asleep.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Nanoseconds since the machine was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Moment(u64);

impl Moment {
    pub(super) fn now() -> Moment {
        Moment(now())
    }

    pub(super) fn plus(self, duration: Duration) -> Moment {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Moment(self.0.saturating_add(nanos))
    }

    pub(super) fn is_past(self) -> bool {
        self <= Moment::now()
    }

    /// Zero if it is past.
    pub(super) fn ahead(self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(now()))
    }
}

#[cfg(unix)]
fn now() -> u64 {
    use rustix::time::{ClockId, clock_gettime};
    #[cfg(target_os = "linux")]
    let time = clock_gettime(ClockId::Boottime);
    #[cfg(not(target_os = "linux"))]
    let time = clock_gettime(ClockId::Monotonic);
    // The clock starts at zero with the machine; neither part is ever negative.
    let (seconds, nanos) = (time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs());
    seconds.saturating_mul(1_000_000_000).saturating_add(nanos)
}

#[cfg(not(unix))]
fn now() -> u64 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    u64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(u64::MAX)
}

/// The time of day, for people.
#[expect(
    clippy::disallowed_methods,
    reason = "a process at the edge: it reports when it started the command"
)]
pub(super) fn wall() -> crate::time::Time {
    jiff::Timestamp::now().into()
}

/// Names this run of the machine: after a restart of it, process ids and moments mean nothing. None if it is not known.
pub(super) fn boot() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(text.trim().to_owned())
}
