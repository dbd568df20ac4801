//! What the read side needs of the journal, so that it can be read with the daemon and without.

use std::sync::Arc;

use crate::decide::{Entry, State, apply};
use crate::time::Time;
use crate::topology::Topology;

/// The journal, read only. Indices in its entries and states are those of the topology it was opened with.
pub trait Past {
    /// The newest entries of a kind, newest first.
    fn entries(&mut self, wanted: &Wanted, page: Page) -> Result<Vec<Written>, PastError>;

    /// What is believed after all entries.
    fn now(&mut self) -> Result<State, PastError>;

    /// What was believed directly before the entry of that number; none if that cannot be told any more.
    fn before(&mut self, number: u64) -> Result<Option<State>, PastError>;
}

/// Opens the journal for one question. It may block, and is called where that is allowed.
pub type OpenPast = Arc<dyn Fn(&Arc<Topology>) -> Result<Box<dyn Past>, PastError> + Send + Sync>;

/// One entry with its place in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub number: u64,
    /// The time at which it was decided.
    pub at: Time,
    pub entry: Entry,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All that was decided for one incident.
    Incident(Arc<str>),
    /// The last word on each closed incident.
    Closed,
    /// The verdicts on events.
    Decided,
    /// Everything in a span of time, both ends included.
    Between(Time, Time),
}

/// At most so many entries, of those before a number if one is given.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    pub before: Option<u64>,
    pub limit: usize,
}

/// The journal cannot be read; the text follows "the journal cannot be read: ".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PastError(pub String);

impl Page {
    pub fn newest(limit: usize) -> Page {
        Page {
            before: None,
            limit,
        }
    }
}

impl Wanted {
    fn wants(&self, written: &Written) -> bool {
        match self {
            Wanted::Incident(id) => written.entry.incident() == Some(id),
            Wanted::Closed => matches!(written.entry, Entry::Closed { .. }),
            Wanted::Decided => matches!(written.entry, Entry::Decided(_)),
            Wanted::Between(from, to) => (*from..=*to).contains(&written.at),
        }
    }
}

/// A past that is held in memory.
#[derive(Clone, Debug)]
pub struct Remembered {
    topology: Arc<Topology>,
    written: Vec<Written>,
}

impl Remembered {
    pub fn new(topology: Arc<Topology>) -> Remembered {
        Remembered {
            topology,
            written: Vec::new(),
        }
    }

    fn state(&self, before: u64) -> State {
        let mut state = State::new(self.topology.clone());
        let earlier = |written: &&Written| written.number < before;
        for written in self.written.iter().take_while(earlier) {
            apply(&mut state, &written.entry);
            state.now = state.now.max(written.at);
        }
        state
    }

    /// Takes in what one input made of it.
    pub fn remember(&mut self, at: Time, entries: Vec<Entry>) {
        for entry in entries {
            let number = self.written.len() as u64 + 1;
            self.written.push(Written { number, at, entry });
        }
    }
}

impl Past for Remembered {
    fn entries(&mut self, wanted: &Wanted, page: Page) -> Result<Vec<Written>, PastError> {
        let newest_first = self.written.iter().rev();
        let on_page = |written: &&Written| page.before.is_none_or(|end| written.number < end);
        let found = newest_first
            .filter(on_page)
            .filter(|each| wanted.wants(each));
        Ok(found.take(page.limit).cloned().collect())
    }

    fn now(&mut self) -> Result<State, PastError> {
        Ok(self.state(u64::MAX))
    }

    fn before(&mut self, number: u64) -> Result<Option<State>, PastError> {
        Ok(Some(self.state(number)))
    }
}
