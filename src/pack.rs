//! Pattern packs: which records are events, and what they mean, as data.

use std::sync::Arc;

use crate::event::{EventKind, Mode, Status};

/// The first line of a record (or, in a file whose pack reads every line, any line), as a rule sees it.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The bytes after the stamp and the blanks behind it; the whole line where there is no stamp. No line end.
    pub text: &'a [u8],
    /// The line began with a stamp.
    pub stamped: bool,
}

/// What a rule took from a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    pub id: Arc<str>,
    pub kind: EventKind,
    pub level: Option<Arc<str>>,
    pub text: Arc<str>,
    pub application: Option<Arc<str>>,
    pub dbid: Option<u32>,
    pub host: Option<Arc<str>>,
    pub mode: Option<Mode>,
    pub status: Option<Status>,
    /// The pack speaks for SCS about others, not for the application that owns the file.
    pub by_scs: bool,
}

/// All packs of one configuration: the built-in ones, and those that a user added or put in their place.
#[derive(Debug, Default)]
pub struct Packs {}

/// The rules that read one kind of file.
#[derive(Debug, Default)]
pub struct Matcher {}

/// What a matcher remembers from one line of a segment to a later one (a `MESSAGE#` line waits for the
/// `ActiveAlarm` line that names its application). One for each segment.
#[derive(Debug, Default)]
pub struct Memory {}

impl Matcher {
    /// The meaning of a record's head, if a rule gives it one.
    pub fn read(&self, _memory: &mut Memory, _head: Head<'_>) -> Option<Meaning> {
        None
    }

    /// True if a line without a stamp can have a meaning too (SCS's own log).
    pub fn reads_every_line(&self) -> bool {
        false
    }
}
