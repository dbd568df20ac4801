//! The reaction set of a move, as data: which steps there are, and what each waits for.
//!
//! Every move of a pair has the same plan, whatever caused it; what is so already is found when a step's
//! turn comes. So any order of a storm's events gives the same set of steps.

use super::incident::{Incident, Step, StepState};
use super::reason::Reason;
use super::state::Pair;
use crate::topology::{Action, Solution, VipOrder};

/// The steps that bring the pair to `to`, in the order in which they are told.
pub fn plan(solution: &Solution, to: usize) -> Vec<Step> {
    let from = 1 - to;
    let mut steps = Vec::new();
    let lead = solution.lead(to);
    if let Some(lead) = lead {
        steps.push(step(
            Action::SwitchToPrimary,
            Some(lead),
            to,
            Reason::MovesLead,
        ));
    }
    if solution.vip.is_some() {
        let enable = step(Action::VipEnable, None, to, Reason::VipToPrimary);
        let disable = step(Action::VipDisable, None, from, Reason::VipOffOldHost);
        match solution.policy.vip_order {
            VipOrder::DisableFirst => steps.extend([disable, enable]),
            VipOrder::EnableFirst | VipOrder::Parallel => steps.extend([enable, disable]),
        }
    }
    let together = solution
        .applications
        .iter()
        .enumerate()
        .filter(|(index, application)| {
            application.host == Some(to) && application.component.switched && Some(*index) != lead
        });
    for (index, _) in together {
        steps.push(step(
            Action::SwitchToPrimary,
            Some(index),
            to,
            Reason::MovesTogether,
        ));
    }
    if solution.vip.is_some() && solution.policy.announces {
        steps.push(step(Action::VipAnnounce, None, to, Reason::TellNeighbours));
    }
    steps
}

fn step(action: Action, application: Option<usize>, host: usize, reason: Reason) -> Step {
    Step {
        action,
        application,
        host,
        state: StepState::Planned,
        reason,
        detail: None,
        ready: None,
        attempts: 0,
        retry_at: None,
        started: None,
        ended: None,
        confirmed: None,
    }
}

/// What has to be true before a planned step may start, gates and grace times apart.
pub(super) fn may_start(
    solution: &Solution,
    pair: &Pair,
    incident: &Incident,
    step: &Step,
) -> bool {
    let lead_is_primary = pair.leads(solution, incident.to);
    let over = |action| incident.step(action).is_none_or(Step::is_over);
    // A debt of the host is being paid: it would take away what the new primary needs, or do the same beside it.
    let paying = |debt: &super::Debt| debt.running && debt.host == step.host;
    let paid = !pair.owed.iter().any(paying);
    match step.action {
        Action::SwitchToPrimary => {
            lead_is_primary || step.application == solution.lead(incident.to)
        }
        Action::VipEnable => {
            let freed =
                solution.policy.vip_order != VipOrder::DisableFirst || over(Action::VipDisable);
            lead_is_primary && freed && paid && !vip_is_moving(pair, incident)
        }
        Action::VipDisable => {
            // A lost host delays nothing, and nothing is gained by making its debt wait.
            let lost = pair.hosts[step.host].lost;
            let taken = lost
                || solution.policy.vip_order != VipOrder::EnableFirst
                || over(Action::VipEnable);
            lead_is_primary && taken && (lost || paid) && !vip_is_moving(pair, incident)
        }
        Action::VipAnnounce => {
            let enabled = incident.step(Action::VipEnable).is_some_and(|enable| {
                matches!(enable.state, StepState::WouldRun | StepState::Done)
            });
            lead_is_primary && enabled && over(Action::VipDisable)
        }
    }
}

/// A VIP command of another incident still runs, or may. A switch that hangs is nothing to wait for.
fn vip_is_moving(pair: &Pair, incident: &Incident) -> bool {
    pair.incidents
        .iter()
        .filter(|other| other.id != incident.id)
        .any(|other| {
            let moving =
                |step: &&Step| !step.is_switch() && (step.is_running() || step.is_in_doubt());
            other.steps.iter().find(moving).is_some()
        })
}
