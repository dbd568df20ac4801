//! The published JSON: one object a line. Fields may be added, none goes away or changes its meaning.

mod decided;
mod schema;

use std::fmt::Write;

pub use decided::{DecisionJson, IncidentJson, alert, decision, incident, named, permutation};
pub use schema::{HINT, schema};
use schemars::JsonSchema;
use serde::Serialize;

use crate::escape::is_unsafe;
use crate::event::{Event, EventKind};
use crate::fault::{Code, Diagnostic, Fault, Severity};
use crate::time::Time;
use crate::words::typed;

/// The object as one line, without its end. Characters that could steer a terminal are `\u` escapes,
/// which every JSON reader turns back.
pub fn line(object: &impl Serialize) -> serde_json::Result<String> {
    let plain = serde_json::to_string(object)?;
    if !plain.chars().any(is_unsafe) {
        return Ok(plain);
    }
    let mut safe = String::with_capacity(plain.len() + 16);
    for each in plain.chars() {
        if is_unsafe(each) {
            for unit in each.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(each);
        }
    }
    Ok(safe)
}

/// `{"type":"event",…}`: one extracted event.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename = "event")]
#[schemars(transform = typed("event"))]
pub struct EventJson<'a> {
    time: Time,
    id: &'a str,
    kind: EventKind,
    application: Option<&'a str>,
    dbid: Option<u32>,
    host: Option<&'a str>,
    solution: Option<&'a str>,
    level: Option<&'a str>,
    text: &'a str,
    file: &'a str,
    line: u64,
    offset: u64,
}

/// An event with the solution that it concerns, where one is known.
pub fn event<'a>(event: &'a Event, solution: Option<&'a str>) -> EventJson<'a> {
    EventJson {
        time: event.time.whole_millis(),
        id: &event.id,
        kind: event.kind,
        application: event.application.as_deref(),
        dbid: event.dbid,
        host: event.host.as_deref(),
        solution,
        level: event.level.as_deref(),
        text: &event.text,
        file: &event.origin.file,
        line: event.origin.line,
        offset: event.origin.offset,
    }
}

/// `{"type":"diagnostic",…}`; `line` 0 means the whole file.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "diagnostic")]
pub struct DiagnosticJson<'a> {
    severity: Severity,
    code: Code,
    file: &'a str,
    line: u64,
    message: &'a str,
}

pub fn diagnostic(diagnostic: &Diagnostic) -> DiagnosticJson<'_> {
    DiagnosticJson {
        severity: diagnostic.severity,
        code: diagnostic.code,
        file: &diagnostic.file,
        line: diagnostic.line,
        message: &diagnostic.message,
    }
}

/// A fault of a configuration or a pack: a diagnostic with the code `configuration`, a column and a key.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", rename = "diagnostic")]
pub struct FaultJson<'a> {
    severity: Severity,
    code: &'static str,
    file: &'a str,
    line: u64,
    column: u64,
    key: &'a str,
    message: &'a str,
    hint: Option<&'a str>,
}

pub fn fault(fault: &Fault) -> FaultJson<'_> {
    FaultJson {
        severity: fault.severity,
        code: "configuration",
        file: &fault.place.file,
        line: fault.place.line,
        column: fault.place.column,
        key: &fault.key,
        message: &fault.message,
        hint: fault.hint.as_deref(),
    }
}

/// `{"type":"alert-test",…}`: what became of a test alert at one sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "alert-test")]
pub struct AlertTestJson<'a> {
    sink: &'a str,
    kind: &'a str,
    delivered: bool,
    /// Why it was not.
    error: Option<String>,
}

pub fn alert_test<'a>(
    sink: &'a str,
    kind: &'a str,
    outcome: Result<(), String>,
) -> AlertTestJson<'a> {
    AlertTestJson {
        sink,
        kind,
        delivered: outcome.is_ok(),
        error: outcome.err(),
    }
}

/// `{"type":"summary",…}` of `check`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "summary")]
pub struct CheckSummary {
    pub files: usize,
    pub errors: usize,
    pub warnings: usize,
}

/// `{"type":"summary",…}`: the last line of an output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename = "summary")]
pub struct Summary {
    /// Logs that were opened.
    pub files: u64,
    /// Bytes of log that were looked at, unpacked.
    pub bytes: u64,
    /// Records that were looked at.
    pub records: u64,
    pub events: u64,
    /// Told by commands that decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incidents: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Origin, Witness};

    fn sample(text: &str) -> Event {
        Event {
            time: "2026-11-02T20:31:07.412Z".parse().unwrap(),
            id: "04563".into(),
            kind: EventKind::BecamePrimary,
            application: Some("VM_SIPServer_2".into()),
            dbid: None,
            host: Some("vmhost2".into()),
            mode: None,
            status: None,
            level: Some("Std".into()),
            text: text.into(),
            witness: Witness::Own,
            writer: None,
            in_trace_gap: false,
            origin: Origin {
                file: "sips2.log".into(),
                line: 12,
                offset: 345,
            },
        }
    }

    #[test]
    fn an_event_has_the_published_fields_and_null_for_what_is_unknown() {
        assert_eq!(
            line(&event(
                &sample("Hot Standby (Primary) mode activated"),
                Some("east")
            ))
            .unwrap(),
            concat!(
                r#"{"type":"event","time":"2026-11-02T20:31:07.412Z","id":"04563","kind":"became-primary","#,
                r#""application":"VM_SIPServer_2","dbid":null,"host":"vmhost2","solution":"east","level":"Std","#,
                r#""text":"Hot Standby (Primary) mode activated","file":"sips2.log","line":12,"offset":345}"#
            )
        );
    }

    #[test]
    fn hostile_text_is_escaped_and_read_back_unchanged() {
        let hostile = "\u{1b}[2J\u{9b}1m \u{202e}\u{e0041} \"\\ \u{7f}";
        let line = line(&event(&sample(hostile), None)).unwrap();
        assert!(line.is_ascii());
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["text"], hostile);
    }

    #[test]
    fn diagnostics_and_summaries_have_the_published_fields() {
        let one = Diagnostic {
            severity: Severity::Warning,
            code: Code::UnknownApplication,
            file: "a.log".into(),
            line: 12,
            message: "not configured".into(),
        };
        assert_eq!(
            line(&diagnostic(&one)).unwrap(),
            r#"{"type":"diagnostic","severity":"warning","code":"unknown-application","file":"a.log","line":12,"message":"not configured"}"#
        );
        let summary = Summary {
            files: 7,
            bytes: 123,
            records: 9,
            events: 9,
            incidents: None,
        };
        assert_eq!(
            line(&summary).unwrap(),
            r#"{"type":"summary","files":7,"bytes":123,"records":9,"events":9}"#
        );
    }
}
