//! The journal for everyone else: `status`, `incidents`, `why` and `owed` read it beside the daemon or without it.
//! Each call reads one consistent moment, and is short, so that it never holds the writer up.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Params};
use serde::Serialize;
use serde_json::value::RawValue;
use thiserror::Error;

use super::chain::{COLUMNS, Link};
use super::damage::{self, Damage};
use super::folder::{self, Holder};
use super::runs::Runs;
use super::verify::{self, Verified};
use super::{Seq, prune, recover, schema};
use crate::decide::{Alert, Entry, EntryKind, Fold, Incident, State};
use crate::time::Time;
use crate::topology::{Solution, Topology};

/// The journal could not be read.
#[derive(Debug, Error)]
#[error("{}: {why}", .path.display())]
pub struct ReadError {
    pub path: PathBuf,
    pub why: String,
}

/// A view of the journal that changes nothing.
#[derive(Debug)]
pub struct Reader {
    folder: PathBuf,
    connection: Connection,
    runs: Mutex<Runs>,
}

/// One entry, as it was written.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    pub seq: Seq,
    pub run: i64,
    pub wall: Time,
    /// The engine's own time.
    pub core: Time,
    pub solution: Option<String>,
    pub incident: Option<String>,
    pub kind: String,
    pub entry: Box<RawValue>,
}

impl Line {
    /// The entry, in the numbers of its run's configuration.
    pub fn entry(&self) -> serde_json::Result<Entry> {
        serde_json::from_str(self.entry.get())
    }
}

/// An incident with the pair that it happened to, as that was configured then.
#[derive(Clone, Debug)]
pub struct Told {
    pub solution: Solution,
    pub incident: Incident,
}

/// An alert that is open.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenAlert {
    /// The entry that opened it.
    pub seq: Seq,
    pub alert: Alert,
}

impl Reader {
    pub fn open(folder: &Path) -> Result<Reader, ReadError> {
        let path = folder.join(schema::NAME);
        let fails = |why: String| ReadError {
            path: path.clone(),
            why,
        };
        let connection = schema::connect_reader(&path).map_err(|error| fails(error.to_string()))?;
        match schema::look(&connection).map_err(|error| fails(error.to_string()))? {
            schema::Found::Ours { version } if version == schema::VERSION => {}
            schema::Found::Ours { version } => {
                let known = schema::VERSION;
                return Err(fails(format!(
                    "has schema {version}, this version knows {known}"
                )));
            }
            _ => return Err(fails("not a journal of this program".into())),
        }
        Ok(Reader {
            folder: folder.to_path_buf(),
            connection,
            runs: Mutex::default(),
        })
    }

    /// The daemon that runs now, if one does.
    pub fn daemon(&self) -> Option<Holder> {
        folder::holder(&self.folder)
    }

    /// What is believed and under way, in the numbers of `topology`: the caller's own configuration.
    pub fn state(&self, topology: &Arc<Topology>) -> Result<State, ReadError> {
        self.read(|connection| Ok(recover::recover(connection, topology)?.state))
    }

    /// The newest incidents, newest first.
    pub fn incidents(&self, limit: usize) -> Result<Vec<Told>, ReadError> {
        self.read(|connection| {
            let mut query = connection.prepare(
                "SELECT incident FROM entries WHERE kind = ? AND incident IS NOT NULL
                 ORDER BY seq DESC LIMIT ?",
            )?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let kind = EntryKind::Opened.word();
            let ids = query.query_map((kind, limit), |row| row.get::<_, String>(0))?;
            let mut told = Vec::new();
            for id in ids {
                told.extend(self.told(connection, &id?)?);
            }
            Ok(told)
        })
    }

    pub fn incident(&self, id: &str) -> Result<Option<Told>, ReadError> {
        self.read(|connection| Ok(self.told(connection, id)?))
    }

    /// The entries of one incident, oldest first.
    pub fn entries_of(&self, incident: &str) -> Result<Vec<Line>, ReadError> {
        self.read(|connection| {
            Ok(lines(
                connection,
                "WHERE incident = ? ORDER BY seq",
                [incident],
            )?)
        })
    }

