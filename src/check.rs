//! Is everything in place? The configuration as `load` sees it, and beyond it the machine: packs that prove their
//! samples, programs, secrets, logs. Nothing is run and nothing is changed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{self, Command, Config, Files, PemFile, certificates, permission_fault};
use crate::fault::{Fault, Place, Severity};
use crate::yaml::{At, BYTES_MAX, shown};

/// A line over this is not shown again under a fault.
const SNIPPET_CHARS_MAX: usize = 160;

/// All that is to be said, in the order of files, lines and columns.
#[derive(Debug)]
pub struct Report {
    pub faults: Vec<Fault>,
}

pub fn check(files: &dyn Files, path: &Path, overrides: &[(String, String)]) -> Report {
    let (draft, mut faults) = config::draft(files, path, overrides);
    faults.extend(permission_fault(files, path, 0o022, &whole(path)));
    if let Some(mut config) = draft {
        faults.extend(config.packs.check_samples());
        faults.extend(config.packs.slow());
        faults.extend(config.secrets.read(files));
        faults.extend(token(files, &config));
        faults.extend(authorities(files, &config));
        faults.extend(logs(files, &config));
        faults.extend(programs(files, &config));
    }
    faults.sort();
    faults.dedup();
    Report { faults }
}

impl Report {
    pub fn count(&self, severity: Severity) -> usize {
        let of_it = |fault: &&Fault| fault.severity == severity;
        self.faults.iter().filter(of_it).count()
    }

    /// Each fault on its line, and under it the line that is meant with a mark at its column.
    pub fn annotated(&self, files: &dyn Files) -> String {
        let mut texts: BTreeMap<Arc<str>, Option<String>> = BTreeMap::new();
        let mut out = String::new();
        for fault in &self.faults {
            let _ = writeln!(out, "{fault}");
            let text = texts.entry(fault.place.file.clone()).or_insert_with(|| {
                let bytes = files.read(Path::new(&*fault.place.file), BYTES_MAX).ok()?;
                String::from_utf8(bytes).ok()
            });
            if let Some(text) = text {
                out.push_str(&snippet(&fault.place, text).unwrap_or_default());
            }
        }
        out
    }
}

/// `   12 |     windw: 30s` and a mark below. Tabs become blanks, so that the mark stands right.
fn snippet(place: &Place, text: &str) -> Option<String> {
    let index = usize::try_from(place.line.checked_sub(1)?).ok()?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let line = text.lines().nth(index)?;
    if line.chars().count() > SNIPPET_CHARS_MAX {
        return None;
    }
    let shown: String = line
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let before = usize::try_from(place.column.saturating_sub(1)).ok()?;
    let mark = " ".repeat(before.min(SNIPPET_CHARS_MAX));
    Some(format!("{:>5} | {shown}\n      | {mark}^\n", place.line))
}

fn whole(path: &Path) -> At {
    At {
        place: Place {
            file: path.display().to_string().into(),
            line: 0,
            column: 0,
        },
        key: String::new(),
    }
}

fn token(files: &dyn Files, config: &Config) -> Vec<Fault> {
    let Some(token) = &config.token_file else {
        return Vec::new();
    };
    let error = files.read(&token.path, BYTES_MAX).err().map(|error| {
        let message = format!("cannot read {}: {error}", token.path.display());
        token.at.fault(Severity::Error, message, None)
    });
    let open = permission_fault(files, &token.path, 0o077, &token.at);
    error.into_iter().chain(open).collect()
}

/// The files by which receivers of alerts are judged.
fn authorities(files: &dyn Files, config: &Config) -> Vec<Fault> {
    let named = config.alerts.iter().filter_map(|sink| sink.ca());
    let wrong = |file: &PemFile| {
        let path = file.path.display();
        let message = match files.read(&file.path, BYTES_MAX) {
            Err(error) => format!("cannot read {path}: {error}"),
            Ok(bytes) if certificates(&bytes).is_none() => {
                format!("{path} holds no certificates as PEM")
            }
            Ok(_) => return None,
        };
        Some(file.at.fault(Severity::Error, message, None))
    };
    named.filter_map(wrong).collect()
}

fn logs(files: &dyn Files, config: &Config) -> Vec<Fault> {
    let sources = config.sources.iter();
    sources
        .filter(|source| !source.has_files(files, config.base()))
        .map(|source| {
            let glob = config.base().join(&source.pattern);
            let message = format!("no file fits {}", shown(&glob.display().to_string()));
            source.at.fault(Severity::Warning, message, None)
        })
        .collect()
}

fn programs(files: &dyn Files, config: &Config) -> Vec<Fault> {
    let status = config.status.iter().map(|status| &status.command);
    let alerts = config.alerts.iter().filter_map(|sink| sink.command());
    let actions = config.actions.commands().into_iter();
    actions
        .chain(status)
        .chain(alerts)
        .filter_map(|command| program(files, config.base(), command))
        .collect()
}

/// A warning if the program of a command is not where it would be looked for.
fn program(files: &dyn Files, base: &Path, command: &Command) -> Option<Fault> {
    let program = command.program()?;
    let warning = |message: String| command.at.fault(Severity::Warning, message, None);
    if program.contains(std::path::is_separator) {
        let path = base.join(program);
        let message = format!("no program at {}", path.display());
        return (!is_program(files, path)).then(|| warning(message));
    }
    let path = files.variable("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).any(|folder| is_program(files, folder.join(program)));
    let message = format!("no program {} in PATH ({path})", shown(program));
    (!found).then(|| warning(message))
}

fn is_program(files: &dyn Files, path: PathBuf) -> bool {
    files.is_program(&path) || cfg!(windows) && files.is_program(&path.with_extension("exe"))
}

#[cfg(test)]
mod tests;
