//! What the core decides, as values: the journal's content, and all that `apply` ever sees.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::incident::{Cause, Incident, StepState};
use super::reason::Reason;
use crate::event::{Event, Mode, Status};
use crate::time::Time;
use crate::topology::{AlertClass, Subject};
use crate::words::words;

/// One thing that was learned or decided. State is the fold of all entries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Entry {
    /// An event was seen; `apply` learns from it what it teaches.
    Observed {
        solution: usize,
        subject: Subject,
        event: Arc<Event>,
        /// The event's stamp on the corrected clock.
        stamp: Time,
        at: Time,
        lesson: Lesson,
    },
    /// Solution Control Server told of itself.
    ScsObserved { event: Arc<Event>, at: Time },
    /// An application's own log goes on: a record of this stamp was written.
    Alive {
        solution: usize,
        application: usize,
        stamp: Time,
    },
    /// A failure waits for a better picture until `due`.
    Awaited {
        solution: usize,
        application: usize,
        event: Arc<Event>,
        stamp: Time,
        due: Time,
    },
    /// The one verdict on an event.
    Decided(Decision),
    Opened {
        solution: usize,
        incident: Box<Incident>,
    },
    /// A held incident is carried out after all, for a new cause; it is planned again.
    Resumed {
        solution: usize,
        incident: Arc<str>,
        cause: Cause,
        at: Time,
    },
    /// The opposite move began.
    Superseded {
        solution: usize,
        incident: Arc<str>,
        at: Time,
    },
    /// Only a grace time keeps the step from starting.
    StepReady {
        solution: usize,
        incident: Arc<str>,
        step: usize,
        at: Time,
    },
    StepMoved {
        solution: usize,
        incident: Arc<str>,
        step: usize,
        to: StepState,
        reason: Reason,
        detail: Option<Arc<str>>,
        at: Time,
    },
    /// The command of a step ended without success; it is to be started again from `next` on.
    StepRetried {
        solution: usize,
        incident: Arc<str>,
        step: usize,
        reason: Reason,
        detail: Option<Arc<str>>,
        at: Time,
        next: Time,
    },
    /// The command of a step ended; whether it worked is judged by its effect.
    StepEnded {
        solution: usize,
        incident: Arc<str>,
        step: usize,
        at: Time,
    },
    /// The effect of a step was seen.
    StepConfirmed {
        solution: usize,
        incident: Arc<str>,
        step: usize,
        at: Time,
    },
    /// No step of the incident can run any more, as things are.
    ReactionEnded {
        solution: usize,
        incident: Arc<str>,
        at: Time,
    },
    /// The incident takes no more events; the record is final.
    Closed {
        solution: usize,
        incident: Box<Incident>,
    },
    /// A VIP-disable that could not be done is remembered.
    Owed {
        solution: usize,
        host: usize,
        incident: Arc<str>,
        at: Time,
    },
    /// The command that pays a debt is started.
    DebtTried {
        solution: usize,
        host: usize,
        at: Time,
    },
    /// It did not pay; not before `next` is it tried again.
    DebtRemains {
        solution: usize,
        host: usize,
        reason: Reason,
        next: Time,
    },
    /// A debt ended.
    OwedSettled {
        solution: usize,
        host: usize,
        state: StepState,
        reason: Reason,
        at: Time,
    },
    /// The command that announces the VIP on this host, after its old one has paid, is started.
    AnnounceTried {
        solution: usize,
        host: usize,
        at: Time,
    },
    /// It never began, and is to be started again.
    AnnounceRemains {
        solution: usize,
        host: usize,
        at: Time,
    },
    /// It ended, or is not wanted any more. A courtesy: whether it worked changes nothing.
    AnnounceEnded {
        solution: usize,
        host: usize,
        reason: Reason,
        at: Time,
    },
    /// The status command's word about one application.
    Reported {
        solution: usize,
        application: usize,
        mode: Option<Mode>,
        status: Option<Status>,
        at: Time,
    },
    /// What an operator asked for and got.
    Operated(Operated),
    /// What an operator asked for and was refused.
    Refused {
        solution: usize,
        request: Request,
        reason: Reason,
        detail: Option<Arc<str>>,
        at: Time,
    },
    /// The pause ended by itself.
    PauseEnded { solution: usize, at: Time },
    /// Nothing may act any more, for all pairs.
    Disarmed { reason: Reason, at: Time },
    /// The clock cannot be trusted: what is believed has to be read again before anything starts.
    WorldDoubted { at: Time },
    /// It was read again.
    WorldRead { at: Time },
    /// Something that a person should know, apart from incidents. One opening and one closing per key.
    Alert(Alert),
}

