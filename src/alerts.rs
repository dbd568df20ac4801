//! Alerts: what people and their programs are told, and how it reaches them without ever delaying a step.
//!
//! ```text
//! engine ─▶ ledger ─▶ backlog ─┬─▶ deliver: command, file, stream
//!           (of each sink)     │            remote: webhook, email, syslog, snmp
//!                              └─▶ keep: spool on disk ─▶ the next start
//! ```
//!
//! A [`Notice`] follows from an entry of the core (`notice`) or from the machine (`machine`). Each sink has a ledger
//! of what it was told, which makes one alert of what repeats itself, and a backlog in memory. A thread of the sink
//! delivers from there, so alerts go on whatever the disk does; another copies the backlogs to their spools, so that
//! an alert is told at least once also over a restart. What finds no room is dropped and counted, and steps go on.

mod backlog;
mod deliver;
mod email;
mod keep;
mod ledger;
mod machine;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
mod notice;
mod pause;
mod remote;
mod snmp;
mod spool;
mod stream;
mod syslog;
mod trial;
mod webhook;
mod wording;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use self::backlog::Backlog;
use self::deliver::Delivery;
pub use self::deliver::RunCommand;
use self::keep::Keeper;
pub use self::notice::{Notice, Opening, Phase, event, of_entry, open};
use self::pause::pause_after;
use self::spool::{Left, Spool};
pub use self::trial::{Tried, try_sinks};
use crate::config::{AlertSink, Secrets};
use crate::journal::Seq;
use crate::metrics::SinkCount;
use crate::time::Time;

/// At the end the sinks have so long for what is still to be told.
const STOP_WAIT: Duration = Duration::from_secs(5);
/// And a command or a disk so long after its own deadline.
const LAST_WAIT: Duration = Duration::from_secs(2);
const MEMORY_ONLY: &str = "alerts are kept in memory only, and do not outlive the daemon";

/// The way to all sinks. Clones lead to the same ones.
#[derive(Clone)]
pub struct Alerts {
    backlogs: Arc<[Arc<Backlog>]>,
    keeper: Sender<()>,
    has_folder: bool,
}

/// The threads behind it.
pub struct Running {
    alerts: Alerts,
    /// The sinks have no time left.
    hurry: Arc<AtomicBool>,
    /// The keeper's next copy is its last.
    ending: Arc<AtomicBool>,
    /// Nothing is ever sent: they end when the last thread of their kind does.
    delivered: Receiver<()>,
    kept: Receiver<()>,
}

/// Something that keeps alerts from their sink, or from the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub text: String,
    /// None if nobody had told the time yet.
    pub since: Option<Time>,
}

/// What all sinks are handed.
pub struct Setup<'a> {
    pub secrets: &'a Arc<Secrets>,
    /// Where spools are; none where there is no folder that is ours: then alerts are in memory only.
    pub folder: Option<&'a Path>,
    /// What relative paths in a command are relative to.
    pub base: &'a Path,
    pub run_command: RunCommand,
}

impl Alerts {
    /// Starts the threads of all sinks. Without a folder, or with one that cannot be used, nothing outlives the
    /// process. `now` is for what an earlier configuration left. An error says that there can be no thread.
    pub fn start(sinks: &[AlertSink], setup: &Setup<'_>, now: Time) -> std::io::Result<Running> {
        let paths = setup.folder.map(|folder| keep::paths(folder, sinks));
        let mut backlogs = Vec::new();
        let mut spools = Vec::new();
        for (number, sink) in sinks.iter().enumerate() {
            let path = paths.as_ref().and_then(|paths| paths.get(number));
            let left = path.map_or_else(Left::default, |path| keep::recall(path));
            let backlog = Arc::new(Backlog::new(sink.clone(), left));
            backlogs.push(backlog.clone());
            spools.extend(path.map(|path| (backlog, Spool::new(path.clone()))));
        }
        let (keeper, bell) = bounded(1);
        let alerts = Alerts {
            backlogs: backlogs.into(),
            keeper,
            has_folder: setup.folder.is_some(),
        };
        let running = alerts.clone().run(setup, spools, bell)?;
        if let (Some(folder), Some(paths)) = (setup.folder, &paths) {
            let left = keep::orphans(folder, paths);
            left.iter()
                .for_each(|text| alerts.tell(keep::orphaned(text, now)));
        }
        Ok(running)
    }

    /// Hands a notice on; never waits.
    pub fn tell(&self, notice: Notice) {
        let notice = Arc::new(notice);
        self.backlogs
            .iter()
            .for_each(|backlog| backlog.offer(&notice));
        self.wake_keeper();
    }

    /// The journal holds all events that were told so far, in entries up to this one.
    pub fn recorded(&self, seq: Seq) {
        let recorded = self.backlogs.iter().map(|backlog| backlog.recorded(seq));
        if recorded.fold(false, |is_news, each| is_news | each) {
            self.wake_keeper();
        }
    }

    /// Behind this entry the journal may hold events that an earlier life decided on and died before it could tell
    /// of them. None if no sink was ever told of an event.
    pub fn told_upto(&self) -> Option<Seq> {
        self.backlogs.iter().filter_map(|it| it.upto()).min()
    }

