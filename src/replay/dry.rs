//! The stand-in for the commands of a replay: it runs nothing, and says how each step would have ended.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::decide::{Core, Outcome, StepRef};
use crate::time::Time;
use crate::topology::Action;

/// When a step counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effects {
    /// When the logs show its 4563 or mode line.
    Observed,
    /// At once, as if every step worked.
    Assumed,
}

/// A step that is made to fail.
#[derive(Clone, Debug)]
pub struct Failing {
    pub action: Action,
    /// The name of the host or of the application that the step is for.
    pub target: Arc<str>,
    pub how: HowItFails,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HowItFails {
    /// Its command hangs until its timeout.
    Timeout,
    /// Its command ends with an error at once.
    Error,
}

#[derive(Clone, Debug)]
pub struct DryRun {
    effects: Effects,
    failing: Vec<Failing>,
    /// The timeout of an action's command: by solution, host and action.
    timeout: TimeoutOf,
    /// In the order in which they end.
    pending: VecDeque<(Time, StepRef, Outcome)>,
}

#[derive(Clone)]
struct TimeoutOf(Arc<dyn Fn(usize, usize, Action) -> Duration>);

impl std::fmt::Debug for TimeoutOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TimeoutOf")
    }
}

impl DryRun {
    pub fn new(
        effects: Effects,
        failing: Vec<Failing>,
        timeout: impl Fn(usize, usize, Action) -> Duration + 'static,
    ) -> DryRun {
        DryRun {
            effects,
            failing,
            timeout: TimeoutOf(Arc::new(timeout)),
            pending: VecDeque::new(),
        }
    }

    /// A step would have been started; what comes of it is due now or later.
    pub(super) fn started(
        &mut self,
        core: &Core,
        solution: usize,
        incident: &Arc<str>,
        step: usize,
        at: Time,
    ) {
        let described = core.state.solution(solution);
        let Some(found) = core.state.pairs[solution]
            .incidents
            .iter()
            .find(|each| each.id == *incident)
        else {
            return;
        };
        let found = &found.steps[step];
        let host = &described.hosts[found.host].name;
        let application = found
            .application
            .map(|index| &described.applications[index].name);
        let fails = |failing: &&Failing| {
            failing.action == found.action
                && (failing.target == *host || Some(&failing.target) == application)
        };
        let (due, outcome) = match self.failing.iter().find(fails).map(|failing| failing.how) {
            Some(HowItFails::Error) => (at, Outcome::Failed("made to fail".into())),
            Some(HowItFails::Timeout) => (
                at.plus((self.timeout.0)(solution, found.host, found.action)),
                Outcome::TimedOut,
            ),
            None if self.effects == Effects::Assumed => (at, Outcome::Confirmed),
            None => return,
        };
        let step = StepRef {
            solution,
            incident: incident.clone(),
            step,
        };
        let place = self.pending.iter().position(|(other, _, _)| *other > due);
        self.pending
            .insert(place.unwrap_or(self.pending.len()), (due, step, outcome));
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.pending.front().map(|(due, _, _)| *due)
    }

    pub(super) fn take(&mut self) -> Option<(StepRef, Outcome)> {
        self.pending
            .pop_front()
            .map(|(_, step, outcome)| (step, outcome))
    }
}
