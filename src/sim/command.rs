//! The stand-in for mlcmd and the VIP scripts: what each start really does to the world, and how it ends.
//! Every start is one line of a ledger.

use std::sync::Arc;
use std::time::Duration;

use super::dice::Dice;
use super::world::World;
use crate::decide::{Outcome, StepRef};
use crate::time::Time;
use crate::topology::Action;

/// What a start is for: never twice the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Step {
        of: StepRef,
        attempt: u32,
    },
    Debt {
        solution: usize,
        host: usize,
        since: Time,
        attempt: u32,
    },
    Announcement {
        solution: usize,
        host: usize,
        incident: Arc<str>,
        attempt: u32,
    },
}

impl Intent {
    pub fn solution(&self) -> usize {
        match self {
            Intent::Step { of, .. } => of.solution,
            Intent::Debt { solution, .. } | Intent::Announcement { solution, .. } => *solution,
        }
    }

    pub fn incident(&self) -> Option<&Arc<str>> {
        match self {
            Intent::Step { of, .. } => Some(&of.incident),
            Intent::Debt { .. } | Intent::Announcement { .. } => None,
        }
    }
}

/// One command line.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    pub intent: Intent,
    pub action: Action,
    pub application: Option<usize>,
    pub host: usize,
}

/// How a command behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behaviour {
    Works,
    /// Ends well at once; its effect comes later.
    WorksLate,
    /// Hangs until its deadline, without or with effect.
    Hangs {
        effect: bool,
    },
    /// Ends with 0 and did nothing.
    Lies,
    /// Ends with 1, without or with effect.
    Fails {
        effect: bool,
    },
    /// Cannot be started.
    NotRun,
}

/// A line of the ledger.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub launch: Launch,
    pub behaviour: Behaviour,
    pub started: Time,
    /// When it ends, by itself or by force.
    pub ends: Time,
    pub ended: bool,
    /// SCS or the machine took the order.
    pub taken: Option<bool>,
    /// How it ended, kept for whoever comes to ask.
    pub outcome: Option<Outcome>,
    /// Nobody can find out how it ends.
    pub forgotten: bool,
}

pub(super) const DEADLINE: Duration = Duration::from_secs(15);

impl Behaviour {
    pub fn drawn(dice: &mut Dice, action: Action, trouble: u32) -> Behaviour {
        if !dice.percent(trouble) {
            return Behaviour::Works;
        }
        let effect = dice.flip();
        let mut all = vec![
            Behaviour::Hangs { effect },
            Behaviour::Fails { effect },
            Behaviour::NotRun,
            Behaviour::Lies,
        ];
        if action == Action::SwitchToPrimary {
            all.push(Behaviour::WorksLate);
        }
        dice.pick(&all).unwrap_or(Behaviour::Works)
    }

    /// When it ends and when it takes effect, after its start.
    pub fn times(self, dice: &mut Dice, reachable: bool) -> (Duration, Option<Duration>) {
        let quick = dice.millis(20, 900);
        if !reachable {
            let ends = if dice.flip() { quick } else { DEADLINE };
            return (ends, None);
        }
        match self {
            Behaviour::Works => (quick, Some(quick / 2)),
            Behaviour::WorksLate => (quick, Some(quick + dice.millis(500, 14_000))),
            Behaviour::Hangs { effect } => {
                let at = dice.millis(100, 14_000);
                (DEADLINE, effect.then_some(at))
            }
            Behaviour::Lies | Behaviour::Fails { effect: false } => (quick, None),
            Behaviour::Fails { effect: true } => (quick, Some(quick / 2)),
            Behaviour::NotRun => (Duration::ZERO, None),
        }
    }
}

impl Run {
    /// It brings the address to its host, or takes it away.
    pub fn is_vip(&self) -> bool {
        matches!(self.launch.action, Action::VipEnable | Action::VipDisable)
    }

    /// What whoever ran it sees at its end. A VIP script is followed by a probe, so a lie shows.
    pub fn outcome(&self, world: &World) -> Outcome {
        let pair = self.launch.intent.solution();
        match self.behaviour {
            Behaviour::NotRun => return Outcome::NotRun("no such file".into()),
            Behaviour::Fails { .. } => return Outcome::Failed("exit code 1".into()),
            _ if self.ends.since(self.started) >= DEADLINE => return Outcome::TimedOut,
            _ => {}
        }
        let refused = self.taken == Some(false)
            || (self.taken.is_none()
                && matches!(self.behaviour, Behaviour::Works)
                && self.launch.action != Action::VipAnnounce);
        if refused {
            return Outcome::Failed("not reached".into());
        }
        if self.is_vip() {
            let wanted = self.launch.action == Action::VipEnable;
            let machine = &world.pairs[pair].machines[self.launch.host];
            if !machine.up || !machine.reachable || machine.vip != wanted {
                return Outcome::Failed("the probe says no".into());
            }
        }
        Outcome::Succeeded
    }

    /// Does to the world what the command does.
    pub fn take_effect(&mut self, now: Time, world: &mut World) {
        let (pair, host) = (self.launch.intent.solution(), self.launch.host);
        self.taken = Some(match (self.launch.action, self.launch.application) {
            (Action::SwitchToPrimary, Some(process)) => world.promote(now, pair, process, true),
            (Action::VipEnable, _) => world.set_vip(now, pair, host, true),
            (Action::VipDisable, _) => world.set_vip(now, pair, host, false),
            _ => true,
        });
    }

    /// What a look at the world says of it, once it cannot be running any more.
    pub fn looked_at(launch: &Launch, world: &World) -> Outcome {
        let pair = launch.intent.solution();
        let machine = &world.pairs[pair].machines[launch.host];
        let so = match (launch.action, launch.application) {
            (Action::SwitchToPrimary, Some(process)) => {
                let state = &world.pairs[pair].processes[process];
                if !machine.linked {
                    return Outcome::Unknowable;
                }
                state.running && state.primary
            }
            _ if !machine.up || !machine.reachable => return Outcome::Unknowable,
            (Action::VipEnable, _) => machine.vip,
            (Action::VipDisable, _) => !machine.vip,
            // Nothing tells whether neighbours were told.
            _ => return Outcome::Unknowable,
        };
        if so {
            Outcome::Confirmed
        } else {
            Outcome::NotDone
        }
    }
}
