//! Whether what is believed was read again, since something put it in doubt: the start, a clock step, a stall.
//!
//! It counts as read once all logs were read to their ends, once again in full, and the status command, where there
//! is one, has answered or had its time.

use std::time::Duration;

use crate::time::Time;

/// A start that hears nothing of its logs for so long goes on without those that hang.
const SILENCE_MAX: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct World {
    /// Everything that was there at the start has been read.
    caught_up: bool,
    heard: Time,
    reading: Option<Reading>,
}

#[derive(Clone, Copy, Debug)]
struct Reading {
    /// Before this the logs cannot have been looked at again.
    not_before: Time,
    /// Then the status command has had its time.
    by: Time,
    answered: bool,
}

impl World {
    pub fn new(now: Time) -> World {
        World {
            caught_up: false,
            heard: now,
            reading: None,
        }
    }

    pub fn is_caught_up(&self) -> bool {
        self.caught_up
    }

    /// It is to be read anew: the logs take `rounds`, the status command at most `patience`.
    pub fn read(&mut self, now: Time, rounds: Duration, patience: Duration) {
        let not_before = now.plus(rounds);
        self.reading = Some(Reading {
            not_before,
            by: now.plus(patience).max(not_before),
            answered: patience.is_zero(),
        });
    }

    /// A reader told something.
    pub fn hear(&mut self, now: Time) {
        self.heard = now;
    }

    pub fn catch_up(&mut self) {
        self.caught_up = true;
    }

    /// The status command answered, or failed to.
    pub fn answer(&mut self) {
        if let Some(reading) = &mut self.reading {
            reading.answered = true;
        }
    }

    /// The readers have told nothing for too long, and the start waits for them.
    pub fn is_stuck(&self, now: Time) -> bool {
        !self.caught_up && now.since(self.heard) >= SILENCE_MAX
    }

    /// When something is due without any wake-up.
    pub fn due(&self) -> Option<Time> {
        if !self.caught_up {
            return Some(self.heard.plus(SILENCE_MAX));
        }
        self.reading.map(|reading| reading.ends())
    }

    /// True once for each time that it was in doubt.
    pub fn is_read(&mut self, now: Time) -> bool {
        let read = self.caught_up && self.reading.is_some_and(|reading| reading.ends() <= now);
        if read {
            self.reading = None;
        }
        read
    }
}

impl Reading {
    fn ends(&self) -> Time {
        if self.answered {
            self.not_before
        } else {
            self.by
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUNDS: Duration = Duration::from_millis(500);
    const PATIENCE: Duration = Duration::from_secs(10);

    fn at(millis: u64) -> Time {
        Time::from_micros(0).plus(Duration::from_millis(millis))
    }

    #[test]
    fn it_is_read_after_two_rounds_and_the_answer_or_its_time() {
        for (patience, answered, read) in [
            (Duration::ZERO, false, 500),
            (PATIENCE, true, 500),
            (PATIENCE, false, 10_000),
        ] {
            let mut world = World::new(at(0));
            world.catch_up();
            world.read(at(0), ROUNDS, patience);
            if answered {
                world.answer();
            }
            assert_eq!(world.due(), Some(at(read)));
            assert!(!world.is_read(at(read - 1)));
            assert!(world.is_read(at(read)));
            assert!(!world.is_read(at(read)), "once");
        }
    }

    #[test]
    fn a_start_waits_for_logs_that_are_read_and_not_for_those_that_hang() {
        let mut world = World::new(at(0));
        world.read(at(0), ROUNDS, Duration::ZERO);
        world.hear(at(20_000));
        assert!(!world.is_read(at(20_000)));
        assert!(!world.is_stuck(at(49_999)));
        assert!(world.is_stuck(at(50_000)));
        world.catch_up();
        assert!(world.is_read(at(50_000)));
    }
}
