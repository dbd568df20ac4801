//! A component became primary: the move itself, its echo, or a late sign of it.

use std::sync::Arc;

use super::Judge;
use crate::decide::entry::{Entry, Verdict};
use crate::decide::incident::{Cause, CauseKind, Hold, Incident, Step};
use crate::decide::reason::Reason;
use crate::decide::state::Unconfirmed;
use crate::event::Mode;
use crate::topology::Trigger;

impl Judge<'_> {
    pub(super) fn became_primary(&mut self, application: usize) {
        let described = &self.solution.applications[application];
        let (Trigger::BecamePrimary, Some(to)) = (described.component.trigger, described.host)
        else {
            return self.ignore(Reason::NeverTriggers);
        };
        if self.echoes(application) {
            return;
        }
        if described.component.vip_follows {
            self.lead_became_primary(application, to);
        } else {
            self.peer_became_primary(application, to);
        }
    }

    /// The effect of a switch that an open incident awaits, or of one that was closed before it was seen.
    fn echoes(&mut self, application: usize) -> bool {
        for incident in &self.pair.incidents {
            let awaiting =
                |step: &Step| step.application == Some(application) && step.awaits_effect();
            if let Some(step) = incident.steps.iter().position(awaiting) {
                self.entries.push(Entry::StepConfirmed {
                    solution: self.index,
                    incident: incident.id.clone(),
                    step,
                    at: self.now,
                });
                let id = incident.id.clone();
                if incident.superseded
                    && self.solution.applications[application]
                        .component
                        .vip_follows
                {
                    return false;
                }
                self.decided(Verdict::Echo, Reason::ConfirmsStep, None, Some(id));
                return true;
            }
        }
        // A VM SIP Server's late 4563 is an echo too, but its VIP must follow all the same.
        if self.solution.applications[application]
            .component
            .vip_follows
        {
            return false;
        }
        let late = |each: &&Unconfirmed| each.application == application && self.now < each.until;
        let Some(unconfirmed) = self.pair.unconfirmed.iter().find(late) else {
            return false;
        };
        self.decided(
            Verdict::Echo,
            Reason::LateEcho,
            None,
            Some(unconfirmed.incident.clone()),
        );
        true
    }

    fn lead_became_primary(&mut self, application: usize, to: usize) {
        let again = self.is_primary_again(application, to);
        let open = self.pair.incident_towards(to);
        if let Some(incident) = open.filter(|incident| again && incident.brought_vip()) {
            // What that move brought here may be gone since.
            self.end_early(incident);
        } else if let Some(incident) = open {
            let id = incident.id.clone();
            if incident.is_held() && self.gate().vip(CauseKind::LeadPrimary).is_none() {
                return self.resume(
                    id,
                    to,
                    self.cause(application, CauseKind::LeadPrimary, Reason::VipFollows),
                );
            }
            return self.absorb(Reason::JoinsIncident, id);
        }
        let tolerance = self.solution.policy.role_tolerance;
        let only_assumed = self
            .pair
            .vip_assumed
            .is_some_and(|at| self.stamp <= at.plus(tolerance));
        let reason = match self.pair.vip_at {
            Some(at) if at == to && again => Reason::ReturnedAsPrimary,
            Some(at) if at == to && !only_assumed => {
                return self.late_twin(to, Reason::AlreadyPrimary);
            }
            None => Reason::FirstKnowledge,
            Some(_) => Reason::VipFollows,
        };
        let cause = self.cause(application, CauseKind::LeadPrimary, reason);
        // The VIP waits for nothing; only what holds the VIP holds the incident.
        let hold = self.gate().vip(CauseKind::LeadPrimary);
        self.open(to, cause, hold);
    }

    /// It fell on the host with the VIP, or was backup there for a while.
    fn is_primary_again(&self, application: usize, to: usize) -> bool {
        let member = &self.pair.members[application];
        let fell = member.up == Some(false)
            || (self.pair.vip_at == Some(to) && self.pair.vip_doubted.is_some());
        fell || member.mode == Some(Mode::Backup)
    }

    fn peer_became_primary(&mut self, application: usize, to: usize) {
        let hold = self.gate().opening(CauseKind::PeerPrimary, to, application);
        if let Some(incident) = self.pair.incident_towards(to) {
            let id = incident.id.clone();
            if incident.is_held() && hold.is_none() {
                let reason = Reason::PeerBecamePrimary;
                return self.resume(
                    id,
                    to,
                    self.cause(application, CauseKind::PeerPrimary, reason),
                );
            }
            return self.absorb(Reason::JoinsIncident, id);
        }
        if self.pair.leads(self.solution, to) {
            return self.late_twin(to, Reason::AlreadyPrimary);
        }
        let cause = self.cause(
            application,
            CauseKind::PeerPrimary,
            Reason::PeerBecamePrimary,
        );
        self.open(to, cause, hold);
    }

    /// A sign of a move that was made before: it belongs to its incident while the block lasts.
    fn late_twin(&mut self, to: usize, otherwise: Reason) {
        let block = self.solution.policy.block;
        let closed = self.pair.closed[to].as_ref();
        match closed.filter(|closed| closed.hold.is_none() && self.now.since(closed.at) <= block) {
            Some(closed) => self.absorb(Reason::LateTwin, closed.id.clone()),
            None => self.ignore(otherwise),
        }
    }

    pub(super) fn cause(&self, application: usize, trigger: CauseKind, reason: Reason) -> Cause {
        Cause {
            id: self.event.id.clone(),
            application,
            trigger,
            reason,
        }
    }

    fn open(&mut self, to: usize, cause: Cause, hold: Option<Hold>) {
        let reason = cause.reason;
        let id = self.push_incident(to, cause, hold.clone());
        match hold {
            Some(hold) => self.decided(Verdict::Hold, hold.reason, Some(hold.detail), Some(id)),
            None => self.decided(Verdict::Open, reason, None, Some(id)),
        }
    }

    /// Two reactions never run beside each other: the opposite one starts nothing more.
    fn supersede_opposite(&mut self, to: usize) {
        let running = |each: &&Incident| each.to != to && !each.superseded && !each.is_held();
        let pair = self.pair;
        for incident in pair.incidents.iter().filter(running) {
            self.end_early(incident);
        }
    }

    /// Nothing new starts in it; what runs in it ends first.
    fn end_early(&mut self, incident: &Incident) {
        let (solution, id) = (self.index, incident.id.clone());
        self.entries.push(match incident.is_done() {
            true => Entry::Closed {
                solution,
                incident: Box::new(incident.closing(self.now)),
            },
            false => Entry::Superseded {
                solution,
                incident: id,
                at: self.now,
            },
        });
    }

    /// What was held is carried out after all: the pair itself has moved.
    fn resume(&mut self, incident: Arc<str>, to: usize, cause: Cause) {
        self.supersede_opposite(to);
        let (reason, id) = (cause.reason, incident.clone());
        self.entries.push(Entry::Resumed {
            solution: self.index,
            incident,
            cause,
            at: self.now,
        });
        self.decided(Verdict::Open, reason, None, Some(id));
    }

    pub(super) fn push_incident(
        &mut self,
        to: usize,
        cause: Cause,
        hold: Option<Hold>,
    ) -> Arc<str> {
        if hold.is_none() {
            self.supersede_opposite(to);
        }
        let incident = Incident::open((self.solution, self.pair), self.now, to, cause, hold);
        let id = incident.id.clone();
        self.entries.push(Entry::Opened {
            solution: self.index,
            incident: Box::new(incident),
        });
        id
    }
}
