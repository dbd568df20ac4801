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
