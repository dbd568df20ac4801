//! Every move has a cause that somebody wrote or asked for, that is fresh, and that is not our own doing.

use super::{Check, Violation, Watch, broken};
use crate::decide::{Cause, CauseKind, Decision, Entry, Verdict};
use crate::event::EventKind;

impl Watch {
    pub(super) fn opened(
        &self,
        entry: &Entry,
        entries: &[Entry],
        history: bool,
    ) -> Result<(), Violation> {
        let (pair, id, cause) = match entry {
            Entry::Opened { solution, incident } => (*solution, &incident.id, &incident.cause),
            Entry::Resumed {
                solution,
                incident,
                cause,
                ..
            } => (*solution, incident, cause),
            _ => return Ok(()),
        };
        if history {
            return broken(Check::NothingFromHistory, format!("{id} opens"));
        }
        let to = match entry {
            Entry::Opened { incident, .. } => Some(incident.to),
            _ => None,
        };
        if cause.trigger == CauseKind::Forced {
            return match self.pairs[pair].forced {
                Some(asked) if to == Some(asked) => Ok(()),
                _ => broken(Check::CauseForEveryMove, format!("nobody asked for {id}")),
            };
        }
        let decision = entries.iter().find_map(|entry| match entry {
            Entry::Decided(decision)
                if decision.incident.as_ref() == Some(id)
                    && matches!(decision.verdict, Verdict::Open | Verdict::Hold) =>
            {
                Some(decision)
            }
            _ => None,
        });
        let Some(decision) = decision else {
            return broken(Check::CauseForEveryMove, format!("{id} has no decision"));
        };
        self.caused(pair, to, cause, decision)
    }

    fn caused(
        &self,
        pair: usize,
        to: Option<usize>,
        cause: &Cause,
        decision: &Decision,
    ) -> Result<(), Violation> {
        let event = &decision.event;
        let solution = &self.topology.solutions[pair];
        let about = &solution.applications[cause.application];
        let told = format!("{} of {} at {}", event.kind, about.name, event.time.clock());
        let Some(heard) = self.heard.get(&event.origin) else {
            return broken(Check::CauseForEveryMove, format!("nobody wrote {told}"));
        };
        if heard.history {
            return broken(Check::NothingFromHistory, told);
        }
        let policy = &solution.policy;
        if decision.at.since(heard.stamp) > policy.event_age_max + policy.confirm {
            return broken(Check::NothingOld, told);
        }
        let (kind, host) = match cause.trigger {
            CauseKind::LeadPrimary | CauseKind::PeerPrimary => (EventKind::BecamePrimary, to),
            CauseKind::Failure | CauseKind::Forced => (EventKind::Failed, to.map(|to| 1 - to)),
        };
        if event.kind != kind || (host.is_some() && about.host != host) {
            return broken(
                Check::CauseForEveryMove,
                format!("{told} is no reason to go there"),
            );
        }
        if cause.trigger == CauseKind::PeerPrimary
            && heard.ours
            && decision.verdict == Verdict::Open
        {
            return broken(Check::NoPingPong, format!("{told} was our own doing"));
        }
        Ok(())
    }
}