/// An operator's verb that took effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operated {
    pub solution: usize,
    pub request: Request,
    pub at: Time,
}

/// An operator's verb, with who asked for it and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub verb: Verb,
    pub by: Arc<str>,
    pub why: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Verb {
    /// No step until then.
    Pause {
        until: Time,
    },
    Resume,
    /// Frees what the incident locks or blocks.
    Acknowledge {
        incident: Arc<str>,
    },
    /// Moves the pair to that host, past block, lock and pause.
    Force {
        to: usize,
    },
    /// The debt of that host is let be.
    Forgive {
        host: usize,
    },
}

/// What an event may teach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lesson {
    /// News: roles, states, and where the VIP was found.
    News,
    /// Read back from before the start.
    History,
    /// Too late to tell the present: a dated statement among others.
    Late,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    pub at: Time,
    pub solution: Option<usize>,
    pub verdict: Verdict,
    pub reason: Reason,
    /// What holds or what is meant, where the reason alone does not say.
    pub detail: Option<Arc<str>>,
    pub event: Arc<Event>,
    /// The event's time on the corrected clock.
    pub stamp: Time,
    /// Index into the solution's applications.
    pub application: Option<usize>,
    pub incident: Option<Arc<str>>,
}

words! {
    Verdict {
        /// The event makes the pair move.
        Open = "open",
        /// It belongs to a move that is known.
        Absorb = "absorb",
        /// It is the effect of a step.
        Echo = "echo",
        /// It moves nothing.
        Ignore = "ignore",
        /// It would move the pair, but something forbids it.
        Hold = "hold",
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    pub at: Time,
    pub solution: Option<usize>,
    pub class: AlertClass,
    /// What the alert is about, stable from its opening to its closing: `redundancy:east:RM_2`.
    pub key: Arc<str>,
    pub open: bool,
    pub text: Arc<str>,
}

words! {
    EntryKind {
        Observed = "observed",
        ScsObserved = "scs-observed",
        Alive = "alive",
        Awaited = "awaited",
        Decided = "decided",
        Opened = "opened",
        Resumed = "resumed",
        Superseded = "superseded",
        StepReady = "step-ready",
        StepMoved = "step-moved",
        StepEnded = "step-ended",
        StepConfirmed = "step-confirmed",
        ReactionEnded = "reaction-ended",
        Closed = "closed",
        Owed = "owed",
        OwedSettled = "owed-settled",
        StepRetried = "step-retried",
        DebtTried = "debt-tried",
        DebtRemains = "debt-remains",
        AnnounceTried = "announce-tried",
        AnnounceRemains = "announce-remains",
        AnnounceEnded = "announce-ended",
        Reported = "reported",
        Operated = "operated",
        Refused = "refused",
        PauseEnded = "pause-ended",
        Disarmed = "disarmed",
        WorldDoubted = "world-doubted",
        WorldRead = "world-read",
        Alert = "alert",
    }
}

impl Entry {
    /// The pair that the entry changes; none if it concerns all.
    pub fn solution(&self) -> Option<usize> {
        match self {
            Entry::ScsObserved { .. }
            | Entry::Disarmed { .. }
            | Entry::WorldDoubted { .. }
            | Entry::WorldRead { .. } => None,
            Entry::Operated(operated) => Some(operated.solution),
            Entry::Decided(decision) => decision.solution,
            Entry::Alert(alert) => alert.solution,
            Entry::Observed { solution, .. }
            | Entry::Alive { solution, .. }
            | Entry::Awaited { solution, .. }
            | Entry::Opened { solution, .. }
            | Entry::Resumed { solution, .. }
            | Entry::Superseded { solution, .. }
            | Entry::StepReady { solution, .. }
            | Entry::StepMoved { solution, .. }
            | Entry::StepRetried { solution, .. }
            | Entry::DebtTried { solution, .. }
            | Entry::DebtRemains { solution, .. }
            | Entry::AnnounceTried { solution, .. }
            | Entry::AnnounceRemains { solution, .. }
            | Entry::AnnounceEnded { solution, .. }
            | Entry::Reported { solution, .. }
            | Entry::Refused { solution, .. }
            | Entry::PauseEnded { solution, .. }
            | Entry::StepEnded { solution, .. }
            | Entry::StepConfirmed { solution, .. }
            | Entry::ReactionEnded { solution, .. }
            | Entry::Closed { solution, .. }
            | Entry::Owed { solution, .. }
            | Entry::OwedSettled { solution, .. } => Some(*solution),
        }
    }

    /// The incident that the entry belongs to.
    pub fn incident(&self) -> Option<&Arc<str>> {
        match self {
            Entry::Decided(decision) => decision.incident.as_ref(),
            Entry::Opened { incident, .. } | Entry::Closed { incident, .. } => Some(&incident.id),
            Entry::Resumed { incident, .. }
            | Entry::Superseded { incident, .. }
            | Entry::StepReady { incident, .. }
            | Entry::StepMoved { incident, .. }
            | Entry::StepEnded { incident, .. }
            | Entry::StepConfirmed { incident, .. }
            | Entry::StepRetried { incident, .. }
            | Entry::ReactionEnded { incident, .. }
            | Entry::Owed { incident, .. } => Some(incident),
            Entry::Operated(Operated { request, .. }) | Entry::Refused { request, .. } => {
                match &request.verb {
                    Verb::Acknowledge { incident } => Some(incident),
                    _ => None,
                }
            }
            Entry::Observed { .. }
            | Entry::ScsObserved { .. }
            | Entry::Alive { .. }
            | Entry::Awaited { .. }
            | Entry::OwedSettled { .. }
            | Entry::DebtTried { .. }
            | Entry::DebtRemains { .. }
            | Entry::AnnounceTried { .. }
            | Entry::AnnounceRemains { .. }
            | Entry::AnnounceEnded { .. }
            | Entry::Reported { .. }
            | Entry::PauseEnded { .. }
            | Entry::Disarmed { .. }
            | Entry::WorldDoubted { .. }
            | Entry::WorldRead { .. }
            | Entry::Alert(_) => None,
        }
    }

    /// What kind of entry it is, in the word that the journal files it under.
    pub fn kind(&self) -> EntryKind {
        match self {
            Entry::Observed { .. } => EntryKind::Observed,
            Entry::ScsObserved { .. } => EntryKind::ScsObserved,
            Entry::Alive { .. } => EntryKind::Alive,
            Entry::Awaited { .. } => EntryKind::Awaited,
            Entry::Decided(_) => EntryKind::Decided,
            Entry::Opened { .. } => EntryKind::Opened,
            Entry::Resumed { .. } => EntryKind::Resumed,
            Entry::Superseded { .. } => EntryKind::Superseded,
            Entry::StepReady { .. } => EntryKind::StepReady,
            Entry::StepMoved { .. } => EntryKind::StepMoved,
            Entry::StepEnded { .. } => EntryKind::StepEnded,
            Entry::StepConfirmed { .. } => EntryKind::StepConfirmed,
            Entry::ReactionEnded { .. } => EntryKind::ReactionEnded,
            Entry::Closed { .. } => EntryKind::Closed,
            Entry::Owed { .. } => EntryKind::Owed,
            Entry::OwedSettled { .. } => EntryKind::OwedSettled,
            Entry::StepRetried { .. } => EntryKind::StepRetried,
            Entry::DebtTried { .. } => EntryKind::DebtTried,
            Entry::DebtRemains { .. } => EntryKind::DebtRemains,
            Entry::AnnounceTried { .. } => EntryKind::AnnounceTried,
            Entry::AnnounceRemains { .. } => EntryKind::AnnounceRemains,
            Entry::AnnounceEnded { .. } => EntryKind::AnnounceEnded,
            Entry::Reported { .. } => EntryKind::Reported,
            Entry::Operated(_) => EntryKind::Operated,
            Entry::Refused { .. } => EntryKind::Refused,
            Entry::PauseEnded { .. } => EntryKind::PauseEnded,
            Entry::Disarmed { .. } => EntryKind::Disarmed,
            Entry::WorldDoubted { .. } => EntryKind::WorldDoubted,
            Entry::WorldRead { .. } => EntryKind::WorldRead,
            Entry::Alert(_) => EntryKind::Alert,
        }
    }
}
