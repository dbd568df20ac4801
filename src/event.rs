//! What one log record means, in the field's words.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::time::Time;
use crate::words::words;

/// A record to which a pattern pack gave a meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// The stamp of the record, in UTC as the writer's clock told it (no clock offset applied).
    pub time: Time,
    /// As the pack names it: five digits (`04563`), with the facility where it is not `00` (`43-10327`),
    /// or a word for lines that have no number (`AppRunModeChanged`).
    pub id: Arc<str>,
    pub kind: EventKind,
    /// Whom the event is about: named by the record, else by the file's header or the source's setting.
    pub application: Option<Arc<str>>,
    pub dbid: Option<u32>,
    pub host: Option<Arc<str>>,
    /// The mode that the record states, for kinds that state one.
    pub mode: Option<Mode>,
    /// The status that the record states, for kinds that state one.
    pub status: Option<Status>,
    pub level: Option<Arc<str>>,
    /// The record's text after its id. From a log, therefore attacker text: escape it where it is printed.
    pub text: Arc<str>,
    pub witness: Witness,
    /// The application whose log this is, where its header or the source's setting says so.
    pub writer: Option<Arc<str>>,
    /// The record stands where the end of a SIP message is uncertain: evidence at most.
    pub in_trace_gap: bool,
    pub origin: Origin,
}

impl Event {
    /// It tells of Solution Control Server itself, and so of every pair under it.
    pub fn is_about_scs(&self) -> bool {
        use EventKind::*;
        match self.kind {
            ScsFlapping | ScsStable | ScsPrimary | ScsBackup => true,
            SplitBrain | NoPrimary | OnePrimary => {
                self.application.is_none() && self.dbid.is_none()
            }
            _ => false,
        }
    }
}

/// Where a record stood, so that anyone can open the log at that byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    pub file: Arc<str>,
    /// Counted from 1.
    pub line: u64,
    /// Bytes before the record's first byte.
    pub offset: u64,
}

/// Who wrote the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Witness {
    /// The application itself, in its own log.
    Own,
    /// Solution Control Server, about an application or a host.
    Scs,
    /// A log that names the application in the record (a Message Server's or a collected log).
    Other,
}

words! {
    /// The meaning of an event; the words are published in JSON and used by pattern packs.
    EventKind {
        /// The application states that it became primary (4563, 4562, AppRunModeChanged to primary from another mode).
        BecamePrimary = "became-primary",
        /// The application states that it became backup (4560, 4561, AppRunModeChanged to backup).
        BecameBackup = "became-backup",
        /// The application terminated without being asked to (5064, 5091).
        Failed = "failed",
        /// The application runs again (5060, 5061, 5090).
        Started = "started",
        /// The application was stopped by request (5063, a stop requested through the Management Layer).
        PlannedStop = "planned-stop",
        /// SCS has lost the host.
        HostLost = "host-lost",
        /// SCS sees the host again.
        HostBack = "host-back",
        /// SCS was asked to change, or itself changes, an application's mode.
        ModeRequested = "mode-requested",
        /// SCS states the mode and status that it holds for an application. Teaches, never triggers.
        StateReported = "state-reported",
        /// A SIP Server lost its virtual IP address (52029).
        VipLost = "vip-lost",
        /// A SIP Server has its virtual IP address (52030).
        VipOk = "vip-ok",
        /// SCS sees two primaries (43-20622, 43-10329).
        SplitBrain = "split-brain",
        /// SCS sees no primary (43-20621).
        NoPrimary = "no-primary",
        /// SCS sees exactly one primary again (43-20623, 43-10330).
        OnePrimary = "one-primary",
        /// SCS's own mode is flapping (43-10327).
        ScsFlapping = "scs-flapping",
        /// SCS's own mode is stable again (43-10328).
        ScsStable = "scs-stable",
        /// This SCS itself became primary.
        ScsPrimary = "scs-primary",
        /// This SCS itself became backup.
        ScsBackup = "scs-backup",
        /// An active alarm was cleared. Recorded, nothing else.
        AlarmCleared = "alarm-cleared",
        /// Worth recording, without a meaning for the decision.
        Noted = "noted",
    }
}

words! {
    /// A run mode as SCS and mlcmd name it.
    Mode {
        Primary = "primary",
        Backup = "backup",
        Exiting = "exiting",
        Unknown = "unknown",
    }
}

words! {
    /// An application's or a host's status as SCS and mlcmd name it.
    Status {
        Running = "running",
        Stopped = "stopped",
        StopTransition = "stop-transition",
        StopPending = "stop-pending",
        StartTransition = "start-transition",
        StartPending = "start-pending",
        Initializing = "initializing",
        Suspending = "suspending",
        Suspended = "suspended",
        ServiceUnavailable = "service-unavailable",
        Unavailable = "unavailable",
        Unknown = "unknown",
    }
}
