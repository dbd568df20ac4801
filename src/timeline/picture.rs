//! One incident as swim lanes on one corrected clock: hosts from top to bottom, time from left to right.
//!
//! Across, everything stands in percent, so that the picture fits any screen; down, in pixels.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::apart::{Spot, apart, rows};
use super::scale::{Percent, Scale, Tick};
use super::shape::{Shape, shape};
use super::steps::{Chip, Stretch, chip, presence};
use crate::decide::{Decision, IncidentState};
use crate::escape::escape;
use crate::report::{Account, Report};
use crate::story::{Names, QUIET, offset, verdict};
use crate::time::Time;
use crate::topology::Solution;

const AXIS: u32 = 40;
const BAND_HEAD: u32 = 29;
const BAND_FOOT: u32 = 6;
const LANE_HEAD: u32 = 27;
const ROW: u32 = 15;
const CHIP: u32 = 24;
const LANE_FOOT: u32 = 7;

/// What was seen so shortly before and after the storm belongs into its picture.
const AROUND: Duration = Duration::from_secs(1);
/// A tooltip tells so many of the events that one mark stands for.
const TOLD_MAX: usize = 8;

pub(super) struct Picture {
    pub(super) height: u32,
    pub(super) ticks: Vec<Tick>,
    pub(super) bands: Vec<Band>,
    pub(super) lanes: Vec<Lane>,
    pub(super) decision: Moment,
    pub(super) legend: Vec<Shape>,
}

/// The lanes of one host, or those of neither.
pub(super) struct Band {
    pub(super) y: u32,
    pub(super) height: u32,
    pub(super) title: String,
    pub(super) note: &'static str,
}

pub(super) struct Lane {
    pub(super) y: u32,
    pub(super) name: String,
    pub(super) note: String,
    pub(super) line: u32,
    pub(super) presence: Vec<Stretch>,
    pub(super) marks: Vec<Mark>,
    pub(super) chips: Vec<Chip>,
}

pub(super) struct Mark {
    pub(super) x: Percent,
    pub(super) y: u32,
    pub(super) shape: Shape,
    /// The event that opened the incident, or was held.
    pub(super) opens: bool,
    /// How many events it stands for, if more than one.
    pub(super) count: Option<usize>,
    /// Shown where the screen is wide and there is room.
    pub(super) label: Option<String>,
    pub(super) title: String,
}

pub(super) struct Moment {
    pub(super) x: Percent,
    pub(super) label: String,
    pub(super) held: bool,
    /// The label stands left of the line.
    pub(super) left: bool,
}

/// What a lane is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Application(usize),
    Vip(usize),
    Log(String),
}

pub(super) fn picture(
    solution: &Solution,
    account: &Account,
    report: &Report,
    names: &Names,
) -> Picture {
    let events = events(account, report);
    let scale = scale(account, &events);
    let mut at_place: BTreeMap<Place, Vec<&Decision>> = BTreeMap::new();
    for decision in &events {
        let place = match decision.application {
            Some(application) => Place::Application(application),
            None => Place::Log(names.log(&decision.event.origin.file)),
        };
        at_place.entry(place).or_default().push(decision);
    }
    let (mut y, mut bands, mut lanes) = (AXIS, Vec::new(), Vec::new());
    for (title, note, places) in bands_of(solution, account, &at_place) {
        let top = y;
        y += BAND_HEAD;
        for place in places {
            let decisions = at_place.get(&place).map_or(&[][..], Vec::as_slice);
            let lane = lane(solution, account, &scale, names, &place, decisions, y);
            y += lane.1;
            lanes.push(lane.0);
        }
        y += BAND_FOOT;
        bands.push(Band {
            y: top,
            height: y - top - 2,
            title,
            note,
        });
    }
    let legend: BTreeSet<Shape> = events.iter().map(|each| shape(each.event.kind)).collect();
    Picture {
        height: y,
        ticks: scale.ticks(),
        bands,
        lanes,
        decision: moment(account, &scale),
        legend: legend.into_iter().collect(),
    }
}

/// The evidence, and what else was said of the pair at that time, by the corrected clock.
fn events<'a>(account: &'a Account, report: &'a Report) -> Vec<&'a Decision> {
    let mut events = account.in_order();
    if let Some((first, last)) = account.storm() {
        let (from, to) = (first.minus(AROUND), last.plus(AROUND));
        let near = report
            .outside
            .iter()
            .filter(|(reason, _)| !QUIET.contains(reason))
            .flat_map(|(_, outside)| &outside.examples)
            .filter(|each| each.solution == Some(account.solution))
            .filter(|each| from <= each.stamp && each.stamp <= to);
        events.extend(near);
        events.sort_by_key(|decision| decision.stamp);
    }
    events
}

fn scale(account: &Account, events: &[&Decision]) -> Scale {
    let incident = &account.incident;
    let steps = incident
        .steps
        .iter()
        .flat_map(|step| [step.started, step.confirmed])
        .flatten();
    let times: Vec<Time> = events
        .iter()
        .map(|decision| decision.stamp)
        .chain(steps)
        .chain([incident.opened])
        .collect();
    let begin = times.iter().min().copied().unwrap_or(incident.opened);
    let end = times.iter().max().copied().unwrap_or(incident.opened);
    Scale::new(begin, end, account.began())
}

