//! Files that were not there before: what each is, and where its reading begins.
//!
//! | what it is | where it is read from |
//! |---|---|
//! | a file with a saved position | behind the position; what follows is news |
//! | a file that was overwritten | its first byte |
//! | another file with all that was read of one that is gone, or was overwritten | where that one was read to |
//! | a copy of a file that is being read | its first byte, but what was told is not told again |
//! | any other, after the start | its first byte |
//! | at the start, of a log that is known, and newer than what was read of it | its first byte |
//! | at the start, of a log that is known, and older | not at all |
//! | at the start, of a log that is not known | its first byte, as history |

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::disk::{self, Facts, File};
use super::follow::Followed;
use super::identity::{ANCHOR_BYTES_MAX, HEAD_BYTES_MAX, Identity, identify};
use super::listing::Arrival;
use super::log::{Key, Log, Order, shown};
use super::position::Position;
use super::reader::{Ignored, Reader};
use super::segment::Segment;
use super::state::Condition;
use super::{Send, Stopped, Tailed};
use crate::fault::Severity;
use crate::scan::Carry;

/// A file that may be a copy still being written waits for so many rounds.
const PUT_OFF_MAX: u32 = 3;
/// Of less than this it does not matter whether it is read twice.
const COPY_BYTES_MIN: u64 = 512;

/// How a file is to be read.
enum Begin {
    Behind(Box<Position>),
    New,
    /// New content where something else was read.
    Over(Box<Position>),
    Copy(u64),
    History,
    NotAtAll,
    Later,
}

impl Reader {
    /// Takes new files in, log by log, each log's oldest first.
    pub(super) fn arrive(
        &mut self,
        arrivals: Vec<Arrival>,
        now: Duration,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        let mut logs: BTreeMap<(bool, Key), Vec<Arrival>> = BTreeMap::new();
        for arrival in arrivals {
            let essential = self.plan.is_essential(arrival.source, None);
            let key = self.key_of(&arrival);
            logs.entry((!essential, key)).or_default().push(arrival);
        }
        for ((_, key), mut arrivals) in logs {
            arrivals.sort_by_cached_key(|arrival| {
                let saved = self.saved.iter().find(|it| it.id == arrival.facts.id);
                let is_new = saved.is_none();
                let name = saved.map_or(&*arrival.path, |it| Path::new(&*it.file));
                let order = Order::of(name, &arrival.facts);
                // File times are coarse: of two files made at once `a.log.1` is the older, and `a.log` is written.
                let name = Reverse(arrival.path.clone());
                (order.date(), is_new, order, name)
            });
            let read_to = self.read_to(&key, &arrivals);
            let history = self.history(&arrivals);
            for (arrival, in_budget) in arrivals.into_iter().zip(history) {
                let class = Class {
                    known: read_to.is_some(),
                    newer: read_to
                        .as_ref()
                        .is_some_and(|read_to| read_to.is_before(&arrival)),
                    in_budget,
                };
                self.take_in(&key, arrival, class, now, send)?;
            }
        }
        Ok(())
    }

    /// A file that has moved out of the pattern belongs to the log that it was of.
    fn key_of(&self, arrival: &Arrival) -> Key {
        let place = arrival.facts.id.place;
        let saved = self.saved.iter().find(|position| {
            let folder = Path::new(&*position.file).parent();
            position.id.place == place && folder == arrival.path.parent()
        });
        match saved {
            Some(position) => Key::of(Path::new(&*position.file)),
            None => Key::of(&arrival.path),
        }
    }

    /// How far the log was read by an earlier process; none if it is not known.
    fn read_to(&self, key: &Key, arrivals: &[Arrival]) -> Option<ReadTo> {
        let saved = self.saved.iter();
        let saved = saved.filter(|position| Key::of(Path::new(&*position.file)) == *key);
        let mut read_to: Option<ReadTo> = None;
        for position in saved {
            let path = Path::new(&*position.file);
            // Another file may have the place by now; its birth tells, where the system does.
            let found = arrivals
                .iter()
                .find(|arrival| arrival.facts.id == position.id);
            // The name under which it was read says when it was written, whatever it is called now.
            let made = found.map(|arrival| arrival.facts.modified);
            let this = ReadTo {
                order: Order::at(path, position.id.born.or(made)),
                gone: (found.is_none() && position.id.born.is_none()).then(|| path.to_owned()),
            };
            if read_to.as_ref().is_none_or(|best| best.order < this.order) {
                read_to = Some(this);
            }
        }
        read_to
    }

    /// Which of a log's files are within what is read back at a first start, the newest first.
    fn history(&self, arrivals: &[Arrival]) -> Vec<bool> {
        let mut left = Some(self.settings.history_bytes_max);
        let newest_first = arrivals.iter().rev().enumerate();
        let mut within: Vec<bool> = newest_first
            .map(|(age, arrival)| {
                left = left.and_then(|left| left.checked_sub(arrival.facts.size));
                age == 0 || left.is_some()
            })
            .collect();
        within.reverse();
        within
    }

