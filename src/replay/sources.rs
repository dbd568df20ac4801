//! From captured logs to sources: each log is looked at, given to the source of the configuration that it belongs
//! to, and put behind the segment of the same application that it follows.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Duration;

use super::Merge;
use super::chain::{Begun, Chain, Clock, Waiting};
use crate::capture::{self, Captured, OnRead};
use crate::config::{Config, Source};
use crate::fault::{Code, Diagnostic, Severity};
use crate::record::header::{HEADER_BYTES_MAX, Header};
use crate::scan::peek;
use crate::time::Time;

/// Changes to the times of a host's lines, from the command line.
#[derive(Clone, Debug)]
pub struct Adjust {
    /// A host's name, address or alias.
    pub host: String,
    /// Added to its stamps, microseconds.
    pub shift_micros: i64,
    /// Between stamp and arrival.
    pub delay: Duration,
}

/// The logs as one stream, and what was odd before the first of them was read.
pub struct Sources {
    pub merge: Merge,
    pub diagnostics: Vec<Diagnostic>,
}

/// Looks at every log and puts them in order. Only heads are read here.
pub fn prepare(
    config: &Config,
    logs: Vec<Captured>,
    adjust: &[Adjust],
    on_read: OnRead,
) -> Sources {
    let mut diagnostics = Vec::new();
    let mut groups: BTreeMap<Key, Group> = BTreeMap::new();
    for (position, captured) in logs.into_iter().enumerate() {
        let looked = match Looked::at(config, captured, position, &on_read) {
            Ok(looked) => looked,
            Err(diagnostic) => {
                diagnostics.push(diagnostic);
                continue;
            }
        };
        diagnostics.extend(looked.unknown_owner(config));
        let group = groups
            .entry(looked.key.clone())
            .or_insert_with(|| Group::new(config, &looked, adjust));
        group.position = group.position.min(position);
        group
            .segments
            .push((looked.begins, position, looked.waiting));
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by_key(|group| group.position);
    diagnostics.extend(without_effect(adjust, &groups));
    let limits = config.limits();
    let chains = groups.into_iter().map(|mut group| {
        group
            .segments
            .sort_by_key(|(begins, position, _)| (*begins, *position));
        let segments = group.segments.into_iter().map(|(_, _, waiting)| waiting);
        let (packs, on_read) = (config.packs.clone(), on_read.clone());
        Chain::new(segments, group.clock, group.owner, limits, packs, on_read)
    });
    Sources {
        merge: Merge::new(chains.collect()),
        diagnostics,
    }
}

/// A misspelt host would be replayed as if nothing had been asked for.
fn without_effect(adjust: &[Adjust], groups: &[Group]) -> Vec<Diagnostic> {
    let unused = |index: &usize| !groups.iter().any(|group| group.adjusted.contains(index));
    let told = |index: usize| Diagnostic {
        severity: Severity::Warning,
        code: Code::UnknownHost,
        file: adjust.get(index).map_or("", |each| &each.host).into(),
        line: 0,
        message: "no log is of this host: its time is not moved".into(),
    };
    (0..adjust.len()).filter(unused).map(told).collect()
}

/// Segments of the same key follow each other: the owner, and the file's name without its stamp.
type Key = (Option<String>, String);

struct Group {
    /// That of its first segment among the arguments.
    position: usize,
    segments: Vec<(Option<Time>, usize, Waiting)>,
    clock: Clock,
    /// Which of the command line's changes are in `clock`.
    adjusted: Vec<usize>,
    owner: Option<(usize, usize)>,
}

/// A log whose head was read.
struct Looked {
    key: Key,
    begins: Option<Time>,
    waiting: Waiting,
    header: Header,
    clock_offset: i64,
}

impl Looked {
    fn at(
        config: &Config,
        captured: Captured,
        position: usize,
        on_read: &OnRead,
    ) -> Result<Looked, Diagnostic> {
        let file = captured.name.clone();
        let told = |severity, code, message: String| {
            let file = file.clone();
            Diagnostic {
                severity,
                code,
                file,
                line: 0,
                message,
            }
        };
        let unreadable = |error: io::Error| {
            told(
                Severity::Error,
                Code::Unreadable,
                format!("cannot be read: {error}"),
            )
        };
        // A pipe cannot be read twice, so its bytes count as read at once.
        let quiet: OnRead = Arc::new(|_| ());
        let counting = if captured.can_be_read_again() {
            &quiet
        } else {
            on_read
        };
        let mut reader = captured
            .open_counted(counting.clone())
            .map_err(unreadable)?;
        let mut head = Vec::new();
        reader
            .by_ref()
            .take(HEADER_BYTES_MAX as u64)
            .read_to_end(&mut head)
            .map_err(unreadable)?;
        if head.is_empty() {
            return Err(told(
                Severity::Warning,
                Code::EmptyFile,
                "holds no byte".into(),
            ));
        }
        let source = config.source(&captured.path);
        let segment = Source::segment(source, &file);
        let pack = source.and_then(|source| source.pack.clone());
        let looked = peek(&segment, &head);
        let header = looked.header;
        let owner = segment
            .application
            .as_deref()
            .or(header.application.as_deref());
        let name = match owner {
            // Two logs of unknown owners are two sources, whatever their names.
            None => format!("{position}"),
            Some(_) => capture::log_name(&file),
        };
        let begun: Option<Begun> = (!captured.can_be_read_again()).then_some((head, reader));
        Ok(Looked {
            key: (owner.map(str::to_owned), name),
            begins: looked.first,
            header,
            clock_offset: source.map_or(0, |source: &Source| source.clock_offset_micros),
            waiting: Waiting {
                captured,
                segment,
                pack,
                begun,
            },
        })
    }

    fn owner_name(&self) -> Option<&str> {
        self.waiting
            .segment
            .application
            .as_deref()
            .or(self.header.application.as_deref())
    }

    fn host_name(&self) -> Option<&str> {
        self.waiting
            .segment
            .host
            .as_deref()
            .or(self.header.host.as_deref())
    }

    /// A log of an application that nobody configured. Logs that speak of others (SCS, Message Server) need not be.
    fn unknown_owner(&self, config: &Config) -> Option<Diagnostic> {
        let name = self.owner_name()?;
        let kind = self.header.application_type.as_deref();
        let rules = config.packs.matcher(kind, self.waiting.pack.as_deref())?;
        let speaks_of_others = rules.reads_every_line()
            || kind.is_some_and(|kind| {
                kind.to_lowercase()
                    .replace([' ', '_'], "")
                    .contains("messageserver")
            });
        if speaks_of_others || config.topology.application(name).is_some() {
            return None;
        }
        Some(Diagnostic {
            severity: Severity::Warning,
            code: Code::UnknownApplication,
            file: self.waiting.segment.file.clone(),
            line: 0,
            message: format!("the log's application `{name}` is not in the configuration"),
        })
    }
}

impl Group {
    fn new(config: &Config, looked: &Looked, adjust: &[Adjust]) -> Group {
        let owner = looked
            .owner_name()
            .and_then(|name| config.topology.application(name));
        let meant = |adjust: &&Adjust| {
            let topology = &config.topology;
            let named = looked.host_name().is_some_and(|host| {
                let same = topology
                    .host(host)
                    .iter()
                    .any(|place| topology.host(&adjust.host).contains(place));
                same || host.eq_ignore_ascii_case(&adjust.host)
            });
            let lives = owner.is_some_and(|(solution, application)| {
                let home = topology.solutions[solution].applications[application].host;
                home.is_some_and(|home| topology.host(&adjust.host).contains(&(solution, home)))
            });
            named || lives
        };
        let mut clock = Clock {
            offset: looked.clock_offset,
            ..Clock::default()
        };
        let mut adjusted = Vec::new();
        for (index, each) in adjust.iter().enumerate().filter(|(_, each)| meant(each)) {
            clock.shift += each.shift_micros;
            clock.delay += each.delay;
            adjusted.push(index);
        }
        Group {
            position: usize::MAX,
            segments: Vec::new(),
            clock,
            adjusted,
            owner,
        }
    }
}
