//! The turn of one step: it starts, is so already, is held, waits, or its effect stays out.

use super::{At, Turn};
use crate::decide::entry::Entry;
use crate::decide::incident::{Hold, Incident, StepState};
use crate::decide::plan::may_start;
use crate::decide::reason::Reason;
use crate::decide::state::Member;
use crate::event::Mode;
use crate::topology::{Action, ActionMode};

impl Turn<'_> {
    pub(super) fn step(&self, at: At<'_>) -> Option<Entry> {
        let step = at.step;
        if step.awaits_effect() && self.target(at).is_some_and(is_primary) {
            let (solution, incident) = (self.index, at.incident.id.clone());
            return Some(Entry::StepConfirmed {
                solution,
                incident,
                step: at.position,
                at: self.now,
            });
        }
        // Held, and it came about by itself: nothing is left to hold.
        let moves = !at.incident.is_held() && step.is_switch();
        if moves && step.state == StepState::Held && self.target(at).is_some_and(is_primary) {
            return Some(self.moved(at, StepState::AlreadySo, Reason::AlreadySo, None));
        }
        match step.state {
            StepState::Planned => self.planned(at),
            // The host turned out to be lost: the command cannot have reached it.
            StepState::WouldRun if self.is_lost_disable(at) => {
                Some(self.moved(at, StepState::Owed, Reason::HostLost, None))
            }
            StepState::Started | StepState::Unknown if step.is_switch() => self.without_effect(at),
            _ => None,
        }
    }

    fn planned(&self, at: At<'_>) -> Option<Entry> {
        let step = at.step;
        if at.incident.superseded {
            return Some(self.moved(at, StepState::Void, Reason::Superseded, None));
        }
        if step.retry_at.is_some_and(|next| self.now < next) {
            return None;
        }
        if let Some(application) = step.application
            && self.is_being_switched(at.incident, application)
        {
            return self.ready(at);
        }
        if self.target(at).is_some_and(is_primary) {
            return Some(self.moved(at, StepState::AlreadySo, Reason::AlreadySo, None));
        }
        if !may_start(self.solution, self.pair, at.incident, step) {
            return self.held_with_lead(at);
        }
        if step.action == Action::VipEnable && self.pair.hosts[step.host].vip_ok.is_some() {
            return Some(self.moved(at, StepState::AlreadySo, Reason::AlreadySo, None));
        }
        if let Some(hold) = self.hold(at) {
            return Some(self.moved(at, StepState::Held, hold.reason, Some(hold.detail)));
        }
        if step.is_switch() {
            self.start_switch(at)
        } else {
            Some(self.start(at))
        }
    }

    /// A switch leaves SCS some time to do it first, and a target that is down some time to come back.
    fn start_switch(&self, at: At<'_>) -> Option<Entry> {
        let policy = &self.solution.policy;
        let down = self
            .target(at)
            .is_some_and(|member| member.up == Some(false));
        let grace = if down {
            policy.verify.max(policy.yield_for)
        } else {
            policy.yield_for
        };
        match at.step.ready {
            None if !grace.is_zero() => self.ready(at),
            Some(ready) if self.now < ready.plus(grace) => None,
            _ if down => Some(self.moved(at, StepState::Held, Reason::TargetNotHealthy, None)),
            _ => Some(self.start(at)),
        }
    }

    fn start(&self, at: At<'_>) -> Entry {
        if self.is_lost_disable(at) {
            return self.moved(at, StepState::Owed, Reason::HostLost, None);
        }
        let to = match self.solution.policy.mode {
            ActionMode::Active => StepState::Started,
            ActionMode::AlertOnly => StepState::WouldRun,
        };
        self.moved(at, to, at.step.reason, None)
    }

    /// The effect of a switch that was not seen in time: it failed, unless it is known not to have happened and
    /// may be tried again.
    fn without_effect(&self, at: At<'_>) -> Option<Entry> {
        let until = at.step.verify_until(self.solution.policy.verify)?;
        if self.now < until || at.step.is_in_doubt() {
            return None;
        }
        let denied = self
            .target(at)
            .and_then(|member| member.reported)
            .is_some_and(|report| {
                report.mode.is_some_and(|mode| mode == Mode::Backup)
                    && at.step.ended < Some(report.at)
            });
        let retries = self.solution.policy.retries(at.step.host, at.step.action);
        if denied && at.step.attempts <= retries {
            return Some(Entry::StepRetried {
                solution: self.index,
                incident: at.incident.id.clone(),
                step: at.position,
                reason: Reason::NoEffect,
                detail: None,
                at: self.now,
                next: self.now,
            });
        }
        Some(self.moved(at, StepState::Failed, Reason::NoEffect, None))
    }

    fn hold(&self, at: At<'_>) -> Option<Hold> {
        let cause = at.incident.cause.trigger;
        if at.step.is_switch() {
            self.gate().switch(cause)
        } else {
            self.gate().vip(cause)
        }
    }

    /// A switch of the same component by a move that was overtaken may still take effect: what is true before it ends
    /// is not true after it.
    fn is_being_switched(&self, incident: &Incident, application: usize) -> bool {
        let peer = self.solution.peer(application);
        let others = self
            .pair
            .incidents
            .iter()
            .filter(|other| other.id != incident.id);
        others.flat_map(|other| &other.steps).any(|step| {
            let running = step.is_verifying(self.now, self.solution.policy.verify)
                || step.is_running()
                || step.is_in_doubt();
            let same = step.application == peer || step.application == Some(application);
            same && running
        })
    }

    /// Where the first switch is held, nothing that waits for it will come: it is held too.
    fn held_with_lead(&self, at: At<'_>) -> Option<Entry> {
        let lead = self.solution.lead(at.incident.to);
        let is_held_lead =
            |step: &&crate::decide::Step| step.application == lead && step.state == StepState::Held;
        let held = at.incident.steps.iter().find(is_held_lead)?;
        Some(self.moved(at, StepState::Held, held.reason, held.detail.clone()))
    }

    /// Notes since when only a grace time keeps the step from starting, once.
    fn ready(&self, at: At<'_>) -> Option<Entry> {
        let (solution, incident) = (self.index, at.incident.id.clone());
        let entry = Entry::StepReady {
            solution,
            incident,
            step: at.position,
            at: self.now,
        };
        at.step.ready.is_none().then_some(entry)
    }

    fn is_lost_disable(&self, at: At<'_>) -> bool {
        at.step.action == Action::VipDisable && self.pair.hosts[at.step.host].lost
    }

    fn target(&self, at: At<'_>) -> Option<&Member> {
        at.step
            .application
            .map(|application| &self.pair.members[application])
    }
}

fn is_primary(member: &Member) -> bool {
    member.mode == Some(Mode::Primary)
}
