//! When a pair wants to be looked at again: every timer of the core, in one table.

use super::alert::ripens;
use super::incident::{Incident, StepState};
use super::state::{Pair, State};
use crate::time::Time;
use crate::topology::Solution;

/// The earliest time after `now` at which something follows for the pair without any further input.
fn next(solution: &Solution, pair: &Pair, now: Time) -> Option<Time> {
    // Failures whose `confirm` ends.
    let confirm = pair.awaited.iter().map(|awaited| awaited.due);
    let incidents = pair
        .incidents
        .iter()
        .flat_map(|incident| of_incident(solution, incident));
    // Roles that are unclear for longer than `role_tolerance`.
    let unclear = ripens(solution, pair);
    // The pause that ends, debts that are tried again, and the maintenance that keeps them from it.
    let pause = pair.pause.iter().map(|pause| pause.until);
    let announces = pair.announcement.iter().any(|due| !due.running);
    let waits = announces || pair.owed.iter().any(|debt| !debt.running);
    let window = solution.maintenance(now).filter(|_| waits);
    let window = window.and_then(|window| window.until(now));
    let debts = pair
        .owed
        .iter()
        .filter(|debt| !debt.running)
        .filter_map(|debt| debt.next_try);
    // The oldest move that counts for flapping leaves the count.
    let calm = pair
        .moves
        .iter()
        .map(|at| at.plus(solution.policy.flap_within));
    confirm
        .chain(incidents)
        .chain(unclear)
        .chain(calm)
        .chain(pause)
        .chain(debts)
        .chain(window)
        .filter(|at| *at > now)
        .min()
}

fn of_incident<'a>(
    solution: &'a Solution,
    incident: &'a Incident,
) -> impl Iterator<Item = Time> + 'a {
    let policy = &solution.policy;
    // Effects that are awaited.
    let verify = incident.steps.iter().filter(|step| step.awaits_effect());
    let verify = verify.filter_map(|step| step.verify_until(policy.verify));
    // Switches that leave SCS, or a target that is down, some time.
    let grace = incident
        .steps
        .iter()
        .filter(|step| step.state == StepState::Planned);
    let grace = grace.filter_map(|step| step.ready);
    let grace = grace.flat_map(|ready| [ready.plus(policy.yield_for), ready.plus(policy.verify)]);
    // Steps that are tried again.
    let retries = incident
        .steps
        .iter()
        .filter(|step| step.state == StepState::Planned);
    let retries = retries.filter_map(|step| step.retry_at);
    // The window for further events.
    verify
        .chain(grace)
        .chain(retries)
        .chain(std::iter::once(incident.window_ends(policy)))
}

impl State {
    /// When the core wants a `Wake`, if nothing else happens before.
    pub fn next_wake(&self) -> Option<Time> {
        self.wakes.first().map(|(at, _)| *at)
    }

    /// Applications whose failure is about to be judged: (solution, application). If their own logs go on, now is
    /// the time to say so.
    pub fn doubted(&self, now: Time) -> Vec<(usize, usize)> {
        let awaited = |solution: usize| {
            self.pairs[solution]
                .awaited
                .iter()
                .map(move |each| (solution, each))
        };
        let due = self.due(now).into_iter().flat_map(awaited);
        due.filter(|(_, each)| each.due <= now)
            .map(|(solution, each)| (solution, each.application))
            .collect()
    }

    /// The pairs whose time has come.
    pub(super) fn due(&self, now: Time) -> Vec<usize> {
        self.wakes
            .iter()
            .take_while(|(at, _)| *at <= now)
            .map(|(_, solution)| *solution)
            .collect()
    }

    pub(super) fn reschedule(&mut self, solution: usize) {
        let pair = &self.pairs[solution];
        let next = next(&self.topology.solutions[solution], pair, self.now);
        if pair.wake == next {
            return;
        }
        if let Some(old) = pair.wake {
            self.wakes.remove(&(old, solution));
        }
        if let Some(new) = next {
            self.wakes.insert((new, solution));
        }
        self.pairs[solution].wake = next;
    }
}
