//! One thing worth telling, and which entries of the core give one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::{Hole, Holes};
use crate::decide::{
    Alert, Cause, Entry, Incident, IncidentState, OpenAlert, Operated, Reason, State, StepState,
    Verb,
};
use crate::event::Event;
use crate::fault::Severity;
use crate::time::Time;
use crate::topology::{AlertClass, Solution, Topology};

/// What a sink is given, as one JSON object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub time: Time,
    pub class: AlertClass,
    pub severity: Severity,
    /// The same from an alert's opening to its closing: an incident's id, or a key such as `owed:east:vmhost1`. All
    /// held moves of a pair have one, `hold:east`.
    pub key: Arc<str>,
    pub phase: Phase,
    pub title: String,
    pub text: String,
    pub solution: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventNote>,
    /// How what it goes on with, or ends, was told first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened: Option<Opening>,
}

/// What stays the same of an alert until it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    pub time: Time,
    pub class: AlertClass,
    pub severity: Severity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Open,
    Update,
    Close,
}

/// The event that the notice is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventNote {
    pub id: Arc<str>,
    pub text: Arc<str>,
    pub application: Option<Arc<str>>,
    pub file: Arc<str>,
    pub line: u64,
}

/// The notice of an extracted event, before any is dropped as a repetition.
pub fn event(topology: &Topology, event: &Event) -> Notice {
    let bound = topology
        .bind(event)
        .ok()
        .and_then(|places| places.first().copied());
    let solution = bound.map(|(solution, _)| topology.solutions[solution].name.clone());
    let who = event
        .application
        .as_deref()
        .or(event.host.as_deref())
        .unwrap_or("?");
    Notice {
        time: event.time,
        class: AlertClass::Event,
        severity: Severity::Info,
        key: format!("event:{}:{}", event.origin.file, event.origin.offset).into(),
        phase: Phase::Open,
        title: format!("{who} {} {}", event.id, event.kind),
        text: event.text.to_string(),
        solution,
        event: Some(EventNote {
            id: event.id.clone(),
            text: event.text.clone(),
            application: event.application.clone(),
            file: event.origin.file.clone(),
            line: event.origin.line,
        }),
        opened: None,
    }
}

/// What an entry is worth telling of; most are worth nothing.
pub fn of_entry(topology: &Topology, entry: &Entry) -> Vec<Notice> {
    let one = match entry {
        Entry::Opened { solution, incident } => Some(opened(topology, *solution, incident)),
        Entry::Closed { solution, incident } => Some(closed(topology, *solution, incident)),
        Entry::StepMoved { .. } => step(topology, entry),
        Entry::OwedSettled { .. } => settled(topology, entry),
        Entry::Alert(alert) => Some(own(topology, alert)),
        Entry::Operated(operated) => Some(told(topology, operated)),
        Entry::Disarmed { reason, at } => Some(disarmed(*reason, *at)),
        Entry::Resumed { .. } => return resumed(topology, entry),
        _ => None,
    };
    one.into_iter().collect()
}

/// Every alert of the core that is open, as if it were told anew.
pub fn open(state: &State) -> Vec<Notice> {
    let topology = &*state.topology;
    let mut open: Vec<Notice> = state
        .disarmed
        .map(|reason| disarmed(reason, state.now))
        .into_iter()
        .collect();
    let mut alert = |solution: Option<usize>, key: &Arc<str>, alert: &OpenAlert| {
        open.push(own(
            topology,
            &Alert {
                at: alert.since,
                solution,
                class: alert.class,
                key: key.clone(),
                open: true,
                text: alert.text.clone(),
            },
        ));
    };
    state
        .scs
        .alerts
        .iter()
        .for_each(|(key, each)| alert(None, key, each));
    for (solution, pair) in state.pairs.iter().enumerate() {
        pair.alerts
            .iter()
            .for_each(|(key, each)| alert(Some(solution), key, each));
    }
    for (solution, pair) in state.pairs.iter().enumerate() {
        open.extend(
            pair.incidents
                .iter()
                .map(|incident| opened(topology, solution, incident)),
        );
    }
    open
}

