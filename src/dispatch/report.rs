//! How a command ended and what it said.

use serde::{Deserialize, Serialize};

use super::job::JobId;
use crate::decide::Outcome;
use crate::time::Time;

/// The end of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub id: JobId,
    pub ended: Ended,
    /// When the command was started; none if it was not.
    pub started: Option<Time>,
    pub finished: Option<Time>,
    pub stdout: Output,
    pub stderr: Output,
    /// Processes that the command left behind. After a timeout these could not be ended (another user's, or stuck in
    /// the kernel); else they have until the deadline.
    pub left_running: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    Exited(i32),
    /// By this signal, which was not ours.
    Signalled(i32),
    /// Still running at its deadline, and then ended.
    TimedOut,
    /// It never began, so it did nothing; and why.
    NotRun(String),
    /// The process that was to start it ended first, and now it never begins.
    NotBegun,
    /// It may have run, and nobody knows how it ended; and why.
    Lost(String),
    /// Nothing on disk tells of it. It never began, unless the machine was restarted since it was to.
    Untraced,
}

/// What a command wrote to one of its outputs, as text and without secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// All of it, or its head.
    pub head: String,
    /// Its end, where something between was left out.
    pub tail: String,
    /// How many bytes were written.
    pub bytes: u64,
    pub bytes_left_out: u64,
}

impl Report {
    pub(super) fn not_run(id: JobId, why: impl Into<String>) -> Report {
        Report::without_end(id, Ended::NotRun(why.into()))
    }

    pub(super) fn lost(id: JobId, why: impl Into<String>) -> Report {
        Report::without_end(id, Ended::Lost(why.into()))
    }

    pub(super) fn not_begun(id: JobId) -> Report {
        Report::without_end(id, Ended::NotBegun)
    }

    pub(super) fn untraced(id: JobId) -> Report {
        Report::without_end(id, Ended::Untraced)
    }

    fn without_end(id: JobId, ended: Ended) -> Report {
        Report {
            id,
            ended,
            started: None,
            finished: None,
            stdout: Output::default(),
            stderr: Output::default(),
            left_running: 0,
        }
    }

    /// What the core is told. None for a lost or untraced command: the world has to be read instead.
    pub fn outcome(&self) -> Option<Outcome> {
        Some(match &self.ended {
            Ended::Exited(0) => Outcome::Succeeded,
            Ended::Exited(code) => {
                Outcome::Failed(self.with_last_line(format!("exit code {code}")))
            }
            Ended::Signalled(signal) => {
                Outcome::Failed(self.with_last_line(format!("ended by signal {signal}")))
            }
            Ended::TimedOut => Outcome::TimedOut,
            Ended::NotRun(why) => Outcome::NotRun(why.clone()),
            Ended::NotBegun => Outcome::NotDone,
            Ended::Lost(_) | Ended::Untraced => return None,
        })
    }

    /// With the last line that the command complained with, which mostly tells the cause.
    fn with_last_line(&self, text: String) -> String {
        let last = [&self.stderr, &self.stdout]
            .into_iter()
            .find_map(Output::last_line);
        match last {
            Some(line) => format!("{text}: {line}"),
            None => text,
        }
    }
}

const LINE_CHARS_MAX: usize = 200;

impl Output {
    fn last_line(&self) -> Option<String> {
        let text = if self.bytes_left_out > 0 {
            &self.tail
        } else {
            &self.head
        };
        let line = text.lines().map(str::trim).rfind(|line| !line.is_empty())?;
        Some(line.chars().take(LINE_CHARS_MAX).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_the_last_line_of_the_complaint() {
        let output = |head: &str| Output {
            head: head.to_owned(),
            ..Output::default()
        };
        let id = || JobId::new("x");
        for (ended, stdout, stderr, outcome) in [
            (Ended::Exited(0), "a", "b", Some(Outcome::Succeeded)),
            (
                Ended::Exited(255),
                "out\n",
                "Warning: x\nssh: no route to host\r\n\n",
                Some(Outcome::Failed(
                    "exit code 255: ssh: no route to host".into(),
                )),
            ),
            (
                Ended::Exited(1),
                "not synchronised\n",
                " \n",
                Some(Outcome::Failed("exit code 1: not synchronised".into())),
            ),
            (
                Ended::Signalled(11),
                "",
                "",
                Some(Outcome::Failed("ended by signal 11".into())),
            ),
            (Ended::TimedOut, "", "", Some(Outcome::TimedOut)),
            (
                Ended::NotRun("no program".into()),
                "",
                "",
                Some(Outcome::NotRun("no program".into())),
            ),
            (Ended::NotBegun, "", "", Some(Outcome::NotDone)),
            (Ended::Lost("its runner is gone".into()), "", "", None),
            (Ended::Untraced, "", "", None),
        ] {
            let report = Report {
                stdout: output(stdout),
                stderr: output(stderr),
                ..Report::without_end(id(), ended)
            };
            assert_eq!(report.outcome(), outcome);
        }
    }
}
