//! One segment as a source: opened again when it was closed, tried again when it failed, and what its reader should
//! know of it told.

use std::io;
use std::time::Duration;

use super::disk::{self, Facts};
use super::follow::{Followed, Step, Turn};
use super::position::Position;
use super::state::{Condition, States};
use super::{Settings, Stopped, Tailed};

/// Portions that are read from one file before another has its turn.
const PORTIONS_MAX: usize = 64;
/// So many failures, and it is told.
const FAILURES_TOLD: u32 = 3;
const RETRY_FIRST: Duration = Duration::from_millis(250);
const RETRY_MAX: Duration = Duration::from_secs(30);

pub struct Segment {
    pub file: Followed,
    /// It has no name any more.
    pub deleted: bool,
    /// It is opened for each look, and closed again.
    pub parked: bool,
    /// It was found shorter than it had been.
    suspected: bool,
    failures: u32,
    retry_at: Duration,
    /// When its end was reached last.
    ended: Duration,
    at_end: bool,
    told: Duration,
}

impl Segment {
    pub fn new(file: Followed, parked: bool, now: Duration) -> Segment {
        Segment {
            file,
            parked,
            deleted: false,
            suspected: false,
            failures: 0,
            retry_at: Duration::ZERO,
            ended: now,
            at_end: false,
            told: now,
        }
    }
}

/// What a look at one segment came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    AtEnd,
    More,
    Failed,
    OutOfHandles,
    Rewritten,
    Packed,
}

impl Segment {
    pub fn look(
        &mut self,
        settings: &Settings,
        states: &mut States,
        turn: &mut Turn<'_>,
    ) -> Result<Look, Stopped> {
        if turn.now < self.retry_at {
            return Ok(Look::Failed);
        }
        if let Err(error) = self.open() {
            return self.failed(&error, states, turn);
        }
        if self.file.handle.is_none() {
            return Ok(Look::AtEnd);
        }
        if self.file.content.read == 0 && self.file.is_packed() {
            return Ok(Look::Packed);
        }
        let look = self.read(states, turn)?;
        self.note(look, settings, states, turn)?;
        if self.parked && look != Look::More {
            self.file.handle = None;
        }
        Ok(look)
    }

