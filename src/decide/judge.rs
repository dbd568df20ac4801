//! One event, one verdict. Reads the state as it was before the event; what follows from the new state
//! (steps, ends, alerts) is `advance`'s.

mod failure;
mod primary;

use std::sync::Arc;

use super::belief::is_fact;
use super::entry::{Decision, Entry, Lesson, Verdict};
use super::gate::Gate;
use super::incident::{Step, StepState};
use super::reason::Reason;
use super::state::{Awaited, Member, Pair, State};
use crate::event::{Event, EventKind, Mode, Status, Witness};
use crate::time::Time;
use crate::topology::{Action, Solution, Subject, Unbound};

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
        entries.push(ignored(now, reason, event, stamp));
        return entries;
    }
    let places = match state.topology.bind(event) {
        Ok(places) => places,
        Err(unbound) => return vec![ignored(now, unbound.into(), event, stamp)],
    };
    for (solution, subject) in places {
        let mut judge = Judge::new(state, solution, now, event, stamp, &mut entries);
        if let Subject::Application(application) = subject {
            judge.about = Some(application);
        }
        if event.in_trace_gap {
            judge.ignore(Reason::InTraceGap);
        } else if event.witness != Witness::Own && !state.scs_counts(event.writer.as_deref()) {
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
    let Some((first, _)) = awaited.events.first() else {
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

    fn vip_ok(&mut self, application: usize) {
        let host = self.solution.applications[application].host;
        for incident in &self.pair.incidents {
            let since = |step: &Step| {
                let latest = self.stamp.plus(self.solution.policy.role_tolerance);
                step.started.is_some_and(|started| started <= latest)
            };
            let confirmed = |step: &Step| {
                since(step)
                    && step.action == Action::VipEnable
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
            stamp: self.stamp,
            application: self.about,
            incident,
        }));
    }
}

/// What concerns no pair.
fn ignored(at: Time, reason: Reason, event: &Arc<Event>, stamp: Time) -> Entry {
    Entry::Decided(Decision {
        at,
        solution: None,
        verdict: Verdict::Ignore,
        reason,
        detail: None,
        event: event.clone(),
        stamp,
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
