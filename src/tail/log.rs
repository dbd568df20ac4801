//! One log: the segments that one writer rotates through, read one behind the other.
//!
//! A newer segment waits while an older one has bytes left, and takes its day from it. An older one is let go once
//! it has rested; until then whatever its writer still puts there is read, under any name and under none.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::DateTime;

use super::disk::Facts;
use super::follow::Turn;
use super::identity::Place;
use super::position::Position;
use super::segment::{Look, Segment};
use super::state::States;
use super::{Settings, Stopped, Tailed};
use crate::capture;
use crate::fault::{Code, Diagnostic, Severity};
use crate::record::file_name::named_date;
use crate::scan::Carry;

/// So many finished segments keep their positions.
const DONE_KEPT_MAX: usize = 8;

/// A log's folder, and its name without stamp and ending.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(PathBuf, String);

impl Key {
    pub fn of(path: &Path) -> Key {
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Key(folder.to_owned(), capture::log_name(&name))
    }
}

/// Where a segment stands among the others of its log: the one without a date in its name is being written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Order(bool, Option<DateTime>, i64);

impl Order {
    /// Without a date, files stand in the order in which they were made; a rename does not change that.
    pub fn of(path: &Path, facts: &Facts) -> Order {
        Order::at(path, facts.id.born.or(Some(facts.modified)))
    }

    pub fn at(path: &Path, made: Option<i64>) -> Order {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let named = named_date(&name);
        Order(named.is_none(), named, made.unwrap_or(i64::MIN))
    }

    /// Files without a date come last.
    pub fn date(&self) -> (bool, Option<DateTime>) {
        (self.0, self.1)
    }

    pub fn is_dated(&self) -> bool {
        !self.0
    }
}

#[derive(Default)]
pub struct Log {
    /// In the order in which they were written.
    pub segments: Vec<Segment>,
    /// Read to their ends, oldest first.
    pub done: Vec<Done>,
    /// What was read last before it was overwritten: a copy of it may turn up.
    pub before: Option<Position>,
    /// A deleted file whose position says that the log is known.
    gone: Option<Place>,
    carry: Option<Carry>,
    pub essential: bool,
}

pub struct Done {
    pub position: Position,
    /// Its position is not kept any more.
    forgotten: bool,
}

/// What a look at a log came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Came {
    /// There is more to read at once.
    pub more: bool,
    /// A segment holds other bytes than before; none of them was read yet.
    pub rewritten: bool,
    pub out_of_handles: bool,
    /// Deleted files that were read to their ends: another may have the place.
    pub dropped: Vec<Place>,
    /// A file that turned out to be no log.
    pub packed: Option<(Place, PathBuf)>,
}

impl Log {
    /// Reads every segment as far as it goes.
    pub fn read(
        &mut self,
        settings: &Settings,
        states: &mut States,
        turn: &mut Turn<'_>,
    ) -> Result<Came, Stopped> {
        let mut came = Came::default();
        let mut index = 0;
        while let Some((before, segment)) = self.segments.get_mut(..=index).and_then(split_last) {
            if !segment.file.is_begun() {
                let carry = before.last().map(|before| before.file.carry());
                segment
                    .file
                    .begin(carry.unwrap_or(self.carry.clone()), turn.plan);
            }
            match segment.look(settings, states, turn)? {
                Look::AtEnd | Look::Failed => {}
                Look::OutOfHandles => came.out_of_handles = true,
                Look::More => {
                    came.more = true;
                    break;
                }
                Look::Rewritten => {
                    self.before = Some(segment.rewritten(states, turn)?);
                    came.more = true;
                    came.rewritten = true;
                    break;
                }
                Look::Packed => {
                    came.packed = Some((segment.file.id.place, segment.file.path.clone()));
                    left_out(segment, turn)?;
                    self.segments.remove(index);
                    continue;
                }
            }
            index += 1;
        }
        came.dropped = self.retire(settings, states, turn)?;
        let essential = |segment: &Segment| segment.file.is_essential(turn.plan);
        self.essential = self.segments.last().is_some_and(essential);
        Ok(came)
    }

    /// Lets go of segments that have ended.
    fn retire(
        &mut self,
        settings: &Settings,
        states: &mut States,
        turn: &mut Turn<'_>,
    ) -> Result<Vec<Place>, Stopped> {
        let mut dropped = Vec::new();
        let mut index = 0;
        let mut count = self.segments.len();
        while let Some(segment) = self.segments.get_mut(index) {
            let is_last = index + 1 == count;
            if !segment.has_ended(is_last, settings, turn.now) {
                index += 1;
                continue;
            }
            count -= 1;
            let carry = segment.file.carry();
            segment.file.finish(turn)?;
            states.end_all(segment.file.name(), turn.send)?;
            let segment = self.segments.remove(index);
            if index == 0 || is_last {
                self.carry = carry.or(self.carry.take());
            }
            let position = segment.file.position(segment.deleted);
            (turn.send)(Tailed::Position(Box::new(position.clone())))?;
            match segment.deleted {
                true => {
                    dropped.push(position.id.place);
                    self.let_go(position.id.place, turn)?;
                }
                false => self.done.push(Done {
                    position,
                    forgotten: false,
                }),
            }
        }
        self.forget_old(turn)?;
        Ok(dropped)
    }

    /// A file that is gone is remembered while nothing else of its log is.
    pub fn let_go(&mut self, place: Place, turn: &mut Turn<'_>) -> Result<(), Stopped> {
        if let Some(gone) = self.gone.replace(place).filter(|gone| *gone != place) {
            (turn.send)(Tailed::Forgotten(gone))?;
        }
        Ok(())
    }

    fn forget_old(&mut self, turn: &mut Turn<'_>) -> Result<(), Stopped> {
        let read = |segment: &Segment| segment.file.content.read > 0;
        if self.segments.iter().any(read)
            && let Some(gone) = self.gone.take()
        {
            (turn.send)(Tailed::Forgotten(gone))?;
        }
        let old = self.done.len().saturating_sub(DONE_KEPT_MAX);
        for done in self
            .done
            .iter_mut()
            .take(old)
            .filter(|done| !done.forgotten)
        {
            done.forgotten = true;
            (turn.send)(Tailed::Forgotten(done.position.id.place))?;
        }
        Ok(())
    }
}

fn split_last(segments: &mut [Segment]) -> Option<(&[Segment], &mut Segment)> {
    let (last, before) = segments.split_last_mut()?;
    Some((before, last))
}

fn left_out(segment: &Segment, turn: &mut Turn<'_>) -> Result<(), Stopped> {
    (turn.send)(Tailed::Diagnostic(Diagnostic {
        severity: Severity::Info,
        code: Code::LeftOut,
        file: segment.file.name().clone(),
        line: 0,
        message: "left out: a packed file, what it holds was read before".to_owned(),
    }))
}

/// An Arc for a path, as it is told.
pub fn shown(path: &Path) -> Arc<str> {
    path.display().to_string().into()
}
