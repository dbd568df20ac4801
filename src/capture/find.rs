//! From arguments to logs: folders walked, patterns expanded, archives listed, doubles left out.

use std::collections::{HashMap, HashSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::identity::{Identity, is_pipe};
use super::names::{self, stem};
use super::read::{first_bytes, is_zip};
use super::{Captured, Found, Place, member};
use crate::fault::{Code, Diagnostic, Severity};

pub(super) fn find(arguments: &[PathBuf]) -> Found {
    let mut finder = Finder {
        mains: arguments.iter().filter_map(|path| main_log(path)).collect(),
        ..Finder::default()
    };
    for argument in arguments {
        finder.argument(argument);
    }
    finder.found
}

#[derive(Default)]
struct Finder {
    found: Found,
    /// Files that are read already, by the name that they were found under.
    seen: HashMap<Identity, Arc<str>>,
    stdin_seen: bool,
    /// Folder and base name of the arguments that are main logs.
    mains: HashSet<(PathBuf, String)>,
}

/// How a file was come upon: decides whether a double is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Name,
    Search,
}

impl Finder {
    fn argument(&mut self, argument: &Path) {
        if argument == Path::new("-") {
            return self.stdin();
        }
        match fs::metadata(argument) {
            Ok(metadata) if metadata.is_dir() => self.folder(argument),
            Ok(metadata) => self.file(argument, &metadata, By::Name),
            Err(error) => match argument.to_str() {
                Some(pattern) if is_pattern(pattern) => self.pattern(pattern),
                _ => self.unreadable(argument, &error),
            },
        }
    }

    fn stdin(&mut self) {
        if self.stdin_seen {
            return self.left_out("-", "standard input is read once");
        }
        self.stdin_seen = true;
        self.push("-".into(), Path::new("-"), None, Place::Stdin);
    }

    fn pattern(&mut self, pattern: &str) {
        let like_a_shell = glob::MatchOptions {
            require_literal_leading_dot: true,
            ..glob::MatchOptions::new()
        };
        let paths = match glob::glob_with(pattern, like_a_shell) {
            Ok(paths) => paths,
            Err(error) => return self.error(pattern, format!("not a pattern: {error}")),
        };
        let mut matched = false;
        for path in paths {
            let path = match path {
                Ok(path) => path,
                Err(error) => {
                    let path = error.path().to_owned();
                    self.unreadable(&path, &error.into());
                    continue;
                }
            };
            match fs::metadata(&path) {
                // What is in the folder matches by itself.
                Ok(metadata) if metadata.is_dir() && pattern.contains("**") => continue,
                Ok(metadata) if metadata.is_dir() => self.folder(&path),
                Ok(metadata) => self.file(&path, &metadata, By::Search),
                Err(error) => self.unreadable(&path, &error),
            }
            matched = true;
        }
        if !matched {
            self.error(pattern, "matches no file".into());
        }
    }

