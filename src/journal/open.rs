//! Starting: what is there is checked and read back; what is broken is kept aside, told, and built upon.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};
use thiserror::Error;

use super::damage::{self, Aside, Damage};
use super::folder::{Folder, FolderError};
use super::head::{Head, HeadFile};
use super::recover::{self, Broken, Found};
use super::runs::{self, Run};
use super::schema;
use super::snapshot::Snapshot;
use super::write::{self, Failure, Journal};
use super::{Moment, Recovered};
use crate::clock::Clock;
use crate::time::Time;
use crate::topology::Topology;

/// Who opens the journal.
pub struct Setup<'a> {
    pub clock: &'a dyn Clock,
    /// The program's version.
    pub version: &'a str,
    /// A hash of the configuration, for the record.
    pub config: &'a str,
}

/// Why there is no journal. The daemon may still alert; it acts on nothing.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("{path}: written by a newer version (schema {found}, this one knows {known})")]
    Newer {
        path: PathBuf,
        found: i32,
        known: i32,
    },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
    #[error("{path}: {source}")]
    Database {
        path: PathBuf,
        source: rusqlite::Error,
    },
}

impl Journal {
    /// Takes the state folder and reads back what is there; damage is told in [`Recovered::damage`].
    /// If the disk takes nothing more, the journal that is returned is dead already.
    pub fn open(
        path: &Path,
        topology: &Arc<Topology>,
        setup: &Setup<'_>,
    ) -> Result<(Journal, Recovered), OpenError> {
        let now = setup.clock.wall();
        let folder = Folder::take(path, now)?;
        let place = Place {
            folder: &folder.path,
            now,
        };
        let (head_file, head) = HeadFile::open(&folder.path).map_err(|source| place.io(source))?;
        let (connection, mut found, mut damage) = match place.read(topology)? {
            Reading::Whole(connection, found) => {
                let damage = place.compare(&connection, &found, head)?;
                (connection, *found, damage)
            }
            Reading::Unusable(found, what) => place.start_anew(topology, found, what)?,
        };
        if let Some(damage) = &mut damage {
            // What was lost had its numbers, and they are not given twice.
            found.tail.seq = found.tail.seq.max(head.map_or(0, |head| head.seq));
            damage.seq = found.tail.seq;
        }
        let mut journal = Journal::new(connection, head_file, folder, topology, &found);
        let begun = journal.begin(topology, setup, &found, damage.as_ref());
        journal.or_dead(now, begun).ok();
        let recovered = journal.recovered(found, damage)?;
        Ok((journal, recovered))
    }

    /// The first transaction of a run: that it began, and what it found broken.
    fn begin(
        &mut self,
        topology: &Topology,
        setup: &Setup<'_>,
        found: &Found,
        damage: Option<&Damage>,
    ) -> Result<(), Failure> {
        let boot = setup.clock.boot_id();
        let run = Run {
            started: setup.clock.wall(),
            boot: &boot,
            version: setup.version,
            config: setup.config,
            topology,
        };
        let tail = self.tail;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let number = runs::begin(&transaction, &run)?;
        if let Some(damage) = damage {
            damage::record(&transaction, damage)?;
            let wall = || setup.clock.wall();
            let core = found
                .last
                .as_ref()
                .map_or_else(wall, |last| last.core_now(setup.clock));
            let moment = Moment::now(core, setup.clock);
            Snapshot::of(&found.state, tail.seq, number, moment, tail.hash)?.write(&transaction)?;
        }
        transaction.commit()?;
        self.run = number;
        self.head.write(tail)?;
        self.head.sync()?;
        self.checkpoint()
    }

    fn recovered(&self, found: Found, just_found: Option<Damage>) -> Result<Recovered, OpenError> {
        let database = |source| OpenError::Database {
            path: self.path(),
            source,
        };
        let mut damage = damage::unsettled(&self.connection).map_err(database)?;
        // On a full disk it could not be written down.
        if let Some(just_found) = just_found.filter(|each| !damage.contains(each)) {
            damage.push(just_found);
        }
        let mut crashed = runs::unfinished(&self.connection).map_err(database)?;
        if self.run != write::NO_RUN && !crashed.is_empty() {
            // The newest is this one.
            crashed.remove(0);
        }
        Ok(Recovered {
            in_doubt: found.state.in_doubt(),
            state: found.state,
            left_behind: found.left_behind,
            positions: found.positions,
            last: found.last,
            crashed,
            damage,
            notes: found.notes,
        })
    }
}

/// What the file turned out to be.
enum Reading {
    Whole(Connection, Box<Found>),
    /// Not readable to the end, with what was read until then.
    Unusable(Option<Box<Found>>, String),
}

struct Place<'a> {
    folder: &'a Path,
    now: Time,
}

