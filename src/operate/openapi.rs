//! The API described for programs: OpenAPI 3.1, its schemas made from the types that are sent.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::history::{IncidentsShown, Owed};
use super::verb::{Acknowledge, Force, Forgive, Pause, Resume};
use crate::json::{DecisionJson, IncidentJson};
use crate::snapshot::{Snapshot, Summary, VERSION};
use crate::why::Why;

/// Verdicts on events, newest first.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct EventsShown<'a> {
    pub(super) events: Vec<DecisionJson<'a>>,
    /// Where the next page begins; none if there is nothing older.
    pub(super) before: Option<u64>,
}

/// What follows from a verb.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DoneShown {
    /// A sentence each.
    pub(super) done: Vec<String>,
    /// The incident that it opened.
    pub(super) incident: Option<std::sync::Arc<str>>,
}

/// Nothing is wrong.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WellShown {
    pub(super) status: &'static str,
}

/// What went wrong with a request.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FailureShown {
    /// A word that stays as it is.
    pub(super) error: &'static str,
    /// A sentence.
    pub(super) reason: String,
}

type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// One address with the one method that it answers.
struct Operation {
    path: &'static str,
    summary: &'static str,
    /// Names that [`parameter`] knows.
    asks: &'static [&'static str],
    /// What a verb is sent with.
    body: Option<SchemaOf>,
    gives: Gives,
}

enum Gives {
    Json(SchemaOf),
    /// JSON, or with `format=text` the same for people.
    JsonOrText(SchemaOf),
    Other(&'static str),
}

fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// What a request may ask for, by name.
fn parameter(name: &str) -> Option<Value> {
    let (place, schema, meaning) = match name {
        "id" => ("path", json!({ "type": "string" }), "The incident's id."),
        "format" => (
            "query",
            json!({ "enum": ["json", "lines", "text"] }),
            "One object (the default), one object a line, or text for people.",
        ),
        "solution" => ("query", json!({ "type": "string" }), "Only this pair's."),
        "limit" => (
            "query",
            json!({ "type": "integer", "minimum": 1, "maximum": 1000, "default": 50 }),
            "At most so many.",
        ),
        "before" => (
            "query",
            json!({ "type": "integer" }),
            "The `before` of the page before: only what is older.",
        ),
        "about" => (
            "query",
            json!({ "type": "string" }),
            "An incident's id, a time, or an application's name.",
        ),
        "of" => (
            "query",
            json!({ "enum": ["status", "summary"] }),
            "What each event tells: as /api/v1/status (the default) or /api/v1/summary.",
        ),
        "find" => (
            "query",
            json!({ "type": "string" }),
            "Only pairs that have this in a name.",
        ),
        "from" => (
            "query",
            json!({ "type": "integer" }),
            "So many pairs in short are passed over.",
        ),
        _ => return None,
    };
    let required = place == "path" || name == "about";
    Some(
        json!({ "name": name, "in": place, "required": required, "schema": schema, "description": meaning }),
    )
}

const HTML: Gives = Gives::Other("text/html");
const LISTED: &[&str] = &["format", "solution", "limit", "before"];

const fn read(
    path: &'static str,
    summary: &'static str,
    asks: &'static [&'static str],
    gives: Gives,
) -> Operation {
    Operation {
        path,
        summary,
        asks,
        body: None,
        gives,
    }
}

const fn verb(path: &'static str, summary: &'static str, body: SchemaOf) -> Operation {
    Operation {
        path,
        summary,
        asks: &[],
        body: Some(body),
        gives: Gives::Json(of::<DoneShown>),
    }
}

