//! The journal: what was learned and decided, on disk before anything is done about it.
//!
//! One SQLite file in the state folder, readable by anyone with `sqlite3` while the daemon runs. Beside it lie
//! `lock`, which one daemon holds, and `head`, which knows the newest entry even when the file has lost it.
//!
//! - [`Journal::open`] takes the folder, checks what is there, and hands back the state folded from it.
//! - [`Journal::append`] returns once the entries are on disk. Its first failure is its last: whatever a later
//!   try said would prove nothing, so the journal is dead until the daemon is started again.
//! - What is broken is kept aside and told, never skipped: the daemon then alerts, and acts on nothing until
//!   somebody has settled it.
//! - [`Reader`] is for everyone else, beside the daemon or without it.
//!
//! Times are handed in. Entries hold no secrets, because the core never sees any.

mod chain;
mod damage;
mod folder;
mod head;
mod memory;
mod moment;
mod names;
mod open;
mod past;
mod prune;
mod reader;
mod recover;
mod runs;
mod schema;
mod snapshot;
mod verify;
mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;

pub use damage::Damage;
pub use folder::{FolderError, Holder};
pub use memory::{Fault, MemoryStore};
pub use moment::{Last, Moment};
pub use open::{OpenError, Setup};
pub use past::Recorded;
pub use prune::{Keep, Pruned};
pub use reader::{Line, OpenAlert, ReadError, Reader, Told};
pub use verify::Verified;
pub use write::Journal;

use crate::decide::{Entry, InDoubt, State};
use crate::time::Time;

/// The number of an entry. It rises from one entry to the next, not always by one.
pub type Seq = i64;

/// Where a source was read to: a key, and bytes that only the tail understands.
pub type Position = (String, Vec<u8>);

/// What an engine needs of a journal. The daemon's is [`Journal`], a simulator's is [`MemoryStore`].
pub trait Store {
    /// Writes entries and positions down, together or not at all. They are durable when this returns.
    fn append(
        &mut self,
        at: Moment,
        entries: &[Entry],
        positions: &[Position],
    ) -> Result<Seq, Dead>;

    /// Enough was written that [`Store::tend`] is worth its time.
    fn wants_tending(&self) -> bool;

    /// Work for a quiet moment. `state` is the fold of all entries so far.
    fn tend(&mut self, at: Moment, state: &State) -> Result<(), Dead>;

    /// Why nothing more can be written, if so.
    fn dead(&self) -> Option<&Dead>;
}

/// The journal failed, and is not used again by this process.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("journal not writable since {since}: {why}")]
pub struct Dead {
    pub since: Time,
    pub why: Arc<str>,
}

/// What a start finds.
#[derive(Debug)]
pub struct Recovered {
    /// The fold of all entries, in the present configuration's numbers.
    pub state: State,
    /// What was started and not seen to end.
    pub in_doubt: Vec<InDoubt>,
    /// Open incidents that name something which is no longer configured: nothing is done about them any more.
    pub left_behind: Vec<Arc<str>>,
    pub positions: BTreeMap<String, Vec<u8>>,
    /// When the newest entry was written: none if there is none.
    pub last: Option<Last>,
    /// When the latest runs started that did not end in order, newest first, up to the last orderly one.
    pub crashed: Vec<Time>,
    /// What is broken and nobody has settled: nothing may act while there is any.
    pub damage: Vec<Damage>,
    /// What is odd but harmless, in plain words.
    pub notes: Vec<String>,
}

#[cfg(test)]
mod tests;
