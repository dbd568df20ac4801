//! What is to be carried out.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::Moment;
use crate::config::Secrets;

/// How much of the head, and how much of the tail, of each output is kept.
const KEPT_BYTES: usize = 64 << 10;
/// A status command lists hundreds of applications, and all of them count.
const ANSWER_BYTES: usize = 4 << 20;

/// Names one try of one command, for ever: a step's id with the number of the try, say.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(Arc<str>);

impl JobId {
    pub fn new(id: impl Into<Arc<str>>) -> JobId {
        JobId(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who goes first where not all can run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Urgency {
    /// A VIP goes up: callers are waiting.
    Vip,
    /// A switch.
    Switch,
    /// What may be tried on a host that is dead, and status commands. These never take the last half of the places.
    Rest,
}

/// One command, ready to run.
#[derive(Clone)]
pub struct Job {
    pub id: JobId,
    pub urgency: Urgency,
    /// Where it acts: the limit per host counts by this.
    pub host: Arc<str>,
    /// The program and its arguments with secrets in them.
    pub argv: Vec<String>,
    /// Masked in all that is kept of the command.
    pub secrets: Secrets,
    /// Where it runs and where a relative program is looked for: the configuration's folder, so that a relative path
    /// in an argument means what it means everywhere else in the file.
    pub folder: PathBuf,
    /// After this the command and all that it started is ended.
    pub timeout: Duration,
    /// A command that could not start within this must not fire any more.
    pub start_within: Duration,
    /// A step leaves a trace on disk and is found again after a crash. A question is only asked again.
    pub is_step: bool,
    /// Kept of the head and of the tail of each output.
    pub kept_bytes: usize,
    made: Moment,
}

impl Job {
    /// A step of a plan.
    pub fn step(id: JobId, urgency: Urgency, host: impl Into<Arc<str>>, argv: Vec<String>) -> Job {
        let timeout = Duration::from_secs(10);
        Job {
            id,
            urgency,
            host: host.into(),
            argv,
            secrets: Secrets::default(),
            folder: PathBuf::from("/"),
            timeout,
            start_within: timeout,
            is_step: true,
            kept_bytes: KEPT_BYTES,
            made: Moment::now(),
        }
    }

    /// A probe or a status command: it changes nothing.
    pub fn question(
        id: JobId,
        urgency: Urgency,
        host: impl Into<Arc<str>>,
        argv: Vec<String>,
    ) -> Job {
        Job {
            is_step: false,
            kept_bytes: ANSWER_BYTES,
            ..Job::step(id, urgency, host, argv)
        }
    }

    /// The time that it may take, and that it may take to begin.
    pub fn within(self, timeout: Duration) -> Job {
        Job {
            timeout,
            start_within: timeout,
            ..self
        }
    }

    pub fn starting_within(self, start_within: Duration) -> Job {
        Job {
            start_within,
            ..self
        }
    }

    pub fn in_folder(self, folder: impl Into<PathBuf>) -> Job {
        let folder = folder.into();
        Job { folder, ..self }
    }

    pub fn masking(self, secrets: &Secrets) -> Job {
        let secrets = secrets.clone();
        Job { secrets, ..self }
    }

    pub(super) fn start_by(&self) -> Moment {
        self.made.plus(self.start_within)
    }
}

/// Without the arguments: secrets are among them.
impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("id", &self.id)
            .field("urgency", &self.urgency)
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}
