//! A journal for tests and the simulator: it loses in a crash what was not synced, and fails when it is told to.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Dead, Last, Moment, Position, Recovered, Seq, Store};
use crate::decide::{Entry, Fold, State};
use crate::topology::Topology;

/// How an append fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing of it was written.
    NotWritten,
    /// It was written and the sync failed: a crash may lose it or not.
    NotSynced,
}

#[derive(Clone, Debug)]
struct Record {
    at: Moment,
    boot_id: Arc<str>,
    topology: Arc<Topology>,
    entry: Entry,
}

#[derive(Clone, Debug)]
struct Kept {
    state: State,
    /// How many records are in it.
    records: usize,
}

#[derive(Clone, Debug)]
pub struct MemoryStore {
    topology: Arc<Topology>,
    boot_id: Arc<str>,
    records: Vec<Record>,
    positions: BTreeMap<String, Vec<u8>>,
    unsynced: Option<(Vec<Record>, Vec<Position>)>,
    snapshot: Option<Kept>,
    /// That many appends go well, then one fails so.
    fails_after: Option<(u64, Fault)>,
    tend_every: usize,
    dead: Option<Dead>,
}

impl MemoryStore {
    /// `tend_every` entries make it want tending.
    pub fn new(topology: Arc<Topology>, boot_id: Arc<str>, tend_every: usize) -> MemoryStore {
        MemoryStore {
            topology,
            boot_id,
            records: Vec::new(),
            positions: BTreeMap::new(),
            unsynced: None,
            snapshot: None,
            fails_after: None,
            tend_every,
            dead: None,
        }
    }

    pub fn fail_after(&mut self, appends: u64, fault: Fault) {
        self.fails_after = Some((appends, fault));
    }

    /// The process dies. What was not synced survives only if `kept`.
    pub fn crash(&mut self, kept: bool) {
        if let Some((records, positions)) = self.unsynced.take().filter(|_| kept) {
            self.records.extend(records);
            self.positions.extend(positions);
        }
        (self.dead, self.fails_after) = (None, None);
    }

    /// Starts again with what is durable, perhaps in another boot and under another configuration.
    pub fn recover(&mut self, topology: &Arc<Topology>, boot_id: Arc<str>) -> Recovered {
        let mut fold = Fold::new(topology.clone());
        let mut folded = 0;
        if let Some(kept) = &self.snapshot {
            let old = kept.state.topology.clone();
            fold = Fold::from_state(kept.state.clone(), &old, topology.clone());
            folded = kept.records;
        }
        for record in self.records.iter().skip(folded) {
            fold.decided_under(&record.topology);
            fold.take(record.at.core, record.entry.clone());
        }
        let (state, left_behind) = fold.finish();
        (self.topology, self.boot_id) = (topology.clone(), boot_id);
        Recovered {
            in_doubt: state.in_doubt(),
            state,
            left_behind: left_behind.into_iter().collect(),
            positions: self.positions.clone(),
            last: self.records.last().map(|record| Last {
                moment: record.at,
                boot_id: record.boot_id.clone(),
            }),
            crashed: Vec::new(),
            damage: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The durable entries, oldest first.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.records.iter().map(|record| &record.entry)
    }

    fn fault(&mut self) -> Option<Fault> {
        let (left, fault) = self.fails_after.as_mut()?;
        match left.checked_sub(1) {
            Some(less) => {
                *left = less;
                None
            }
            None => Some(*fault),
        }
    }
}

impl Store for MemoryStore {
    fn append(
        &mut self,
        at: Moment,
        entries: &[Entry],
        positions: &[Position],
    ) -> Result<Seq, Dead> {
        if let Some(dead) = &self.dead {
            return Err(dead.clone());
        }
        let record = |entry: &Entry| Record {
            at,
            boot_id: self.boot_id.clone(),
            topology: self.topology.clone(),
            entry: entry.clone(),
        };
        let records: Vec<Record> = entries.iter().map(record).collect();
        if let Some(fault) = self.fault() {
            if fault == Fault::NotSynced {
                self.unsynced = Some((records, positions.to_vec()));
            }
            let why = "told to fail".into();
            let dead = Dead {
                since: at.wall,
                why,
            };
            self.dead = Some(dead.clone());
            return Err(dead);
        }
        self.records.extend(records);
        self.positions.extend(positions.iter().cloned());
        Ok(self.records.len() as Seq)
    }

    fn wants_tending(&self) -> bool {
        let kept = self.snapshot.as_ref().map_or(0, |kept| kept.records);
        self.dead.is_none() && self.records.len() - kept >= self.tend_every
    }

    fn tend(&mut self, _at: Moment, state: &State) -> Result<(), Dead> {
        if let Some(dead) = &self.dead {
            return Err(dead.clone());
        }
        self.snapshot = Some(Kept {
            state: state.clone(),
            records: self.records.len(),
        });
        Ok(())
    }

    fn dead(&self) -> Option<&Dead> {
        self.dead.as_ref()
    }
}
