//! A clock that all processes of one machine share and that no clock step moves; it counts the time asleep.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::boottime;
pub(super) use crate::clock::{boot, wall};

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

fn now() -> u64 {
    u64::try_from(boottime().as_nanos()).unwrap_or(u64::MAX)
}
