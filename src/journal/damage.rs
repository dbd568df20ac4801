//! What was found broken, remembered until somebody settles it: a restart alone never arms the daemon again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};
use serde::Serialize;

use super::Seq;
use super::{folder, head, schema};
use crate::time::Time;

/// The folders of broken journals are named so.
pub(super) const LABEL: &str = "damaged";

/// The journal was not what had been written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    pub found: Time,
    /// In plain words.
    pub what: String,
    /// The newest entry then.
    pub seq: Seq,
    /// Where the broken files are kept.
    pub aside: Option<String>,
}

pub(super) fn record(connection: &Connection, damage: &Damage) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO damage (found, what, seq, aside) VALUES (?, ?, ?, ?)",
        params![damage.found.micros(), damage.what, damage.seq, damage.aside],
    )?;
    Ok(())
}

pub(super) fn unsettled(connection: &Connection) -> rusqlite::Result<Vec<Damage>> {
    let mut query = connection
        .prepare("SELECT found, what, seq, aside FROM damage WHERE settled IS NULL ORDER BY id")?;
    let rows = query.query_map([], |row| {
        Ok(Damage {
            found: Time::from_micros(row.get(0)?),
            what: row.get(1)?,
            seq: row.get(2)?,
            aside: row.get(3)?,
        })
    })?;
    rows.collect()
}

pub(super) fn settle(
    connection: &Connection,
    at: Time,
    by: &str,
    why: &str,
) -> rusqlite::Result<usize> {
    connection.execute(
        "UPDATE damage SET settled = ?, by = ?, why = ? WHERE settled IS NULL",
        params![at.micros(), by, why],
    )
}

/// Whether the broken files stay in their place as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aside {
    Copy,
    Move,
}

/// Keeps the files as they are in a folder of their own, which nothing ever deletes.
///
/// The head stays where it is in any case: until a new journal is written down, it tells that there was one.
pub(super) fn set_aside(folder: &Path, label: &str, now: Time, how: Aside) -> io::Result<PathBuf> {
    let aside = fresh(folder, label, now)?;
    for suffix in ["-shm", "-wal", ""] {
        let name = format!("{}{suffix}", schema::NAME);
        let (from, to) = (folder.join(&name), aside.join(&name));
        match how {
            _ if !from.exists() => {}
            Aside::Copy => copy(&from, &to)?,
            Aside::Move => fs::rename(&from, &to)?,
        }
    }
    if folder.join(head::NAME).exists() {
        copy(&folder.join(head::NAME), &aside.join(head::NAME))?;
    }
    folder::sync(&aside)?;
    folder::sync(folder)?;
    Ok(aside)
}

/// A journal was set aside here before.
pub(super) fn is_any_aside(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        if entry?.file_name().to_string_lossy().starts_with(LABEL) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    fs::File::open(to)?.sync_all()
}

fn fresh(folder: &Path, label: &str, now: Time) -> io::Result<PathBuf> {
    for number in 1..1000 {
        let path = folder.join(format!("{label}-{}-{number}", now.compact()));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many journals set aside"))
}
