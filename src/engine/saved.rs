//! Where each log was read to, as the journal keeps it: one JSON object under the file's place on its device.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal;
use crate::tail::identity::Place;
use crate::tail::{Position, Positions, Tailed};

#[derive(Debug, Default)]
pub(super) struct Saved {
    positions: Positions,
    /// Not on disk yet.
    changed: BTreeSet<Place>,
}

impl Saved {
    pub fn new(positions: Positions) -> Saved {
        Saved {
            positions,
            changed: BTreeSet::new(),
        }
    }

    pub fn into_positions(self) -> Positions {
        self.positions
    }

    /// As they were last saved. What cannot be read is a file that will be read from its start.
    pub fn recovered(kept: &BTreeMap<String, Vec<u8>>) -> Saved {
        let mut positions = Positions::default();
        for position in kept
            .values()
            .filter_map(|bytes| serde_json::from_slice(bytes).ok())
        {
            positions.insert(position);
        }
        Saved {
            positions,
            changed: BTreeSet::new(),
        }
    }

    pub fn positions(&self) -> &Positions {
        &self.positions
    }

    pub fn take(&mut self, tailed: &Tailed) {
        if !self.positions.take(tailed) {
            return;
        }
        let place = match tailed {
            Tailed::Event(event) => event.position.id.place,
            Tailed::Position(position) => position.id.place,
            Tailed::Forgotten(place) => *place,
            _ => return,
        };
        self.changed.insert(place);
    }

    pub fn is_unsaved(&self) -> bool {
        !self.changed.is_empty()
    }

    /// What is to be saved now. An empty value takes the place of a position that is not needed any more.
    pub fn changes(&mut self) -> Vec<journal::Position> {
        let known: BTreeMap<Place, &Position> = self
            .positions
            .iter()
            .map(|each| (each.id.place, each))
            .collect();
        std::mem::take(&mut self.changed)
            .into_iter()
            .map(|place| {
                let kept = known
                    .get(&place)
                    .and_then(|position| serde_json::to_vec(position).ok());
                (
                    format!("{}:{}", place.device, place.inode),
                    kept.unwrap_or_default(),
                )
            })
            .collect()
    }
}
