//! The chain: each entry's hash covers the hash before it, so that nothing in the middle can change, vanish or
//! move without being seen.

use std::time::Duration;

use rusqlite::{Row, ToSql};
use sha2::{Digest, Sha256};

use super::moment::Moment;
use crate::time::Time;

/// SHA-256.
pub(super) type Hash = [u8; 32];

/// Before the first entry.
pub(super) const GENESIS: Hash = [0; 32];

/// One row of the table `entries`, without its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub seq: i64,
    /// The run that wrote it: which boot, which configuration.
    pub run: i64,
    pub moment: Moment,
    pub solution: Option<String>,
    pub incident: Option<String>,
    pub kind: String,
    pub payload: String,
}

/// The columns in the order in which [`Link::read`] expects them.
pub(super) const COLUMNS: &str =
    "seq, run, boottime, wall, core, solution, incident, kind, payload, hash";

impl Link {
    /// The row and its stored hash.
    pub fn read(row: &Row<'_>) -> rusqlite::Result<(Link, Hash)> {
        let link = Link {
            seq: row.get(0)?,
            run: row.get(1)?,
            moment: moment(row.get(2)?, row.get(3)?, row.get(4)?),
            solution: row.get(5)?,
            incident: row.get(6)?,
            kind: row.get(7)?,
            payload: row.get(8)?,
        };
        Ok((link, row.get(9)?))
    }

    /// The hash of this row behind one of hash `previous`.
    pub fn hash(&self, previous: &Hash) -> Hash {
        let Moment { core, wall, .. } = self.moment;
        let mut seal = Seal::new("entry");
        seal.bytes(previous).number(self.seq).number(self.run);
        seal.number(boottime(&self.moment)).number(wall.micros());
        seal.number(core.micros());
        seal.text(self.solution.as_deref())
            .text(self.incident.as_deref());
        seal.text(Some(&self.kind)).text(Some(&self.payload));
        seal.close()
    }
}

/// A moment from its three columns, all in microseconds.
pub(super) fn moment(boottime: i64, wall: i64, core: i64) -> Moment {
    Moment {
        core: Time::from_micros(core),
        wall: Time::from_micros(wall),
        boottime: Duration::from_micros(boottime.max(0) as u64),
    }
}

/// The boot clock as a column, in microseconds.
pub(super) fn boottime(moment: &Moment) -> i64 {
    i64::try_from(moment.boottime.as_micros()).unwrap_or(i64::MAX)
}

/// A hash over several values, none of which can run into its neighbour.
pub(super) struct Seal(Sha256);

impl Seal {
    pub fn new(what: &str) -> Seal {
        let mut seal = Seal(Sha256::new());
        seal.bytes(what.as_bytes());
        seal
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Seal {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    pub fn number(&mut self, number: i64) -> &mut Seal {
        self.0.update(number.to_le_bytes());
        self
    }

    pub fn text(&mut self, text: Option<&str>) -> &mut Seal {
        self.0.update([u8::from(text.is_some())]);
        self.bytes(text.unwrap_or_default().as_bytes())
    }

    pub fn close(self) -> Hash {
        self.0.finalize().into()
    }
}

/// The row's values, in the order of [`COLUMNS`].
pub(super) fn values<'a>(
    link: &'a Link,
    times: &'a [i64; 3],
    hash: &'a Hash,
) -> [&'a dyn ToSql; 10] {
    let [boottime, wall, core] = times;
    [
        &link.seq,
        &link.run,
        boottime,
        wall,
        core,
        &link.solution,
        &link.incident,
        &link.kind,
        &link.payload,
        hash,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link {
            seq: 7,
            run: 1,
            moment: moment(5, 6, 7),
            solution: Some("east".into()),
            incident: None,
            kind: "alert".into(),
            payload: "{}".into(),
        }
    }

    #[test]
    fn a_change_of_any_column_or_of_the_hash_before_changes_the_hash() {
        let whole = link().hash(&GENESIS);
        let changes: [fn(&mut Link); 9] = [
            |l| l.seq = 8,
            |l| l.run = 2,
            |l| l.moment.core = Time::from_micros(8),
            |l| l.moment.wall = Time::from_micros(8),
            |l| l.moment.boottime = Duration::from_secs(8),
            |l| l.solution = None,
            |l| l.incident = Some(String::new()),
            |l| l.kind.push('s'),
            |l| (l.kind, l.payload) = ("alert{".into(), "}".into()),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut changed = link();
            change(&mut changed);
            assert_ne!(changed.hash(&GENESIS), whole, "change {number}");
        }
        assert_ne!(link().hash(&[1; 32]), whole);
    }
}
