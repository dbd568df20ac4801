//! Files that hold what was read of another: `a.log.1` beside the `a.log` that it was copied from, before or after
//! that was emptied, whole, or still being written.

use std::path::Path;
use std::time::Duration;

use super::arrive::Begin;
use super::disk::{self, Facts, File};
use super::identity::{ANCHOR_BYTES_MAX, Content, HEAD_BYTES_MAX, Identity, identify};
use super::log::Key;
use super::position::Position;
use super::reader::Reader;
use super::segment::Segment;

/// Files with so many bytes in common have stamps in common, and are copies; of less only whole lines count.
const COPY_BYTES_MIN: u64 = 512;

impl Reader {
    /// What the file is to others of its log, if it holds what was read of one.
    pub(super) fn copy(
        &mut self,
        key: &Key,
        file: &File,
        facts: &Facts,
        may_be_cut: bool,
        now: Duration,
    ) -> Option<Begin> {
        if let Some(before) = self.overwritten_before(key, file, facts) {
            return Some(Begin::Behind(Box::new(before)));
        }
        if may_be_cut {
            if self.is_being_copied(key, file, facts, now) {
                return Some(Begin::Later);
            }
            if let Some(told) = self.cut_copy(key, file, facts) {
                return Some(Begin::Copy(told));
            }
        }
        self.copy_of(key, file, facts)
    }

    /// It has all that was read of a file before that was overwritten.
    fn overwritten_before(&mut self, key: &Key, file: &File, facts: &Facts) -> Option<Position> {
        let log = self.logs.get_mut(key)?;
        let moved = |before: &mut Position| alike(before, file, facts) == Identity::Moved;
        log.before.take_if(moved)
    }

    /// It holds nothing, or nothing but the beginning of what was read of another, and may be about to get the rest.
    fn is_being_copied(&mut self, key: &Key, file: &File, facts: &Facts, now: Duration) -> bool {
        let begins_like = |segment: &Segment| {
            let original = segment.file.handle.as_ref();
            facts.size < segment.file.content.read
                && original.is_some_and(|original| same_bytes(original, file, facts.size))
        };
        let log = self.logs.get(key);
        if !log.is_some_and(|log| log.segments.iter().any(begins_like)) {
            return false;
        }
        let place = facts.id.place;
        let (size, since) = self.copied.entry(place).or_insert((facts.size, now));
        if *size != facts.size {
            (*size, *since) = (facts.size, now);
        }
        now.saturating_sub(*since) < self.settings.head_wait
    }

    /// So much of it was told, where it is a copy without the last of what was read of its original.
    fn cut_copy(&self, key: &Key, file: &File, facts: &Facts) -> Option<u64> {
        let fits = |file: &File, facts: &Facts, content: &Content| {
            let seen = disk::compare(file, facts, content).ok();
            seen.map_or((false, false), |seen| (seen.head_fits, seen.anchor_fits))
        };
        let is_overwritten = |segment: &&Segment| {
            let content = &segment.file.content;
            let original = segment.file.handle.as_ref().zip(segment.facts());
            original.is_some_and(|(file, facts)| fits(file, &facts, content) != (true, true))
        };
        let log = self.logs.get(key);
        let open = log.into_iter().flat_map(|log| &log.segments);
        let open = open.filter(is_overwritten).map(|it| &it.file.content);
        let before = log.into_iter().flat_map(|log| &log.before);
        let saved = self.saved.iter().filter(|position| {
            let is_of_log = Key::of(Path::new(&*position.file)) == *key;
            is_of_log && self.shrunk.contains(&position.id.place)
        });
        let gone = before.chain(saved).map(|position| &position.content);
        // None of them can be asked any more. A beginning has stamps in it, and is like no other.
        let begins_like = |content: &Content| {
            let has_head = (content.head.bytes..content.read).contains(&facts.size);
            has_head && fits(file, facts, content).0
        };
        if open.chain(gone).any(begins_like) {
            return Some(facts.size);
        }
        let (size, _) = self.copied.get(&facts.id.place)?;
        told_of(file, *size)
    }

    /// What was read under another name and is read no more, or is read still.
    fn copy_of(&mut self, key: &Key, file: &File, facts: &Facts) -> Option<Begin> {
        let log = self.logs.get(key)?;
        let moved = |position: &Position| alike(position, file, facts) == Identity::Moved;
        let is_copy = |segment: &&Segment| {
            let common = segment.file.content.read.min(facts.size);
            let original = segment.file.handle.as_ref();
            common > 0 && original.is_some_and(|original| same_bytes(original, file, common))
        };
        // One that has the bytes which its original does not have any more waits until that is certain.
        let is_left =
            |segment: &&Segment| !is_copy(segment) && moved(&segment.file.position(false));
        if log.segments.iter().any(|segment| is_left(&segment)) && self.puts_off(facts) {
            return Some(Begin::Later);
        }
        let log = self.logs.get(key)?;
        let open = log.segments.iter().filter(is_copy);
        let open = open.map(|segment| segment.file.content.read.max(segment.file.told));
        let done = log.done.iter().map(|done| &done.position);
        let done = done.filter(|position| moved(position));
        let read = open
            .chain(done.map(|position| position.content.read))
            .max()?;
        // The rest of a copy is in the original too, unless that is overwritten before it is read.
        if read >= COPY_BYTES_MIN && read < facts.size && self.puts_off(facts) {
            return Some(Begin::Later);
        }
        told_of(file, read.min(facts.size)).map(Begin::Copy)
    }
}

/// So much was told of a file that has so many bytes in common with another. Few bytes may be the beginning of
/// another line.
fn told_of(file: &File, common: u64) -> Option<u64> {
    if common >= COPY_BYTES_MIN {
        return Some(common);
    }
    let bytes = disk::bytes_at(file, 0, usize::try_from(common).ok()?).ok()?;
    let end = bytes
        .iter()
        .rposition(|byte| matches!(byte, b'\n' | b'\r'))?;
    Some(end as u64 + 1)
}

/// What the file is to the one that the position is of.
pub(super) fn alike(position: &Position, file: &File, facts: &Facts) -> Identity {
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
