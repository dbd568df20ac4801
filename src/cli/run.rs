//! `run`: the daemon in the foreground; a service manager or a terminal stops it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use indicatif::ProgressBar;
use tracing_subscriber::filter::LevelFilter;

use super::output::{Format, Output};
use super::values::Setting;
use super::{Exit, Failure, Global, configuration};
use crate::config::{self, Config, Disk};
use crate::daemon::{self, StartError};
use crate::engine::{Ready, Reload};
use crate::fault::{Fault, Severity};
use crate::journal::{FolderError, OpenError};

/// Follow the logs, decide, act (or only alert), and remember: the daemon
#[derive(Debug, Args)]
pub(super) struct Run {
    /// Put a value over the configuration's, as in solutions.east.mode=alert-only
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<Setting>,
    /// How much is logged on standard error: error, warn, info, debug
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,
}

impl Run {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let path = std::path::absolute(global.config_path()?)?;
        let mut output = Output::new(global, Format::Text, ProgressBar::hidden());
        let config = configuration::load(&path, &self.set, &mut output)?;
        let ready = ready(config).map_err(|faults| invalid(&path, &faults, &mut output))?;
        output.finish()?;
        log(self.log);
        end_on_panic();
        let reload = reload(path, self.set, ready.config.state.clone());
        match daemon::run(ready, reload) {
            Ok(()) => Ok(Exit::Ok),
            Err(error @ StartError::Journal(OpenError::Folder(FolderError::Held { .. }))) => {
                let (exit, message) = (Exit::Held, error.to_string());
                Err(Failure { exit, message }.into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// With its secrets read; the faults if one cannot be.
pub(super) fn ready(config: Config) -> Result<Ready, Vec<Fault>> {
    let mut secrets = config.secrets.clone();
    let mut faults = secrets.read(&Disk);
    faults.retain(|fault| fault.severity == Severity::Error);
    match faults.is_empty() {
        true => Ok(Ready {
            config: Arc::new(config),
            secrets: Arc::new(secrets),
        }),
        false => Err(faults),
    }
}

/// The journal is held from the start to the end, so a state folder that was changed counts with the next start.
fn reload(path: PathBuf, set: Vec<Setting>, state: PathBuf) -> Reload {
    let overrides: Vec<(String, String)> =
        set.into_iter().map(|each| (each.key, each.value)).collect();
    Arc::new(move || {
        let loaded = config::load(&Disk, &path, &overrides);
        let mut config = loaded.config.ok_or(loaded.faults)?;
        if config.state != state {
            tracing::warn!("another state folder counts with the next start");
            config.state.clone_from(&state);
        }
        ready(config)
    })
}

pub(super) fn invalid(path: &Path, faults: &[Fault], output: &mut Output) -> anyhow::Error {
    for fault in faults {
        if let Err(error) = output.fault(fault) {
            return error.into();
        }
    }
    let errors = configuration::counted(faults.len(), "error");
    let failure = Failure {
        exit: Exit::Config,
        message: format!("{} has {errors}", path.display()),
    };
    failure.into()
}

fn log(level: LevelFilter) {
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_target(false)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
}

/// A thread that panicked leaves a daemon that is half alive: it ends, and is started anew with what is on disk.
fn end_on_panic() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        told(info);
        std::process::abort();
    }));
}
