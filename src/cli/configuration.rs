//! Which configuration a command uses, and what becomes of its faults.

use std::path::{Path, PathBuf};

use super::output::Output;
use super::values::Setting;
use super::{Exit, Failure, Global};
use crate::capture::Captured;
use crate::config::{self, Config, Disk};
use crate::fault::Severity;
use crate::scan::{Limits, Segment};

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

/// What the configuration says about a log; all that its header says is left to the header.
pub(super) fn segment(config: &Config, log: &Captured) -> Segment {
    let segment = Segment::new(log.name.clone());
    match config.source(&log.path) {
        None => segment,
        Some(source) => Segment {
            application: source.application.clone(),
            host: source.host.clone(),
            time_zone: source.time_zone.clone(),
            encoding: source.encoding,
            ..segment
        },
    }
}

pub(super) fn limits(config: &Config) -> Limits {
    Limits {
        line_bytes_max: config.line_bytes_max,
        trace_bytes_max: config.trace_bytes_max,
    }
}

/// `no errors`, `1 error`, `2 errors`
pub(super) fn counted(number: usize, thing: &str) -> String {
    match number {
        0 => format!("no {thing}s"),
        1 => format!("1 {thing}"),
        number => format!("{number} {thing}s"),
    }
}
