//! A sink's notices on disk, one JSON object a line, until they are delivered.
//!
//! The position of the first undelivered one is kept beside the file. After a crash at most the notice that was being
//! delivered is delivered again.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::Notice;

/// Undelivered notices take so much room at most; later ones are refused, and counted by the caller.
const SPOOL_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// A delivered spool is emptied from this size on.
const EMPTIED_FROM: u64 = 1024 * 1024;

/// The end to which notices are appended.
pub struct Spool {
    file: Arc<Mutex<File>>,
    news: Sender<()>,
    delivered: Arc<Mutex<u64>>,
}

/// The end from which they are delivered.
pub struct Unread {
    file: Arc<Mutex<File>>,
    path: PathBuf,
    delivered: Arc<Mutex<u64>>,
    pub(super) news: Receiver<()>,
}

impl Spool {
    pub fn open(path: &Path) -> io::Result<(Spool, Unread)> {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(path)?;
        let length = file.metadata()?.len();
        let kept = std::fs::read_to_string(position(path)).ok();
        let at = kept
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0_u64)
            .min(length);
        let (news, heard) = bounded(1);
        let (file, delivered) = (Arc::new(Mutex::new(file)), Arc::new(Mutex::new(at)));
        let unread = Unread {
            file: file.clone(),
            path: path.to_owned(),
            delivered: delivered.clone(),
            news: heard,
        };
        Ok((
            Spool {
                file,
                news,
                delivered,
            },
            unread,
        ))
    }

    pub fn append(&mut self, notice: &Notice) -> io::Result<()> {
        let mut line = serde_json::to_vec(notice)?;
        line.push(b'\n');
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            let delivered = *self
                .delivered
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if file.metadata()?.len().saturating_sub(delivered) > SPOOL_BYTES_MAX {
                return Err(io::Error::other("the spool is full"));
            }
            file.write_all(&line)?;
        }
        // A wake-up that waits already says it all.
        let _ = self.news.try_send(());
        Ok(())
    }
}

impl Unread {
    /// The first undelivered notice, with the position behind it. A line that is no notice is passed over.
    pub fn next(&self) -> io::Result<Option<(Notice, u64)>> {
        let mut at = *self
            .delivered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut reader = BufReader::new(File::open(&self.path)?);
        reader.seek(SeekFrom::Start(at))?;
        loop {
            let mut line = Vec::new();
            let length = reader
                .by_ref()
                .take(SPOOL_BYTES_MAX)
                .read_until(b'\n', &mut line)?;
            if length == 0 || line.last() != Some(&b'\n') {
                return Ok(None);
            }
            at += length as u64;
            if let Ok(notice) = serde_json::from_slice(&line) {
                return Ok(Some((notice, at)));
            }
        }
    }

    /// Everything before `position` is delivered.
    pub fn delivered(&self, position_behind: u64) -> io::Result<()> {
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let mut delivered = self
            .delivered
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let all = file.metadata()?.len() == position_behind;
        *delivered = if all && position_behind >= EMPTIED_FROM {
            file.set_len(0)?;
            0
        } else {
            position_behind
        };
        let (kept, new) = (
            position(&self.path),
            self.path.with_extension("position.new"),
        );
        std::fs::write(&new, delivered.to_string())?;
        std::fs::rename(new, kept)
    }
}

fn position(spool: &Path) -> PathBuf {
    spool.with_extension("position")
}