    fn folder(&mut self, folder: &Path) {
        let before = self.found.logs.len();
        let told = self.found.diagnostics.len();
        let root = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let mut files = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            match fs::read_dir(&folder) {
                Ok(entries) => {
                    for entry in entries {
                        match entry {
                            Ok(entry) => self.entry(&root, &entry, &mut folders, &mut files),
                            Err(error) => self.unreadable(&folder, &error),
                        }
                    }
                }
                Err(error) => self.unreadable(&folder, &error),
            }
        }
        files.sort();
        for path in files {
            match fs::metadata(&path) {
                Ok(metadata) => self.file(&path, &metadata, By::Search),
                Err(error) => self.unreadable(&path, &error),
            }
        }
        if self.found.logs.len() == before && self.found.diagnostics.len() == told {
            self.error(
                folder.display(),
                "the folder holds no log (searched for *.log, *.log.*, *.txt, *.gz and *.zip)"
                    .into(),
            );
        }
    }

    fn entry(
        &mut self,
        root: &Path,
        entry: &fs::DirEntry,
        folders: &mut Vec<PathBuf>,
        files: &mut Vec<PathBuf>,
    ) {
        let path = entry.path();
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => return self.unreadable(&path, &error),
        };
        let name = file_name(&path);
        if kind.is_dir() {
            // A hidden folder is a tool's own.
            if !name.starts_with('.') {
                folders.push(path);
            }
            return;
        }
        let why = if names::packed_otherwise(&name) {
            PACKED_OTHERWISE
        } else if !names::is_log(&name) {
            return;
        } else if name.starts_with('.') {
            "a hidden file"
        } else if kind.is_symlink() {
            match fs::canonicalize(&path) {
                // A log of this folder is found at its own place.
                Ok(target) if target.starts_with(root) => return,
                Ok(_) => "a link that leads out of the folder; name it to read it",
                Err(_) => "a link that leads nowhere",
            }
        } else if kind.is_file() {
            return files.push(path);
        } else {
            NOT_REGULAR
        };
        self.left_out(path.display(), why);
    }

    fn file(&mut self, path: &Path, metadata: &Metadata, by: By) {
        let name: Arc<str> = path.display().to_string().into();
        let file_name = file_name(path);
        if by == By::Name && is_pipe(metadata) {
            return self.push(name, path, None, Place::Pipe(path.to_owned()));
        }
        if !metadata.is_file() {
            return match by {
                By::Name => self.error(&name, NOT_REGULAR.into()),
                By::Search => self.left_out(&name, NOT_REGULAR),
            };
        }
        if names::packed_otherwise(&file_name) {
            return match by {
                By::Name => self.error(&name, PACKED_OTHERWISE.into()),
                By::Search => self.left_out(&name, PACKED_OTHERWISE),
            };
        }
        if self.is_double(&name, path, by) || self.is_seen(&name, path, metadata) {
            return;
        }
        match first_bytes(path) {
            Ok(bytes) if is_zip(&bytes) => self.archive(&name, path),
            Ok(_) => self.push(
                name,
                path,
                Some(metadata.len()),
                Place::File(path.to_owned()),
            ),
            Err(error) => self.unreadable(path, &error),
        }
    }

    fn archive(&mut self, name: &str, path: &Path) {
        let before = self.found.logs.len();
        let told = self.found.diagnostics.len();
        let members = match member::list(path) {
            Ok(members) => members,
            Err(error) => return self.unreadable(path, &error),
        };
        for (inner, member) in members {
            let shown: Arc<str> = format!("{name}!{inner}").into();
            let file_name = inner.rsplit(['/', '\\']).next().unwrap_or(&inner);
            if file_name.starts_with('.')
                || inner.starts_with("__MACOSX/")
                || !names::is_log(file_name)
            {
                continue;
            }
            if names::is_zip(file_name) {
                self.left_out(
                    &shown,
                    "a zip file inside a zip file; unpack the outer one first",
                );
                continue;
            }
            if let Some(double) = stem(file_name).double {
                self.left_out(&shown, double.describe());
                continue;
            }
            match member {
                Ok(member) => {
                    let size = Some(member.stored_bytes);
                    self.push(
                        shown,
                        &path.join(inner.trim_start_matches(['/', '\\'])),
                        size,
                        Place::Member(Arc::new(member)),
                    );
                }
                Err(why) => self.error(&shown, why),
            }
        }
        if self.found.logs.len() == before && self.found.diagnostics.len() == told {
            self.error(name, "the zip file holds no log".into());
        }
    }

    fn is_double(&mut self, name: &str, path: &Path, by: By) -> bool {
        let stem = stem(&file_name(path));
        let Some(double) = stem.double else {
            return false;
        };
        if by == By::Search || self.mains.contains(&(folder_of(path), stem.base)) {
            self.left_out(name, double.describe());
            return true;
        }
        let message = format!("{}; read because it is named", double.describe());
        self.tell(Severity::Warning, Code::LeftOut, name, message);
        false
    }

    fn is_seen(&mut self, name: &Arc<str>, path: &Path, metadata: &Metadata) -> bool {
        let identity = Identity::of(path, metadata);
        let Some(first) = self.seen.get(&identity).cloned() else {
            self.seen.insert(identity, name.clone());
            return false;
        };
        let message = if first == *name {
            "named twice, read once".into()
        } else {
            format!("the same file as {first}, read once")
        };
        self.tell(Severity::Warning, Code::LeftOut, name, message);
        true
    }

    fn push(&mut self, name: Arc<str>, path: &Path, size: Option<u64>, place: Place) {
        let path = path.into();
        self.found.logs.push(Captured {
            name,
            path,
            size,
            place,
        });
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        self.error(path.display(), error.to_string());
    }

    fn error(&mut self, name: impl ToString, message: String) {
        self.tell(Severity::Error, Code::Unreadable, name, message);
    }

    fn left_out(&mut self, name: impl ToString, why: &str) {
        self.tell(
            Severity::Info,
            Code::LeftOut,
            name,
            format!("left out: {why}"),
        );
    }

    fn tell(&mut self, severity: Severity, code: Code, name: impl ToString, message: String) {
        self.found.diagnostics.push(Diagnostic {
            severity,
            code,
            file: name.to_string().into(),
            line: 0,
            message,
        });
    }
}

const NOT_REGULAR: &str = "not a regular file";
const PACKED_OTHERWISE: &str =
    "packed in a way that is not read here (gzip and zip are); unpack it first";

fn main_log(path: &Path) -> Option<(PathBuf, String)> {
    let stem = stem(&file_name(path));
    stem.double.is_none().then(|| (folder_of(path), stem.base))
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}
