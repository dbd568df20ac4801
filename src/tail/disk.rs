//! The system calls: opening without being lured, reading at a place, asking what a file is.

pub use std::fs::File;
use std::fs::{self, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::identity::{ANCHOR_BYTES_MAX, Content, FileId, HEAD_BYTES_MAX, Place, Print, Seen};

/// What the system says of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    pub id: FileId,
    pub size: u64,
    /// When it was last written, nanoseconds since the epoch; only ever used to put files in order.
    pub modified: i64,
    /// It has no name any more.
    pub deleted: bool,
    pub regular: bool,
}

/// Opens a file for reading: no link is followed, and nothing is waited for.
///
/// What it is can change between a look and the opening, so it is looked at again: a pipe or a device is an error.
pub fn open(path: &Path) -> io::Result<(File, Facts)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
    }
    let file = options.open(path)?;
    let facts = facts(path, &file.metadata()?);
    match facts.regular {
        true => Ok((file, facts)),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "not a regular file",
        )),
    }
}

pub fn look(path: &Path) -> io::Result<Facts> {
    Ok(facts(path, &fs::symlink_metadata(path)?))
}

/// The path without links, if it leads anywhere.
pub fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

pub fn look_at(path: &Path, file: &File) -> io::Result<Facts> {
    Ok(facts(path, &file.metadata()?))
}

fn facts(path: &Path, metadata: &Metadata) -> Facts {
    let nanos = |time: io::Result<SystemTime>| {
        let time = jiff::Timestamp::try_from(time.ok()?).ok()?;
        i64::try_from(time.as_nanosecond()).ok()
    };
    let (place, deleted) = place(path, metadata);
    Facts {
        id: FileId {
            place,
            born: nanos(metadata.created()),
        },
        size: metadata.len(),
        modified: nanos(metadata.modified()).unwrap_or(0),
        deleted,
        regular: metadata.is_file(),
    }
}

#[cfg(unix)]
fn place(_path: &Path, metadata: &Metadata) -> (Place, bool) {
    use std::os::unix::fs::MetadataExt;
    let (device, inode) = (metadata.dev(), metadata.ino());
    (Place { device, inode }, metadata.nlink() == 0)
}

/// Where the standard library tells no file number, the name is the place: a renamed file is known by its content.
#[cfg(not(unix))]
fn place(path: &Path, _metadata: &Metadata) -> (Place, bool) {
    let inode = Print::of(path.as_os_str().as_encoded_bytes()).hash;
    (Place { device: 0, inode }, false)
}

/// Fills the buffer from `offset` on, as far as the file goes.
pub fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = buffer.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match read_once(file, rest, offset + read as u64) {
            Ok(0) => break,
            Ok(length) => read += length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // What came before the fault is good; the fault comes again.
            Err(_) if read > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

#[cfg(unix)]
fn read_once(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_once(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

/// The file's bytes from `offset` on, at most so many.
pub fn bytes_at(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let read = read_at(file, &mut bytes, offset)?;
    bytes.truncate(read);
    Ok(bytes)
}

/// Compares an open file with what is known of one that was read before.
pub fn compare(file: &File, facts: &Facts, content: &Content) -> io::Result<Seen> {
    let length = |print: &Print, max| usize::try_from(print.bytes).map_or(max, |it| it.min(max));
    let head = bytes_at(file, 0, length(&content.head, HEAD_BYTES_MAX))?;
    let from = content.read.saturating_sub(content.anchor.bytes);
    let anchor = bytes_at(file, from, length(&content.anchor, ANCHOR_BYTES_MAX))?;
    Ok(Seen {
        id: facts.id,
        size: facts.size,
        head_fits: Print::of(&head) == content.head,
        anchor_fits: Print::of(&anchor) == content.anchor,
    })
}

/// The first of so many bytes.
pub fn head_of(file: &File, bytes: u64) -> io::Result<Print> {
    let length = usize::try_from(bytes).map_or(HEAD_BYTES_MAX, |it| it.min(HEAD_BYTES_MAX));
    bytes_at(file, 0, length).map(|head| Print::of(&head))
}

/// There are no more file handles, in this process or on this machine.
pub fn is_out_of_handles(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let errno = error.raw_os_error();
        [Errno::MFILE, Errno::NFILE]
            .iter()
            .any(|each| errno == Some(each.raw_os_error()))
    }
    #[cfg(not(unix))]
    {
        error.raw_os_error() == Some(4) // ERROR_TOO_MANY_OPEN_FILES
    }
}

/// Other machines write there, or a program stands behind it: no notification can be relied on.
#[cfg(target_os = "linux")]
pub fn is_remote(folder: &Path) -> bool {
    const REMOTE: [u32; 12] = [
        0x6969,      // NFS
        0x517B,      // SMB
        0xFE53_4D42, // SMB2
        0xFF53_4D42, // CIFS
        0x564C,      // NCP
        0x6573_5546, // FUSE
        0x0102_1997, // 9P
        0x00C3_6400, // Ceph
        0x5346_414F, // AFS
        0x7461_636F, // OCFS2
        0x0116_1970, // GFS2
        0x786F_4256, // VirtualBox
    ];
    // The type is a signed word on some machines; its low half is the number.
    rustix::fs::statfs(folder).is_ok_and(|told| REMOTE.contains(&(told.f_type as u32)))
}

#[cfg(not(target_os = "linux"))]
pub fn is_remote(folder: &Path) -> bool {
    // A path such as \\server\share.
    folder.as_os_str().as_encoded_bytes().starts_with(b"\\\\")
}
