//! The samples of a pack: lines, and the events that they are. Rule and proof are read together.

use serde_yaml::{Location, Spanned};

use super::compile::{Pack, word};
use super::file::{EventFile, Report, SampleFile};
use super::matcher::{Matcher, Memory};
use super::{Head, Meaning};
use crate::event::{EventKind, Mode, Status};
use crate::fault::Fault;

#[derive(Debug)]
pub(super) struct Sample {
    at: Location,
    key: String,
    stamped: bool,
    lines: Vec<String>,
    events: Vec<Expected>,
}

/// What is not written is expected to be absent; level and text count only where they are written.
#[derive(Debug)]
struct Expected {
    id: String,
    kind: EventKind,
    application: Option<String>,
    dbid: Option<u32>,
    host: Option<String>,
    mode: Option<Mode>,
    status: Option<Status>,
    level: Option<String>,
    text: Option<String>,
}

pub(super) fn all(files: &[Spanned<SampleFile>], report: &mut Report) -> Vec<Sample> {
    let samples = files.iter().enumerate();
    samples
        .filter_map(|(index, file)| sample(file, format!("samples[{index}]"), report))
        .collect()
}

fn sample(file: &Spanned<SampleFile>, key: String, report: &mut Report) -> Option<Sample> {
    let SampleFile {
        line,
        lines,
        stamped,
        event,
        events,
        nothing,
    } = &file.value;
    let at = file.referenced;
    let lines: Vec<String> = line.iter().chain(lines).cloned().collect();
    if lines.is_empty() {
        report.add(at, &key, "a sample needs a `line`", None);
    }
    let wanted: Vec<&EventFile> = event.iter().chain(events).collect();
    if wanted.is_empty() != nothing.unwrap_or(false) {
        report.add(
            at,
            &key,
            "a sample is either an `event`, or `nothing: true`",
            None,
        );
    }
    let count = wanted.len();
    let events: Vec<Expected> = wanted
        .into_iter()
        .filter_map(|event| expected(event, &format!("{key}.event"), report))
        .collect();
    (events.len() == count).then(|| Sample {
        at,
        key,
        stamped: stamped.unwrap_or(true),
        lines,
        events,
    })
}

fn expected(file: &EventFile, key: &str, report: &mut Report) -> Option<Expected> {
    let mode = file.mode.as_ref().map(|mode| word(mode, key, report));
    let status = file.status.as_ref().map(|status| word(status, key, report));
    Some(Expected {
        id: file.id.value.clone(),
        kind: word(&file.kind, key, report)?,
        application: file.application.clone(),
        dbid: file.dbid,
        host: file.host.clone(),
        mode: mode.map_or(Some(None), |mode| mode.map(Some))?,
        status: status.map_or(Some(None), |status| status.map(Some))?,
        level: file.level.clone(),
        text: file.text.clone(),
    })
}

/// Every sample of the pack that the matcher reads otherwise.
pub(super) fn check(pack: &Pack, matcher: &Matcher) -> Vec<Fault> {
    let mut report = Report::new(&pack.file);
    for sample in &pack.samples {
        let mut memory = Memory::default();
        let read: Vec<Meaning> = sample
            .lines
            .iter()
            .filter_map(|line| {
                let head = Head {
                    text: line.as_bytes(),
                    stamped: sample.stamped,
                };
                matcher.read(&mut memory, head)
            })
            .collect();
        let agree = read.len() == sample.events.len()
            && sample
                .events
                .iter()
                .zip(&read)
                .all(|(expected, read)| expected.agrees(read));
        if !agree {
            let message = format!(
                "expected {}, read {}",
                list(&sample.events, Expected::told),
                list(&read, told)
            );
            report.add(sample.at, &sample.key, message, None);
        }
    }
    report.faults
}

impl Expected {
    fn agrees(&self, read: &Meaning) -> bool {
        let free = |wanted: &Option<String>, read: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == read
        };
        self.id == *read.id
            && self.kind == read.kind
            && self.application.as_deref() == read.application.as_deref()
            && self.dbid == read.dbid
            && self.host.as_deref() == read.host.as_deref()
            && self.mode == read.mode
            && self.status == read.status
            && free(&self.level, read.level.as_deref())
            && free(&self.text, Some(&read.text))
    }

    fn told(&self) -> String {
        let (application, host) = (self.application.as_deref(), self.host.as_deref());
        let told = fields(
            &self.id,
            self.kind,
            application,
            self.dbid,
            host,
            self.mode,
            self.status,
        );
        [("level", &self.level), ("text", &self.text)]
            .into_iter()
            .filter_map(|(name, value)| Some(format!(" {name} {:?}", value.as_ref()?)))
            .fold(told, |told, more| told + &more)
    }
}

fn told(read: &Meaning) -> String {
    let (application, host) = (read.application.as_deref(), read.host.as_deref());
    fields(
        &read.id,
        read.kind,
        application,
        read.dbid,
        host,
        read.mode,
        read.status,
    )
}

fn fields(
    id: &str,
    kind: EventKind,
    application: Option<&str>,
    dbid: Option<u32>,
    host: Option<&str>,
    mode: Option<Mode>,
    status: Option<Status>,
) -> String {
    let mut told = format!("{id} {kind}");
    for (name, value) in [
        ("application", application.map(|name| format!("{name:?}"))),
        ("dbid", dbid.map(|number| number.to_string())),
        ("host", host.map(|name| format!("{name:?}"))),
        ("mode", mode.map(|mode| mode.to_string())),
        ("status", status.map(|status| status.to_string())),
    ] {
        if let Some(value) = value {
            told += &format!(" {name} {value}");
        }
    }
    told
}

fn list<T>(events: &[T], told: impl Fn(&T) -> String) -> String {
    match events {
        [] => "nothing".to_owned(),
        events => events.iter().map(told).collect::<Vec<_>>().join("; "),
    }
}
