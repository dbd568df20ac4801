//! What a status command such as `mlcmd -getallappstatus` prints: a block of text for each application, a field a line.
//!
//! ```text
//! Application: VM_SIPServer_1
//! DBID: 151
//! Status: APP_STATUS_RUNNING
//! Runmode: PRIMARY
//! ```
//!
//! The order of the fields, other fields and lines between them mean nothing. Whatever is damaged, cut or not known
//! reads as unknown: no damage makes a primary.

use std::collections::HashMap;
use std::hash::Hash;

use super::text::decode;
use crate::event::{Mode, Status};
use crate::words::words;

const TEXT_BYTES_MAX: usize = 8 << 20;
const LINE_BYTES_MAX: usize = 4096;
const APPLICATIONS_MAX: usize = 10_000;
const NOTES_MAX: usize = 100;
/// Compared without case, blanks, `_` and `-`.
const PREFIXES: [&str; 4] = ["appstatus", "apprunmode", "appmode", "cfg"];

/// The second opinion: each application that was named, and what was odd about the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusText {
    pub applications: Vec<AppStatus>,
    /// The first hundred.
    pub notes: Vec<Note>,
}

/// One application. It has a name or a DBID, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppStatus {
    pub name: Option<String>,
    pub dbid: Option<u32>,
    pub status: Status,
    pub mode: Mode,
}

/// Something odd, at a line counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    pub line: usize,
    pub oddity: Oddity,
}

words! {
    /// What is odd about a status command's text.
    Oddity {
        /// A status or a mode that is not known.
        UnknownWord = "unknown-word",
        /// A DBID that is no number.
        NoNumber = "no-number",
        /// A field without a value.
        EmptyField = "empty-field",
        /// A block without name and DBID.
        NoApplication = "no-application",
        /// A field came again before its block ended: what the block says is not believed.
        RepeatedField = "repeated-field",
        /// Two blocks for one application that differ: neither is believed.
        Contradiction = "contradiction",
        /// The text ends inside a name or a DBID.
        CutLine = "cut-line",
        /// A line, or the text, is longer than any that would be read.
        TooLong = "too-long",
    }
}

words! {
    Field {
        Application = "application",
        Dbid = "dbid",
        Status = "status",
        Runmode = "runmode",
    }
}

/// Reads the text in any of the encodings that such tools write.
pub fn status_text(bytes: &[u8]) -> StatusText {
    read(&decode(bytes.get(..TEXT_BYTES_MAX).unwrap_or(bytes)))
}

impl StatusText {
    /// Reads what is decoded already, as in the [`Output`](super::Output) of a command.
    pub fn read(text: &str) -> StatusText {
        read(text)
    }
}

fn read(text: &str) -> StatusText {
    let mut reader = Reader::default();
    let mut bytes = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        bytes += line.len();
        reader.line = index + 1;
        if bytes > TEXT_BYTES_MAX {
            reader.note(Oddity::TooLong);
            break;
        }
        reader.take(line);
    }
    reader.end_block();
    reader.settle_contradictions();
    StatusText {
        applications: reader.applications,
        notes: reader.notes,
    }
}

#[derive(Default)]
struct Reader {
    /// The field that came first of all: without blank lines, each block begins with one of its kind.
    leader: Option<Field>,
    block: Block,
    line: usize,
    applications: Vec<AppStatus>,
    notes: Vec<Note>,
}

#[derive(Default)]
struct Block {
    /// It began with a field that came too early: its head is lost, and the next leader is not its own.
    is_headless: bool,
    seen: Vec<Field>,
    name: Option<String>,
    dbid: Option<u32>,
    status: Option<Status>,
    mode: Option<Mode>,
}

