//! What the end of a command means for its step. An exit code is a hint; a switch is judged by its 4563.

use std::sync::Arc;

use super::entry::Entry;
use super::incident::{Step, StepState};
use super::reason::Reason;
use super::state::State;
use crate::time::Time;
use crate::topology::Action;

/// One step of one incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRef {
    pub solution: usize,
    pub incident: Arc<str>,
    pub step: usize,
}

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Succeeded,
    /// Its effect was looked for and found.
    Confirmed,
    /// Another exit code, or a signal, in words.
    Failed(String),
    TimedOut,
    /// It never started, so it did nothing.
    NotRun(String),
}

pub(super) fn outcome(state: &State, now: Time, at: &StepRef, outcome: &Outcome) -> Vec<Entry> {
    let pair = &state.pairs[at.solution];
    let Some(incident) = pair.incident(&at.incident) else {
        return Vec::new();
    };
    let Some(step) = incident.steps.get(at.step) else {
        return Vec::new();
    };
    let runs = matches!(step.state, StepState::Started | StepState::WouldRun);
    if !runs || step.ended.is_some() {
        return Vec::new();
    }
    let (solution, incident, position) = (at.solution, at.incident.clone(), at.step);
    let mut entries = vec![Entry::StepEnded {
        solution,
        incident: incident.clone(),
        step: position,
        at: now,
    }];
    if *outcome == Outcome::Confirmed {
        entries.push(Entry::StepConfirmed {
            solution,
            incident,
            step: position,
            at: now,
        });
        return entries;
    }
    let Some((to, reason)) = judged(step, outcome) else {
        return entries;
    };
    let detail = match outcome {
        Outcome::Failed(text) | Outcome::NotRun(text) => Some(Arc::from(text.as_str())),
        _ => None,
    };
    let incident_id = incident.clone();
    entries.push(Entry::StepMoved {
        solution,
        incident,
        step: position,
        to,
        reason,
        detail,
        at: now,
    });
    if to == StepState::Owed {
        entries.push(Entry::Owed {
            solution,
            host: step.host,
            incident: incident_id,
            at: now,
        });
    }
    entries
}

/// The state that the end of the command leads to; none if the effect is still to be seen.
fn judged(step: &Step, outcome: &Outcome) -> Option<(StepState, Reason)> {
    let reason = match outcome {
        Outcome::Confirmed => return None,
        Outcome::Succeeded => Reason::CommandSucceeded,
        Outcome::Failed(_) => Reason::CommandFailed,
        Outcome::TimedOut => Reason::TimedOut,
        Outcome::NotRun(_) => Reason::NotRun,
    };
    let to = match (step.action, outcome) {
        (Action::SwitchToPrimary, Outcome::Succeeded) => return None,
        (Action::SwitchToPrimary, Outcome::NotRun(_)) => StepState::Failed,
        (Action::SwitchToPrimary, _) => StepState::Unknown,
        // A dry run has seen nothing done.
        (_, Outcome::Succeeded) if step.state == StepState::WouldRun => return None,
        (_, Outcome::Succeeded) => StepState::Done,
        (Action::VipDisable, _) => StepState::Owed,
        _ => StepState::Failed,
    };
    Some((to, reason))
}
