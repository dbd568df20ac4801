//! A point in time as the page shows it: UTC, the day only where it is not today's.

use std::fmt;
use std::time::Duration;

use askama::filters::HtmlSafe;

use crate::time::{Time, spoken};

pub(super) struct Stamp {
    /// For programs: the script, a screen reader.
    pub(super) machine: String,
    pub(super) shown: String,
}

/// A time that is still to come.
pub(super) struct Countdown {
    until: Stamp,
    /// What is left of it now.
    left: String,
}

/// An element; there is nothing in it but digits and their marks.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stamp { machine, shown } = self;
        write!(
            f,
            "<time datetime=\"{machine}\" title=\"{machine}\">{shown}</time>"
        )
    }
}

/// The script counts it down.
impl fmt::Display for Countdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stamp { machine, shown } = &self.until;
        write!(
            f,
            "<time class=\"left\" datetime=\"{machine}\" data-until=\"{machine}\" title=\"until {shown} UTC\">{}</time>",
            self.left
        )
    }
}

impl HtmlSafe for Stamp {}

impl HtmlSafe for Countdown {}

pub(super) fn stamp(time: Time, now: Time) -> Stamp {
    let shown = if time.day() == now.day() {
        time.jiff().strftime("%H:%M:%S")
    } else {
        time.jiff().strftime("%Y-%m-%d %H:%M:%S")
    };
    Stamp {
        machine: time.to_string(),
        shown: shown.to_string(),
    }
}

pub(super) fn countdown(until: Time, now: Time) -> Countdown {
    let seconds = until.since(now).as_secs();
    Countdown {
        until: stamp(until, now),
        left: spoken(Duration::from_secs(seconds)),
    }
}
