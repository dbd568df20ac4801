//! The pair in a folder: one state behind one lock, changed by whoever acts, each in a process of its own.

use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

use super::configuration::{Options, configuration};
use super::ledger::{Said, Start};
use super::world::{Line, World};
use crate::clock::wall;
use crate::time::Time;

/// A stand-in's password. It is a secret all the same, so that its masking can be seen.
const PASSWORD: &str = "no-secret-of-anyone";
const WORLD: &str = "world.json";
const LEDGER: &str = "ledger.jsonl";
const SAID: &str = "said.jsonl";

/// Where a simulated pair lives.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the pair and its configuration. The folder may exist; a pair in it is an error.
    pub fn create(path: impl Into<PathBuf>, options: &Options) -> io::Result<Folder> {
        let folder = Folder { path: path.into() };
        fs::create_dir_all(folder.path.join("logs"))?;
        if folder.at(WORLD).exists() {
            let told = format!("there is a pair in {} already", folder.path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, told));
        }
        write_private(&folder.at("mlcmd.pw"), &format!("{PASSWORD}\n"))?;
        write_private(&folder.at("token"), &format!("{}\n", token()))?;
        fs::write(folder.configuration(), configuration(options))?;
        for empty in [LEDGER, SAID] {
            File::create(folder.at(empty))?;
        }
        let now = wall();
        let (world, lines) = World::begin(now);
        folder.append(now, &lines)?;
        folder.save(&world)?;
        Ok(folder)
    }

    /// The pair that is there.
    pub fn open(path: impl Into<PathBuf>) -> Folder {
        Folder { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn configuration(&self) -> PathBuf {
        self.at("tailswitch.yaml")
    }

    pub fn logs(&self) -> PathBuf {
        self.at("logs")
    }

    /// What is so at the moment.
    pub fn world(&self) -> io::Result<World> {
        let _locked = self.lock()?;
        self.load()
    }

    /// Changes the pair under its lock, and writes what is due by now. No log line is lost if this process is killed
    /// in the middle; one may be written twice.
    pub fn change<T>(&self, change: impl FnOnce(&mut World, Time) -> T) -> io::Result<T> {
        self.change_with(|world, now| Ok((change(world, now), Vec::new())))
    }

    /// The same with lines that are no consequence of a change, or a change that may fail and then changes nothing.
    pub(super) fn change_with<T>(
        &self,
        change: impl FnOnce(&mut World, Time) -> io::Result<(T, Vec<Line>)>,
    ) -> io::Result<T> {
        let _locked = self.lock()?;
        let before = self.load()?;
        let mut world = before.clone();
        let now = wall();
        let (value, mut lines) = change(&mut world, now)?;
        lines.extend(world.tick(now));
        self.append(now, &lines)?;
        if world != before {
            self.save(&world)?;
        }
        Ok(value)
    }

    /// Every command that was started, in the order of their starts.
    pub fn ledger(&self) -> io::Result<Vec<Start>> {
        read_lines(&self.at(LEDGER))
    }

    /// What the logs said, noise aside.
    pub fn said(&self) -> io::Result<Vec<Said>> {
        read_lines(&self.at(SAID))
    }

    pub(super) fn enter(&self, start: &Start) -> io::Result<()> {
        let mut file = append_to(&self.at(LEDGER))?;
        file.write_all(line_of(start)?.as_bytes())?;
        file.sync_all()
    }

    pub(super) fn password(&self) -> io::Result<String> {
        let text = fs::read_to_string(self.at("mlcmd.pw"))?;
        Ok(text.trim_end().to_owned())
    }

    fn append(&self, now: Time, lines: &[Line]) -> io::Result<()> {
        for line in lines {
            let mut log = append_to(&self.logs().join(&line.file))?;
            log.write_all(line.text.as_bytes())?;
            if line.is_news {
                let said = line_of(&Said::of(now, line))?;
                append_to(&self.at(SAID))?.write_all(said.as_bytes())?;
            }
        }
        Ok(())
    }

    fn load(&self) -> io::Result<World> {
        let bytes = fs::read(self.at(WORLD))?;
        serde_json::from_slice(&bytes).map_err(io::Error::other)
    }

    /// Whole or not at all: whoever holds the lock may be killed.
    fn save(&self, world: &World) -> io::Result<()> {
        let bytes = serde_json::to_vec_pretty(world).map_err(io::Error::other)?;
        let beside = self.at("world.json.new");
        fs::write(&beside, bytes)?;
        fs::rename(beside, self.at(WORLD))
    }

    /// Held until it is dropped, or its process is gone.
    fn lock(&self) -> io::Result<File> {
        let file = append_to(&self.at("world.lock"))?;
        file.lock()?;
        Ok(file)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

fn append_to(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

fn line_of(value: &impl serde::Serialize) -> io::Result<String> {
    let text = serde_json::to_string(value).map_err(io::Error::other)?;
    Ok(text + "\n")
}

/// Whole lines only: the last one may be half written.
fn read_lines<T: serde::de::DeserializeOwned>(path: &Path) -> io::Result<Vec<T>> {
    let mut reader = io::BufReader::new(File::open(path)?);
    let mut values = Vec::new();
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 && line.ends_with('\n') {
        values.push(serde_json::from_str(&line).map_err(io::Error::other)?);
        line.clear();
    }
    Ok(values)
}

/// Readable by its owner alone.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// Nobody guesses it: the standard library seeds its hashers from the system's randomness.
fn token() -> String {
    let number = |_| std::hash::RandomState::new().build_hasher().finish();
    (0..3)
        .map(number)
        .map(|each| format!("{each:016x}"))
        .collect()
}
