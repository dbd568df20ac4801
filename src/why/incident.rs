//! Why an incident: its storm, the decision with every gate, its steps with what became of each.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::sentence::{Line, Teller, does};
use crate::decide::{
    Entry, Hold, Incident, IncidentState, Move, Reading, Reason, State, StepState, readings,
};
use crate::past::{Page, Past, PastError, Wanted, Written};
use crate::report::Beside;
use crate::time::{Time, spoken};
use crate::topology::Topology;

/// Of one incident so many entries are looked at, newest first.
const ENTRIES_MAX: usize = 5_000;
/// So many events of its storm are told one by one.
const STORM_MAX: usize = 40;

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhyIncident {
    pub id: Arc<str>,
    pub solution: Arc<str>,
    pub from_host: Option<Arc<str>>,
    pub to_host: Arc<str>,
    pub opened: Time,
    pub closed: Option<Time>,
    pub state: IncidentState,
    pub reason: Reason,
    /// The event that opened it, or who asked for it.
    pub cause: String,
    /// How old the event was when it was decided upon, and what its age may be.
    pub age: Option<String>,
    pub hold: Option<String>,
    /// Every gate as it stood at the decision; none if the journal does not reach back so far.
    pub gates: Option<Vec<Reading>>,
    pub storm: Vec<Line>,
    /// Events beyond those told.
    pub more: usize,
    pub steps: Vec<StepWhy>,
    /// What else was decided for it.
    pub history: Vec<Line>,
    /// What SCS did by itself, where the steps were only told.
    pub scs: Option<Beside>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepWhy {
    /// `enable the VIP on vmhost2`
    pub step: String,
    pub state: StepState,
    pub reason: Reason,
    pub detail: Option<Arc<str>>,
    pub history: Vec<Line>,
}

pub(super) fn ask(
    topology: &Topology,
    past: &mut dyn Past,
    id: &Arc<str>,
) -> Result<Option<WhyIncident>, PastError> {
    let wanted = Wanted::Incident(id.clone());
    let mut entries = past.entries(&wanted, Page::newest(ENTRIES_MAX))?;
    entries.reverse();
    let opening = entries
        .iter()
        .find(|written| matches!(written.entry, Entry::Opened { .. }));
    let before = match opening {
        Some(opening) => past.before(opening.number)?,
        None => None,
    };
    let now = past.now()?;
    let Some((index, incident)) = last_word(id, &entries, &now) else {
        return Ok(None);
    };
    let told = why(topology, (index, &incident), &entries, before.as_ref());
    let scs = super::beside(topology, past, index, &incident)?;
    Ok(told.map(|told| WhyIncident { scs, ..told }))
}

/// From its last record, its entries in their order, and the state before it opened.
fn why(
    topology: &Topology,
    (index, incident): (usize, &Incident),
    entries: &[Written],
    before: Option<&State>,
) -> Option<WhyIncident> {
    let solution = topology.solutions.get(index)?;
    let host = |host: usize| solution.hosts.get(host).map(|host| host.name.clone());
    let mut teller = Teller::new(topology);
    teller.know(incident);
    let storm = events(&mut teller, entries);
    let gates = before.map(|state| {
        let wanted = Move {
            cause: incident.cause.trigger,
            to: incident.to,
            application: incident.cause.application,
        };
        readings(state, index, incident.opened, wanted)
    });
    Some(WhyIncident {
        id: incident.id.clone(),
        solution: solution.name.clone(),
        from_host: incident.from.and_then(host),
        to_host: host(incident.to)?,
        opened: incident.opened,
        closed: incident.closed,
        state: incident.state,
        reason: incident.cause.reason,
        cause: cause(incident, solution),
        age: age(entries, solution.policy.event_age_max),
        hold: incident.hold.as_ref().map(told_hold),
        gates,
        more: storm.len().saturating_sub(STORM_MAX),
        storm: storm.into_iter().take(STORM_MAX).collect(),
        steps: steps(&mut teller, incident, entries, solution),
        history: history(&mut teller, entries),
        scs: None,
    })
}

/// The newest record of the incident: the closed one, the open one, or the one that opened it.
fn last_word(id: &Arc<str>, entries: &[Written], now: &State) -> Option<(usize, Incident)> {
    let closed = entries
        .iter()
        .rev()
        .find_map(|written| match &written.entry {
            Entry::Closed { solution, incident } => Some((*solution, (**incident).clone())),
            _ => None,
        });
    let open = || {
        now.pairs.iter().enumerate().find_map(|(index, pair)| {
            let found = pair.incidents.iter().find(|each| each.id == *id)?;
            Some((index, found.clone()))
        })
    };
    let opened = || {
        entries
            .iter()
            .rev()
            .find_map(|written| match &written.entry {
                Entry::Opened { solution, incident } => Some((*solution, (**incident).clone())),
                _ => None,
            })
    };
    closed.or_else(open).or_else(opened)
}

fn cause(incident: &Incident, solution: &crate::topology::Solution) -> String {
    match &incident.operator {
        Some(operator) => format!("asked for by {operator}"),
        None => {
            let application = solution.applications.get(incident.cause.application);
            let name = application.map_or("?", |application| &*application.name);
            format!("{name} {}", incident.cause.id)
        }
    }
}

/// `0.4s when decided, at most 1m`
fn age(entries: &[Written], max: std::time::Duration) -> Option<String> {
    let decision = entries.iter().find_map(|written| match &written.entry {
        Entry::Decided(decision) => Some(decision),
        _ => None,
    })?;
    let age = decision.at.since(decision.event.time);
    Some(format!(
        "{} when decided (by its own stamp), at most {}",
        spoken(age),
        spoken(max)
    ))
}

fn told_hold(hold: &Hold) -> String {
    format!("{} ({})", hold.reason.sentence(), hold.detail)
}

fn events(teller: &mut Teller<'_>, entries: &[Written]) -> Vec<Line> {
    lines(teller, entries, |entry| matches!(entry, Entry::Decided(_)))
}

fn steps(
    teller: &mut Teller<'_>,
    incident: &Incident,
    entries: &[Written],
    solution: &crate::topology::Solution,
) -> Vec<StepWhy> {
    let told = incident.steps.iter().enumerate().map(|(position, step)| {
        let target = match step.application {
            Some(application) => solution
                .applications
                .get(application)
                .map(|each| &each.name),
            None => solution.hosts.get(step.host).map(|each| &each.name),
        };
        let target = target.map_or("?", |name| &**name);
        StepWhy {
            step: format!("{} {target}", does(step.action)),
            state: step.state,
            reason: step.reason,
            detail: step.detail.clone(),
            history: lines(teller, entries, |entry| step_of(entry) == Some(position)),
        }
    });
    told.collect()
}

fn history(teller: &mut Teller<'_>, entries: &[Written]) -> Vec<Line> {
    lines(teller, entries, |entry| {
        step_of(entry).is_none() && !matches!(entry, Entry::Decided(_))
    })
}

fn lines(
    teller: &mut Teller<'_>,
    entries: &[Written],
    wanted: impl Fn(&Entry) -> bool,
) -> Vec<Line> {
    let wanted = entries.iter().filter(|written| wanted(&written.entry));
    wanted
        .filter_map(|written| {
            let (time, text) = (written.at, teller.tell(&written.entry)?);
            Some(Line { time, text })
        })
        .collect()
}

fn step_of(entry: &Entry) -> Option<usize> {
    match entry {
        Entry::StepReady { step, .. }
        | Entry::StepMoved { step, .. }
        | Entry::StepRetried { step, .. }
        | Entry::StepEnded { step, .. }
        | Entry::StepConfirmed { step, .. } => Some(*step),
        _ => None,
    }
}