/// Title, note and lanes of each band: the host that was primary, the one that becomes it, and all else.
fn bands_of(
    solution: &Solution,
    account: &Account,
    at_place: &BTreeMap<Place, Vec<&Decision>>,
) -> Vec<(String, &'static str, Vec<Place>)> {
    let incident = &account.incident;
    let is_target = |index: usize| {
        incident
            .steps
            .iter()
            .any(|step| step.application == Some(index))
    };
    let lanes_of = |host: Option<usize>| -> Vec<Place> {
        (0..solution.applications.len())
            .filter(|index| solution.applications[*index].host == host)
            .filter(|index| at_place.contains_key(&Place::Application(*index)) || is_target(*index))
            .map(Place::Application)
            .collect()
    };
    let old = match incident.from {
        Some(_) => "was primary",
        None => "",
    };
    let new = if incident.state == IncidentState::Completed {
        "becomes primary"
    } else {
        "was to become primary"
    };
    let mut bands = Vec::new();
    for (host, note) in [(1 - incident.to, old), (incident.to, new)] {
        let mut places = lanes_of(Some(host));
        if solution.vip.is_some() {
            places.push(Place::Vip(host));
        }
        bands.push((escaped(&solution.hosts[host].name), note, places));
    }
    let mut others = lanes_of(None);
    let logs = at_place
        .keys()
        .filter(|place| matches!(place, Place::Log(_)));
    others.extend(logs.cloned());
    if !others.is_empty() {
        bands.push(("Outside of the pair".into(), "", others));
    }
    bands
}

/// The lane, and its height.
fn lane(
    solution: &Solution,
    account: &Account,
    scale: &Scale,
    names: &Names,
    place: &Place,
    decisions: &[&Decision],
    y: u32,
) -> (Lane, u32) {
    let incident = &account.incident;
    let (name, note) = named(solution, place);
    let places: Vec<Percent> = decisions.iter().map(|each| scale.x(each.stamp)).collect();
    let spots = apart(&places);
    let line = y + LANE_HEAD;
    let marks: Vec<Mark> = spots
        .iter()
        .map(|spot| mark(spot, decisions, account, names, line))
        .collect();
    let below = LANE_HEAD + ROW * u32::try_from(rows(&spots)).unwrap_or(0).max(1);
    let steps = incident
        .steps
        .iter()
        .zip(1..)
        .filter(|(step, _)| match place {
            Place::Application(index) => step.application == Some(*index),
            Place::Vip(host) => step.application.is_none() && step.host == *host,
            Place::Log(_) => false,
        });
    let chips: Vec<Chip> = steps
        .zip(0..)
        .map(|((step, number), row)| {
            chip(incident, step, number, scale, y + below + CHIP * row + 4)
        })
        .collect();
    let presence = match place {
        Place::Vip(host) => presence(incident, *host, scale),
        _ => Vec::new(),
    };
    let height = below + CHIP * u32::try_from(chips.len()).unwrap_or(0) + LANE_FOOT;
    let lane = Lane {
        y: y + 11,
        name,
        note,
        line,
        presence,
        marks,
        chips,
    };
    (lane, height)
}

fn named(solution: &Solution, place: &Place) -> (String, String) {
    match place {
        Place::Application(index) => {
            let application = &solution.applications[*index];
            (
                escaped(&application.name),
                format!(
                    "{}, DBID {}",
                    escaped(&application.component.name),
                    application.dbid
                ),
            )
        }
        Place::Vip(_) => (
            "VIP".into(),
            escaped(solution.vip.as_deref().unwrap_or_default()),
        ),
        // Names of logs are escaped already.
        Place::Log(name) => (name.clone(), "log".into()),
    }
}

fn mark(spot: &Spot, decisions: &[&Decision], account: &Account, names: &Names, line: u32) -> Mark {
    let of_it: Vec<&Decision> = spot
        .members
        .iter()
        .filter_map(|member| decisions.get(*member).copied())
        .collect();
    let opening = account.opening().map(|opening| &opening.event.origin);
    let opens = of_it
        .iter()
        .any(|decision| Some(&decision.event.origin) == opening);
    let mut titles: Vec<String> = of_it
        .iter()
        .take(TOLD_MAX)
        .map(|decision| title(decision, account, names))
        .collect();
    if of_it.len() > TOLD_MAX {
        titles.push(format!("… and {} more", of_it.len() - TOLD_MAX));
    }
    let count = (of_it.len() > 1).then_some(of_it.len());
    let label = match (of_it.first(), count) {
        (_, Some(count)) => format!("×{count}"),
        (Some(decision), None) => escape(decision.event.id.trim_start_matches('0')).into_owned(),
        (None, None) => String::new(),
    };
    // About 7 pixels for a character, on a picture of 1000.
    let fits = spot.free > 1.6 + 0.7 * label.chars().count() as f64;
    let kind = of_it
        .first()
        .map_or(crate::event::EventKind::Noted, |decision| {
            decision.event.kind
        });
    Mark {
        x: spot.x,
        y: line + ROW * u32::try_from(spot.row).unwrap_or(0),
        shape: shape(kind),
        opens,
        count,
        label: fits.then_some(label),
        title: titles.join("\n"),
    }
}

/// `+0.538 VM_SIPServer_2.log:66 04563 Hot Standby (Primary) mode activated: OPENS`
fn title(decision: &Decision, account: &Account, names: &Names) -> String {
    let event = &decision.event;
    format!(
        "{} {} {} {} ({}): {}",
        offset(decision.stamp, account.began()),
        names.place(&event.origin),
        escape(&event.id),
        escape(&event.text),
        event.kind,
        verdict(decision.verdict),
    )
}

fn moment(account: &Account, scale: &Scale) -> Moment {
    let incident = &account.incident;
    let x = scale.x(incident.opened);
    let held = incident.hold.is_some();
    let word = if held { "held" } else { "decision" };
    let at = offset(incident.opened, account.began());
    Moment {
        x,
        label: format!("{word} {at}"),
        held,
        left: x.0 > 65.0,
    }
}

fn escaped(text: &str) -> String {
    escape(text).into_owned()
}
