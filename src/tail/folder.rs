//! Listing: which files stand where a source looks for its own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::Search;

/// One name in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub path: PathBuf,
    pub kind: Kind,
    /// As the folder tells it, which on some file systems is not the file's own.
    pub inode: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    File,
    Folder,
    Link,
    /// A pipe, a socket or a device.
    Special,
}

#[derive(Debug, Default)]
pub struct Listing {
    /// Everything but folders that were gone into, sorted by path.
    pub entries: Vec<Entry>,
    /// Not everything was looked at: there is more than may be.
    pub cut: bool,
    /// Folders below the first that could not be listed.
    pub unreadable: Vec<(PathBuf, io::Error)>,
}

/// Lists a search's folder and what is below it. Links are not followed below the first folder.
pub fn list(search: &Search, entries_max: usize) -> io::Result<Listing> {
    let mut listing = Listing::default();
    let mut left = entries_max;
    below(&search.folder, search.depth, &mut left, &mut listing)?;
    listing.entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(listing)
}

fn below(folder: &Path, depth: usize, left: &mut usize, listing: &mut Listing) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Some(less) = left.checked_sub(1) else {
            listing.cut = true;
            return Ok(());
        };
        *left = less;
        // One that is gone by now is no entry.
        let Ok(file_type) = entry.file_type() else {
            continue;
        };
        let path = entry.path();
        let kind = match file_type {
            kind if kind.is_file() => Kind::File,
            kind if kind.is_dir() => Kind::Folder,
            kind if kind.is_symlink() => Kind::Link,
            _ => Kind::Special,
        };
        if kind == Kind::Folder
            && depth > 1
            && let Err(error) = below(&path, depth - 1, left, listing)
        {
            listing.unreadable.push((path.clone(), error));
        }
        let inode = inode(&entry);
        listing.entries.push(Entry { path, kind, inode });
    }
    Ok(())
}

#[cfg(unix)]
fn inode(entry: &fs::DirEntry) -> Option<u64> {
    Some(std::os::unix::fs::DirEntryExt::ino(entry))
}

#[cfg(not(unix))]
fn inode(_entry: &fs::DirEntry) -> Option<u64> {
    None
}
