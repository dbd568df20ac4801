//! `replay`: what would have been decided, told from captured logs.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::output::{Format, Output};
use super::values::{Delay, FailHow, Failing, Setting, Shift};
use super::{Exit, Failure, Global, configuration, progress};
use crate::capture;
use crate::config::Config;
use crate::decide::{Core, Entry, Incident, Step, Verdict};
use crate::fault::{Code, Diagnostic, Severity};
use crate::json::{self, Summary};
use crate::replay::{self, Adjust, DryRun, HowItFails, Item, Permutation, Sources, Told};
use crate::report::Report;
use crate::story::{Story, counted};
use crate::time::Time;

/// Replay captured logs on a virtual clock: events, decisions, incidents and steps; nothing is run
#[derive(Clone, Debug, Args)]
pub(super) struct Replay {
    /// Files, folders, patterns, .gz, .zip; - for standard input
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<PathBuf>,
    /// A story for people, or JSON
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Draw the incidents into a self-contained page
    #[arg(long, value_name = "OUT.html")]
    timeline: Option<PathBuf>,
    #[command(flatten)]
    how: How,
}

/// How logs are replayed; also what a fixture's `replay.args` may say.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct How {
    /// What is earlier only teaches roles, as history does when the daemon starts
    #[arg(long, value_name = "TIME")]
    from: Option<Time>,
    /// When a switch counts as done
    #[arg(long, value_enum, default_value_t = Effects::Observed)]
    effects: Effects,
    /// Another value in the configuration, by its dotted path
    #[arg(long, value_name = "KEY=VALUE")]
    pub(super) set: Vec<Setting>,
    /// Try the events of each incident in every order, and say how many plans come out
    #[arg(long)]
    permute: bool,
    /// Let a step fail: ACTION@HOST=timeout, ACTION@APPLICATION=error
    #[arg(long, value_name = "STEP=HOW")]
    fail: Vec<Failing>,
    /// Move the stamps of a host: vmhost2=+40s
    #[arg(long, value_name = "HOST=TIME")]
    shift: Vec<Shift>,
    /// Let the lines of a host arrive late: vmhost2=5s
    #[arg(long, value_name = "HOST=TIME")]
    delay: Vec<Delay>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Effects {
    /// When the logs show its 4563 or mode line
    #[default]
    Observed,
    /// At once, as if every step worked
    Assumed,
}

impl Replay {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let path = global.config_path()?;
        let found = capture::find(&self.logs);
        let bar = progress::bar(&found);
        let mut output = Output::new(global, self.format, bar.clone());
        let config = configuration::load(&path, &self.how.set, &mut output)?;
        for diagnostic in &found.diagnostics {
            output.diagnostic(diagnostic)?;
        }
        let files = found.logs.len() as u64;
        let sources = replay::prepare(
            &config,
            found.logs,
            &self.how.adjust(),
            progress::moves(&bar),
        );
        let outcome = self
            .how
            .replay(&config, sources, files, |told| match told {
                Line::Json(line) if self.format == Format::Json => output.line(&line),
                Line::Json(_) => Ok(()),
                Line::Diagnostic(diagnostic) => output.diagnostic(diagnostic),
            })?;
        if let Some(path) = &self.timeline {
            outcome.write_timeline(&config, path)?;
        }
        match self.format {
            Format::Json => outcome.json(&config, |line| output.line(line))?,
            Format::Text => output.text(&outcome.story(&config))?,
        }
        let exit = output.finish()?;
        let plans = outcome
            .permutations
            .iter()
            .all(|each| each.plans.len() <= 1);
        Ok(if exit == Exit::Ok && !plans {
            Exit::Failed
        } else {
            exit
        })
    }
}

/// What a replay tells while it runs.
pub(super) enum Line<'a> {
    Json(String),
    Diagnostic(&'a Diagnostic),
}

/// What came of a replay.
pub(super) struct Outcome {
    pub(super) report: Report,
    pub(super) summary: Summary,
    pub(super) permutations: Vec<Permutation>,
}

