//! Writing: one transaction for what belongs together, durable when it returns, and never a second try.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::chain::{self, COLUMNS, Link};
use super::folder::{Folder, Place};
use super::head::{Head, HeadFile};
use super::recover::{Found, position_digest};
use super::runs::{self, Run};
use super::snapshot::Snapshot;
use super::{Dead, Moment, Position, Seq, Setup, Store, damage, schema};
use crate::decide::{Entry, State};
use crate::time::Time;
use crate::topology::Topology;

/// A start folds about so many entries at most: some 10 ms of work.
const SNAPSHOT_ENTRIES: u64 = 1_000;
/// The write-ahead log is carried over to the database every so many commits, in a quiet moment.
const CHECKPOINT_COMMITS: u64 = 256;
/// If no quiet moment comes, after so many.
const CHECKPOINT_COMMITS_MAX: u64 = 4_096;
/// Before a run is written down.
pub(super) const NO_RUN: i64 = 0;

/// Whatever went wrong in a write: it is only ever told, never handled.
pub(super) type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The daemon's journal: the only writer of its folder, for as long as this value lives.
#[derive(Debug)]
pub struct Journal {
    pub(super) connection: Connection,
    pub(super) head: HeadFile,
    pub(super) folder: Folder,
    /// The folder and the file, as they were opened.
    places: [Place; 2],
    pub(super) run: i64,
    /// The solutions' names, by number.
    solutions: Vec<Arc<str>>,
    /// The newest entry.
    pub(super) tail: Head,
    entries_since_snapshot: u64,
    commits_since_checkpoint: u64,
    dead: Option<Dead>,
}

impl Store for Journal {
    fn append(
        &mut self,
        at: Moment,
        entries: &[Entry],
        positions: &[Position],
    ) -> Result<Seq, Dead> {
        self.alive()?;
        if !entries.is_empty() || !positions.is_empty() {
            let in_place = self.places.iter().try_for_each(Place::check);
            let written = in_place.map_err(Failure::from);
            let written = written.and_then(|()| self.write(at, entries, positions));
            self.or_dead(at.wall, written)?;
        }
        Ok(self.tail.seq)
    }

    fn wants_tending(&self) -> bool {
        self.dead.is_none()
            && (self.entries_since_snapshot >= SNAPSHOT_ENTRIES
                || self.commits_since_checkpoint >= CHECKPOINT_COMMITS)
    }

    fn tend(&mut self, at: Moment, state: &State) -> Result<(), Dead> {
        self.alive()?;
        let tended = self.snapshot_if_due(at, state, SNAPSHOT_ENTRIES);
        let tended = tended.and_then(|()| self.checkpoint());
        self.or_dead(at.wall, tended)
    }

    fn dead(&self) -> Option<&Dead> {
        self.dead.as_ref()
    }
}

impl Journal {
    pub(super) fn new(
        connection: Connection,
        head: HeadFile,
        folder: Folder,
        topology: &Topology,
        found: &Found,
    ) -> Journal {
        let file = Place::of(folder.path.join(schema::NAME));
        Journal {
            connection,
            head,
            places: [Place::of(folder.path.clone()), file],
            folder,
            run: NO_RUN,
            solutions: names(topology),
            tail: found.tail,
            entries_since_snapshot: found.folded,
            commits_since_checkpoint: 0,
            dead: None,
        }
    }

    /// The entries that follow name things by their numbers in this configuration.
    pub fn reconfigure(&mut self, topology: &Topology, setup: &Setup<'_>) -> Result<(), Dead> {
        self.alive()?;
        let (boot, started) = (setup.clock.boot_id(), setup.clock.wall());
        let run = Run {
            started,
            boot: &boot,
            version: setup.version,
            config: setup.config,
            topology,
        };
        let begun = self.transact(|transaction, journal| {
            runs::end(transaction, journal.run, started)?;
            Ok(runs::begin(transaction, &run)?)
        });
        self.run = self.or_dead(started, begun)?;
        self.solutions = names(topology);
        Ok(())
    }

    /// Somebody has looked at what was broken, and takes the state for what it is. How many findings that settles.
    pub fn settle_damage(&mut self, at: Time, by: &str, why: &str) -> Result<usize, Dead> {
        self.alive()?;
        let settled = self.transact(|transaction, _| Ok(damage::settle(transaction, at, by, why)?));
        self.or_dead(at, settled)
    }

