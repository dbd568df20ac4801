//! One event, one verdict. Reads the state as it was before the event; what follows from the new state
//! (steps, ends, alerts) is `advance`'s.

use std::sync::Arc;

use super::alert::redundancy_key;
use super::belief::is_fact;
use super::entry::{Decision, Entry, Lesson, Verdict};
use super::gate::Gate;
use super::incident::{Cause, CauseKind, Hold, Incident, IncidentState, StepState};
use super::plan::plan;
use super::reason::Reason;
use super::state::{Awaited, Member, Pair, State};
use crate::event::{Event, EventKind, Mode, Status, Witness};
use crate::time::Time;
use crate::topology::{Solution, Subject, Trigger, Unbound};

/// Everything that one event makes known and decided, for every pair that it concerns.
pub(super) fn judge(
    state: &State,
    now: Time,
    event: &Arc<Event>,
    stamp: Time,
    history: bool,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    if event.is_about_scs() {
        entries.push(Entry::ScsObserved {
            event: event.clone(),
            at: now,
        });
        entries.extend(super::alert::about_scs(&state.scs, event, now));
        let reason = if history {
            Reason::History
        } else {
            Reason::ScsEvidence
        };
        entries.push(ignored(now, None, reason, event));
        return entries;
    }
    let places = match state.topology.bind(event) {
        Ok(places) => places,
        Err(unbound) => return vec![ignored(now, None, unbound.into(), event)],
    };
    for (solution, subject) in places {
        let mut judge = Judge::new(state, solution, now, event, stamp, &mut entries);
        if let Subject::Application(application) = subject {
            judge.about = Some(application);
        }
        if event.in_trace_gap {
            judge.ignore(Reason::InTraceGap);
        } else if event.witness == Witness::Scs && !state.scs_counts(event.writer.as_deref()) {
            judge.ignore(Reason::ScsNotPrimary);
        } else if history {
            judge.observe(subject, Lesson::History);
            judge.ignore(Reason::History);
        } else {
            match subject {
                Subject::Host(host) => judge.host(host),
                Subject::Application(application) => judge.application(application),
            }
        }
    }
    entries
}

/// The verdicts on a failure whose `confirm` is over.
pub(super) fn conclude(state: &State, index: usize, now: Time, awaited: &Awaited) -> Vec<Entry> {
    let mut entries = Vec::new();
    let Some(first) = awaited.events.first() else {
        return entries;
    };
    let mut judge = Judge::new(state, index, now, first, awaited.stamp, &mut entries);
    judge.about = Some(awaited.application);
    judge.failure(awaited);
    entries
}

struct Judge<'a> {
    state: &'a State,
    index: usize,
    solution: &'a Solution,
    pair: &'a Pair,
    now: Time,
    event: &'a Arc<Event>,
    stamp: Time,
    /// The application that the event is about.
    about: Option<usize>,
    entries: &'a mut Vec<Entry>,
}

