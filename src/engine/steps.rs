//! From the core's entries to commands, and from the ends of commands back to what the core is told.
//!
//! A VIP step reads before it acts, where it has a probe: what is so already is not done again. After its command has
//! ended, however that was, the probe is asked once more: the effect counts, the exit code is a hint. A switch is
//! judged by its 4563 or by the status command, so nothing is probed for it.
//!
//! Of a command that was lost nobody knows what it did. Until its deadline it may still be at work, and then the world
//! is read ([`Lost`]).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::commands::Commands;
use super::lost::Lost;
use super::what::{Target, What};
use crate::config::{Command, Holes, Probe, StepCommand};
use crate::decide::{Core, Entry, InDoubt, Input, Outcome, Reason};
use crate::dispatch::{Ended, Job, JobId, Report, Urgency};
use crate::time::Time;
use crate::topology::Action;

/// The part of a try that has an effect: its job leaves a trace on disk.
const ACT: &str = "act";

/// What the jobs under way are for.
pub(super) struct Steps {
    commands: Commands,
    doing: HashMap<JobId, Doing>,
    lost: Lost,
    /// Nothing that was to begin in an earlier life can have begun unseen: the machine was not restarted since.
    is_same_boot: bool,
}

/// What the end of a command, or of the question about its effect, comes to.
pub(super) struct Learned {
    pub input: Input,
    /// The command that has left a trace on disk: not needed any more once this is written down.
    pub trace: JobId,
}

#[derive(Clone, Debug)]
struct Doing {
    what: What,
    stage: Stage,
}

#[derive(Clone, Debug)]
enum Stage {
    /// Is it so already?
    Probing,
    Acting,
    /// Its command ended like this; is its effect there?
    Checking(Outcome),
    /// Its command was lost; is its effect there?
    Settling,
}

impl Steps {
    pub fn new(commands: Commands, is_same_boot: bool) -> Steps {
        Steps {
            commands,
            doing: HashMap::new(),
            lost: Lost::default(),
            is_same_boot,
        }
    }

    /// What an earlier life left: commands that may still run, or have ended meanwhile, are looked for; what was lost
    /// already goes on being settled.
    pub fn adopt(&mut self, core: &Core, in_doubt: &[InDoubt]) {
        let mut jobs = Vec::new();
        for doubt in in_doubt {
            let Some(what) = What::in_doubt(core, doubt) else {
                continue;
            };
            if what.is_known_lost(core) {
                let deadline = self.deadline(core, &what);
                self.lost.add(what, deadline);
                continue;
            }
            let id = what.job_id(ACT);
            let stage = Stage::Acting;
            self.doing.insert(id.clone(), Doing { what, stage });
            jobs.push(id);
        }
        self.commands.dispatcher.adopt(&jobs);
    }

    /// Starts what a journaled entry asks for. The intent is on disk by now.
    pub fn carry_out(&mut self, core: &Core, entry: &Entry) -> Option<Input> {
        let what = What::in_doubt(core, &entry.starts()?)?;
        self.start(core, what)
    }

    /// Whether the report is of a step, and what the core is told of it; nothing while there is more to find out.
    pub fn ended(&mut self, core: &Core, report: &Report, now: Time) -> Option<Option<Learned>> {
        let Doing { what, stage } = self.doing.remove(&report.id)?;
        let trace = what.job_id(ACT);
        let told = self.follow(core, what, stage, report, now);
        Some(told.map(|input| Learned { input, trace }))
    }

    fn follow(
        &mut self,
        core: &Core,
        what: What,
        stage: Stage,
        report: &Report,
        now: Time,
    ) -> Option<Input> {
        let is_so = report.ended == Ended::Exited(0);
        let is_not = matches!(report.ended, Ended::Exited(_)) && !is_so;
        match stage {
            Stage::Probing if is_so => Some(what.told(Outcome::AlreadySo)),
            Stage::Probing => self.act(core, what),
            Stage::Acting => match (report.outcome(), &report.ended) {
                (Some(outcome @ Outcome::NotRun(_)), _) => Some(what.told(outcome)),
                (Some(outcome), _) => self.check(core, what, outcome),
                (None, Ended::Untraced) if self.is_same_boot => Some(what.told(Outcome::NotDone)),
                (None, _) => self.lose(core, what, now),
            },
            Stage::Checking(_) | Stage::Settling if is_so => Some(what.told(Outcome::Confirmed)),
            Stage::Checking(Outcome::Succeeded) if is_not => {
                let lie = "its command succeeded, but the probe says that nothing happened";
                Some(what.told(Outcome::Failed(lie.into())))
            }
            // A probe that cannot be asked takes nothing back.
            Stage::Checking(outcome) => Some(what.told(outcome)),
            Stage::Settling if is_not => Some(what.told(Outcome::NotDone)),
            Stage::Settling => Some(what.told(Outcome::Unknowable)),
        }
    }

    /// No command runs.
    pub fn are_idle(&self) -> bool {
        self.doing.is_empty()
    }

    /// When something of what was lost can be settled.
    pub fn due(&self) -> Option<Time> {
        self.lost.due()
    }