    /// Another file under the name is none of ours; where ours went, the next listing tells.
    fn open(&mut self) -> io::Result<()> {
        if self.file.handle.is_some() || self.deleted {
            return Ok(());
        }
        match disk::open(&self.file.path) {
            Ok((handle, facts)) if facts.id.place == self.file.id.place => {
                self.file.handle = Some(handle);
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn read(&mut self, states: &mut States, turn: &mut Turn<'_>) -> Result<Look, Stopped> {
        for _ in 0..PORTIONS_MAX {
            match self.file.step(turn) {
                Err(error) => return self.failed(&error, states, turn),
                Ok(step) => match step? {
                    Step::Grew => self.suspected = false,
                    Step::AtEnd => {
                        self.suspected = false;
                        return Ok(Look::AtEnd);
                    }
                    Step::Rewritten => return Ok(Look::Rewritten),
                    Step::Shorter if self.suspected => return Ok(Look::Rewritten),
                    Step::Shorter => {
                        self.suspect();
                        return Ok(Look::AtEnd);
                    }
                },
            }
        }
        Ok(Look::More)
    }

    /// A size can be late, on a network drive: the next look is through a fresh handle, and decides.
    fn suspect(&mut self) {
        self.suspected = true;
        if let Ok((fresh, facts)) = disk::open(&self.file.path)
            && facts.id.place == self.file.id.place
        {
            self.file.handle = Some(fresh);
        }
    }

    fn failed(
        &mut self,
        error: &io::Error,
        states: &mut States,
        turn: &mut Turn<'_>,
    ) -> Result<Look, Stopped> {
        self.failures = self.failures.saturating_add(1);
        let wait = RETRY_FIRST.saturating_mul(1 << self.failures.min(10).saturating_sub(1));
        self.retry_at = turn.now + wait.min(RETRY_MAX);
        let out_of_handles = disk::is_out_of_handles(error);
        let name = self.file.name().clone();
        let condition = match out_of_handles {
            true => Condition::TooMany,
            false => Condition::Unreadable,
        };
        if self.failures >= FAILURES_TOLD || out_of_handles || self.file.handle.is_none() {
            let text = || format!("cannot be read: {error}; it is tried again");
            states.begin(&name, condition, text, turn.send)?;
        }
        // A stale handle never heals; the name may lead to the same file again.
        if self.failures >= FAILURES_TOLD && !self.deleted {
            self.file.handle = None;
        }
        Ok(match out_of_handles {
            true => Look::OutOfHandles,
            false => Look::Failed,
        })
    }

    /// What a look that worked says about the file's condition.
    fn note(
        &mut self,
        look: Look,
        settings: &Settings,
        states: &mut States,
        turn: &mut Turn<'_>,
    ) -> Result<(), Stopped> {
        if look == Look::Failed || look == Look::OutOfHandles {
            return Ok(());
        }
        let name = self.file.name().clone();
        if self.failures > 0 {
            self.failures = 0;
            states.end(&name, Condition::Unreadable, turn.send)?;
            states.end(&name, Condition::TooMany, turn.send)?;
        }
        self.at_end = look == Look::AtEnd;
        if self.at_end {
            self.ended = turn.now;
            self.file
                .rest(settings.head_wait, settings.partial_timeout, turn)?;
            states.end(&name, Condition::Lagging, turn.send)?;
        } else if turn.now.saturating_sub(self.ended) >= settings.lag_after {
            let behind = self.behind();
            let text = || format!("{behind} bytes are written and not read yet");
            states.begin(&name, Condition::Lagging, text, turn.send)?;
        }
        let quiet = turn.now.saturating_sub(self.file.grown);
        match turn.plan.silent_after(self.file.source) {
            Some(after) if quiet >= after => {
                let text = || format!("nothing was written for {}", crate::time::spoken(quiet));
                states.begin(&name, Condition::Silent, text, turn.send)?;
            }
            _ => states.end(&name, Condition::Silent, turn.send)?,
        }
        if self.file.moved && turn.now.saturating_sub(self.told) >= settings.position_every {
            self.tell_position(turn)?;
        }
        Ok(())
    }

    pub fn tell_position(&mut self, turn: &mut Turn<'_>) -> Result<(), Stopped> {
        self.told = turn.now;
        self.file.moved = false;
        (turn.send)(Tailed::Position(Box::new(self.file.position(false))))
    }

    fn behind(&self) -> u64 {
        let facts = self.facts();
        facts.map_or(0, |facts| facts.size.saturating_sub(self.file.content.read))
    }

    pub fn facts(&self) -> Option<Facts> {
        let handle = self.file.handle.as_ref()?;
        disk::look_at(&self.file.path, handle).ok()
    }

    /// The file's bytes are others: read it from the first, behind what was there. Gives the old position, which also
    /// stays the saved one until a copy of what was there can have taken it.
    pub fn rewritten(
        &mut self,
        states: &mut States,
        turn: &mut Turn<'_>,
    ) -> Result<Position, Stopped> {
        let (name, read) = (self.file.name().clone(), self.file.content.read);
        self.suspected = false;
        let carry = self.file.carry();
        self.file.finish(turn)?;
        let before = self.file.position(false);
        let facts = self.facts();
        let id = facts.map_or(self.file.id, |facts| facts.id);
        self.file.start_over(id, carry, turn.now);
        let text = || {
            format!(
                "the file was overwritten after byte {read}; lines written just before that may be lost"
            )
        };
        states.begin(&name, Condition::Gap, text, turn.send)?;
        Ok(before)
    }

    pub fn has_ended(&self, is_last: bool, settings: &Settings, now: Duration) -> bool {
        let rested = now.saturating_sub(self.file.grown) >= settings.rotate_wait;
        self.at_end && rested && (self.deleted || !is_last)
    }
}
