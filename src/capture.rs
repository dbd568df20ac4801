//! Captured logs: what the LOG arguments of a command mean, and one way to read each of them.
//!
//! An argument is a file, a folder, a glob pattern or `-` (standard input). A file may be gzip (several members joined)
//! or zip (each member is a log); both are known by their first bytes, not by their name. Nothing is unpacked to disk,
//! and nothing is held in memory but the buffers of the decoders, whatever a packed file claims to hold.
//!
//! | argument | what is read |
//! |---|---|
//! | file | that file, whatever its name; a pipe too (`<(ssh host cat app.log)`), but no device and no socket |
//! | pattern | every regular file that matches |
//! | folder, zip | recursively, sorted: `*.log`, `*.log.N` (and other tails of `.log`), `*.txt`, `*.gz`, `*.zip` |
//!
//! Files that repeat what another one says are left out, with a diagnostic: per-thread logs (`name-001.STAMP.log`),
//! `*.snapshot.log` and `*.memory.log`. One that is named as an argument is read, unless its main log is named beside it,
//! as happens where a shell expands `*.log`. A file that is reached twice is read once.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::fault::Diagnostic;

mod find;
mod identity;
mod member;
mod names;
mod read;

pub use read::OnRead;

/// The logs behind the arguments, in their order, and what was wrong or left out on the way.
///
/// An argument that cannot be read, or that holds no log, is a diagnostic of severity `error`; the others are still read.
pub fn find(arguments: &[PathBuf]) -> Found {
    find::find(arguments)
}

/// The name of a log without folders, stamp and ending: the same for all segments that one writer rotates through.
pub fn log_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\', '!']).next().unwrap_or(name);
    names::stem(name).base
}

#[derive(Debug, Default)]
pub struct Found {
    pub logs: Vec<Captured>,
    pub diagnostics: Vec<Diagnostic>,
}

impl Found {
    /// Bytes of all logs as they are stored; none if a size is not known.
    pub fn size(&self) -> Option<u64> {
        self.logs.iter().map(|log| log.size).sum()
    }
}

/// One log that can be read from its first byte.
#[derive(Clone, Debug)]
pub struct Captured {
    /// As shown to people: `dir/a.log`, `cap.zip!inner.log`, `-`. Unescaped, as it may come from anyone's archive.
    pub name: Arc<str>,
    /// Where it stands, for the patterns of a configuration: the inside of an archive as if it were a folder.
    pub path: Arc<Path>,
    /// Bytes as stored, packed if the log is packed; unknown for standard input and pipes.
    pub size: Option<u64>,
    place: Place,
}

#[derive(Clone, Debug)]
enum Place {
    Stdin,
    Pipe(PathBuf),
    File(PathBuf),
    Member(Arc<member::Member>),
    Embedded(&'static [u8]),
}

impl Captured {
    /// A log that is part of the program, as if it stood at `path`.
    pub fn embedded(path: &Path, bytes: &'static [u8]) -> Captured {
        Captured {
            name: path.display().to_string().into(),
            path: path.into(),
            size: Some(bytes.len() as u64),
            place: Place::Embedded(bytes),
        }
    }

    /// A reader of the log's own bytes, unpacked.
    pub fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        self.open_counted(Arc::new(|_| ()))
    }

    /// As `open`; `on_read` is told the number of stored bytes with each read, and they add up to `size`.
    pub fn open_counted(&self, on_read: OnRead) -> io::Result<Box<dyn Read + Send>> {
        read::open(&self.place, on_read)
    }

    /// False for standard input and pipes: what was read from them is gone, and a second `open` goes on behind it.
    pub fn can_be_read_again(&self) -> bool {
        !matches!(self.place, Place::Stdin | Place::Pipe(_))
    }
}

#[cfg(test)]
mod tests;