    /// Ends the run in order. `state` is the fold of all entries.
    pub fn close(mut self, at: Moment, state: &State) -> Result<(), Dead> {
        self.alive()?;
        let closed = self.snapshot_if_due(at, state, 1).and_then(|()| {
            self.transact(|transaction, journal| {
                Ok(runs::end(transaction, journal.run, at.wall)?)
            })?;
            self.checkpoint()
        });
        self.or_dead(at.wall, closed)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path.join(schema::NAME)
    }

    pub(super) fn alive(&self) -> Result<(), Dead> {
        self.dead.clone().map_or(Ok(()), Err)
    }

    /// The first failure of any write is the journal's end.
    pub(super) fn or_dead<T>(&mut self, at: Time, outcome: Result<T, Failure>) -> Result<T, Dead> {
        outcome.map_err(|failure| {
            let why = failure.to_string().into();
            self.dead.get_or_insert(Dead { since: at, why }).clone()
        })
    }

    /// Carries the write-ahead log over to the database, as far as readers let it, and makes the head durable.
    pub(super) fn checkpoint(&mut self) -> Result<(), Failure> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        self.head.sync()?;
        self.commits_since_checkpoint = 0;
        Ok(())
    }

    pub(super) fn transact<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &JournalView) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let view = JournalView {
            run: self.run,
            tail: self.tail,
        };
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction, &view)?;
        transaction.commit()?;
        self.commits_since_checkpoint += 1;
        Ok(result)
    }

    fn write(
        &mut self,
        at: Moment,
        entries: &[Entry],
        positions: &[Position],
    ) -> Result<(), Failure> {
        let solutions = std::mem::take(&mut self.solutions);
        let tail = self.transact(|transaction, journal| {
            for (key, value) in positions {
                write_position(transaction, key, value)?;
            }
            let mut tail = journal.tail;
            for entry in entries {
                let link = link(&solutions, journal.run, tail.seq + 1, at, entry)?;
                tail = write_link(transaction, &link, tail)?;
            }
            Ok(tail)
        });
        self.solutions = solutions;
        let tail = tail?;
        self.entries_since_snapshot += entries.len() as u64;
        if tail != self.tail {
            self.tail = tail;
            self.head.write(tail)?;
        }
        if self.commits_since_checkpoint >= CHECKPOINT_COMMITS_MAX {
            self.checkpoint()?;
        }
        Ok(())
    }

    fn snapshot_if_due(&mut self, at: Moment, state: &State, due: u64) -> Result<(), Failure> {
        if self.entries_since_snapshot < due {
            return Ok(());
        }
        self.transact(|transaction, journal| {
            let Head { seq, hash } = journal.tail;
            Snapshot::of(state, seq, journal.run, at, hash)?.write(transaction)?;
            Ok(())
        })?;
        self.entries_since_snapshot = 0;
        Ok(())
    }
}

/// What a transaction needs to know of its journal.
pub(super) struct JournalView {
    pub run: i64,
    pub tail: Head,
}

pub(super) fn write_position(
    connection: &Connection,
    key: &str,
    value: &[u8],
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO positions (key, value, digest) VALUES (?, ?, ?)")?
        .execute(params![key, value, position_digest(key, value)])?;
    Ok(())
}

fn link(
    solutions: &[Arc<str>],
    run: i64,
    seq: i64,
    moment: Moment,
    entry: &Entry,
) -> serde_json::Result<Link> {
    let solution = entry
        .solution()
        .and_then(|solution| solutions.get(solution));
    Ok(Link {
        seq,
        run,
        moment,
        solution: solution.map(|name| name.to_string()),
        incident: entry.incident().map(|id| id.to_string()),
        kind: entry.kind().word().to_string(),
        payload: serde_json::to_string(entry)?,
    })
}

fn write_link(connection: &Connection, link: &Link, before: Head) -> rusqlite::Result<Head> {
    let hash = link.hash(&before.hash);
    let Moment { core, wall, .. } = link.moment;
    let times = [chain::boottime(&link.moment), wall.micros(), core.micros()];
    connection
        .prepare_cached(&format!(
            "INSERT INTO entries ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ))?
        .execute(chain::values(link, &times, &hash).as_slice())?;
    Ok(Head {
        seq: link.seq,
        hash,
    })
}

fn names(topology: &Topology) -> Vec<Arc<str>> {
    topology
        .solutions
        .iter()
        .map(|solution| solution.name.clone())
        .collect()
}

#[cfg(test)]
impl Journal {
    pub(super) fn snapshot_now(&mut self, at: Moment, state: &State) {
        self.snapshot_if_due(at, state, 1).unwrap();
    }

    pub(super) fn entries_since_snapshot(&self) -> u64 {
        self.entries_since_snapshot
    }
}
