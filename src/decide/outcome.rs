//! What the end of a command means for its step. An exit code is a hint; a switch is judged by its 4563.

use std::sync::Arc;
use std::time::Duration;

use super::advance::pause_before;
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
    /// Its effect was there before it was started.
    AlreadySo,
    /// Another exit code, or a signal, in words.
    Failed(String),
    TimedOut,
    /// It never started, so it did nothing.
    NotRun(String),
    /// The daemon died while it ran; what it did is not known yet.
    Lost,
    /// The world was read after a loss: its effect is not there.
    NotDone,
    /// The world cannot be read after a loss.
    Unknowable,
}

pub(super) fn outcome(state: &State, now: Time, at: &StepRef, outcome: &Outcome) -> Vec<Entry> {
    let pair = &state.pairs[at.solution];
    let Some(incident) = pair.incident(&at.incident) else {
        return Vec::new();
    };
    let Some(step) = incident.steps.get(at.step) else {
        return Vec::new();
    };
    let dry = step.state == StepState::WouldRun;
    let open = step.is_running() || step.is_in_doubt() || dry;
    // A lost command has not ended for all that anybody knows.
    let first = open && step.ended.is_none() && *outcome != Outcome::Lost;
    if !open && step.state != StepState::Unknown {
        return Vec::new();
    }
    let seen = step.state == StepState::Done;
    if (seen || step.is_in_doubt()) && *outcome == Outcome::Lost {
        // Whether it still runs is told once somebody has looked.
        return Vec::new();
    }
    let (solution, incident, step_index) = (at.solution, at.incident.clone(), at.step);
    let mut entries = Vec::new();
    if first {
        let incident = incident.clone();
        entries.push(Entry::StepEnded {
            solution,
            incident,
            step: step_index,
            at: now,
        });
    }
    if seen {
        return entries;
    }
    match judged(
        step,
        outcome,
        state
            .solution(solution)
            .policy
            .retries(step.host, step.action),
    ) {
        Judged::Awaited => {}
        Judged::Confirmed => {
            entries.push(Entry::StepConfirmed {
                solution,
                incident,
                step: step_index,
                at: now,
            });
        }
        Judged::Again(reason) => entries.push(Entry::StepRetried {
            solution,
            incident,
            step: step_index,
            reason,
            detail: told(outcome),
            at: now,
            next: now.plus(pause(step, outcome)),
        }),
        Judged::Moves(to, reason) => {
            let (debtor, detail) = (incident.clone(), told(outcome));
            entries.push(Entry::StepMoved {
                solution,
                incident,
                step: step_index,
                to,
                reason,
                detail,
                at: now,
            });
            if to == StepState::Owed {
                entries.push(Entry::Owed {
                    solution,
                    host: step.host,
                    incident: debtor,
                    at: now,
                });
            }
        }
    }
    entries
}

/// The command that pays a debt ended.
pub(super) fn debt_outcome(
    state: &State,
    now: Time,
    solution: usize,
    host: usize,
    outcome: &Outcome,
) -> Vec<Entry> {
    let running = |debt: &&super::Debt| debt.host == host && debt.running;
    let Some(debt) = state.pairs[solution].owed.iter().find(running) else {
        return Vec::new();
    };
    let reason = reason(outcome);
    let is_paid = matches!(
        outcome,
        Outcome::Succeeded | Outcome::Confirmed | Outcome::AlreadySo
    );
    if is_paid {
        return vec![Entry::OwedSettled {
            solution,
            host,
            state: StepState::Done,
            reason,
            at: now,
        }];
    }
    let next = now.plus(pause_before(debt.attempts));
    vec![Entry::DebtRemains {
        solution,
        host,
        reason,
        next,
    }]
}

/// The command that announces the VIP after a payment ended.
pub(super) fn announced(
    state: &State,
    now: Time,
    solution: usize,
    host: usize,
    outcome: &Outcome,
) -> Vec<Entry> {
    let due = state.pairs[solution].announcement.as_ref();
    if due.is_none_or(|due| !due.running || due.host != host) {
        return Vec::new();
    }
    let at = now;
    if *outcome == Outcome::NotDone {
        return vec![Entry::AnnounceRemains { solution, host, at }];
    }
    let reason = reason(outcome);
    vec![Entry::AnnounceEnded {
        solution,
        host,
        reason,
        at,
    }]
}

/// In one word, how a command ended that has no effect of its own to wait for.
fn reason(outcome: &Outcome) -> Reason {
    match outcome {
        Outcome::Succeeded | Outcome::Confirmed => Reason::CommandSucceeded,
        Outcome::AlreadySo => Reason::AlreadySo,
        Outcome::TimedOut => Reason::TimedOut,
        Outcome::NotRun(_) => Reason::NotRun,
        Outcome::Failed(_) => Reason::CommandFailed,
        Outcome::Lost | Outcome::NotDone | Outcome::Unknowable => Reason::InDoubt,
    }
}

/// A step whose command failed waits so long for each time that it was started.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

fn pause(step: &Step, outcome: &Outcome) -> Duration {
    match outcome {
        // It is known not to have happened: there is nothing to give time to.
        Outcome::NotDone => Duration::ZERO,
        _ => RETRY_PAUSE * step.attempts,
    }
}

enum Judged {
    /// The effect is still to be seen.
    Awaited,
    Confirmed,
    /// Not done, and worth another attempt.
    Again(Reason),
    Moves(StepState, Reason),
}

fn judged(step: &Step, outcome: &Outcome, retries: u32) -> Judged {
    let dry = step.state == StepState::WouldRun;
    let again = !dry && step.attempts <= retries;
    let (reason, sure) = match outcome {
        Outcome::Confirmed => return Judged::Confirmed,
        Outcome::AlreadySo => return Judged::Moves(StepState::AlreadySo, Reason::AlreadySo),
        // Its end was found after all; now only the effect is awaited.
        Outcome::Succeeded if step.is_switch() && step.is_in_doubt() => {
            return Judged::Moves(StepState::Unknown, Reason::CommandSucceeded);
        }
        Outcome::Succeeded if step.is_switch() || dry => return Judged::Awaited,
        Outcome::Succeeded => return Judged::Moves(StepState::Done, Reason::CommandSucceeded),
        Outcome::Lost => return Judged::Moves(StepState::Unknown, Reason::InDoubt),
        Outcome::Unknowable => return Judged::Moves(StepState::Held, Reason::InDoubt),
        // The world says so: it is not done, and once more does no harm.
        Outcome::NotDone => return Judged::Again(Reason::InDoubt),
        Outcome::Failed(_) => (Reason::CommandFailed, false),
        Outcome::TimedOut => (Reason::TimedOut, false),
        Outcome::NotRun(_) => (Reason::NotRun, true),
    };
    match step.action {
        // A switch that may have happened is never repeated blindly; its effect may still come.
        Action::SwitchToPrimary if !sure => Judged::Moves(StepState::Unknown, reason),
        _ if again => Judged::Again(reason),
        Action::VipDisable => Judged::Moves(StepState::Owed, reason),
        _ => Judged::Moves(StepState::Failed, reason),
    }
}

fn told(outcome: &Outcome) -> Option<Arc<str>> {
    match outcome {
        Outcome::Failed(text) | Outcome::NotRun(text) => Some(Arc::from(text.as_str())),
        _ => None,
    }
}
