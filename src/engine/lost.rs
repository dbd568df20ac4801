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

    /// Those whose time is over, without those that the logs have settled meanwhile.
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
