//! `check`: every fault of the configuration and its packs at once, each at its place.

use std::path::PathBuf;

use clap::Args;
use indicatif::ProgressBar;

use super::configuration::counted;
use super::output::{Format, Output};
use super::{Exit, Global};
use crate::check::{self, Report};
use crate::config::Disk;
use crate::escape::escape;
use crate::fault::Severity;
use crate::json;

/// Check the configuration, its packs, logs, commands and secrets: every fault at once
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Configurations to check instead of the usual one
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Exit with 3 where there are warnings
    #[arg(long)]
    strict: bool,
    /// Text with the lines that are meant, or JSON
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

impl Check {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let files = match self.files.is_empty() {
            true => vec![global.config_path()?],
            false => self.files,
        };
        let mut output = Output::new(global, self.format, ProgressBar::hidden());
        let mut found = json::CheckSummary::default();
        for path in &files {
            let report = check::check(&Disk, path, &[]);
            found.files += 1;
            found.errors += report.count(Severity::Error);
            found.warnings += report.count(Severity::Warning);
            match self.format {
                Format::Text => text(&report, &mut output)?,
                Format::Json => report
                    .faults
                    .iter()
                    .try_for_each(|fault| output.fault(fault))?,
            }
        }
        output.line(&match self.format {
            Format::Text => format!(
                "{} checked: {}, {}",
                counted(found.files, "file"),
                counted(found.errors, "error"),
                counted(found.warnings, "warning")
            ),
            Format::Json => json::line(&found)?,
        })?;
        output.finish()?;
        Ok(match (found.errors, found.warnings) {
            (0, 0) => Exit::Ok,
            (0, _) if self.strict => Exit::Warnings,
            (0, _) => Exit::Ok,
            _ => Exit::Config,
        })
    }
}

/// The faults are what was asked for, so they are data here.
fn text(report: &Report, output: &mut Output) -> anyhow::Result<()> {
    for line in report.annotated(&Disk).lines() {
        output.line(&escape(line))?;
    }
    Ok(())
}
