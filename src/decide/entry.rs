//! What the core decides, as values: the journal's content, and all that `apply` ever sees.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::incident::{Cause, Incident, StepState};
use super::reason::Reason;
use crate::event::Event;
use crate::time::Time;
use crate::topology::Subject;
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
    /// A debt ended.
    OwedSettled {
        solution: usize,
        host: usize,
        state: StepState,
        reason: Reason,
        at: Time,
    },
    /// Something that a person should know, apart from incidents. One opening and one closing per key.
    Alert(Alert),
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
    /// What an alert is about; sinks choose by it.
    AlertClass {
        /// The service itself is in danger.
        Incident = "incident",
        /// Something keeps the pair from being moved.
        Hold = "hold",
        /// A step is owed to a host.
        Owed = "owed",
        /// The backup host could not take over.
        Redundancy = "redundancy",
    }
}

impl Entry {
    /// The pair that the entry changes; none if it concerns all.
    pub fn solution(&self) -> Option<usize> {
        match self {
            Entry::ScsObserved { .. } => None,
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
            | Entry::StepEnded { solution, .. }
            | Entry::StepConfirmed { solution, .. }
            | Entry::ReactionEnded { solution, .. }
            | Entry::Closed { solution, .. }
            | Entry::Owed { solution, .. }
            | Entry::OwedSettled { solution, .. } => Some(*solution),
        }
    }
}
