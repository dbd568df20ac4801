//! State is the fold of the entries: this is the fold. No decision is made here, so the daemon, a replay
//! and a recovery from the journal end in the same state.

mod owed;

use std::sync::Arc;

use super::entry::{Decision, Entry, Request, Verb};
use super::incident::{Cause, Incident, IncidentState, Step, StepState};
use super::plan::plan;
use super::reason::Reason;
use super::state::{Awaited, Block, Closed, Pair, Pause, Report, State, Unconfirmed};
use crate::event::{EventKind, Mode};
use crate::time::Time;
use crate::topology::{Action, ActionMode, Solution};

#[expect(
    clippy::too_many_lines,
    reason = "one arm an entry, and nothing beside them"
)]
pub fn apply(state: &mut State, entry: &Entry) {
    let topology = state.topology.clone();
    match entry {
        Entry::ScsObserved { event, .. } => state.scs.learn(event),
        Entry::Decided(decision) => {
            if let Some(pair) = decision.solution.map(|solution| &mut state.pairs[solution]) {
                pair.decided(decision);
            }
        }
        Entry::Alert(alert) => {
            let alerts = match alert.solution {
                Some(solution) => &mut state.pairs[solution].alerts,
                None => &mut state.scs.alerts,
            };
            if alert.open {
                alerts.insert(alert.key.clone(), alert.into());
            } else {
                alerts.remove(&alert.key);
            }
        }
        Entry::Observed {
            solution,
            subject,
            event,
            stamp,
            at,
            lesson,
        } => {
            let described = &topology.solutions[*solution];
            state.pairs[*solution].learn(described, *subject, event, *stamp, *at, *lesson);
        }
        Entry::Alive {
            solution,
            application,
            stamp,
        } => {
            let member = &mut state.pairs[*solution].members[*application];
            member.life = member.life.max(*stamp);
        }
        Entry::Awaited {
            solution,
            application,
            event,
            stamp,
            due,
        } => {
            let pair = &mut state.pairs[*solution];
            match pair
                .awaited
                .iter_mut()
                .find(|each| each.application == *application)
            {
                Some(awaited) => awaited.events.push((event.clone(), *stamp)),
                None => pair.awaited.push(Awaited {
                    application: *application,
                    stamp: *stamp,
                    due: *due,
                    events: vec![(event.clone(), *stamp)],
                }),
            }
        }
        Entry::Opened { solution, incident } => state.pairs[*solution].opened(incident),
        Entry::Resumed {
            solution,
            incident,
            cause,
            at,
        } => {
            let described = &topology.solutions[*solution];
            if let Some(incident) = state.pairs[*solution].incident_mut(incident) {
                incident.resume(described, cause, *at);
            }
        }
        Entry::Superseded {
            solution, incident, ..
        } => {
            if let Some(incident) = state.pairs[*solution].incident_mut(incident) {
                incident.superseded = true;
            }
        }
        Entry::StepReady {
            solution,
            incident,
            step,
            at,
        } => {
            if let Some(step) = state.pairs[*solution].step_mut(incident, *step) {
                step.ready = Some(*at);
            }
        }
        Entry::StepMoved {
            solution,
            incident,
            step,
            to,
            reason,
            detail,
            at,
        } => {
            let pair = &mut state.pairs[*solution];
            if let Some(step) = pair.step_mut(incident, *step) {
                step.become_state(*to, *reason, detail.clone(), *at);
                let enabled = step.action == Action::VipEnable
                    && matches!(
                        to,
                        StepState::WouldRun | StepState::Started | StepState::AlreadySo
                    );
                let host = step.host;
                let disabled = step.action == Action::VipDisable && *to == StepState::Done;
                if disabled {
                    // What was said of the VIP there while the command ran is over.
                    pair.hosts[host].forget_vip(*at);
                }
                if enabled {
                    (pair.vip_at, pair.vip_assumed) = (Some(host), None);
                    (pair.vip_since, pair.vip_doubted) = (Some(*at), None);
                    let other = &mut pair.hosts[1 - host];
                    other.vip_lost = None;
                    other.forget_vip(*at);
                }
            }
            pair.unsettle(incident);
        }
        Entry::StepEnded {
            solution,
            incident,
            step,
            at,
        } => {
            if let Some(step) = state.pairs[*solution].step_mut(incident, *step) {
                step.ended = Some(*at);
            }
        }
        Entry::StepConfirmed {
            solution,
            incident,
            step,
            at,
        } => {
            let described = &topology.solutions[*solution];
            state.pairs[*solution].confirmed(described, incident, *step, *at);
        }
        Entry::ReactionEnded {
            solution,
            incident,
            at,
        } => {
            state.pairs[*solution].reaction_ended(&topology.solutions[*solution], incident, *at);
        }
        Entry::Closed { solution, incident } => {
            state.pairs[*solution].closed(&topology.solutions[*solution], incident);
        }
        Entry::Owed {
            solution,
            host,
            incident,
            at,
        } => state.pairs[*solution].owes(*host, incident, *at),
        Entry::DebtTried { solution, host, .. } => {
            for debt in state.pairs[*solution].debts(*host) {
                (debt.running, debt.attempts) = (true, debt.attempts + 1);
            }
        }
        Entry::DebtRemains {
            solution,
            host,
            next,
            ..
        } => {
            for debt in state.pairs[*solution].debts(*host) {
                (debt.running, debt.next_try) = (false, Some(*next));
            }
        }
        Entry::AnnounceTried { solution, .. } => {
            if let Some(due) = &mut state.pairs[*solution].announcement {
                (due.running, due.attempts) = (true, due.attempts + 1);
            }
        }
        Entry::AnnounceRemains { solution, .. } => {
            if let Some(due) = &mut state.pairs[*solution].announcement {
                due.running = false;
            }
        }
        Entry::AnnounceEnded { solution, .. } => state.pairs[*solution].announcement = None,
        Entry::StepRetried {
            solution,
            incident,
            step,
            reason,
            detail,
            next,
            at,
        } => {
            let described = &topology.solutions[*solution];
            let pair = &mut state.pairs[*solution];
            if let Some(incident) = pair.incident_mut(incident)
                && let Some(again) = incident.steps.get_mut(*step)
            {
                let told = detail.clone().unwrap_or_else(|| reason.sentence().into());
                let planned = plan(described, incident.to);
                let why = planned
                    .get(*step)
                    .map_or(again.reason, |planned| planned.reason);
                again.become_state(StepState::Planned, why, Some(told), *at);
                (again.retry_at, again.ended) = (Some(*next), None);
            }
            pair.unsettle(incident);
        }
        Entry::Reported {
            solution,
            application,
            mode,
            status,
            at,
        } => {
            let described = &topology.solutions[*solution];
            let report = Report {
                mode: *mode,
                status: *status,
                at: *at,
            };
            state.pairs[*solution].report(described, *application, report);
        }
        Entry::Operated(operated) => state.pairs[operated.solution].operated(&operated.request),
        Entry::Refused { .. } => {}
        Entry::PauseEnded { solution, .. } => state.pairs[*solution].pause = None,
        Entry::Disarmed { reason, .. } => state.disarmed = Some(*reason),
        Entry::WorldDoubted { .. } => state.world_doubted = true,
        Entry::WorldRead { .. } => state.world_doubted = false,
        Entry::OwedSettled {
            solution,
            host,
            state: to,
            at,
            ..
        } => {
            let described = &topology.solutions[*solution];
            state.pairs[*solution].settled(described, *host, *to, *at);
        }
    }
}

