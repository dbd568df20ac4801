//! One incident: a storm of events seen as one thing, with the one reaction set that answers it.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::plan::plan;
use super::reason::Reason;
use super::state::Pair;
use crate::time::Time;
use crate::topology::{Action, Policy, Solution};
use crate::words::words;

/// The move of one pair in one direction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// `east-20261102T203108-1`: solution, opening time, and a serial number within the solution.
    pub id: Arc<str>,
    /// The host that was primary, if anybody knew.
    pub from: Option<usize>,
    pub to: usize,
    pub cause: Cause,
    /// When the decision was made, after `confirm`.
    pub opened: Time,
    /// The latest event that joined; the window slides from here.
    pub last_event: Time,
    pub events: u32,
    pub state: IncidentState,
    /// Why nothing is done, while `state` is held.
    pub hold: Option<Hold>,
    /// Who asked for it and why, where an operator did.
    pub operator: Option<Arc<str>>,
    pub steps: Vec<Step>,
    /// When the last of the steps that could run had ended.
    pub reaction_ended: Option<Time>,
    /// A step moved since `reaction_ended` was last told.
    pub unsettled: bool,
    /// The opposite move began: nothing new starts here.
    pub superseded: bool,
    pub closed: Option<Time>,
}

/// The event that opened an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    pub id: Arc<str>,
    pub application: usize,
    pub trigger: CauseKind,
    pub reason: Reason,
}

words! {
    /// What kind of event moves a pair; the gates differ by it.
    CauseKind {
        /// The component that the VIP follows became primary.
        LeadPrimary = "lead-primary",
        /// Another switched component became primary.
        PeerPrimary = "peer-primary",
        /// A component of the primary host failed.
        Failure = "failure",
        /// An operator asked for it.
        Forced = "forced",
    }
}

/// A reason not to act, with what holds: "until 20:36:12, by east-20261102T203108-1".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    pub reason: Reason,
    pub detail: Arc<str>,
}

words! {
    IncidentState {
        Open = "open",
        /// Every step is done, already so, owed, or would have run and was seen to.
        Completed = "completed",
        /// Some of the reaction did not come about.
        Partial = "partial",
        /// The VIP could not be enabled, or nothing came about at all.
        Failed = "failed",
        Held = "held",
        Superseded = "superseded",
    }
}

/// One action on one target, at most once for its incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub action: Action,
    /// The application to switch; none for VIP steps.
    pub application: Option<usize>,
    pub host: usize,
    pub state: StepState,
    pub reason: Reason,
    /// What more there is to say about the reason.
    pub detail: Option<Arc<str>>,
    /// Since when only a grace time (`yield`, a target that is down) keeps it from starting.
    pub ready: Option<Time>,
    /// How often its command was started.
    pub attempts: u32,
    /// Not before this is it started again.
    pub retry_at: Option<Time>,
    pub started: Option<Time>,
    pub ended: Option<Time>,
    /// When its effect was seen.
    pub confirmed: Option<Time>,
}

words! {
    StepState {
        Planned = "planned",
        /// Alert-only or replay: it would have started now.
        WouldRun = "would-run",
        Started = "started",
        Done = "done",
        AlreadySo = "already-so",
        Failed = "failed",
        /// Its command ended in doubt; the effect is awaited.
        Unknown = "unknown",
        Owed = "owed",
        Void = "void",
        Held = "held",
    }
}

impl StepState {
    /// The only moves a step can make. Anything else is a broken invariant of ours, not of the world.
    pub fn may_become(self, next: StepState) -> bool {
        use StepState::*;
        match (self, next) {
            (Planned, WouldRun | Started | AlreadySo | Owed | Void | Held) => true,
            (WouldRun, Failed | Unknown | Owed) => true,
            // Planned: to be tried again.
            (Started, Done | AlreadySo | Failed | Unknown | Owed | Planned) => true,
            // A late effect is accepted, whatever was thought of it before.
            (Unknown, Done | AlreadySo | WouldRun | Failed | Owed | Held | Planned | Unknown) => {
                true
            }
            (Held, AlreadySo) | (Failed, Done | WouldRun) => true,
            _ => false,
        }
    }
}

impl Step {
    pub fn is_switch(&self) -> bool {
        self.action == Action::SwitchToPrimary
    }

    /// Its command was (or would have been) run, and its effect has not been seen.
    pub fn awaits_effect(&self) -> bool {
        use StepState::*;
        self.is_switch()
            && self.confirmed.is_none()
            && matches!(self.state, WouldRun | Started | Unknown | Failed)
    }

    /// The effect may still come within `verify`.
    pub fn is_verifying(&self, now: Time, verify: Duration) -> bool {
        self.awaits_effect()
            && self.state != StepState::Failed
            && self.verify_until(verify).is_some_and(|until| now < until)
    }

    /// Only time keeps it from starting: a grace time, or the pause before another attempt.
    pub fn in_grace(&self, now: Time, policy: &Policy) -> bool {
        let grace = policy.verify.max(policy.yield_for);
        let waits = self.ready.is_some_and(|ready| now < ready.plus(grace));
        let pauses = self.retry_at.is_some_and(|next| now < next);
        self.state == StepState::Planned && (waits || pauses)
    }

