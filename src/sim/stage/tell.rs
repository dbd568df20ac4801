//! A run told line by line, for whoever repeats a seed.

use super::Stage;
use crate::decide::{Entry, Input};
use crate::time::Time;

impl Stage<'_> {
    pub(super) fn say(&mut self, now: Time, what: impl FnOnce() -> String) {
        if let Some(tell) = &mut self.tell {
            tell(&format!("{} {}", now.clock(), what()));
        }
    }

    pub(super) fn tell_entries(&mut self, now: Time, input: &Input, entries: &[Entry]) {
        if self.tell.is_none() {
            return;
        }
        let heard = match input {
            Input::Event { event, stamp } | Input::History { event, stamp } => format!(
                "{} {} {} @{} ({})",
                event.origin.file,
                event
                    .application
                    .as_deref()
                    .or(event.host.as_deref())
                    .unwrap_or("SCS"),
                event.kind,
                stamp.clock(),
                if matches!(input, Input::History { .. }) {
                    "history"
                } else {
                    "news"
                }
            ),
            Input::Wake if entries.is_empty() => return,
            other => format!("{other:?}"),
        };
        self.say(now, || format!("> {heard}"));
        for entry in entries {
            let text = told(entry);
            if !text.is_empty() {
                self.say(now, || format!("    {text}"));
            }
        }
    }
}

fn told(entry: &Entry) -> String {
    match entry {
        Entry::Observed { .. } | Entry::Reported { .. } | Entry::Alive { .. } => String::new(),
        Entry::Decided(decision) => format!(
            "{} {} {}",
            decision.verdict,
            decision.reason,
            decision.incident.as_deref().unwrap_or("")
        ),
        Entry::Opened { incident, .. } | Entry::Closed { incident, .. } => {
            let steps: Vec<String> = incident
                .steps
                .iter()
                .map(|step| format!("{}@{} {}", step.action, step.host + 1, step.state))
                .collect();
            let verb = if incident.closed.is_some() {
                "closed"
            } else {
                "opened"
            };
            format!(
                "{verb} {} to {} {} [{}]",
                incident.id,
                incident.to + 1,
                incident.state,
                steps.join(", ")
            )
        }
        Entry::StepMoved {
            incident,
            step,
            to,
            reason,
            ..
        } => format!("step {} of {incident} {to}: {reason}", step + 1),
        Entry::Alert(alert) => format!(
            "{} {}",
            if alert.open { "alert" } else { "clear" },
            alert.key
        ),
        other => format!("{other:?}"),
    }
}
