//! What was, read from the journal: incidents and debts, as API and commands show them.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::config::Config;
use crate::decide::{Entry, Incident};
use crate::json::{self, IncidentJson};
use crate::past::{Page, Past, PastError, Wanted};
use crate::report::Beside;
use crate::snapshot::{DebtView, Snapshot};
use crate::why;

/// Incidents, newest first, each with the index of its solution.
#[derive(Clone, Debug)]
pub struct Incidents {
    pub found: Vec<(usize, Incident)>,
    /// Where the next page begins; none if there is none.
    pub before: Option<u64>,
}

/// As they are published.
#[derive(Debug, Serialize, JsonSchema)]
pub struct IncidentsShown<'a> {
    pub incidents: Vec<IncidentJson<'a>>,
    pub before: Option<u64>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Owed {
    pub owed: Vec<DebtView>,
}

/// The open ones first, where the page is the newest one.
pub fn incidents(
    config: &Config,
    past: &mut dyn Past,
    solution: Option<&str>,
    page: Page,
) -> Result<Incidents, PastError> {
    let wanted = |index: usize| {
        let described = config.topology.solutions.get(index);
        described.is_some_and(|each| solution.is_none_or(|name| *each.name == *name))
    };
    let mut found = Vec::new();
    if page.before.is_none() {
        let state = past.now()?;
        for (index, pair) in state.pairs.into_iter().enumerate() {
            found.extend(pair.incidents.into_iter().map(|incident| (index, incident)));
        }
        found.sort_by_key(|(_, incident)| std::cmp::Reverse(incident.opened));
    }
    let closed = past.entries(&Wanted::Closed, page)?;
    let full = closed.len() == page.limit;
    let before = closed.last().map(|written| written.number).filter(|_| full);
    found.extend(
        closed
            .into_iter()
            .filter_map(|written| match written.entry {
                Entry::Closed { solution, incident } => Some((solution, *incident)),
                _ => None,
            }),
    );
    found.retain(|(index, _)| wanted(*index));
    Ok(Incidents { found, before })
}

/// One incident as it is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// Index into the topology's solutions.
    pub solution: usize,
    pub incident: Incident,
    /// What SCS did by itself, where the steps were only told.
    pub scs: Option<Beside>,
}

/// The last record of one incident.
pub fn incident(
    config: &Config,
    past: &mut dyn Past,
    id: &Arc<str>,
) -> Result<Option<Told>, PastError> {
    let Some((solution, incident)) = last_word(past, id)? else {
        return Ok(None);
    };
    let scs = why::beside(&config.topology, past, solution, &incident)?;
    Ok(Some(Told {
        solution,
        incident,
        scs,
    }))
}

fn last_word(past: &mut dyn Past, id: &Arc<str>) -> Result<Option<(usize, Incident)>, PastError> {
    let entries = past.entries(&Wanted::Incident(id.clone()), Page::newest(1_000))?;
    let closed = entries.into_iter().find_map(|written| match written.entry {
        Entry::Closed { solution, incident } => Some((solution, *incident)),
        _ => None,
    });
    if closed.is_some() {
        return Ok(closed);
    }
    let state = past.now()?;
    let pairs = state.pairs.into_iter().enumerate();
    let mut open = pairs.flat_map(|(index, pair)| {
        let incidents = pair.incidents.into_iter();
        incidents.map(move |incident| (index, incident))
    });
    Ok(open.find(|(_, incident)| incident.id == *id))
}

pub fn owed(snapshot: &Snapshot) -> Owed {
    let debts = snapshot.solutions.iter().flat_map(|pair| &pair.owed);
    Owed {
        owed: debts.cloned().collect(),
    }
}

impl Told {
    pub fn shown<'a>(&'a self, config: &'a Config) -> Option<IncidentJson<'a>> {
        let described = config.topology.solutions.get(self.solution)?;
        let command =
            |incident: &Incident, step: &_| config.shown_command(self.solution, incident, step);
        let shown = json::incident(described, &self.incident, command);
        Some(shown.beside(self.scs.clone()))
    }
}

impl Incidents {
    pub fn shown<'a>(&'a self, config: &'a Config) -> IncidentsShown<'a> {
        let shown = self.found.iter().filter_map(|(index, incident)| {
            let described = config.topology.solutions.get(*index)?;
            let command =
                |incident: &Incident, step: &_| config.shown_command(*index, incident, step);
            Some(json::incident(described, incident, command))
        });
        IncidentsShown {
            incidents: shown.collect(),
            before: self.before,
        }
    }

    /// One object a line.
    pub fn lines(&self, config: &Config) -> serde_json::Result<String> {
        let mut text = String::new();
        for incident in self.shown(config).incidents {
            text.push_str(&json::line(&incident)?);
            text.push('\n');
        }
        Ok(text)
    }
}
