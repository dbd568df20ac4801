//! A reader on a real folder, driven round by round on a clock of its own.

mod denied;
mod model;
mod restarts;
mod rotation;
mod strange;
mod threads;

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::*;
use crate::config::{InMemory, load};

pub const HEAD: &str = "\
Application name:\tSIPS 2\n\
Application type:\tTServer (1)\n\
Host name:\tvmhost2\n\
Time zone:\t0\n\
Local time:\t2026-11-02T20:30:00.000\n\
File:\t(1) x.log\n";

/// A folder of logs, a process that reads it, and what that process has told.
pub struct Bench {
    pub folder: tempfile::TempDir,
    pub plan: Arc<Plan>,
    pub settings: Settings,
    pub positions: Positions,
    pub readers: Vec<Reader>,
    pub now: Duration,
    pub told: Vec<Tailed>,
}

impl Bench {
    pub fn new(patterns: &[&str]) -> Bench {
        let source = |pattern: &&str| format!("{{ path: '{pattern}' }}");
        Bench::of(&patterns.iter().map(source).collect::<Vec<_>>())
    }

    /// With sources as they are written in a configuration.
    pub fn of(sources: &[String]) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let sources: String = sources.iter().map(|each| format!("  - {each}\n")).collect();
        let yaml = format!(
            "solutions:\n  east:\n    hosts: {{ h1: {{ address: 10.0.0.1 }}, h2: {{ address: 10.0.0.2 }} }}\n    vip: 10.0.0.9\n    applications:\n      A: {{ dbid: 1, component: vm-sip-server, host: h1 }}\n      B: {{ dbid: 2, component: vm-sip-server, host: h2 }}\nsources:\n{sources}"
        );
        let path = folder.path().join("tailswitch.yaml");
        let files = InMemory::default().file(path.to_str().unwrap(), yaml, 0o600);
        let loaded = load(&files, &path, &[]);
        let config = loaded
            .config
            .unwrap_or_else(|| panic!("{:?}", loaded.faults));
        let mut bench = Bench {
            plan: Arc::new(Plan::new(&config)),
            folder,
            settings: Settings::default(),
            positions: Positions::default(),
            readers: Vec::new(),
            now: Duration::ZERO,
            told: Vec::new(),
        };
        bench.restart();
        bench
    }

    /// A bench whose reader has begun on an empty folder.
    pub fn begun(patterns: &[&str]) -> Bench {
        let mut bench = Bench::new(patterns);
        bench.round();
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        append(&self.path(name), text.as_ref());
    }

    pub fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Kills the process; the next one has what was saved, as it was saved.
    pub fn restart(&mut self) {
        self.readers.clear();
        let saved = serde_json::to_string(&self.positions).unwrap();
        let mut positions = serde_json::from_str(&saved).unwrap();
        self.readers = Reader::all(&self.plan, &self.settings, &mut positions);
    }

    /// Reads everything there is, and lists the folders.
    pub fn round(&mut self) {
        self.round_and(true);
    }

    /// Reads the open files alone.
    pub fn look(&mut self) {
        self.round_and(false);
    }

    fn round_and(&mut self, list: bool) {
        self.now += Duration::from_millis(10);
        for reader in &mut self.readers {
            loop {
                let mut send = |tailed: Tailed| {
                    self.positions.take(&tailed);
                    self.told.push(tailed);
                    Ok(())
                };
                if !reader.poll_once(self.now, list, &mut send).unwrap().more {
                    break;
                }
            }
        }
    }

    /// So much time goes by, with a round at its end.
    pub fn wait(&mut self, time: Duration) {
        self.now += time;
        self.round();
    }

    pub fn rest(&mut self) {
        self.wait(self.settings.rotate_wait);
    }

    /// The numbers of the events told since this was asked last, `h` before those of history.
    pub fn events(&mut self) -> String {
        let numbers = self.told.iter().filter_map(|tailed| match tailed {
            Tailed::Event(told) => {
                let number = told.event.text.rsplit('#').next().unwrap_or("?");
                Some(format!("{}{number}", if told.history { "h" } else { "" }))
            }
            _ => None,
        });
        let numbers: Vec<_> = numbers.collect();
        self.told
            .retain(|tailed| !matches!(tailed, Tailed::Event(_)));
        numbers.join(" ")
    }

    /// Conditions and diagnostics told since this was asked last.
    pub fn states(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        for tailed in self.told.drain(..) {
            match tailed {
                Tailed::State(state) => {
                    let name = state.about.rsplit('/').next().unwrap_or_default();
                    let open = if state.open { "" } else { "no longer " };
                    said.push(format!("{name}: {open}{:?}", state.condition));
                }
                Tailed::Diagnostic(diagnostic) if diagnostic.line == 0 => {
                    let name = diagnostic.file.rsplit('/').next().unwrap_or_default();
                    said.push(format!("{name}: {}", diagnostic.message));
                }
                _ => {}
            }
        }
        said
    }
}

pub fn append(path: &Path, bytes: &[u8]) {
    let mut options = OpenOptions::new();
    let mut file = options.create(true).append(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

/// A record that is an event, known by its number.
pub fn event(number: u32) -> String {
    format!("20:31:07.412 Std 04563 Hot Standby #{number}\n")
}

pub fn events(numbers: impl IntoIterator<Item = u32>) -> String {
    numbers.into_iter().map(event).collect()
}

pub fn overwrite(path: &Path, bytes: &[u8]) {
    let mut file = File::options()
        .write(true)
        .truncate(true)
        .open(path)
        .unwrap();
    file.write_all(bytes).unwrap();
}
