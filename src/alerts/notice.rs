//! One thing worth telling, and which entries of the core give one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::{Hole, Holes};
use crate::decide::{Alert, Entry, Incident, IncidentState, Operated, StepState, Verb};
use crate::event::Event;
use crate::fault::Severity;
use crate::time::Time;
use crate::topology::{AlertClass, Topology};

/// What a sink is given, as one JSON object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    pub time: Time,
    pub class: AlertClass,
    pub severity: Severity,
    /// The same from an alert's opening to its closing: an incident's id, or a key such as `owed:east:vmhost1`.
    pub key: Arc<str>,
    pub phase: Phase,
    pub title: String,
    pub text: String,
    pub solution: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<EventNote>,
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
    }
}

/// What an entry is worth telling of; most are worth nothing.
pub fn of_entry(topology: &Topology, entry: &Entry) -> Option<Notice> {
    match entry {
        Entry::Opened { solution, incident } => Some(opened(topology, *solution, incident)),
        Entry::Closed { solution, incident } => Some(closed(topology, *solution, incident)),
        Entry::StepMoved { .. } => step(topology, entry),
        Entry::OwedSettled { .. } => settled(topology, entry),
        Entry::Alert(alert) => Some(own(topology, alert)),
        Entry::Operated(operated) => Some(told(topology, operated)),
        Entry::Disarmed { reason, at } => Some(Notice {
            time: *at,
            class: AlertClass::Daemon,
            severity: Severity::Error,
            key: "daemon:disarmed".into(),
            phase: Phase::Open,
            title: "nothing acts any more until the daemon starts anew".into(),
            text: reason.sentence().into(),
            solution: None,
            event: None,
        }),
        _ => None,
    }
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
        key: format!("{incident}/{}", step + 1).into(),
        phase: Phase::Update,
        title: format!("{name}: step {} {to}", step + 1),
        text: reason.sentence().into(),
        solution: Some(name.clone()),
        event: None,
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
    }
}

fn opened(topology: &Topology, solution: usize, incident: &Incident) -> Notice {
    let described = &topology.solutions[solution];
    let to = &described.hosts[incident.to].name;
    let cause = &described.applications[incident.cause.application].name;
    let (class, severity, title) = match &incident.hold {
        Some(hold) => (
            AlertClass::Hold,
            Severity::Error,
            format!(
                "{}: move to {to} is HELD: {}",
                described.name,
                hold.reason.sentence()
            ),
        ),
        None => (
            AlertClass::Incident,
            Severity::Error,
            format!("{} moves to {to}", described.name),
        ),
    };
    let text = format!(
        "{cause} {}: {}",
        incident.cause.id,
        incident.cause.reason.sentence()
    );
    Notice {
        time: incident.opened,
        class,
        severity,
        key: incident.id.clone(),
        phase: Phase::Open,
        title,
        text,
        solution: Some(described.name.clone()),
        event: None,
    }
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
        key: incident.id.clone(),
        phase: Phase::Close,
        title: format!("{}: move to {to} {}", described.name, incident.state),
        text: steps.collect::<Vec<_>>().join("\n"),
        solution: Some(described.name.clone()),
        event: None,
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
    }
}

impl Notice {
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
