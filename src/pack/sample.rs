//! The samples of a pack: lines, and the events that they are. Rule and proof are read together.

use super::compile::{Pack, list};
use super::matcher::{Matcher, Memory};
use super::{Head, Meaning};
use crate::event::{EventKind, Mode, Status};
use crate::fault::{Fault, Place, Severity};
use crate::yaml::{Value, shown};

/// What of an event a sample can state. Level and text count only where they are stated; of the others, what is not
/// stated must not be there.
const FIELDS: &[&str] = &[
    "id",
    "kind",
    "application",
    "dbid",
    "host",
    "mode",
    "status",
    "level",
    "text",
];
const FREE: &[&str] = &["level", "text"];

/// Fields and their values, in the order of `FIELDS`.
type Fields = Vec<(&'static str, String)>;

#[derive(Debug)]
pub(super) struct Sample {
    place: Place,
    key: String,
    stamped: bool,
    lines: Vec<String>,
    events: Vec<Fields>,
}

pub(super) fn all(values: &[Value<'_>]) -> Vec<Sample> {
    let samples = values.iter().enumerate();
    samples
        .filter_map(|(index, value)| sample(value, format!("samples.{index}")))
        .collect()
}

fn sample(value: &Value<'_>, key: String) -> Option<Sample> {
    let table = value.table(&["line", "stamped", "event", "nothing"])?;
    let lines = list(table.need("line"));
    let events = list(table.get("event"));
    let nothing = table.get("nothing").and_then(|nothing| nothing.flag());
    if events.is_empty() != nothing.unwrap_or(false) {
        value.fault("a sample is either an `event`, or `nothing: true`", None);
    }
    let events = events.iter().filter_map(stated).collect();
    Some(Sample {
        place: value.at().place,
        key,
        stamped: table
            .get("stamped")
            .and_then(|stamped| stamped.flag())
            .unwrap_or(true),
        lines: lines
            .iter()
            .filter_map(|line| line.text())
            .map(str::to_owned)
            .collect(),
        events,
    })
}

fn stated(value: &Value<'_>) -> Option<Fields> {
    let table = value.table(FIELDS)?;
    table.need("id");
    table.need("kind");
    let mut fields = Fields::new();
    for &field in FIELDS {
        let Some(value) = table.get(field) else {
            continue;
        };
        let text = match field {
            "kind" => value
                .word(EventKind::ALL, EventKind::word)
                .map(|word| word.to_string()),
            "mode" => value
                .word(Mode::ALL, Mode::word)
                .map(|word| word.to_string()),
            "status" => value
                .word(Status::ALL, Status::word)
                .map(|word| word.to_string()),
            "dbid" => value.integer(0, u32::MAX).map(|dbid| dbid.to_string()),
            _ => value.text().map(str::to_owned),
        };
        fields.extend(text.map(|text| (field, text)));
    }
    Some(fields)
}

/// Every sample of the pack that the matcher reads otherwise.
pub(super) fn check(pack: &Pack, matcher: &Matcher) -> Vec<Fault> {
    pack.samples
        .iter()
        .filter_map(|sample| sample.fault(matcher))
        .collect()
}

impl Sample {
    fn fault(&self, matcher: &Matcher) -> Option<Fault> {
        let mut memory = Memory::default();
        let heads = self.lines.iter().map(|line| Head {
            text: line.as_bytes(),
            stamped: self.stamped,
        });
        let mut read: Vec<Fields> = heads
            .filter_map(|head| matcher.read(&mut memory, head))
            .map(|meaning| fields(&meaning))
            .collect();
        for (read, stated) in read.iter_mut().zip(&self.events) {
            read.retain(|(field, _)| {
                !FREE.contains(field) || stated.iter().any(|(each, _)| each == field)
            });
        }
        (read != self.events).then(|| Fault {
            place: self.place.clone(),
            severity: Severity::Error,
            key: self.key.clone(),
            message: format!("found {}, expected {}", told(&read), told(&self.events)),
            hint: None,
        })
    }
}

fn fields(meaning: &Meaning) -> Fields {
    let Meaning {
        id,
        kind,
        level,
        text,
        application,
        dbid,
        host,
        mode,
        status,
        by_scs: _,
    } = meaning;
    let fields = [
        ("id", Some(id.to_string())),
        ("kind", Some(kind.to_string())),
        ("application", application.as_deref().map(str::to_owned)),
        ("dbid", dbid.map(|dbid| dbid.to_string())),
        ("host", host.as_deref().map(str::to_owned)),
        ("mode", mode.map(|mode| mode.to_string())),
        ("status", status.map(|status| status.to_string())),
        ("level", level.as_deref().map(str::to_owned)),
        ("text", Some(text.to_string())),
    ];
    let stated = fields
        .into_iter()
        .filter_map(|(field, value)| Some((field, value?)));
    stated.collect()
}

fn told(events: &[Fields]) -> String {
    let one = |fields: &Fields| {
        let fields = fields
            .iter()
            .map(|(field, value)| format!("{field} {}", shown(value)));
        fields.collect::<Vec<_>>().join(", ")
    };
    match events {
        [] => "nothing".to_owned(),
        events => events.iter().map(one).collect::<Vec<_>>().join("; "),
    }
}