impl<'a> Judge<'a> {
    fn new(
        state: &'a State,
        index: usize,
        now: Time,
        event: &'a Arc<Event>,
        stamp: Time,
        entries: &'a mut Vec<Entry>,
    ) -> Judge<'a> {
        let (solution, pair) = (state.solution(index), &state.pairs[index]);
        Judge {
            state,
            index,
            solution,
            pair,
            now,
            event,
            stamp,
            about: None,
            entries,
        }
    }

    fn host(&mut self, host: usize) {
        self.observe(Subject::Host(host), self.lesson());
        match self.pair.incident_towards(1 - host) {
            Some(incident) => self.absorb(Reason::HostEvidence, incident.id.clone()),
            None => self.ignore(Reason::HostEvidence),
        }
    }

    fn application(&mut self, application: usize) {
        if is_fact(self.event.kind) && self.repeats(application) {
            return;
        }
        self.observe(Subject::Application(application), self.lesson());
        if self.now.since(self.stamp) > self.solution.policy.event_age_max {
            return self.ignore(Reason::TooOld);
        }
        if self.is_overtaken(application) {
            return self.ignore(Reason::Overtaken);
        }
        match self.event.kind {
            EventKind::BecamePrimary => self.became_primary(application),
            EventKind::BecameBackup => self.evidence(application, Reason::RoleEvidence),
            EventKind::Failed => self.failed(application),
            EventKind::Started => self.recovered(application, Reason::Recovered),
            EventKind::PlannedStop => self.planned_stop(application),
            EventKind::StateReported if self.event.status == Some(Status::Running) => {
                self.recovered(application, Reason::RoleEvidence);
            }
            EventKind::ModeRequested => self.evidence(application, Reason::ModeRequested),
            EventKind::VipOk => self.vip_ok(application),
            EventKind::VipLost => self.evidence(application, Reason::VipEvidence),
            EventKind::AlarmCleared | EventKind::Noted => self.ignore(Reason::Noted),
            _ => self.evidence(application, Reason::RoleEvidence),
        }
    }

    /// Another sighting of a known fact changes nothing; it is kept with the incident that the fact belongs to.
    fn repeats(&mut self, application: usize) -> bool {
        let tolerance = self.solution.policy.role_tolerance;
        let Some(fact) = self
            .pair
            .known(application, self.event.kind, self.stamp, tolerance)
        else {
            return false;
        };
        let waiting = self
            .pair
            .awaited
            .iter()
            .find(|each| each.application == application);
        match (waiting, &fact.incident) {
            (Some(awaited), _) if self.event.kind == EventKind::Failed => {
                let due = awaited.due;
                self.wait(application, due);
            }
            (_, Some(incident)) => self.absorb(Reason::SameFact, incident.clone()),
            _ => self.ignore(Reason::SameFact),
        }
        true
    }

    fn lesson(&self) -> Lesson {
        let late = self.now.since(self.stamp) > self.solution.policy.event_age_max;
        if late { Lesson::Late } else { Lesson::News }
    }

    /// A lagging line that a newer statement about the same component kind contradicts: a slow log cannot
    /// reverse a newer move.
    fn is_overtaken(&self, application: usize) -> bool {
        let role = match self.event.kind {
            EventKind::BecamePrimary => Mode::Primary,
            EventKind::BecameBackup => Mode::Backup,
            _ => return false,
        };
        if self.now.since(self.stamp) <= self.solution.policy.role_tolerance {
            return false;
        }
        let newer = |member: &Member| member.mode_stamp > self.stamp;
        let own = &self.pair.members[application];
        let peer = self
            .solution
            .peer(application)
            .map(|peer| &self.pair.members[peer]);
        let denied_by_own = newer(own) && own.mode.is_some_and(|mode| mode != role);
        let denied_by_peer = peer.is_some_and(|peer| newer(peer) && peer.mode == Some(role));
        denied_by_own || denied_by_peer
    }

    fn became_primary(&mut self, application: usize) {
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
                |step: &super::Step| step.application == Some(application) && step.awaits_effect();
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
        let late =
            |each: &&super::Unconfirmed| each.application == application && self.now < each.until;
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
        if let Some(incident) = self.pair.incident_towards(to) {
            let id = incident.id.clone();
            if incident.is_held() && self.gate().vip().is_none() {
                return self.resume(
                    id,
                    self.cause(application, CauseKind::LeadPrimary, Reason::VipFollows),
                );
            }
            return self.absorb(Reason::JoinsIncident, id);
        }
        let fell = self.pair.members[application].up == Some(false);
        let tolerance = self.solution.policy.role_tolerance;
        let only_assumed = self
            .pair
            .vip_assumed
            .is_some_and(|at| self.now.since(at) <= tolerance);
        let reason = match self.pair.vip_at {
            Some(at) if at == to && fell => Reason::ReturnedAsPrimary,
            Some(at) if at == to && !only_assumed => {
                return self.late_twin(to, Reason::AlreadyPrimary);
            }
            None => Reason::FirstKnowledge,
            Some(_) => Reason::VipFollows,
        };
        let cause = self.cause(application, CauseKind::LeadPrimary, reason);
        // The VIP waits for nothing; only what holds the VIP holds the incident.
        let hold = self.gate().vip();
        self.open(to, cause, hold);
    }

    fn peer_became_primary(&mut self, application: usize, to: usize) {
        let hold = self.gate().opening(CauseKind::PeerPrimary, to, application);
        if let Some(incident) = self.pair.incident_towards(to) {
            let id = incident.id.clone();
            if incident.is_held() && hold.is_none() {
                let reason = Reason::PeerBecamePrimary;
                return self.resume(id, self.cause(application, CauseKind::PeerPrimary, reason));
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

    fn failed(&mut self, application: usize) {
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
    fn failure(&mut self, awaited: &Awaited) {
        let application = awaited.application;
        let described = &self.solution.applications[application];
        let Some(host) = described.host else { return };
        let to = 1 - host;
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

    /// The application's own log goes on after another witness reported its end.
    fn contradicted(&self, awaited: &Awaited) -> Option<Hold> {
        let own_word = awaited
            .events
            .iter()
            .any(|event| event.witness == Witness::Own);
        let life = self.pair.members[awaited.application].life;
        (!own_word && life > awaited.stamp).then(|| Hold {
            reason: Reason::Contradicted,
            detail: Arc::from(format!("last written at {}", life.clock())),
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
        for (position, event) in awaited.events.iter().enumerate() {
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
                application: self.about,
                incident: incident.clone(),
            }));
        }
    }

    fn recovered(&mut self, application: usize, reason: Reason) {
        self.cancel(application, Reason::SelfHealed);
        self.evidence(application, reason);
    }

    fn planned_stop(&mut self, application: usize) {
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

    fn vip_ok(&mut self, application: usize) {
        let host = self.solution.applications[application].host;
        for incident in &self.pair.incidents {
            let confirmed = |step: &super::Step| {
                step.action == crate::topology::Action::VipEnable
                    && Some(step.host) == host
                    && step.confirmed.is_none()
                    && matches!(
                        step.state,
                        StepState::WouldRun | StepState::Started | StepState::Done
                    )
            };
            if let Some(step) = incident.steps.iter().position(confirmed) {
                let (solution, id) = (self.index, incident.id.clone());
                let entry = Entry::StepConfirmed {
                    solution,
                    incident: id.clone(),
                    step,
                    at: self.now,
                };
                self.entries.push(entry);
                return self.decided(Verdict::Echo, Reason::ConfirmsStep, None, Some(id));
            }
        }
        self.evidence(application, Reason::VipEvidence);
    }

    /// Evidence joins the incident that it speaks for, and opens none.
    fn evidence(&mut self, application: usize, reason: Reason) {
        let host = self.solution.applications[application].host;
        let speaks_for = match (self.event.kind, self.event.mode) {
            (EventKind::BecameBackup | EventKind::PlannedStop | EventKind::VipLost, _) => {
                host.map(|h| 1 - h)
            }
            (EventKind::ModeRequested | EventKind::StateReported, Some(Mode::Primary)) => host,
            (EventKind::ModeRequested | EventKind::StateReported, Some(Mode::Backup)) => {
                host.map(|h| 1 - h)
            }
            _ => None,
        };
        match speaks_for.and_then(|to| self.pair.incident_towards(to)) {
            Some(incident) => self.absorb(reason, incident.id.clone()),
            None => self.ignore(reason),
        }
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

    fn cause(&self, application: usize, trigger: CauseKind, reason: Reason) -> Cause {
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

    /// What was held is carried out after all: the pair itself has moved.
    fn resume(&mut self, incident: Arc<str>, cause: Cause) {
        let (reason, id) = (cause.reason, incident.clone());
        self.entries.push(Entry::Resumed {
            solution: self.index,
            incident,
            cause,
            at: self.now,
        });
        self.decided(Verdict::Open, reason, None, Some(id));
    }

    fn push_incident(&mut self, to: usize, cause: Cause, hold: Option<Hold>) -> Arc<str> {
        if hold.is_none() {
            let running = |each: &&Incident| each.to != to && !each.superseded && !each.is_held();
            for incident in self.pair.incidents.iter().filter(running) {
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
        }
        let serial = self.pair.serial + 1;
        let id: Arc<str> = format!("{}-{}-{serial}", self.solution.name, self.now.compact()).into();
        let state = if hold.is_some() {
            IncidentState::Held
        } else {
            IncidentState::Open
        };
        let mut steps = plan(self.solution, to);
        if let Some(hold) = &hold {
            for step in &mut steps {
                step.state = StepState::Held;
                (step.reason, step.detail) = (hold.reason, Some(hold.detail.clone()));
            }
        }
        let incident = Incident {
            id: id.clone(),
            from: self.pair.primary.filter(|from| *from != to),
            to,
            cause,
            opened: self.now,
            last_event: self.now,
            events: 0,
            state,
            hold,
            steps,
            reaction_ended: None,
            unsettled: false,
            superseded: false,
            closed: None,
        };
        self.entries.push(Entry::Opened {
            solution: self.index,
            incident: Box::new(incident),
        });
        id
    }

    fn gate(&self) -> Gate<'a> {
        Gate {
            state: self.state,
            solution: self.solution,
            pair: self.pair,
            now: self.now,
        }
    }

    fn observe(&mut self, subject: Subject, lesson: Lesson) {
        self.entries.push(Entry::Observed {
            solution: self.index,
            subject,
            event: self.event.clone(),
            stamp: self.stamp,
            at: self.now,
            lesson,
        });
    }

    fn wait(&mut self, application: usize, due: Time) {
        self.entries.push(Entry::Awaited {
            solution: self.index,
            application,
            event: self.event.clone(),
            stamp: self.stamp,
            due,
        });
    }

    fn ignore(&mut self, reason: Reason) {
        self.decided(Verdict::Ignore, reason, None, None);
    }

    fn absorb(&mut self, reason: Reason, incident: Arc<str>) {
        self.decided(Verdict::Absorb, reason, None, Some(incident));
    }

    fn decided(
        &mut self,
        verdict: Verdict,
        reason: Reason,
        detail: Option<Arc<str>>,
        incident: Option<Arc<str>>,
    ) {
        self.entries.push(Entry::Decided(Decision {
            at: self.now,
            solution: Some(self.index),
            verdict,
            reason,
            detail,
            event: self.event.clone(),
            application: self.about,
            incident,
        }));
    }
}

fn ignored(at: Time, solution: Option<usize>, reason: Reason, event: &Arc<Event>) -> Entry {
    Entry::Decided(Decision {
        at,
        solution,
        verdict: Verdict::Ignore,
        reason,
        detail: None,
        event: event.clone(),
        application: None,
        incident: None,
    })
}

impl From<Unbound> for Reason {
    fn from(unbound: Unbound) -> Reason {
        match unbound {
            Unbound::NoApplication => Reason::NoApplication,
            Unbound::UnknownApplication => Reason::UnknownApplication,
            Unbound::UnknownHost => Reason::UnknownHost,
            Unbound::DbidMismatch => Reason::DbidMismatch,
            Unbound::HostMismatch => Reason::HostMismatch,
        }
    }
}
