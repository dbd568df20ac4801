//! A round over the folders: which files are new, which have another name, which are gone.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::disk::{self, Facts};
use super::folder::{self, Entry, Kind};
use super::identity::Place;
use super::log::{Key, shown};
use super::position::Position;
use super::reader::Reader;
use super::state::Condition;
use super::{Send, Stopped, Tailed};
use crate::capture;
use crate::config::Search;
use crate::fault::{Code, Diagnostic, Severity};

/// Of the files that are read to their ends so many are looked at in each round.
const DONE_LOOKED_AT: usize = 256;

/// A file that is not known.
pub struct Arrival {
    pub path: PathBuf,
    pub source: usize,
    pub facts: Facts,
    /// It was there when the folder was first listed at all.
    pub first: bool,
}

/// What one round over the folders sees.
#[derive(Default)]
struct Sight {
    /// Files that some source takes, by name; the first source has them.
    wanted: BTreeMap<PathBuf, (usize, Entry, bool)>,
    devices: HashMap<PathBuf, u64>,
    /// Everything was seen: what was not is gone.
    whole: bool,
    entries: usize,
}

impl Reader {
    /// Looks at every folder; how many names there were.
    pub(super) fn list(&mut self, now: Duration, send: Send<'_>) -> Result<usize, Stopped> {
        let sight = self.look_around(now, send)?;
        let (arrivals, present) = self.sort_out(&sight, send)?;
        self.arrive(arrivals, now, send)?;
        if sight.whole {
            self.miss(&present, now, send)?;
        }
        Ok(sight.entries)
    }

    fn look_around(&mut self, now: Duration, send: Send<'_>) -> Result<Sight, Stopped> {
        let mut sight = Sight {
            whole: true,
            ..Sight::default()
        };
        for (source, search) in self.group.searches.clone() {
            let about = shown(&search.folder);
            let listing = match folder::list(&search, self.settings.entries_max) {
                Ok(listing) => listing,
                Err(error) => {
                    sight.whole &= is_absent(&error);
                    self.no_folder(source, &about, &error, now, send)?;
                    continue;
                }
            };
            self.missing.remove(&source);
            let first = !self.started;
            self.states.end(&about, Condition::Absent, send)?;
            self.states.end(&about, Condition::Unreadable, send)?;
            if listing.cut {
                let max = self.settings.entries_max;
                let text = || format!("more than {max} names: not all of them are looked at");
                self.states.begin(&about, Condition::TooMany, text, send)?;
            } else {
                self.states.end(&about, Condition::TooMany, send)?;
            }
            sight.whole &= !listing.cut && listing.unreadable.is_empty();
            for (path, error) in &listing.unreadable {
                let text = || format!("cannot be listed: {error}");
                let about = shown(path);
                self.states
                    .begin(&about, Condition::Unreadable, text, send)?;
            }
            sight.entries += listing.entries.len();
            if let Ok(facts) = disk::look(&search.folder) {
                let device = facts.id.place.device;
                sight.devices.insert(search.folder.clone(), device);
            }
            self.want(source, &search, listing.entries, first, &mut sight, send)?;
        }
        self.started = true;
        Ok(sight)
    }

    fn no_folder(
        &mut self,
        source: usize,
        about: &Arc<str>,
        error: &io::Error,
        now: Duration,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        let since = *self.missing.entry(source).or_insert(now);
        if is_absent(error) {
            if now.saturating_sub(since) >= self.settings.folder_wait {
                let text = || "the folder is not there; it is waited for".to_owned();
                return self.states.begin(about, Condition::Absent, text, send);
            }
            return Ok(());
        }
        let text = || format!("cannot be listed: {error}; it is tried again");
        self.states.begin(about, Condition::Unreadable, text, send)
    }

