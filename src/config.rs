//! Configuration: what people write, checked as a whole.
//!
//! `load` reads the file, puts `--set` values over it, and looks at every value. All faults come back at once, each
//! at its place. A `Config` leaves this module only if there is no error among them, and then everything in it
//! is resolved: names are indices, globs are compiled, defaults are filled in.

mod actions;
mod alerts;
mod command;
mod files;
pub mod keys;
mod maintenance;
mod policy;
mod profiles;
mod secrets;
mod settings;
mod solutions;
mod sources;
mod zone;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use self::actions::{Actions, Probe, StepCommand};
pub use self::alerts::{
    AlertSink, Auth, Body, Email, Facility, PemFile, Privacy, Security, SinkKind, Snmp, Syslog,
    SyslogAddress, Tls, User, Webhook, certificates,
};
pub use self::command::{Command, Hole, Holes, Template};
pub(crate) use self::files::permission_fault;
pub use self::files::{Disk, Files, InMemory};
pub use self::secrets::{Secret, SecretSource, Secrets};
pub(crate) use self::sources::Search;
pub use self::sources::Source;
use crate::decide::{Incident, Step};
use crate::fault::{Fault, Place, Severity};
use crate::pack::Packs;
use crate::scan::Limits;
use crate::topology::{Policy, Topology};
use crate::yaml::{self, At, Faults, Node, Table, Value};

/// A configuration without errors.
#[derive(Debug)]
pub struct Config {
    pub path: PathBuf,
    pub topology: Arc<Topology>,
    pub sources: Vec<Source>,
    pub packs: Arc<Packs>,
    pub actions: Actions,
    /// Declared, not read: `Secrets::read` does that where commands are run.
    pub secrets: Secrets,
    pub status: Option<StatusCommand>,
    pub alerts: Vec<AlertSink>,
    /// Of a line, more is skipped and told.
    pub line_bytes_max: usize,
    /// Of a SIP message that a trace declares.
    pub trace_bytes_max: usize,
    /// How often the sources are looked at if no notification comes.
    pub poll: Duration,
    /// The folder of the journal and the positions.
    pub state: PathBuf,
    /// Of the page; none if it is off.
    pub listen: Option<SocketAddr>,
    pub token_file: Option<TokenFile>,
}

/// The command that lists every application's status and mode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusCommand {
    pub command: Command,
    pub every: Duration,
    pub timeout: Duration,
}

/// The file whose text lets an operator's verbs through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFile {
    pub path: PathBuf,
    pub at: At,
}

/// A configuration, and all that is to be said about it in the order of the file. None if there is an error.
#[derive(Debug)]
pub struct Loaded {
    pub config: Option<Config>,
    pub faults: Vec<Fault>,
}

/// Reads a configuration. `overrides` are dotted paths with YAML values, as `--set` takes them.
pub fn load(files: &dyn Files, path: &Path, overrides: &[(String, String)]) -> Loaded {
    let (draft, faults) = draft(files, path, overrides);
    let is_wrong = faults.iter().any(|fault| fault.severity == Severity::Error);
    Loaded {
        config: draft.filter(|_| !is_wrong),
        faults,
    }
}

/// As much of the configuration as can be understood, for `check`, which looks at the machine too.
pub(crate) fn draft(
    files: &dyn Files,
    path: &Path,
    overrides: &[(String, String)],
) -> (Option<Config>, Vec<Fault>) {
    let faults = Faults::default();
    let draft = tree(files, path, &faults).and_then(|mut root| {
        for (key, value) in overrides {
            if let Err(wrong) = yaml::set(&mut root, key, value) {
                faults.extend(wrong);
            }
        }
        read(files, path, &Value::root(&root, &faults))
    });
    (draft, faults.into_sorted())
}

fn tree(files: &dyn Files, path: &Path, faults: &Faults) -> Option<Node> {
    let file: Arc<str> = path.display().to_string().into();
    match files.read(path, yaml::BYTES_MAX) {
        Ok(bytes) => yaml::document(&file, &bytes, faults),
        Err(error) => {
            faults.extend(vec![Fault {
                place: Place {
                    file,
                    line: 0,
                    column: 0,
                },
                severity: Severity::Error,
                key: String::new(),
                message: format!("cannot read it: {error}"),
                hint: None,
            }]);
            None
        }
    }
}

