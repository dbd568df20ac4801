//! One entry of the journal as one sentence.

use std::collections::HashMap;
use std::sync::Arc;

use crate::decide::{Decision, Entry, Incident, IncidentState, Operated, Request, Verb};
use crate::escape::escape;
use crate::story;
use crate::time::Time;
use crate::topology::{Action, Solution, Topology};

/// Tells entries. Steps are numbers in the journal; an incident that is known gives them their names.
#[derive(Debug)]
pub struct Teller<'a> {
    topology: &'a Topology,
    incidents: HashMap<Arc<str>, Incident>,
}

impl<'a> Teller<'a> {
    pub fn new(topology: &'a Topology) -> Teller<'a> {
        Teller {
            topology,
            incidents: HashMap::new(),
        }
    }

    pub fn know(&mut self, incident: &Incident) {
        self.incidents
            .entry(incident.id.clone())
            .or_insert_with(|| incident.clone());
    }

    /// The sentence, escaped; none for an entry that only keeps the books.
    pub fn tell(&mut self, entry: &Entry) -> Option<String> {
        if let Entry::Opened { incident, .. } | Entry::Closed { incident, .. } = entry {
            self.know(incident);
        }
        let text = self
            .of_step(entry)
            .or_else(|| self.of_incident(entry))
            .or_else(|| self.of_debt(entry))
            .or_else(|| self.of_operator(entry))
            .or_else(|| self.of_world(entry))?;
        Some(text)
    }

    fn of_step(&self, entry: &Entry) -> Option<String> {
        let name =
            |incident: &Arc<str>, step: usize, solution: usize| self.step(incident, step, solution);
        Some(match entry {
            Entry::StepMoved {
                solution,
                incident,
                step,
                to,
                reason,
                detail,
                ..
            } => format!(
                "{}: {}; {}{}",
                name(incident, *step, *solution),
                story::state(*to),
                reason.sentence(),
                in_brackets(detail.as_deref())
            ),
            Entry::StepRetried {
                solution,
                incident,
                step,
                reason,
                detail,
                next,
                ..
            } => format!(
                "{}: {}{}; started again from {} on",
                name(incident, *step, *solution),
                reason.sentence(),
                in_brackets(detail.as_deref()),
                next.clock()
            ),
            Entry::StepEnded {
                solution,
                incident,
                step,
                ..
            } => format!("{}: its command ended", name(incident, *step, *solution)),
            Entry::StepConfirmed {
                solution,
                incident,
                step,
                ..
            } => format!("{}: its effect was seen", name(incident, *step, *solution)),
            _ => return None,
        })
    }

    fn step(&self, incident: &Arc<str>, step: usize, solution: usize) -> String {
        let named = || {
            let solution = self.topology.solutions.get(solution)?;
            let step = self.incidents.get(incident)?.steps.get(step)?;
            let target = match step.application {
                Some(application) => &solution.applications.get(application)?.name,
                None => &solution.hosts.get(step.host)?.name,
            };
            Some(format!("{} {}", does(step.action), escape(target)))
        };
        named().unwrap_or_else(|| format!("step {} of {}", step + 1, escape(incident)))
    }

    fn of_incident(&self, entry: &Entry) -> Option<String> {
        Some(match entry {
            Entry::Awaited {
                solution,
                application,
                event,
                due,
                ..
            } => format!(
                "{} {} {} ({}:{}): waits until {} for a better picture",
                self.application(*solution, *application),
                event.id,
                event.kind,
                escape(&event.origin.file),
                event.origin.line,
                due.clock()
            ),
            Entry::Decided(decision) => match decision.solution {
                Some(index) => told_event(self.topology.solutions.get(index)?, decision),
                None => told_unbound(decision),
            },
            Entry::Opened { solution, incident } => self.opened(*solution, incident)?,
            Entry::Resumed {
                incident, cause, ..
            } => format!(
                "{}: carried out after all, for {}",
                escape(incident),
                cause.reason.sentence()
            ),
            Entry::Superseded { incident, .. } => {
                format!("{}: the opposite move began", escape(incident))
            }
            Entry::ReactionEnded { incident, .. } => {
                format!("{}: the reaction ended", escape(incident))
            }
            Entry::Closed { incident, .. } => {
                format!("{}: closed as {}", escape(&incident.id), incident.state)
            }
            _ => return None,
        })
    }

    fn opened(&self, solution: usize, incident: &Incident) -> Option<String> {
        let described = self.topology.solutions.get(solution)?;
        let to = escape(&described.hosts.get(incident.to)?.name);
        let id = escape(&incident.id);
        Some(match (&incident.hold, incident.state) {
            (Some(hold), IncidentState::Held) => format!(
                "{id}: a move to {to} is held: {} ({})",
                hold.reason.sentence(),
                escape(&hold.detail)
            ),
            _ => format!("{id}: move to {to}, {} steps", incident.steps.len()),
        })
    }

    fn of_debt(&self, entry: &Entry) -> Option<String> {
        Some(match entry {
            Entry::Owed {
                solution,
                host,
                incident,
                ..
            } => format!(
                "{} owes a VIP disable, from {}",
                self.host(*solution, *host),
                escape(incident)
            ),
            Entry::DebtTried { solution, host, .. } => {
                format!("{} is asked to pay its debt", self.host(*solution, *host))
            }
            Entry::DebtRemains {
                solution,
                host,
                reason,
                next,
            } => format!(
                "{} did not pay: {}; asked again from {} on",
                self.host(*solution, *host),
                reason.sentence(),
                next.clock()
            ),
            Entry::AnnounceTried { solution, host, .. } => format!(
                "the VIP is announced again on {}, now that its old host has let go",
                self.host(*solution, *host)
            ),
            Entry::AnnounceEnded {
                solution,
                host,
                reason,
                ..
            } => format!(
                "the announcement on {} ended: {}",
                self.host(*solution, *host),
                reason.sentence()
            ),
            Entry::OwedSettled {
                solution,
                host,
                state,
                reason,
                ..
            } => format!(
                "the debt of {} is settled ({}): {}",
                self.host(*solution, *host),
                story::state(*state),
                reason.sentence()
            ),
            _ => return None,
        })
    }

    fn of_operator(&self, entry: &Entry) -> Option<String> {
        Some(match entry {
            Entry::Operated(Operated {
                solution, request, ..
            }) => format!(
                "{} {}: {}",
                escape(&request.by),
                self.done(*solution, request),
                escape(&request.why)
            ),
            Entry::Refused {
                solution,
                request,
                reason,
                detail,
                ..
            } => format!(
                "refused to {} what would have {}: {}{}",
                escape(&request.by),
                self.done(*solution, request),
                reason.sentence(),
                in_brackets(detail.as_deref())
            ),
            Entry::PauseEnded { solution, .. } => {
                format!("the pause of {} ended", self.solution_name(*solution))
            }
            _ => return None,
        })
    }

    /// A participle, for "alice …" and "what would have …".
    fn done(&self, solution: usize, request: &Request) -> String {
        let name = self.solution_name(solution);
        match &request.verb {
            Verb::Pause { until } => format!("paused {name} until {}", until.clock()),
            Verb::Resume => format!("resumed {name}"),
            Verb::Acknowledge { incident } => format!("acknowledged {}", escape(incident)),
            Verb::Force { to } => format!("forced {name} to {}", self.host(solution, *to)),
            Verb::Forgive { host } => {
                format!("forgiven the debt of {}", self.host(solution, *host))
            }
        }
    }

    fn of_world(&self, entry: &Entry) -> Option<String> {
        Some(match entry {
            Entry::ScsObserved { event, .. } => format!(
                "SCS {} {} ({}:{})",
                event.id,
                event.kind,
                escape(&event.origin.file),
                event.origin.line
            ),
            Entry::Disarmed { reason, .. } => {
                let remedy = reason.remedy().map(|remedy| format!("; {remedy}"));
                let sentence = reason.sentence();
                format!("nothing acts: {sentence}{}", remedy.unwrap_or_default())
            }
            Entry::WorldDoubted { .. } => {
                "the clock cannot be trusted: the world is read again".into()
            }
            Entry::WorldRead { .. } => "the world was read again".into(),
            Entry::Alert(alert) => format!(
                "alert {} {}: {}",
                if alert.open { "opens" } else { "closes" },
                escape(&alert.key),
                escape(&alert.text)
            ),
            _ => return None,
        })
    }

    fn solution_name(&self, solution: usize) -> String {
        let solution = self.topology.solutions.get(solution);
        solution.map_or("?".into(), |each| escape(&each.name).into_owned())
    }

    fn host(&self, solution: usize, host: usize) -> String {
        let of = |solution: &Solution| Some(escape(&solution.hosts.get(host)?.name).into_owned());
        let solution = self.topology.solutions.get(solution);
        solution.and_then(of).unwrap_or_else(|| "?".into())
    }

    fn application(&self, solution: usize, application: usize) -> String {
        let of = |solution: &Solution| {
            Some(escape(&solution.applications.get(application)?.name).into_owned())
        };
        let solution = self.topology.solutions.get(solution);
        solution.and_then(of).unwrap_or_else(|| "?".into())
    }
}

/// A line of a history: `20:31:05.100 …`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Line {
    pub time: Time,
    pub text: String,
}

