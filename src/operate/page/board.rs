//! The whole page: the word for the wall, what is wrong, the pairs with the odd ones first, history, sources.

use std::time::Duration;

use askama::Template;

use super::pair::{Alert, Card, alert, card, escaped, primary};
use super::policy::{SCRIPT, STYLE};
use super::stamp::{Stamp, stamp};
use super::{Asked, History};
use crate::decide::{Incident, StepState};
use crate::escape::escape;
use crate::operate::View;
use crate::past::PastError;
use crate::snapshot::{Outlook, PairView, Snapshot, SourceState, SourceView, Summary};
use crate::time::{Time, spoken};
use crate::topology::{ActionMode, AlertClass};

/// So many pairs have a card: all of them, or the most urgent of those that are not well.
const CARDS_MAX: usize = 12;
/// So many pairs are named beside the word for all.
const URGENT_MAX: usize = 4;
/// So many pairs in short, and so many sources, are on one page.
const ROWS_MAX: usize = 100;

/// What the page tells beside the view.
pub(super) struct Around {
    /// The wall clock.
    pub(super) now: Time,
    pub(super) engine_moves: bool,
    pub(super) takes_verbs: bool,
}

#[derive(Template)]
#[template(path = "page.html")]
struct Board<'a> {
    style: &'static str,
    script: &'static str,
    icon: &'static str,
    around: &'a Around,
    now: Stamp,
    version: &'static str,
    running: String,
    outlook: Outlook,
    headline: &'static str,
    counts: Vec<(Outlook, usize)>,
    urgent: Vec<Urgent>,
    pairs: usize,
    alert_only: usize,
    faults: Vec<String>,
    alerts: Vec<Alert>,
    find: String,
    cards: Vec<Card>,
    /// The pairs that have no card.
    short: Vec<Short>,
    from: usize,
    earlier: Option<usize>,
    later: Option<usize>,
    history: Vec<Closed>,
    unread: Option<String>,
    before: Option<u64>,
    sources: Vec<Source>,
    sources_all: usize,
    sources_fresh: usize,
    sources_untold: usize,
}

/// A pair that the word for all stands for.
struct Urgent {
    name: String,
    why: String,
}

struct Short {
    name: String,
    outlook: Outlook,
    mode: ActionMode,
    primary: String,
    vip: String,
}

struct Closed {
    id: String,
    pair: String,
    from: String,
    to: String,
    state: &'static str,
    cause: String,
    opened: Stamp,
    took: String,
}

struct Source {
    file: String,
    state: SourceState,
    class: &'static str,
    application: String,
    host: String,
    grown: Option<Stamp>,
    lag: String,
    detail: String,
}

pub(super) fn board(
    view: &View,
    asked: &Asked,
    around: &Around,
    history: Result<History, PastError>,
) -> askama::Result<String> {
    let (snapshot, now) = (&view.snapshot, around.now);
    let summary = Summary::of(snapshot);
    let outlook = match around.engine_moves {
        true => summary.outlook,
        false => Outlook::NotArmed,
    };
    let (cards, rest) = chosen(snapshot, &asked.find);
    let page = rest.iter().skip(asked.from).take(ROWS_MAX);
    let end = asked.from + page.len();
    let (closed, unread) = match &history {
        Ok(history) => (&*history.closed, None),
        Err(error) => (
            &[][..],
            Some(format!("the journal cannot be read: {error}")),
        ),
    };
    let sources = in_order(&snapshot.sources);
    let page = Board {
        style: STYLE,
        script: SCRIPT,
        icon: icon(outlook),
        around,
        now: stamp(now, now),
        version: snapshot.daemon.version,
        running: running(snapshot, now),
        outlook,
        headline: match around.engine_moves {
            true => outlook.sentence(),
            false => "Standing still",
        },
        urgent: urgent(snapshot, outlook),
        counts: summary.pairs.into_iter().collect(),
        pairs: snapshot.solutions.len(),
        alert_only: summary.alert_only,
        faults: faults(snapshot, around),
        alerts: snapshot
            .alerts
            .iter()
            .take(ROWS_MAX)
            .map(|each| alert(each, now))
            .collect(),
        find: escaped(&asked.find),
        cards: cards.into_iter().map(|pair| card(pair, now)).collect(),
        short: page.map(|pair| short(pair)).collect(),
        from: asked.from,
        earlier: (asked.from > 0).then(|| asked.from.saturating_sub(ROWS_MAX)),
        later: (end < rest.len()).then_some(end),
        history: closed
            .iter()
            .filter_map(|(solution, incident)| self::closed(view, *solution, incident, now))
            .collect(),
        unread,
        before: history.as_ref().ok().and_then(|history| history.before),
        sources: sources
            .iter()
            .take(ROWS_MAX)
            .map(|each| source(each, now))
            .collect(),
        sources_all: summary.sources,
        sources_fresh: summary.sources_fresh,
        sources_untold: sources.len().saturating_sub(ROWS_MAX),
    };
    page.render()
}

/// Those with a card and those in short; the most urgent first, otherwise as they are configured.
fn chosen<'a>(snapshot: &'a Snapshot, find: &str) -> (Vec<&'a PairView>, Vec<&'a PairView>) {
    let find = find.trim().to_lowercase();
    let has = |name: &str| name.to_lowercase().contains(&find);
    let is_found = |pair: &&PairView| {
        has(&pair.name)
            || pair.hosts.iter().any(|host| has(&host.name))
            || pair.applications.iter().any(|each| has(&each.name))
    };
    let mut found: Vec<&PairView> = snapshot.solutions.iter().filter(is_found).collect();
    found.sort_by_key(|pair| pair.outlook);
    let odd = found
        .iter()
        .filter(|pair| pair.outlook != Outlook::Well)
        .count();
    let cards = match found.len() {
        few if few <= CARDS_MAX => few,
        _ => odd.min(CARDS_MAX),
    };
    let rest = found.split_off(cards);
    (found, rest)
}

