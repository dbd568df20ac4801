//! Sources: which log files are read, and what is known about them beforehand.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use globset::{Error, GlobBuilder, GlobMatcher};
use jiff::tz::TimeZone;

use super::files::Files;
use super::solutions::Pair;
use super::{keys, zone};
use crate::scan::{Encoding, Segment};
use crate::yaml::{At, Value, nearest, shown};

/// How far a `**` is followed, and how many entries are looked at, to find one file.
const DEPTH_MAX: usize = 16;
const ENTRIES_MAX: usize = 100_000;

/// Files of one kind. What it does not say comes from each file's header block.
#[derive(Clone, Debug)]
pub struct Source {
    /// The glob as written, and its place.
    pub pattern: String,
    pub at: At,
    pub application: Option<Arc<str>>,
    pub host: Option<Arc<str>>,
    pub pack: Option<Arc<str>>,
    /// How far the clock of their writer is ahead: taken off every stamp.
    pub clock_offset_micros: i64,
    pub time_zone: Option<TimeZone>,
    pub encoding: Option<Encoding>,
    /// A log of it that does not grow for so long is told; none: never.
    pub silent_after: Option<Duration>,
    matcher: GlobMatcher,
}

/// The part of the tree in which a source's files can stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    /// The folder to which the pattern is relative.
    pub base: PathBuf,
    /// The deepest folder that all files have in common.
    pub folder: PathBuf,
    /// How many levels below it: 1 is the folder alone.
    pub depth: usize,
}

impl Source {
    /// What is known of a log before it is read: what its source says, the rest is left to its header.
    pub fn segment(source: Option<&Source>, name: &Arc<str>) -> Segment {
        let segment = Segment::new(name.clone());
        match source {
            None => segment,
            Some(source) => Segment {
                application: source.application.clone(),
                host: source.host.clone(),
                time_zone: source.time_zone.clone(),
                encoding: source.encoding,
                ..segment
            },
        }
    }

    /// True if the file is one of this source. `base` is the folder of the configuration.
    ///
    /// Captured logs are often looked at elsewhere than where they were written, so a path counts too whose last
    /// parts fit the whole pattern: `logs/*.log` takes `/tmp/ticket-4711/logs/a.log`.
    pub fn matches(&self, base: &Path, file: &Path) -> bool {
        self.is_inside(base, file) || self.is_moved(file)
    }

    /// True if the file stands in the source's own place. `base` is the folder of the configuration.
    pub(crate) fn is_inside(&self, base: &Path, file: &Path) -> bool {
        let inside = file.strip_prefix(base).unwrap_or(file);
        self.matcher.is_match(inside)
    }

    fn is_moved(&self, file: &Path) -> bool {
        let names = file.components().collect::<Vec<_>>();
        (0..names.len()).any(|first| {
            let tail: PathBuf = names.iter().skip(first).collect();
            self.matcher.is_match(&tail) || self.matcher.is_match(Path::new("/").join(&tail))
        })
    }

    /// Where its files are to be looked for.
    pub(crate) fn search(&self, base: &Path) -> Search {
        let (dots, rest) = split_dots(&self.pattern);
        let base = base.join(dots);
        let (folders, _) = rest.rsplit_once('/').unwrap_or_default();
        let plain: Vec<&str> = folders
            .split('/')
            .take_while(|part| is_plain(part))
            .collect();
        let folder = match plain.join("/") {
            root if root.is_empty() && rest.starts_with('/') => PathBuf::from("/"),
            folder => base.join(folder),
        };
        let depth = match rest.contains("**") {
            true => DEPTH_MAX,
            false => rest.split('/').count(),
        };
        Search {
            base,
            folder,
            depth,
        }
    }

    /// True if there is a file of this source now.
    pub(crate) fn has_files(&self, files: &dyn Files, base: &Path) -> bool {
        let search = self.search(base);
        let mut left = ENTRIES_MAX;
        self.is_below(files, &search.base, &search.folder, search.depth, &mut left)
    }

