//! One incident: its timeline, the lines that it rests on, and why.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;

use super::board::icon;
use super::pair::escaped;
use crate::decide::Entry;
use crate::operate::failure::Failure;
use crate::operate::{View, history};
use crate::past::{Page, Past, Wanted};
use crate::report::Report;
use crate::snapshot::Outlook;
use crate::time::Time;
use crate::timeline;
use crate::why::{self, Question};

/// The first event came at most so long before the incident opened.
const BEFORE: Duration = Duration::from_secs(300);
/// The journal's wall clock may be that far from the engine's time.
const AFTER: Duration = Duration::from_secs(5);
/// So many entries are looked at, newest first.
const ENTRIES_MAX: usize = 20_000;

#[derive(Template)]
#[template(path = "incident.html")]
struct IncidentPage {
    drawn: &'static str,
    icon: &'static str,
    id: String,
    article: String,
    is_open: bool,
    why: String,
}

/// None if the journal knows nothing of it.
pub(super) fn page(
    view: &View,
    past: &mut dyn Past,
    id: &Arc<str>,
) -> Result<Option<String>, Failure> {
    let topology = &view.config.topology;
    let Some(told) = history::incident(&view.config, past, id)? else {
        return Ok(None);
    };
    let incident = &told.incident;
    let until = incident
        .closed
        .map_or(Time::from_micros(i64::MAX), |at| at.plus(AFTER));
    let span = Wanted::Between(incident.opened.minus(BEFORE), until);
    let mut report = Report::default();
    for written in past.entries(&span, Page::newest(ENTRIES_MAX))?.iter().rev() {
        report.take(&written.entry);
    }
    if incident.closed.is_none() {
        // What is open is drawn as it is now.
        report.take(&Entry::Closed {
            solution: told.solution,
            incident: Box::new(incident.clone()),
        });
    }
    let Some(article) = timeline::article(topology, &report, id)? else {
        return Ok(None);
    };
    let why = why::answer(topology, past, &Question::Incident(id.clone()))?;
    let page = IncidentPage {
        drawn: timeline::STYLE,
        icon: icon(Outlook::Moving),
        id: escaped(id),
        article,
        is_open: incident.closed.is_none(),
        why: why.map(|why| why::text(&why)).unwrap_or_default(),
    };
    Ok(Some(page.render()?))
}
