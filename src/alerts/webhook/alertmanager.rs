//! The body of Prometheus Alertmanager's API, version 2: `POST /api/v2/alerts`.
//!
//! Alerts are the same if their labels are, so labels are made of what is the same from an opening to its closing.
//! An alert without an end is forgotten after five minutes unless it is posted again and again; ours are told once,
//! so what lasts is given an end far off, and its closing brings the true one.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::alerts::wording::{cut, lines, one_line, severity};
use crate::alerts::{Notice, Phase};
use crate::time::Time;

/// What lasts ends at the latest so long after it was told.
const LASTING: Duration = Duration::from_secs(30 * 24 * 3600);
/// What only passes by fires for so long.
const PASSING: Duration = Duration::from_secs(300);

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Alert {
    labels: BTreeMap<&'static str, String>,
    annotations: BTreeMap<&'static str, String>,
    starts_at: Time,
    ends_at: Time,
}

pub(super) fn alerts(notice: &Notice) -> [Alert; 1] {
    let opening = notice.opening();
    let mut labels = BTreeMap::from([
        ("alertname", name(opening.class.word())),
        ("key", one_line(&notice.key, 200)),
        ("severity", severity(opening.severity).to_owned()),
    ]);
    if let Some(solution) = &notice.solution {
        labels.insert("solution", one_line(solution, 200));
    }
    if let Some(event) = &notice.event {
        labels.insert("event", one_line(&event.id, 100));
    }
    let annotations = BTreeMap::from([
        ("summary", one_line(&notice.title, 1_000)),
        ("description", cut(&lines(&notice.text, 8_000), 8_000)),
    ]);
    let ends_at = match notice.phase {
        Phase::Close => notice.time.max(opening.time),
        _ if notice.lasts() => notice.time.plus(LASTING),
        _ => notice.time.plus(PASSING),
    };
    [Alert {
        labels,
        annotations,
        starts_at: opening.time,
        ends_at,
    }]
}

/// `TailswitchIncident`, as the rules in `packaging/` name theirs.
fn name(class: &str) -> String {
    let mut letters = class.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    "Tailswitch".chars().chain(first).chain(letters).collect()
}
