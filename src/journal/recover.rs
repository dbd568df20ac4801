//! Reading back: the newest snapshot, then every entry behind it, checked against the chain and folded.
//!
//! What is broken ends the fold, and what was folded until then is what is known. Nothing here changes the file.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::chain::{COLUMNS, GENESIS, Hash, Link, Seal};
use super::head::Head;
use super::moment::Last;
use super::runs::Runs;
use super::schema;
use super::snapshot;
use super::write::write_position;
use crate::decide::{Fold, State};
use crate::topology::Topology;

/// What the file holds.
#[derive(Debug)]
pub(super) struct Found {
    pub state: State,
    /// Open incidents that name something which is no longer configured.
    pub left_behind: Vec<Arc<str>>,
    pub last: Option<Last>,
    /// The newest entry, whole or not.
    pub tail: Head,
    /// Entries behind the snapshot that was used.
    pub folded: u64,
    pub positions: BTreeMap<String, Vec<u8>>,
    /// What is odd but harmless.
    pub notes: Vec<String>,
    pub broken: Option<Broken>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The file can be read, but is not what was written.
    Content(String),
    /// The file itself cannot be read on.
    File(String),
}

/// Reads everything back. An error is the disk's, never the content's.
pub(super) fn recover(
    connection: &Connection,
    topology: &Arc<Topology>,
) -> rusqlite::Result<Found> {
    let mut reading = Reading {
        connection,
        runs: Runs::default(),
        tail: Head::START,
        last: None,
        folded: 0,
        notes: Vec::new(),
        broken: None,
    };
    let mut fold = Fold::new(topology.clone());
    let outcome = reading.snapshot(&mut fold, topology);
    let outcome = outcome.and_then(|()| reading.entries(&mut fold));
    reading.note(outcome)?;
    let outcome = positions(connection, &mut reading.notes);
    let positions = match outcome {
        Ok(positions) => positions,
        Err(error) => {
            reading.note(Err(error))?;
            BTreeMap::new()
        }
    };
    let (state, left_behind) = fold.finish();
    Ok(Found {
        state,
        left_behind: left_behind.into_iter().collect(),
        last: reading.last,
        tail: reading.tail,
        folded: reading.folded,
        positions,
        notes: reading.notes,
        broken: reading.broken,
    })
}

struct Reading<'a> {
    connection: &'a Connection,
    runs: Runs,
    tail: Head,
    last: Option<Last>,
    folded: u64,
    notes: Vec<String>,
    broken: Option<Broken>,
}

