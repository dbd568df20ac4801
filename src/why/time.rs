//! Why at a time: what was believed then, and what was decided around it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::sentence::{Line, Teller};
use crate::decide::{Entry, State};
use crate::past::{Page, Past, PastError, Wanted};
use crate::time::{Time, spoken};
use crate::topology::Topology;

/// Where nothing was decided in the nearer span, the wider one is told.
const SPANS: [Duration; 3] = [
    Duration::from_secs(60),
    Duration::from_secs(600),
    Duration::from_secs(7200),
];
const LINES_MAX: usize = 200;

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhyTime {
    pub time: Time,
    pub from: Time,
    pub to: Time,
    /// One sentence for each pair: who was primary, where the VIP was, what held. None where nothing tells any more.
    pub believed: Vec<String>,
    pub lines: Vec<Line>,
    /// More was decided than is told.
    pub more: bool,
}

pub(super) fn ask(
    topology: &Topology,
    past: &mut dyn Past,
    at: Time,
) -> Result<WhyTime, PastError> {
    let mut found = Vec::new();
    let (mut from, mut to) = (at, at);
    for span in SPANS {
        (from, to) = (at.minus(span), at.plus(span));
        found = past.entries(&Wanted::Between(from, to), Page::newest(LINES_MAX * 10))?;
        if found.iter().any(|written| is_decision(&written.entry)) {
            break;
        }
    }
    found.reverse();
    let next = found.iter().find(|written| written.at >= at);
    let end = found.last().map(|written| written.number + 1);
    let believed = match next.map(|written| written.number).or(end) {
        Some(number) => past.before(number)?,
        None => Some(past.now()?),
    };
    let mut teller = Teller::new(topology);
    let pairs = believed.iter().flat_map(|state| &state.pairs);
    for incident in pairs.flat_map(|pair| &pair.incidents) {
        teller.know(incident);
    }
    let mut lines: Vec<Line> = found
        .iter()
        .filter_map(|written| {
            let (time, text) = (written.at, teller.tell(&written.entry)?);
            Some(Line { time, text })
        })
        .collect();
    let more = lines.len() > LINES_MAX;
    lines.truncate(LINES_MAX);
    Ok(WhyTime {
        time: at,
        from,
        to,
        believed: believed.as_ref().map(beliefs).unwrap_or_default(),
        lines,
        more,
    })
}

fn is_decision(entry: &Entry) -> bool {
    !matches!(
        entry,
        Entry::Observed { .. } | Entry::Alive { .. } | Entry::Reported { .. }
    )
}

/// `east: vmhost1 primary, VIP on vmhost1, blocked for another 2m`
fn beliefs(state: &State) -> Vec<String> {
    let pairs = state.topology.solutions.iter().zip(&state.pairs);
    pairs
        .map(|(solution, pair)| {
            let host = |host: Option<usize>| {
                host.and_then(|host| solution.hosts.get(host))
                    .map_or("nobody knows where", |host| &*host.name)
            };
            let primary = match pair.primary {
                Some(_) => format!("{} primary", host(pair.primary)),
                None => "nobody knows which host was primary".into(),
            };
            let mut told = format!("{}: {primary}, VIP on {}", solution.name, host(pair.vip_at));
            if pair.pause.is_some() {
                told.push_str(", paused");
            }
            if let Some(lock) = &pair.lock {
                told.push_str(&format!(", locked by {lock}"));
            }
            let block = pair.block.as_ref().filter(|block| block.until > state.now);
            if let Some(block) = block {
                let left = spoken(block.until.since(state.now));
                told.push_str(&format!(", blocked for another {left}"));
            }
            told
        })
        .collect()
}