const OPERATIONS: &[Operation] = &[
    read("/", "The page.", &["find", "from", "before"], HTML),
    read("/incidents/{id}", "The page of an incident.", &["id"], HTML),
    read(
        "/metrics",
        "Counters and gauges for Prometheus.",
        &[],
        Gives::Other("text/plain"),
    ),
    read(
        "/healthz",
        "Does the engine go on?",
        &[],
        Gives::Json(of::<WellShown>),
    ),
    read(
        "/readyz",
        "Does nothing keep the daemon from its work?",
        &[],
        Gives::Json(of::<WellShown>),
    ),
    read(
        "/api/v1/openapi.json",
        "This description.",
        &[],
        Gives::Other("application/json"),
    ),
    read(
        "/api/v1/status",
        "What is believed of every pair, and of the daemon.",
        &["format"],
        Gives::JsonOrText(of::<Snapshot>),
    ),
    read(
        "/api/v1/summary",
        "The same in a few numbers.",
        &[],
        Gives::Json(of::<Summary>),
    ),
    read(
        "/api/v1/stream",
        "The status as server-sent events, at once and again whenever it changed.",
        &["of"],
        Gives::Other("text/event-stream"),
    ),
    read(
        "/api/v1/owed",
        "What is owed.",
        &["format"],
        Gives::JsonOrText(of::<Owed>),
    ),
    read(
        "/api/v1/incidents",
        "Incidents, newest first.",
        LISTED,
        Gives::JsonOrText(of::<IncidentsShown<'_>>),
    ),
    read(
        "/api/v1/incidents/{id}",
        "One incident.",
        &["id", "format"],
        Gives::JsonOrText(of::<IncidentJson<'_>>),
    ),
    read(
        "/api/v1/events",
        "Events with the verdict on each, newest first.",
        &["format", "limit", "before"],
        Gives::JsonOrText(of::<EventsShown<'_>>),
    ),
    read(
        "/api/v1/why",
        "Why, with every gate and its value.",
        &["about", "format"],
        Gives::JsonOrText(of::<Why>),
    ),
    verb(
        "/api/v1/pause",
        "No step of the pair until then.",
        of::<Pause>,
    ),
    verb("/api/v1/resume", "Ends a pause.", of::<Resume>),
    verb(
        "/api/v1/ack",
        "Frees what an incident locks or blocks.",
        of::<Acknowledge>,
    ),
    verb(
        "/api/v1/force",
        "Moves the pair, past block, lock and pause.",
        of::<Force>,
    ),
    verb("/api/v1/owed/forgive", "Lets a debt be.", of::<Forgive>),
];

pub(super) fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.for_serialize().into_generator();
    let mut paths = Map::new();
    for operation in OPERATIONS {
        let method = match operation.body {
            Some(_) => "post",
            None => "get",
        };
        let described = operation.described(&mut generator);
        paths.insert(operation.path.into(), json!({ method: described }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "tailswitch",
            "version": VERSION,
            "description": "One incident, one coordinated reaction set. Fields may be added, none goes away.",
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
        },
    })
}

impl Operation {
    fn described(&self, generator: &mut SchemaGenerator) -> Value {
        let content = self.gives.content(generator);
        let failure = json!({ "application/json": { "schema": of::<FailureShown>(generator) } });
        let parameters: Vec<Value> = self
            .asks
            .iter()
            .filter_map(|name| parameter(name))
            .collect();
        let mut described = json!({
            "summary": self.summary,
            "parameters": parameters,
            "responses": {
                "200": { "description": "As asked.", "content": content },
                "default": { "description": "What went wrong.", "content": failure },
            },
        });
        if let (Some(body), Some(described)) = (self.body, described.as_object_mut()) {
            let content = json!({ "application/json": { "schema": body(generator) } });
            described.insert(
                "requestBody".into(),
                json!({ "required": true, "content": content }),
            );
            described.insert("security".into(), json!([{ "token": [] }]));
        }
        described
    }
}

impl Gives {
    fn content(&self, generator: &mut SchemaGenerator) -> Value {
        match self {
            Gives::Json(of) => json!({ "application/json": { "schema": of(generator) } }),
            Gives::JsonOrText(of) => json!({
                "application/json": { "schema": of(generator) },
                "text/plain": { "schema": { "type": "string" } },
            }),
            Gives::Other(kind) => json!({ *kind: {} }),
        }
    }
}
