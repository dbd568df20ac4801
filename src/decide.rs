//! The decision: what is believed of the pairs, which incident an event belongs to, which steps run, and why.
//!
//! Nothing here reads a clock, a file, a socket or a process. Daemon, replay, simulator and recovery are
//! drivers of the same three functions:
//!
//! - [`decide`] turns an input into [`Entry`] values and changes nothing;
//! - [`apply`] folds one entry into the [`State`], and is all that ever changes it;
//! - [`State::next_wake`] says when the core wants to be asked again.
//!
//! [`Core`] puts them together: one input in, all entries out that follow from it.
//!
//! An event goes through `judge` (one verdict for each event: open, absorb, echo, ignore or hold), which asks
//! `gate` whether anything forbids the move and `plan` for its steps. What follows from the state, whatever
//! brought it about, is `advance`'s: it starts a step when its turn comes, ends reactions, closes incidents.

mod advance;
mod alert;
mod apply;
mod belief;
mod deadline;
mod entry;
mod fold;
mod gate;
mod incident;
mod judge;
mod operator;
mod outcome;
mod plan;
mod reading;
mod reason;
mod renumber;
mod state;

use std::sync::Arc;

pub use apply::apply;
pub use entry::{Alert, Decision, Entry, EntryKind, Lesson, Operated, Request, Verb, Verdict};
pub use fold::{Fold, InDoubt};
pub use incident::{Cause, CauseKind, Hold, Incident, IncidentState, Step, StepState};
pub use outcome::{Outcome, StepRef};
pub use plan::plan;
pub use reading::{Move, Reading, Standing, readings};
pub use reason::Reason;
pub use renumber::Renumbering;
pub use state::{
    Announcement, Awaited, Block, Closed, Debt, HostBelief, Member, OpenAlert, Pair, Pause, Report,
    Scs, State, Unconfirmed,
};

use crate::event::{Event, Mode, Status};
use crate::time::Time;
use crate::topology::Topology;

/// Everything that can reach the core.
#[derive(Clone, Debug)]
pub enum Input {
    /// A record that a pack gave a meaning; `stamp` is its time on the corrected clock.
    Event {
        event: Arc<Event>,
        stamp: Time,
    },
    /// The same, read back from before the start: it teaches roles and never acts.
    History {
        event: Arc<Event>,
        stamp: Time,
    },
    /// An application whose failure waits for confirmation wrote a record of this stamp in its own log.
    Alive {
        solution: usize,
        application: usize,
        stamp: Time,
    },
    /// The command of a step ended, or a dry run says how it would have.
    Outcome {
        step: StepRef,
        outcome: Outcome,
    },
    /// The command that pays a host's debt ended.
    DebtOutcome {
        solution: usize,
        host: usize,
        outcome: Outcome,
    },
    /// The command that announces the VIP on the host, after its old one has paid, ended.
    Announced {
        solution: usize,
        host: usize,
        outcome: Outcome,
    },
    /// What the status command says of one application.
    Reported {
        solution: usize,
        application: usize,
        mode: Option<Mode>,
        status: Option<Status>,
    },
    Operator {
        solution: usize,
        request: Request,
    },
    /// Nothing may act any more: the journal cannot be written, or another daemon leads.
    Disarm(Reason),
    /// The clock jumped, the machine slept, or the loop stood still.
    WorldDoubted,
    /// Logs and status command were read again since.
    WorldRead,
    /// A time that `next_wake` named has come.
    Wake,
}

/// What the input makes known and decided. `now` only rises.
pub fn decide(state: &State, now: Time, input: &Input) -> Vec<Entry> {
    match input {
        Input::Event { event, stamp } => judge::judge(state, now, event, *stamp, false),
        Input::History { event, stamp } => judge::judge(state, now, event, *stamp, true),
        Input::Alive {
            solution,
            application,
            stamp,
        } => {
            let (solution, application, stamp) = (*solution, *application, *stamp);
            vec![Entry::Alive {
                solution,
                application,
                stamp,
            }]
        }
        Input::Outcome { step, outcome } => outcome::outcome(state, now, step, outcome),
        Input::DebtOutcome {
            solution,
            host,
            outcome,
        } => outcome::debt_outcome(state, now, *solution, *host, outcome),
        Input::Announced {
            solution,
            host,
            outcome,
        } => outcome::announced(state, now, *solution, *host, outcome),
        Input::Reported {
            solution,
            application,
            mode,
            status,
        } => vec![Entry::Reported {
            solution: *solution,
            application: *application,
            mode: *mode,
            status: *status,
            at: now,
        }],
        Input::Operator { solution, request } => operator::operate(state, now, *solution, request),
        Input::Disarm(reason) => vec![Entry::Disarmed {
            reason: *reason,
            at: now,
        }],
        Input::WorldDoubted => vec![Entry::WorldDoubted { at: now }],
        Input::WorldRead => vec![Entry::WorldRead { at: now }],
        Input::Wake => Vec::new(),
    }
}

/// The core as a driver uses it.
#[derive(Clone, Debug)]
pub struct Core {
    pub state: State,
}

impl Core {
    pub fn new(topology: Arc<Topology>) -> Core {
        Core {
            state: State::new(topology),
        }
    }

    /// The core as a journal's entries leave it: what is due by `now` follows with the next input.
    pub fn recovered<'a>(
        topology: Arc<Topology>,
        entries: impl IntoIterator<Item = &'a Entry>,
        now: Time,
    ) -> Core {
        let mut core = Core::new(topology);
        for entry in entries {
            apply(&mut core.state, entry);
        }
        core.state.now = now;
        for solution in 0..core.state.pairs.len() {
            core.state.reschedule(solution);
        }
        core
    }

    /// Takes one input in and returns every entry that follows from it, applied and in order.
    ///
    /// A `now` before that of an earlier input is taken for the earlier one's: time only rises.
    pub fn handle(&mut self, now: Time, input: &Input) -> Vec<Entry> {
        let now = now.max(self.state.now);
        self.state.now = now;
        let mut entries = decide(&self.state, now, input);
        let mut touched = self.state.due(now);
        for entry in &entries {
            apply(&mut self.state, entry);
            touched.extend(entry.solution());
        }
        let concerns_all =
            |entry: &Entry| matches!(entry, Entry::WorldRead { .. } | Entry::ScsObserved { .. });
        if entries.iter().any(concerns_all) {
            touched.extend(0..self.state.pairs.len());
        }
        touched.sort_unstable();
        touched.dedup();
        for solution in touched {
            self.settle(solution, now, &mut entries);
            self.state.reschedule(solution);
        }
        entries
    }

    /// Takes evidence in that nothing follows from by itself.
    pub fn hear(&mut self, input: &Input) -> Vec<Entry> {
        let entries = decide(&self.state, self.state.now, input);
        for entry in &entries {
            apply(&mut self.state, entry);
        }
        entries
    }

    fn settle(&mut self, solution: usize, now: Time, entries: &mut Vec<Entry>) {
        loop {
            let next = advance::advance(&self.state, solution, now);
            if next.is_empty() {
                return;
            }
            for entry in next {
                apply(&mut self.state, &entry);
                entries.push(entry);
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
