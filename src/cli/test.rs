//! `test`: scenario folders, replayed and compared with what they are expected to tell.

mod junit;
mod scenario;

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;

use self::scenario::{Difference, Scenario};
use super::output::{Format, Output};
use super::{Exit, Failure, Global};

/// Replay scenario folders and compare with what they expect
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Scenario folders, or folders of them
    #[arg(value_name = "DIR", default_value = "fixtures/scenarios")]
    folders: Vec<PathBuf>,
    /// Write the results as JUnit XML too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Take what comes out as what is expected from now on
    #[arg(long)]
    bless: bool,
}

/// What came of one scenario.
pub(super) struct Tested {
    pub(super) name: String,
    pub(super) verdict: Verdict,
}

pub(super) enum Verdict {
    Passed,
    /// What is expected was rewritten.
    Blessed,
    Differs(Vec<Difference>),
    /// It cannot be replayed at all.
    Broken(String),
}

impl Test {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let scenarios = scenarios(&self.folders)?;
        let mut output = Output::new(global, Format::Text, indicatif::ProgressBar::hidden());
        let mut all = Vec::new();
        for scenario in &scenarios {
            let tested = Tested {
                name: scenario.name(),
                verdict: self.test(scenario),
            };
            output.text(&tested.told())?;
            all.push(tested);
        }
        let failed = all.iter().filter(|tested| tested.failed()).count();
        output.line(&format!("{} passed, {failed} failed", all.len() - failed))?;
        output.finish()?;
        if let Some(path) = &self.junit {
            let xml = junit::report(&all)?;
            std::fs::write(path, xml)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(if failed == 0 { Exit::Ok } else { Exit::Failed })
    }

    fn test(&self, scenario: &Scenario) -> Verdict {
        let tested = scenario.replay().and_then(|actual| {
            if self.bless {
                return actual.bless(scenario).map(|()| Verdict::Blessed);
            }
            let differences = actual.differences(scenario)?;
            Ok(if differences.is_empty() {
                Verdict::Passed
            } else {
                Verdict::Differs(differences)
            })
        });
        tested.unwrap_or_else(|error| Verdict::Broken(format!("{error:#}")))
    }
}

impl Tested {
    pub(super) fn failed(&self) -> bool {
        matches!(self.verdict, Verdict::Differs(_) | Verdict::Broken(_))
    }

    fn told(&self) -> String {
        match &self.verdict {
            Verdict::Passed => format!("ok      {}", self.name),
            Verdict::Blessed => format!("blessed {}", self.name),
            Verdict::Broken(why) => format!("FAILED  {}: {why}", self.name),
            Verdict::Differs(differences) => {
                let told: Vec<_> = differences.iter().map(ToString::to_string).collect();
                format!("FAILED  {}\n{}", self.name, told.join("\n"))
            }
        }
    }
}

/// The folders themselves where they hold a configuration, else the folders in them that do, by name.
fn scenarios(folders: &[PathBuf]) -> anyhow::Result<Vec<Scenario>> {
    let mut scenarios = Vec::new();
    for folder in folders {
        if is_scenario(folder) {
            scenarios.push(Scenario::new(folder));
            continue;
        }
        let entries = std::fs::read_dir(folder).map_err(|error| Failure {
            exit: Exit::Unreadable,
            message: format!("cannot read {}: {error}", folder.display()),
        })?;
        let mut inside: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_scenario(path))
            .collect();
        inside.sort();
        scenarios.extend(inside.iter().map(|path| Scenario::new(path)));
    }
    if scenarios.is_empty() {
        anyhow::bail!(Failure {
            exit: Exit::Unreadable,
            message: "no scenario found: a scenario is a folder with tailswitch.yaml and logs/"
                .into(),
        });
    }
    Ok(scenarios)
}

fn is_scenario(folder: &Path) -> bool {
    folder.join("tailswitch.yaml").is_file() && folder.join("logs").is_dir()
}
