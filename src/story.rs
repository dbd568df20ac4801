//! A report in plain sentences, for someone who reads it at night: the storm, the decision, the steps with their
//! reasons, what stays owed, and what was seen and moved nothing.
//!
//! Lines fit a terminal of 120 columns as long as names are no longer than Genesys names use to be. Each reason is
//! told once. Everything that came from a log is escaped.

mod aside;
mod clock;
mod columns;
mod incident;
mod names;
mod sentences;

pub(crate) use aside::QUIET;
pub(crate) use clock::{Clock, offset};
pub(crate) use incident::who;
pub(crate) use names::Names;
pub use sentences::beside;
pub(crate) use sentences::{
    aftermath, counted, decision, grounds, route, state, storm, target, verb, verdict, why,
};

use crate::decide::{Incident, Step};
use crate::replay::Permutation;
use crate::report::Report;
use crate::time::Time;
use crate::topology::Topology;

/// The argv of a step as it may be shown.
pub type Command<'a> = &'a dyn Fn(usize, &Incident, &Step) -> Option<Vec<String>>;

pub struct Story<'a> {
    pub topology: &'a Topology,
    pub command: Command<'a>,
}

impl Story<'_> {
    /// Every incident, then what moved nothing, then what a person should know.
    pub fn tell(&self, report: &Report) -> String {
        let names = Names::of(report);
        let Some(begin) = begin(report) else {
            return "No event: nothing would have been done.\n\n".into();
        };
        let clock = Clock::of(begin);
        let mut parts = vec![vec![format!("Times are UTC, on {}.", clock.day())]];
        for account in &report.accounts {
            parts.push(self.incident(account, &names, &clock));
        }
        if report.accounts.is_empty() {
            parts.push(vec!["No incident: nothing would have been done.".into()]);
        }
        parts.push(self.outside(report, &names, &clock));
        parts.push(self.alerts(report, &clock));
        parts
            .iter()
            .filter(|lines| !lines.is_empty())
            .map(|lines| lines.join("\n") + "\n\n")
            .collect()
    }

    /// `5040 orders of 8 events (sampled), 1 plan`
    pub fn permutations(&self, permutations: &[Permutation]) -> String {
        let mut lines = Vec::new();
        for each in permutations {
            let name = if permutations.len() > 1 {
                format!("{}: ", each.incident)
            } else {
                String::new()
            };
            let sampled = if each.sampled { " (sampled)" } else { "" };
            lines.push(format!(
                "{name}{} of {}{sampled}, {}",
                counted(each.orders as u64, "order"),
                counted(each.events as u64, "event"),
                counted(each.plans.len() as u64, "plan"),
            ));
            let plans = each.plans.iter().filter(|_| each.plans.len() > 1);
            for (plan, orders) in plans {
                let steps: Vec<_> = plan
                    .iter()
                    .map(|(action, target)| format!("{action} {target}"))
                    .collect();
                let orders = counted(*orders as u64, "order");
                lines.push(format!("  {orders}: {}", steps.join(", ")));
            }
        }
        lines.iter().map(|line| format!("{line}\n")).collect()
    }
}

/// The first time that the report speaks of.
fn begin(report: &Report) -> Option<Time> {
    let evidence = report.accounts.iter().map(|account| account.began());
    let outside = report
        .outside
        .values()
        .flat_map(|outside| outside.examples.iter().map(|decision| decision.stamp));
    evidence.chain(outside).min()
}

#[cfg(test)]
mod tests;