    fn take_in(
        &mut self,
        key: &Key,
        arrival: Arrival,
        class: Class,
        now: Duration,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        let place = arrival.facts.id.place;
        let about = shown(&arrival.path);
        if let Err(other) = self.claims.take(place, self.index, &arrival.path) {
            let message = format!(
                "the same file as {}: it is read once, under that name",
                other.display()
            );
            return self.warn(Severity::Warning, &arrival.path, message, send);
        }
        let (file, facts) = match disk::open(&arrival.path) {
            Ok(opened) => opened,
            Err(error) => {
                self.claims.give_back(place, self.index);
                return self.not_opened(&arrival, &error, send);
            }
        };
        self.states.end(&about, Condition::Unreadable, send)?;
        self.states.end(&about, Condition::TooMany, send)?;
        if facts.id != arrival.facts.id {
            // Another file by now; the next round meets it.
            self.claims.give_back(place, self.index);
            return Ok(());
        }
        let begin = self.begin(key, &file, &facts, &class, arrival.first);
        self.begin_with(key, arrival, (file, facts), begin, now, send)
    }

    fn not_opened(
        &mut self,
        arrival: &Arrival,
        error: &std::io::Error,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        let about = shown(&arrival.path);
        if error.kind() == std::io::ErrorKind::NotFound {
            let size = arrival.facts.size;
            let text = || format!("the file was gone before it was read; it had {size} bytes");
            return self.states.begin(&about, Condition::Gap, text, send);
        }
        let condition = match disk::is_out_of_handles(error) {
            true => Condition::TooMany,
            false => Condition::Unreadable,
        };
        if condition == Condition::TooMany && self.plan.is_essential(arrival.source, None) {
            self.make_room();
        }
        let text = || format!("cannot be opened: {error}; it is tried again");
        self.states.begin(&about, condition, text, send)
    }

    /// Decides what the file is. A position that is used is taken out of the saved ones.
    fn begin(
        &mut self,
        key: &Key,
        file: &File,
        facts: &Facts,
        class: &Class,
        first: bool,
    ) -> Begin {
        let place = facts.id.place;
        let of_log = |position: &Position| Key::of(Path::new(&*position.file)) == *key;
        let mut candidates: Vec<usize> = (0..self.saved.len()).collect();
        candidates.retain(|&at| {
            self.saved
                .get(at)
                .is_some_and(|saved| saved.id.place == place || of_log(saved))
        });
        // The file's own place first.
        candidates.sort_by_key(|&at| self.saved.get(at).is_none_or(|it| it.id.place != place));
        for at in candidates {
            let Some(position) = self.saved.get(at) else {
                continue;
            };
            match alike(position, file, facts) {
                Identity::Same | Identity::Moved => {
                    return Begin::Behind(Box::new(self.saved.remove(at)));
                }
                Identity::Rewritten => return Begin::Over(Box::new(self.saved.remove(at))),
                Identity::Shorter if self.puts_off(facts) => return Begin::Later,
                Identity::Shorter => return Begin::Over(Box::new(self.saved.remove(at))),
                Identity::Other => {}
            }
        }
        if let Some(begin) = self.copy_of(key, file, facts) {
            return begin;
        }
        match (first, class.known) {
            (false, _) => Begin::New,
            (true, true) if class.newer => Begin::New,
            (true, false) if class.in_budget => Begin::History,
            (true, _) => Begin::NotAtAll,
        }
    }

    /// What was read under another name and is read no more, or is read still.
    fn copy_of(&mut self, key: &Key, file: &File, facts: &Facts) -> Option<Begin> {
        let log = self.logs.get_mut(key)?;
        let moved = |position: &Position| alike(position, file, facts) == Identity::Moved;
        let is_copy = |segment: &&Segment| {
            let common = segment.file.content.read.min(facts.size);
            let original = segment.file.handle.as_ref();
            common > 0 && original.is_some_and(|original| same_bytes(original, file, common))
        };
        if let Some(before) = log.before.take_if(|before| moved(before)) {
            return Some(Begin::Behind(Box::new(before)));
        }
        // One that has the bytes which its original does not have any more waits until that is certain.
        let is_left =
            |segment: &&Segment| !is_copy(segment) && moved(&segment.file.position(false));
        if log.segments.iter().any(|segment| is_left(&segment)) && self.puts_off(facts) {
            return Some(Begin::Later);
        }
        let log = self.logs.get(key)?;
        let open = log.segments.iter().filter(is_copy);
        let open = open.map(|segment| segment.file.content.read);
        let done = log.done.iter().map(|done| &done.position);
        let done = done.filter(|position| moved(position));
        let read = open
            .chain(done.map(|position| position.content.read))
            .max()?;
        // The rest of a copy is in the original too, unless that is overwritten before it is read.
        if read >= COPY_BYTES_MIN && read < facts.size && self.puts_off(facts) {
            return Some(Begin::Later);
        }
        Some(Begin::Copy(read.min(facts.size)))
    }

    fn puts_off(&mut self, facts: &Facts) -> bool {
        let times = self.put_off.entry(facts.id.place).or_default();
        *times += 1;
        *times <= PUT_OFF_MAX
    }

