//! The addresses: what each reads, and where verbs go in.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::header::{CONTENT_TYPE, HeaderValue};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::guard::{self, Names};
use super::openapi::{DoneShown, EventsShown, WellShown};
use super::server::Served;
use super::verb::{self, Acknowledge, Force, Forgive, Pause, Resume};
use super::{Answer, Ask, View, exposition, history, openapi, page, stream, table};
use crate::decide::Entry;
use crate::json::{self as shape, line};
use crate::past::{Page, Past, PastError, Wanted};
use crate::snapshot::Summary;
use crate::why;

/// Of a verb's body.
pub(super) const BODY_BYTES_MAX: usize = 16 << 10;
const PAGE_DEFAULT: usize = 50;
const PAGE_MAX: usize = 1_000;
/// So long the engine may take to answer a verb.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

pub(super) fn router(served: Arc<Served>, names: Names) -> Router {
    let verbs = Router::new()
        .route("/api/v1/pause", post(act::<Pause>).fallback(posts))
        .route("/api/v1/resume", post(act::<Resume>).fallback(posts))
        .route("/api/v1/ack", post(act::<Acknowledge>).fallback(posts))
        .route("/api/v1/force", post(act::<Force>).fallback(posts))
        .route("/api/v1/owed/forgive", post(act::<Forgive>).fallback(posts))
        .route_layer(middleware::from_fn_with_state(
            served.clone(),
            guard::with_token,
        ));
    Router::new()
        .route("/", get(page::page).fallback(gets))
        .route("/incidents/{id}", get(page::incident).fallback(gets))
        .route("/metrics", get(metrics).fallback(gets))
        .route("/healthz", get(health).fallback(gets))
        .route("/readyz", get(ready).fallback(gets))
        .route("/api/v1/openapi.json", get(description).fallback(gets))
        .route("/api/v1/status", get(status).fallback(gets))
        .route("/api/v1/summary", get(summary).fallback(gets))
        .route("/api/v1/stream", get(stream::stream).fallback(gets))
        .route("/api/v1/owed", get(owed).fallback(gets))
        .route("/api/v1/incidents", get(incidents).fallback(gets))
        .route("/api/v1/incidents/{id}", get(incident).fallback(gets))
        .route("/api/v1/events", get(events).fallback(gets))
        .route("/api/v1/why", get(why_it_is).fallback(gets))
        .merge(verbs)
        .fallback(async || Failure::not_found("there is nothing at this address"))
        .layer(middleware::from_fn_with_state(names, guard::same_host))
        .layer(middleware::map_response(plainly))
        .with_state(served)
}

async fn gets() -> Response {
    Failure::method("GET")
}

async fn posts() -> Response {
    Failure::method("POST")
}

