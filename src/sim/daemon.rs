//! The stand-in for the daemon: it owns the core and the journal, and starts what the core wants started once
//! that is on disk. A crash leaves it with what the journal holds.

use std::sync::Arc;

use super::command::{Intent, Launch};
use super::journal::{Batch, Journal};
use crate::decide::{Core, Entry, InDoubt, Outcome, StepRef};
use crate::time::Time;
use crate::topology::{Action, Topology};

#[derive(Clone, Debug)]
pub(super) struct Daemon {
    pub topology: Arc<Topology>,
    /// None while the daemon is down.
    pub core: Option<Core>,
    pub journal: Journal,
    /// How many lines of each source are read.
    pub positions: Vec<usize>,
    /// What is to be started once so many batches are durable.
    pub waiting: Vec<(usize, Launch)>,
    /// Counts its starts: what an earlier life began means nothing to this one.
    pub life: u32,
}

impl Daemon {
    pub fn new(topology: Arc<Topology>, sources: usize) -> Daemon {
        Daemon {
            core: Some(Core::new(topology.clone())),
            topology,
            journal: Journal::default(),
            positions: vec![0; sources],
            waiting: Vec::new(),
            life: 0,
        }
    }

    pub fn crash(&mut self) {
        self.core = None;
        self.waiting.clear();
        self.journal.crash();
    }

    /// Starts again with what the journal holds.
    pub fn recover(&mut self, now: Time) {
        self.life += 1;
        self.positions = self.journal.positions(self.positions.len());
        self.core = Some(self.folded(now));
    }

    /// Remembers what an input led to, and what is to be started for it.
    pub fn remember(&mut self, entries: Vec<Entry>, position: Option<(usize, usize)>) {
        let launches: Vec<Launch> = entries
            .iter()
            .filter_map(|each| self.launch(each))
            .collect();
        let batch = self.journal.append(Batch { entries, position });
        self.waiting
            .extend(launches.into_iter().map(|launch| (batch, launch)));
    }

    /// What may be started now.
    pub fn released(&mut self) -> Vec<Launch> {
        let durable = self.journal.durable();
        let (ready, waiting) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|(batch, _)| *batch <= durable);
        self.waiting = waiting;
        let ready: Vec<(usize, Launch)> = ready;
        ready.into_iter().map(|(_, launch)| launch).collect()
    }

    fn launch(&self, entry: &Entry) -> Option<Launch> {
        match entry.starts()? {
            InDoubt::Step(of) => self.step(&of),
            InDoubt::Debt { solution, host } => self.debt(solution, host),
            InDoubt::Announcement { solution, .. } => self.announcement(solution),
        }
    }

    /// The command of a step, as its present attempt.
    pub fn step(&self, of: &StepRef) -> Option<Launch> {
        let pair = self.core.as_ref()?.state.pairs.get(of.solution)?;
        let incident = pair.incidents.iter().find(|each| each.id == of.incident)?;
        let step = incident.steps.get(of.step)?;
        Some(Launch {
            intent: Intent::Step {
                of: of.clone(),
                attempt: step.attempts,
            },
            action: step.action,
            application: step.application,
            host: step.host,
        })
    }

    pub fn debt(&self, solution: usize, host: usize) -> Option<Launch> {
        let pair = self.core.as_ref()?.state.pairs.get(solution)?;
        let debt = pair.owed.iter().find(|debt| debt.host == host)?;
        Some(Launch {
            intent: Intent::Debt {
                solution,
                host,
                since: debt.since,
                attempt: debt.attempts,
            },
            action: Action::VipDisable,
            application: None,
            host,
        })
    }

    pub fn announcement(&self, solution: usize) -> Option<Launch> {
        let pair = self.core.as_ref()?.state.pairs.get(solution)?;
        let due = pair.announcement.as_ref()?;
        Some(Launch {
            intent: Intent::Announcement {
                solution,
                host: due.host,
                incident: due.incident.clone(),
                attempt: due.attempts,
            },
            action: Action::VipAnnounce,
            application: None,
            host: due.host,
        })
    }

    /// The core still waits for the end of this very start.
    pub fn waits_for(&self, launch: &Launch) -> bool {
        let Some(core) = &self.core else { return false };
        match &launch.intent {
            Intent::Step { of, attempt } => {
                let pair = &core.state.pairs[of.solution];
                let incident = pair.incidents.iter().find(|each| each.id == of.incident);
                let step = incident.and_then(|incident| incident.steps.get(of.step));
                step.is_some_and(|step| {
                    let waits = step.is_running() || step.is_in_doubt();
                    waits && step.attempts == *attempt
                })
            }
            Intent::Debt {
                solution,
                host,
                since,
                attempt,
            } => {
                let owed = &core.state.pairs[*solution].owed;
                owed.iter().any(|debt| {
                    debt.host == *host
                        && debt.since == *since
                        && debt.running
                        && debt.attempts == *attempt
                })
            }
            Intent::Announcement {
                solution,
                incident,
                attempt,
                ..
            } => {
                let due = &core.state.pairs[*solution].announcement;
                due.as_ref().is_some_and(|due| {
                    due.running && due.incident == *incident && due.attempts == *attempt
                })
            }
        }
    }

    /// The commands that were running when the last life ended, as far as the journal tells.
    pub fn unsettled(&self) -> Vec<Launch> {
        let Some(core) = &self.core else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for (solution, pair) in core.state.pairs.iter().enumerate() {
            for incident in &pair.incidents {
                for step in 0..incident.steps.len() {
                    let of = StepRef {
                        solution,
                        incident: incident.id.clone(),
                        step,
                    };
                    found.extend(self.step(&of));
                }
            }
            found.extend(
                pair.owed
                    .iter()
                    .filter_map(|debt| self.debt(solution, debt.host)),
            );
            found.extend(self.announcement(solution));
        }
        found.retain(|launch| self.waits_for(launch));
        found
    }

    /// The state that the journal's entries give, to be compared with the live one.
    pub fn folded(&self, now: Time) -> Core {
        Core::recovered(self.topology.clone(), self.journal.entries(), now)
    }
}

/// As the core is told of it.
pub(super) fn ended(launch: &Launch, outcome: Outcome) -> crate::decide::Input {
    use crate::decide::Input;
    match &launch.intent {
        Intent::Step { of, .. } => Input::Outcome {
            step: of.clone(),
            outcome,
        },
        Intent::Debt { solution, host, .. } => Input::DebtOutcome {
            solution: *solution,
            host: *host,
            outcome,
        },
        Intent::Announcement { solution, host, .. } => Input::Announced {
            solution: *solution,
            host: *host,
            outcome,
        },
    }
}
