//! The second opinion: the status command, asked now and then, and whenever something hangs on it.

use std::time::Duration;

use super::commands::Commands;
use crate::config::Holes;
use crate::decide::Input;
use crate::dispatch::{AppStatus, Ended, Job, JobId, Report, Urgency, status_text};
use crate::event::{Mode, Status};
use crate::time::Time;

pub(super) struct Opinion {
    commands: Commands,
    /// The question under way, and its number.
    asking: Option<JobId>,
    asked: u64,
    due: Option<Time>,
    /// It was wanted again while it was being asked.
    again: bool,
}

impl Opinion {
    pub fn new(commands: Commands, now: Time) -> Opinion {
        let due = commands.config.status.is_some().then_some(now);
        Opinion {
            commands,
            asking: None,
            asked: 0,
            due,
            again: false,
        }
    }

    pub fn due(&self) -> Option<Time> {
        self.due.filter(|_| self.asking.is_none())
    }

    /// As soon as possible.
    pub fn soon(&mut self, now: Time) {
        if self.commands.config.status.is_some() {
            self.again = self.asking.is_some();
            self.due = Some(now);
        }
    }

    /// How long an answer may take.
    pub fn patience(&self) -> Duration {
        self.commands
            .config
            .status
            .as_ref()
            .map_or(Duration::ZERO, |status| status.timeout)
    }

    pub fn ask(&mut self, now: Time) {
        let Some(status) = &self.commands.config.status else {
            return;
        };
        self.due = None;
        let Some(argv) = status
            .command
            .argv_with_secrets(&Holes::default(), &self.commands.secrets)
        else {
            return;
        };
        self.asked += 1;
        let id = JobId::new(format!("status-{}-{}", now.micros(), self.asked));
        let job = Job::question(id.clone(), Urgency::Rest, "scs", argv);
        self.commands.start(job, status.timeout);
        self.asking = Some(id);
    }

    /// What the core is told of an answer; none if the report is not one. A command that failed says nothing.
    pub fn ended(&mut self, report: &Report, now: Time) -> Option<Vec<Input>> {
        if self.asking.as_ref() != Some(&report.id) {
            return None;
        }
        self.asking = None;
        let every = self
            .commands
            .config
            .status
            .as_ref()
            .map(|status| status.every);
        let next = every.map(|every| now.plus(every));
        self.due = if std::mem::take(&mut self.again) {
            Some(now)
        } else {
            next
        };
        if report.ended != Ended::Exited(0) {
            tracing::warn!(ended = ?report.ended, "the status command gave no answer");
            return Some(Vec::new());
        }
        let text = status_text(report.stdout.head.as_bytes());
        Some(
            text.applications
                .iter()
                .filter_map(|each| self.told(each))
                .collect(),
        )
    }

    /// Of applications that are configured under that number; a name that differs makes it somebody else's.
    fn told(&self, answer: &AppStatus) -> Option<Input> {
        let topology = &self.commands.config.topology;
        let (solution, application) = topology.dbid(answer.dbid?)?;
        let known = topology
            .solutions
            .get(solution)?
            .applications
            .get(application)?;
        if answer
            .name
            .as_deref()
            .is_some_and(|name| *name != *known.name)
        {
            tracing::warn!(
                dbid = answer.dbid,
                "the status command gives the DBID another name"
            );
            return None;
        }
        let mode = Some(answer.mode).filter(|mode| *mode != Mode::Unknown);
        let status = Some(answer.status).filter(|status| *status != Status::Unknown);
        Some(Input::Reported {
            solution,
            application,
            mode,
            status,
        })
    }
}
