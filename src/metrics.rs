//! What is counted since the start, fed with the entries as they are settled: the numbers of `/metrics`.
//!
//! Only what a snapshot cannot show is counted here. An incident and its steps count when the incident closes, since
//! its record is final then; those under way are in the snapshot.

mod histogram;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

pub use self::histogram::{BOUNDS, Histogram};
use crate::decide::{Entry, Incident, IncidentState, Reason, StepState, Verdict};
use crate::event::{Event, EventKind};
use crate::topology::Action;

/// Packs have a few hundred ids. Events of more than so many are counted under [`OTHER`].
const IDS_MAX: usize = 512;
pub const OTHER: &str = "other";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// Every extracted event, before any is dropped as a repetition.
    pub events: BTreeMap<(EventKind, Arc<str>), u64>,
    pub decisions: BTreeMap<(Verdict, Reason), u64>,
    /// Those that closed.
    pub incidents: BTreeMap<IncidentState, u64>,
    /// Those of incidents that closed.
    pub steps: BTreeMap<(Action, StepState), u64>,
    /// From the start of a step's command to its end.
    pub commands: BTreeMap<Action, Histogram>,
    /// From the start of a step's command to the moment when its effect was seen.
    pub effects: BTreeMap<Action, Histogram>,
    /// From the event's stamp, on the corrected clock, to the decision that moves the pair.
    pub delays: Histogram,
    /// From that decision to the end of the last step.
    pub reactions: Histogram,
    /// Entries made durable.
    pub journal: Histogram,
    /// Alerts that found no room, or that their receiver refused again and again.
    pub alerts_dropped: u64,
    /// One for each sink, in their order.
    pub sinks: Vec<SinkCount>,
    /// How often notifications of the logs failed, and everything was looked at instead.
    pub rescans: u64,
}

/// What became of one sink's alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkCount {
    pub sink: Arc<str>,
    pub delivered: u64,
    /// Tries that failed.
    pub failures: u64,
    pub waiting: u64,
}

impl Metrics {
    /// An event came from a log.
    pub fn heard(&mut self, event: &Event) {
        let key = (event.kind, event.id.clone());
        if let Some(count) = self.events.get_mut(&key) {
            *count += 1;
        } else if self.events.len() < IDS_MAX {
            self.events.insert(key, 1);
        } else {
            *self.events.entry((event.kind, OTHER.into())).or_default() += 1;
        }
    }

    /// Entries were written down, which took so long.
    pub fn wrote(&mut self, took: Duration) {
        self.journal.observe(took);
    }

    pub fn take(&mut self, entry: &Entry) {
        match entry {
            Entry::Decided(decision) => {
                let key = (decision.verdict, decision.reason);
                *self.decisions.entry(key).or_default() += 1;
                if decision.verdict == Verdict::Open {
                    self.delays.observe(decision.at.since(decision.stamp));
                }
            }
            Entry::Closed { incident, .. } => self.closed(incident),
            _ => {}
        }
    }

    fn closed(&mut self, incident: &Incident) {
        *self.incidents.entry(incident.state).or_default() += 1;
        if let Some(ended) = incident.reaction_ended.filter(|_| !incident.is_held()) {
            self.reactions.observe(ended.since(incident.opened));
        }
        for step in &incident.steps {
            *self.steps.entry((step.action, step.state)).or_default() += 1;
            let Some(started) = step.started else {
                continue;
            };
            // What was only told has no command.
            if step.attempts > 0
                && let Some(ended) = step.ended
            {
                let of_it = self.commands.entry(step.action).or_default();
                of_it.observe(ended.since(started));
            }
            if let Some(seen) = step.confirmed {
                let of_it = self.effects.entry(step.action).or_default();
                of_it.observe(seen.since(started));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::tests::{ROLES, play};
    use crate::topology::ActionMode;

    /// What is counted of a script's entries.
    fn counted(mode: ActionMode, script: &str) -> Metrics {
        let (_, entries) = play(|policy| policy.mode = mode, &format!("{ROLES}\n{script}"));
        let mut metrics = Metrics::default();
        entries.iter().for_each(|entry| metrics.take(entry));
        metrics
    }

    const MOVED: &str = "10 SIPS-2 became-primary\n12 VMS-2 became-primary\n400 RM-2 started";

    #[test]
    fn an_incident_and_its_steps_count_when_it_closes() {
        let open = counted(ActionMode::AlertOnly, "10 SIPS-2 became-primary");
        assert_eq!(open.decisions[&(Verdict::Open, Reason::VipFollows)], 1);
        let first = open.incidents.values().sum::<u64>();
        let closed = counted(ActionMode::AlertOnly, MOVED);
        assert_eq!(closed.incidents.values().sum::<u64>(), first + 1);
        let would_run = (Action::VipEnable, StepState::WouldRun);
        assert_eq!(
            closed.steps[&would_run],
            1 + open.steps.get(&would_run).unwrap_or(&0)
        );
    }

    #[test]
    fn what_was_only_told_has_an_effect_and_no_command() {
        let told = counted(ActionMode::AlertOnly, MOVED);
        assert!(told.commands.is_empty(), "{:?}", told.commands);
        let effect = &told.effects[&Action::SwitchToPrimary];
        assert_eq!(effect.sum(), Duration::from_secs(2));
    }

    #[test]
    fn a_command_that_was_run_counts_with_its_time() {
        let ends = "10.25 ended vip-enable H2 succeeded\n10.5 ended vip-disable H1 succeeded\n10.6 ended switch-to-primary VMS-2 succeeded";
        let run = counted(
            ActionMode::Active,
            &format!("10 SIPS-2 became-primary\n{ends}\n12 VMS-2 became-primary\n400 RM-2 started"),
        );
        let enabled = &run.commands[&Action::VipEnable];
        assert_eq!(
            (enabled.count(), enabled.sum()),
            (1, Duration::from_millis(250))
        );
    }

    #[test]
    fn ids_beyond_all_measure_are_counted_together() {
        let mut metrics = Metrics::default();
        let (_, entries) = play(|_| {}, ROLES);
        let seen = entries.iter().find_map(|entry| match entry {
            Entry::Decided(decision) => Some((*decision.event).clone()),
            _ => None,
        });
        let seen = seen.expect("a decision");
        for number in 0..IDS_MAX + 100 {
            let id = format!("{number:05}").into();
            metrics.heard(&Event { id, ..seen.clone() });
        }
        assert_eq!(metrics.events.len(), IDS_MAX + 1);
        assert_eq!(metrics.events[&(seen.kind, OTHER.into())], 100);
    }
}
