//! The stand-in for the journal: what is not synced is lost in a crash, and what is synced never is.

use crate::decide::Entry;

/// What one input made known and decided, with the position of the log that it came from.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub entries: Vec<Entry>,
    /// The source, and the number of its lines that are read.
    pub position: Option<(usize, usize)>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    batches: Vec<Batch>,
    durable: usize,
    /// So many batches are being written at present.
    pub syncing: Option<usize>,
    /// It cannot be written.
    pub broken: bool,
}

impl Journal {
    pub fn append(&mut self, batch: Batch) -> usize {
        self.batches.push(batch);
        self.batches.len()
    }

    /// True if a sync begins that was not under way.
    pub fn begin_sync(&mut self) -> bool {
        let idle = self.syncing.is_none() && !self.broken && self.durable < self.batches.len();
        if idle {
            self.syncing = Some(self.batches.len());
        }
        idle
    }

    pub fn synced(&mut self) {
        if let Some(upto) = self.syncing.take()
            && !self.broken
        {
            self.durable = upto.min(self.batches.len());
        }
    }

    /// So many batches survive a crash.
    pub fn durable(&self) -> usize {
        self.durable
    }

    pub fn crash(&mut self) {
        self.batches.truncate(self.durable);
        (self.syncing, self.broken) = (None, false);
    }

    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.batches.iter().flat_map(|batch| &batch.entries)
    }

    /// How many lines of each source are read, as far as the journal knows.
    pub fn positions(&self, sources: usize) -> Vec<usize> {
        let mut positions = vec![0; sources];
        for (source, read) in self.batches.iter().filter_map(|batch| batch.position) {
            if let Some(known) = positions.get_mut(source) {
                *known = read.max(*known);
            }
        }
        positions
    }

    pub fn len(&self) -> usize {
        self.batches.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Time;

    fn batch() -> Batch {
        let at = Time::from_micros(1);
        Batch {
            entries: vec![Entry::WorldRead { at }],
            position: Some((0, 7)),
        }
    }

    #[test]
    fn a_crash_keeps_what_was_synced_and_nothing_else() {
        let mut journal = Journal::default();
        journal.append(batch());
        assert!(journal.begin_sync() && !journal.begin_sync());
        journal.append(batch());
        journal.synced();
        journal.crash();
        assert_eq!((journal.len(), journal.positions(1)), (1, vec![7]));
    }

    #[test]
    fn a_broken_journal_makes_nothing_durable() {
        let mut journal = Journal::default();
        journal.append(batch());
        journal.begin_sync();
        journal.broken = true;
        journal.synced();
        assert_eq!(journal.durable(), 0);
    }
}