    fn is_below(
        &self,
        files: &dyn Files,
        base: &Path,
        folder: &Path,
        depth: usize,
        left: &mut usize,
    ) -> bool {
        let entries = files.entries(folder);
        // Past the limit nothing is said, since nothing is known.
        let Some(rest) = left.checked_sub(entries.len()) else {
            return true;
        };
        *left = rest;
        entries
            .into_iter()
            .any(|(path, is_folder)| match is_folder {
                true => depth > 1 && self.is_below(files, base, &path, depth - 1, left),
                false => self.is_inside(base, &path),
            })
    }
}

/// The source of a file: the first that it stands in, else of those that it may have been moved from the one of which
/// most parts fit, since `*.log` fits everywhere. One that fits as a whole wins; two that fit in part are none.
pub(super) fn source_of<'s>(sources: &'s [Source], base: &Path, file: &Path) -> Option<&'s Source> {
    let inside = sources.iter().find(|source| source.is_inside(base, file));
    inside.or_else(|| {
        let moved = sources.iter().rev().filter(|source| source.is_moved(file));
        let whole = moved
            .map(|source| (source.pattern.split('/').count(), source))
            .max_by_key(|(parts, _)| *parts);
        let names: Vec<&str> = file.iter().filter_map(|name| name.to_str()).collect();
        let in_part = || {
            sources
                .iter()
                .map(|source| (parts_in_common(&source.pattern, &names), source))
        };
        let most = in_part().map(|(parts, _)| parts).max().unwrap_or(0);
        let mut best = in_part().filter(|(parts, _)| *parts == most && most > 0);
        match (whole, best.next(), best.next()) {
            (None, Some((_, source)), None) => Some(source),
            (Some((parts, _)), Some((_, source)), None) if most > parts => Some(source),
            (whole, ..) => whole.map(|(_, source)| source),
        }
    })
}

/// How many last parts of a pattern fit the last names of a path, beginning with a folder that the pattern names:
/// a capture seldom brings the whole path along. `/var/log/vmhost1/*.log` has 2 in common with `ticket/vmhost1/a.log`.
fn parts_in_common(pattern: &str, names: &[&str]) -> usize {
    let parts: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let fits = |(part, name): (&&str, &&str)| match is_plain(part) {
        true => part == name,
        false => glob(part).is_ok_and(|glob| glob.is_match(name)),
    };
    let tails = (2..parts.len().min(names.len() + 1)).rev();
    let fitting = |count: &usize| {
        let mut tail = parts.iter().skip(parts.len() - count).peekable();
        let end = names.iter().skip(names.len() - count);
        tail.peek().is_some_and(|first| is_plain(first)) && tail.zip(end).all(fits)
    };
    tails.into_iter().find(fitting).unwrap_or(0)
}

fn is_plain(part: &str) -> bool {
    !part.contains(['*', '?', '[', '{', '\\'])
}

/// The `./` and `../` before a pattern, which no glob could fit, and the rest.
fn split_dots(pattern: &str) -> (&str, &str) {
    let mut rest = pattern;
    while let Some(behind) = rest.strip_prefix("./").or(rest.strip_prefix("../")) {
        rest = behind;
    }
    pattern.split_at(pattern.len() - rest.len())
}

/// A glob in which `*` stays inside one folder, and `**` does not.
fn glob(pattern: &str) -> Result<GlobMatcher, Error> {
    let glob = GlobBuilder::new(pattern).literal_separator(true).build()?;
    Ok(glob.compile_matcher())
}

pub(super) fn read(
    value: Option<Value<'_>>,
    pairs: &[Pair<'_>],
    packs: Option<&[&str]>,
) -> Vec<Source> {
    let items = value.and_then(|value| value.list()).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| source(item, pairs, packs))
        .collect()
}