/// What was true a moment ago is kept by nobody, and read as nothing else than it says.
async fn plainly(mut response: Response) -> Response {
    for (name, value) in [
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'"),
    ] {
        let headers = response.headers_mut();
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// In which form an answer is wanted, and how much of it.
#[derive(Clone, Debug, Default, Deserialize)]
struct Asked {
    #[serde(default)]
    format: Form,
    solution: Option<String>,
    limit: Option<usize>,
    before: Option<u64>,
    about: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    #[default]
    Json,
    /// One object a line, as commands print it.
    Lines,
    Text,
}

impl Asked {
    fn page(&self) -> Page {
        Page {
            before: self.before,
            limit: self.limit.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX),
        }
    }
}

type Answered = Result<Response, Failure>;
type AskedOf = Result<Query<Asked>, axum::extract::rejection::QueryRejection>;

fn asked(query: AskedOf) -> Result<Asked, Failure> {
    let Query(asked) = query.map_err(|error| Failure::bad(error.body_text()))?;
    Ok(asked)
}

fn answered(form: Form, object: &impl Serialize, text: impl FnOnce() -> String) -> Answered {
    let (kind, body) = match form {
        Form::Text => ("text/plain; charset=utf-8", text()),
        Form::Json | Form::Lines => {
            let line = line(object).map_err(|error| Failure::internal(error.to_string()))?;
            ("application/json", line + "\n")
        }
    };
    let kind = HeaderValue::from_static(kind);
    Ok(([(CONTENT_TYPE, kind)], body).into_response())
}

fn lines(text: &str) -> Answered {
    let kind = HeaderValue::from_static("application/x-ndjson");
    Ok(([(CONTENT_TYPE, kind)], text.to_owned()).into_response())
}

async fn health(State(served): State<Arc<Served>>) -> Answered {
    match served.handle.is_stalled() {
        false => Ok(well()),
        true => Err(Failure::stands_still()),
    }
}

fn well() -> Response {
    axum::Json(WellShown { status: "ok" }).into_response()
}

async fn ready(State(served): State<Arc<Served>>) -> Answered {
    let snapshot = &served.handle.view().snapshot;
    if snapshot.is_ready() {
        return Ok(well());
    }
    let why = snapshot.not_ready();
    Err(Failure::not_ready(why.unwrap_or("it is still starting")))
}

async fn status(State(served): State<Arc<Served>>, query: AskedOf) -> Answered {
    let (asked, view) = (asked(query)?, served.handle.view());
    answered(asked.format, &view.snapshot, || {
        table::status(&view.snapshot)
    })
}

async fn description() -> Answered {
    answered(Form::Json, &openapi::document(), String::new)
}

async fn summary(State(served): State<Arc<Served>>) -> Answered {
    let summary = Summary::of(&served.handle.view().snapshot);
    answered(Form::Json, &summary, String::new)
}

async fn metrics(State(served): State<Arc<Served>>) -> Response {
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    let text = exposition::text(&served.handle.view());
    ([(CONTENT_TYPE, kind)], text).into_response()
}

async fn owed(State(served): State<Arc<Served>>, query: AskedOf) -> Answered {
    let (asked, view) = (asked(query)?, served.handle.view());
    let debts = history::owed(&view.snapshot);
    answered(asked.format, &debts, || table::owed(&debts))
}

async fn incidents(State(served): State<Arc<Served>>, query: AskedOf) -> Answered {
    let asked = asked(query)?;
    served
        .read(move |view, past| {
            let solution = asked.solution.as_deref();
            let found = history::incidents(&view.config, past, solution, asked.page())?;
            if asked.format == Form::Lines {
                return lines(&found.lines(&view.config).map_err(Failure::from)?);
            }
            let shown = found.shown(&view.config);
            answered(asked.format, &shown, || {
                table::incidents(&found, &view.config.topology)
            })
        })
        .await
}

async fn incident(
    State(served): State<Arc<Served>>,
    Path(id): Path<String>,
    query: AskedOf,
) -> Answered {
    let asked = asked(query)?;
    served
        .read(move |view, past| {
            let (config, id) = (&view.config, id.as_str().into());
            let told = history::incident(config, past, &id)?
                .ok_or_else(|| Failure::not_found("the journal knows no incident of that id"))?;
            let object = told.shown(config).ok_or_else(Failure::outdated)?;
            answered(asked.format, &object, || {
                table::incident(&config.topology, &told)
            })
        })
        .await
}

async fn events(State(served): State<Arc<Served>>, query: AskedOf) -> Answered {
    let asked = asked(query)?;
    served
        .read(move |view, past| {
            let topology = &view.config.topology;
            let written = past.entries(&Wanted::Decided, asked.page())?;
            let next = written.last().map(|written| written.number);
            let decisions = written.iter().filter_map(|written| match &written.entry {
                Entry::Decided(decision) => Some(decision),
                _ => None,
            });
            let decisions: Vec<_> = decisions
                .map(|decision| shape::decision(topology, decision))
                .collect();
            let object = EventsShown {
                events: decisions,
                before: next,
            };
            answered(asked.format, &object, || {
                table::decisions(topology, &written)
            })
        })
        .await
}

async fn why_it_is(State(served): State<Arc<Served>>, query: AskedOf) -> Answered {
    let asked = asked(query)?;
    let now = (served.now)();
    served
        .read(move |view, past| {
            let topology = &view.config.topology;
            let about = asked
                .about
                .as_deref()
                .ok_or_else(|| Failure::bad("ask about an incident, a time or an application"))?;
            let question = why::question(topology, now, about).map_err(Failure::bad)?;
            let why = why::answer(topology, past, &question)?
                .ok_or_else(|| Failure::not_found("the journal knows nothing of it"))?;
            answered(asked.format, &why, || why::text(&why))
        })
        .await
}

/// A verb: read, checked, handed to the engine, and its answer.
async fn act<B: verb::Body + DeserializeOwned>(
    State(served): State<Arc<Served>>,
    request: Request,
) -> Answered {
    let body: B = body(request).await?;
    let view = served.handle.view();
    let (solution, request) = body.request(&view, (served.now)())?;
    let (reply, answer) = tokio::sync::oneshot::channel();
    let topology = view.config.topology.clone();
    let ask = Ask {
        solution,
        request,
        topology,
        reply,
    };
    served
        .handle
        .asks
        .try_send(ask)
        .map_err(|_| Failure::busy())?;
    let answer = tokio::time::timeout(ANSWER_WITHIN, answer).await;
    match answer {
        Ok(Ok(Answer::Done { told, incident })) => {
            let object = DoneShown {
                done: told,
                incident,
            };
            answered(Form::Json, &object, String::new)
        }
        Ok(Ok(Answer::Refused { reason, detail })) => {
            Err(Failure::refused(reason, detail.as_deref()))
        }
        Ok(Ok(Answer::Outdated)) => Err(Failure::outdated()),
        Ok(Err(_)) | Err(_) => Err(Failure::unanswered()),
    }
}

async fn body<B: DeserializeOwned>(request: Request<Body>) -> Result<B, Failure> {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(Failure::media_type());
    }
    let bytes = to_bytes(request.into_body(), BODY_BYTES_MAX)
        .await
        .map_err(|_| Failure::too_large(BODY_BYTES_MAX))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure::bad(error.to_string()))
}

impl Served {
    /// Reads the journal where blocking is allowed.
    async fn read(
        self: Arc<Self>,
        answer: impl FnOnce(&View, &mut dyn Past) -> Answered + Send + 'static,
    ) -> Answered {
        let reading = tokio::task::spawn_blocking(move || {
            let view = self.handle.view();
            let mut past = (self.past)(&view.config.topology)?;
            answer(&view, past.as_mut())
        });
        let failed = |error: tokio::task::JoinError| PastError(error.to_string());
        reading.await.map_err(failed)?
    }
}