fn in_brackets(detail: Option<&str>) -> String {
    detail.map_or(String::new(), |detail| format!(" ({})", escape(detail)))
}

/// What a step does, before its target.
pub fn does(action: Action) -> &'static str {
    match action {
        Action::SwitchToPrimary => "switch to primary",
        Action::VipEnable => "enable the VIP on",
        Action::VipDisable => "disable the VIP on",
        Action::VipAnnounce => "announce the VIP from",
    }
}

/// `20:31:05.100 RM_1 05064 failed (scs.log:12) - OPENS: it failed on the primary host`
fn told_event(solution: &Solution, decision: &Decision) -> String {
    let event = &decision.event;
    let application = decision.application;
    let application = application.and_then(|index| solution.applications.get(index));
    let who = application
        .map(|application| &*application.name)
        .or(event.host.as_deref());
    format!(
        "{} - {}: {}{}",
        sighting(decision, who.unwrap_or("?")),
        story::verdict(decision.verdict),
        decision.reason.sentence(),
        in_brackets(decision.detail.as_deref())
    )
}

fn told_unbound(decision: &Decision) -> String {
    let event = &decision.event;
    let who = event.application.as_deref().or(event.host.as_deref());
    let dbid = event
        .dbid
        .map_or(String::new(), |dbid| format!(" (DBID {dbid})"));
    let who = format!("{}{dbid}", who.unwrap_or("(nobody named)"));
    let reason = decision.reason.sentence();
    format!("{} - ignored: {reason}", sighting(decision, &who))
}

fn sighting(decision: &Decision, who: &str) -> String {
    let event = &decision.event;
    format!(
        "{} {} {} {} ({}:{})",
        event.time.clock(),
        escape(who),
        event.id,
        event.kind,
        escape(&event.origin.file),
        event.origin.line
    )
}
