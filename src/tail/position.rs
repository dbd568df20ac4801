//! Where reading stands, as it is saved and taken up again.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Tailed;
use super::identity::{Content, FileId, Place};
use crate::scan::{Carry, Mark};

/// How far one file was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Its path when it was last seen.
    pub file: Arc<str>,
    pub id: FileId,
    pub content: Content,
    /// Where reading goes on, at or before what was read; none: at the first byte.
    pub mark: Option<Mark>,
    /// Records that begin before this byte have been told, even where reading goes on before them.
    pub told: u64,
    /// Records that begin before this byte were there at the first start.
    pub news_from: u64,
    /// The end of the segment before.
    pub carry: Option<Carry>,
    /// The file was deleted and read to its end; the position says that its log is known.
    pub gone: bool,
}

/// The positions of all files, as they are saved: one JSON object for each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<Position>", into = "Vec<Position>")]
pub struct Positions {
    files: BTreeMap<Place, Position>,
}

impl Positions {
    /// Keeps what was told about positions. True if it changed any.
    pub fn take(&mut self, tailed: &Tailed) -> bool {
        match tailed {
            Tailed::Event(event) => self.insert(event.position.clone()),
            Tailed::Position(position) => self.insert((**position).clone()),
            Tailed::Forgotten(place) => {
                self.files.remove(place);
            }
            _ => return false,
        }
        true
    }

    pub fn insert(&mut self, position: Position) {
        self.files.insert(position.id.place, position);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Position> {
        self.files.values()
    }

    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Takes out those for which `wanted` holds.
    pub(super) fn split_off(&mut self, wanted: impl Fn(&Position) -> bool) -> Vec<Position> {
        let all = std::mem::take(&mut self.files).into_values();
        let (out, rest): (Vec<_>, Vec<_>) = all.partition(|position| wanted(position));
        *self = rest.into();
        out
    }
}

impl From<Vec<Position>> for Positions {
    fn from(all: Vec<Position>) -> Positions {
        let keyed = all
            .into_iter()
            .map(|position| (position.id.place, position));
        Positions {
            files: keyed.collect(),
        }
    }
}

impl From<Positions> for Vec<Position> {
    fn from(positions: Positions) -> Vec<Position> {
        positions.files.into_values().collect()
    }
}
