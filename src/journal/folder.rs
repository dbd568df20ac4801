//! The state folder: ours alone, and one daemon's at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::time::Time;

const LOCK: &str = "lock";

/// The folder, held against any other daemon until this value is dropped or its process ends.
#[derive(Debug)]
pub(super) struct Folder {
    /// Without symbolic links.
    pub path: PathBuf,
    _lock: File,
}

/// The daemon that holds a state folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub pid: u32,
    pub since: Option<Time>,
}

/// Why a state folder is not used.
#[derive(Debug, Error)]
pub enum FolderError {
    #[error("{path}: held by another daemon, process {}", .holder.as_ref().map_or("unknown".into(), |h| h.pid.to_string()))]
    Held {
        path: PathBuf,
        holder: Option<Holder>,
    },
    #[error("{path}: {what}")]
    Unfit { path: PathBuf, what: String },
    #[error("{path}: {source}")]
    Io { path: PathBuf, source: io::Error },
}

/// What stood at a path once.
#[derive(Debug)]
pub(super) struct Place {
    path: PathBuf,
    /// Device and inode. None where there is no such thing: then nothing is ever missed.
    id: Option<(u64, u64)>,
}

impl Place {
    pub fn of(path: PathBuf) -> Place {
        let id = id(&path);
        Place { path, id }
    }

    /// It stands there still, and not another, nor a link to it. What is written to a file that was taken away is
    /// gone with the process.
    pub fn check(&self) -> io::Result<()> {
        if self.id.is_none() || id(&self.path) == self.id {
            return Ok(());
        }
        let path = self.path.display();
        Err(io::Error::other(format!(
            "{path} is not in its place any more"
        )))
    }
}

#[cfg(unix)]
fn id(path: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::symlink_metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn id(_: &Path) -> Option<(u64, u64)> {
    None
}

impl Folder {
    /// Creates the folder if need be, checks that it is fit, and takes the lock.
    pub fn take(path: &Path, now: Time) -> Result<Folder, FolderError> {
        let io = |source| FolderError::Io {
            path: path.to_path_buf(),
            source,
        };
        create(path).map_err(io)?;
        check(path)?;
        let path = path.canonicalize().map_err(io)?;
        let lock = lock(&path, now)?;
        Ok(Folder { path, _lock: lock })
    }
}

/// The daemon that holds the folder now, if one does.
pub(super) fn holder(path: &Path) -> Option<Holder> {
    let mut file = File::open(path.join(LOCK)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => read_holder(&mut file),
        _ => None,
    }
}

/// Makes names in a folder durable.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    Ok(())
}

fn create(path: &Path) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    match path.parent().filter(|parent| parent.is_dir()) {
        Some(parent) => sync(parent),
        None => Ok(()),
    }
}

fn check(path: &Path) -> Result<(), FolderError> {
    let unfit = |what: String| {
        Err(FolderError::Unfit {
            path: path.to_path_buf(),
            what,
        })
    };
    let metadata = fs::symlink_metadata(path).map_err(|source| FolderError::Io {
        path: path.to_path_buf(),
        source,
    })?;
    if metadata.is_symlink() {
        return unfit("is a symbolic link: name the folder itself".into());
    }
    if !metadata.is_dir() {
        return unfit("is not a folder".into());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let us = rustix::process::geteuid().as_raw();
        if metadata.uid() != us {
            let them = metadata.uid();
            return unfit(format!("belongs to user {them}, and this is user {us}"));
        }
        let mode = metadata.mode() & 0o777;
        if mode & 0o077 != 0 {
            return unfit(format!(
                "has mode {mode:04o}: others must have no access (chmod 700)"
            ));
        }
    }
    Ok(())
}

fn lock(path: &Path, now: Time) -> Result<File, FolderError> {
    let name = path.join(LOCK);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let io = |source| FolderError::Io {
        path: name.clone(),
        source,
    };
    let mut file = options.open(&name).map_err(io)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(FolderError::Held {
                path: path.to_path_buf(),
                holder: read_holder(&mut file),
            });
        }
        Err(TryLockError::Error(source)) => return Err(io(source)),
    }
    // Who holds it is a courtesy to whoever is refused: a full disk must not keep us from alerting.
    let _ = file
        .set_len(0)
        .and_then(|()| writeln!(file, "{} {now}", std::process::id()));
    Ok(file)
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(128).read_to_string(&mut text).ok()?;
    let (pid, since) = text.trim().split_once(' ')?;
    Some(Holder {
        pid: pid.parse().ok()?,
        since: since.parse().ok(),
    })
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn now() -> Time {
        "2026-11-02T20:31:07Z".parse().unwrap()
    }

    #[test]
    fn a_second_daemon_is_refused_and_told_who_holds_the_folder() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("deep/state");
        let first = Folder::take(&path, now()).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let refused = Folder::take(&path, now()).unwrap_err().to_string();
        let pid = std::process::id();
        assert!(
            refused.ends_with(&format!("held by another daemon, process {pid}")),
            "{refused}"
        );
        let since = Some(now());
        assert_eq!(holder(&path), Some(Holder { pid, since }));
        drop(first);
        assert_eq!(holder(&path), None);
        Folder::take(&path, now()).unwrap();
    }

    #[test]
    fn a_folder_that_others_could_touch_is_refused_in_plain_words() {
        let parent = tempfile::tempdir().unwrap();
        let open = parent.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
        let link = parent.path().join("link");
        let private = parent.path().join("private");
        create(&private).unwrap();
        std::os::unix::fs::symlink(&private, &link).unwrap();
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        for (path, what) in [
            (
                open,
                "has mode 0755: others must have no access (chmod 700)",
            ),
            (link, "is a symbolic link: name the folder itself"),
            (file, "is not a folder"),
        ] {
            let refused = Folder::take(&path, now()).unwrap_err().to_string();
            assert!(refused.ends_with(what), "{refused}");
        }
    }
}
