//! The logs of one group of folders, read round after round.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::claims::Claims;
use super::follow::{READ_BYTES, Turn};
use super::identity::{ANCHOR_BYTES_MAX, Place};
use super::log::{Came, Key, Log};
use super::plan::{Group, Plan};
use super::position::{Position, Positions};
use super::state::States;
use super::{Send, Settings, Stopped, Tailed};

/// Reads one group. It keeps no time: whoever drives it says what time it is, by any clock that only rises.
pub struct Reader {
    pub(super) plan: Arc<Plan>,
    pub(super) group: Group,
    pub(super) index: usize,
    pub(super) settings: Settings,
    pub(super) logs: BTreeMap<Key, Log>,
    /// Which log a file belongs to.
    pub(super) known: HashMap<Place, Key>,
    /// Files that are not read.
    pub(super) ignored: HashMap<Place, Ignored>,
    /// Positions of an earlier process, of files that were not met yet.
    pub(super) saved: Vec<Position>,
    pub(super) claims: Arc<Claims>,
    pub(super) states: States,
    /// What was told and is not to be told again.
    pub(super) warned: HashSet<String>,
    /// The folders were listed once: what turns up from now on is new.
    pub(super) started: bool,
    /// Sources whose folder cannot be listed, since when.
    pub(super) missing: HashMap<usize, Duration>,
    /// How often a file's turn was put off that may be a copy of another.
    pub(super) put_off: HashMap<Place, u32>,
    /// Files that may be copies still being written: their size, and since when they have it.
    pub(super) copied: HashMap<Place, (u64, Duration)>,
    /// Files that are shorter than what an earlier process read of them.
    pub(super) shrunk: HashSet<Place>,
    /// Which finished files are to be looked at next.
    pub(super) next_done: usize,
    due: Duration,
    entries: usize,
    caught_up: bool,
    /// Readers that have not caught up yet.
    behind: Arc<AtomicUsize>,
    buffer: Vec<u8>,
}

/// A file that is not read.
pub(super) struct Ignored {
    /// Under this name.
    pub path: PathBuf,
    /// As long as it does not grow; none: whatever it does.
    pub size: Option<u64>,
}

/// What a round came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// There is more to read at once.
    pub more: bool,
    /// The folders were listed.
    pub listed: bool,
}

/// What reading came to.
#[derive(Default)]
struct Read {
    more: bool,
    /// A file was overwritten.
    rewritten: bool,
}

impl Reader {
    /// One reader for each group of the plan. Each takes its own out of `positions`; what is left belongs to no source.
    pub fn all(plan: &Arc<Plan>, settings: &Settings, positions: &mut Positions) -> Vec<Reader> {
        let groups = plan.groups();
        let claims = Arc::new(Claims::default());
        let behind = Arc::new(AtomicUsize::new(groups.len()));
        let reader = |(index, group): (usize, Group)| Reader {
            saved: positions.split_off(|position| group.holds(&position.file).is_some()),
            plan: plan.clone(),
            group,
            index,
            settings: settings.clone(),
            logs: BTreeMap::new(),
            known: HashMap::new(),
            ignored: HashMap::new(),
            claims: claims.clone(),
            states: States::default(),
            warned: HashSet::new(),
            started: false,
            missing: HashMap::new(),
            put_off: HashMap::new(),
            copied: HashMap::new(),
            shrunk: HashSet::new(),
            next_done: 0,
            due: Duration::ZERO,
            entries: 0,
            caught_up: false,
            behind: behind.clone(),
            buffer: vec![0; READ_BYTES + ANCHOR_BYTES_MAX],
        };
        groups.into_iter().enumerate().map(reader).collect()
    }

    /// The folders that are read, with what is below them.
    pub fn folders(&self) -> impl Iterator<Item = (&PathBuf, bool)> {
        let searches = self.group.searches.iter();
        searches.map(|(_, search)| (&search.folder, search.depth > 1))
    }

    /// It is time to list the folders.
    pub fn is_due(&self, now: Duration) -> bool {
        now >= self.due
    }

