//! The copy of a sink's backlog on disk, for the next start: one JSON object a line, only ever appended to, and now
//! and then written anew.
//!
//! | line | says |
//! |---|---|
//! | `{"open":…}` | this opening was told in an earlier life, and its closing was not |
//! | `{"told":…}` | the sink is to be told this |
//! | `{"delivered":n}` | of all that was `told` in this file the first n were delivered |
//! | `{"upto":n}` | it was told of all events that the journal holds up to its entry n |
//!
//! After a crash at most what was delivered in the last moments is delivered again. A line that was cut off says
//! nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Notice;
use super::backlog::{Backlog, News, Whole};
use crate::journal::Seq;

/// A spool that was grown to more is not read further.
const READ_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// From this size on a spool is written anew, if most of it was delivered.
const ANEW_FROM_BYTES: u64 = 1024 * 1024;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line<N> {
    Open(N),
    Told(N),
    Delivered(u64),
    Upto(Seq),
}

/// What an earlier life left.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Left {
    /// Openings and closings that were told and delivered, in their order.
    pub told: Vec<Arc<Notice>>,
    pub waiting: Vec<Arc<Notice>>,
    /// The sink was told of all events that the journal holds up to there.
    pub upto: Option<Seq>,
}

/// Reads what is there. No file is an empty one.
pub(super) fn left(path: &Path) -> io::Result<Left> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Left::default()),
        Err(error) => return Err(error),
    };
    let (mut open, mut told, mut delivered, mut upto) = (Vec::new(), Vec::new(), 0, None);
    for line in BufReader::new(file.take(READ_BYTES_MAX)).split(b'\n') {
        match serde_json::from_slice(&line?) {
            Ok(Line::Open(notice)) => open.push(notice),
            Ok(Line::Told(notice)) => told.push(notice),
            Ok(Line::Delivered(count)) => delivered = count.max(delivered),
            Ok(Line::Upto(seq)) => upto = Some(seq),
            Err(_) => {}
        }
    }
    let delivered = usize::try_from(delivered).unwrap_or(usize::MAX);
    let waiting = told.split_off(delivered.min(told.len()));
    open.extend(told);
    let told = open;
    Ok(Left {
        told,
        waiting,
        upto,
    })
}

/// The end to which a backlog is copied.
pub(super) struct Spool {
    path: PathBuf,
    /// None until it is written anew: at the start, and after a failure.
    file: Option<Open>,
}

struct Open {
    file: File,
    bytes: u64,
    /// So many of the backlog were delivered when the file began.
    delivered_before: u64,
    /// So many of what stands in it were delivered, as it says itself.
    delivered: u64,
    upto: Option<Seq>,
    told: u64,
}

impl Spool {
    pub fn new(path: PathBuf) -> Spool {
        Spool { path, file: None }
    }

    /// Copies what is new. After an error all of it is written anew the next time.
    pub fn copy(&mut self, backlog: &Backlog) -> io::Result<()> {
        let news = backlog.news();
        let appended = match self.file.take() {
            Some(open) if news.is_all => open.append(&news)?,
            _ => None,
        };
        self.file = match appended {
            Some(open) => Some(open),
            None => Some(self.anew(&backlog.whole())?),
        };
        Ok(())
    }

    /// A new file takes the place of the old one as a whole.
    fn anew(&self, whole: &Whole) -> io::Result<Open> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let path = self.path.with_extension("new");
        let mut lines = Vec::new();
        // What still waits to be told says itself that it is open.
        for notice in &whole.open {
            if !whole
                .waiting
                .iter()
                .any(|waiting| Arc::ptr_eq(waiting, notice))
            {
                line(&mut lines, &Line::Open(&**notice))?;
            }
        }
        for notice in &whole.waiting {
            line(&mut lines, &Line::Told(&**notice))?;
        }
        if let Some(seq) = whole.upto {
            line(&mut lines, &Line::<&Notice>::Upto(seq))?;
        }
        let mut options = OpenOptions::new();
        options.create(true).write(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        file.write_all(&lines)?;
        file.sync_data()?;
        fs::rename(&path, &self.path)?;
        Ok(Open {
            file,
            bytes: lines.len() as u64,
            delivered_before: whole.delivered,
            delivered: 0,
            upto: whole.upto,
            told: whole.waiting.len() as u64,
        })
    }
}

impl Open {
    /// None if it has grown so much that it is to be written anew.
    fn append(mut self, news: &News) -> io::Result<Option<Open>> {
        let mut lines = Vec::new();
        for notice in &news.notices {
            line(&mut lines, &Line::Told(&**notice))?;
        }
        let delivered = news.delivered.saturating_sub(self.delivered_before);
        if delivered != self.delivered {
            line(&mut lines, &Line::<&Notice>::Delivered(delivered))?;
        }
        if let Some(seq) = news.upto.filter(|_| news.upto != self.upto) {
            line(&mut lines, &Line::<&Notice>::Upto(seq))?;
        }
        self.upto = news.upto;
        self.told += news.notices.len() as u64;
        self.delivered = delivered;
        self.bytes += lines.len() as u64;
        if self.bytes >= ANEW_FROM_BYTES && self.delivered * 2 >= self.told {
            return Ok(None);
        }
        self.file.write_all(&lines)?;
        Ok(Some(self))
    }
}

fn line<N: Serialize>(lines: &mut Vec<u8>, line: &Line<N>) -> io::Result<()> {
    serde_json::to_writer(&mut *lines, line)?;
    lines.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests;
