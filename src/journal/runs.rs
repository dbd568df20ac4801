//! The runs: each start of the daemon and each configuration, with the names that its entries need.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, params};

use super::chain::{Hash, Seal};
use super::names::Names;
use crate::time::Time;
use crate::topology::Topology;

/// What a run is begun with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'a> {
    pub started: Time,
    pub boot: &'a str,
    pub version: &'a str,
    pub config: &'a str,
    pub topology: &'a Topology,
}

/// Writes a run down; its number.
pub(super) fn begin(connection: &Connection, run: &Run<'_>) -> rusqlite::Result<i64> {
    let names = serde_json::to_string(&Names::of(run.topology))
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    let id: i64 = connection.query_row("SELECT coalesce(max(id), 0) + 1 FROM runs", [], |row| {
        row.get(0)
    })?;
    let digest = seal(id, run.boot, &names);
    connection.execute(
        "INSERT INTO runs (id, started, boot, version, config, topology, digest) VALUES (?, ?, ?, ?, ?, ?, ?)",
        params![
            id,
            run.started.micros(),
            run.boot,
            run.version,
            run.config,
            names,
            digest
        ],
    )?;
    Ok(id)
}

/// Marks a run as ended in order.
pub(super) fn end(connection: &Connection, id: i64, at: Time) -> rusqlite::Result<()> {
    connection.execute(
        "UPDATE runs SET ended = ? WHERE id = ?",
        params![at.micros(), id],
    )?;
    Ok(())
}

/// No run was ever written down here.
pub(super) fn is_first(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM runs)", [], |row| {
        row.get(0)
    })
}

/// When the newest runs started that did not end in order, newest first, up to the first that did.
pub(super) fn unfinished(connection: &Connection) -> rusqlite::Result<Vec<Time>> {
    let mut query =
        connection.prepare("SELECT started, ended FROM runs ORDER BY id DESC LIMIT 100")?;
    let rows = query.query_map([], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
    })?;
    let mut starts = Vec::new();
    for row in rows {
        match row? {
            (started, None) => starts.push(Time::from_micros(started)),
            _ => break,
        }
    }
    Ok(starts)
}

/// The runs' boots and topologies, read as they are needed and kept.
#[derive(Debug, Default)]
pub(super) struct Runs(BTreeMap<i64, Option<Known>>);

#[derive(Clone, Debug)]
pub(super) struct Known {
    pub boot: Arc<str>,
    pub topology: Arc<Topology>,
}

impl Runs {
    /// None where the run is not there or is not what was written.
    pub fn get(&mut self, connection: &Connection, id: i64) -> rusqlite::Result<Option<Known>> {
        if let Some(known) = self.0.get(&id) {
            return Ok(known.clone());
        }
        let known = read(connection, id)?;
        self.0.insert(id, known.clone());
        Ok(known)
    }
}

fn read(connection: &Connection, id: i64) -> rusqlite::Result<Option<Known>> {
    let row = connection
        .query_row(
            "SELECT boot, topology, digest FROM runs WHERE id = ?",
            [id],
            |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, Hash>(2)?,
                ))
            },
        )
        .optional()?;
    let known = row.filter(|(boot, names, digest)| seal(id, boot, names) == *digest);
    Ok(known.and_then(|(boot, names, _)| {
        let names: Names = serde_json::from_str(&names).ok()?;
        Some(Known {
            boot: boot.into(),
            topology: Arc::new(names.topology()),
        })
    }))
}

fn seal(id: i64, boot: &str, names: &str) -> Hash {
    let mut seal = Seal::new("run");
    seal.number(id).text(Some(boot)).text(Some(names));
    seal.close()
}