impl Reader {
    fn take(&mut self, line: &str) {
        let is_cut = !line.ends_with('\n');
        let line = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}' || c == '\0');
        if line.is_empty() {
            return self.end_block();
        }
        let Some((key, value)) = line.split_once(':') else {
            return;
        };
        if key.len() > LINE_BYTES_MAX {
            return self.note(Oddity::TooLong);
        }
        let key = plain(key);
        let Some(field) = Field::ALL.iter().copied().find(|field| field.word() == key) else {
            return;
        };
        self.begin(field);
        let value = value.trim();
        if value.len() > LINE_BYTES_MAX {
            return self.note(Oddity::TooLong);
        }
        if value.is_empty() {
            return self.note(Oddity::EmptyField);
        }
        // Half a name is another name, and half a number another number. Half a word is no word.
        if is_cut && matches!(field, Field::Application | Field::Dbid) {
            return self.note(Oddity::CutLine);
        }
        self.set(field, value);
    }

    fn begin(&mut self, field: Field) {
        let leader = *self.leader.get_or_insert(field);
        let is_repeated = self.block.seen.contains(&field);
        let is_damaged = is_repeated && field != leader;
        if is_damaged {
            self.note(Oddity::RepeatedField);
            (self.block.status, self.block.mode) = (None, None);
        }
        if is_repeated || self.block.is_headless && field == leader {
            self.end_block();
            self.block.is_headless = is_damaged;
        }
        self.block.seen.push(field);
    }

    fn set(&mut self, field: Field, value: &str) {
        let known = match field {
            Field::Application => {
                self.block.name = Some(value.to_owned());
                true
            }
            Field::Dbid => {
                self.block.dbid = value.parse().ok();
                if self.block.dbid.is_none() {
                    self.note(Oddity::NoNumber);
                }
                true
            }
            Field::Status => {
                self.block.status = word(value, Status::ALL, Status::word);
                self.block.status.is_some()
            }
            Field::Runmode => {
                self.block.mode = word(value, Mode::ALL, Mode::word);
                self.block.mode.is_some()
            }
        };
        if !known {
            self.note(Oddity::UnknownWord);
        }
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        if block.seen.is_empty() {
            return;
        }
        if block.name.is_none() && block.dbid.is_none() {
            return self.note(Oddity::NoApplication);
        }
        if self.applications.len() >= APPLICATIONS_MAX {
            return self.note(Oddity::TooLong);
        }
        self.applications.push(AppStatus {
            name: block.name,
            dbid: block.dbid,
            status: block.status.unwrap_or(Status::Unknown),
            mode: block.mode.unwrap_or(Mode::Unknown),
        });
    }

    /// Applications that are told twice and differently are unknown.
    fn settle_contradictions(&mut self) {
        let by_name = doubtful(&self.applications, |each| each.name.clone());
        let by_dbid = doubtful(&self.applications, |each| each.dbid);
        for at in by_name.into_iter().chain(by_dbid) {
            self.note(Oddity::Contradiction);
            if let Some(each) = self.applications.get_mut(at) {
                (each.status, each.mode) = (Status::Unknown, Mode::Unknown);
            }
        }
    }

    fn note(&mut self, oddity: Oddity) {
        if self.notes.len() < NOTES_MAX {
            let line = self.line;
            self.notes.push(Note { line, oddity });
        }
    }
}

/// The positions of those that share a key and differ in anything.
fn doubtful<K: Eq + Hash>(
    applications: &[AppStatus],
    key: impl Fn(&AppStatus) -> Option<K>,
) -> Vec<usize> {
    let mut groups: HashMap<K, Vec<usize>> = HashMap::new();
    for (at, each) in applications.iter().enumerate() {
        if let Some(key) = key(each) {
            groups.entry(key).or_default().push(at);
        }
    }
    let differ = |group: &Vec<usize>| {
        let mut those = group.iter().filter_map(|at| applications.get(*at));
        let first = those.next();
        those.any(|other| Some(other) != first)
    };
    let mut found: Vec<usize> = groups.into_values().filter(differ).flatten().collect();
    found.sort_unstable();
    found
}

/// The word of a set that is meant, in whatever spelling.
fn word<T: Copy>(text: &str, all: &[T], spelling: impl Fn(T) -> &'static str) -> Option<T> {
    let text = plain(text);
    let stripped = PREFIXES.iter().find_map(|prefix| text.strip_prefix(prefix));
    let text = stripped.unwrap_or(&text);
    all.iter()
        .copied()
        .find(|each| plain(spelling(*each)) == text)
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests;