fn disarmed(reason: Reason, at: Time) -> Notice {
    Notice {
        time: at,
        class: AlertClass::Daemon,
        severity: Severity::Error,
        key: "daemon:disarmed".into(),
        phase: Phase::Open,
        title: format!("nothing acts: {}", reason.sentence()),
        text: reason.remedy().unwrap_or_default().into(),
        solution: None,
        event: None,
        opened: None,
    }
}

/// A held move is carried out after all: its hold ends, and the incident begins.
fn resumed(topology: &Topology, entry: &Entry) -> Vec<Notice> {
    let Entry::Resumed {
        solution,
        incident,
        cause,
        at,
    } = entry
    else {
        return Vec::new();
    };
    let described = &topology.solutions[*solution];
    let name = &described.name;
    let notice = Notice {
        time: *at,
        class: AlertClass::Incident,
        severity: Severity::Error,
        key: incident.clone(),
        phase: Phase::Open,
        title: format!("{name}: the held move goes on"),
        text: caused(described, cause),
        solution: Some(name.clone()),
        event: None,
        opened: None,
    };
    let hold = Notice {
        class: AlertClass::Hold,
        severity: Severity::Info,
        key: hold_key(name),
        phase: Phase::Close,
        ..notice.clone()
    };
    vec![hold, notice]
}

fn step(topology: &Topology, entry: &Entry) -> Option<Notice> {
    let Entry::StepMoved {
        solution,
        incident,
        step,
        to,
        reason,
        at,
        ..
    } = entry
    else {
        return None;
    };
    let name = &topology.solutions[*solution].name;
    let severity = match to {
        StepState::Failed | StepState::Unknown => Severity::Error,
        StepState::Held | StepState::Owed => Severity::Warning,
        _ => Severity::Info,
    };
    Some(Notice {
        time: *at,
        class: AlertClass::Step,
        severity,
        key: incident.clone(),
        phase: Phase::Update,
        title: format!("{name}: step {} {to}", step + 1),
        text: reason.sentence().into(),
        solution: Some(name.clone()),
        event: None,
        opened: None,
    })
}

fn settled(topology: &Topology, entry: &Entry) -> Option<Notice> {
    let Entry::OwedSettled {
        solution,
        host,
        state,
        reason,
        at,
    } = entry
    else {
        return None;
    };
    let described = &topology.solutions[*solution];
    let (name, host) = (&described.name, &described.hosts[*host].name);
    Some(Notice {
        time: *at,
        class: AlertClass::Owed,
        severity: Severity::Info,
        key: format!("owed:{name}:{host}").into(),
        phase: Phase::Update,
        title: format!("{name}: debt of {host} is {state}"),
        text: reason.sentence().into(),
        solution: Some(name.clone()),
        event: None,
        opened: None,
    })
}

/// An alert of the core's own.
fn own(topology: &Topology, alert: &Alert) -> Notice {
    Notice {
        time: alert.at,
        class: alert.class,
        severity: match (alert.open, alert.class) {
            (false, _) => Severity::Info,
            (true, AlertClass::Incident) => Severity::Error,
            (true, _) => Severity::Warning,
        },
        key: alert.key.clone(),
        phase: if alert.open {
            Phase::Open
        } else {
            Phase::Close
        },
        title: match alert.open {
            true => alert.text.to_string(),
            false => format!("over: {}", alert.text),
        },
        text: String::new(),
        solution: alert
            .solution
            .map(|solution| topology.solutions[solution].name.clone()),
        event: None,
        opened: None,
    }
}

fn opened(topology: &Topology, solution: usize, incident: &Incident) -> Notice {
    let described = &topology.solutions[solution];
    let to = &described.hosts[incident.to].name;
    let name = &described.name;
    let cause = caused(described, &incident.cause);
    let (class, key, title, text) = match &incident.hold {
        Some(hold) => (
            AlertClass::Hold,
            hold_key(name),
            format!("{name}: move to {to} is HELD: {}", hold.reason.sentence()),
            format!("{cause}\n{}", incident.id),
        ),
        None => (
            AlertClass::Incident,
            incident.id.clone(),
            format!("{name} moves to {to}"),
            cause,
        ),
    };
    Notice {
        time: incident.opened,
        class,
        severity: Severity::Error,
        key,
        phase: Phase::Open,
        title,
        text,
        solution: Some(described.name.clone()),
        event: None,
        opened: None,
    }
}

