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

use super::copies::alike;
use super::disk::{self, Facts, File};
use super::follow::Followed;
use super::identity::{Identity, Place};
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

/// How a file is to be read.
pub(super) enum Begin {
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
                    may_be_copy: !Order::of(&arrival.path, &arrival.facts).is_dated(),
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
        if self.is_wanted(&arrival.path) {
            return Key::of(&arrival.path);
        }
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
        let begin = self.begin(key, &file, &facts, &class, arrival.first, now);
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
        now: Duration,
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
        let is = |at: usize, wanted: &[Identity]| {
            let position = self.saved.get(at);
            position.is_some_and(|position| wanted.contains(&alike(position, file, facts)))
        };
        let same = candidates.iter().copied();
        let mut same = same.filter(|&at| is(at, &[Identity::Same, Identity::Moved]));
        if let Some(at) = same.next() {
            return Begin::Behind(Box::new(self.saved.remove(at)));
        }
        let own = candidates.first().copied();
        let shorter = own.filter(|&at| is(at, &[Identity::Shorter]));
        let rewritten = own.filter(|&at| is(at, &[Identity::Rewritten]));
        if shorter.is_some() && self.puts_off(facts) {
            self.shrunk.insert(place);
            return Begin::Later;
        }
        let copy = self.copy(key, file, facts, class.may_be_copy, now);
        if let Some(Begin::Later) = copy {
            return Begin::Later;
        }
        let over = rewritten.or(shorter).map(|at| self.saved.remove(at));
        if let Some(begin) = copy {
            return begin;
        }
        if let Some(position) = over {
            return Begin::Over(Box::new(position));
        }
        match (first, class.known) {
            (false, _) => Begin::New,
            // What stood there before is in a copy, and what stands there now was not read.
            (true, true) if class.newer || self.shrunk.contains(&place) => Begin::New,
            (true, false) if class.in_budget => Begin::History,
            (true, _) => Begin::NotAtAll,
        }
    }

    pub(super) fn puts_off(&mut self, facts: &Facts) -> bool {
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
        let mut taken_from = None;
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
            Begin::Copy(told) => match disk::head_of(&file, told) {
                Ok(head) => new.with_told(told, head),
                Err(_) => new,
            },
            Begin::Over(position) => {
                self.overwritten(&position, send)?;
                let carry = carry_of(&position);
                // A copy of what was there may turn up.
                self.logs.entry(key.clone()).or_default().before = Some(*position);
                new.behind(carry)
            }
            Begin::Behind(position) => {
                match new.resume(&position, &file, &self.plan) {
                    Ok(followed) => {
                        taken_from = Some(position.id.place).filter(|from| *from != place);
                        followed
                    }
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
        self.copied.remove(&place);
        self.shrunk.remove(&place);
        self.known.insert(place, key.clone());
        let log = self.logs.entry(key.clone()).or_default();
        log.essential |= essential;
        let position = followed.position(false);
        add(log, Segment::new(followed, parked, now), &facts);
        // A file that is known and not read yet is no history for the next process.
        if is_new {
            send(Tailed::Position(Box::new(position)))?;
        }
        // Rather twice than not at all: its old place is let go once it has the new one, unless another has that.
        let has_other = |from: &Place| self.known.contains_key(from) || self.shrunk.contains(from);
        match taken_from.filter(|from| !has_other(from)) {
            Some(from) => send(Tailed::Forgotten(from)),
            None => Ok(()),
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

/// What a file is among those of its log.
struct Class {
    /// Its name is not one that an application gives to a segment for good.
    may_be_copy: bool,
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

fn carry_of(position: &Position) -> Option<Carry> {
    let mark = position.mark.as_ref();
    mark.and_then(|mark| mark.carry())
        .or_else(|| position.carry.clone())
}

/// Puts a segment where it belongs: before those that were written after it. What stands last is taken for what is
/// being written.
fn add(log: &mut Log, segment: Segment, facts: &Facts) {
    let order = Order::of(&segment.file.path, facts);
    let is_after = |other: &Segment| {
        let (name, other_name) = (&segment.file.path, &other.file.path);
        let made = other.file.id.born;
        let other = Order::at(other_name, made);
        match (other.is_dated(), order.is_dated()) {
            (true, true) => other.date() > order.date(),
            // A copy is made after what it was copied from, and holds what was written before.
            (false, false) if is_rotated_name(name, other_name) => true,
            (false, false) if is_rotated_name(other_name, name) => false,
            (false, false) => made.is_some() && facts.id.born.is_some() && other > order,
            (true, false) | (false, true) => false,
        }
    };
    let at = log.segments.iter().position(is_after);
    log.segments
        .insert(at.unwrap_or(log.segments.len()), segment);
}

/// `a.log.1` of `a.log`.
fn is_rotated_name(name: &Path, written: &Path) -> bool {
    let [name, written] = [name, written].map(|path| path.to_string_lossy());
    let rest = name.strip_prefix(&*written);
    rest.is_some_and(|rest| rest.starts_with(['.', '-', '_']))
}