impl Place<'_> {
    fn path(&self) -> PathBuf {
        self.folder.join(schema::NAME)
    }

    fn io(&self, source: io::Error) -> OpenError {
        OpenError::Io {
            path: self.folder.to_path_buf(),
            source,
        }
    }

    fn database(&self, source: rusqlite::Error) -> OpenError {
        OpenError::Database {
            path: self.path(),
            source,
        }
    }

    /// Opens the file, creates it if there is none, and reads it back.
    fn read(&self, topology: &Arc<Topology>) -> Result<Reading, OpenError> {
        let outcome = self.connect().and_then(|connection| match connection {
            Ok(connection) => recover::recover(&connection, topology)
                .map(|found| Ok((connection, found)))
                .map_err(|source| self.database(source)),
            Err(what) => Ok(Err(what)),
        })?;
        Ok(match outcome {
            Ok((connection, found)) => match found.broken.clone() {
                Some(Broken::File(what)) => Reading::Unusable(Some(Box::new(found)), what),
                _ => Reading::Whole(connection, Box::new(found)),
            },
            Err(what) => Reading::Unusable(None, what),
        })
    }

    /// A connection to a journal of the present schema, or why the file is none.
    fn connect(&self) -> Result<Result<Connection, String>, OpenError> {
        let connected = schema::connect(&self.path());
        let looked = connected.and_then(|connection| {
            let found = schema::look(&connection)?;
            Ok((connection, found))
        });
        let (mut connection, found) = match looked {
            Ok(looked) => looked,
            Err(error) if schema::is_damage(&error) => return Ok(Err(error.to_string())),
            Err(error) => return Err(self.database(error)),
        };
        let version = match found {
            schema::Found::Foreign => return Ok(Err("not a journal of this program".into())),
            schema::Found::Nothing => 0,
            schema::Found::Ours { version } => version,
        };
        if version > schema::VERSION {
            return Err(OpenError::Newer {
                path: self.path(),
                found: version,
                known: schema::VERSION,
            });
        }
        if version < schema::VERSION {
            if version > 0 {
                let label = format!("schema-{version}");
                damage::set_aside(self.folder, &label, self.now, Aside::Copy)
                    .map_err(|source| self.io(source))?;
            }
            schema::migrate(&mut connection, version, schema::STEPS)
                .map_err(|source| self.database(source))?;
            super::folder::sync(self.folder).map_err(|source| self.io(source))?;
        }
        Ok(Ok(connection))
    }

    /// Whether what can be read is all that was written.
    fn compare(
        &self,
        connection: &Connection,
        found: &Found,
        head: Option<Head>,
    ) -> Result<Option<Damage>, OpenError> {
        let tail = found.tail.seq;
        let gone = damage::is_any_aside(self.folder).map_err(|source| self.io(source))?
            && runs::is_first(connection).map_err(|source| self.database(source))?;
        let what = match (&found.broken, head) {
            (Some(Broken::Content(what) | Broken::File(what)), _) => what.clone(),
            (None, Some(head)) if head.seq > tail => format!(
                "entries {} to {} are gone: the journal was cut off or is an older copy",
                tail + 1,
                head.seq
            ),
            (None, Some(head)) => {
                let stored = recover::hash_of(connection, head.seq)
                    .map_err(|source| self.database(source))?;
                if stored.is_none_or(|stored| stored == head.hash) && !gone {
                    return Ok(None);
                }
                format!("entry {} is not the one that was written", head.seq)
            }
            (None, None) if tail > 0 => "the file `head` is gone".to_string(),
            (None, None) if gone => "an earlier journal is gone".to_string(),
            (None, None) => return Ok(None),
        };
        let aside = match found.broken {
            Some(_) => Some(self.set_aside(Aside::Copy)?),
            None => None,
        };
        Ok(Some(self.damage(what, aside)))
    }

    /// Moves the file away, and begins a new one with what could be read.
    fn start_anew(
        &self,
        topology: &Arc<Topology>,
        found: Option<Box<Found>>,
        what: String,
    ) -> Result<(Connection, Found, Option<Damage>), OpenError> {
        let aside = self.set_aside(Aside::Move)?;
        let Reading::Whole(connection, fresh) = self.read(topology)? else {
            return Err(self.io(io::Error::other("a new journal cannot be read back")));
        };
        let found = found.unwrap_or(fresh);
        recover::carry_over(&connection, &found).map_err(|source| self.database(source))?;
        let damage = self.damage(what, Some(aside));
        Ok((connection, *found, Some(damage)))
    }

    fn set_aside(&self, how: Aside) -> Result<PathBuf, OpenError> {
        damage::set_aside(self.folder, damage::LABEL, self.now, how)
            .map_err(|source| self.io(source))
    }

    fn damage(&self, what: String, aside: Option<PathBuf>) -> Damage {
        Damage {
            found: self.now,
            what,
            seq: 0,
            aside: aside.map(|path| path.display().to_string()),
        }
    }
}
