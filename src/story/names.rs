//! Short names of logs: `SCS_P` for `logs/SCS_P.20261102_203000_000.log`, where no other log would be called so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::capture::log_name;
use crate::escape::escape;
use crate::event::Origin;
use crate::report::Report;

pub(crate) struct Names {
    short: BTreeMap<Arc<str>, String>,
}

impl Names {
    /// Of every log that the report speaks of.
    pub(crate) fn of(report: &Report) -> Names {
        let evidence = report.accounts.iter().flat_map(|account| &account.evidence);
        let outside = report
            .outside
            .values()
            .flat_map(|outside| &outside.examples);
        Names::new(
            evidence
                .chain(outside)
                .map(|decision| decision.event.origin.file.clone()),
        )
    }

    fn new(files: impl Iterator<Item = Arc<str>>) -> Names {
        let files: BTreeSet<Arc<str>> = files.collect();
        let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
        for file in &files {
            for name in BTreeSet::from([log(file), last(file)]) {
                *taken.entry(name).or_default() += 1;
            }
        }
        let alone = |name: &&str| taken.get(name) == Some(&1);
        let short = files.iter().map(|file| {
            let name = [log(file), last(file)].into_iter().find(alone);
            (file.clone(), escape(name.unwrap_or(file)).into_owned())
        });
        Names {
            short: short.collect(),
        }
    }

    /// The log's short name, escaped.
    pub(crate) fn log(&self, file: &str) -> String {
        self.short
            .get(file)
            .cloned()
            .unwrap_or_else(|| escape(file).into_owned())
    }

    /// `SCS_P:33`
    pub(crate) fn place(&self, origin: &Origin) -> String {
        format!("{}:{}", self.log(&origin.file), origin.line)
    }
}

/// The file's own name, without folders and archives.
fn last(file: &str) -> &str {
    file.rsplit(['/', '\\', '!']).next().unwrap_or(file)
}

/// The name without stamp and ending, as it is spelled.
fn log(file: &str) -> &str {
    let last = last(file);
    last.get(..log_name(file).len())
        .filter(|name| !name.is_empty())
        .unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_as_short_as_it_can_be_without_being_another_log_s() {
        let table = [
            ("logs/SCS_P.20261102_203000_000.log", "SCS_P"),
            (
                "a/RM_1.20261102_203000_000.log",
                "RM_1.20261102_203000_000.log",
            ),
            (
                "a/RM_1.20261102_204500_000.log",
                "RM_1.20261102_204500_000.log",
            ),
            ("a/app.log", "a/app.log"),
            ("b/app.log", "b/app.log"),
            ("cap.zip!MCP_1.20261102_203000_000.log.gz", "MCP_1"),
            ("-", "-"),
            (".log", ".log"),
            ("\u{1b}.log", "\\x1b"),
        ];
        let names = Names::new(table.iter().map(|(file, _)| Arc::from(*file)));
        for (file, short) in table {
            assert_eq!(names.log(file), short);
        }
        assert_eq!(names.log("unheard of"), "unheard of");
    }
}
