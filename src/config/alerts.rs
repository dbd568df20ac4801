//! Alerts: what is told to whom.

mod email;
mod endpoint;
mod snmp;
mod syslog;
mod webhook;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use self::email::{Email, Tls};
pub use self::endpoint::{PemFile, certificates};
pub(super) use self::snmp::Version;
pub use self::snmp::{Auth, Privacy, Security, Snmp, User};
pub use self::syslog::{Facility, Syslog, SyslogAddress};
pub use self::webhook::{Body, Webhook};
use super::command::{Command, Hole};
use super::keys;
use super::secrets::Secrets;
use super::solutions::Pair;
use crate::fault::Severity;
use crate::topology::AlertClass;
use crate::yaml::{Table, Value, nearest, shown};

const TIMEOUT: Duration = Duration::from_secs(10);

/// Where alerts go, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertSink {
    /// What people call it.
    pub name: Option<Arc<str>>,
    pub kind: SinkKind,
    pub on: Vec<AlertClass>,
    /// Only of these solutions; all if empty.
    pub solutions: Vec<Arc<str>>,
    /// Only from this severity on.
    pub severity: Severity,
    pub timeout: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkKind {
    /// Run once for each alert.
    Command(Command),
    /// One long-lived program that reads a line of JSON for each alert.
    Stream(Command),
    /// An HTTP POST for each alert.
    Webhook(Webhook),
    Email(Email),
    Syslog(Syslog),
    /// A file to which a line of JSON is added for each alert.
    File(PathBuf),
    Snmp(Snmp),
}

impl SinkKind {
    /// As it is configured.
    pub fn word(&self) -> &'static str {
        match self {
            SinkKind::Command(_) => "command",
            SinkKind::Stream(_) => "stream",
            SinkKind::Webhook(_) => "webhook",
            SinkKind::Email(_) => "email",
            SinkKind::Syslog(_) => "syslog",
            SinkKind::File(_) => "file",
            SinkKind::Snmp(_) => "snmp",
        }
    }
}

impl AlertSink {
    /// True if this sink wants to hear of it. An alert that concerns no solution concerns all.
    pub fn wants(&self, class: AlertClass, severity: Severity, solution: Option<&str>) -> bool {
        let of_solution = |name: &str| self.solutions.iter().any(|each| **each == *name);
        self.on.contains(&class)
            && severity <= self.severity
            && (self.solutions.is_empty() || solution.is_none_or(of_solution))
    }

    /// What it is called where sinks are told apart: its name, or what it is and its place, counted from 1.
    pub fn label(&self, position: usize) -> String {
        match &self.name {
            Some(name) => name.to_string(),
            None => format!("{} ({})", position + 1, self.kind.word()),
        }
    }

    pub fn command(&self) -> Option<&Command> {
        match &self.kind {
            SinkKind::Command(command) | SinkKind::Stream(command) => Some(command),
            _ => None,
        }
    }

    /// The certificates of the authority by which the receiver is judged, where they are a file's.
    pub fn ca(&self) -> Option<&PemFile> {
        match &self.kind {
            SinkKind::Webhook(webhook) => webhook.ca.as_ref(),
            SinkKind::Email(email) => email.ca.as_ref(),
            _ => None,
        }
    }
}

