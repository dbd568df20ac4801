//! The checks: what must hold at every step of a run, kept apart from the core and in simpler terms.
//!
//! A check takes the core's word for nothing that it can know from what was delivered, asked and started.

mod end;
mod moves;
mod starts;

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(super) use self::end::Ending;
use super::command::Intent;
use super::logs::Line;
use crate::decide::{Entry, IncidentState, Reason, Verb};
use crate::event::{EventKind, Mode, Origin};
use crate::time::Time;
use crate::topology::{ActionMode, Topology};

/// What was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    OncePerIntent,
    DurableFirst,
    NoTwoVipCommands,
    NoTwoSwitches,
    OneDirection,
    VipFollowsTheLead,
    NothingFromHistory,
    NothingOld,
    NotWhileWorkedOn,
    NotWhileDisarmed,
    NotWhileDoubted,
    NotInTheDark,
    CauseForEveryMove,
    NoPingPong,
    AlertOnlyRunsNothing,
    EveryIncidentCloses,
    TimersRunDry,
    VipEndsRight,
    FoldIsLiveState,
    SameDecisionTwice,
}

#[derive(Clone, Debug)]
pub struct Violation {
    pub check: Check,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.check, self.what)
    }
}

pub(super) fn broken<T>(check: Check, what: impl Into<String>) -> Result<T, Violation> {
    let what = what.into();
    Err(Violation { check, what })
}

#[derive(Clone, Debug)]
pub(super) struct Watch {
    topology: Arc<Topology>,
    pairs: Vec<Watched>,
    disarmed: bool,
    doubted: bool,
    heard: HashMap<Origin, Heard>,
    started: Vec<Intent>,
}

#[derive(Clone, Debug, Default)]
struct Watched {
    /// The pause that somebody asked for: its end, and the batch that holds it.
    pause: Option<(Time, usize)>,
    /// What was said of each host's SIP Server.
    said: [Said; 2],
    /// Somebody was ever said to be primary.
    known: bool,
    /// Somebody asked for this move just now.
    forced: Option<usize>,
    /// How the newest incident towards each host ended.
    ended: [Option<Ended>; 2],
}

/// The newest words that a SIP Server is primary, or backup.
#[derive(Clone, Debug, Default)]
struct Said {
    /// Each with the time when it was first heard.
    primary: Option<(Time, Time)>,
    backup: Option<(Time, Time)>,
}

#[derive(Clone, Debug)]
struct Ended {
    at: Time,
    state: IncidentState,
    hold: Option<Reason>,
}

/// A line that was delivered.
#[derive(Clone, Debug)]
struct Heard {
    stamp: Time,
    ours: bool,
    history: bool,
}

/// How far two stamps may contradict each other: `role_tolerance`, and two clocks that are out.
const TOLERANCE: Duration = Duration::from_secs(4);

impl Watch {
    pub fn new(topology: Arc<Topology>) -> Watch {
        Watch {
            pairs: vec![Watched::default(); topology.solutions.len()],
            topology,
            disarmed: false,
            doubted: false,
            heard: HashMap::new(),
            started: Vec::new(),
        }
    }

    pub fn delivered(&mut self, now: Time, line: &Line, history: bool) {
        let heard = Heard {
            stamp: line.stamp,
            ours: line.ours,
            history,
        };
        self.heard.insert(line.event.origin.clone(), heard);
        let mode = match line.event.kind {
            EventKind::BecamePrimary => Some(Mode::Primary),
            EventKind::BecameBackup => Some(Mode::Backup),
            EventKind::StateReported => line.event.mode,
            _ => None,
        };
        let place = line
            .event
            .application
            .as_deref()
            .and_then(|name| self.topology.application(name));
        if let (Some(mode), Some((pair, application))) = (mode, place) {
            self.claimed(now, (pair, application), mode, line.stamp);
        }
    }

    /// Somebody says that the application has that mode; who leads is what counts.
    pub fn claimed(&mut self, heard: Time, about: (usize, usize), mode: Mode, stamp: Time) {
        let (pair, application) = about;
        let described = &self.topology.solutions[pair].applications[application];
        let Some(host) = described.host.filter(|_| described.component.vip_follows) else {
            return;
        };
        self.pairs[pair].known |= mode == Mode::Primary;
        let said = &mut self.pairs[pair].said[host];
        match mode {
            Mode::Primary if said.primary.is_none_or(|(known, _)| known < stamp) => {
                said.primary = Some((stamp, heard));
            }
            Mode::Backup if said.backup.is_none_or(|(known, _)| known < stamp) => {
                said.backup = Some((stamp, heard));
            }
            _ => {}
        }
    }

    pub fn asked(&mut self, pair: usize, verb: &Verb, batch: usize) {
        match verb {
            Verb::Pause { until } => self.pairs[pair].pause = Some((*until, batch)),
            Verb::Resume => self.pairs[pair].pause = None,
            Verb::Force { to } => self.pairs[pair].forced = Some(*to),
            Verb::Acknowledge { .. } | Verb::Forgive { .. } => {}
        }
    }

    pub fn disarmed(&mut self) {
        self.disarmed = true;
    }

    pub fn doubted(&mut self, doubted: bool) {
        self.doubted = doubted;
    }

    /// What was not on disk is as if it had never been asked.
    pub fn crashed(&mut self, durable: usize) {
        self.disarmed = false;
        for pair in &mut self.pairs {
            pair.pause = pair.pause.filter(|(_, batch)| *batch <= durable);
        }
    }

    /// What the core made of one input.
    pub fn decided(
        &mut self,
        now: Time,
        history: bool,
        entries: &[Entry],
        state: &crate::decide::State,
    ) -> Result<(), Violation> {
        for entry in entries {
            self.opened(entry, entries, history)?;
            self.starts(now, entry, history, state)?;
            if let Entry::StepConfirmed {
                solution,
                incident,
                step,
                at,
            } = entry
            {
                let found = state.pairs[*solution]
                    .incidents
                    .iter()
                    .find(|each| each.id == *incident);
                let step = found.and_then(|found| found.steps.get(*step));
                if let Some(application) = step.and_then(|step| step.application) {
                    self.claimed(now, (*solution, application), Mode::Primary, *at);
                }
            }
            if let Entry::Closed { solution, incident } = entry {
                self.pairs[*solution].ended[incident.to] = Some(Ended {
                    at: now,
                    state: incident.state,
                    hold: incident.hold.as_ref().map(|hold| hold.reason),
                });
            }
        }
        for pair in &mut self.pairs {
            pair.forced = None;
        }
        Ok(())
    }

    fn is_active(&self, pair: usize) -> bool {
        self.topology.solutions[pair].policy.mode == ActionMode::Active
    }
}