    fn begin_with(
        &mut self,
        key: &Key,
        arrival: Arrival,
        (file, facts): (File, Facts),
        begin: Begin,
        now: Duration,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        let place = facts.id.place;
        let new = Followed::new(&arrival.path, arrival.source, facts.id, now);
        let is_new = match &begin {
            Begin::Behind(position) => position.id.place != place,
            _ => true,
        };
        let mut followed = match begin {
            Begin::Later => {
                self.claims.give_back(place, self.index);
                return Ok(());
            }
            Begin::NotAtAll => {
                let (path, size) = (arrival.path.clone(), Some(facts.size));
                self.ignored.insert(place, Ignored { path, size });
                let message = "left out: older than what is read back at the start".to_owned();
                return self.warn(Severity::Info, &arrival.path, message, send);
            }
            Begin::New => new,
            Begin::History => new.with_history(facts.size),
            Begin::Copy(told) => new.with_told(told),
            Begin::Over(position) => {
                self.overwritten(&position, send)?;
                let carry = carry_of(&position);
                // A copy of what was there may turn up.
                self.logs.entry(key.clone()).or_default().before = Some(*position);
                new.behind(carry)
            }
            Begin::Behind(position) => {
                if position.id.place != place {
                    send(Tailed::Forgotten(position.id.place))?;
                }
                match new.resume(&position, &file, &self.plan) {
                    Ok(followed) => followed,
                    Err(_) => {
                        // It could be compared, and cannot be read: the next round tries again.
                        self.saved.push(*position);
                        self.claims.give_back(place, self.index);
                        return Ok(());
                    }
                }
            }
        };
        let essential = followed.is_essential(&self.plan);
        let parked = !essential && self.handles() >= self.settings.handles_max;
        if !parked {
            followed.handle = Some(file);
        }
        self.put_off.remove(&place);
        self.known.insert(place, key.clone());
        let log = self.logs.entry(key.clone()).or_default();
        log.essential |= essential;
        let position = followed.position(false);
        add(log, Segment::new(followed, parked, now), &facts);
        // A file that is known and not read yet is no history for the next process.
        match is_new {
            true => send(Tailed::Position(Box::new(position))),
            false => Ok(()),
        }
    }

    fn overwritten(&mut self, position: &Position, send: Send<'_>) -> Result<(), Stopped> {
        if position.gone || position.content.read == 0 {
            return Ok(());
        }
        let read = position.content.read;
        let text =
            || format!("the file was overwritten; what was written after byte {read} may be lost");
        self.states
            .begin(&position.file, Condition::Gap, text, send)
    }
}

/// Whether a file belongs to what was there before the start.
struct Class {
    /// An earlier process read its log.
    known: bool,
    /// It was written after what was read.
    newer: bool,
    /// It is near enough to the end of its log.
    in_budget: bool,
}

/// The newest file of a log that has a position.
struct ReadTo {
    order: Order,
    /// Its name, where no file has it any more and its birth is not known.
    gone: Option<PathBuf>,
}

impl ReadTo {
    /// A log without dates in its names goes on under the same name.
    fn is_before(&self, arrival: &Arrival) -> bool {
        let order = Order::of(&arrival.path, &arrival.facts);
        match &self.gone {
            Some(name) if !order.is_dated() && !self.order.is_dated() => arrival.path == *name,
            // File times are coarse; a file that is no older is the next.
            _ => self.order <= order,
        }
    }
}

fn alike(position: &Position, file: &File, facts: &Facts) -> Identity {
    match disk::compare(file, facts, &position.content) {
        Ok(seen) => identify(position.id, &position.content, &seen),
        Err(_) => Identity::Other,
    }
}

/// Both begin with the same bytes, as far as two looks at them tell.
fn same_bytes(one: &File, other: &File, length: u64) -> bool {
    let at = |file, offset, most| disk::bytes_at(file, offset, most).ok();
    let head = usize::try_from(length).map_or(HEAD_BYTES_MAX, |it| it.min(HEAD_BYTES_MAX));
    let anchor = head.min(ANCHOR_BYTES_MAX);
    let from = length - anchor as u64;
    let same = |offset, most| {
        let bytes = at(one, offset, most);
        bytes.is_some() && bytes == at(other, offset, most)
    };
    same(0, head) && same(from, anchor)
}

fn carry_of(position: &Position) -> Option<Carry> {
    let mark = position.mark.as_ref();
    mark.and_then(|mark| mark.carry())
        .or_else(|| position.carry.clone())
}

/// Puts a segment where it belongs: one that is dated before others goes before them.
fn add(log: &mut Log, segment: Segment, facts: &Facts) {
    let order = Order::of(&segment.file.path, facts);
    let later = |other: &Segment| {
        let other = Order::at(&other.file.path, None);
        other.is_dated() && order.is_dated() && other > order
    };
    let at = log.segments.iter().position(later);
    log.segments
        .insert(at.unwrap_or(log.segments.len()), segment);
}
