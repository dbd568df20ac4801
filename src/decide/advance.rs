//! What follows from the state, whatever brought it about: failures whose `confirm` is over, steps whose turn
//! has come, effects that stayed out, ends of reactions and incidents, debts, and alerts.
//!
//! One rule fires at a time; the caller applies its entries and asks again until nothing follows.

mod announcement;
mod debt;
mod step;

use std::sync::Arc;

pub(super) use self::debt::pause_before;
use super::alert;
use super::entry::Entry;
use super::gate::Gate;
use super::incident::{Incident, Step, StepState};
use super::judge::conclude;
use super::reason::Reason;
use super::state::{Pair, State};
use crate::time::Time;
use crate::topology::{Action, Solution};

/// The entries of the first rule that applies to the pair at `now`; empty once all is settled.
pub(super) fn advance(state: &State, index: usize, now: Time) -> Vec<Entry> {
    let pair = &state.pairs[index];
    if pair.pause.as_ref().is_some_and(|pause| pause.until <= now) {
        return vec![Entry::PauseEnded {
            solution: index,
            at: now,
        }];
    }
    // Until the world is read again nothing is concluded and nothing starts.
    if state.world_doubted {
        return alert::alerts(state, index, now);
    }
    if let Some(awaited) = pair.awaited.iter().find(|awaited| awaited.due <= now) {
        return conclude(state, index, now, awaited);
    }
    let turn = Turn {
        state,
        index,
        solution: state.solution(index),
        pair,
        now,
    };
    for incident in &pair.incidents {
        let entries = turn.incident(incident);
        if !entries.is_empty() {
            return entries;
        }
    }
    let mut entries = turn.debts();
    entries.extend(turn.announcement());
    entries.extend(alert::alerts(state, index, now));
    entries
}

struct Turn<'a> {
    state: &'a State,
    index: usize,
    solution: &'a Solution,
    pair: &'a Pair,
    now: Time,
}

/// One step in its incident.
#[derive(Clone, Copy)]
struct At<'a> {
    incident: &'a Incident,
    position: usize,
    step: &'a Step,
}

impl Turn<'_> {
    fn incident(&self, incident: &Incident) -> Vec<Entry> {
        for (position, step) in incident.steps.iter().enumerate() {
            if let Some(entry) = self.step(At {
                incident,
                position,
                step,
            }) {
                let owed = matches!(
                    entry,
                    Entry::StepMoved {
                        to: StepState::Owed,
                        ..
                    }
                );
                let debt = owed.then(|| self.owed(incident, step.host));
                return std::iter::once(entry).chain(debt).collect();
            }
        }
        self.end(incident)
    }

    fn end(&self, incident: &Incident) -> Vec<Entry> {
        let policy = &self.solution.policy;
        // A planned step here waits for what nothing running can bring.
        let working = incident.steps.iter().any(|step| {
            step.is_running()
                || step.is_in_doubt()
                || step.is_verifying(self.now, policy.verify)
                || step.in_grace(self.now, policy)
        });
        if working {
            return Vec::new();
        }
        let id = incident.id.clone();
        if incident.reaction_ended.is_none() || incident.unsettled {
            return vec![Entry::ReactionEnded {
                solution: self.index,
                incident: id,
                at: self.now,
            }];
        }
        if !incident.superseded && self.now < incident.window_ends(policy) {
            return Vec::new();
        }
        let steps = incident.steps.iter().enumerate();
        let planned = steps.filter(|(_, step)| step.state == StepState::Planned);
        let voids: Vec<Entry> = planned
            .map(|(position, step)| {
                let at = At {
                    incident,
                    position,
                    step,
                };
                let reason = match step.action {
                    Action::VipAnnounce if self.pair.leads(self.solution, incident.to) => {
                        Reason::VipNotMoved
                    }
                    _ => Reason::NeverPrimary,
                };
                self.moved(at, StepState::Void, reason, None)
            })
            .collect();
        if !voids.is_empty() {
            return voids;
        }
        let incident = Box::new(incident.closing(self.now));
        vec![Entry::Closed {
            solution: self.index,
            incident,
        }]
    }

    fn gate(&self) -> Gate<'_> {
        Gate {
            state: self.state,
            solution: self.solution,
            pair: self.pair,
            now: self.now,
        }
    }

    fn moved(&self, at: At<'_>, to: StepState, reason: Reason, detail: Option<Arc<str>>) -> Entry {
        let (solution, incident, step) = (self.index, at.incident.id.clone(), at.position);
        Entry::StepMoved {
            solution,
            incident,
            step,
            to,
            reason,
            detail,
            at: self.now,
        }
    }
}