fn source(value: &Value<'_>, pairs: &[Pair<'_>], packs: Option<&[&str]>) -> Option<Source> {
    let table = value.table(&keys::SOURCE.names())?;
    let applications = pairs
        .iter()
        .flat_map(|pair| &pair.declared)
        .map(|name| &**name);
    let application = table.get("application").and_then(|value| {
        known(
            &value,
            "application",
            &applications.collect::<Vec<_>>(),
            false,
        )
    });
    let host = table
        .get("host")
        .and_then(|value| known(&value, "host", &host_names(pairs), true));
    let pack = table.get("pack").and_then(|value| match packs {
        Some(packs) => known(&value, "pack", packs, false),
        None => value.name(),
    });
    let clock_offset = table.get("clock_offset").and_then(|value| value.offset());
    let time_zone = table
        .get("time_zone")
        .and_then(|value| zone::time_zone(&value));
    let encoding = table.get("encoding").and_then(|value| encoding(&value));
    let silent_after = table.get("silent_after").and_then(|value| value.period());
    let path = table.need("path")?;
    let pattern = path.line()?;
    let matcher = match glob(split_dots(pattern).1) {
        Ok(matcher) => matcher,
        Err(error) => {
            path.fault(
                format!("{} is not a glob: {}", shown(pattern), error.kind()),
                None,
            );
            return None;
        }
    };
    Some(Source {
        pattern: pattern.to_owned(),
        at: path.at(),
        application,
        host,
        pack,
        clock_offset_micros: clock_offset.unwrap_or(0),
        time_zone,
        encoding,
        silent_after,
        matcher,
    })
}

