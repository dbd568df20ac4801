//! `demo`: the failure of a whole host in an embedded pair, told on one screen. The files are written too, so that
//! the other commands can be tried on them.

mod live;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use indicatif::ProgressBar;

use self::live::Live;
use super::output::{Format, Output};
use super::replay::{How, Line, Outcome};
use super::{Exit, Global};
use crate::config::{self, Config};
use crate::demo::{CONFIGURATION, FILES, File, files, logs};
use crate::report::Account;
use crate::story::{Clock, Names, aftermath, counted, decision, grounds, storm};
use crate::{escape, replay};

const FOLDER: &str = "tailswitch-demo";

/// Watch a whole host fail: from embedded logs, or with the real daemon beside a simulated pair
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Where the timeline of the incident is drawn
    #[arg(
        long,
        value_name = "OUT.html",
        default_value = "tailswitch-demo/timeline.html",
        conflicts_with = "live"
    )]
    timeline: PathBuf,
    #[command(flatten)]
    live: Live,
}

impl Demo {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        if self.live.live {
            return self.live.run(global);
        }
        let mut output = Output::new(global, Format::Text, ProgressBar::hidden());
        let folder = Path::new(FOLDER);
        let loaded = config::load(&files(folder), &folder.join(CONFIGURATION), &[]);
        for fault in &loaded.faults {
            output.fault(fault)?;
        }
        let config = loaded.config.context("the embedded pair is at fault")?;
        let logs = logs(folder);
        let count = logs.len() as u64;
        let sources = replay::prepare(&config, logs, &[], Arc::new(|_| ()));
        let outcome = How::default().replay(&config, sources, count, |told| match told {
            Line::Json(_) => Ok(()),
            Line::Diagnostic(diagnostic) => output.diagnostic(diagnostic),
        })?;
        let kept = write(folder)?;
        outcome.write_timeline(&config, &self.timeline)?;
        for line in screen(&config, &outcome) {
            output.line(&line)?;
        }
        for line in self.written(&kept) {
            output.line(&line)?;
        }
        output.finish()?;
        Ok(Exit::Ok)
    }

    fn written(&self, kept: &[&str]) -> Vec<String> {
        let timeline = self.timeline.display().to_string();
        let mut lines = headed(
            "drawn",
            [format!(
                "{}: open it in a browser",
                escape::escape(&timeline)
            )],
        );
        lines.extend(headed(
            "written",
            [format!(
                "{FOLDER}/{CONFIGURATION} and {FOLDER}/logs, for the other commands"
            )],
        ));
        let kept = kept
            .iter()
            .map(|path| format!("{FOLDER}/{path}, as you changed it"));
        lines.extend(headed("kept", kept));
        let program = program();
        lines.extend(headed(
            "next",
            [
                format!("{program} -c {FOLDER}/{CONFIGURATION} check"),
                format!("{program} -c {FOLDER}/{CONFIGURATION} replay --permute {FOLDER}/logs"),
            ],
        ));
        lines
    }
}

/// What was read, the storm, the decision, the steps: each under its head.
fn screen(config: &Config, outcome: &Outcome) -> Vec<String> {
    let summary = &outcome.summary;
    let mut lines = vec![
        "The primary host of a voicemail pair dies.".to_string(),
        "Synthetic logs, replayed on a virtual clock; nothing is run. Times are UTC.".to_string(),
        String::new(),
    ];
    lines.extend(headed(
        "read",
        [format!(
            "{}, {}, {}",
            counted(summary.files, "log"),
            counted(summary.records, "record"),
            counted(summary.events, "event"),
        )],
    ));
    let names = Names::of(&outcome.report);
    for account in &outcome.report.accounts {
        lines.extend(told(config, outcome, account, &names));
    }
    lines
}

fn told(config: &Config, outcome: &Outcome, account: &Account, names: &Names) -> Vec<String> {
    let Some(solution) = config.topology.solutions.get(account.solution) else {
        return Vec::new();
    };
    let clock = Clock::of(account.began());
    let decided = std::iter::once(format!(
        "{} {}",
        clock.day(),
        decision(account, solution, &clock)
    ));
    let steps = outcome.with_story(config, |story| story.steps(account));
    [
        ("storm", vec![storm(account, names)]),
        (
            "decision",
            decided.chain(grounds(account, solution)).collect(),
        ),
        ("steps", steps),
        ("then", aftermath(account, solution)),
    ]
    .into_iter()
    .flat_map(|(head, lines)| headed(head, lines))
    .collect()
}

/// The head stands before the first line only.
fn headed(head: &str, lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let heads = std::iter::once(head).chain(std::iter::repeat(""));
    heads
        .zip(lines)
        .map(|(head, line)| format!("  {head:<10}{line}"))
        .collect()
}

/// Writes the files that are not there. Those that are there with another content, which are left alone.
fn write(folder: &Path) -> anyhow::Result<Vec<&'static str>> {
    let mut kept = Vec::new();
    for file in FILES {
        let path = folder.join(file.path);
        let told = || format!("cannot write {}", path.display());
        match fs::read(&path) {
            Ok(there) if there != file.bytes => kept.push(file.path),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                write_one(&path, file).with_context(told)?;
            }
            Err(error) => return Err(error).with_context(told),
        }
    }
    Ok(kept)
}

fn write_one(path: &Path, file: &File) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, file.bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(file.permissions))?;
    }
    Ok(())
}

/// This program as it was called, where that works from here.
fn program() -> String {
    let called = std::env::args().next().unwrap_or_default();
    let path = Path::new(&called);
    if path.is_relative() && path.components().count() > 1 {
        escape::escape(&called).into_owned()
    } else {
        "tailswitch".into()
    }
}