    /// Keeps the names that are files of the source, and those that a saved position may be of.
    fn want(
        &mut self,
        source: usize,
        search: &Search,
        entries: Vec<Entry>,
        first: bool,
        sight: &mut Sight,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        for entry in entries {
            let takes = self.plan.takes(source, search, &entry.path);
            match (takes, entry.kind) {
                (true, Kind::File) => {}
                (true, _) => {
                    self.not_a_file(&entry, send)?;
                    continue;
                }
                (false, Kind::File) if self.is_moved_away(source, search, &entry) => {}
                (false, _) => continue,
            }
            match sight.wanted.get(&entry.path) {
                None => {
                    sight
                        .wanted
                        .insert(entry.path.clone(), (source, entry, first));
                }
                Some((other, ..)) if *other != source => {
                    self.two_patterns(*other, source, &entry.path, send)?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// A file that was read by an earlier process and has a name now that no pattern fits.
    fn is_moved_away(&self, source: usize, search: &Search, entry: &Entry) -> bool {
        !self.is_wanted(&entry.path)
            && self.saved.iter().any(|position| {
                let file = Path::new(&*position.file);
                entry.inode == Some(position.id.place.inode)
                    && entry.path.parent() == file.parent()
                    && self.plan.takes(source, search, file)
            })
    }

    /// Some source takes a file of this name.
    pub(super) fn is_wanted(&self, path: &Path) -> bool {
        let mut searches = self.group.searches.iter();
        searches.any(|(source, search)| self.plan.takes(*source, search, path))
    }

    fn not_a_file(&mut self, entry: &Entry, send: Send<'_>) -> Result<(), Stopped> {
        let what = match entry.kind {
            Kind::Link => "a symbolic link, and none is followed: name its target instead",
            Kind::Folder => "a folder",
            _ => "a pipe, a socket or a device",
        };
        self.warn(
            Severity::Warning,
            &entry.path,
            format!("left out: {what}"),
            send,
        )
    }

    fn two_patterns(
        &mut self,
        first: usize,
        second: usize,
        path: &Path,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        if !self.warns(format!("patterns {first} {second}")) {
            return Ok(());
        }
        let pattern = |index: usize| {
            let source = self.plan.sources.get(index);
            source.map_or(String::new(), |source| source.pattern.clone())
        };
        let message = format!(
            "both `{}` and `{}` take this file: it is read once, by the first",
            pattern(first),
            pattern(second),
        );
        self.warn(Severity::Warning, path, message, send)
    }

    pub(super) fn warn(
        &mut self,
        severity: Severity,
        path: &Path,
        message: String,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        let file = shown(path);
        if !self.warns(format!("{file}\0{message}")) {
            return Ok(());
        }
        send(Tailed::Diagnostic(Diagnostic {
            severity,
            code: Code::LeftOut,
            file,
            line: 0,
            message,
        }))
    }

    /// Files that are not known yet, and the name under which each known one stands.
    fn sort_out(
        &mut self,
        sight: &Sight,
        send: Send<'_>,
    ) -> Result<(Vec<Arrival>, HashMap<Place, PathBuf>), Stopped> {
        let mut arrivals = Vec::new();
        let mut present: HashMap<Place, PathBuf> = HashMap::new();
        self.meet_again(sight);
        for (path, (source, entry, first)) in &sight.wanted {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if let Some(what) = capture::repeats(&name) {
                let message = format!("left out: {what}");
                self.warn(Severity::Info, path, message, send)?;
                continue;
            }
            let told = entry.inode.and_then(|inode| {
                let parent = path.parent()?;
                let device = *sight.devices.get(parent)?;
                Some(Place { device, inode })
            });
            let unchanged = |place: &Place| {
                let ignored = self.ignored.get(place);
                let ignored = ignored.is_some_and(|ignored| ignored.path == *path);
                self.known.contains_key(place) || ignored
            };
            let (place, facts) = match told.filter(unchanged) {
                Some(place) => (place, None),
                None => match disk::look(path) {
                    Ok(facts) => (facts.id.place, Some(facts)),
                    Err(_) => continue, // gone again; if it was known, it is missed
                },
            };
            if let Some(other) = present.get(&place) {
                let message = format!(
                    "the same file as {}: it is read once, under that name",
                    other.display()
                );
                self.warn(Severity::Warning, path, message, send)?;
                continue;
            }
            present.insert(place, path.clone());
            match facts.filter(|_| !unchanged(&place)) {
                None => self.renamed(place, path),
                Some(facts) if facts.regular => arrivals.push(Arrival {
                    path: path.clone(),
                    source: *source,
                    facts,
                    first: *first,
                }),
                Some(_) => {}
            }
        }
        Ok((arrivals, present))
    }

    /// Finished files that grew, or have gone from their names, are known no more: their positions are as good as an
    /// earlier process's.
    fn meet_again(&mut self, sight: &Sight) {
        let done: usize = self.logs.values().map(|log| log.done.len()).sum();
        let all = done + self.ignored.len();
        let from = if self.next_done < all {
            self.next_done
        } else {
            0
        };
        self.next_done = from + DONE_LOOKED_AT;
        let mut index = 0;
        self.ignored.retain(|_, ignored| {
            let has_turn = (from..from + DONE_LOOKED_AT).contains(&index);
            index += 1;
            let same = |size| disk::look(&ignored.path).is_ok_and(|facts| facts.size == size);
            !has_turn || ignored.size.is_none_or(same)
        });
        for log in self.logs.values_mut() {
            log.done.retain(|done| {
                let position = &done.position;
                let path = Path::new(&*position.file);
                let has_turn = (from..from + DONE_LOOKED_AT).contains(&index);
                index += 1;
                let same =
                    |facts: Facts| facts.id == position.id && facts.size == position.content.read;
                let changed = !sight.wanted.contains_key(path)
                    || has_turn && !disk::look(path).is_ok_and(same);
                if changed {
                    self.known.remove(&position.id.place);
                    self.claims.give_back(position.id.place, self.index);
                    // It had rested at its end: if it is not met, nothing of it is lost.
                    let gone = true;
                    let position = position.clone();
                    self.saved.push(Position { gone, ..position });
                }
                !changed
            });
        }
    }

    fn renamed(&mut self, place: Place, path: &Path) {
        let log = self
            .known
            .get(&place)
            .and_then(|key| self.logs.get_mut(key));
        let Some(log) = log else {
            return;
        };
        if let Some(segment) = log
            .segments
            .iter_mut()
            .find(|segment| segment.file.id.place == place && segment.file.path != path)
        {
            segment.file.path = path.to_owned();
            segment.file.moved = true;
        }
    }

    /// What was known and is not there any more.
    fn miss(
        &mut self,
        present: &HashMap<Place, PathBuf>,
        now: Duration,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        self.ignored.retain(|place, _| present.contains_key(place));
        self.put_off.retain(|place, _| present.contains_key(place));
        self.copied.retain(|place, _| present.contains_key(place));
        self.shrunk.retain(|place| present.contains_key(place));
        let missing = self.known.iter();
        let missing = missing.filter(|(place, _)| !present.contains_key(place));
        let missing: Vec<(Place, Key)> =
            missing.map(|(place, key)| (*place, key.clone())).collect();
        for (place, key) in missing {
            if self.lose(place, &key, now, send)? {
                self.known.remove(&place);
                self.claims.give_back(place, self.index);
            }
        }
        self.gaps(present, send)
    }

    /// True if the file is done with. One that is open is read to its end first, as long as it grows.
    fn lose(
        &mut self,
        place: Place,
        key: &Key,
        now: Duration,
        send: Send<'_>,
    ) -> Result<bool, Stopped> {
        self.with_turn(now, send, |logs, states, turn| {
            let Some(log) = logs.get_mut(key) else {
                return Ok(true);
            };
            let at = log
                .segments
                .iter()
                .position(|segment| segment.file.id.place == place);
            let Some(at) = at else {
                log.done.retain(|done| done.position.id.place != place);
                // What was finished under a name that no pattern fits is let go as if it was deleted.
                log.let_go(place, turn)?;
                return Ok(true);
            };
            let Some(segment) = log.segments.get_mut(at) else {
                return Ok(true);
            };
            if segment.file.handle.is_some() {
                segment.deleted = segment.facts().is_none_or(|facts| facts.deleted);
                return Ok(false);
            }
            let read = segment.file.content.read;
            let text = || format!("the file is gone; what was written after byte {read} is lost");
            let name = segment.file.name().clone();
            states.begin(&name, Condition::Gap, text, turn.send)?;
            states.end_all(&name, turn.send)?;
            let position = segment.file.position(true);
            log.segments.remove(at);
            (turn.send)(Tailed::Position(Box::new(position)))?;
            log.let_go(place, turn)?;
            Ok(true)
        })
    }

    /// Files of an earlier process that are not to be found: what was left of them is lost.
    fn gaps(&mut self, present: &HashMap<Place, PathBuf>, send: Send<'_>) -> Result<(), Stopped> {
        for position in std::mem::take(&mut self.saved) {
            let source = self.group.holds(&position.file);
            let hidden = source.is_some_and(|source| self.missing.contains_key(&source));
            if hidden || present.contains_key(&position.id.place) {
                self.saved.push(position);
                continue;
            }
            let key = Key::of(Path::new(&*position.file));
            if !position.gone {
                let read = position.content.read;
                let text =
                    || format!("the file is gone; what was written after byte {read} is lost");
                self.states
                    .begin(&position.file, Condition::Gap, text, send)?;
            }
            match self.logs.get(&key) {
                Some(_) => send(Tailed::Forgotten(position.id.place))?,
                None if position.gone => {}
                None => send(Tailed::Position(Box::new(Position {
                    gone: true,
                    ..position
                })))?,
            }
        }
        Ok(())
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
