//! Commands of which nobody knows what they did: the daemon died, or their runner was killed. Each is settled once its
//! deadline has passed, by its effect.

use super::what::{Target, What};
use crate::decide::{Core, Input, Outcome, Report};
use crate::event::Mode;
use crate::time::Time;

#[derive(Debug, Default)]
pub(super) struct Lost {
    /// With the deadlines of their commands.
    waiting: Vec<(What, Time)>,
    /// Switches that the status command is to settle, and since when: older answers do not count.
    asked: Vec<(What, Time)>,
}

impl Lost {
    pub fn add(&mut self, what: What, deadline: Time) {
        self.waiting.push((what, deadline));
    }

    pub fn due(&self) -> Option<Time> {
        self.waiting.iter().map(|(_, deadline)| *deadline).min()
    }

    /// Those whose time is over, without those of which an end was told meanwhile.
    pub fn take_due(&mut self, core: &Core, now: Time) -> Vec<What> {
        let all = std::mem::take(&mut self.waiting);
        let (due, waiting): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, deadline)| *deadline <= now);
        self.waiting = waiting;
        let due = due.into_iter().map(|(what, _)| what);
        due.filter(|what| what.is_unsettled(core)).collect()
    }

    pub fn ask_status(&mut self, what: What, now: Time) {
        self.asked.push((what, now));
    }

    /// The status command has answered, or failed to: what it does not tell nobody can.
    pub fn heard_opinion(&mut self, core: &Core) -> Vec<Input> {
        let asked = std::mem::take(&mut self.asked);
        let unsettled = asked.iter().filter(|(what, _)| what.is_unsettled(core));
        unsettled
            .map(|(what, since)| {
                let mode = report(core, what)
                    .filter(|report| report.at >= *since)
                    .and_then(|report| report.mode);
                what.told(match mode {
                    Some(Mode::Primary) => Outcome::Confirmed,
                    Some(Mode::Backup) => Outcome::NotDone,
                    _ => Outcome::Unknowable,
                })
            })
            .collect()
    }
}

fn report(core: &Core, what: &What) -> Option<Report> {
    let Target::Step(_) = &what.target else {
        return None;
    };
    let pair = core.state.pairs.get(what.solution)?;
    pair.members.get(what.application?)?.reported
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::tests::{ROLES, play};
    use crate::topology::ActionMode;

    /// A switch of VMS-2 that was started at 10 s and lost, with what came after.
    fn lost_switch(then: &str) -> (Core, What) {
        let script = format!(
            "{ROLES}
             10 SIPS-2 became-primary
             10.1 ended switch-to-primary VMS-2 lost
             {then}"
        );
        let (core, _) = play(|policy| policy.mode = ActionMode::Active, &script);
        let incident = core.state.pairs[0].incidents[0].clone();
        let position = incident
            .steps
            .iter()
            .position(|step| step.is_switch() && step.attempts > 0);
        let what = What::step(&core, 0, &incident.id, position.unwrap()).unwrap();
        (core, what)
    }

    fn at(seconds: i64) -> Time {
        Time::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn nothing_is_settled_before_its_deadline_and_what_was_told_to_have_ended_never() {
        for (then, due) in [
            ("12 VMS-2 became-primary", 1),
            ("12 ended switch-to-primary VMS-2 failed", 0),
        ] {
            let (core, what) = lost_switch(then);
            let mut lost = Lost::default();
            lost.add(what, at(25));
            assert_eq!(lost.due(), Some(at(25)));
            assert!(lost.take_due(&core, at(24)).is_empty());
            assert_eq!(lost.take_due(&core, at(25)).len(), due, "{then}");
            assert_eq!(lost.due(), None);
        }
    }

    #[test]
    fn the_status_command_settles_a_switch_by_what_it_says_after_it_was_asked() {
        for (then, asked_at, expected) in [
            ("26 asked VMS-2 backup", 25, Outcome::NotDone),
            ("26 asked VMS-2 running", 25, Outcome::Unknowable),
            ("26 asked VMS-1 primary", 25, Outcome::Unknowable),
            ("26 asked VMS-2 backup", 27, Outcome::Unknowable),
        ] {
            let (core, what) = lost_switch(then);
            let mut lost = Lost::default();
            lost.ask_status(what, at(asked_at));
            let told = lost.heard_opinion(&core);
            let [Input::Outcome { outcome, .. }] = told.as_slice() else {
                panic!("{told:?}");
            };
            assert_eq!(*outcome, expected, "{then}");
            assert!(lost.heard_opinion(&core).is_empty());
        }
    }
}
