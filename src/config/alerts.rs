//! Alerts: what is told to whom.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::command::{Command, Hole, Template};
use super::secrets::Secrets;
use super::solutions::Pair;
use crate::fault::Severity;
use crate::topology::AlertClass;
use crate::yaml::{Table, Value, nearest, shown};

const TIMEOUT: Duration = Duration::from_secs(10);
const SINKS: [&str; 7] = [
    "command", "webhook", "email", "syslog", "file", "snmp", "stream",
];

/// Where alerts go, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertSink {
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
    /// An HTTP POST of the alert as JSON. The URL and the headers may hold secrets.
    Webhook {
        url: Template,
        headers: BTreeMap<Arc<str>, Template>,
    },
    Email {
        to: Vec<String>,
        from: String,
        /// `host:port` of the mail server.
        server: String,
    },
    /// `local`, or `host:port`.
    Syslog(String),
    /// A file to which a line of JSON is added for each alert.
    File(PathBuf),
    Snmp {
        /// `host:port` of the trap receiver.
        address: String,
        community: Template,
    },
}

impl AlertSink {
    /// True if this sink wants to hear of it. An alert that concerns no solution concerns all.
    pub fn wants(&self, class: AlertClass, severity: Severity, solution: Option<&str>) -> bool {
        let of_solution = |name: &str| self.solutions.iter().any(|each| **each == *name);
        self.on.contains(&class)
            && severity <= self.severity
            && (self.solutions.is_empty() || solution.is_none_or(of_solution))
    }

    pub fn command(&self) -> Option<&Command> {
        match &self.kind {
            SinkKind::Command(command) | SinkKind::Stream(command) => Some(command),
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
    items
        .iter()
        .filter_map(|item| sink(item, pairs, secrets, base))
        .collect()
}

fn sink(
    value: &Value<'_>,
    pairs: &[Pair<'_>],
    secrets: &Secrets,
    base: &Path,
) -> Option<AlertSink> {
    let mut keys = vec!["on", "solutions", "severity", "timeout"];
    keys.extend(SINKS);
    let table = value.table(&keys)?;
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
    let kind = kind(&table, secrets, base);
    Some(AlertSink {
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

fn severity(value: &Value<'_>) -> Option<Severity> {
    let all = [Severity::Info, Severity::Warning, Severity::Error];
    value.word(&all, |severity| match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    })
}

fn kind(table: &Table<'_>, secrets: &Secrets, base: &Path) -> Option<SinkKind> {
    let (key, value) = table.one_of(&SINKS)?;
    let value = &value;
    match key {
        "command" => Some(SinkKind::Command(Command::read(value, Hole::ALL, secrets)?)),
        "stream" => {
            let command = value.table(&["command"])?.need("command")?;
            Some(SinkKind::Stream(Command::read(&command, &[], secrets)?))
        }
        "webhook" => webhook(value, secrets),
        "email" => email(value),
        "syslog" => match value.text()? {
            "local" => Some(SinkKind::Syslog("local".to_owned())),
            _ => Some(SinkKind::Syslog(endpoint(value, "`local`, or host:port")?)),
        },
        "file" => Some(SinkKind::File(base.join(value.line()?))),
        _ => snmp(value, secrets),
    }
}

/// A URL alone, or with headers: `{ url: …, headers: { Authorization: "Bearer {secret:hook}" } }`.
fn webhook(value: &Value<'_>, secrets: &Secrets) -> Option<SinkKind> {
    let (url, headers) = match value.is_map() {
        true => {
            let table = value.table(&["url", "headers"])?;
            (table.need("url")?, table.get("headers"))
        }
        false => (value.clone(), None),
    };
    let headers = headers.and_then(|value| value.named()).unwrap_or_default();
    let headers: Vec<_> = headers
        .into_iter()
        .map(|(named, value)| (named.name, Template::read(&value, Hole::ALL, secrets)))
        .collect();
    let text = url.line()?;
    let secret = text.starts_with("{secret:");
    if !secret && !text.starts_with("https://") && !text.starts_with("http://") {
        return url.expected("a URL that begins with https:// or http://", None);
    }
    let url = Template::read(&url, Hole::ALL, secrets)?;
    let headers = headers
        .into_iter()
        .map(|(name, value)| Some((name, value?)));
    Some(SinkKind::Webhook {
        url,
        headers: headers.collect::<Option<_>>()?,
    })
}

fn email(value: &Value<'_>) -> Option<SinkKind> {
    let table = value.table(&["to", "from", "server"])?;
    let from = table.need("from").and_then(|value| mail_address(&value));
    let server = table
        .need("server")
        .and_then(|value| endpoint(&value, "host:port"));
    let to = table.need("to").and_then(|value| value.list());
    let to: Vec<Option<String>> = to?.iter().map(mail_address).collect();
    Some(SinkKind::Email {
        to: to.into_iter().collect::<Option<_>>()?,
        from: from?,
        server: server?,
    })
}

fn mail_address(value: &Value<'_>) -> Option<String> {
    let text = value.line()?;
    let halves = text.split_once('@');
    let whole = halves
        .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'));
    match whole && !text.contains(char::is_whitespace) {
        true => Some(text.to_owned()),
        false => value.expected("a mail address", None),
    }
}

fn snmp(value: &Value<'_>, secrets: &Secrets) -> Option<SinkKind> {
    let table = value.table(&["address", "community"])?;
    let address = table
        .need("address")
        .and_then(|value| endpoint(&value, "host:port"));
    let community = table
        .need("community")
        .and_then(|value| Template::read(&value, &[], secrets));
    Some(SinkKind::Snmp {
        address: address?,
        community: community?,
    })
}

fn endpoint(value: &Value<'_>, what: &str) -> Option<String> {
    let text = value.line()?;
    let halves = text.rsplit_once(':');
    let port = halves.and_then(|(_, port)| port.parse::<u16>().ok());
    match (halves, port) {
        (Some((host, _)), Some(1..)) if !host.is_empty() => Some(text.to_owned()),
        _ => value.expected(what, None),
    }
}
