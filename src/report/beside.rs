//! What SCS did by itself beside an incident that was only told: how many switches it asked for, which of them were
//! redundant, and how long each effect took, next to when ours would have been started. This is what alert-only is for.
//!
//! SCS's log has a line for each change of mode that it asks for; a 4563 shows the effect of a switch, and 52030 that
//! the VIP is up. All times are stamps on the corrected clock.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::decide::{Decision, Entry, Incident, Step, StepState};
use crate::event::{EventKind, Mode};
use crate::time::Time;
use crate::topology::{Action, Solution};

/// Of one pair so many acts are remembered.
const ACTS_MAX: usize = 256;
/// So many incidents of one pair may be open that their beginnings are remembered.
const OPEN_MAX: usize = 16;
/// An act belongs to an incident whose first event came at most so much later.
const BEFORE: Duration = Duration::from_secs(10);

/// The acts of SCS, gathered from entries.
#[derive(Clone, Debug, Default)]
pub struct Shadow {
    pairs: BTreeMap<usize, Pair>,
}

/// What SCS did, next to one incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Beside {
    /// Changes to primary that SCS asked for on the host to which the pair moves.
    pub requests: usize,
    /// Those for an application that had been asked before, or was primary.
    pub redundant: usize,
    /// The same on the other host.
    pub contrary: usize,
    pub steps: Vec<StepBeside>,
}

/// One step that would have run, and its effect as SCS brought it about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StepBeside {
    /// Counts from 1.
    pub step: usize,
    pub action: Action,
    /// The application, or the host for a VIP step.
    pub target: Arc<str>,
    /// Milliseconds from the first event to the effect; none if it was not seen.
    pub theirs_millis: Option<u64>,
    /// Milliseconds from the first event to when our command would have been started.
    pub ours_millis: Option<u64>,
}

/// What was seen of SCS from an incident's first event to its close.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    began: Time,
    /// By stamp.
    acts: Vec<Act>,
}

#[derive(Clone, Debug, Default)]
struct Pair {
    acts: VecDeque<Act>,
    /// The first event of each open incident.
    began: HashMap<Arc<str>, Time>,
}

#[derive(Clone, Copy, Debug)]
struct Act {
    application: usize,
    what: What,
    stamp: Time,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Requested,
    Primary,
    VipUp,
}

impl Shadow {
    pub fn take(&mut self, entry: &Entry) {
        if let Entry::Decided(decision) = entry
            && let Some(solution) = decision.solution
        {
            self.pairs.entry(solution).or_default().decided(decision);
        }
    }

    /// What was seen beside an incident that closes.
    pub fn closed(&mut self, solution: usize, incident: &Incident) -> Seen {
        let Some(pair) = self.pairs.get_mut(&solution) else {
            return Seen::default();
        };
        let began = pair.began.remove(&incident.id).unwrap_or(incident.opened);
        let from = began.minus(BEFORE);
        let is_in_time = |act: &&Act| {
            from <= act.stamp && incident.closed.is_none_or(|closed| act.stamp <= closed)
        };
        let mut acts: Vec<Act> = pair.acts.iter().filter(is_in_time).copied().collect();
        acts.sort_by_key(|act| act.stamp);
        Seen { began, acts }
    }
}

impl Seen {
    /// What SCS did; none if the steps were carried out, or if SCS was not seen to do anything.
    pub fn beside(&self, solution: &Solution, incident: &Incident) -> Option<Beside> {
        let is_dry = |step: &Step| matches!(step.state, StepState::WouldRun | StepState::Held);
        if !incident.steps.iter().any(is_dry) {
            return None;
        }
        let asked = |act: &Act, host: usize| {
            let application = solution.applications.get(act.application);
            act.what == What::Requested && application.is_some_and(|it| it.host == Some(host))
        };
        let known = |at: usize, act: &Act| {
            let mut before = self.acts.iter().take(at);
            before.any(|it| it.application == act.application && it.what != What::VipUp)
        };
        let acts = || self.acts.iter().enumerate();
        let towards = || acts().filter(|(_, act)| asked(act, incident.to));
        let away = acts().filter(|(_, act)| asked(act, 1 - incident.to));
        let beside = Beside {
            requests: towards().count(),
            redundant: towards().filter(|(at, act)| known(*at, act)).count(),
            contrary: away.count(),
            steps: self.steps(solution, incident),
        };
        // A 4563 alone does not tell who brought it about.
        let is_act = |act: &Act| act.what != What::Primary;
        self.acts.iter().any(is_act).then_some(beside)
    }

    fn steps(&self, solution: &Solution, incident: &Incident) -> Vec<StepBeside> {
        let of_step = |(at, step): (usize, &Step)| {
            let (application, what, target) = match step.action {
                Action::SwitchToPrimary => {
                    let name = &solution.applications.get(step.application?)?.name;
                    (step.application?, What::Primary, name)
                }
                Action::VipEnable => {
                    let name = &solution.hosts.get(step.host)?.name;
                    (solution.lead(step.host)?, What::VipUp, name)
                }
                Action::VipDisable | Action::VipAnnounce => return None,
            };
            matches!(step.state, StepState::WouldRun | StepState::Held).then(|| StepBeside {
                step: at + 1,
                action: step.action,
                target: target.clone(),
                theirs_millis: self.first(application, what),
                ours_millis: step.started.map(|started| self.millis(started)),
            })
        };
        incident
            .steps
            .iter()
            .enumerate()
            .filter_map(of_step)
            .collect()
    }

    fn first(&self, application: usize, what: What) -> Option<u64> {
        let is_it = |act: &&Act| act.application == application && act.what == what;
        let act = self.acts.iter().find(is_it)?;
        Some(self.millis(act.stamp))
    }

    fn millis(&self, stamp: Time) -> u64 {
        u64::try_from(stamp.since(self.began).as_millis()).unwrap_or(u64::MAX)
    }
}

impl Pair {
    fn decided(&mut self, decision: &Decision) {
        let stamp = decision.stamp;
        if let Some(incident) = &decision.incident
            && (self.began.len() < OPEN_MAX || self.began.contains_key(incident))
        {
            let began = self.began.entry(incident.clone()).or_insert(stamp);
            *began = stamp.min(*began);
        }
        let event = &decision.event;
        let what = match event.kind {
            EventKind::ModeRequested if event.mode == Some(Mode::Primary) => What::Requested,
            EventKind::BecamePrimary => What::Primary,
            EventKind::VipOk => What::VipUp,
            _ => return,
        };
        let Some(application) = decision.application else {
            return;
        };
        if self.acts.len() >= ACTS_MAX {
            self.acts.pop_front();
        }
        self.acts.push_back(Act {
            application,
            what,
            stamp,
        });
    }
}