fn caused(solution: &Solution, cause: &Cause) -> String {
    let name = &solution.applications[cause.application].name;
    format!("{name} {}: {}", cause.id, cause.reason.sentence())
}

/// Held moves of a pair come in storms: they are one alert.
fn hold_key(solution: &str) -> Arc<str> {
    format!("hold:{solution}").into()
}

fn closed(topology: &Topology, solution: usize, incident: &Incident) -> Notice {
    let described = &topology.solutions[solution];
    let to = &described.hosts[incident.to].name;
    let severity = match incident.state {
        IncidentState::Completed | IncidentState::Superseded => Severity::Info,
        _ => Severity::Error,
    };
    let steps = incident.steps.iter().map(|step| {
        let target = match step.application {
            Some(application) => &described.applications[application].name,
            None => &described.hosts[step.host].name,
        };
        format!(
            "{} {target}: {} ({})",
            step.action,
            step.state,
            step.reason.sentence()
        )
    });
    Notice {
        time: incident.closed.unwrap_or(incident.opened),
        class: if incident.is_held() {
            AlertClass::Hold
        } else {
            AlertClass::Incident
        },
        severity,
        key: match incident.hold {
            Some(_) => hold_key(&described.name),
            None => incident.id.clone(),
        },
        phase: Phase::Close,
        title: format!("{}: move to {to} {}", described.name, incident.state),
        text: steps.collect::<Vec<_>>().join("\n"),
        solution: Some(described.name.clone()),
        event: None,
        opened: None,
    }
}

fn told(topology: &Topology, operated: &Operated) -> Notice {
    let described = &topology.solutions[operated.solution];
    let request = &operated.request;
    let verb = match &request.verb {
        Verb::Pause { until } => format!("paused until {until}"),
        Verb::Resume => "resumed".to_string(),
        Verb::Acknowledge { incident } => format!("{incident} acknowledged"),
        Verb::Force { to } => {
            let to = described.hosts.get(*to).map_or("?", |host| &*host.name);
            format!("forced to {to}")
        }
        Verb::Forgive { host } => {
            let host = described.hosts.get(*host).map_or("?", |host| &*host.name);
            format!("debt of {host} forgiven")
        }
    };
    Notice {
        time: operated.at,
        class: AlertClass::Daemon,
        severity: Severity::Info,
        key: format!("operator:{}", described.name).into(),
        phase: Phase::Update,
        title: format!("{}: {verb} by {}", described.name, request.by),
        text: request.why.to_string(),
        solution: Some(described.name.clone()),
        event: None,
        opened: None,
    }
}

impl Notice {
    /// How it was told first, as far as that is known.
    pub fn opening(&self) -> Opening {
        self.opened.unwrap_or(Opening {
            time: self.time,
            class: self.class,
            severity: self.severity,
        })
    }

    /// It stands until its closing is told. An event, or an update of something that was not told, only passes by.
    pub fn lasts(&self) -> bool {
        self.class != AlertClass::Event && (self.phase == Phase::Open || self.opened.is_some())
    }

    /// As it is told where this opening was told before.
    pub(super) fn following(self: &Arc<Notice>, open: &Notice) -> Arc<Notice> {
        Arc::new(Notice {
            opened: Some(open.opening()),
            ..Notice::clone(self)
        })
    }

    /// What fills the placeholders of an alert command.
    pub(super) fn holes(&self) -> Holes {
        let mut holes = Holes::default()
            .with(Hole::Severity, self.severity.to_string())
            .with(Hole::Title, self.title.clone())
            .with(Hole::Text, self.text.clone())
            .with(Hole::Solution, self.solution.as_deref().unwrap_or_default());
        if let Some(event) = &self.event {
            holes = holes
                .with(Hole::EventId, &*event.id)
                .with(Hole::EventText, &*event.text)
                .with(
                    Hole::EventApplication,
                    event.application.as_deref().unwrap_or_default(),
                );
        }
        holes
    }
}

#[cfg(test)]
mod tests;
