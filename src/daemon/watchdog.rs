//! Sees the engine stand still: most likely it waits for a disk that does not answer.
//!
//! Nothing can start meanwhile, since no intent gets written down. People are told, and status says so.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::alerts::{Alerts, Notice};
use crate::clock::Clock;
use crate::operate::Handle;

const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The engine turns at least once in [`LOOK_EVERY`]. Counted in looks, not by a clock: where the whole process stood
/// still, so did the looks.
const LOOKS_MAX: u32 = 5;

/// Looks until it is dropped.
pub(super) struct Watchdog {
    _stop: Sender<()>,
}

impl Watchdog {
    pub fn start(handle: Handle, alerts: Alerts, clock: Arc<dyn Clock>) -> io::Result<Watchdog> {
        let (stop, stopped) = bounded::<()>(0);
        let thread = std::thread::Builder::new().name("watchdog".to_owned());
        thread.spawn(move || watch(&handle, &alerts, &*clock, &stopped))?;
        Ok(Watchdog { _stop: stop })
    }
}

fn watch(handle: &Handle, alerts: &Alerts, clock: &dyn Clock, stopped: &Receiver<()>) {
    let mut seen = handle.turns();
    let mut idle = 0;
    while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
        let turns = handle.turns();
        let goes_on = turns != seen;
        if goes_on && idle >= LOOKS_MAX {
            handle.stall(None);
            alerts.tell(stalled(clock).over());
            tracing::warn!("the engine goes on");
        }
        idle = if goes_on { 0 } else { idle.saturating_add(1) };
        seen = turns;
        if idle == LOOKS_MAX {
            let notice = stalled(clock);
            tracing::error!("{}", notice.title);
            handle.stall(Some(format!("{} since {}", notice.title, notice.time)));
            alerts.tell(notice);
        }
    }
}

fn stalled(clock: &dyn Clock) -> Notice {
    let title = "the engine stands still, so nothing acts: a disk may not answer";
    Notice::of_daemon("stalled", title, clock.wall())
}
