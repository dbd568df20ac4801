//! What may run in which state of the pair: the table of design section 2, read top to bottom.
//!
//! | state                                   | VIP after a 4563 | switch steps                              |
//! |-----------------------------------------|------------------|-------------------------------------------|
//! | pause, maintenance                      | held unless set  | held                                      |
//! | journal not writable                    | held             | held                                      |
//! | double primary, SCS split brain or flap | held             | held                                      |
//! | locked, flapping                        | runs             | held                                      |
//! | block, another reaction                 | runs             | held on 5064/5091, else run               |
//! | primary host unknown                    | runs             | held unless a VM SIP Server's 4563 led    |
//! | target not healthy                      | runs             | held on 5064/5091                         |

use std::sync::Arc;

use super::incident::{CauseKind, Hold};
use super::reason::Reason;
use super::state::{Pair, State, lasting};
use crate::time::Time;
use crate::topology::{Solution, Trigger};

/// One pair as the gates see it.
pub(super) struct Gate<'a> {
    pub state: &'a State,
    pub solution: &'a Solution,
    pub pair: &'a Pair,
    pub now: Time,
}

impl Gate<'_> {
    /// What holds a VIP step, if anything does.
    pub fn vip(&self, cause: CauseKind) -> Option<Hold> {
        let free = cause == CauseKind::Forced || self.solution.policy.vip_follows_in_maintenance;
        let worked_on = || if free { None } else { self.worked_on() };
        self.disarmed()
            .or_else(worked_on)
            .or_else(|| self.roles_unclear())
    }

    /// What holds a switch step of a reaction to such a cause, if anything does.
    pub fn switch(&self, cause: CauseKind) -> Option<Hold> {
        if cause == CauseKind::Forced {
            return self.disarmed().or_else(|| self.roles_unclear());
        }
        self.disarmed()
            .or_else(|| self.worked_on())
            .or_else(|| self.roles_unclear())
            .or_else(|| self.locked())
            .or_else(|| self.flapping())
            .or_else(|| match cause {
                CauseKind::LeadPrimary | CauseKind::Forced => None,
                CauseKind::PeerPrimary | CauseKind::Failure => self.primary_unknown(),
            })
    }

    /// What holds a new move to `to`, if anything does.
    pub fn opening(&self, cause: CauseKind, to: usize, application: usize) -> Option<Hold> {
        let hold = self.switch(cause);
        if hold.is_some() || cause != CauseKind::Failure {
            return hold;
        }
        self.reaction_running()
            .or_else(|| self.blocked())
            .or_else(|| self.target_not_healthy(to, application))
    }

    pub fn disarmed(&self) -> Option<Hold> {
        hold(
            self.state.disarmed?,
            "for all pairs, until the daemon starts anew".into(),
        )
    }

    fn worked_on(&self) -> Option<Hold> {
        self.paused().or_else(|| self.maintenance())
    }

    pub fn paused(&self) -> Option<Hold> {
        let running = |pause: &&super::Pause| self.now < pause.until;
        let pause = self.pair.pause.as_ref().filter(running)?;
        let until = pause.until.clock();
        hold(
            Reason::Paused,
            format!("by {} until {until}: {}", pause.by, pause.why),
        )
    }

    pub fn maintenance(&self) -> Option<Hold> {
        let window = self.solution.maintenance(self.now)?;
        hold(Reason::Maintenance, window.why.to_string())
    }

    fn roles_unclear(&self) -> Option<Hold> {
        self.double_primary()
            .or_else(|| self.scs_split_brain())
            .or_else(|| self.scs_flapping())
    }

    pub fn double_primary(&self) -> Option<Hold> {
        let tolerance = self.solution.policy.role_tolerance;
        let since = self
            .pair
            .double_since
            .filter(|since| lasting(Some(*since), self.now, tolerance))?;
        hold(Reason::DoublePrimary, format!("since {}", since.clock()))
    }

    pub fn scs_split_brain(&self) -> Option<Hold> {
        let tolerance = self.solution.policy.role_tolerance;
        let split =
            self.state.scs.split_brain || lasting(self.pair.scs_split_since, self.now, tolerance);
        let detail = "until SCS reports it recovered";
        split
            .then(|| hold(Reason::ScsSplitBrain, detail.into()))
            .flatten()
    }

    pub fn scs_flapping(&self) -> Option<Hold> {
        let detail = "until SCS reports its mode stable";
        let flaps = self.state.scs.flapping;
        flaps
            .then(|| hold(Reason::ScsFlapping, detail.into()))
            .flatten()
    }

    pub fn locked(&self) -> Option<Hold> {
        let by = self.pair.lock.as_ref()?;
        hold(Reason::Locked, format!("by {by}, until it is acknowledged"))
    }

    pub fn flapping(&self) -> Option<Hold> {
        let policy = &self.solution.policy;
        let moves = self.pair.is_flapping(policy, self.now)?;
        let within = crate::time::spoken(policy.flap_within);
        hold(Reason::Flapping, format!("{moves} moves within {within}"))
    }

    pub fn primary_unknown(&self) -> Option<Hold> {
        if self.pair.primary.is_none() {
            return hold(
                Reason::PrimaryUnknown,
                "no 4563, mode line or status so far".into(),
            );
        }
        let tolerance = self.solution.policy.role_tolerance;
        if lasting(self.pair.scs_none_since, self.now, tolerance) {
            return hold(Reason::PrimaryUnknown, "SCS sees no primary".into());
        }
        if lasting(self.pair.nobody_since, self.now, tolerance) {
            let detail = "neither VM SIP Server states that it is primary";
            return hold(Reason::PrimaryUnknown, detail.into());
        }
        None
    }

    pub fn reaction_running(&self) -> Option<Hold> {
        let running = |incident: &&super::Incident| {
            !incident.is_held() && (incident.reaction_ended.is_none() || incident.unsettled)
        };
        let incident = self.pair.incidents.iter().find(running)?;
        hold(Reason::ReactionRunning, format!("{}", incident.id))
    }

    pub fn blocked(&self) -> Option<Hold> {
        let block = self
            .pair
            .block
            .as_ref()
            .filter(|block| self.now < block.until)?;
        hold(
            Reason::Blocked,
            format!("until {}, by {}", block.until.clock(), block.by),
        )
    }

    /// Switched components must not be known down there; of the others, only the one that failed here.
    pub fn target_not_healthy(&self, to: usize, failed: usize) -> Option<Hold> {
        let host = &self.solution.hosts[to];
        if self.pair.hosts[to].lost {
            return hold(Reason::TargetNotHealthy, format!("{} is lost", host.name));
        }
        let same_kind = &self.solution.applications[failed].component;
        let needed = |application: &crate::topology::Application| {
            application.component.switched
                || (application.component.trigger == Trigger::FailedWhilePrimary
                    && application.component == *same_kind)
        };
        let (_, down) = self
            .solution
            .applications
            .iter()
            .enumerate()
            .filter(|(_, application)| application.host == Some(to) && needed(application))
            .find(|(index, _)| self.pair.members[*index].up == Some(false))?;
        hold(
            Reason::TargetNotHealthy,
            format!("{} is down on {}", down.name, host.name),
        )
    }
}

fn hold(reason: Reason, detail: String) -> Option<Hold> {
    Some(Hold {
        reason,
        detail: Arc::from(detail),
    })
}