impl Pair {
    fn step_mut(&mut self, incident: &str, step: usize) -> Option<&mut Step> {
        self.incident_mut(incident)?.steps.get_mut(step)
    }

    fn operated(&mut self, request: &Request) {
        match &request.verb {
            Verb::Pause { until } => {
                let (until, by, why) = (*until, request.by.clone(), request.why.clone());
                self.pause = Some(Pause { until, by, why });
            }
            Verb::Resume => self.pause = None,
            Verb::Acknowledge { incident } => {
                // Of several, each frees only what it holds.
                if self.lock.as_ref() == Some(incident) {
                    self.lock = None;
                }
                if self
                    .block
                    .as_ref()
                    .is_some_and(|block| block.by == *incident)
                {
                    self.block = None;
                }
                if self.flapping {
                    self.flapping = false;
                    self.moves.clear();
                }
            }
            Verb::Force { .. } | Verb::Forgive { .. } => {}
        }
    }

    fn unsettle(&mut self, incident: &str) {
        if let Some(incident) = self.incident_mut(incident) {
            incident.unsettled = true;
        }
    }

    fn decided(&mut self, decision: &Decision) {
        let event = &decision.event;
        if event.kind == EventKind::Failed {
            let decided = |each: &Awaited| {
                each.events
                    .iter()
                    .any(|(one, _)| one.origin == event.origin)
            };
            self.awaited.retain(|each| !decided(each));
        }
        let Some(id) = &decision.incident else { return };
        // Later sightings of the same fact belong to the same incident.
        if let Some(application) = decision.application {
            let facts = &mut self.members[application].facts;
            let newest = facts.iter_mut().rev().find(|fact| fact.kind == event.kind);
            if let Some(fact) = newest.filter(|fact| fact.incident.is_none()) {
                fact.incident = Some(id.clone());
            }
        }
        if decision.reason == Reason::LateEcho {
            self.unconfirmed.retain(|each| each.incident != *id);
        }
        if let Some(incident) = self.incident_mut(id) {
            incident.events += 1;
            incident.last_event = incident.last_event.max(decision.at);
        }
    }

