//! Retention: old entries go from the front, and the chain begins behind them.
//!
//! Freed pages are used again before the file grows; after pruning they are given back to the disk in bounded
//! portions (`incremental_vacuum`). A full `VACUUM` is never run: it needs the file's size in free space, and
//! nothing here needs it.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::head::Head;
use super::snapshot::KEPT;
use super::write::{Failure, Journal};
use super::{Dead, Moment, Seq, recover};
use crate::decide::{Alert, Entry, EntryKind, State};
use crate::time::Time;

/// At most so many entries are deleted at once.
const BATCH_ENTRIES: i64 = 10_000;
const VACUUM_PAGES: u32 = 4_096;

/// What is kept: both of these, and whatever is still open.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// Entries written since then.
    pub since: Time,
    /// The newest so many entries.
    pub entries: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pruned {
    pub entries: u64,
    /// There is more to prune: call again, when there is time.
    pub more: bool,
}

impl Journal {
    /// Deletes the oldest entries, a portion at a time. Those of open incidents, debts and alerts stay, and all
    /// behind them. `state` is the fold of all entries.
    pub fn prune(&mut self, at: Moment, state: &State, keep: Keep) -> Result<Pruned, Dead> {
        self.alive()?;
        let pruned = self.transact(|transaction, journal| {
            let Some(limit) = limit(transaction, state, keep, journal.tail.seq)? else {
                return Ok(Pruned {
                    entries: 0,
                    more: false,
                });
            };
            delete(transaction, limit)
        });
        let pruned = pruned.and_then(|pruned| {
            if pruned.entries > 0 {
                let sql = format!("PRAGMA incremental_vacuum({VACUUM_PAGES})");
                self.connection.execute_batch(&sql)?;
            }
            Ok(pruned)
        });
        self.or_dead(at.wall, pruned)
    }
}

/// The newest entry that may go.
fn limit(
    connection: &Connection,
    state: &State,
    keep: Keep,
    tail: Seq,
) -> Result<Option<Seq>, Failure> {
    // A start needs the snapshots and all that came behind the older one.
    let oldest_snapshot: Option<Seq> = connection
        .query_row(
            "SELECT seq FROM snapshots ORDER BY seq DESC LIMIT 1 OFFSET ?",
            [KEPT as i64 - 1],
            |row| row.get(0),
        )
        .optional()?;
    let Some(snapshot) = oldest_snapshot else {
        return Ok(None);
    };
    let young: Option<Seq> = connection
        .query_row(
            "SELECT seq FROM entries NOT INDEXED WHERE wall >= ? ORDER BY seq LIMIT 1",
            [keep.since.micros()],
            |row| row.get(0),
        )
        .optional()?;
    let counted = tail.saturating_sub(i64::try_from(keep.entries).unwrap_or(i64::MAX));
    let mut limit = snapshot.min(counted);
    if let Some(young) = young {
        limit = limit.min(young - 1);
    }
    for incident in open_incidents(state) {
        let first: Option<Seq> = connection.query_row(
            "SELECT min(seq) FROM entries WHERE incident = ?",
            [&*incident],
            |row| row.get(0),
        )?;
        limit = first.map_or(limit, |first| limit.min(first - 1));
    }
    if let Some(first) = open_alerts(connection, state)?.map(|(seq, _)| seq).min() {
        limit = limit.min(first - 1);
    }
    Ok(Some(limit))
}

fn delete(connection: &Connection, limit: Seq) -> Result<Pruned, Failure> {
    let newest: Option<Head> = connection
        .query_row(
            "SELECT seq, hash FROM (SELECT seq, hash FROM entries WHERE seq <= ? ORDER BY seq LIMIT ?)
             ORDER BY seq DESC LIMIT 1",
            params![limit, BATCH_ENTRIES],
            |row| {
                Ok(Head {
                    seq: row.get(0)?,
                    hash: row.get(1)?,
                })
            },
        )
        .optional()?;
    let Some(newest) = newest else {
        return Ok(Pruned {
            entries: 0,
            more: false,
        });
    };
    recover::write_anchor(connection, newest)?;
    let entries = connection.execute("DELETE FROM entries WHERE seq <= ?", [newest.seq])?;
    Ok(Pruned {
        entries: entries as u64,
        more: entries as i64 == BATCH_ENTRIES,
    })
}

fn open_incidents(state: &State) -> BTreeSet<Arc<str>> {
    let mut open = BTreeSet::new();
    for pair in &state.pairs {
        open.extend(pair.incidents.iter().map(|incident| incident.id.clone()));
        open.extend(pair.owed.iter().map(|debt| debt.incident.clone()));
        open.extend(pair.unconfirmed.iter().map(|each| each.incident.clone()));
        open.extend(pair.lock.clone());
    }
    open
}

/// The openings of the alerts that are open, newest first, with their entries' numbers.
pub(super) fn open_alerts(
    connection: &Connection,
    state: &State,
) -> Result<impl Iterator<Item = (Seq, Alert)>, Failure> {
    let pairs = state.pairs.iter().flat_map(|pair| pair.alerts.keys());
    let mut keys: BTreeSet<&Arc<str>> = pairs.chain(state.scs.alerts.keys()).collect();
    let mut query =
        connection.prepare("SELECT seq, payload FROM entries WHERE kind = ? ORDER BY seq DESC")?;
    let mut rows = query.query([EntryKind::Alert.word()])?;
    let mut found = Vec::new();
    while !keys.is_empty() {
        let Some(row) = rows.next()? else { break };
        let (seq, payload): (Seq, String) = (row.get(0)?, row.get(1)?);
        if let Ok(Entry::Alert(alert)) = serde_json::from_str(&payload)
            && alert.open
            && keys.remove(&alert.key)
        {
            found.push((seq, alert));
        }
    }
    Ok(found.into_iter())
}
