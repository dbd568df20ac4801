//! The daemon's heart: one thread that owns the core. Whatever can wake it is a wake-up; it takes one, asks the core
//! what follows, writes that down, and only then lets anything happen.
//!
//! ```text
//! tail ────┐                                ┌─▶ journal (on disk first)
//! reports ─┼─▶ wakeup ─▶ Core ─▶ entries ───┼─▶ steps (commands) ─▶ reports
//! asks ────┤                                ├─▶ alerts
//! signals ─┘                                └─▶ view (page, API, status)
//! ```
//!
//! While the world is in doubt (at the start, after a clock step, when it is to stop) nothing starts; what waits then
//! goes on afterwards. What is wrong with the journal is no doubt but an end: nothing acts any more, and alerts go on.

mod begin;
mod commands;
mod lost;
mod offsets;
mod opinion;
mod present;
mod saved;
mod sources;
mod steps;
mod turn;
mod wakeup;
mod what;
mod world;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

pub use self::begin::{Begun, Parts, Ready, Reload};
use self::offsets::Offsets;
use self::opinion::Opinion;
use self::present::Present;
use self::saved::Saved;
use self::sources::Sources;
use self::steps::{Steps, not_run};
pub use self::wakeup::{Inputs, Signal};
use self::world::World;
use crate::alerts::{self, Notice};
use crate::decide::{Core, Entry, Input, Reason, State};
use crate::escape::escape;
use crate::journal::{Moment, Store};
use crate::metrics::Metrics;
use crate::operate::{Handle, View};
use crate::report::Shadow;
use crate::snapshot::{AlertView, Daemon, Extras, Snapshot, VERSION, snapshot};
use crate::story;
use crate::tail::Positions;
use crate::time::Time;
use crate::topology::AlertClass;

/// A stop waits so long for commands that run; the next daemon takes over those that take longer.
const STOP_WAIT: Duration = Duration::from_secs(20);
/// Positions without events are saved so often.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// While much is read, those who look on are told so often.
const PUBLISH_EVERY: Duration = Duration::from_millis(100);
/// So many wake-ups of the logs share one write, where nothing of them has to start at once.
const SHARED_MAX: usize = 256;
/// However quiet it is, they are told so often: whoever hears nothing for longer knows that the engine stands still.
const SHOW_EVERY: Duration = Duration::from_secs(5);
/// Whatever happens, it looks around so often.
const LOOK_EVERY: Duration = Duration::from_secs(1);

pub struct Engine<J: Store> {
    parts: Parts<J>,
    core: Core,
    /// Decided, and not on disk yet: nothing of it has happened.
    pending: Vec<Entry>,
    present: Present,
    now: Time,
    steps: Steps,
    opinion: Opinion,
    offsets: Offsets,
    saved: Saved,
    save_at: Time,
    sources: Sources,
    shadow: Shadow,
    world: World,
    /// When it stops at the latest.
    stop_by: Option<Time>,
    /// Since the start nobody has been told what is open from before.
    untold: bool,
    /// What it is to go on with, once no reaction runs.
    reload: Option<Ready>,
    started: Time,
    metrics: Metrics,
    unpublished: bool,
    published: Time,
    handle: Handle,
}

/// What is left when the engine has ended.
#[derive(Debug)]
pub struct Ended<J> {
    pub journal: Option<J>,
    pub state: State,
    pub positions: Positions,
    /// The engine's time.
    pub now: Time,
    /// The configuration to go on with; none if it was told to stop.
    pub reload: Option<Ready>,
}

impl<J: Store> Engine<J> {
    /// What others see of it.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Runs until it is told to stop, or to go on with another configuration.
    pub fn run(mut self) -> Ended<J> {
        loop {
            let deadline = self.deadline();
            let wants_logs = self.stop_by.is_none();
            let patience = deadline.since(self.now);
            let wakeup = self.parts.inputs.wait(patience, wants_logs);
            self.turn(wakeup, deadline);
            if self.is_over() {
                return self.end();
            }
        }
    }

    /// When something is due without any wake-up.
    fn deadline(&self) -> Time {
        let unsaved = self.saved.is_unsaved().then_some(self.save_at);
        let unpublished = self.unpublished.then(|| self.published.plus(PUBLISH_EVERY));
        // What cannot be done yet, or any more, is nothing to wake for.
        let is_stopping = self.stop_by.is_some();
        let world = self.world.due().filter(|_| !is_stopping);
        let steps = self.steps.due().filter(|_| self.world.is_caught_up());
        let due = [
            self.core.state.next_wake(),
            world,
            self.opinion.due(),
            steps,
            self.stop_by,
            unsaved,
            unpublished,
        ];
        let longest = self.now.plus(LOOK_EVERY);
        due.into_iter()
            .flatten()
            .fold(longest, Time::min)
            .max(self.now)
    }

    /// A stop waits for the commands that run; a reload for the whole reaction, which keeps its configuration.
    fn is_over(&self) -> bool {
        match self.stop_by {
            Some(by) => self.steps.are_idle() || by <= self.now,
            None => self.reload.is_some() && self.steps.are_idle() && !self.is_reacting(),
        }
    }

    fn is_reacting(&self) -> bool {
        let pairs = self.core.state.pairs.iter();
        let mut open = pairs.flat_map(|pair| &pair.incidents);
        open.any(|incident| !incident.is_done() && !incident.is_held())
    }

    fn end(mut self) -> Ended<J> {
        self.write(&[]);
        self.publish();
        Ended {
            journal: self.parts.journal,
            state: self.core.state,
            positions: self.saved.into_positions(),
            now: self.now,
            reload: self.reload.filter(|_| self.stop_by.is_none()),
        }
    }

