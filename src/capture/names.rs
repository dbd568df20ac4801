//! What a file's name says about it, by the naming rules of Genesys logs: `<name>.YYYYMMDD_HHMMSS_mmm.log`.

/// Why a file repeats what another file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Double {
    PerThread,
    Snapshot,
    Memory,
}

impl Double {
    pub(super) fn describe(self) -> &'static str {
        match self {
            Double::PerThread => "a per-thread log, its events are in the main log too",
            Double::Snapshot => "a snapshot file, rewritten in place",
            Double::Memory => "a memory-mapped log, rewritten in place",
        }
    }
}

/// A log's name without its stamp and ending, in lower case; equal for a main log and its doubles.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stem {
    pub(super) base: String,
    pub(super) double: Option<Double>,
}

pub(super) fn stem(file_name: &str) -> Stem {
    let lower = file_name.to_ascii_lowercase();
    let mut rest = lower.strip_suffix(".gz").unwrap_or(&lower);
    rest = without_rotation_number(rest);
    rest = rest.strip_suffix(".log").unwrap_or(rest);
    let mut double = None;
    for (ending, meaning) in [(".snapshot", Double::Snapshot), (".memory", Double::Memory)] {
        if let Some(before) = rest.strip_suffix(ending) {
            rest = before;
            double = Some(meaning);
        }
    }
    if let Some(before) = without_stamp(rest) {
        rest = before;
        if let Some(before) = without_thread(rest) {
            rest = before;
            double = double.or(Some(Double::PerThread));
        }
    }
    Stem {
        base: rest.to_owned(),
        double,
    }
}

/// True for the names that a folder or an archive is searched for.
pub(super) fn is_log(file_name: &str) -> bool {
    let lower = file_name.to_ascii_lowercase();
    if packed_otherwise(&lower) {
        return false;
    }
    let has_log_ending = lower.match_indices(".log").any(|(at, ending)| {
        let tail = lower.get(at + ending.len()..).unwrap_or_default();
        tail.is_empty() || tail.starts_with(['.', '-', '_'])
    });
    has_log_ending
        || [".txt", ".gz", ".zip"]
            .iter()
            .any(|end| lower.ends_with(end))
}

pub(super) fn is_zip(file_name: &str) -> bool {
    file_name.to_ascii_lowercase().ends_with(".zip")
}

/// Packed in a way that is not read here, so that its bytes would only look like a broken log.
pub(super) fn packed_otherwise(file_name: &str) -> bool {
    let lower = file_name.to_ascii_lowercase();
    [
        ".tar", ".tar.gz", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst",
    ]
    .iter()
    .any(|end| lower.ends_with(end))
}

fn without_rotation_number(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((before, number))
            if before.ends_with(".log")
                && !number.is_empty()
                && number.bytes().all(|b| b.is_ascii_digit()) =>
        {
            before
        }
        _ => name,
    }
}

fn without_stamp(name: &str) -> Option<&str> {
    let (before, stamp) = name.rsplit_once('.')?;
    let shape = b"dddddddd_dddddd_ddd";
    let fits = stamp.len() == shape.len()
        && stamp.bytes().zip(shape).all(|(byte, wanted)| match wanted {
            b'd' => byte.is_ascii_digit(),
            other => byte == *other,
        });
    fits.then_some(before)
}

fn without_thread(name: &str) -> Option<&str> {
    let (before, number) = name.rsplit_once('-')?;
    let fits = (3..=5).contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && !before.is_empty();
    fits.then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_known_by_their_names() {
        for (name, base, double) in [
            ("sips.20261102_203000_123.log", "sips", None),
            (
                "sips-001.20261102_203000_123.log",
                "sips",
                Some(Double::PerThread),
            ),
            (
                "SIPS-1024.20261102_203000_123.log.gz",
                "sips",
                Some(Double::PerThread),
            ),
            (
                "sips.20261102_203000_123.snapshot.log",
                "sips",
                Some(Double::Snapshot),
            ),
            (
                "sips-768.20261102_203000_123.snapshot.log",
                "sips",
                Some(Double::Snapshot),
            ),
            ("sips.memory.log", "sips", Some(Double::Memory)),
            ("sips.memory.log.3", "sips", Some(Double::Memory)),
            // No stamp: the number belongs to the application's name.
            ("MCP-001.log", "mcp-001", None),
            (
                "UR.Server 750.20261102_203000_123.log",
                "ur.server 750",
                None,
            ),
            ("a-1.20261102_203000_123.log", "a-1", None),
            ("-001.20261102_203000_123.log", "-001", None),
            ("", "", None),
        ] {
            let expected = Stem {
                base: base.into(),
                double,
            };
            assert_eq!(stem(name), expected, "{name}");
        }
    }

    #[test]
    fn a_folder_is_searched_for_logs_by_name() {
        for name in [
            "a.log",
            "A.LOG",
            "a.log.1",
            "a.log.old",
            "a.log-20261102",
            "a.txt",
            "a.log.gz",
            "a.gz",
            "a.20261102_203000_123.gz",
            "a.zip",
        ] {
            assert!(is_log(name), "{name}");
        }
        for name in [
            "a.yaml",
            "README",
            "about.md",
            "a.json",
            "page.html",
            "a.logic",
            "a.tar.gz",
            "a.log.7z",
            "catalog",
            "",
        ] {
            assert!(!is_log(name), "{name}");
        }
    }
}