    /// Until when the effect of a switch is awaited: from the command's end, or from its start in a dry run.
    pub fn verify_until(&self, verify: Duration) -> Option<Time> {
        match self.state {
            StepState::Started => self.ended.map(|ended| ended.plus(verify)),
            _ => self.ended.or(self.started).map(|at| at.plus(verify)),
        }
    }

    /// Its command was started and its end is not known: it may go on working, also where its effect was seen.
    pub fn is_running(&self) -> bool {
        let started = matches!(self.state, StepState::Started | StepState::Done);
        started && self.started.is_some() && self.ended.is_none()
    }

    /// The daemon died while it ran. Until somebody has looked, its command may still be running.
    pub fn is_in_doubt(&self) -> bool {
        self.state == StepState::Unknown && self.reason == Reason::InDoubt
    }

    /// Nothing more is expected of it that another step would have to wait for.
    pub fn is_over(&self) -> bool {
        let open = matches!(
            self.state,
            StepState::Planned | StepState::Started | StepState::Unknown
        );
        !open && !self.is_running()
    }

    /// It brought about, or would have, what it is for.
    fn succeeded(&self) -> bool {
        match self.state {
            StepState::WouldRun => !self.is_switch() || self.confirmed.is_some(),
            StepState::Done | StepState::AlreadySo | StepState::Owed => true,
            _ => false,
        }
    }
}

impl Incident {
    /// A move of the pair to `to` with the plan of every move; `hold` holds all of it.
    pub(super) fn open(
        (solution, pair): (&Solution, &Pair),
        now: Time,
        to: usize,
        cause: Cause,
        hold: Option<Hold>,
    ) -> Incident {
        let mut steps = plan(solution, to);
        for (step, hold) in steps.iter_mut().zip(std::iter::repeat(&hold)) {
            if let Some(hold) = hold {
                step.state = StepState::Held;
                (step.reason, step.detail) = (hold.reason, Some(hold.detail.clone()));
            }
        }
        Incident {
            id: format!("{}-{}-{}", solution.name, now.compact(), pair.serial + 1).into(),
            from: pair.primary.filter(|from| *from != to),
            to,
            cause,
            opened: now,
            last_event: now,
            events: 0,
            state: if hold.is_some() {
                IncidentState::Held
            } else {
                IncidentState::Open
            },
            hold,
            operator: None,
            steps,
            reaction_ended: None,
            unsettled: false,
            superseded: false,
            closed: None,
        }
    }

    pub fn is_held(&self) -> bool {
        self.state == IncidentState::Held
    }

    /// When the window for further events ends, if none comes.
    pub fn window_ends(&self, policy: &Policy) -> Time {
        let sliding = self.last_event.plus(policy.window);
        sliding.min(self.opened.plus(policy.window_max))
    }

    pub fn step(&self, action: Action) -> Option<&Step> {
        self.steps.iter().find(|step| step.action == action)
    }

    /// Its reaction is over and no step waits any more; only the window for events is open.
    pub fn is_done(&self) -> bool {
        let waits = |step: &Step| step.state == StepState::Planned;
        self.reaction_ended.is_some() && !self.unsettled && !self.steps.iter().any(waits)
    }

    /// Its VIP step is over and will not run again.
    pub fn brought_vip(&self) -> bool {
        let over = |step: &Step| step.is_over() && step.state != StepState::Held;
        !self.is_held() && self.step(Action::VipEnable).is_some_and(over)
    }

    /// The final record of an incident that closes at `at`. What still waits in it is void.
    pub fn closing(&self, at: Time) -> Incident {
        let mut last = Incident {
            closed: Some(at),
            ..self.clone()
        };
        for step in last
            .steps
            .iter_mut()
            .filter(|step| step.state == StepState::Planned)
        {
            (step.state, step.reason, step.ended) = (StepState::Void, Reason::Superseded, Some(at));
        }
        if !self.is_held() {
            last.state = last.outcome();
        }
        last
    }

    /// What became of it, judged when it closes.
    pub fn outcome(&self) -> IncidentState {
        if self.superseded {
            return IncidentState::Superseded;
        }
        // An announcement is a courtesy: its failure never fails the move (resource-agents#958).
        let counted = || {
            self.steps
                .iter()
                .filter(|step| step.action != Action::VipAnnounce)
        };
        if counted().all(Step::succeeded) {
            return IncidentState::Completed;
        }
        let broken = |step: &Step| matches!(step.state, StepState::Failed | StepState::Unknown);
        if counted().any(|step| broken(step) && step.action == Action::VipEnable) {
            return IncidentState::Failed;
        }
        if counted().any(|step| step.state == StepState::Held) && !counted().any(broken) {
            return IncidentState::Held;
        }
        let nothing_done =
            !counted().any(|step| step.state != StepState::AlreadySo && step.succeeded());
        if counted().any(broken) && nothing_done {
            IncidentState::Failed
        } else {
            IncidentState::Partial
        }
    }

    /// The VIP was moved, or would have been.
    pub fn moved_vip(&self) -> bool {
        self.step(Action::VipEnable).is_some_and(Step::succeeded)
    }
}
