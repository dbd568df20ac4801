//! What the daemon tells the shim, through its standard input and nowhere else: secrets are in it.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
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
    /// The job's own folder, if it has to be found again after a crash.
    pub(super) trace: Option<PathBuf>,
}

impl Order {
    pub(super) fn of(job: &Job, trace: Option<&Path>) -> Order {
        Order {
            id: job.id.clone(),
            argv: job.argv.clone(),
            secrets: job.secrets.values().map(str::to_owned).collect(),
            folder: std::path::absolute(&job.folder).unwrap_or_else(|_| here()),
            environment: environment(),
            timeout: job.timeout,
            start_by: job.start_by(),
            kept_bytes: job.kept_bytes,
            trace: trace.map(Path::to_owned),
        }
    }

    /// None if the daemon ended without an order. One that breaks off, because the daemon died while it gave it, is an
    /// error.
    pub(super) fn read(from: impl Read) -> io::Result<Option<Order>> {
        let mut text = Vec::new();
        from.take(BYTES_MAX).read_to_end(&mut text)?;
        if text.is_empty() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&text)?))
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

/// Of a job without a folder: a configuration that was named by its file name alone stands here.
fn here() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/"))
}

/// Where programs are looked for if nothing says so.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// All of the environment that a command gets.
fn environment() -> Vec<(String, String)> {
    let variable = |name| std::env::var(name).ok();
    vec![
        ("PATH".to_owned(), search_path(variable("PATH"))),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ("HOME".to_owned(), home(variable("HOME"))),
    ]
}

/// That of the daemon, as its unit sets it and as `check` looks through it, without what depends on the folder where
/// someone happens to stand.
fn search_path(path: Option<String>) -> String {
    let path = path.unwrap_or_default();
    let folders = path.split(':').filter(|folder| folder.starts_with('/'));
    let kept: Vec<&str> = folders.collect();
    match kept.is_empty() {
        true => PATH.to_owned(),
        false => kept.join(":"),
    }
}

/// Where ssh looks for its keys.
fn home(home: Option<String>) -> String {
    home.filter(|home| home.starts_with('/'))
        .unwrap_or_else(|| "/".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_program_is_looked_for_in_a_relative_folder() {
        for (path, searched) in [
            (None, PATH),
            (Some(""), PATH),
            (Some(".:bin"), PATH),
            (Some("/opt/gcti:.:/usr/bin:"), "/opt/gcti:/usr/bin"),
        ] {
            assert_eq!(search_path(path.map(str::to_owned)), searched);
        }
        assert_eq!(home(Some("~".to_owned())), "/");
    }
}
