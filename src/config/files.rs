//! The little that a configuration asks of the machine, behind a trait: the disk, or a few texts in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Severity};
use crate::yaml::At;

pub trait Files {
    /// The whole file, or its first `bytes_max + 1` bytes: one more than allowed says that it is too long.
    fn read(&self, path: &Path, bytes_max: usize) -> io::Result<Vec<u8>>;

    /// The permission bits, `0o640`; none where there are no such bits.
    fn permissions(&self, path: &Path) -> Option<u32>;

    /// True for a file that this user may run.
    fn is_program(&self, path: &Path) -> bool;

    /// What stands in a folder: the path, and true for a folder. Nothing if it cannot be read.
    fn entries(&self, folder: &Path) -> Vec<(PathBuf, bool)>;

    /// An environment variable.
    fn variable(&self, name: &str) -> Option<String>;
}

/// The machine itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let limit = u64::try_from(bytes_max).map_or(u64::MAX, |most| most.saturating_add(1));
        std::fs::File::open(path)?
            .take(limit)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    #[cfg(unix)]
    fn permissions(&self, path: &Path) -> Option<u32> {
        use std::os::unix::fs::PermissionsExt;
        Some(std::fs::metadata(path).ok()?.permissions().mode() & 0o7777)
    }

    #[cfg(not(unix))]
    fn permissions(&self, _path: &Path) -> Option<u32> {
        None
    }

    fn is_program(&self, path: &Path) -> bool {
        let is_file = std::fs::metadata(path).is_ok_and(|data| data.is_file());
        is_file && self.permissions(path).is_none_or(|mode| mode & 0o111 != 0)
    }

    fn entries(&self, folder: &Path) -> Vec<(PathBuf, bool)> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .map(|path| (path.clone(), path.is_dir()))
            .collect()
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }
}

/// A warning if any of these permission bits is set on the file.
pub(crate) fn permission_fault(
    files: &dyn Files,
    path: &Path,
    forbidden: u32,
    at: &At,
) -> Option<Fault> {
    let mode = files.permissions(path)?;
    if mode & forbidden == 0 {
        return None;
    }
    let what = if mode & forbidden & 0o022 != 0 {
        "changed"
    } else {
        "read"
    };
    let message = format!(
        "{} can be {what} by other users (mode {mode:04o})",
        path.display()
    );
    let hint = format!("chmod {:04o} {}", mode & !forbidden, path.display());
    Some(at.fault(Severity::Warning, message, Some(hint)))
}

/// Texts by path, for the embedded demonstration and for tests.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    files: BTreeMap<PathBuf, (Vec<u8>, u32)>,
    variables: BTreeMap<String, String>,
}

impl InMemory {
    pub fn file(
        mut self,
        path: impl Into<PathBuf>,
        bytes: impl Into<Vec<u8>>,
        permissions: u32,
    ) -> InMemory {
        self.files.insert(path.into(), (bytes.into(), permissions));
        self
    }

    pub fn with_variable(mut self, name: &str, value: &str) -> InMemory {
        self.variables.insert(name.into(), value.into());
        self
    }
}

impl Files for InMemory {
    fn read(&self, path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
        let (bytes, _) = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(bytes
            .iter()
            .copied()
            .take(bytes_max.saturating_add(1))
            .collect())
    }

    fn permissions(&self, path: &Path) -> Option<u32> {
        self.files.get(path).map(|(_, permissions)| *permissions)
    }

    fn is_program(&self, path: &Path) -> bool {
        self.permissions(path).is_some_and(|mode| mode & 0o111 != 0)
    }

    fn entries(&self, folder: &Path) -> Vec<(PathBuf, bool)> {
        let below = self.files.keys().filter_map(|path| {
            let mut names = path.strip_prefix(folder).ok()?.components();
            let entry = folder.join(names.next()?);
            Some((entry, names.next().is_some()))
        });
        below.collect::<BTreeSet<_>>().into_iter().collect()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_reads_no_more_than_one_byte_over_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        std::fs::write(&path, "0123456789").unwrap();
        assert_eq!(Disk.read(&path, 20).unwrap(), b"0123456789");
        assert_eq!(Disk.read(&path, 4).unwrap(), b"01234");
        assert_eq!(Disk.entries(folder.path()), [(path.clone(), false)]);
        assert_eq!(Disk.entries(&path), []);
    }

    #[cfg(unix)]
    #[test]
    fn a_program_is_a_file_with_an_execute_bit() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vip");
        std::fs::write(&path, "").unwrap();
        assert!(!Disk.is_program(&path));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).unwrap();
        assert!(Disk.is_program(&path));
        assert_eq!(Disk.permissions(&path), Some(0o750));
        assert!(!Disk.is_program(folder.path()));
    }
}
