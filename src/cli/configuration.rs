//! Which configuration a command uses, and what becomes of its faults.

use std::path::{Path, PathBuf};

use super::output::Output;
use super::values::Setting;
use super::{Exit, Failure, Global};
use crate::config::{self, Config, Disk};
use crate::fault::Severity;

/// Where a configuration is looked for when none is named.
const PLACES: [&str; 2] = ["tailswitch.yaml", "/etc/tailswitch/tailswitch.yaml"];

impl Global {
    /// The named file, else the first that is there; a failure with exit code 78 if there is none.
    pub(super) fn config_path(&self) -> Result<PathBuf, Failure> {
        let named = self.config.clone();
        let usual = || {
            PLACES
                .iter()
                .map(PathBuf::from)
                .find(|place| place.is_file())
        };
        named.or_else(usual).ok_or_else(|| Failure {
            exit: Exit::Config,
            message: format!(
                "no configuration found: looked for ./{}; name one with --config FILE",
                PLACES.join(" and ")
            ),
        })
    }
}

/// The configuration with the `--set` values over it, its faults told; a failure with exit code 78 if there is an error among them.
pub(super) fn load(path: &Path, set: &[Setting], output: &mut Output) -> anyhow::Result<Config> {
    let overrides: Vec<(String, String)> = set
        .iter()
        .map(|each| (each.key.clone(), each.value.clone()))
        .collect();
    let loaded = config::load(&Disk, path, &overrides);
    for fault in &loaded.faults {
        output.fault(fault)?;
    }
    let errors = loaded
        .faults
        .iter()
        .filter(|fault| fault.severity == Severity::Error)
        .count();
    loaded.config.ok_or_else(|| {
        let failure = Failure {
            exit: Exit::Config,
            message: format!("{} has {}", path.display(), counted(errors, "error")),
        };
        failure.into()
    })
}
pub(super) fn counted(number: usize, thing: &str) -> String {
    match number {
        0 => format!("no {thing}s"),
        1 => format!("1 {thing}"),
        number => format!("{number} {thing}s"),
    }
}
