//! Coming back: the state is folded from what was decided before, and its timers are set again.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::apply::apply;
use super::entry::Entry;
use super::incident::StepState;
use super::outcome::StepRef;
use super::renumber::Renumbering;
use super::state::{Pair, State};
use crate::time::Time;
use crate::topology::{Solution, Topology};

/// A fold of entries that may have been decided under other configurations than the present one.
#[derive(Debug)]
pub struct Fold {
    state: State,
    renumbering: Renumbering,
    /// Incidents that name something that is no longer configured; nothing of them is taken over.
    left_behind: BTreeSet<Arc<str>>,
}

impl Fold {
    pub fn new(topology: Arc<Topology>) -> Fold {
        Fold {
            renumbering: Renumbering::new(&topology, &topology),
            state: State::new(topology),
            left_behind: BTreeSet::new(),
        }
    }

    /// Goes on from a state that was taken under the topology `old`.
    pub fn from_state(state: State, old: &Topology, topology: Arc<Topology>) -> Fold {
        let renumbering = Renumbering::new(old, &topology);
        let before: BTreeSet<Arc<str>> = incidents(&state).collect();
        let state = renumbering.state(state, topology);
        let after: BTreeSet<Arc<str>> = incidents(&state).collect();
        Fold {
            left_behind: before.difference(&after).cloned().collect(),
            state,
            renumbering,
        }
    }

    /// The entries that follow were decided under this topology.
    pub fn decided_under(&mut self, old: &Topology) {
        self.renumbering = Renumbering::new(old, &self.state.topology);
    }

    /// Takes in what was decided at `now`.
    pub fn take(&mut self, now: Time, entry: Entry) {
        self.state.now = self.state.now.max(now);
        let incident = entry.incident().cloned();
        let left_behind = |id: &Arc<str>| self.left_behind.contains(id);
        if let Some(id) = incident.as_ref().filter(|id| left_behind(id)) {
            if matches!(entry, Entry::Closed { .. }) {
                self.left_behind.remove(id);
            }
            return;
        }
        let defines = matches!(entry, Entry::Opened { .. } | Entry::Resumed { .. });
        match (self.renumbering.entry(entry), incident) {
            (Some(entry), _) => apply(&mut self.state, &entry),
            (None, Some(incident)) if defines => {
                for pair in &mut self.state.pairs {
                    pair.incidents.retain(|each| each.id != incident);
                }
                self.left_behind.insert(incident);
            }
            (None, _) => {}
        }
    }

    /// The state, ready to go on, and the open incidents that could not be taken over.
    pub fn finish(mut self) -> (State, BTreeSet<Arc<str>>) {
        // It was the old process that was disarmed; the new one looks for itself.
        self.state.disarmed = None;
        self.state.reschedule_all();
        (self.state, self.left_behind)
    }
}

/// Something whose command was started and not seen to end: it may have run, or may still be running, or nobody could
/// tell what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InDoubt {
    Step(StepRef),
    /// The command that pays a host's debt.
    Debt {
        solution: usize,
        host: usize,
    },
    /// The command that announces the VIP on the host after a payment.
    Announcement {
        solution: usize,
        host: usize,
    },
}

impl Entry {
    /// The command that starts now; from here on until its end is known it is in doubt.
    pub fn starts(&self) -> Option<InDoubt> {
        match self {
            Entry::StepMoved {
                solution,
                incident,
                step,
                to: StepState::Started,
                ..
            } => Some(InDoubt::Step(StepRef {
                solution: *solution,
                incident: incident.clone(),
                step: *step,
            })),
            Entry::DebtTried { solution, host, .. } => Some(InDoubt::Debt {
                solution: *solution,
                host: *host,
            }),
            Entry::AnnounceTried { solution, host, .. } => Some(InDoubt::Announcement {
                solution: *solution,
                host: *host,
            }),
            _ => None,
        }
    }
}

impl State {
    pub fn in_doubt(&self) -> Vec<InDoubt> {
        let mut doubts = Vec::new();
        for (solution, pair) in self.pairs.iter().enumerate() {
            for incident in &pair.incidents {
                for (step, each) in incident.steps.iter().enumerate() {
                    if each.is_running() || each.is_in_doubt() {
                        let incident = incident.id.clone();
                        doubts.push(InDoubt::Step(StepRef {
                            solution,
                            incident,
                            step,
                        }));
                    }
                }
            }
            let running = pair.owed.iter().filter(|debt| debt.running);
            doubts.extend(running.map(|debt| InDoubt::Debt {
                solution,
                host: debt.host,
            }));
            let announced = pair.announcement.iter().filter(|due| due.running);
            doubts.extend(announced.map(|due| InDoubt::Announcement {
                solution,
                host: due.host,
            }));
        }
        doubts
    }

    /// It has a place for everything of this topology, and for nothing else.
    pub fn fits(&self, topology: &Topology) -> bool {
        let members = |(pair, solution): (&Pair, &Solution)| {
            pair.members.len() == solution.applications.len()
        };
        self.pairs.len() == topology.solutions.len()
            && self.pairs.iter().zip(&topology.solutions).all(members)
    }

    pub(super) fn reschedule_all(&mut self) {
        for solution in 0..self.pairs.len() {
            self.reschedule(solution);
        }
    }
}

fn incidents(state: &State) -> impl Iterator<Item = Arc<str>> + '_ {
    let incidents = state.pairs.iter().flat_map(|pair| &pair.incidents);
    incidents.map(|incident| incident.id.clone())
}
