//! What a pack file says, as YAML: every word still a word, at its place. `compile` gives it a meaning.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_yaml::{Error, Location, Options, Spanned, UserMessageFormatter};

use super::pattern::one_of;
use crate::fault::{Fault, Place, Severity};

/// Bytes of one pack file; the largest built-in one is a twentieth of it.
const FILE_BYTES_MAX: usize = 1 << 20;

pub(super) type Word = Spanned<String>;
pub(super) type Words = Vec<Word>;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PackFile {
    pub(super) pack: Word,
    #[serde(default, rename = "about")]
    _about: Option<String>,
    /// The rules speak for SCS about others: who wrote the record is not whom it is about.
    #[serde(default)]
    pub(super) by_scs: bool,
    /// `records` (default), or `lines`: lines without a stamp count too.
    pub(super) reads: Option<Word>,
    /// Wildcards on the header's `Application type:`; absent, the pack reads every file.
    pub(super) types: Option<Words>,
    /// An id without a facility may be one of this facility too.
    pub(super) facility: Option<Word>,
    #[serde(default)]
    pub(super) words: WordsFile,
    #[serde(default)]
    pub(super) parts: BTreeMap<String, Word>,
    #[serde(default)]
    pub(super) shapes: Words,
    #[serde(default)]
    pub(super) joins: Vec<JoinFile>,
    #[serde(default)]
    pub(super) rules: Vec<Spanned<RuleFile>>,
    #[serde(default)]
    pub(super) samples: Vec<Spanned<SampleFile>>,
}

/// How this log spells modes and statuses: the published word, then the spellings.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WordsFile {
    #[serde(default)]
    pub(super) prefixes: Words,
    #[serde(default)]
    pub(super) mode: Vec<Spelling>,
    #[serde(default)]
    pub(super) status: Vec<Spelling>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spelling {
    pub(super) is: Word,
    pub(super) spelled: Words,
}

/// A line that holds an id waits for a later one that names the application.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinFile {
    pub(super) waits: Word,
    pub(super) names: Words,
    pub(super) within: Spanned<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFile {
    pub(super) id: Option<Word>,
    pub(super) name: Option<Word>,
    pub(super) line: Option<Word>,
    pub(super) text: Option<Word>,
    #[serde(default)]
    pub(super) names: Words,
    #[serde(default)]
    pub(super) when: Vec<Spanned<CaseFile>>,
    pub(super) kind: Option<Word>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CaseFile {
    #[serde(default)]
    pub(super) mode: Words,
    #[serde(default)]
    pub(super) mode_not: Words,
    #[serde(default)]
    pub(super) previous: Words,
    #[serde(default)]
    pub(super) previous_not: Words,
    #[serde(default)]
    pub(super) status: Words,
    #[serde(default)]
    pub(super) status_not: Words,
    pub(super) kind: Word,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleFile {
    pub(super) line: Option<String>,
    #[serde(default)]
    pub(super) lines: Vec<String>,
    pub(super) stamped: Option<bool>,
    pub(super) event: Option<EventFile>,
    #[serde(default)]
    pub(super) events: Vec<EventFile>,
    pub(super) nothing: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventFile {
    pub(super) id: Word,
    pub(super) kind: Word,
    pub(super) application: Option<String>,
    pub(super) dbid: Option<u32>,
    pub(super) host: Option<String>,
    pub(super) mode: Option<Word>,
    pub(super) status: Option<Word>,
    pub(super) level: Option<String>,
    pub(super) text: Option<String>,
}

/// The faults of one pack file, as they are found.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) file: Arc<str>,
    pub(super) faults: Vec<Fault>,
}

impl Report {
    pub(super) fn new(file: &Arc<str>) -> Report {
        Report {
            file: file.clone(),
            faults: Vec::new(),
        }
    }

    pub(super) fn add(
        &mut self,
        at: Location,
        key: &str,
        message: impl Into<String>,
        hint: Option<String>,
    ) {
        self.faults.push(Fault {
            place: self.place(at),
            severity: Severity::Error,
            key: key.to_owned(),
            message: message.into(),
            hint,
        });
    }

    pub(super) fn place(&self, at: Location) -> Place {
        Place {
            file: self.file.clone(),
            line: at.line(),
            column: at.column(),
        }
    }
}

/// The file's words, or the place where it stops being a pack file.
pub(super) fn read(text: &str, report: &mut Report) -> Option<PackFile> {
    if text.len() > FILE_BYTES_MAX {
        let message = format!("a pack file of more than {FILE_BYTES_MAX} bytes");
        report.add(Location::UNKNOWN, "", message, None);
        return None;
    }
    serde_yaml::from_str_with_options(text, Options::default())
        .map_err(|error| {
            let at = error.location().unwrap_or(Location::UNKNOWN);
            let (message, hint) = told(error.without_snippet());
            report.add(at, "", message, hint);
        })
        .ok()
}

fn told(error: &Error) -> (String, Option<String>) {
    match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => (
            format!("unknown key `{field}`"),
            Some(one_of(field, expected.iter().copied())),
        ),
        Error::SerdeMissingField { field, .. } => (format!("the key `{field}` is missing"), None),
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            (format!("the key `{key}` stands here twice"), None)
        }
        Error::SerdeInvalidType {
            unexpected,
            expected,
            ..
        } => (format!("{unexpected} where {expected} is expected"), None),
        other => {
            let text = other.render_with_formatter(&UserMessageFormatter);
            (text.lines().next().unwrap_or_default().to_owned(), None)
        }
    }
}