    /// Reads all open files, and lists the folders if it is time, or if `list` says that something changed there.
    pub fn poll_once(
        &mut self,
        now: Duration,
        list: bool,
        send: Send<'_>,
    ) -> Result<Round, Stopped> {
        let read = self.read(now, send)?;
        // What was overwritten may have been copied before: the copy is to be known before anything new is read.
        let list = list || read.rewritten || !self.copied.is_empty();
        let mut round = Round {
            more: read.more,
            listed: list || self.is_due(now),
        };
        if round.listed {
            self.entries = self.list(now, send)?;
            // A large folder is listed less often, so that listing never is all that is done.
            let times = 1 + u32::try_from(self.entries / 10_000).unwrap_or(u32::MAX);
            self.due = now.saturating_add(self.settings.list_every.saturating_mul(times));
            let again = self.read(now, send)?;
            round.more |= again.more;
            if again.rewritten {
                self.list(now, send)?;
            }
        }
        if !self.caught_up && !round.more && self.due > Duration::ZERO && !self.waits_for_heads() {
            self.caught_up = true;
            if self.behind.fetch_sub(1, Ordering::AcqRel) == 1 {
                send(Tailed::CaughtUp)?;
            }
        }
        Ok(round)
    }

    /// Some log's first lines were read and are not told yet.
    fn waits_for_heads(&self) -> bool {
        let segments = self.logs.values().flat_map(|log| &log.segments);
        segments
            .into_iter()
            .any(|segment| segment.file.waits_for_head())
    }

    /// Tells the positions that were not told yet, for an orderly end.
    pub fn tell_positions(&mut self, now: Duration, send: Send<'_>) -> Result<(), Stopped> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut turn = Turn {
            plan: &self.plan,
            now,
            buffer: &mut buffer,
            send,
        };
        let segments = self.logs.values_mut().flat_map(|log| &mut log.segments);
        for segment in segments.filter(|segment| segment.file.moved) {
            segment.tell_position(&mut turn)?;
        }
        self.buffer = buffer;
        Ok(())
    }

    /// Essential logs first.
    fn read(&mut self, now: Duration, send: Send<'_>) -> Result<Read, Stopped> {
        let mut read = Read::default();
        for essential in [true, false] {
            let keys = self
                .logs
                .iter()
                .filter(|(_, log)| log.essential == essential);
            let keys: Vec<Key> = keys.map(|(key, _)| key.clone()).collect();
            for key in keys {
                let log = self.read_log(&key, now, send)?;
                read.more |= log.more;
                read.rewritten |= log.rewritten;
            }
        }
        Ok(read)
    }

    fn read_log(&mut self, key: &Key, now: Duration, send: Send<'_>) -> Result<Read, Stopped> {
        let Some(log) = self.logs.get_mut(key) else {
            return Ok(Read::default());
        };
        let mut turn = Turn {
            plan: &self.plan,
            now,
            buffer: &mut self.buffer,
            send,
        };
        let Came {
            more,
            rewritten,
            out_of_handles,
            dropped,
            packed,
        } = log.read(&self.settings, &mut self.states, &mut turn)?;
        let essential = log.essential;
        for place in dropped {
            self.known.remove(&place);
            self.claims.give_back(place, self.index);
        }
        if let Some((place, path)) = packed {
            self.known.remove(&place);
            self.ignored.insert(place, Ignored { path, size: None });
        }
        if out_of_handles && essential {
            self.make_room();
        }
        Ok(Read { more, rewritten })
    }

    /// Closes a file that matters less, for one that matters more.
    pub(super) fn make_room(&mut self) {
        let ordinary = self.logs.values_mut().filter(|log| !log.essential);
        let mut segments = ordinary.flat_map(|log| &mut log.segments);
        if let Some(segment) = segments.find(|segment| segment.file.handle.is_some()) {
            segment.parked = true;
            segment.file.handle = None;
        }
    }

    pub(super) fn handles(&self) -> usize {
        let segments = self.logs.values().flat_map(|log| &log.segments);
        segments
            .filter(|segment| segment.file.handle.is_some())
            .count()
    }

    /// True the first time.
    pub(super) fn warns(&mut self, what: String) -> bool {
        const WARNED_MAX: usize = 10_000;
        if self.warned.len() >= WARNED_MAX {
            self.warned.clear();
        }
        self.warned.insert(what)
    }

    pub(super) fn with_turn<T>(
        &mut self,
        now: Duration,
        send: Send<'_>,
        act: impl FnOnce(&mut BTreeMap<Key, Log>, &mut States, &mut Turn<'_>) -> T,
    ) -> T {
        let mut turn = Turn {
            plan: &self.plan,
            now,
            buffer: &mut self.buffer,
            send,
        };
        act(&mut self.logs, &mut self.states, &mut turn)
    }
}
