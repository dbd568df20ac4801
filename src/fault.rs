//! What can be wrong with an input, as values: reading goes on, and everything wrong is told at once.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::words::words;

/// One thing wrong with a configuration or a pattern pack, at its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    pub place: Place,
    pub severity: Severity,
    /// Dotted path of the value, `solutions.east.applications.RM_1.dbid`; empty for a whole file.
    pub key: String,
    /// A lowercase fragment: what is wrong, and what was expected.
    pub message: String,
    /// What to write instead: "did you mean `window`?"
    pub hint: Option<String>,
}

/// Line and column are counted from 1; 0 means that no place inside the file is meant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub file: Arc<str>,
    pub line: u64,
    pub column: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Info,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        })
    }
}

impl fmt::Display for Fault {
    /// `tailswitch.yaml:12:9: error: solutions.east.windw: unknown key (did you mean `window`?)`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { file, line, column } = &self.place;
        write!(f, "{file}")?;
        if *line > 0 {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}: ", self.severity)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

/// Something odd in a log, told and counted while reading goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    pub severity: Severity,
    pub code: Code,
    pub file: Arc<str>,
    /// Counted from 1; 0 where the whole file is meant.
    pub line: u64,
    pub message: String,
}

words! {
    /// Why a diagnostic was written; published in JSON.
    Code {
        /// The input cannot be opened or read. Exit code 65 at the end.
        Unreadable = "unreadable",
        /// The input holds no byte.
        EmptyFile = "empty-file",
        /// The input holds no record at all.
        NoRecords = "no-records",
        /// A line over `line_bytes_max`: its head was read, the rest was skipped.
        LongLine = "long-line",
        /// A SIP trace states more bytes than `trace_bytes_max`: only so many were skipped.
        LongTrace = "long-trace",
        /// The file ends inside a SIP message.
        CutTrace = "cut-trace",
        /// The file ends without a line end, inside a record.
        CutRecord = "cut-record",
        /// A run of NUL bytes was skipped.
        NulBytes = "nul-bytes",
        /// Stamps carry no zone and none is known: they are read as UTC.
        NoZone = "no-zone",
        /// A time-only stamp and no date from header, file name or check point: the epoch's first day is used.
        NoDate = "no-date",
        /// A stamp that cannot be true; the time of the record before it is used.
        ImplausibleStamp = "implausible-stamp",
        /// The wall clock of a file without a named zone went back by an hour: summer time is taken as ended.
        ClockBack = "clock-back",
        /// The event names no application and the file has none.
        NoApplication = "no-application",
        /// The application is not in the configuration.
        UnknownApplication = "unknown-application",
        /// The DBID belongs to another name in the configuration.
        DbidMismatch = "dbid-mismatch",
        /// The host is not in the configuration.
        UnknownHost = "unknown-host",
        /// The event is about a host that is not the application's in the configuration.
        HostMismatch = "host-mismatch",
        /// An event inside the uncertain end of a SIP message.
        TraceGap = "trace-gap",
        /// The file is left out: a per-thread log, a snapshot or a memory log.
        LeftOut = "left-out",
        /// No pack reads this file's lines.
        NoPack = "no-pack",
    }
}
