//! Faults as they strike, and what the daemon's surroundings do about them.

use std::sync::Arc;

use super::{Happening, Stage};
use crate::decide::{Input, Reason, Request, Verb};
use crate::event::{Mode, Status};
use crate::sim::mischief::{Asked, Fault};
use crate::sim::plant::Bug;
use crate::sim::watch::{Claim, Violation};
use crate::time::Time;

impl Stage<'_> {
    pub(super) fn fault(&mut self, now: Time, fault: Fault) -> Result<(), Violation> {
        let world = &mut self.world;
        match fault {
            Fault::Fail { pair, process } => world.fail(now, pair, process),
            Fault::Kill {
                pair,
                host,
                returns,
            } => world.kill(now, pair, host, returns),
            Fault::Cut { pair, host } => world.cut(now, pair, host),
            Fault::Stop { pair, process } => world.stop(now, pair, process),
            Fault::Switch { pair, process } => {
                if world.is_switched(pair, process) {
                    world.promote(now, pair, process, false);
                }
            }
            Fault::SwitchScs => world.switch_scs(now),
            Fault::FlapScs => world.flap_scs(now),
            Fault::Slow { source } => world.slow_down(now, source),
            Fault::DropVip { pair, host } => world.drop_vip(now, pair, host),
            Fault::Step => return self.step_clock(now),
            Fault::Journal => return self.break_journal(now),
            Fault::Crash => self.crash(now),
            Fault::Verb { pair, verb } => return self.verb(now, pair, verb),
            Fault::Status => return self.ask(now),
        }
        Ok(())
    }

    fn step_clock(&mut self, now: Time) -> Result<(), Violation> {
        if self.daemon.core.is_none() {
            return Ok(());
        }
        self.doubt(now)
    }

    fn doubt(&mut self, now: Time) -> Result<(), Violation> {
        self.watch.doubted(true);
        if self.bug != Some(Bug::TrustsTheClock) {
            self.hand(now, Input::WorldDoubted, None)?;
        }
        let read = now.plus(self.dice.millis(100, 8000));
        self.at(read, Happening::ReadWorld(self.daemon.life));
        Ok(())
    }

    pub(super) fn read_world(&mut self, now: Time) -> Result<(), Violation> {
        self.ask(now)?;
        self.watch.doubted(false);
        self.hand(now, Input::WorldRead, None)
    }

    fn break_journal(&mut self, now: Time) -> Result<(), Violation> {
        if self.daemon.core.is_none() {
            return Ok(());
        }
        self.daemon.journal.broken = true;
        self.watch.disarmed();
        if self.bug == Some(Bug::OutlivesTheJournal) {
            return Ok(());
        }
        self.hand(now, Input::Disarm(Reason::JournalDead), None)
    }

    fn crash(&mut self, now: Time) {
        if self.daemon.core.is_none() {
            return;
        }
        self.figures.crashes += 1;
        self.daemon.crash();
        self.watch.crashed(self.daemon.journal.durable());
        let down = match self.dice.percent(70) {
            true => self.dice.millis(50, 5_000),
            false => self.dice.millis(5_000, 120_000),
        };
        self.at(now.plus(down), Happening::Restart);
    }

    /// The journal is folded, running commands are accounted for, logs are read on from where they were.
    pub(super) fn restart(&mut self, now: Time) -> Result<(), Violation> {
        if self.daemon.core.is_some() {
            return Ok(());
        }
        self.daemon.recover(now);
        self.say(now, || "RESTART".into());
        self.doubt(now)?;
        self.account_for(now)?;
        for source in 0..self.world.logs.sources.len() {
            // At least once: a position is sometimes older than what was read.
            let read = &mut self.daemon.positions[source];
            *read = read.saturating_sub(self.dice.below(3));
            let at = now.plus(self.dice.millis(1, 300));
            self.at(at, Happening::Line(source));
        }
        Ok(())
    }

    /// From here on nothing more goes wrong, and who can be helped is helped.
    pub(super) fn calm(&mut self, now: Time) -> Result<(), Violation> {
        self.say(now, || "CALM".into());
        self.trouble = 0;
        if self.daemon.journal.broken {
            self.crash(now);
        }
        Ok(())
    }

    fn verb(&mut self, now: Time, pair: usize, verb: Asked) -> Result<(), Violation> {
        let Some(core) = &self.daemon.core else {
            return Ok(());
        };
        let state = &core.state.pairs[pair];
        let verb = match verb {
            Asked::Pause => Some(Verb::Pause {
                until: now.plus(self.dice.millis(10_000, 200_000)),
            }),
            Asked::Resume => Some(Verb::Resume),
            Asked::Acknowledge => {
                let block = state.block.as_ref().map(|block| block.by.clone());
                let incident = state.lock.clone().or(block);
                incident.map(|incident| Verb::Acknowledge { incident })
            }
            Asked::Force => Some(Verb::Force {
                to: self.dice.below(2),
            }),
            Asked::Forgive => {
                let host = state.owed.first().map(|debt| debt.host);
                host.map(|host| Verb::Forgive { host })
            }
        };
        let Some(verb) = verb else { return Ok(()) };
        // The batch that this input is about to become.
        let batch = self.daemon.journal.len() + 1;
        if matches!(verb, Verb::Forgive { .. }) {
            self.world.pairs[pair].forgiven = true;
        }
        self.watch.asked(pair, &verb, batch);
        if self.bug == Some(Bug::ForgetsPauses) && matches!(verb, Verb::Pause { .. }) {
            return Ok(());
        }
        let request = Request {
            verb,
            by: Arc::from("alice"),
            why: Arc::from("because"),
        };
        let solution = pair;
        self.hand(now, Input::Operator { solution, request }, None)
    }

    /// The status command answers for each process: rightly, with what was so when it was last asked, or not at all.
    fn ask(&mut self, now: Time) -> Result<(), Violation> {
        let stated: Vec<Vec<(Option<Mode>, Option<Status>)>> = (0..self.world.pairs.len())
            .map(|pair| {
                let processes = 0..self.world.pairs[pair].processes.len();
                processes
                    .map(|process| self.world.state_of(pair, process))
                    .collect()
            })
            .collect();
        let calm = self.trouble == 0;
        for (pair, answers) in stated.iter().enumerate() {
            for (process, now_so) in answers.iter().enumerate() {
                let before = self
                    .snapshot
                    .get(pair)
                    .and_then(|snapshot| snapshot.get(process))
                    .copied();
                let (mode, status) = match (self.dice.below(100), before) {
                    (0..20, _) => continue,
                    (20..30, Some(before)) if !calm => before,
                    _ => *now_so,
                };
                self.report(now, (pair, process), mode, status)?;
            }
        }
        self.snapshot = stated;
        Ok(())
    }

    fn report(
        &mut self,
        now: Time,
        (solution, application): (usize, usize),
        mode: Option<Mode>,
        status: Option<Status>,
    ) -> Result<(), Violation> {
        if let Some(mode) = mode.filter(|_| self.daemon.core.is_some()) {
            self.watch
                .claimed(now, (solution, application), Claim::Found(mode), now);
        }
        let input = Input::Reported {
            solution,
            application,
            mode,
            status,
        };
        self.hand(now, input, None)
    }
}