/// The sections in the order in which they need each other.
fn read(files: &dyn Files, path: &Path, root: &Value<'_>) -> Option<Config> {
    let base = folder(path);
    let table = root.table(&keys::TOP.names())?;
    let (packs, pack_names) = packs(files, base, &table);
    let pack_names: Option<Vec<&str>> = pack_names
        .as_ref()
        .map(|names| names.iter().map(String::as_str).collect());
    let profiles = profiles::Profiles::read(table.get("profiles"));
    let above = policy::read(&table, &Policy::default());
    let mut pairs = solutions::read(table.need("solutions"), &profiles, &above);
    let secrets = Secrets::declare(table.get("secrets"), base);
    let actions = Actions::read(table.get("actions"), &pairs, &secrets);
    for (index, pair) in pairs.iter_mut().enumerate() {
        pair.policy.announces = actions.announces(index);
        pair.policy.retries = actions.retries(index);
    }
    maintenance::for_all(table.get("maintenance"), &mut pairs);
    let sources = sources::read(table.get("sources"), &pairs, pack_names.as_deref());
    let alerts = alerts::read(table.get("alerts"), &pairs, &secrets, base);
    let solutions = pairs.iter().filter_map(solutions::Pair::solution).collect();
    Some(Config {
        path: path.to_owned(),
        topology: Arc::new(Topology::new(solutions)),
        sources,
        packs: Arc::new(packs),
        actions,
        status: settings::status(&table, &secrets),
        alerts,
        line_bytes_max: settings::line_bytes_max(&table),
        trace_bytes_max: settings::trace_bytes_max(&table),
        poll: settings::poll(&table),
        state: settings::state(&table, base),
        listen: settings::listen(&table),
        token_file: settings::token_file(&table, base),
        secrets,
    })
}

impl Config {
    /// The arguments of a step as they may be shown, secrets as `***`; none if no command is configured.
    pub fn shown_command(
        &self,
        solution: usize,
        incident: &Incident,
        step: &Step,
    ) -> Option<Vec<String>> {
        let is_it = |each: &Step| std::ptr::eq(each, step);
        let position = incident.steps.iter().position(is_it).unwrap_or_default();
        let id = format!("{}/{}", incident.id, position + 1);
        let place = (solution, step.host);
        let holes = Holes::of_step(&self.topology, place, step.application, &incident.id, &id);
        self.actions.argv(solution, step.host, step.action, &holes)
    }

    pub fn limits(&self) -> Limits {
        Limits {
            line_bytes_max: self.line_bytes_max,
            trace_bytes_max: self.trace_bytes_max,
        }
    }

    /// The folder to which relative paths are relative.
    pub fn base(&self) -> &Path {
        folder(&self.path)
    }

    /// What is known about a log file beforehand, wherever it was moved: the source in whose place it stands, else
    /// the most exact one whose pattern its path ends with.
    pub fn source(&self, file: &Path) -> Option<&Source> {
        sources::source_of(&self.sources, self.base(), file)
    }
}

fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// The built-in packs with those of the configuration; their names, unless a pack is at fault and they are unknown.
fn packs(files: &dyn Files, base: &Path, table: &Table<'_>) -> (Packs, Option<Vec<String>>) {
    let mut texts = Vec::new();
    let mut whole = true;
    for item in table
        .get("packs")
        .and_then(|value| value.list())
        .unwrap_or_default()
    {
        let Some(name) = item.line() else {
            whole = false;
            continue;
        };
        let path = base.join(name);
        let read = files
            .read(&path, yaml::BYTES_MAX)
            .map_err(|error| error.to_string());
        let text =
            read.and_then(|bytes| String::from_utf8(bytes).map_err(|error| error.to_string()));
        match text {
            Ok(text) => texts.push((path.display().to_string().into(), text)),
            Err(error) => {
                item.fault(format!("cannot read {}: {error}", path.display()), None);
                whole = false;
            }
        }
    }
    match Packs::builtin().with(&texts) {
        Ok(packs) => {
            let names = packs.names().map(str::to_owned).collect();
            (packs, whole.then_some(names))
        }
        Err(wrong) => {
            table.value().add(wrong);
            (Packs::builtin(), None)
        }
    }
}

#[cfg(test)]
mod tests;