impl How {
    pub(super) fn adjust(&self) -> Vec<Adjust> {
        let shifts = self.shift.iter().map(|shift| Adjust {
            host: shift.host.clone(),
            shift_micros: shift.micros,
            delay: Duration::ZERO,
        });
        let delays = self.delay.iter().map(|delay| Adjust {
            host: delay.host.clone(),
            shift_micros: 0,
            delay: delay.by,
        });
        shifts.chain(delays).collect()
    }

    /// Replays the sources and tells events and decisions as they come.
    pub(super) fn replay(
        &self,
        config: &Config,
        sources: Sources,
        files: u64,
        mut tell: impl FnMut(Line<'_>) -> std::io::Result<()>,
    ) -> anyhow::Result<Outcome> {
        self.failing_are_known(config)?;
        let Sources {
            mut merge,
            diagnostics,
        } = sources;
        for diagnostic in &diagnostics {
            tell(Line::Diagnostic(diagnostic))?;
        }
        let start = replay::Replay::new(
            Core::new(config.topology.clone()),
            self.dry_run(config),
            self.from,
        );
        let (mut report, mut events) = (Report::default(), 0);
        let mut running = start.clone();
        let mut all: Vec<Item> = Vec::new();
        let kept = self.permute.then_some(&mut all);
        running.run(keeping(&mut merge, kept), &mut |core, told| {
            if let Told::Entry(entry) = &told {
                report.take(entry);
            }
            events += u64::from(matches!(told, Told::Event(_)));
            tell_one(core, told, &mut tell)
        })?;
        let counts = merge.counts();
        let summary = Summary {
            files,
            bytes: counts.bytes,
            records: counts.records,
            events,
            incidents: Some(report.accounts.len() as u64),
        };
        let permutations = if self.permute {
            replay::permute(&start, &all)
        } else {
            Vec::new()
        };
        Ok(Outcome {
            report,
            summary,
            permutations,
        })
    }

    /// A step that no plan can have would fail nowhere, and nobody would notice.
    fn failing_are_known(&self, config: &Config) -> Result<(), Failure> {
        let unknown = |each: &&Failing| {
            let (target, solutions) = (each.target.as_str(), &config.topology.solutions);
            !solutions.iter().any(|solution| {
                let mut hosts = solution.hosts.iter().map(|host| &host.name);
                let mut applications = solution.applications.iter().map(|each| &each.name);
                hosts.any(|name| **name == *target) || applications.any(|name| **name == *target)
            })
        };
        match self.fail.iter().find(unknown) {
            None => Ok(()),
            Some(each) => Err(Failure {
                exit: Exit::Usage,
                message: format!(
                    "--fail {}@{}: no solution has a host or an application of this name",
                    each.action, each.target
                ),
            }),
        }
    }

    fn dry_run(&self, config: &Config) -> DryRun {
        let effects = match self.effects {
            Effects::Observed => replay::Effects::Observed,
            Effects::Assumed => replay::Effects::Assumed,
        };
        let failing = self.fail.iter().map(|each| replay::Failing {
            action: each.action,
            target: each.target.as_str().into(),
            how: match each.how {
                FailHow::Timeout => HowItFails::Timeout,
                FailHow::Error => HowItFails::Error,
            },
        });
        let actions = config.actions.clone();
        DryRun::new(effects, failing.collect(), move |solution, host, action| {
            actions
                .step(solution, host, action)
                .map_or(Duration::from_secs(10), |step| step.timeout)
        })
    }
}

fn keeping<'a>(
    items: impl Iterator<Item = Item> + 'a,
    mut kept: Option<&'a mut Vec<Item>>,
) -> impl Iterator<Item = Item> + 'a {
    items.inspect(move |item| {
        if let Some(kept) = &mut kept {
            kept.push(item.clone());
        }
    })
}

