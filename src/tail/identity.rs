//! Is this the file that was read before? Names, sizes and times lie; content does not.
//!
//! Device and inode say which file it may be, a birth time that it is not. The rest is content: the first 4 KiB tell
//! apart what began differently, and the 512 bytes before the place that was read to tell whether what was read is
//! still there. Segments of one log often begin with the same bytes, so the head alone never decides.

use serde::{Deserialize, Serialize};

/// So many of a file's first bytes are known again.
pub const HEAD_BYTES_MAX: usize = 4096;
/// So many bytes before the place that was read to.
pub const ANCHOR_BYTES_MAX: usize = 512;

/// Where the system keeps a file: given to another file once this one is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    pub device: u64,
    pub inode: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileId {
    pub place: Place,
    /// When the file was made, nanoseconds since the epoch; none where the system does not say.
    pub born: Option<i64>,
}

/// A run of bytes, told by its length and hash (FNV-1a, the same in every process).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Print {
    pub bytes: u64,
    pub hash: u64,
}

impl Default for Print {
    fn default() -> Print {
        Print {
            bytes: 0,
            hash: 0xCBF2_9CE4_8422_2325,
        }
    }
}

impl Print {
    pub fn of(bytes: &[u8]) -> Print {
        let mut print = Print::default();
        print.extend(bytes);
        print
    }

    pub fn extend(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3);
        }
        self.bytes += bytes.len() as u64;
    }
}

/// What is known of a file's bytes as far as it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub read: u64,
    /// Of the first bytes, at most [`HEAD_BYTES_MAX`].
    pub head: Print,
    /// Of the last bytes before `read`, at most [`ANCHOR_BYTES_MAX`].
    pub anchor: Print,
}

/// A file as it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub id: FileId,
    pub size: u64,
    /// Its bytes have the known head, and the known anchor.
    pub head_fits: bool,
    pub anchor_fits: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The same file with all that was read: go on.
    Same,
    /// The same file, shorter than what was read. A suspicion: a network drive may only be late.
    Shorter,
    /// The same file or its place, with other bytes: new content, from the first byte.
    Rewritten,
    /// Another file with the bytes that were read: renamed by copying, or a copy.
    Moved,
    /// Another file.
    Other,
}

/// What a file is to one that was read before.
pub fn identify(id: FileId, content: &Content, seen: &Seen) -> Identity {
    let born_later = match (id.born, seen.id.born) {
        (Some(known), Some(seen)) => known != seen,
        _ => false,
    };
    let fits = seen.size >= content.read && seen.head_fits && seen.anchor_fits;
    match (id.place == seen.id.place, content.read) {
        (true, 0) if born_later => Identity::Rewritten,
        (true, _) if fits => Identity::Same,
        (true, read) if seen.size < read && !born_later => Identity::Shorter,
        (true, _) => Identity::Rewritten,
        (false, 1..) if fits => Identity::Moved,
        (false, _) => Identity::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(inode: u64, born: Option<i64>) -> FileId {
        FileId {
            place: Place { device: 1, inode },
            born,
        }
    }

    #[test]
    fn a_file_is_known_again_by_its_place_and_its_content() {
        use Identity::*;
        let (old, recycled) = (id(7, Some(1)), id(7, Some(2)));
        let (unborn, other) = (id(7, None), id(8, Some(2)));
        for (known, read, seen, size, head, anchor, expected) in [
            (old, 100, old, 100, true, true, Same),
            (old, 100, old, 900, true, true, Same),
            (old, 0, old, 0, true, true, Same),
            (old, 0, recycled, 50, true, true, Rewritten),
            (old, 100, recycled, 900, true, false, Rewritten),
            (old, 100, recycled, 50, true, false, Rewritten),
            // The system's birth time is no better than the bytes themselves.
            (old, 100, recycled, 900, true, true, Same),
            (unborn, 100, recycled, 900, true, true, Same),
            (unborn, 100, recycled, 900, false, true, Rewritten),
            (old, 100, old, 900, true, false, Rewritten),
            (old, 100, old, 900, false, true, Rewritten),
            (old, 100, old, 99, true, false, Shorter),
            (old, 100, old, 0, false, false, Shorter),
            (old, 100, other, 100, true, true, Moved),
            (old, 100, other, 900, true, true, Moved),
            (old, 100, other, 900, true, false, Other), // an equal head
            (old, 100, other, 50, true, true, Other),
            (old, 0, other, 900, true, true, Other),
        ] {
            let content = Content {
                read,
                ..Content::default()
            };
            let seen = Seen {
                id: seen,
                size,
                head_fits: head,
                anchor_fits: anchor,
            };
            let told = identify(known, &content, &seen);
            assert_eq!(told, expected, "{known:?} {read} {seen:?}");
        }
    }

    #[test]
    fn a_print_grows_with_its_bytes_and_is_the_same_in_every_process() {
        let mut print = Print::of(b"foo");
        print.extend(b"bar");
        assert_eq!(print, Print::of(b"foobar"));
        assert_eq!(print.hash, 0x85944171F73967E8);
        assert_ne!(Print::of(b"a"), Print::of(b"b"));
    }
}
