//! One scenario folder: its replay, what it is expected to tell, and where the two differ.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, FromArgMatches};
use similar::TextDiff;

use crate::capture;
use crate::cli::replay::{How, Line};
use crate::config::{self, Disk};
use crate::fault::Diagnostic;
use crate::{json, replay};

pub(in crate::cli) struct Scenario {
    folder: PathBuf,
}

/// What a replay of the scenario tells.
pub(super) struct Actual {
    summary: String,
    result: String,
}

/// A file of `expected/` that is not what comes out.
pub(in crate::cli) struct Difference {
    file: &'static str,
    diff: String,
}

const SUMMARY: &str = "expected/summary.txt";
const RESULT: &str = "expected/result.json";

impl Scenario {
    pub(super) fn new(folder: &Path) -> Scenario {
        Scenario {
            folder: folder.to_owned(),
        }
    }

    pub(super) fn name(&self) -> String {
        let name = self.folder.file_name().unwrap_or(self.folder.as_os_str());
        name.to_string_lossy().into_owned()
    }

    pub(super) fn replay(&self) -> anyhow::Result<Actual> {
        let how = self.how()?;
        let overrides: Vec<_> = how
            .set
            .iter()
            .map(|each| (each.key.clone(), each.value.clone()))
            .collect();
        let loaded = config::load(&Disk, &self.folder.join("tailswitch.yaml"), &overrides);
        let Some(config) = loaded.config else {
            let faults: Vec<_> = loaded.faults.iter().map(ToString::to_string).collect();
            anyhow::bail!("{}", faults.join("\n"));
        };
        let mut found = capture::find(&[self.folder.join("logs")]);
        let mut result = Vec::new();
        for diagnostic in &found.diagnostics {
            result.push(self.diagnostic(diagnostic)?);
        }
        for log in &mut found.logs {
            log.name = self.inside(&log.name);
        }
        let files = found.logs.len() as u64;
        let sources = replay::prepare(&config, found.logs, &how.adjust(), Arc::new(|_| ()));
        let outcome = how.replay(&config, sources, files, |told| {
            result.push(match told {
                Line::Json(line) => line,
                Line::Diagnostic(diagnostic) => json::line(&json::diagnostic(diagnostic))?,
            });
            Ok(())
        })?;
        outcome.json(&config, |line| {
            result.push(line.to_owned());
            Ok(())
        })?;
        Ok(Actual {
            summary: outcome.story(&config),
            result: format!("[\n{}\n]\n", result.join(",\n")),
        })
    }

    /// The options of `replay.args`, read as the command line reads them.
    fn how(&self) -> anyhow::Result<How> {
        let path = self.folder.join("replay.args");
        let text = if path.is_file() {
            read(&path)?
        } else {
            String::new()
        };
        let command = How::augment_args(clap::Command::new("replay.args").no_binary_name(true));
        let matches = command
            .try_get_matches_from(text.split_whitespace())
            .with_context(|| path.display().to_string())?;
        Ok(How::from_arg_matches(&matches)?)
    }

    fn diagnostic(&self, diagnostic: &Diagnostic) -> anyhow::Result<String> {
        let file = self.inside(&diagnostic.file);
        Ok(json::line(&json::diagnostic(&Diagnostic {
            file,
            ..diagnostic.clone()
        }))?)
    }

    /// A name as seen from the folder: what is expected does not depend on where the folder lies.
    fn inside(&self, name: &str) -> Arc<str> {
        let path = Path::new(name);
        let inside = path.strip_prefix(&self.folder).unwrap_or(path);
        inside.to_string_lossy().replace('\\', "/").into()
    }
}

impl Actual {
    pub(super) fn bless(&self, scenario: &Scenario) -> anyhow::Result<()> {
        let folder = scenario.folder.join("expected");
        std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        for (file, text) in self.files() {
            let path = scenario.folder.join(file);
            std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    pub(super) fn differences(&self, scenario: &Scenario) -> anyhow::Result<Vec<Difference>> {
        let mut differences = Vec::new();
        for (file, actual) in self.files() {
            let path = scenario.folder.join(file);
            let expected =
                read(&path).context("nothing is expected yet; --bless takes what comes out")?;
            let expected = expected.replace("\r\n", "\n");
            if expected != *actual {
                let diff = TextDiff::from_lines(&expected, actual);
                let diff = diff
                    .unified_diff()
                    .context_radius(1)
                    .header("expected", "actual")
                    .to_string();
                differences.push(Difference { file, diff });
            }
        }
        Ok(differences)
    }

    fn files(&self) -> [(&'static str, &String); 2] {
        [(SUMMARY, &self.summary), (RESULT, &self.result)]
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:\n{}", self.file, self.diff)
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