fn urgent(snapshot: &Snapshot, outlook: Outlook) -> Vec<Urgent> {
    let is_it = |pair: &&PairView| pair.outlook == outlook && outlook != Outlook::Well;
    let pairs = snapshot.solutions.iter().filter(is_it).take(URGENT_MAX);
    let urgent = pairs.map(|pair| Urgent {
        name: escaped(&pair.name),
        why: why(pair),
    });
    urgent.collect()
}

/// What makes the pair stand as it does, in a few words.
fn why(pair: &PairView) -> String {
    let alert = |class: AlertClass| {
        let alert = pair
            .alerts
            .iter()
            .find(|alert| *alert.class == *class.word());
        alert.map(|alert| escaped(&alert.text))
    };
    let told = match pair.outlook {
        Outlook::Moving => pair
            .incidents
            .iter()
            .find(|each| each.reacting)
            .map(|incident| {
                let done = incident
                    .steps
                    .iter()
                    .filter(|step| !is_under_way(step.state))
                    .count();
                let steps = incident.steps.len();
                format!(
                    "to {}, {done} of {steps} steps over",
                    escape(&incident.to_host)
                )
            }),
        Outlook::InDanger => alert(AlertClass::Incident),
        Outlook::Held => {
            let hold = pair
                .holds
                .first()
                .map(|hold| hold.reason.sentence().to_owned());
            hold.or_else(|| alert(AlertClass::Hold))
        }
        Outlook::Owed => alert(AlertClass::Owed),
        Outlook::RedundancyLost => alert(AlertClass::Redundancy),
        Outlook::NotArmed | Outlook::Blind | Outlook::JustMoved | Outlook::Well => None,
    };
    told.unwrap_or_default()
}

fn is_under_way(state: StepState) -> bool {
    matches!(
        state,
        StepState::Planned | StepState::Started | StepState::Unknown
    )
}

fn running(snapshot: &Snapshot, now: Time) -> String {
    match snapshot.daemon.started {
        Some(started) => {
            let seconds = now.since(started).as_secs();
            let shown = if seconds < 60 {
                seconds
            } else {
                seconds / 60 * 60
            };
            format!("running for {}", spoken(Duration::from_secs(shown)))
        }
        None => "starting".into(),
    }
}

/// What keeps the daemon from its work.
fn faults(snapshot: &Snapshot, around: &Around) -> Vec<String> {
    let daemon = &snapshot.daemon;
    let still = "The engine has not shown itself for a while: what stands here is old.";
    let journal = daemon.journal_fault.as_ref();
    let all = [
        (!around.engine_moves).then(|| still.to_owned()),
        journal.map(|fault| {
            format!(
                "The journal takes no entries, so nothing acts: {}",
                escape(fault)
            )
        }),
        daemon
            .not_armed
            .as_ref()
            .map(|why| format!("Nothing is carried out: {}", escape(why))),
    ];
    all.into_iter().flatten().collect()
}

fn short(pair: &PairView) -> Short {
    Short {
        name: escaped(&pair.name),
        outlook: pair.outlook,
        mode: pair.mode,
        primary: primary(pair),
        vip: pair.vip.as_ref().map_or(String::new(), |vip| {
            let host = vip.host.as_deref().map_or("?".into(), escape);
            format!("{} on {host}", escape(&vip.address))
        }),
    }
}

fn closed(view: &View, solution: usize, incident: &Incident, now: Time) -> Option<Closed> {
    let described = view.config.topology.solutions.get(solution)?;
    let shown = crate::snapshot::incident_view(described, incident);
    let took = incident
        .reaction_ended
        .map(|ended| spoken(ended.since(incident.opened)));
    Some(Closed {
        id: escaped(&shown.id),
        pair: escaped(&described.name),
        from: shown.from_host.as_deref().map_or("?".into(), escaped),
        to: escaped(&shown.to_host),
        state: shown.state.word(),
        cause: match &shown.operator {
            Some(operator) => format!("asked for by {}", escape(operator)),
            None => escaped(&shown.cause),
        },
        opened: stamp(incident.opened, now),
        took: took.filter(|_| !incident.is_held()).unwrap_or_default(),
    })
}

/// What is not fresh first.
fn in_order(sources: &[SourceView]) -> Vec<&SourceView> {
    let mut sources: Vec<&SourceView> = sources.iter().collect();
    sources.sort_by_key(|source| source.state == SourceState::Fresh);
    sources
}

fn source(source: &SourceView, now: Time) -> Source {
    Source {
        file: escaped(&source.file),
        state: source.state,
        class: match source.state {
            SourceState::Fresh => "up",
            SourceState::Unreadable | SourceState::Lost => "down",
            SourceState::Silent | SourceState::Lagging | SourceState::Awaited => "idle",
        },
        application: source.application.as_deref().map_or(String::new(), escaped),
        host: source.host.as_deref().map_or(String::new(), escaped),
        grown: source.grown.map(|grown| stamp(grown, now)),
        lag: source.lag.map(spoken).unwrap_or_default(),
        detail: source.detail.as_deref().map_or(String::new(), escaped),
    }
}

/// The colour of the browser's tab.
pub(super) fn icon(outlook: Outlook) -> &'static str {
    match outlook {
        Outlook::Well | Outlook::JustMoved => "%2314804a",
        Outlook::Moving => "%236b3fc9",
        Outlook::NotArmed | Outlook::InDanger => "%23c8322b",
        Outlook::Held | Outlook::Owed | Outlook::Blind | Outlook::RedundancyLost => "%23b26a00",
    }
}
