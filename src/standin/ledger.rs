//! What was really started, and what the logs said: two files of one JSON object a line, for whoever counts.

use serde::{Deserialize, Serialize};

use super::command::{Answer, Behaviour, Tool, masked};
use super::world::Line;
use crate::time::Time;

/// One start of a command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    /// When its process began.
    pub time: Time,
    pub pid: u32,
    /// None if its arguments were not understood.
    pub tool: Option<Tool>,
    /// The application or host that it was about.
    pub target: Option<String>,
    pub behaviour: Behaviour,
    pub did: String,
    /// Secrets are `***`.
    pub argv: Vec<String>,
    /// With which it would end, if nobody ends it.
    pub exit: u8,
    /// A process that it leaves behind.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub leaves: Option<u32>,
}

/// One record that mattered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// When it was written, to the microsecond.
    pub time: Time,
    pub who: String,
    pub file: String,
    pub text: String,
}

impl Start {
    pub(super) fn of(time: Time, argv: &[String], answer: &Answer, leaves: Option<u32>) -> Start {
        Start {
            time,
            pid: std::process::id(),
            tool: answer.tool,
            target: answer.target.map(str::to_owned),
            behaviour: answer.behaviour,
            did: answer.did.clone(),
            argv: masked(argv),
            exit: answer.exit,
            leaves,
        }
    }

    /// True if it was to change something.
    pub fn acts(&self) -> bool {
        !matches!(self.tool, Some(Tool::Status | Tool::VipProbe))
    }

    /// True if it is a start of that command about that application or host.
    pub fn is(&self, tool: Tool, target: &str) -> bool {
        self.tool == Some(tool) && self.target.as_deref() == Some(target)
    }
}

impl Said {
    pub(super) fn of(time: Time, line: &Line) -> Said {
        Said {
            time,
            who: line.who.to_string(),
            file: line.file.clone(),
            text: line.text.trim_end().to_owned(),
        }
    }
}
