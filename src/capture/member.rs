//! The logs inside a zip file, each read by itself, so that several can be read at once.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::read::{Counted, OnRead};

const BUFFER_BYTES: usize = 128 * 1024;

/// Where a member's bytes stand in its archive.
#[derive(Debug)]
pub(super) struct Member {
    archive: Arc<Path>,
    start: u64,
    packing: Packing,
    pub(super) stored_bytes: u64,
    bytes: u64,
    crc: u32,
}

#[derive(Clone, Copy, Debug)]
enum Packing {
    Stored,
    Deflated,
}

/// A member's name, and how to read it or why it cannot be.
pub(super) type Listed = (String, Result<Member, String>);

/// All members but folders, sorted by name. The list is all that is read of the archive.
pub(super) fn list(path: &Path) -> io::Result<Vec<Listed>> {
    let file = BufReader::new(File::open(path)?);
    let mut archive = ZipArchive::new(file)?;
    let shared: Arc<Path> = PathBuf::from(path).into();
    let mut listed = Vec::with_capacity(archive.len());
    for index in 0..archive.len() {
        let entry = match archive.by_index_raw(index) {
            Ok(entry) => entry,
            Err(error) => {
                listed.push((format!("#{index}"), Err(error.to_string())));
                continue;
            }
        };
        if entry.is_dir() {
            continue;
        }
        let name = String::from_utf8_lossy(entry.name_raw()).into_owned();
        let packing = match entry.compression() {
            _ if entry.encrypted() => Err("the member is encrypted".to_owned()),
            CompressionMethod::Stored => Ok(Packing::Stored),
            CompressionMethod::Deflated => Ok(Packing::Deflated),
            other => Err(format!(
                "the member is packed by {other}, only deflate is read"
            )),
        };
        let start = entry
            .data_start()
            .ok_or_else(|| "the member's place is not known".to_owned());
        let member = packing.and_then(|packing| {
            Ok(Member {
                archive: shared.clone(),
                start: start?,
                packing,
                stored_bytes: entry.compressed_size(),
                bytes: entry.size(),
                crc: entry.crc32(),
            })
        });
        listed.push((name, member));
    }
    listed.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(listed)
}

impl Member {
    pub(super) fn open(&self, on_read: OnRead) -> io::Result<impl Read + Send + 'static> {
        let mut file = File::open(&self.archive)?;
        file.seek(SeekFrom::Start(self.start))?;
        let stored = Counted::new(file.take(self.stored_bytes), on_read);
        let buffered = BufReader::with_capacity(BUFFER_BYTES, stored);
        let unpacked: Box<dyn Read + Send> = match self.packing {
            Packing::Stored => Box::new(buffered),
            Packing::Deflated => Box::new(DeflateDecoder::new(buffered)),
        };
        Ok(Checked {
            inner: unpacked,
            left: self.bytes,
            expected: self.crc,
            crc: Crc::new(),
        })
    }
}

/// Ends with an error where the bytes are not as many, or not those, that the archive's list promises.
struct Checked<R> {
    inner: R,
    left: u64,
    expected: u32,
    crc: Crc,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let taken = self.inner.read(buffer)?;
        self.crc.update(buffer.get(..taken).unwrap_or_default());
        match self.left.checked_sub(taken as u64) {
            None => Err(damaged("it holds more than the archive's list says")),
            Some(left) if taken == 0 && left > 0 => {
                Err(damaged("it holds less than the archive's list says"))
            }
            Some(_) if taken == 0 && self.crc.sum() != self.expected => {
                Err(damaged("its checksum is wrong"))
            }
            Some(left) => {
                self.left = left;
                Ok(taken)
            }
        }
    }
}

fn damaged(how: &str) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the zip member is damaged: {how}"),
    )
}
