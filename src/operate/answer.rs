//! What the engine says to an operator's verb.

use std::sync::Arc;

use crate::decide::{Entry, Reason};
use crate::topology::Topology;
use crate::why::Teller;

/// Given once the entries are on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Done {
        /// What followed, a sentence each, escaped.
        told: Vec<String>,
        /// The incident that the verb opened.
        incident: Option<Arc<str>>,
    },
    Refused {
        reason: Reason,
        detail: Option<Arc<str>>,
    },
    /// The configuration changed while the verb was on its way; nothing was done.
    Outdated,
}

impl Answer {
    /// What the core made of the verb.
    pub fn of(entries: &[Entry], topology: &Topology) -> Answer {
        let refused = entries.iter().find_map(|entry| match entry {
            Entry::Refused { reason, detail, .. } => Some(Answer::Refused {
                reason: *reason,
                detail: detail.clone(),
            }),
            _ => None,
        });
        refused.unwrap_or_else(|| {
            let mut teller = Teller::new(topology);
            Answer::Done {
                told: entries
                    .iter()
                    .filter_map(|entry| teller.tell(entry))
                    .collect(),
                incident: entries.iter().find_map(|entry| match entry {
                    Entry::Opened { incident, .. } => Some(incident.id.clone()),
                    _ => None,
                }),
            }
        })
    }
}
