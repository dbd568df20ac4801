//! Why: what was decided and what was not, with every gate and its value, told from the journal.
//!
//! A question is about an incident, a time or an application. [`answer`] reads what it needs of a [`Past`] and
//! makes a value of it, which [`text`] writes for people and JSON for programs.

mod application;
mod incident;
mod question;
mod scs;
mod sentence;
mod text;
mod time;

use schemars::JsonSchema;
use serde::Serialize;

pub use self::application::WhyApplication;
pub use self::incident::{StepWhy, WhyIncident};
pub use self::question::{Question, question};
pub use self::scs::beside;
pub use self::sentence::{Line, Teller, does};
pub use self::text::{known, role_of, text};
pub use self::time::WhyTime;
use crate::past::{Past, PastError};
use crate::topology::Topology;

/// The answer to a question.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Why {
    Incident(WhyIncident),
    Time(WhyTime),
    Application(WhyApplication),
}

/// None if the journal knows nothing of it (any more).
pub fn answer(
    topology: &Topology,
    past: &mut dyn Past,
    question: &Question,
) -> Result<Option<Why>, PastError> {
    Ok(match question {
        Question::Incident(id) => incident::ask(topology, past, id)?.map(Why::Incident),
        Question::Time(at) => Some(Why::Time(time::ask(topology, past, *at)?)),
        Question::Application(solution, application) => {
            application::ask(topology, past, (*solution, *application))?.map(Why::Application)
        }
    })
}

#[cfg(test)]
mod tests;
