//! Sources: which log files are read, and what is known about them beforehand.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{Error, GlobBuilder, GlobMatcher};
use jiff::tz::TimeZone;

use super::solutions::Pair;
use super::zone;
use crate::scan::Encoding;
use crate::yaml::{At, Value, nearest, shown};

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
    matcher: GlobMatcher,
}

impl Source {
    /// True if the file is one of this source. `base` is the folder of the configuration.
    ///
    /// Captured logs are often looked at elsewhere than where they were written, so a path counts too whose last
    /// parts fit the whole pattern: `logs/*.log` takes `/tmp/ticket-4711/logs/a.log`.
    pub fn matches(&self, base: &Path, file: &Path) -> bool {
        if let Ok(inside) = file.strip_prefix(base)
            && self.matcher.is_match(inside)
        {
            return true;
        }
        let names = file.components().collect::<Vec<_>>();
        (0..names.len()).any(|first| {
            let tail: PathBuf = names.iter().skip(first).collect();
            self.matcher.is_match(&tail) || self.matcher.is_match(Path::new("/").join(&tail))
        })
    }
}

/// A glob in which `*` stays inside one folder, and `**` does not.
pub(super) fn glob(pattern: &str) -> Result<GlobMatcher, Error> {
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
    let table = value.table(&[
        "path",
        "application",
        "host",
        "pack",
        "clock_offset",
        "time_zone",
        "encoding",
    ])?;
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
    let hosts = pairs.iter().flat_map(|pair| &pair.hosts).flat_map(|host| {
        let host = &host.host;
        std::iter::once(&host.name)
            .chain(&host.address)
            .chain(&host.aliases)
    });
    let host = table.get("host").and_then(|value| {
        known(
            &value,
            "host",
            &hosts.map(|name| &**name).collect::<Vec<_>>(),
            true,
        )
    });
    let pack = table.get("pack").and_then(|value| match packs {
        Some(packs) => known(&value, "pack", packs, false),
        None => value.name(),
    });
    let clock_offset = table.get("clock_offset").and_then(|value| value.offset());
    let time_zone = table
        .get("time_zone")
        .and_then(|value| zone::time_zone(&value));
    let encoding = table.get("encoding").and_then(|value| encoding(&value));
    let path = table.need("path")?;
    let pattern = path.line()?;
    let matcher = match glob(pattern) {
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
        matcher,
    })
}

/// A name that must be one of these.
fn known(value: &Value<'_>, what: &str, names: &[&str], any_case: bool) -> Option<Arc<str>> {
    let text = value.name()?;
    let same = |name: &&&str| match any_case {
        true => name.to_lowercase() == text.to_lowercase(),
        false => **name == &*text,
    };
    if names.iter().find(same).is_none() {
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
    use super::*;
    use crate::yaml::{Faults, parse};

    fn source_of(pattern: &str) -> Source {
        let node = parse(&"f".into(), format!("- path: '{pattern}'").as_bytes()).unwrap();
        let faults = Faults::default();
        let sources = read(Some(Value::root(&node, &faults)), &[], None);
        sources.into_iter().next().unwrap()
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
            ("logs/**/*.log", "/tmp/logs/old/a.log", true),
            ("*.log", "/tmp/logs/a.log", true),
            ("/var/log/sip/*.log", "/var/log/sip/a.log", true),
            ("/var/log/sip/*.log", "/tmp/host1/var/log/sip/a.log", true),
            ("/var/log/sip/*.log", "/tmp/sip/a.log", false),
            ("logs/{a,b}.log", "/x/logs/b.log", true),
            ("logs/a.log", "/x/logs/A.log", false),
        ] {
            let matches = source_of(pattern).matches(Path::new("/etc/ts"), Path::new(file));
            assert_eq!(matches, found, "{pattern} {file}");
        }
    }
}