    /// Hands on the notice of an event that the journal holds in this entry, to the sinks that do not have it.
    pub fn tell_again(&self, seq: Seq, notice: Notice) {
        let notice = Arc::new(notice);
        self.backlogs
            .iter()
            .for_each(|backlog| backlog.offer_again(seq, &notice));
        self.wake_keeper();
    }

    /// After a start: these openings are all that holds. See the ledger.
    pub fn settle(&self, open: Vec<Notice>, now: Time) {
        let open: Vec<_> = open.into_iter().map(Arc::new).collect();
        self.backlogs
            .iter()
            .for_each(|backlog| backlog.settle(&open, now));
        self.wake_keeper();
    }

    /// Tells the time, as often as the caller looks around. True if [`Alerts::troubles`] changed.
    pub fn tick(&self, now: Time) -> bool {
        let ticked = self.backlogs.iter().map(|backlog| backlog.tick(now));
        ticked.fold(false, |changed, each| changed | each)
    }

    /// What became of what each sink was told.
    pub fn counts(&self) -> Vec<SinkCount> {
        let numbered = self.backlogs.iter().enumerate();
        numbered
            .map(|(position, backlog)| backlog.counts(position))
            .collect()
    }

    /// Notices that found no room, or that their receiver refused again and again.
    pub fn dropped(&self) -> u64 {
        self.backlogs.iter().map(|backlog| backlog.dropped()).sum()
    }

    /// What keeps alerts from their sinks or from the disk: a key, and what it is.
    pub fn troubles(&self) -> Vec<(String, Trouble)> {
        let mut troubles = Vec::new();
        if !self.has_folder && !self.backlogs.is_empty() {
            let text = format!("{MEMORY_ONLY}: the state folder cannot be used");
            let since = None;
            troubles.push(("alerts:spool".to_owned(), Trouble { text, since }));
        }
        for (backlog, number) in self.backlogs.iter().zip(1..) {
            let mut add = |what: &str, why: &str, trouble: Option<Trouble>| {
                troubles.extend(trouble.map(|Trouble { text, since }| {
                    let text = format!("{why}: {text}");
                    (format!("alerts:{what}-{number}"), Trouble { text, since })
                }));
            };
            let [delivery, copy] = backlog.troubles();
            let label = backlog.sink.label(number - 1);
            add(
                "sink",
                &format!("alerts cannot be delivered to {label}"),
                delivery,
            );
            add("spool", MEMORY_ONLY, copy);
        }
        troubles
    }

    fn run(
        self,
        setup: &Setup<'_>,
        spools: Vec<(Arc<Backlog>, Spool)>,
        bell: Receiver<()>,
    ) -> std::io::Result<Running> {
        let hurry = Arc::new(AtomicBool::new(false));
        let ((delivering, delivered), (keeping, kept)) = (bounded::<()>(0), bounded::<()>(0));
        for backlog in self.backlogs.iter() {
            let keeper = self.keeper.clone();
            let delivery = Delivery::new(backlog.clone(), setup, hurry.clone(), keeper);
            let delivering = delivering.clone();
            thread("alert", move || {
                delivery.run();
                drop(delivering);
            })?;
        }
        let ending = Arc::new(AtomicBool::new(false));
        let keeper = Keeper::new(spools, ending.clone());
        thread("alert-keeper", move || {
            keeper.run(&bell);
            drop(keeping);
        })?;
        Ok(Running {
            alerts: self,
            hurry,
            ending,
            delivered,
            kept,
        })
    }

    fn wake_keeper(&self) {
        // A wake-up that waits already says it all.
        let _ = self.keeper.try_send(());
    }
}

impl Running {
    pub fn alerts(&self) -> Alerts {
        self.alerts.clone()
    }

    /// Lets the threads deliver what they can at once, and ends them. What stays undelivered waits in the spools. A
    /// thread that hangs in a disk is left behind.
    pub fn stop(self) {
        let backlogs = &self.alerts.backlogs;
        backlogs.iter().for_each(|backlog| backlog.close());
        if !has_ended(&self.delivered, STOP_WAIT) {
            self.hurry.store(true, Ordering::Relaxed);
            let timeouts = backlogs.iter().map(|backlog| backlog.sink.timeout);
            has_ended(
                &self.delivered,
                timeouts.max().unwrap_or_default() + LAST_WAIT,
            );
        }
        // The keeper's last copy has to see all that.
        self.ending.store(true, Ordering::Release);
        self.alerts.wake_keeper();
        has_ended(&self.kept, LAST_WAIT);
    }
}

impl Trouble {
    /// It goes on, or begins now.
    fn since(known: Option<Trouble>, text: &str, now: Option<Time>) -> Trouble {
        let since = known.map_or(now, |known| known.since);
        Trouble {
            text: text.to_owned(),
            since,
        }
    }
}

fn has_ended(threads: &Receiver<()>, within: Duration) -> bool {
    threads.recv_timeout(within) == Err(RecvTimeoutError::Disconnected)
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let thread = std::thread::Builder::new().name(name.to_owned());
    thread.spawn(work).map(drop)
}

#[cfg(test)]
mod tests;
