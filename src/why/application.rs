//! Why an application: what is believed of it, by which line, and what was decided about it last.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::sentence::{Line, Teller};
use crate::decide::{Decision, Entry, Reason, State, Verdict};
use crate::event::Mode;
use crate::past::{Page, Past, PastError, Wanted, Written};
use crate::snapshot::{ApplicationView, application_view};
use crate::topology::{Solution, Topology};

/// So many decisions about it are told.
const DECISIONS_MAX: usize = 10;
/// So many decisions are read at once, and so often, to find them.
const PAGE: usize = 500;
const PAGES_MAX: usize = 40;
/// Of so many decisions the state before them is read again.
const EXPLAINED_MAX: usize = 3;

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhyApplication {
    pub solution: Arc<str>,
    pub believed: ApplicationView,
    /// Whether its host is primary, and by which statement.
    pub standing: String,
    /// Newest first.
    pub decisions: Vec<DecisionWhy>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DecisionWhy {
    #[serde(flatten)]
    pub line: Line,
    pub verdict: Verdict,
    pub reason: Reason,
    /// In words what the reason alone does not say.
    pub because: Option<String>,
}

pub(super) fn ask(
    topology: &Topology,
    past: &mut dyn Past,
    at: (usize, usize),
) -> Result<Option<WhyApplication>, PastError> {
    let found = decisions(past, at)?;
    let now = past.now()?;
    let mut told = Vec::new();
    for (written, decision) in &found {
        let unclear = decision.reason == Reason::BackupHostFailure && told.len() < EXPLAINED_MAX;
        let because = match unclear {
            true => past
                .before(written.number)?
                .and_then(|state| standing(&state, at, "was")),
            false => None,
        };
        let text = Teller::new(topology).tell(&written.entry);
        told.push(DecisionWhy {
            line: Line {
                time: written.at,
                text: text.unwrap_or_default(),
            },
            verdict: decision.verdict,
            reason: decision.reason,
            because: because.map(|because| format!("not acted: {because}")),
        });
    }
    Ok(why(&now, at, told))
}

/// The newest decisions about it.
fn decisions(
    past: &mut dyn Past,
    (solution, application): (usize, usize),
) -> Result<Vec<(Written, Decision)>, PastError> {
    let mut found = Vec::new();
    let mut page = Page::newest(PAGE);
    for _ in 0..PAGES_MAX {
        let entries = past.entries(&Wanted::Decided, page)?;
        let full = entries.len() == PAGE;
        page.before = entries.last().map(|written| written.number);
        for written in entries {
            let Entry::Decided(decision) = &written.entry else {
                continue;
            };
            let about = (decision.solution, decision.application);
            // What is read back from before the start was never news.
            if about == (Some(solution), Some(application)) && decision.reason != Reason::History {
                let decision = decision.clone();
                found.push((written, decision));
            }
        }
        if !full || found.len() >= DECISIONS_MAX {
            break;
        }
    }
    found.truncate(DECISIONS_MAX);
    Ok(found)
}

fn why(state: &State, at: (usize, usize), decisions: Vec<DecisionWhy>) -> Option<WhyApplication> {
    let solution = state.topology.solutions.get(at.0)?;
    let application = solution.applications.get(at.1)?;
    let member = state.pairs.get(at.0)?.members.get(at.1)?;
    Some(WhyApplication {
        solution: solution.name.clone(),
        believed: application_view(solution, application, member),
        standing: standing(state, at, "is").unwrap_or_else(|| outside(solution)),
        decisions,
    })
}

fn outside(solution: &Solution) -> String {
    format!("it belongs to neither host of {}", solution.name)
}

/// `RM_1 is on vmhost2, which was backup since 09:14:02.000 (VM_SIPServer_1 primary by sips1.log:12)`
fn standing(state: &State, (index, application): (usize, usize), verb: &str) -> Option<String> {
    let solution = state.topology.solutions.get(index)?;
    let pair = state.pairs.get(index)?;
    let application = solution.applications.get(application)?;
    let host = application.host?;
    let here = format!(
        "{} is on {}",
        application.name,
        solution.hosts.get(host)?.name
    );
    let Some(primary) = pair.primary else {
        return Some(format!("{here}; nobody knows which host is primary"));
    };
    let role = if primary == host { "primary" } else { "backup" };
    let lead = solution.lead(primary)?;
    let member = pair.members.get(lead)?;
    let stated = member.mode.filter(|mode| *mode == Mode::Primary);
    let since = stated.map_or(String::new(), |_| {
        format!(" since {}", member.mode_stamp.clock())
    });
    let lead = solution.applications.get(lead)?;
    let view = application_view(solution, lead, member);
    let by = view.role_by.unwrap_or_default();
    Some(format!(
        "{here}, which {verb} {role}{since} ({} primary by {by})",
        lead.name
    ))
}
