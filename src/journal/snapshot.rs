//! Snapshots: the state as it was behind an entry, so that a start folds only what came later.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::chain::{self, Hash, Seal};
use super::moment::Moment;
use crate::decide::State;

/// So many are kept: if the newest is broken, the one before serves.
pub(super) const KEPT: usize = 2;

#[derive(Debug)]
pub(super) struct Snapshot {
    pub seq: i64,
    pub run: i64,
    pub moment: Moment,
    /// The hash of entry `seq`.
    pub chain: Hash,
    pub state: String,
}

impl Snapshot {
    pub fn of(
        state: &State,
        seq: i64,
        run: i64,
        moment: Moment,
        chain: Hash,
    ) -> serde_json::Result<Snapshot> {
        let state = serde_json::to_string(state)?;
        Ok(Snapshot {
            seq,
            run,
            moment,
            chain,
            state,
        })
    }

    pub fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute(
            "INSERT OR REPLACE INTO snapshots (seq, run, boottime, wall, core, chain, state, digest)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                self.seq,
                self.run,
                chain::boottime(&self.moment),
                self.moment.wall.micros(),
                self.moment.core.micros(),
                self.chain,
                self.state,
                self.digest()
            ],
        )?;
        connection.execute(
            "DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT ?)",
            [KEPT as i64],
        )?;
        Ok(())
    }

    fn digest(&self) -> Hash {
        let mut seal = Seal::new("snapshot");
        seal.number(self.seq)
            .number(self.run)
            .number(chain::boottime(&self.moment));
        seal.number(self.moment.wall.micros())
            .number(self.moment.core.micros());
        seal.bytes(&self.chain).text(Some(&self.state));
        seal.close()
    }

    /// Its own digest, and the hash of the entry it stands behind if that is still there, agree with it.
    fn is_whole(&self, connection: &Connection, digest: &Hash) -> rusqlite::Result<bool> {
        let entry: Option<Hash> = connection
            .query_row(
                "SELECT hash FROM entries WHERE seq = ?",
                [self.seq],
                |row| row.get(0),
            )
            .optional()?;
        Ok(self.digest() == *digest && entry.is_none_or(|hash| hash == self.chain))
    }
}

/// The newest whole snapshot, and how many newer ones are broken.
pub(super) fn newest(connection: &Connection) -> rusqlite::Result<(Option<Snapshot>, usize)> {
    newest_of(connection, i64::MAX)
}

/// The newest whole snapshot that does not hold the entry of that number.
pub(super) fn newest_before(
    connection: &Connection,
    number: i64,
) -> rusqlite::Result<Option<Snapshot>> {
    Ok(newest_of(connection, number)?.0)
}

fn newest_of(connection: &Connection, before: i64) -> rusqlite::Result<(Option<Snapshot>, usize)> {
    let mut query = connection.prepare(
        "SELECT seq, run, boottime, wall, core, chain, state, digest FROM snapshots
         WHERE seq < ? ORDER BY seq DESC",
    )?;
    let mut rows = query.query([before])?;
    let mut broken = 0;
    while let Some(row) = rows.next()? {
        let (snapshot, digest) = read(row)?;
        if snapshot.is_whole(connection, &digest)? {
            return Ok((Some(snapshot), broken));
        }
        broken += 1;
    }
    Ok((None, broken))
}

fn read(row: &Row<'_>) -> rusqlite::Result<(Snapshot, Hash)> {
    let snapshot = Snapshot {
        seq: row.get(0)?,
        run: row.get(1)?,
        moment: chain::moment(row.get(2)?, row.get(3)?, row.get(4)?),
        chain: row.get(5)?,
        state: row.get(6)?,
    };
    Ok((snapshot, row.get(7)?))
}
