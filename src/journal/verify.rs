//! Reading the whole journal against its chain: what a start, in a hurry, leaves unread.

use rusqlite::Connection;
use serde::Serialize;

use super::Seq;
use super::chain::{COLUMNS, Link};
use super::recover::anchor;

/// What a full check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    pub entries: u64,
    /// Entries that are not what was written, or before which some are missing; at most a hundred are named.
    pub breaks: Vec<Seq>,
    /// What the database itself finds wrong with its file.
    pub faults: Vec<String>,
}

const BREAKS_MAX: usize = 100;

impl Verified {
    pub fn is_whole(&self) -> bool {
        self.breaks.is_empty() && self.faults.is_empty()
    }
}

pub(super) fn verify(connection: &Connection) -> rusqlite::Result<Verified> {
    let mut verified = Verified::default();
    let mut check = connection.prepare("PRAGMA integrity_check(100)")?;
    for line in check.query_map([], |row| row.get::<_, String>(0))? {
        verified
            .faults
            .extend(Some(line?).filter(|line| line != "ok"));
    }
    let mut previous = anchor(connection)?.hash;
    let mut query = connection.prepare(&format!("SELECT {COLUMNS} FROM entries ORDER BY seq"))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (link, hash) = Link::read(row)?;
        verified.entries += 1;
        if link.hash(&previous) != hash && verified.breaks.len() < BREAKS_MAX {
            verified.breaks.push(link.seq);
        }
        previous = hash;
    }
    Ok(verified)
}
