//! What one command is for: one try of one step, or of the payment of a debt.

use std::sync::Arc;

use crate::decide::{Core, Debt, InDoubt, Input, Outcome, Step, StepRef, StepState};
use crate::dispatch::JobId;
use crate::time::Time;
use crate::topology::Action;

#[derive(Clone, Debug)]
pub(super) struct What {
    pub target: Target,
    pub solution: usize,
    pub host: usize,
    pub action: Action,
    pub application: Option<usize>,
    pub incident: Arc<str>,
    /// The step's name, in whose place its command may say `{step}`.
    pub step: Arc<str>,
    /// Counts from 1.
    pub attempt: u32,
}

#[derive(Clone, Debug)]
pub(super) enum Target {
    Step(StepRef),
    /// A VIP-disable that is owed.
    Debt,
    /// What follows its payment.
    Announcement,
}

impl What {
    pub fn step(core: &Core, solution: usize, incident: &Arc<str>, step: usize) -> Option<What> {
        let target = StepRef {
            solution,
            incident: incident.clone(),
            step,
        };
        let described = find(core, &target)?;
        Some(What {
            solution,
            host: described.host,
            action: described.action,
            application: described.application,
            incident: incident.clone(),
            step: format!("{incident}/{}", step + 1).into(),
            attempt: described.attempts,
            target: Target::Step(target),
        })
    }

    pub fn debt(core: &Core, solution: usize, host: usize) -> Option<What> {
        let debt = debt(core, solution, host)?;
        Some(What {
            target: Target::Debt,
            solution,
            host,
            action: Action::VipDisable,
            application: None,
            incident: debt.incident.clone(),
            step: format!("{}/owed-{}", debt.incident, host + 1).into(),
            attempt: debt.attempts,
        })
    }

    pub fn in_doubt(core: &Core, doubt: &InDoubt) -> Option<What> {
        match doubt {
            InDoubt::Step(step) => What::step(core, step.solution, &step.incident, step.step),
            InDoubt::Debt { solution, host } => What::debt(core, *solution, *host),
            InDoubt::Announcement { solution, .. } => What::announcement(core, *solution),
        }
    }

    pub fn announcement(core: &Core, solution: usize) -> Option<What> {
        let due = core.state.pairs.get(solution)?.announcement.as_ref()?;
        Some(What {
            target: Target::Announcement,
            solution,
            host: due.host,
            action: Action::VipAnnounce,
            application: None,
            incident: due.incident.clone(),
            step: format!("{}/announced-{}", due.incident, due.host + 1).into(),
            attempt: due.attempts,
        })
    }

    /// Names this try, and a part of it, for ever.
    pub fn job_id(&self, part: &str) -> JobId {
        JobId::new(format!("{}.{}.{part}", self.step, self.attempt))
    }

    pub fn told(&self, outcome: Outcome) -> Input {
        match &self.target {
            Target::Step(step) => Input::Outcome {
                step: step.clone(),
                outcome,
            },
            Target::Debt => Input::DebtOutcome {
                solution: self.solution,
                host: self.host,
                outcome,
            },
            Target::Announcement => Input::Announced {
                solution: self.solution,
                host: self.host,
                outcome,
            },
        }
    }

    /// The core still waits for the end of this very try.
    pub fn is_unsettled(&self, core: &Core) -> bool {
        match &self.target {
            Target::Step(step) => find(core, step).is_some_and(|step| {
                (step.is_running() || step.is_in_doubt()) && step.attempts == self.attempt
            }),
            Target::Debt => debt(core, self.solution, self.host)
                .is_some_and(|debt| debt.running && debt.attempts == self.attempt),
            Target::Announcement => {
                let pair = core.state.pairs.get(self.solution);
                pair.and_then(|pair| pair.announcement.as_ref())
                    .is_some_and(|due| due.running && due.attempts == self.attempt)
            }
        }
    }

    /// Its effect was seen before its command ended.
    pub fn was_seen_done(&self, core: &Core) -> bool {
        let Target::Step(step) = &self.target else {
            return false;
        };
        find(core, step).is_some_and(|step| step.state == StepState::Done)
    }

    /// The core was told already that nobody knows what its command did.
    pub fn is_known_lost(&self, core: &Core) -> bool {
        let Target::Step(step) = &self.target else {
            return false;
        };
        find(core, step).is_some_and(Step::is_in_doubt)
    }

    /// When it was started, or later: a debt does not tell, so its try is taken to have begun just now.
    pub fn started(&self, core: &Core) -> Time {
        let Target::Step(step) = &self.target else {
            return core.state.now;
        };
        let started = find(core, step).and_then(|step| step.started);
        started.unwrap_or(core.state.now)
    }
}

fn find<'a>(core: &'a Core, at: &StepRef) -> Option<&'a Step> {
    let pair = core.state.pairs.get(at.solution)?;
    let incident = pair.incidents.iter().find(|each| each.id == at.incident)?;
    incident.steps.get(at.step)
}

fn debt(core: &Core, solution: usize, host: usize) -> Option<&Debt> {
    let pair = core.state.pairs.get(solution)?;
    pair.owed.iter().find(|debt| debt.host == host)
}
