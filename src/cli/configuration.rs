//! The configuration as a command needs it: loaded whole, or every fault told and exit code 78.

use super::values::Setting;
use super::{Exit, Failure, Global};
use crate::config::{self, Config, Disk};
use crate::escape::escape;
use crate::fault::Severity;

/// Loads the configuration that the command line names or finds. Warnings go to standard error.
pub(super) fn load(global: &Global, set: &[Setting]) -> Result<Config, Failure> {
    let path = global.config_path()?;
    let overrides: Vec<(String, String)> = set
        .iter()
        .map(|each| (each.key.clone(), each.value.clone()))
        .collect();
    let loaded = config::load(&Disk, &path, &overrides);
    for fault in &loaded.faults {
        if fault.severity == Severity::Error {
            eprintln!("{}", escape(&fault.to_string()));
        }
    }
    loaded.config.ok_or_else(|| Failure {
        exit: Exit::Config,
        message: format!(
            "{} is not valid; `tailswitch check` tells more",
            path.display()
        ),
    })
}