    /// The entries written from `from` until before `to`, oldest first, at most `limit`.
    pub fn entries_between(
        &self,
        from: Time,
        to: Time,
        limit: usize,
    ) -> Result<Vec<Line>, ReadError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let times = (from.micros(), to.micros(), limit);
        self.read(|connection| {
            let rest = "WHERE wall >= ? AND wall < ? ORDER BY seq LIMIT ?";
            Ok(lines(connection, rest, times)?)
        })
    }

    /// The next entries behind `seq`, oldest first: call again with the last one's number to export all.
    pub fn entries_behind(&self, seq: Seq, limit: usize) -> Result<Vec<Line>, ReadError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.read(|connection| {
            Ok(lines(
                connection,
                "WHERE seq > ? ORDER BY seq LIMIT ?",
                (seq, limit),
            )?)
        })
    }

    /// The alerts that are open in `state`, newest first.
    pub fn open_alerts(&self, state: &State) -> Result<Vec<OpenAlert>, ReadError> {
        self.read(|connection| {
            let open = prune::open_alerts(connection, state)?;
            Ok(open.map(|(seq, alert)| OpenAlert { seq, alert }).collect())
        })
    }

    /// What is broken and nobody has settled.
    pub fn damage(&self) -> Result<Vec<Damage>, ReadError> {
        self.read(|connection| Ok(damage::unsettled(connection)?))
    }

    /// Checks every entry against the chain, and the file itself. Reads all of it.
    pub fn verify(&self) -> Result<Verified, ReadError> {
        self.read(|connection| Ok(verify::verify(connection)?))
    }

    /// The same for what fails with nothing but the database.
    pub(super) fn read_plainly<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, String> {
        self.read(|connection| Ok(read(connection)?))
            .map_err(|error| error.to_string())
    }

    /// One consistent moment of the journal.
    fn read<T>(
        &self,
        read: impl FnOnce(&Connection) -> Result<T, super::write::Failure>,
    ) -> Result<T, ReadError> {
        let read = || {
            let transaction = self.connection.unchecked_transaction()?;
            read(&transaction)
        };
        read().map_err(|error| ReadError {
            path: self.folder.join(schema::NAME),
            why: error.to_string(),
        })
    }

    /// An incident is folded from its own entries; where it was closed, the last of them has it whole.
    fn told(&self, connection: &Connection, id: &str) -> rusqlite::Result<Option<Told>> {
        let mut fold: Option<(Fold, Arc<Topology>)> = None;
        let mut closed = None;
        for line in lines(connection, "WHERE incident = ? ORDER BY seq", [id])? {
            let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
            let (Some(run), Ok(entry)) = (runs.get(connection, line.run)?, line.entry()) else {
                continue;
            };
            if let Entry::Closed { solution, incident } = &entry
                && let Some(solution) = run.topology.solutions.get(*solution)
            {
                closed = Some(Told {
                    solution: solution.clone(),
                    incident: (**incident).clone(),
                });
            }
            let topology = run.topology;
            let (fold, _) =
                fold.get_or_insert_with(|| (Fold::new(topology.clone()), topology.clone()));
            fold.decided_under(&topology);
            fold.take(line.core, entry);
        }
        if closed.is_some() {
            return Ok(closed);
        }
        let Some((fold, topology)) = fold else {
            return Ok(None);
        };
        let (state, _) = fold.finish();
        let mut pairs = topology.solutions.iter().zip(state.pairs);
        Ok(pairs.find_map(|(solution, pair)| {
            let incident = pair.incidents.into_iter().find(|each| &*each.id == id)?;
            Some(Told {
                solution: solution.clone(),
                incident,
            })
        }))
    }
}

fn lines(connection: &Connection, rest: &str, with: impl Params) -> rusqlite::Result<Vec<Line>> {
    let mut query = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM entries {rest}"))?;
    let rows = query.query_map(with, |row| {
        let (link, _) = Link::read(row)?;
        let entry = RawValue::from_string(link.payload)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        Ok(Line {
            seq: link.seq,
            run: link.run,
            wall: link.moment.wall,
            core: link.moment.core,
            solution: link.solution,
            incident: link.incident,
            kind: link.kind,
            entry,
        })
    })?;
    rows.collect()
}
