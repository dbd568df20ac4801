//! The operator's verbs. Each is journaled with who asked and why, also where it is refused.

use std::sync::Arc;

use super::entry::{Entry, Operated, Request, Verb};
use super::gate::Gate;
use super::incident::{Cause, CauseKind, Hold, Incident};
use super::reason::Reason;
use super::state::State;
use crate::time::Time;

pub(super) fn operate(state: &State, now: Time, index: usize, request: &Request) -> Vec<Entry> {
    let Some(pair) = state.pairs.get(index) else {
        return Vec::new();
    };
    let refused = match &request.verb {
        Verb::Pause { until } => (*until <= now).then(|| nothing("its end is past")),
        Verb::Resume => pair
            .pause
            .is_none()
            .then(|| nothing("the pair is not paused")),
        Verb::Acknowledge { incident } => {
            let known = pair.lock.as_ref() == Some(incident)
                || pair
                    .block
                    .as_ref()
                    .is_some_and(|block| block.by == *incident)
                || pair.flapping;
            (!known).then(|| nothing("it neither locks nor blocks the pair"))
        }
        Verb::Forgive { host } => {
            let debt = pair.owed.iter().find(|debt| debt.host == *host);
            match debt {
                None => Some(nothing("the host owes nothing")),
                Some(debt) if debt.running => Some(Hold {
                    reason: Reason::ReactionRunning,
                    detail: "the command that pays the debt runs at this moment".into(),
                }),
                Some(_) => None,
            }
        }
        Verb::Force { .. } => {
            let solution = state.solution(index);
            Gate {
                state,
                solution,
                pair,
                now,
            }
            .reaction_running()
        }
    };
    if let Some(Hold { reason, detail }) = refused {
        let (request, detail) = (request.clone(), Some(detail));
        return vec![Entry::Refused {
            solution: index,
            request,
            reason,
            detail,
            at: now,
        }];
    }
    let operated = Operated {
        solution: index,
        request: request.clone(),
        at: now,
    };
    let mut entries = vec![Entry::Operated(operated)];
    match request.verb {
        Verb::Force { to } if to < 2 => entries.extend(forced(state, now, index, to, request)),
        Verb::Forgive { host } => entries.push(Entry::OwedSettled {
            solution: index,
            host,
            state: super::StepState::Void,
            reason: Reason::Forgiven,
            at: now,
        }),
        _ => {}
    }
    entries
}

/// The plan of every move, for the reason that somebody wants it.
fn forced(state: &State, now: Time, index: usize, to: usize, request: &Request) -> Vec<Entry> {
    let (solution, pair) = (state.solution(index), &state.pairs[index]);
    let Some(lead) = solution.lead(to) else {
        return Vec::new();
    };
    let mut entries: Vec<Entry> = pair
        .incidents
        .iter()
        .map(|open| Entry::Closed {
            solution: index,
            incident: Box::new(open.closing(now)),
        })
        .collect();
    let (id, trigger, reason) = ("force".into(), CauseKind::Forced, Reason::Forced);
    let cause = Cause {
        id,
        application: lead,
        trigger,
        reason,
    };
    let mut incident = Incident::open((solution, pair), now, to, cause, None);
    incident.operator = Some(format!("{}: {}", request.by, request.why).into());
    entries.push(Entry::Opened {
        solution: index,
        incident: Box::new(incident),
    });
    entries
}

fn nothing(detail: &str) -> Hold {
    Hold {
        reason: Reason::NothingToDo,
        detail: Arc::from(detail),
    }
}