fn tell_one(
    core: &Core,
    told: Told<'_>,
    tell: &mut impl FnMut(Line<'_>) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let topology = &core.state.topology;
    match told {
        Told::Event(event) => {
            let bound = topology.bind(event).ok();
            let place = bound.as_ref().and_then(|places| places.first());
            let solution = place.map(|(index, _)| &topology.solutions[*index]);
            let plain = json::event(event, solution.map(|solution| &*solution.name));
            let application = place.and_then(|(_, subject)| subject.application());
            tell(Line::Json(json::line(&json::named(
                plain,
                solution,
                application,
            ))?))
        }
        Told::Entry(Entry::Decided(decision)) => {
            tell(Line::Json(json::line(&json::decision(topology, decision))?))?;
            match (decision.verdict, unbound(decision.reason)) {
                (Verdict::Ignore, Some(code)) => tell(Line::Diagnostic(&Diagnostic {
                    severity: Severity::Warning,
                    code,
                    file: decision.event.origin.file.clone(),
                    line: decision.event.origin.line,
                    message: told_unbound(decision),
                })),
                _ => Ok(()),
            }
        }
        Told::Entry(Entry::Alert(alert)) => {
            tell(Line::Json(json::line(&json::alert(topology, alert))?))
        }
        Told::Entry(_) => Ok(()),
        Told::Diagnostic(diagnostic) => tell(Line::Diagnostic(diagnostic)),
    }
}

/// The diagnostic for an event that concerns no pair because of what it names.
fn unbound(reason: crate::decide::Reason) -> Option<Code> {
    use crate::decide::Reason;
    match reason {
        Reason::NoApplication => Some(Code::NoApplication),
        Reason::UnknownApplication => Some(Code::UnknownApplication),
        Reason::UnknownHost => Some(Code::UnknownHost),
        Reason::DbidMismatch => Some(Code::DbidMismatch),
        Reason::HostMismatch => Some(Code::HostMismatch),
        _ => None,
    }
}

fn told_unbound(decision: &crate::decide::Decision) -> String {
    let event = &decision.event;
    let who = event
        .application
        .as_deref()
        .or(event.host.as_deref())
        .unwrap_or("nobody");
    let dbid = event
        .dbid
        .map_or(String::new(), |dbid| format!(" with DBID {dbid}"));
    format!(
        "{} names {who}{dbid}: {}",
        event.id,
        decision.reason.sentence()
    )
}

impl Outcome {
    /// Incidents, permutations, and the summary at the end.
    pub(super) fn json(
        &self,
        config: &Config,
        mut line: impl FnMut(&str) -> std::io::Result<()>,
    ) -> std::io::Result<()> {
        let topology = &config.topology;
        for account in &self.report.accounts {
            let solution = &topology.solutions[account.solution];
            let command = |incident: &Incident, step: &Step| {
                config.shown_command(account.solution, incident, step)
            };
            let incident = json::incident(solution, &account.incident, command);
            line(&json::line(&incident.beside(account.beside(solution)))?)?;
        }
        for permutation in &self.permutations {
            line(&json::line(&json::permutation(topology, permutation))?)?;
        }
        line(&json::line(&self.summary)?)
    }

    /// The storyteller, with the commands of this configuration.
    pub(super) fn with_story<T>(&self, config: &Config, tell: impl FnOnce(&Story<'_>) -> T) -> T {
        let command = |solution: usize, incident: &Incident, step: &Step| {
            config.shown_command(solution, incident, step)
        };
        tell(&Story {
            topology: &config.topology,
            command: &command,
        })
    }

    pub(super) fn story(&self, config: &Config) -> String {
        let Summary {
            files,
            bytes,
            records,
            events,
            ..
        } = self.summary;
        let told = self.with_story(config, |story| {
            story.tell(&self.report) + &story.permutations(&self.permutations)
        });
        format!(
            "{told}{}, {}, {}, {}, {}\n",
            counted(files, "file"),
            counted(bytes, "byte"),
            counted(records, "record"),
            counted(events, "event"),
            counted(self.report.accounts.len() as u64, "incident"),
        )
    }

    pub(super) fn write_timeline(
        &self,
        config: &Config,
        path: &std::path::Path,
    ) -> anyhow::Result<()> {
        let page = crate::timeline::page(&config.topology, &self.report)?;
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        std::fs::write(path, page).with_context(|| format!("cannot write {}", path.display()))
    }
}
