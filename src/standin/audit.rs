//! Whether what was started, and what came of it, is what one incident asks for: an oracle that knows no plan.

use std::collections::BTreeMap;

use super::cast::{Host, Who};
use super::ledger::Start;
use super::world::World;
use crate::time::Time;

/// What should have come of it.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// Where the pair was to move; None if nothing was to be done.
    pub moved_to: Option<Host>,
    /// When what had failed was started again: what was owed is paid after it, and counts anew.
    pub returned: Option<Time>,
}

impl Expected {
    /// What is wrong, each in a sentence.
    pub fn audit(&self, world: &World, ledger: &[Start]) -> Vec<String> {
        let mut wrong = self.repeated(ledger);
        let strangers = ledger.iter().filter(|start| start.tool.is_none());
        wrong
            .extend(strangers.map(|start| format!("was not understood: {}", start.argv.join(" "))));
        if self.moved_to.is_none() {
            let acts = ledger.iter().filter(|start| start.acts());
            wrong.extend(acts.map(|start| format!("nothing was to be done, but: {}", start.did)));
        }
        let leading = self.moved_to.unwrap_or(Host::One);
        for host in Host::ALL.iter().copied().filter(|host| world.is_up(*host)) {
            let there = world.has_vip(host);
            if there != (host == leading) {
                let word = if there { "holds" } else { "does not hold" };
                wrong.push(format!("{host} {word} the VIP"));
            }
        }
        let switched = leading.applications().filter(|who| who.is_switched());
        let behind = switched.filter(|who| !world.is_primary(*who));
        wrong.extend(behind.map(|who| format!("{who} is not primary")));
        wrong
    }

    /// What was started more than once, before or after the return.
    fn repeated(&self, ledger: &[Start]) -> Vec<String> {
        let mut counts: BTreeMap<_, usize> = BTreeMap::new();
        for start in ledger.iter().filter(|start| start.acts()) {
            let after = self.returned.is_some_and(|returned| start.time >= returned);
            *counts
                .entry((after, start.tool, start.target.as_deref()))
                .or_default() += 1;
        }
        let repeated = counts.into_iter().filter(|(_, count)| *count > 1);
        repeated
            .map(|((_, tool, target), count)| {
                let tool = tool.map_or("?", |tool| tool.word());
                format!(
                    "{tool} of {} was started {count} times",
                    target.unwrap_or("?")
                )
            })
            .collect()
    }
}

/// Where the pair goes when this fails, its first host being primary.
pub fn moves_to(target: super::Target) -> Option<Host> {
    let from = match target {
        super::Target::Host(host) => Some(host),
        super::Target::Application(who) => Who::host(who),
    };
    (from == Some(Host::One)).then_some(Host::Two)
}

#[cfg(test)]
mod tests {
    use super::super::{Behaviour, Target, Tool, VIP};
    use super::*;

    /// The host dies, the commands run, it comes back, and they run again. The last part of the ledger is `after`.
    fn played(before: &[&str], after: &[&str]) -> Vec<String> {
        let began: Time = "2026-11-02T20:30:00Z".parse().unwrap();
        let (mut world, _) = World::begin(began);
        let mut ledger = Vec::new();
        let mut now = began;
        world.fail(now, Target::Host(Host::One));
        settle(&mut world, &mut now);
        for command in before {
            ledger.push(start(&mut world, now, command));
            settle(&mut world, &mut now);
        }
        now = now.plus(std::time::Duration::from_secs(1));
        let returned = now;
        world.start(now, Target::Host(Host::One));
        settle(&mut world, &mut now);
        for command in after {
            ledger.push(start(&mut world, now, command));
            settle(&mut world, &mut now);
        }
        let expected = Expected {
            moved_to: moves_to(Target::Host(Host::One)),
            returned: Some(returned),
        };
        expected.audit(&world, &ledger)
    }

    fn settle(world: &mut World, now: &mut Time) {
        while let Some(at) = world.next() {
            *now = (*now).max(at);
            world.tick(*now);
        }
    }

    fn start(world: &mut World, now: Time, command: &str) -> Start {
        let argv: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let answer = world.command(now, &argv, "");
        Start::of(now, &argv, &answer, None)
    }

    const UP: &str = "vip up 10.0.0.10 on 10.0.0.12";
    const UP_OLD: &str = "vip up 10.0.0.10 on 10.0.0.11";
    const DOWN: &str = "vip down 10.0.0.10 on 10.0.0.11";

    #[test]
    fn a_reaction_is_right_with_each_command_once_and_what_is_owed_paid_later() {
        assert!(UP.contains(VIP));
        assert_eq!(played(&[UP, DOWN], &[DOWN]), [""; 0]);
        for (before, after, wrong) in [
            (
                &[UP, UP, DOWN][..],
                &[DOWN][..],
                "vip-up of vmhost2 was started 2 times",
            ),
            (
                &[UP],
                &[DOWN, DOWN],
                "vip-down of vmhost1 was started 2 times",
            ),
            (&[UP, DOWN], &[], "vmhost1 holds the VIP"),
            (&[DOWN], &[DOWN], "vmhost2 does not hold the VIP"),
            (&[UP], &[DOWN, "vip turn"], "was not understood: vip turn"),
        ] {
            assert_eq!(played(before, after), [wrong], "{before:?} {after:?}");
        }
    }

    #[test]
    fn where_nothing_was_to_be_done_any_command_is_wrong() {
        let began: Time = "2026-11-02T20:30:00Z".parse().unwrap();
        let (mut world, _) = World::begin(began);
        let expected = Expected {
            moved_to: moves_to(Target::Host(Host::Two)),
            returned: None,
        };
        assert_eq!(expected.audit(&world, &[]), [""; 0]);
        let probe = start(&mut world, began, "vip probe up 10.0.0.10 on 10.0.0.11");
        assert_eq!(expected.audit(&world, &[probe]), [""; 0]);
        world.behave(Tool::VipUp, Behaviour::Lie);
        let up = start(&mut world, began, UP_OLD);
        assert_eq!(expected.audit(&world, &[up]).len(), 1);
    }
}