pub(super) fn read(
    value: Option<Value<'_>>,
    pairs: &[Pair<'_>],
    secrets: &Secrets,
    base: &Path,
) -> Vec<AlertSink> {
    let items = value.and_then(|value| value.list()).unwrap_or_default();
    let mut sinks: Vec<AlertSink> = Vec::new();
    for item in &items {
        let Some(sink) = sink(item, pairs, secrets, base) else {
            continue;
        };
        let twin = sinks.iter().find(|each| each.name == sink.name);
        if let (Some(_), Some(name)) = (twin, &sink.name) {
            item.fault(format!("another sink is named {}", shown(name)), None);
        }
        sinks.push(sink);
    }
    sinks
}

fn sink(
    value: &Value<'_>,
    pairs: &[Pair<'_>],
    secrets: &Secrets,
    base: &Path,
) -> Option<AlertSink> {
    let table = value.table(&keys::SINK.names())?;
    let on = match table.get("on") {
        Some(value) => classes(&value),
        // Event lines are many: they are sent to those who ask for them.
        None => AlertClass::ALL
            .iter()
            .copied()
            .filter(|class| *class != AlertClass::Event)
            .collect(),
    };
    let solutions = table.get("solutions").map(|value| solutions(&value, pairs));
    let severity = table.get("severity").and_then(|value| severity(&value));
    let timeout = table.get("timeout").and_then(|value| value.period());
    let name = table.get("name").map(|value| value.name());
    let kind = kind(&table, secrets, base);
    Some(AlertSink {
        name: name.flatten(),
        kind: kind?,
        on,
        solutions: solutions.unwrap_or_default(),
        severity: severity.unwrap_or(Severity::Info),
        timeout: timeout.unwrap_or(TIMEOUT),
    })
}

fn classes(value: &Value<'_>) -> Vec<AlertClass> {
    let items = listed(value);
    items
        .iter()
        .filter_map(|item| item.word(AlertClass::ALL, AlertClass::word))
        .collect()
}

fn solutions(value: &Value<'_>, pairs: &[Pair<'_>]) -> Vec<Arc<str>> {
    let mut names = Vec::new();
    for item in listed(value) {
        let Some(name) = item.name() else { continue };
        if !pairs.is_empty() && !pairs.iter().any(|pair| pair.name == name) {
            let hint = nearest(&name, pairs.iter().map(|pair| &*pair.name));
            item.fault(format!("no solution is named {}", shown(&name)), hint);
        }
        names.push(name);
    }
    names
}

/// An empty list could mean none as well as all.
fn listed<'a>(value: &Value<'a>) -> Vec<Value<'a>> {
    let items = value.list();
    if items.as_ref().is_some_and(Vec::is_empty) {
        value.fault("an empty list", Some("leave the key out".to_owned()));
    }
    items.unwrap_or_default()
}

/// The words of logs and of alarms: what is critical moves a pair or keeps one from moving.
const SEVERITIES: [(&str, Severity); 6] = [
    ("info", Severity::Info),
    ("warning", Severity::Warning),
    ("minor", Severity::Warning),
    ("error", Severity::Error),
    ("major", Severity::Error),
    ("critical", Severity::Error),
];

/// From this one on: `warning` and `warning+` are the same.
fn severity(value: &Value<'_>) -> Option<Severity> {
    let text = value.text()?;
    let word = text.strip_suffix('+').unwrap_or(text);
    let known = SEVERITIES.iter().find(|(known, _)| *known == word);
    if let Some((_, severity)) = known {
        return Some(*severity);
    }
    let words = SEVERITIES.map(|(word, _)| word);
    value.expected(&words.join(", "), nearest(word, words))
}

fn kind(table: &Table<'_>, secrets: &Secrets, base: &Path) -> Option<SinkKind> {
    let (key, value) = table.one_of(keys::SINKS)?;
    let value = &value;
    match key {
        "command" => Some(SinkKind::Command(Command::read(value, Hole::ALL, secrets)?)),
        "stream" => {
            let command = value.table(&keys::STREAM.names())?.need("command")?;
            Some(SinkKind::Stream(Command::read(&command, &[], secrets)?))
        }
        "webhook" => webhook::read(value, secrets, base).map(SinkKind::Webhook),
        "email" => email::read(value, secrets, base).map(SinkKind::Email),
        "syslog" => syslog::read(value, base).map(SinkKind::Syslog),
        "file" => Some(SinkKind::File(base.join(value.line()?))),
        _ => snmp::read(value, secrets).map(SinkKind::Snmp),
    }
}
