//! All that can wake the engine, and the wait for it.

use crossbeam_channel::{Receiver, Select};
use std::time::Duration;

use crate::dispatch::Report;
use crate::operate::Ask;
use crate::tail::Tailed;

#[derive(Debug)]
pub(super) enum Wakeup {
    /// Something was read from a log.
    Tailed(Tailed),
    /// A command ended.
    Ended(Report),
    /// An operator asks for something.
    Asked(Ask),
    Signal(Signal),
    /// Something is due.
    Timeout,
}

/// What the service manager or a terminal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// End in order.
    Stop,
    /// Read the configuration anew.
    Reload,
}

/// Where wake-ups come from. All are bounded but the reports: whoever tells too much waits.
#[derive(Debug)]
pub struct Inputs {
    pub tailed: Receiver<Tailed>,
    pub reports: Receiver<Report>,
    pub asks: Receiver<Ask>,
    pub signals: Receiver<Signal>,
}

impl Inputs {
    /// The first that is there, or comes within `patience`. Where the logs are not wanted, their readers wait.
    pub(super) fn wait(&self, patience: Duration, wants_logs: bool) -> Wakeup {
        let mut select = Select::new();
        let reports = select.recv(&self.reports);
        let signals = select.recv(&self.signals);
        let asks = select.recv(&self.asks);
        let tailed = wants_logs.then(|| select.recv(&self.tailed));
        let Ok(ready) = select.select_timeout(patience) else {
            return Wakeup::Timeout;
        };
        // A channel that nobody sends on any more is the end of whatever it was for.
        let index = ready.index();
        if index == reports {
            let report = ready.recv(&self.reports);
            report.map_or(Wakeup::Signal(Signal::Stop), Wakeup::Ended)
        } else if index == signals {
            let signal = ready.recv(&self.signals);
            Wakeup::Signal(signal.unwrap_or(Signal::Stop))
        } else if index == asks {
            let ask = ready.recv(&self.asks);
            ask.map_or(Wakeup::Signal(Signal::Stop), Wakeup::Asked)
        } else if Some(index) == tailed {
            let tailed = ready.recv(&self.tailed);
            tailed.map_or(Wakeup::Signal(Signal::Stop), Wakeup::Tailed)
        } else {
            Wakeup::Timeout
        }
    }

    /// What more was read meanwhile.
    pub(super) fn next_tailed(&self) -> Option<Tailed> {
        self.tailed.try_recv().ok()
    }

    pub(super) fn are_empty(&self) -> bool {
        self.tailed.is_empty() && self.reports.is_empty() && self.asks.is_empty()
    }
}
