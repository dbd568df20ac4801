//! What is read, as the readers need it: the sources in groups that do not wait for each other.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::config::{Config, Search, Source};
use crate::pack::{Matcher, Packs};
use crate::record::header::Header;
use crate::scan::{Limits, Segment};

/// The part of a configuration that readers share.
#[derive(Debug)]
pub struct Plan {
    pub(super) sources: Vec<Source>,
    base: PathBuf,
    packs: Arc<Packs>,
    limits: Limits,
    /// Applications whose word alone moves the VIP.
    leaders: HashSet<Arc<str>>,
}

/// Sources whose folders lie in each other: one reader lists them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Index of the source, and where its files are, in the order of the configuration.
    pub(super) searches: Vec<(usize, Search)>,
}

impl Plan {
    pub fn new(config: &Config) -> Plan {
        let solutions = &config.topology.solutions;
        let applications = solutions.iter().flat_map(|solution| &solution.applications);
        Plan {
            sources: config.sources.clone(),
            base: config.base().to_owned(),
            packs: config.packs.clone(),
            limits: config.limits(),
            leaders: applications
                .filter(|application| application.component.vip_follows)
                .map(|application| application.name.clone())
                .collect(),
        }
    }

    /// A folder inside another's is in its group, so that no file has two readers.
    pub fn groups(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            let mut search = source.search(&self.base);
            // An empty path is no folder to list.
            if search.folder.as_os_str().is_empty() {
                search.folder = PathBuf::from(".");
            }
            let (near, far): (Vec<_>, Vec<_>) =
                groups.into_iter().partition(|group| group.is_near(&search));
            groups = far;
            let joined = near.into_iter().flat_map(|group| group.searches);
            groups.push(Group {
                searches: joined.chain([(index, search)]).collect(),
            });
        }
        for group in &mut groups {
            group.searches.sort_by_key(|(index, _)| *index);
        }
        groups
    }

    pub(super) fn takes(&self, source: usize, search: &Search, path: &Path) -> bool {
        let path = path.strip_prefix(".").unwrap_or(path);
        self.sources
            .get(source)
            .is_some_and(|source| source.is_inside(&search.base, path))
    }

    pub(super) fn segment(&self, source: usize, name: &Arc<str>) -> Segment {
        Source::segment(self.sources.get(source), name)
    }

    pub(super) fn silent_after(&self, source: usize) -> Option<Duration> {
        self.sources.get(source)?.silent_after
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// Chooses the rules for a file of the source once its header is known.
    pub(super) fn choose(
        &self,
        source: usize,
    ) -> impl FnOnce(&Header) -> Arc<Matcher> + Send + 'static {
        let packs = self.packs.clone();
        let source = self.sources.get(source);
        let pack = source.and_then(|source| source.pack.clone());
        move |header| {
            packs
                .matcher(header.application_type.as_deref(), pack.as_deref())
                .unwrap_or_default()
        }
    }

    /// Read first, and kept open where not all can be: Solution Control Servers, and those that the VIP follows.
    pub(super) fn is_essential(&self, source: usize, header: Option<&Header>) -> bool {
        let source = self.sources.get(source);
        let kind = header.and_then(|header| header.application_type.as_deref());
        let pack = source.and_then(|source| source.pack.as_deref());
        let named = source.and_then(|source| source.application.as_deref());
        let told = header.and_then(|header| header.application.as_deref());
        let speaks_for_others = || {
            let rules = self.packs.matcher(kind, pack);
            rules.is_some_and(|rules| rules.reads_every_line())
        };
        speaks_for_others()
            || named
                .or(told)
                .is_some_and(|name| self.leaders.contains(name))
    }
}

impl Group {
    /// The source in whose folders the file stands.
    pub(super) fn holds(&self, file: &str) -> Option<usize> {
        let file = Path::new(file);
        let mut searches = self.searches.iter();
        let holding = searches.find(|(_, search)| file.starts_with(&search.folder))?;
        Some(holding.0)
    }

    fn is_near(&self, search: &Search) -> bool {
        let lies_in = |inner: &Path, outer: &Search| {
            let levels = inner
                .strip_prefix(&outer.folder)
                .map(|rest| rest.components().count());
            levels.is_ok_and(|levels| levels < outer.depth)
        };
        self.searches
            .iter()
            .any(|(_, other)| lies_in(&search.folder, other) || lies_in(&other.folder, search))
    }
}
