//! What follows from the state, whatever brought it about: failures whose `confirm` is over, steps whose turn
//! has come, effects that stayed out, ends of reactions and incidents, and alerts.
//!
//! One rule fires at a time; the caller applies its entries and asks again until nothing follows.

use std::sync::Arc;

use super::alert;
use super::entry::Entry;
use super::gate::Gate;
use super::incident::{Incident, Step, StepState};
use super::judge::conclude;
use super::plan::may_start;
use super::reason::Reason;
use super::state::{Debt, Pair, State};
use crate::event::Mode;
use crate::time::Time;
use crate::topology::{Action, ActionMode, Solution};

/// The entries of the first rule that applies to the pair at `now`; empty once all is settled.
pub(super) fn advance(state: &State, index: usize, now: Time) -> Vec<Entry> {
    let pair = &state.pairs[index];
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

impl Turn<'_> {
    fn incident(&self, incident: &Incident) -> Vec<Entry> {
        for (position, step) in incident.steps.iter().enumerate() {
            if let Some(entry) = self.step(incident, position, step) {
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

    fn step(&self, incident: &Incident, position: usize, step: &Step) -> Option<Entry> {
        let verify = self.solution.policy.verify;
        match step.state {
            StepState::Planned => self.planned(incident, position, step),
            // The host turned out to be lost: the command cannot have reached it.
            StepState::WouldRun
                if step.action == Action::VipDisable && self.pair.hosts[step.host].lost =>
            {
                Some(self.moved(incident, position, StepState::Owed, Reason::HostLost, None))
            }
            StepState::Started | StepState::Unknown
                if step.is_switch()
                    && step
                        .verify_until(verify)
                        .is_some_and(|until| until <= self.now) =>
            {
                Some(self.moved(
                    incident,
                    position,
                    StepState::Failed,
                    Reason::NoEffect,
                    None,
                ))
            }
            _ => None,
        }
    }

    fn planned(&self, incident: &Incident, position: usize, step: &Step) -> Option<Entry> {
        if incident.superseded {
            return Some(self.moved(
                incident,
                position,
                StepState::Void,
                Reason::Superseded,
                None,
            ));
        }
        let target = step
            .application
            .map(|application| &self.pair.members[application]);
        if let Some(application) = step.application
            && self.peer_is_being_switched(incident, application)
        {
            let (solution, incident) = (self.index, incident.id.clone());
            let ready = Entry::StepReady {
                solution,
                incident,
                step: position,
                at: self.now,
            };
            return step.ready.is_none().then_some(ready);
        }
        if target.is_some_and(|member| member.mode == Some(Mode::Primary)) {
            return Some(self.moved(
                incident,
                position,
                StepState::AlreadySo,
                Reason::AlreadySo,
                None,
            ));
        }
        if !may_start(self.solution, self.pair, incident, step) {
            return self.held_with_lead(incident, position);
        }
        if step.action == Action::VipEnable && self.pair.hosts[step.host].vip_ok.is_some() {
            return Some(self.moved(
                incident,
                position,
                StepState::AlreadySo,
                Reason::AlreadySo,
                None,
            ));
        }
        let gate = Gate {
            state: self.state,
            solution: self.solution,
            pair: self.pair,
            now: self.now,
        };
        let hold = if step.is_switch() {
            gate.switch(incident.cause.trigger)
        } else {
            gate.vip()
        };
        if let Some(hold) = hold {
            return Some(self.moved(
                incident,
                position,
                StepState::Held,
                hold.reason,
                Some(hold.detail),
            ));
        }
        if step.is_switch() {
            let policy = &self.solution.policy;
            let down = target.is_some_and(|member| member.up == Some(false));
            let grace = if down {
                policy.verify.max(policy.yield_for)
            } else {
                policy.yield_for
            };
            match step.ready {
                None if !grace.is_zero() => {
                    let (solution, incident) = (self.index, incident.id.clone());
                    return Some(Entry::StepReady {
                        solution,
                        incident,
                        step: position,
                        at: self.now,
                    });
                }
                Some(ready) if self.now < ready.plus(grace) => return None,
                _ if down => {
                    let (to, reason) = (StepState::Held, Reason::TargetNotHealthy);
                    return Some(self.moved(incident, position, to, reason, None));
                }
                _ => {}
            }
        }
        if step.action == Action::VipDisable && self.pair.hosts[step.host].lost {
            return Some(self.moved(incident, position, StepState::Owed, Reason::HostLost, None));
        }
        let to = match self.solution.policy.mode {
            ActionMode::Active => StepState::Started,
            ActionMode::AlertOnly => StepState::WouldRun,
        };
        Some(self.moved(incident, position, to, step.reason, None))
    }

    /// A switch of the same component to the other host, by a move that was overtaken, may still take effect:
    /// what is true before it ends is not true after it.
    fn peer_is_being_switched(&self, incident: &Incident, application: usize) -> bool {
        let peer = self.solution.peer(application);
        let others = self
            .pair
            .incidents
            .iter()
            .filter(|other| other.id != incident.id);
        others.flat_map(|other| &other.steps).any(|step| {
            step.application == peer
                && (step.is_verifying(self.now, self.solution.policy.verify)
                    || step.state == StepState::Started)
        })
    }

    /// Where the first switch is held, nothing that waits for it will come: it is held too.
    fn held_with_lead(&self, incident: &Incident, position: usize) -> Option<Entry> {
        let lead = self.solution.lead(incident.to);
        let held = incident
            .steps
            .iter()
            .find(|step| step.application == lead && step.state == StepState::Held)?;
        let detail = held.detail.clone();
        Some(self.moved(incident, position, StepState::Held, held.reason, detail))
    }

    fn end(&self, incident: &Incident) -> Vec<Entry> {
        let policy = &self.solution.policy;
        // A planned step here waits for what nothing running can bring.
        let working = incident.steps.iter().any(|step| {
            matches!(step.state, StepState::Started)
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
        let void = |(position, step): (usize, &Step)| {
            (step.state == StepState::Planned).then(|| {
                self.moved(
                    incident,
                    position,
                    StepState::Void,
                    Reason::NeverPrimary,
                    None,
                )
            })
        };
        let voids: Vec<Entry> = incident.steps.iter().enumerate().filter_map(void).collect();
        if !voids.is_empty() {
            return voids;
        }
        vec![Entry::Closed {
            solution: self.index,
            incident: Box::new(incident.closing(self.now)),
        }]
    }

    fn owed(&self, incident: &Incident, host: usize) -> Entry {
        Entry::Owed {
            solution: self.index,
            host,
            incident: incident.id.clone(),
            at: self.now,
        }
    }

    /// A debt ends when its host is seen again: paid, or void where the host rightly has the VIP by now.
    fn debts(&self) -> Vec<Entry> {
        let seen = |debt: &Debt| {
            let host = &self.pair.hosts[debt.host];
            !host.lost && host.seen_at.is_some_and(|at| at > debt.since)
        };
        let settled = self.pair.owed.iter().filter_map(|debt| {
            let host = debt.host;
            let (state, reason) = if self.pair.leads(self.solution, host) {
                (StepState::Void, Reason::RolesTurned)
            } else if seen(debt) && self.solution.policy.mode == ActionMode::AlertOnly {
                (StepState::WouldRun, Reason::VipOffOldHost)
            } else {
                return None;
            };
            Some(Entry::OwedSettled {
                solution: self.index,
                host,
                state,
                reason,
                at: self.now,
            })
        });
        settled.collect()
    }

    fn moved(
        &self,
        incident: &Incident,
        step: usize,
        to: StepState,
        reason: Reason,
        detail: Option<Arc<str>>,
    ) -> Entry {
        let (solution, incident) = (self.index, incident.id.clone());
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
