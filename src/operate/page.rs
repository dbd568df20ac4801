//! The page: how things stand, for someone who passes by, and everything behind it for someone who stops.
//!
//! It is rendered here, whole, and reads without a script. The script listens to the stream, fetches the page again
//! when something changed, and puts in what is different; it also counts timers down and sends an operator's verbs,
//! with a token that the operator types in and that is kept nowhere.
//!
//! All that comes from a log, a person or the configuration is escaped twice over: control characters by `escape`,
//! markup by the templates.

mod board;
mod incident;
mod pair;
mod policy;
mod stamp;

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use self::board::{Around, board};
use self::policy::POLICY;
#[cfg(test)]
pub(super) use self::policy::hash;
use super::View;
use super::failure::Failure;
use super::server::Served;
use crate::decide::{Entry, Incident};
use crate::past::{Page, Past, PastError, Wanted};

/// So many closed incidents are listed on one page.
const HISTORY_MAX: usize = 20;

/// Which part of it is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    /// Only pairs that have this in a name.
    #[serde(default)]
    find: String,
    /// How many of the pairs in short are passed over.
    #[serde(default)]
    from: usize,
    /// Closed incidents before that number of the journal.
    before: Option<u64>,
}

/// Closed incidents, newest first, and where the older ones begin.
struct History {
    closed: Vec<(usize, Incident)>,
    before: Option<u64>,
}

pub(super) async fn page(
    State(served): State<Arc<Served>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Failure> {
    let Query(asked) = asked.map_err(|error| Failure::bad(error.body_text()))?;
    let around = Around {
        now: (served.now)(),
        engine_moves: !served.handle.is_stalled(),
        takes_verbs: served.token.is_some(),
    };
    rendered(move || {
        let view = served.handle.view();
        let history = history(&served, &view, asked.before);
        Ok(board(&view, &asked, &around, history)?)
    })
    .await
}

pub(super) async fn incident(
    State(served): State<Arc<Served>>,
    Path(id): Path<String>,
) -> Result<Response, Failure> {
    rendered(move || {
        let view = served.handle.view();
        let mut past = (served.past)(&view.config.topology)?;
        incident::page(&view, past.as_mut(), &id.into())?
            .ok_or_else(|| Failure::not_found("the journal knows no incident of that id"))
    })
    .await
}

/// Rendered where that keeps nobody waiting.
async fn rendered(
    render: impl FnOnce() -> Result<String, Failure> + Send + 'static,
) -> Result<Response, Failure> {
    let page = tokio::task::spawn_blocking(render).await;
    let page = page.map_err(|error| Failure::internal(error.to_string()))??;
    let kind = HeaderValue::from_static("text/html; charset=utf-8");
    let policy = HeaderValue::from_str(&POLICY);
    let policy = policy.map_err(|error| Failure::internal(error.to_string()))?;
    Ok((
        [(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, policy)],
        page,
    )
        .into_response())
}

/// The page goes without what cannot be read.
fn history(served: &Served, view: &View, before: Option<u64>) -> Result<History, PastError> {
    let mut past = (served.past)(&view.config.topology)?;
    read(past.as_mut(), before)
}

fn read(past: &mut dyn Past, before: Option<u64>) -> Result<History, PastError> {
    let page = Page {
        before,
        limit: HISTORY_MAX,
    };
    let written = past.entries(&Wanted::Closed, page)?;
    let is_full = written.len() == HISTORY_MAX;
    let before = written.last().map(|last| last.number).filter(|_| is_full);
    let closed = written
        .into_iter()
        .filter_map(|written| match written.entry {
            Entry::Closed { solution, incident } => Some((solution, *incident)),
            _ => None,
        });
    Ok(History {
        closed: closed.collect(),
        before,
    })
}

#[cfg(test)]
mod tests;