impl Reading<'_> {
    /// Starts the fold from the newest snapshot that is whole.
    fn snapshot(&mut self, fold: &mut Fold, topology: &Arc<Topology>) -> rusqlite::Result<()> {
        let (snapshot, broken) = snapshot::newest(self.connection)?;
        if broken > 0 {
            self.notes.push(format!(
                "{broken} of the newest snapshots are broken: an older one is used"
            ));
        }
        let anchor = anchor(self.connection)?;
        let Some(snapshot) = snapshot else {
            if anchor != Head::START || broken > 0 {
                self.content("no snapshot is whole".into());
            }
            self.tail = anchor;
            return Ok(());
        };
        self.tail = Head {
            seq: snapshot.seq,
            hash: snapshot.chain,
        };
        let Some(run) = self.runs.get(self.connection, snapshot.run)? else {
            self.content(format!(
                "the configuration of run {} is broken",
                snapshot.run
            ));
            return Ok(());
        };
        self.last = Some(Last {
            moment: snapshot.moment,
            boot_id: run.boot.clone(),
        });
        match serde_json::from_str::<State>(&snapshot.state) {
            Ok(state) if state.fits(&run.topology) => {
                *fold = Fold::from_state(state, &run.topology, topology.clone());
            }
            Ok(_) => self.content("the snapshot is of another configuration".into()),
            Err(error) => self.content(format!("the snapshot cannot be understood: {error}")),
        }
        Ok(())
    }

    /// Folds the entries behind the snapshot, as far as the chain holds.
    fn entries(&mut self, fold: &mut Fold) -> rusqlite::Result<()> {
        let mut query = self.connection.prepare(&format!(
            "SELECT {COLUMNS} FROM entries WHERE seq > ? ORDER BY seq"
        ))?;
        let mut rows = query.query([self.tail.seq])?;
        let mut run = None;
        while let Some(row) = rows.next()? {
            let (link, hash) = Link::read(row)?;
            if self.broken.is_none() && link.hash(&self.tail.hash) != hash {
                self.content(format!("entry {} is not what was written", link.seq));
            }
            if self.broken.is_none() {
                self.take(fold, &mut run, link.clone())?;
            }
            self.tail = Head {
                seq: link.seq,
                hash,
            };
        }
        Ok(())
    }

    fn take(&mut self, fold: &mut Fold, run: &mut Option<i64>, link: Link) -> rusqlite::Result<()> {
        let Some(known) = self.runs.get(self.connection, link.run)? else {
            self.content(format!("the configuration of run {} is broken", link.run));
            return Ok(());
        };
        if *run != Some(link.run) {
            fold.decided_under(&known.topology);
            *run = Some(link.run);
        }
        match serde_json::from_str(&link.payload) {
            Ok(entry) => {
                fold.take(link.moment.core, entry);
                self.folded += 1;
                self.last = Some(Last {
                    moment: link.moment,
                    boot_id: known.boot,
                });
            }
            Err(error) => {
                self.content(format!("entry {} cannot be understood: {error}", link.seq));
            }
        }
        Ok(())
    }

    fn content(&mut self, what: String) {
        self.broken.get_or_insert(Broken::Content(what));
    }

    fn note(&mut self, outcome: rusqlite::Result<()>) -> rusqlite::Result<()> {
        match outcome {
            Err(error) if schema::is_damage(&error) => {
                self.broken = Some(Broken::File(error.to_string()));
                Ok(())
            }
            other => other,
        }
    }
}

/// Behind which entry the chain begins.
pub(super) fn anchor(connection: &Connection) -> rusqlite::Result<Head> {
    let row = connection.query_row("SELECT seq, hash FROM anchor WHERE id = 1", [], |row| {
        Ok(Head {
            seq: row.get(0)?,
            hash: row.get(1)?,
        })
    });
    Ok(row.optional()?.unwrap_or(Head {
        seq: 0,
        hash: GENESIS,
    }))
}

/// The hash of that entry, where it is still known.
pub(super) fn hash_of(connection: &Connection, seq: i64) -> rusqlite::Result<Option<Hash>> {
    let sql = "SELECT hash FROM entries WHERE seq = ?1
        UNION ALL SELECT chain FROM snapshots WHERE seq = ?1
        UNION ALL SELECT hash FROM anchor WHERE seq = ?1 LIMIT 1";
    connection
        .query_row(sql, [seq], |row| row.get(0))
        .optional()
}

/// Begins a new file where an unreadable one ended: its chain goes on from there, its positions hold.
pub(super) fn carry_over(connection: &Connection, found: &Found) -> rusqlite::Result<()> {
    write_anchor(connection, found.tail)?;
    for (key, value) in &found.positions {
        write_position(connection, key, value)?;
    }
    Ok(())
}

pub(super) fn write_anchor(connection: &Connection, anchor: Head) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO anchor (id, seq, hash) VALUES (1, ?, ?)",
        params![anchor.seq, anchor.hash],
    )?;
    Ok(())
}

fn positions(
    connection: &Connection,
    notes: &mut Vec<String>,
) -> rusqlite::Result<BTreeMap<String, Vec<u8>>> {
    let mut query = connection.prepare("SELECT key, value, digest FROM positions")?;
    let rows = query.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, Vec<u8>>(1)?,
            row.get::<_, Hash>(2)?,
        ))
    })?;
    let mut positions = BTreeMap::new();
    for row in rows {
        let (key, value, digest) = row?;
        if position_digest(&key, &value) == digest {
            positions.insert(key, value);
        } else {
            notes.push(format!(
                "the position of {key} is broken: it is read anew, for roles only"
            ));
        }
    }
    Ok(positions)
}

pub(super) fn position_digest(key: &str, value: &[u8]) -> Hash {
    let mut seal = Seal::new("position");
    seal.text(Some(key)).bytes(value);
    seal.close()
}
