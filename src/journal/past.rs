//! The journal as the read side asks for it: pages of entries, newest first, and what was believed before one.

use std::path::Path;
use std::sync::Arc;

use rusqlite::{Connection, Params};

use super::chain::{COLUMNS, GENESIS, Link};
use super::runs::Runs;
use super::snapshot::{self, Snapshot};
use super::{Reader, recover};
use crate::decide::{Entry, EntryKind, Fold, Renumbering, State};
use crate::past::{Page, Past, PastError, Wanted, Written};
use crate::topology::Topology;

/// So many entries are folded to say what was believed; beyond that it is not told.
const FOLDED_MAX: i64 = 500_000;

/// A journal with the topology in whose numbers it is read.
#[derive(Debug)]
pub struct Recorded {
    reader: Reader,
    topology: Arc<Topology>,
}

impl Recorded {
    pub fn open(folder: &Path, topology: Arc<Topology>) -> Result<Recorded, PastError> {
        let reader = Reader::open(folder).map_err(|error| PastError(error.to_string()))?;
        Ok(Recorded { reader, topology })
    }
}

impl Past for Recorded {
    fn entries(&mut self, wanted: &Wanted, page: Page) -> Result<Vec<Written>, PastError> {
        let before = page.before.map_or(i64::MAX, signed);
        let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
        let topology = &self.topology;
        let read = |connection: &Connection| match wanted {
            Wanted::Incident(id) => page_of(
                (connection, topology),
                "incident = ?1 AND seq < ?2",
                (&**id, before, limit),
            ),
            Wanted::Closed | Wanted::Decided => {
                let kind = match wanted {
                    Wanted::Closed => EntryKind::Closed,
                    _ => EntryKind::Decided,
                };
                page_of(
                    (connection, topology),
                    "kind = ?1 AND seq < ?2",
                    (kind.word(), before, limit),
                )
            }
            Wanted::Between(from, to) => page_of(
                (connection, topology),
                "wall >= ?1 AND wall <= ?4 AND seq < ?2",
                (from.micros(), before, limit, to.micros()),
            ),
        };
        self.reader.read_plainly(read).map_err(PastError)
    }

    fn now(&mut self) -> Result<State, PastError> {
        let state = self.reader.state(&self.topology);
        state.map_err(|error| PastError(error.to_string()))
    }

    fn before(&mut self, number: u64) -> Result<Option<State>, PastError> {
        let topology = &self.topology;
        let read = |connection: &Connection| state_before(connection, topology, signed(number));
        self.reader.read_plainly(read).map_err(PastError)
    }
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The parameters are what the condition asks for, then `before` as `?2` and the limit as `?3`.
fn page_of(
    (connection, topology): (&Connection, &Arc<Topology>),
    condition: &str,
    with: impl Params,
) -> rusqlite::Result<Vec<Written>> {
    let sql = format!("SELECT {COLUMNS} FROM entries WHERE {condition} ORDER BY seq DESC LIMIT ?3");
    let mut query = connection.prepare(&sql)?;
    let mut rows = query.query(with)?;
    let (mut runs, mut written) = (Runs::default(), Vec::new());
    while let Some(row) = rows.next()? {
        let (link, _) = Link::read(row)?;
        let Some(run) = runs.get(connection, link.run)? else {
            continue;
        };
        // What is no longer configured, or cannot be understood, is nothing that could be told.
        let renumbering = Renumbering::new(&run.topology, topology);
        let entry = serde_json::from_str::<Entry>(&link.payload).ok();
        written.extend(
            entry
                .and_then(|entry| renumbering.entry(entry))
                .map(|entry| Written {
                    number: link.seq.unsigned_abs(),
                    at: link.moment.wall,
                    entry,
                }),
        );
    }
    Ok(written)
}

/// Folded from the newest snapshot that is older, else from the first entry if that is still there.
fn state_before(
    connection: &Connection,
    topology: &Arc<Topology>,
    number: i64,
) -> rusqlite::Result<Option<State>> {
    let mut runs = Runs::default();
    let older = snapshot::newest_before(connection, number)?;
    let Some((mut fold, from)) = start(connection, topology, &mut runs, older)? else {
        return Ok(None);
    };
    if number.saturating_sub(from) > FOLDED_MAX {
        return Ok(None);
    }
    let sql = format!("SELECT {COLUMNS} FROM entries WHERE seq > ? AND seq < ? ORDER BY seq");
    let mut query = connection.prepare(&sql)?;
    let mut rows = query.query([from, number])?;
    let mut under = None;
    while let Some(row) = rows.next()? {
        let (link, _) = Link::read(row)?;
        let (Some(run), Ok(entry)) = (
            runs.get(connection, link.run)?,
            serde_json::from_str(&link.payload),
        ) else {
            return Ok(None);
        };
        if under != Some(link.run) {
            fold.decided_under(&run.topology);
            under = Some(link.run);
        }
        fold.take(link.moment.core, entry);
    }
    Ok(Some(fold.finish().0))
}

/// A fold, and the number of the last entry that is in it.
fn start(
    connection: &Connection,
    topology: &Arc<Topology>,
    runs: &mut Runs,
    snapshot: Option<Snapshot>,
) -> rusqlite::Result<Option<(Fold, i64)>> {
    let Some(snapshot) = snapshot else {
        let anchor = recover::anchor(connection)?;
        let whole = anchor.hash == GENESIS;
        return Ok(whole.then(|| (Fold::new(topology.clone()), anchor.seq)));
    };
    let Some(run) = runs.get(connection, snapshot.run)? else {
        return Ok(None);
    };
    let state = serde_json::from_str::<State>(&snapshot.state).ok();
    let fits = state.filter(|state| state.fits(&run.topology));
    Ok(fits.map(|state| {
        let fold = Fold::from_state(state, &run.topology, topology.clone());
        (fold, snapshot.seq)
    }))
}
