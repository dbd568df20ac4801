//! What was decided, as the published objects.

use schemars::JsonSchema;
use serde::Serialize;

use super::{EventJson, event};
use crate::decide::{Alert, Decision, Incident, IncidentState, Reason, Step, StepState, Verdict};
use crate::replay::Permutation;
use crate::report::Beside;
use crate::time::Time;
use crate::topology::{Action, AlertClass, Solution, Topology};
use crate::words::typed;

/// `{"type":"decision",…}`: the one verdict on an event.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename = "decision")]
#[schemars(transform = typed("decision"))]
pub struct DecisionJson<'a> {
    time: Time,
    solution: Option<&'a str>,
    verdict: Verdict,
    reason: Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    event: EventJson<'a>,
    incident: Option<&'a str>,
}

pub fn decision<'a>(topology: &'a Topology, decision: &'a Decision) -> DecisionJson<'a> {
    let solution = decision.solution.map(|index| &topology.solutions[index]);
    let name = solution.map(|solution| &*solution.name);
    DecisionJson {
        time: decision.at.whole_millis(),
        solution: name,
        verdict: decision.verdict,
        reason: decision.reason,
        detail: decision.detail.as_deref(),
        event: named(event(&decision.event, name), solution, decision.application),
        incident: decision.incident.as_deref(),
    }
}

/// Names what the configuration knows of the event's application.
pub fn named<'a>(
    mut event: EventJson<'a>,
    solution: Option<&'a Solution>,
    application: Option<usize>,
) -> EventJson<'a> {
    if let Some((solution, index)) = solution.zip(application) {
        let described = &solution.applications[index];
        event.application = Some(&described.name);
        event.dbid = Some(described.dbid);
        event.host = event
            .host
            .or(described.host.map(|host| &*solution.hosts[host].name));
    }
    event
}

/// `{"type":"incident",…}`
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename = "incident")]
#[schemars(transform = typed("incident"))]
pub struct IncidentJson<'a> {
    id: &'a str,
    solution: &'a str,
    from_host: Option<&'a str>,
    to_host: &'a str,
    opened: Time,
    closed: Option<Time>,
    state: IncidentState,
    reason: Reason,
    cause: CauseJson<'a>,
    events: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<HoldJson<'a>>,
    steps: Vec<StepJson<'a>>,
    /// What SCS did by itself, where the steps were only told.
    #[serde(skip_serializing_if = "Option::is_none")]
    scs: Option<Beside>,
}

impl IncidentJson<'_> {
    pub fn beside(self, scs: Option<Beside>) -> Self {
        IncidentJson { scs, ..self }
    }
}

#[derive(Debug, Serialize, JsonSchema)]
struct CauseJson<'a> {
    id: &'a str,
    application: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct HoldJson<'a> {
    reason: Reason,
    detail: &'a str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct StepJson<'a> {
    id: String,
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    application: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dbid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vip: Option<&'a str>,
    host: &'a str,
    state: StepState,
    reason: Reason,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// Secrets as `***`; none if no command is configured.
    command: Option<Vec<String>>,
    started: Option<Time>,
    ended: Option<Time>,
    confirmed: Option<Time>,
}

/// An incident; `command` gives the argv of a step as it may be shown.
pub fn incident<'a>(
    solution: &'a Solution,
    incident: &'a Incident,
    command: impl Fn(&Incident, &Step) -> Option<Vec<String>>,
) -> IncidentJson<'a> {
    let host = |index: usize| &*solution.hosts[index].name;
    let steps = incident.steps.iter().enumerate().map(|(position, step)| {
        let application = step.application.map(|index| &solution.applications[index]);
        StepJson {
            id: format!("{}/{}", incident.id, position + 1),
            action: step.action,
            application: application.map(|each| &*each.name),
            dbid: application.map(|each| each.dbid),
            vip: solution.vip.as_deref().filter(|_| application.is_none()),
            host: host(step.host),
            state: step.state,
            reason: step.reason,
            detail: step.detail.as_deref(),
            command: command(incident, step),
            started: step.started.map(Time::whole_millis),
            ended: step.ended.map(Time::whole_millis),
            confirmed: step.confirmed.map(Time::whole_millis),
        }
    });
    IncidentJson {
        id: &incident.id,
        solution: &solution.name,
        from_host: incident.from.map(host),
        to_host: host(incident.to),
        opened: incident.opened.whole_millis(),
        closed: incident.closed.map(Time::whole_millis),
        state: incident.state,
        reason: incident.cause.reason,
        cause: CauseJson {
            id: &incident.cause.id,
            application: &solution.applications[incident.cause.application].name,
        },
        events: incident.events,
        hold: incident.hold.as_ref().map(|hold| HoldJson {
            reason: hold.reason,
            detail: &hold.detail,
        }),
        steps: steps.collect(),
        scs: None,
    }
}

/// `{"type":"alert",…}`: the opening or closing of something that a person should know, apart from incidents.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "alert")]
pub struct AlertJson<'a> {
    time: Time,
    solution: Option<&'a str>,
    class: AlertClass,
    key: &'a str,
    state: &'static str,
    text: &'a str,
}

pub fn alert<'a>(topology: &'a Topology, alert: &'a Alert) -> AlertJson<'a> {
    AlertJson {
        time: alert.at.whole_millis(),
        solution: alert.solution.map(|index| &*topology.solutions[index].name),
        class: alert.class,
        key: &alert.key,
        state: if alert.open { "open" } else { "closed" },
        text: &alert.text,
    }
}

/// `{"type":"permutation",…}`: how many plans the orders of one incident's events gave.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename = "permutation")]
pub struct PermutationJson<'a> {
    incident: &'a str,
    solution: &'a str,
    events: usize,
    orders: usize,
    sampled: bool,
    plans: usize,
}

pub fn permutation<'a>(
    topology: &'a Topology,
    permutation: &'a Permutation,
) -> PermutationJson<'a> {
    PermutationJson {
        incident: &permutation.incident,
        solution: &topology.solutions[permutation.solution].name,
        events: permutation.events,
        orders: permutation.orders,
        sampled: permutation.sampled,
        plans: permutation.plans.len(),
    }
}