    /// One input. What follows from it is decided, and happens with the next [`Engine::settle`]: at once if anything
    /// is to start, else when this turn has taken all that came.
    fn feed(&mut self, input: &Input) {
        let entries = self.core.handle(self.now, input);
        let starts = entries.iter().any(|entry| entry.starts().is_some());
        self.pending.extend(entries);
        if starts {
            self.settle();
        }
    }

    /// Writes down what was decided, and then lets it happen. True if it is on disk.
    fn settle(&mut self) -> bool {
        let mut all_durable = true;
        while !self.pending.is_empty() {
            let entries = std::mem::take(&mut self.pending);
            let durable = self.write(&entries);
            all_durable &= durable;
            let mut follow: Vec<Input> = self.disarm(durable).into_iter().collect();
            for entry in &entries {
                follow.extend(match durable {
                    true => self.steps.carry_out(&self.core, entry),
                    false => not_run(&self.core, entry, Reason::JournalDead),
                });
                if matches!(entry, Entry::Awaited { .. }) {
                    self.opinion.soon(self.now);
                }
                self.tell_of(entry);
            }
            for input in follow {
                self.pending.extend(self.core.handle(self.now, &input));
            }
            self.unpublished = true;
        }
        all_durable
    }

    /// Positions alone.
    fn save(&mut self) {
        let durable = self.write(&[]);
        if let Some(disarm) = self.disarm(durable) {
            self.feed(&disarm);
            self.settle();
        }
    }

    /// What could not be written down is the end of all actions.
    fn disarm(&self, durable: bool) -> Option<Input> {
        let is_news = !durable && self.core.state.disarmed.is_none();
        is_news.then_some(Input::Disarm(Reason::JournalDead))
    }

    /// Entries and positions, on disk together. False if nothing can be written any more.
    fn write(&mut self, entries: &[Entry]) -> bool {
        self.save_at = self.now.plus(SAVE_EVERY);
        let Some(journal) = &mut self.parts.journal else {
            return false;
        };
        if entries.is_empty() && !self.saved.is_unsaved() {
            return journal.dead().is_none();
        }
        let was_alive = journal.dead().is_none();
        let at = Moment::now(self.now, &*self.parts.clock);
        let begun = self.parts.clock.boottime();
        match journal.append(at, entries, &self.saved.changes()) {
            Ok(seq) => {
                let took = self.parts.clock.boottime().saturating_sub(begun);
                self.metrics.wrote(took);
                self.parts.alerts.recorded(seq);
                true
            }
            Err(dead) => {
                if was_alive {
                    tracing::error!(%dead, "nothing acts any more until the daemon starts anew");
                }
                false
            }
        }
    }

    /// What people are told of an entry; where steps were only told, also what SCS did instead.
    fn tell_of(&mut self, entry: &Entry) {
        let topology = &self.parts.config.topology;
        self.shadow.take(entry);
        self.metrics.take(entry);
        let mut notices = alerts::of_entry(topology, entry);
        if let (Entry::Closed { solution, incident }, [notice]) = (entry, &mut *notices) {
            let seen = self.shadow.closed(*solution, incident);
            let described = topology.solutions.get(*solution);
            let scs = described.and_then(|described| seen.beside(described, incident));
            if let Some(scs) = scs {
                for line in story::beside(&scs) {
                    notice.text.push('\n');
                    notice.text.push_str(&line);
                }
            }
        }
        notices.into_iter().for_each(|notice| self.tell(notice));
    }

    fn tell(&self, notice: Notice) {
        self.parts.alerts.tell(notice);
    }

    fn publish(&mut self) {
        self.metrics.alerts_dropped = self.parts.alerts.dropped();
        self.metrics.sinks = self.parts.alerts.counts();
        self.metrics.rescans = self.parts.rescans.load(Ordering::Relaxed);
        self.handle.publish(View {
            snapshot: self.snapshot(),
            config: self.parts.config.clone(),
            metrics: self.metrics.clone(),
        });
        (self.unpublished, self.published) = (false, self.now);
    }

    fn snapshot(&self) -> Snapshot {
        let counters = [
            ("events", self.metrics.events.values().sum()),
            ("alerts_dropped", self.metrics.alerts_dropped),
        ];
        let counters = counters.map(|(name, count)| (name.into(), count));
        let daemon = Daemon {
            version: VERSION,
            started: Some(self.started),
            armed: true,
            not_armed: None,
            journal_fault: self.journal_fault(),
            counters: counters.into_iter().collect(),
        };
        let extras = Extras {
            daemon,
            sources: self.sources.views(&self.parts.config),
            alerts: self.sources.alerts().chain(self.undelivered()).collect(),
        };
        snapshot(&self.core.state, self.now, extras)
    }

    /// Alerts about alerts are only shown.
    fn undelivered(&self) -> impl Iterator<Item = AlertView> + '_ {
        let troubles = self.parts.alerts.troubles().into_iter();
        troubles.map(|(key, trouble)| AlertView {
            key: key.into(),
            class: AlertClass::Daemon.word().into(),
            text: escape(&trouble.text).into_owned().into(),
            since: trouble.since.unwrap_or(self.started),
        })
    }

    fn journal_fault(&self) -> Option<Arc<str>> {
        match &self.parts.journal {
            None => Some("it could not be opened".into()),
            Some(journal) => journal.dead().map(|dead| dead.to_string().into()),
        }
    }
}
