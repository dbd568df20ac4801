//! Log lines on their way to the core: history at the first start, then news, late and more than once.

use std::time::Duration;

use super::{Happening, Stage};
use crate::decide::Input;
use crate::sim::logs::Line;
use crate::sim::plant::Bug;
use crate::sim::scene::START;
use crate::sim::watch::Violation;
use crate::time::Time;

impl Stage<'_> {
    /// The first start: the logs of before are read for roles only, unless nothing of them is left.
    pub(super) fn read_back(&mut self) -> Result<(), Violation> {
        if self.dice.percent(85) {
            self.world.remember(START.minus(Duration::from_secs(3600)));
        }
        self.world.logs.fresh.clear();
        for source in 0..self.world.logs.sources.len() {
            for index in 0..self.world.logs.sources[source].lines.len() {
                let line = self.world.logs.sources[source].lines[index].clone();
                self.watch.delivered(START, &line, true);
                let (event, mut stamp) = (line.event, line.stamp);
                let input = match self.bug {
                    Some(Bug::HistoryIsNews) => {
                        stamp = START;
                        Input::Event { event, stamp }
                    }
                    _ => Input::History { event, stamp },
                };
                self.daemon.positions[source] = index + 1;
                self.hand(START, input, Some((source, index + 1)))?;
            }
        }
        if self.bug == Some(Bug::GuessesThePrimary) {
            self.guess()?;
        }
        Ok(())
    }

    pub(super) fn read(&mut self, now: Time, source: usize) -> Result<(), Violation> {
        while self.daemon.core.is_some() {
            let log = &self.world.logs.sources[source];
            let index = self.daemon.positions[source];
            let readable = |line: &&Line| line.ready <= now && !log.cut_off;
            if log.lines.get(index).filter(readable).is_none() {
                break;
            }
            self.daemon.positions[source] = index + 1;
            self.line(now, source, index)?;
            if self.dice.percent(4) {
                let again = now.plus(self.dice.millis(0, 20_000));
                self.at(again, Happening::Again(source, index));
            }
        }
        Ok(())
    }

    pub(super) fn line(&mut self, now: Time, source: usize, index: usize) -> Result<(), Violation> {
        let line = self.world.logs.sources[source].lines.get(index).cloned();
        let Some(line) = line.filter(|_| self.daemon.core.is_some()) else {
            return Ok(());
        };
        self.figures.lines += 1;
        self.watch.delivered(now, &line, false);
        let stamp = match self.bug {
            Some(Bug::OldLinesAreNews) => now,
            _ => line.stamp,
        };
        let event = line.event;
        let input = Input::Event { event, stamp };
        self.hand(now, input, Some((source, self.daemon.positions[source])))
    }
}