    /// Settles what was lost and has had its time: by its probe, else by the status command, which is wanted now if
    /// this is true.
    pub fn settle(&mut self, core: &Core, now: Time) -> (Vec<Input>, bool) {
        let mut inputs = Vec::new();
        let mut wants_opinion = false;
        for what in self.lost.take_due(core, now) {
            if what.was_seen_done(core) {
                inputs.push(what.told(Outcome::Confirmed));
            } else if self.probe(&what).is_some() {
                self.ask(core, what, Stage::Settling);
            } else if what.action == Action::SwitchToPrimary
                && self.commands.config.status.is_some()
            {
                self.lost.ask_status(what, now);
                wants_opinion = true;
            } else {
                inputs.push(what.told(Outcome::Unknowable));
            }
        }
        (inputs, wants_opinion)
    }

    /// The status command has answered, or failed to.
    pub fn heard_opinion(&mut self, core: &Core) -> Vec<Input> {
        self.lost.heard_opinion(core)
    }

    fn start(&mut self, core: &Core, what: What) -> Option<Input> {
        if self.probe(&what).is_some() {
            self.ask(core, what, Stage::Probing);
            return None;
        }
        self.act(core, what)
    }

    /// The last look before the command: is it still wanted?
    fn act(&mut self, core: &Core, what: What) -> Option<Input> {
        if let Some(reason) = core.state.disarmed {
            return Some(what.told(Outcome::NotRun(reason.sentence().into())));
        }
        if !what.is_unsettled(core) {
            return None;
        }
        if what.was_seen_done(core) {
            return Some(what.told(Outcome::AlreadySo));
        }
        let Some(command) = self.command(&what) else {
            let why = format!("no command is configured for {}", what.action);
            return Some(what.told(Outcome::NotRun(why)));
        };
        let (command, timeout) = (command.command.clone(), command.timeout);
        let Some(argv) = self.argv(&command, &what) else {
            return Some(what.told(Outcome::NotRun("a secret is missing".into())));
        };
        self.order(core, what, Stage::Acting, argv, timeout);
        None
    }

    /// Looks for the effect, where a probe can tell it.
    fn check(&mut self, core: &Core, what: What, outcome: Outcome) -> Option<Input> {
        if self.probe(&what).is_none() {
            return Some(what.told(outcome));
        }
        self.ask(core, what, Stage::Checking(outcome));
        None
    }

    fn lose(&mut self, core: &Core, what: What, now: Time) -> Option<Input> {
        let deadline = self.deadline(core, &what).max(now);
        let told = match what.target {
            Target::Step(_) => Some(what.told(Outcome::Lost)),
            Target::Debt | Target::Announcement => None,
        };
        self.lost.add(what, deadline);
        told
    }

    /// Until then a command that nobody sees may still be at work.
    fn deadline(&self, core: &Core, what: &What) -> Time {
        let timeout = self.command(what).map(|command| command.timeout);
        what.started(core).plus(timeout.unwrap_or_default())
    }

    fn ask(&mut self, core: &Core, what: What, stage: Stage) {
        let Some(probe) = self.probe(&what) else {
            return;
        };
        let (command, timeout) = (probe.command.clone(), probe.timeout);
        let argv = self.argv(&command, &what).unwrap_or_default();
        self.order(core, what, stage, argv, timeout);
    }

    fn order(
        &mut self,
        core: &Core,
        what: What,
        stage: Stage,
        argv: Vec<String>,
        timeout: Duration,
    ) {
        let (part, job): (_, fn(_, _, Arc<str>, _) -> Job) = match stage {
            Stage::Acting => (ACT, Job::step),
            Stage::Probing => ("before", Job::question),
            Stage::Checking(_) | Stage::Settling => ("after", Job::question),
        };
        let id = what.job_id(part);
        let job = job(
            id.clone(),
            urgency(core, &what),
            self.host_name(&what),
            argv,
        );
        self.doing.insert(id, Doing { what, stage });
        self.commands.start(job, timeout);
    }

    fn command(&self, what: &What) -> Option<&StepCommand> {
        let actions = &self.commands.config.actions;
        actions.step(what.solution, what.host, what.action)
    }

    fn probe(&self, what: &What) -> Option<&Probe> {
        self.command(what)?.probe.as_ref()
    }

    fn host_name(&self, what: &What) -> Arc<str> {
        let solution = self.commands.config.topology.solutions.get(what.solution);
        let host = solution.and_then(|solution| solution.hosts.get(what.host));
        host.map_or_else(|| "".into(), |host| host.name.clone())
    }

    fn argv(&self, command: &Command, what: &What) -> Option<Vec<String>> {
        let place = (what.solution, what.host);
        let topology = &self.commands.config.topology;
        let holes = Holes::of_step(
            topology,
            place,
            what.application,
            &what.incident,
            &what.step,
        );
        command.argv_with_secrets(&holes, &self.commands.secrets)
    }
}

/// A command whose intent could not be written down is not run.
pub(super) fn not_run(core: &Core, entry: &Entry, reason: Reason) -> Option<Input> {
    let what = What::in_doubt(core, &entry.starts()?)?;
    Some(what.told(Outcome::NotRun(reason.sentence().into())))
}

/// What moves a VIP comes before all else; a dead host's disable delays nobody.
fn urgency(core: &Core, what: &What) -> Urgency {
    let pair = core.state.pairs.get(what.solution);
    let host = pair.and_then(|pair| pair.hosts.get(what.host));
    let is_lost = host.is_some_and(|host| host.lost);
    match (&what.target, what.action) {
        (Target::Debt, _) | (_, Action::VipAnnounce) => Urgency::Rest,
        (_, Action::VipDisable) if is_lost => Urgency::Rest,
        (_, Action::SwitchToPrimary) => Urgency::Switch,
        (_, Action::VipEnable | Action::VipDisable) => Urgency::Vip,
    }
}
