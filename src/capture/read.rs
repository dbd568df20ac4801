//! Opening a log: counting its stored bytes, and unpacking gzip wherever its two first bytes say so.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use super::Place;

/// Called with the number of stored bytes that a read took.
pub type OnRead = Arc<dyn Fn(u64) + Send + Sync>;

const BUFFER_BYTES: usize = 128 * 1024;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

pub(super) fn open(place: &Place, on_read: OnRead) -> io::Result<Box<dyn Read + Send>> {
    match place {
        Place::Stdin => refuse_zip(Counted::new(io::stdin(), on_read)),
        Place::Pipe(path) => refuse_zip(Counted::new(File::open(path)?, on_read)),
        Place::File(path) => file(path, on_read),
        Place::Member(member) => unpacked(member.open(on_read)?),
        Place::Embedded(bytes) => unpacked(Counted::new(*bytes, on_read)),
    }
}

/// The first bytes of a file, fewer if it is shorter.
pub(super) fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    head(&mut file, 4)
}

pub(super) fn is_zip(first_bytes: &[u8]) -> bool {
    // A zip file with members, or one without any.
    first_bytes.starts_with(b"PK\x03\x04") || first_bytes.starts_with(b"PK\x05\x06")
}

/// Counts what is taken from the store, before anything is unpacked.
pub(super) struct Counted<R> {
    inner: R,
    on_read: OnRead,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R, on_read: OnRead) -> Counted<R> {
        Counted { inner, on_read }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let taken = self.inner.read(buffer)?;
        (self.on_read)(taken as u64);
        Ok(taken)
    }
}

/// From its first byte on: a kernel copies pages that are cut in the middle at a third of the speed.
fn file(path: &Path, on_read: OnRead) -> io::Result<Box<dyn Read + Send>> {
    let mut file = File::open(path)?;
    let is_gzip = head(&mut file, GZIP_MAGIC.len())? == GZIP_MAGIC;
    file.rewind()?;
    let stored = Counted::new(file, on_read);
    Ok(if is_gzip {
        unzipped(stored)
    } else {
        Box::new(stored)
    })
}

fn unzipped(stored: impl Read + Send + 'static) -> Box<dyn Read + Send> {
    let buffered = BufReader::with_capacity(BUFFER_BYTES, stored);
    Box::new(MultiGzDecoder::new(buffered))
}

fn unpacked(mut stored: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let head = head(&mut stored, GZIP_MAGIC.len())?;
    let is_gzip = head == GZIP_MAGIC;
    let whole = Cursor::new(head).chain(stored);
    Ok(if is_gzip {
        unzipped(whole)
    } else {
        Box::new(whole)
    })
}

/// A zip file's list of members stands at its end, out of reach in a stream.
fn refuse_zip(mut stored: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let head = head(&mut stored, 4)?;
    if is_zip(&head) {
        return Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "a zip file cannot be read from a stream: name the file",
        ));
    }
    unpacked(Cursor::new(head).chain(stored))
}

fn head(stored: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(length);
    stored.by_ref().take(length as u64).read_to_end(&mut head)?;
    Ok(head)
}
