//! What the daemon tells the shim, through its standard input and nowhere else: secrets are in it.

use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::clock::Moment;
use super::job::{Job, JobId};
use super::report::{Ended, Output, Report};

/// No argument list of a system is longer.
const BYTES_MAX: u64 = 16 << 20;

#[derive(Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) id: JobId,
    pub(super) argv: Vec<String>,
    pub(super) secrets: Vec<String>,
    pub(super) folder: PathBuf,
    pub(super) environment: Vec<(String, String)>,
    pub(super) timeout: Duration,
    pub(super) start_by: Moment,
    pub(super) kept_bytes: usize,
}

impl Order {
    pub(super) fn of(job: &Job) -> Order {
        let secrets = job.secrets.names();
        Order {
            id: job.id.clone(),
            argv: job.argv.clone(),
            secrets: secrets
                .filter_map(|name| Some(job.secrets.get(name)?.reveal().to_owned()))
                .collect(),
            folder: job.folder.clone(),
            environment: environment(),
            timeout: job.timeout,
            start_by: job.start_by(),
            kept_bytes: job.kept_bytes,
        }
    }

    /// An order that breaks off, because the daemon died while it gave it, is an error.
    pub(super) fn read(from: impl Read) -> io::Result<Order> {
        let mut text = Vec::new();
        from.take(BYTES_MAX).read_to_end(&mut text)?;
        Ok(serde_json::from_slice(&text)?)
    }

    pub(super) fn report(&self, ended: Ended) -> Report {
        Report {
            id: self.id.clone(),
            ended,
            started: None,
            finished: None,
            stdout: Output::default(),
            stderr: Output::default(),
            left_running: 0,
        }
    }
}

/// All of the environment that a command gets. `HOME` is where ssh looks for its keys.
fn environment() -> Vec<(String, String)> {
    let home = std::env::var("HOME").ok();
    let home = home.filter(|home| home.starts_with('/'));
    vec![
        ("PATH".to_owned(), super::PATH.to_owned()),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ("HOME".to_owned(), home.unwrap_or_else(|| "/".to_owned())),
    ]
}