/// Every name, address and alias of a host; none where a pair lacks a host, as that is a fault already.
fn host_names<'a>(pairs: &'a [Pair<'_>]) -> Vec<&'a str> {
    if pairs.iter().any(|pair| pair.hosts.len() != 2) {
        return Vec::new();
    }
    let hosts = pairs.iter().flat_map(|pair| &pair.hosts);
    hosts
        .map(|host| &host.host)
        .flat_map(|host| {
            std::iter::once(&host.name)
                .chain(&host.address)
                .chain(&host.aliases)
        })
        .map(|name| &**name)
        .collect()
}

/// A name that must be one of these. Where none is known, something else is at fault.
fn known(value: &Value<'_>, what: &str, names: &[&str], any_case: bool) -> Option<Arc<str>> {
    let text = value.name()?;
    let same = |name: &&&str| match any_case {
        true => name.to_lowercase() == text.to_lowercase(),
        false => **name == &*text,
    };
    if names.iter().find(same).is_none() && !names.is_empty() {
        let hint = nearest(&text, names.iter().copied());
        value.fault(format!("no {what} is named {}", shown(&text)), hint);
    }
    Some(text)
}

/// By its WHATWG name, of those that the reader knows.
fn encoding(value: &Value<'_>) -> Option<Encoding> {
    let known = encoding_rs::Encoding::for_label(value.text()?.as_bytes());
    match known {
        Some(known) if known == encoding_rs::UTF_8 => Some(Encoding::Utf8),
        Some(known) if known == encoding_rs::WINDOWS_1252 => Some(Encoding::Windows1252),
        Some(known) if known == encoding_rs::UTF_16LE => Some(Encoding::Utf16Le),
        _ => {
            let hint = "utf-8, utf-16le, windows-1252, iso-8859-1".to_owned();
            value.expected("an encoding", Some(hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::InMemory;
    use super::*;
    use crate::yaml::{Faults, parse};

    fn sources(patterns: &[&str]) -> Vec<Source> {
        let item = |pattern: &&str| format!("- path: '{pattern}'\n");
        let yaml: String = patterns.iter().map(item).collect();
        let node = parse(&"f".into(), yaml.as_bytes()).unwrap();
        read(Some(Value::root(&node, &Faults::default())), &[], None)
    }

    fn source(pattern: &str) -> Source {
        sources(&[pattern]).remove(0)
    }

    #[test]
    fn a_file_has_the_source_that_it_stands_in_or_else_the_most_exact_one() {
        let all = sources(&["*.log", "scs/*.log", "logs/**/*.log", "scs/SCS_*.log"]);
        for (file, pattern) in [
            ("/etc/ts/a.log", Some("*.log")),
            ("/etc/ts/scs/SCS_P.log", Some("scs/*.log")),
            ("/tmp/scs/SCS_P.log", Some("scs/*.log")),
            ("/tmp/logs/b.log", Some("logs/**/*.log")),
            ("/tmp/b.log", Some("*.log")),
            ("/tmp/b.txt", None),
        ] {
            let found = source_of(&all, Path::new("/etc/ts"), Path::new(file));
            assert_eq!(found.map(|source| &*source.pattern), pattern, "{file}");
        }
    }

    #[test]
    fn a_capture_need_not_bring_the_whole_path_of_its_source_along() {
        let all = sources(&[
            "/var/log/vmhost1/sip.log",
            "/var/log/vmhost2/sip.log",
            "/opt/a/rm/*.log",
            "/opt/b/rm/*.log",
            "/srv/*/app.log",
            "scs.log",
        ]);
        for (file, pattern) in [
            ("ticket/vmhost1/sip.log", Some("/var/log/vmhost1/sip.log")),
            ("vmhost2/sip.log", Some("/var/log/vmhost2/sip.log")),
            ("log/vmhost2/sip.log", Some("/var/log/vmhost2/sip.log")),
            // Nothing says of which host.
            ("sip.log", None),
            ("vmhost3/sip.log", None),
            ("rm/x.log", None),
            ("b/rm/x.log", Some("/opt/b/rm/*.log")),
            ("any/app.log", None),
            ("ticket/scs.log", Some("scs.log")),
        ] {
            let found = source_of(&all, Path::new("/etc/ts"), Path::new(file));
            assert_eq!(found.map(|source| &*source.pattern), pattern, "{file}");
        }
    }

    #[test]
    fn a_source_has_files_where_its_glob_leads() {
        let files = [
            "/etc/ts/logs/old/a.log",
            "/etc/ts/logs/b.log",
            "/etc/ts/../up/d.log",
            "/var/log/[1]/c.log",
        ]
        .iter()
        .fold(InMemory::default(), |files, path| {
            files.file(path, "", 0o644)
        });
        for (pattern, found) in [
            ("logs/*.log", true),
            ("logs/b.log", true),
            ("./logs/b.log", true),
            ("../up/*.log", true),
            ("../logs/b.log", false),
            ("logs/*/a.log", true),
            ("logs/{x,b}.log", true),
            ("logs/a.log", false),
            ("**/a.log", true),
            ("*.log", false),
            ("/var/log/*/c.log", true),
            ("/*/log/*/c.log", true),
            ("/var/log/c.log", false),
            ("logs", false),
        ] {
            let source = source(pattern);
            assert_eq!(
                source.has_files(&files, Path::new("/etc/ts")),
                found,
                "{pattern}"
            );
        }
        let elsewhere = source("*.log").has_files(&files, Path::new("/var/log/[1]"));
        assert!(elsewhere);
    }

    #[test]
    fn a_file_is_found_under_the_configuration_or_where_it_was_moved() {
        for (pattern, file, found) in [
            ("logs/*.log", "/etc/ts/logs/a.log", true),
            ("logs/*.log", "/tmp/ticket/logs/a.log", true),
            ("logs/*.log", "logs/a.log", true),
            ("logs/*.log", "/tmp/logs/old/a.log", false),
            ("logs/*.log", "/tmp/otherlogs/a.log", false),
            ("logs/*.log", "/tmp/a.log", false),
            ("./logs/*.log", "/tmp/logs/a.log", true),
            ("../logs/*.log", "/etc/logs/a.log", true),
            ("logs/**/*.log", "/tmp/logs/old/a.log", true),
            ("*.log", "/tmp/logs/a.log", true),
            ("/var/log/sip/*.log", "/var/log/sip/a.log", true),
            ("/var/log/sip/*.log", "/tmp/host1/var/log/sip/a.log", true),
            ("/var/log/sip/*.log", "/tmp/sip/a.log", false),
            ("logs/{a,b}.log", "/x/logs/b.log", true),
            ("logs/a.log", "/x/logs/A.log", false),
        ] {
            let matches = source(pattern).matches(Path::new("/etc/ts"), Path::new(file));
            assert_eq!(matches, found, "{pattern} {file}");
        }
    }
}
