//! A component failed: it waits out `confirm`, and then moves the pair, or costs it its redundancy.

use std::sync::Arc;

use super::Judge;
use crate::decide::alert::redundancy_key;
use crate::decide::entry::{Decision, Entry, Verdict};
use crate::decide::incident::{CauseKind, Hold};
use crate::decide::reason::Reason;
use crate::decide::state::Awaited;
use crate::event::{Status, Witness};
use crate::time::Time;
use crate::topology::Trigger;

impl Judge<'_> {
    pub(super) fn failed(&mut self, application: usize) {
        if self.solution.applications[application].host.is_none() {
            return self.ignore(Reason::NeverTriggers);
        }
        if self.pair.members[application].planned_stop {
            return self.ignore(Reason::PlannedStop);
        }
        let known = self
            .pair
            .awaited
            .iter()
            .find(|each| each.application == application);
        let due = known.map_or(self.now.plus(self.solution.policy.confirm), |each| each.due);
        self.wait(application, due);
    }

    /// What a failure means once nothing better was heard.
    pub(super) fn failure(&mut self, awaited: &Awaited) {
        let application = awaited.application;
        let described = &self.solution.applications[application];
        let Some(host) = described.host else { return };
        let to = 1 - host;
        // The daemon was down, or its clock in doubt, when `confirm` ended.
        let policy = &self.solution.policy;
        if self.now.since(awaited.stamp) > policy.event_age_max + policy.confirm {
            return self.settle(awaited, Verdict::Ignore, Reason::TooOld, None, None);
        }
        let known_down = self
            .pair
            .alerts
            .contains_key(&redundancy_key(self.solution, application));
        if let Some(incident) = self.pair.incident_towards(to) {
            let id = incident.id.clone();
            return self.settle(
                awaited,
                Verdict::Absorb,
                Reason::JoinsIncident,
                None,
                Some(id),
            );
        }
        if self.pair.primary == Some(to) {
            let reason = if known_down {
                Reason::StillFailed
            } else {
                Reason::BackupHostFailure
            };
            return self.settle(awaited, Verdict::Ignore, reason, None, None);
        }
        if described.component.trigger != Trigger::FailedWhilePrimary {
            return self.settle(awaited, Verdict::Ignore, Reason::WaitsForPeer, None, None);
        }
        let contradicted = self.contradicted(awaited);
        let hold =
            contradicted.or_else(|| self.gate().opening(CauseKind::Failure, to, application));
        let held_before = self.pair.closed[to].as_ref().filter(|closed| {
            hold.as_ref()
                .is_some_and(|hold| closed.hold == Some(hold.reason))
        });
        if let Some(closed) = held_before {
            let id = closed.id.clone();
            return self.settle(
                awaited,
                Verdict::Absorb,
                Reason::StillFailed,
                None,
                Some(id),
            );
        }
        let cause = self.cause(application, CauseKind::Failure, Reason::PrimaryHostFailure);
        let id = self.push_incident(to, cause, hold.clone());
        let (verdict, reason, detail) = match hold {
            Some(hold) => (Verdict::Hold, hold.reason, Some(hold.detail)),
            None => (Verdict::Open, Reason::PrimaryHostFailure, None),
        };
        self.settle(awaited, verdict, reason, detail, Some(id));
    }

    /// The application's own log goes on after another witness reported its end, or the status command, asked
    /// since, says that it runs.
    fn contradicted(&self, awaited: &Awaited) -> Option<Hold> {
        let member = &self.pair.members[awaited.application];
        let own_word = awaited
            .events
            .iter()
            .any(|(event, _)| event.witness == Witness::Own);
        if !own_word && member.life > awaited.stamp {
            let detail = format!("last written at {}", member.life.clock()).into();
            return Some(Hold {
                reason: Reason::Contradicted,
                detail,
            });
        }
        let report = member.reported.filter(|report| report.at > awaited.stamp)?;
        (report.status == Some(Status::Running)).then(|| Hold {
            reason: Reason::ContradictedByStatus,
            detail: format!("asked at {}", report.at.clock()).into(),
        })
    }

    /// The first sighting gets the verdict; the others go where it goes.
    fn settle(
        &mut self,
        awaited: &Awaited,
        verdict: Verdict,
        reason: Reason,
        detail: Option<Arc<str>>,
        incident: Option<Arc<str>>,
    ) {
        for (position, (event, stamp)) in awaited.events.iter().enumerate() {
            let (verdict, reason, detail) = match (position, verdict) {
                (0, _) => (verdict, reason, detail.clone()),
                (_, Verdict::Ignore) => (verdict, Reason::SameFact, None),
                _ => (Verdict::Absorb, Reason::SameFact, None),
            };
            self.entries.push(Entry::Decided(Decision {
                at: self.now,
                solution: Some(self.index),
                verdict,
                reason,
                detail,
                event: event.clone(),
                stamp: *stamp,
                application: self.about,
                incident: incident.clone(),
            }));
        }
    }

    pub(super) fn recovered(&mut self, application: usize, reason: Reason) {
        self.cancel(application, Reason::SelfHealed);
        self.evidence(application, reason);
    }

    pub(super) fn planned_stop(&mut self, application: usize) {
        self.cancel(application, Reason::PlannedStop);
        self.evidence(application, Reason::PlannedStop);
    }

    /// A failure that still waits is none.
    fn cancel(&mut self, application: usize, reason: Reason) {
        let pair = self.pair;
        let covers = |each: &&Awaited| {
            let same_end = reason == Reason::PlannedStop;
            each.application == application && (same_end || each.stamp <= self.stamp)
        };
        if let Some(awaited) = pair.awaited.iter().find(covers) {
            self.settle(awaited, Verdict::Ignore, reason, None, None);
        }
    }

    pub(super) fn wait(&mut self, application: usize, due: Time) {
        self.entries.push(Entry::Awaited {
            solution: self.index,
            application,
            event: self.event.clone(),
            stamp: self.stamp,
            due,
        });
    }
}