    fn opened(&mut self, incident: &Incident) {
        self.serial += 1;
        self.incidents.push(incident.clone());
    }

    /// The step's effect was seen, or a dry run assumes it: the application is primary.
    fn confirmed(&mut self, solution: &Solution, incident: &str, step: usize, at: Time) {
        let Some(step) = self.step_mut(incident, step) else {
            return;
        };
        step.confirmed = Some(at);
        if matches!(
            step.state,
            StepState::Started | StepState::Unknown | StepState::Failed
        ) {
            // In a dry run nothing was done, however its command was said to end.
            let done = match solution.policy.mode {
                ActionMode::Active => StepState::Done,
                ActionMode::AlertOnly => StepState::WouldRun,
            };
            let running = step.is_running() || (step.is_in_doubt() && step.ended.is_none());
            step.become_state(done, Reason::ConfirmsStep, None, at);
            if running {
                step.ended = None;
            }
        }
        let application = step.application;
        self.unsettle(incident);
        let Some(application) = application else {
            return;
        };
        if self.members[application].mode == Some(Mode::Primary) {
            return;
        }
        let stamp = at.max(self.members[application].mode_stamp);
        for (index, mode) in [
            (Some(application), Mode::Primary),
            (solution.peer(application), Mode::Backup),
        ] {
            if let Some(index) = index {
                let member = &mut self.members[index];
                (member.mode, member.mode_stamp, member.mode_evidence) = (Some(mode), stamp, None);
            }
        }
        if solution.applications[application].component.vip_follows {
            self.primary = solution.applications[application].host;
            self.notice_unclear(solution, at);
        }
    }

    fn reaction_ended(&mut self, solution: &Solution, incident: &str, at: Time) {
        let policy = &solution.policy;
        let Some(incident) = self.incident_mut(incident) else {
            return;
        };
        let first = incident.reaction_ended.is_none();
        (incident.reaction_ended, incident.unsettled) = (Some(at), false);
        // Held is no reaction, and first knowledge is no move.
        if incident.is_held() || incident.from.is_none() {
            return;
        }
        let (id, moved) = (incident.id.clone(), incident.moved_vip());
        self.block = Some(Block {
            by: id,
            until: at.plus(policy.block),
        });
        if moved && first {
            self.moves.push_back(at);
            while self
                .moves
                .front()
                .is_some_and(|front| at.since(*front) > policy.flap_within)
            {
                self.moves.pop_front();
            }
            self.flapping |= self.moves.len() >= policy.flap_moves as usize;
        }
    }

    fn closed(&mut self, solution: &Solution, incident: &Incident) {
        self.incidents.retain(|each| each.id != incident.id);
        let at = incident.closed.unwrap_or(incident.opened);
        let until = at.plus(solution.policy.block);
        self.unconfirmed.retain(|each| at < each.until);
        for step in incident.steps.iter().filter(|step| step.awaits_effect()) {
            if let Some(application) = step.application {
                self.unconfirmed.push(Unconfirmed {
                    application,
                    incident: incident.id.clone(),
                    until,
                });
            }
        }
        let broken = matches!(
            incident.state,
            IncidentState::Failed | IncidentState::Partial
        );
        if broken && solution.policy.mode == ActionMode::Active {
            self.lock = Some(incident.id.clone());
        }
        let hold = incident.hold.as_ref().map(|hold| hold.reason);
        self.closed[incident.to] = Some(Closed {
            id: incident.id.clone(),
            at,
            hold,
        });
    }
}

impl Incident {
    fn resume(&mut self, solution: &Solution, cause: &Cause, at: Time) {
        self.steps = plan(solution, self.to);
        (self.state, self.hold) = (IncidentState::Open, None);
        (self.reaction_ended, self.last_event) = (None, at);
        self.cause = cause.clone();
    }
}

impl Step {
    fn become_state(&mut self, to: StepState, reason: Reason, detail: Option<Arc<str>>, at: Time) {
        debug_assert!(self.state.may_become(to), "step {} -> {to}", self.state);
        (self.state, self.reason, self.detail) = (to, reason, detail);
        match to {
            StepState::WouldRun => self.started = self.started.or(Some(at)),
            StepState::Started => {
                self.started = self.started.or(Some(at));
                (self.attempts, self.ended) = (self.attempts + 1, None);
            }
            StepState::Done | StepState::Failed | StepState::AlreadySo | StepState::Void => {
                self.ended = Some(at);
            }
            StepState::Owed => self.started = self.started.or(Some(at)),
            _ => {}
        }
    }
}
