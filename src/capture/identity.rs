//! Which file a path leads to, however it is spelt.

use std::fs::Metadata;
use std::path::Path;

/// Equal for two paths that lead to the same file. Where the system gives no cheap file number, it is the path
/// without links, so that there two hard links count as two files.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity(Inner);

#[cfg(unix)]
type Inner = (u64, u64);
#[cfg(not(unix))]
type Inner = std::path::PathBuf;

impl Identity {
    #[cfg(unix)]
    pub(super) fn of(_path: &Path, metadata: &Metadata) -> Identity {
        use std::os::unix::fs::MetadataExt;
        Identity((metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    pub(super) fn of(path: &Path, _metadata: &Metadata) -> Identity {
        Identity(std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
    }
}

/// A pipe that a user may name: it gives its bytes once and then ends.
#[cfg(unix)]
pub(super) fn is_pipe(metadata: &Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

#[cfg(not(unix))]
pub(super) fn is_pipe(_metadata: &Metadata) -> bool {
    false
}
