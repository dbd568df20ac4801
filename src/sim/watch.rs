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

/// The newest words that a SIP Server is primary, or backup: each with the time when it was first heard.
#[derive(Clone, Debug, Default)]
struct Said {
    /// That it became primary.
    became: Option<Word>,
    /// That it is; this holds no longer than the server.
    found: Option<Word>,
    backup: Option<Word>,
    fell: Option<Time>,
}

type Word = (Time, Time);

impl Said {
    /// Ever.
    fn primary(&self) -> Option<Word> {
        self.became.max(self.found)
    }

    /// And nothing that was said since takes it back.
    fn standing_primary(&self) -> Option<Word> {
        let found = self.found.filter(|(stamp, _)| self.fell < Some(*stamp));
        self.became.max(found)
    }
}

/// What is said of a mode, and whether it is of a change to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    Became(Mode),
    Found(Mode),
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
        let claim = match line.event.kind {
            EventKind::BecamePrimary => Some(Claim::Became(Mode::Primary)),
            EventKind::BecameBackup => Some(Claim::Became(Mode::Backup)),
            EventKind::StateReported => line.event.mode.map(Claim::Found),
            _ => None,
        };
        let place = line
            .event
            .application
            .as_deref()
            .and_then(|name| self.topology.application(name));
        if let (Some(claim), Some(place)) = (claim, place) {
            self.claimed(now, place, claim, line.stamp);
        }
        let fell = matches!(line.event.kind, EventKind::Failed | EventKind::PlannedStop);
        if let (true, Some(place)) = (fell, place)
            && let Some(said) = self.said_of(place)
        {
            said.fell = said.fell.max(Some(line.stamp));
        }
    }

    /// Of who leads, which is what counts.
    fn said_of(&mut self, (pair, application): (usize, usize)) -> Option<&mut Said> {
        let described = &self.topology.solutions[pair].applications[application];
        let host = described.host.filter(|_| described.component.vip_follows)?;
        Some(&mut self.pairs[pair].said[host])
    }

    /// Somebody says that the application has that mode, or changed to it.
    pub fn claimed(&mut self, heard: Time, about: (usize, usize), claim: Claim, stamp: Time) {
        let Some(said) = self.said_of(about) else {
            return;
        };
        let word = match claim {
            Claim::Became(Mode::Primary) => &mut said.became,
            Claim::Found(Mode::Primary) => &mut said.found,
            Claim::Became(Mode::Backup) | Claim::Found(Mode::Backup) => &mut said.backup,
            Claim::Became(_) | Claim::Found(_) => return,
        };
        if word.is_none_or(|(known, _)| known < stamp) {
            *word = Some((stamp, heard));
        }
        let primary = matches!(
            claim,
            Claim::Became(Mode::Primary) | Claim::Found(Mode::Primary)
        );
        self.pairs[about.0].known |= primary;
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
                    self.claimed(
                        now,
                        (*solution, application),
                        Claim::Became(Mode::Primary),
                        *at,
                    );
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
