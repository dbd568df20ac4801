//! Which reader has a file, where it can be reached through the folders of several.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::identity::Place;

#[derive(Debug, Default)]
pub struct Claims {
    files: Mutex<HashMap<Place, (usize, PathBuf)>>,
}

impl Claims {
    /// Takes the file for a reader. If another has it, its name there.
    pub fn take(&self, place: Place, reader: usize, path: &Path) -> Result<(), PathBuf> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        match files.entry(place) {
            Entry::Vacant(vacant) => {
                vacant.insert((reader, path.to_owned()));
                Ok(())
            }
            Entry::Occupied(taken) if taken.get().0 == reader => Ok(()),
            Entry::Occupied(taken) => Err(taken.get().1.clone()),
        }
    }

    pub fn give_back(&self, place: Place, reader: usize) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        if files.get(&place).is_some_and(|(taker, _)| *taker == reader) {
            files.remove(&place);
        }
    }
}
