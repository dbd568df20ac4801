//! What the journal says, read beside the daemon as any other command reads it.

use tailswitch::decide::{Entry, Incident, State, Step, StepState};
use tailswitch::journal::Reader;
use tailswitch::topology::Action;

use crate::site::{Site, until};

pub trait Recorded {
    /// Everything that was written, oldest first.
    fn entries(&self) -> Vec<Entry>;

    fn state(&self) -> State;

    /// Oldest first.
    fn incidents(&self) -> Vec<Incident>;

    /// How many incidents were closed.
    fn closed(&self) -> usize;

    /// Waits until the last of so many incidents is closed and nothing is owed or under way.
    fn until_closed(&self, count: usize) -> Vec<Incident>;
}

impl Recorded for Site {
    fn entries(&self) -> Vec<Entry> {
        // There may be no journal yet, or a half-made one.
        let reader = Reader::open(&self.path("state"));
        let lines = reader.and_then(|reader| reader.entries_behind(0, usize::MAX));
        let lines = lines.unwrap_or_default();
        lines.iter().map(|line| line.entry().unwrap()).collect()
    }

    fn state(&self) -> State {
        let reader = Reader::open(&self.path("state")).unwrap();
        reader.state(&self.config().topology).unwrap()
    }

    fn incidents(&self) -> Vec<Incident> {
        let reader = Reader::open(&self.path("state")).unwrap();
        let mut told = reader.incidents(100).unwrap();
        told.reverse();
        told.into_iter().map(|each| each.incident).collect()
    }

    fn until_closed(&self, count: usize) -> Vec<Incident> {
        until("the incidents are closed", || self.closed() >= count);
        self.incidents()
    }

    fn closed(&self) -> usize {
        let is_closed = |entry: &&Entry| matches!(entry, Entry::Closed { .. });
        self.entries().iter().filter(is_closed).count()
    }
}

/// The step of that action, of the application of this number in the configuration if one is given.
pub fn step(incident: &Incident, action: Action, application: Option<usize>) -> &Step {
    let is_it = |step: &&Step| {
        step.action == action && (application.is_none() || step.application == application)
    };
    incident.steps.iter().find(is_it).unwrap()
}

/// How often a command's start was written down: steps and debts.
pub fn intents(entries: &[Entry]) -> usize {
    let is_intent = |entry: &&Entry| {
        matches!(
            entry,
            Entry::StepMoved {
                to: StepState::Started,
                ..
            } | Entry::DebtTried { .. }
        )
    };
    entries.iter().filter(is_intent).count()
}
