//! Incidents drawn as one self-contained page: swim lanes on one corrected clock, the story's sentences, and tables of
//! the steps and events. One file, without scripts, light or dark as the reader's system is.
//!
//! All that comes from a log is escaped twice over: control characters by `escape`, markup by the template.

mod apart;
mod picture;
mod scale;
mod shape;
mod steps;

use askama::Template;

use crate::escape::escape;
use crate::report::{Account, Report};
use crate::story::{
    Clock, Names, aftermath, counted, decision, grounds, offset, route, state, storm, target, verb,
    verdict, who, why,
};
use crate::time::spoken;
use crate::topology::{Solution, Topology};
use picture::{Picture, picture};

/// Of the page, and of whatever shows an [`article`].
pub const STYLE: &str = include_str!("../templates/timeline.css");

/// The page of all incidents of a report.
pub fn page(topology: &Topology, report: &Report) -> askama::Result<String> {
    let names = Names::of(report);
    let incidents: Vec<Drawn> = report
        .accounts
        .iter()
        .map(|account| {
            let solution = &topology.solutions[account.solution];
            drawn(solution, account, report, &names)
        })
        .collect();
    Page { incidents }.render()
}

/// One incident of a report as a part of another page; none if the report does not have it.
pub fn article(topology: &Topology, report: &Report, id: &str) -> askama::Result<Option<String>> {
    let Some(account) = report
        .accounts
        .iter()
        .rfind(|account| *account.incident.id == *id)
    else {
        return Ok(None);
    };
    let solution = &topology.solutions[account.solution];
    let incident = drawn(solution, account, report, &Names::of(report));
    Article { incident }.render().map(Some)
}

#[derive(Template)]
#[template(path = "timeline.html")]
struct Page {
    incidents: Vec<Drawn>,
}

#[derive(Template)]
#[template(path = "timeline-article.html")]
struct Article {
    incident: Drawn,
}

/// One incident as the template fills it in.
struct Drawn {
    id: String,
    solution: String,
    route: String,
    state: &'static str,
    /// For the title of a page of one incident.
    answer: &'static str,
    day: String,
    storm: String,
    decision: String,
    grounds: Vec<String>,
    aftermath: Vec<String>,
    picture: Picture,
    steps: Vec<StepRow>,
    events: Vec<EventRow>,
    untold: Option<String>,
}

struct StepRow {
    number: usize,
    verb: &'static str,
    target: String,
    state: &'static str,
    class: &'static str,
    started: String,
    seen: String,
    why: String,
}

struct EventRow {
    time: String,
    offset: String,
    who: String,
    id: String,
    kind: &'static str,
    class: &'static str,
    verdict: &'static str,
    reason: String,
    place: String,
    text: String,
}

fn drawn(solution: &Solution, account: &Account, report: &Report, names: &Names) -> Drawn {
    let incident = &account.incident;
    let clock = Clock::of(account.began());
    Drawn {
        id: escape(&incident.id).into_owned(),
        solution: escape(&solution.name).into_owned(),
        route: escape(&route(solution, incident)).replace("->", "→"),
        state: incident.state.word(),
        answer: if incident.is_held() {
            "held"
        } else {
            "one reaction set"
        },
        day: clock.day().to_string(),
        storm: storm(account, names),
        decision: decision(account, solution, &clock),
        grounds: grounds(account, solution),
        aftermath: aftermath(account, solution),
        picture: picture(solution, account, report, names),
        steps: step_rows(solution, account),
        events: event_rows(solution, account, &clock),
        untold: (account.more > 0).then(|| counted(account.more, "event")),
    }
}

fn step_rows(solution: &Solution, account: &Account) -> Vec<StepRow> {
    let incident = &account.incident;
    let first = account.began();
    let rows = incident.steps.iter().zip(1..).map(|(step, number)| {
        let seen = step.confirmed.map(|seen| match step.started {
            Some(started) => format!(
                "{}, {} later",
                offset(seen, first),
                spoken(seen.since(started))
            ),
            None => offset(seen, first),
        });
        StepRow {
            number,
            verb: verb(step.action),
            target: escape(target(solution, step)).into_owned(),
            state: state(step.state),
            class: steps::class(step.state),
            started: step.started.map(|at| offset(at, first)).unwrap_or_default(),
            seen: seen.unwrap_or_default(),
            why: why(incident, step),
        }
    });
    rows.collect()
}

fn event_rows(solution: &Solution, account: &Account, clock: &Clock) -> Vec<EventRow> {
    let rows = account.in_order().into_iter().map(|decision| {
        let event = &decision.event;
        EventRow {
            time: clock.tell(decision.stamp),
            offset: offset(decision.stamp, account.began()),
            who: who(solution, decision),
            id: escape(&event.id).into_owned(),
            kind: event.kind.word(),
            class: shape::shape(event.kind).class,
            verdict: verdict(decision.verdict),
            reason: match &decision.detail {
                Some(detail) => format!("{} ({})", decision.reason.sentence(), escape(detail)),
                None => decision.reason.sentence().into(),
            },
            place: format!("{}:{}", escape(&event.origin.file), event.origin.line),
            text: escape(&event.text).into_owned(),
        }
    });
    rows.collect()
}

#[cfg(test)]
mod tests;
