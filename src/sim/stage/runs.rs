//! Commands: from what the core wants started to what it is told of the end.

use super::{Happening, Stage};
use crate::decide::Outcome;
use crate::sim::command::{Behaviour, DEADLINE, Launch, Run};
use crate::sim::daemon::ended;
use crate::sim::plant::Bug;
use crate::sim::watch::Violation;
use crate::time::Time;
use crate::topology::Action;

impl Stage<'_> {
    /// The journal is on disk up to here: what waited for it may start.
    pub(super) fn synced(&mut self, now: Time) -> Result<(), Violation> {
        self.daemon.journal.synced();
        for launch in self.daemon.released() {
            if !self.daemon.waits_for(&launch) {
                continue;
            }
            let disarmed = self
                .daemon
                .core
                .as_ref()
                .is_some_and(|core| core.state.disarmed.is_some());
            if disarmed {
                let refused = Outcome::NotRun("disarmed".into());
                self.hand(now, ended(&launch, refused), None)?;
                continue;
            }
            self.start(now, launch, true)?;
        }
        if self.daemon.journal.begin_sync() {
            let done = now.plus(self.dice.millis(1, 20));
            self.at(done, Happening::Synced(self.daemon.life));
        }
        Ok(())
    }

    pub(super) fn start(
        &mut self,
        now: Time,
        mut launch: Launch,
        durable: bool,
    ) -> Result<(), Violation> {
        if self.bug == Some(Bug::MixesUpHosts) && launch.application.is_none() {
            launch.host = 1 - launch.host;
        }
        let running = self.runs.iter().filter(|run| !run.ended);
        self.watch.launched(now, &launch, durable, running)?;
        // Read, then act: a probe may find that it is so already.
        let probed = self.dice.percent(30) && self.bug != Some(Bug::NeverPaid);
        if probed && self.is_so(&launch) {
            self.say(now, || format!("probe: {} is so already", launch.action));
            return self.hand(now, ended(&launch, Outcome::AlreadySo), None);
        }
        let pair = launch.intent.solution();
        let machine = &self.world.pairs[pair].machines[launch.host];
        let reachable = launch.application.is_some() || (machine.up && machine.reachable);
        let behaviour = match self.bug {
            Some(Bug::LiesAboutTheVip) if launch.action == Action::VipEnable => Behaviour::Lies,
            _ if !reachable => Behaviour::Works,
            _ => Behaviour::drawn(&mut self.dice, launch.action, self.trouble),
        };
        let (ends, effect) = behaviour.times(&mut self.dice, reachable);
        let run = self.runs.len();
        self.say(now, || {
            format!(
                "START #{run} {} {:?} on host {}: {behaviour:?}, reachable {reachable}",
                launch.action,
                launch.intent,
                launch.host + 1
            )
        });
        if let Some(effect) = effect {
            self.at(now.plus(effect), Happening::Effect(run));
        }
        self.at(now.plus(ends), Happening::End(run));
        let early = (self.bug == Some(Bug::AnswersTooSoon)).then(|| launch.clone());
        self.runs.push(Run {
            launch,
            behaviour,
            started: now,
            ends: now.plus(ends),
            ended: false,
            taken: None,
            outcome: None,
            forgotten: false,
        });
        match early {
            Some(launch) => self.hand(now, ended(&launch, Outcome::Succeeded), None),
            None => Ok(()),
        }
    }

    fn is_so(&self, launch: &Launch) -> bool {
        let pair = launch.intent.solution();
        let machine = &self.world.pairs[pair].machines[launch.host];
        let wanted = match launch.action {
            Action::VipEnable => true,
            Action::VipDisable => false,
            _ => return false,
        };
        machine.up && machine.reachable && machine.vip == wanted
    }

    pub(super) fn effect(&mut self, now: Time, run: usize) {
        self.runs[run].take_effect(now, &mut self.world);
        let taken = self.runs[run].taken;
        self.say(now, || format!("effect of #{run}: taken {taken:?}"));
    }

    pub(super) fn ends(&mut self, now: Time, index: usize) -> Result<(), Violation> {
        let outcome = match self.bug {
            Some(Bug::LiesAboutTheVip) => Outcome::Succeeded,
            Some(Bug::NeverPaid) if self.runs[index].launch.intent.incident().is_none() => {
                Outcome::Failed("exit code 1".into())
            }
            _ => self.runs[index].outcome(&self.world),
        };
        let run = &mut self.runs[index];
        (run.ended, run.outcome) = (true, Some(outcome.clone()));
        let (launch, forgotten) = (run.launch.clone(), run.forgotten);
        if run.is_vip() {
            self.last_vip[launch.intent.solution()][launch.host] = Some(now);
        }
        self.say(now, || format!("end of #{index}: {outcome:?}"));
        if self.bug == Some(Bug::RunsTwice) {
            self.start(now, launch.clone(), true)?;
        }
        if forgotten || !self.daemon.waits_for(&launch) {
            return Ok(());
        }
        self.hand(now, ended(&launch, outcome), None)
    }

    /// After a restart: what was running goes on and is waited for, or its end was kept and is found, or nobody knows.
    pub(super) fn account_for(&mut self, now: Time) -> Result<(), Violation> {
        for launch in self.daemon.unsettled() {
            let of = |run: &Run| run.launch.intent == launch.intent;
            let known = self.runs.iter().rposition(of);
            let kept = self.dice.percent(60);
            match known.filter(|_| kept) {
                Some(run) if self.runs[run].ended => {
                    let found = self.runs[run].outcome.clone();
                    if let Some(outcome) = found {
                        self.hand(now, ended(&launch, outcome), None)?;
                    }
                }
                // It is found alive, and its end will be.
                Some(run) => self.runs[run].forgotten = false,
                None => {
                    if let Some(run) = known {
                        self.runs[run].forgotten = true;
                    }
                    self.lost(now, launch)?;
                }
            }
        }
        Ok(())
    }

    /// Until its deadline has passed the command may still be running.
    fn lost(&mut self, now: Time, launch: Launch) -> Result<(), Violation> {
        if launch.intent.incident().is_some() {
            self.hand(now, ended(&launch, Outcome::Lost), None)?;
        }
        let over = now.plus(DEADLINE + self.dice.millis(10, 2000));
        self.at(over, Happening::Resolve(self.daemon.life, launch));
        Ok(())
    }

    pub(super) fn resolve(&mut self, now: Time, launch: &Launch) -> Result<(), Violation> {
        if !self.daemon.waits_for(launch) {
            return Ok(());
        }
        let outcome = match launch.intent.incident() {
            None => Outcome::Lost,
            Some(_) if self.dice.percent(15) => Outcome::Unknowable,
            Some(_) => Run::looked_at(launch, &self.world),
        };
        self.say(now, || {
            format!("looked at {:?}: {outcome:?}", launch.intent)
        });
        self.hand(now, ended(launch, outcome), None)
    }
}
