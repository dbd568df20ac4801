//! The description against the router and against what is really sent.

use std::collections::BTreeSet;

use serde_json::Value;

use super::http::{Api, TOKEN, pause};

fn body(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

fn description() -> Value {
    super::super::openapi::document()
}

/// What a value has against a schema of the kinds that are generated; empty if it fits.
fn wrong(document: &Value, schema: &Value, value: &Value, place: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let named = document.pointer(name.trim_start_matches('#'));
        let named = named.unwrap_or_else(|| panic!("nothing is called {name}"));
        return wrong(document, &both(named, schema), value, place);
    }
    let all = |schemas: &Value| -> Vec<Vec<String>> {
        let each = schemas.as_array().into_iter().flatten();
        each.map(|schema| wrong(document, schema, value, place))
            .collect()
    };
    let mut found = Vec::new();
    for choice in ["anyOf", "oneOf"] {
        let tried = all(&schema[choice]);
        if !tried.is_empty() && !tried.iter().any(Vec::is_empty) {
            found.extend(tried.into_iter().flatten());
        }
    }
    found.extend(all(&schema["allOf"]).into_iter().flatten());
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(some) => some.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|name| is_a(value, name)) {
        found.push(format!("{place}: {value} is none of {types:?}"));
    }
    let allowed = schema["enum"].as_array();
    if allowed.is_some_and(|allowed| !allowed.contains(value))
        || schema.get("const").is_some_and(|only| only != value)
    {
        found.push(format!("{place}: {value} is not allowed by {schema}"));
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(items) = schema.get("items") {
            found.extend(wrong(document, items, item, &format!("{place}[{at}]")));
        }
    }
    if let Some(fields) = value.as_object() {
        found.extend(fields_wrong(document, schema, fields, place));
    }
    found
}

/// What is named, and what stands beside the name: the tag of a variant.
fn both(named: &Value, beside: &Value) -> Value {
    let mut both = named.clone();
    if let Some(tags) = beside["properties"].as_object() {
        for (name, schema) in tags {
            both["properties"][name] = schema.clone();
        }
    }
    both
}

fn fields_wrong(
    document: &Value,
    schema: &Value,
    fields: &serde_json::Map<String, Value>,
    place: &str,
) -> Vec<String> {
    let required = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let mut found: Vec<String> = required
        .filter(|name| !fields.contains_key(*name))
        .map(|name| format!("{place}: {name} is missing"))
        .collect();
    let Some(known) = schema["properties"].as_object() else {
        return found;
    };
    for (name, value) in fields {
        match known.get(name) {
            Some(schema) => {
                found.extend(wrong(document, schema, value, &format!("{place}.{name}")))
            }
            None if schema.get("additionalProperties").is_some() => {}
            None => found.push(format!("{place}: {name} is not described")),
        }
    }
    found
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => panic!("no such type: {name}"),
    }
}

#[test]
fn every_address_of_the_router_is_described_and_no_other() {
    let source = include_str!("../routes.rs");
    let routed: BTreeSet<&str> = source
        .split(".route(")
        .skip(1)
        .filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next())
        .collect();
    let document = description();
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<&str> = paths.keys().map(String::as_str).collect();
    assert_eq!(routed, described);
    assert!(described.len() > 15);
    let posts = paths
        .values()
        .filter(|path| path.get("post").is_some())
        .count();
    assert_eq!(posts, source.matches("post(act::<").count());
}

#[test]
fn what_is_sent_is_as_described() {
    let api = Api::new(Some(TOKEN));
    let document = body(&api.get("/api/v1/openapi.json").1);
    assert_eq!(document, description());
    let schema = |path: &str, method: &str, status: &str| {
        let operation = &document["paths"][path][method];
        operation["responses"][status]["content"]["application/json"]["schema"].clone()
    };
    let check = |path: &str, method: &str, status: &str, answer: &str| {
        let schema = schema(path, method, status);
        assert!(schema.is_object(), "{path} {method} {status}");
        let found = wrong(&document, &schema, &body(answer), path);
        assert_eq!(found, Vec::<String>::new(), "{answer}");
    };
    for (path, query) in [
        ("/healthz", ""),
        ("/readyz", ""),
        ("/api/v1/status", ""),
        ("/api/v1/summary", ""),
        ("/api/v1/owed", ""),
        ("/api/v1/incidents", "?limit=1"),
        ("/api/v1/events", ""),
        ("/api/v1/why", "?about=RM_1"),
        ("/api/v1/why", "?about=east-19700101T000000-1"),
        ("/api/v1/why", "?about=1970-01-01T00:00:00Z"),
    ] {
        let (status, answer) = api.get(&format!("{path}{query}"));
        assert_eq!(status, 200, "{path}: {answer}");
        check(path, "get", "200", &answer);
    }
    let incident = api.get("/api/v1/incidents/east-19700101T000000-1").1;
    check("/api/v1/incidents/{id}", "get", "200", &incident);
    check(
        "/api/v1/incidents/{id}",
        "get",
        "default",
        &api.get("/api/v1/incidents/east-1").1,
    );
    check(
        "/api/v1/pause",
        "post",
        "default",
        &api.act("/api/v1/pause", "{}").1,
    );
    check(
        "/api/v1/pause",
        "post",
        "200",
        &api.act("/api/v1/pause", &pause("2h")).1,
    );
    let status = api.get("/api/v1/status").1;
    check("/api/v1/status", "get", "200", &status);
}

#[test]
fn the_test_of_shapes_can_fail() {
    let document = description();
    let schema = serde_json::json!({ "$ref": "#/components/schemas/FailureShown" });
    for (value, fits) in [
        (serde_json::json!({ "error": "a", "reason": "b" }), true),
        (serde_json::json!({ "error": "a" }), false),
        (serde_json::json!({ "error": 1, "reason": "b" }), false),
        (
            serde_json::json!({ "error": "a", "reason": "b", "more": 1 }),
            false,
        ),
    ] {
        assert_eq!(
            wrong(&document, &schema, &value, "").is_empty(),
            fits,
            "{value}"
        );
    }
}
