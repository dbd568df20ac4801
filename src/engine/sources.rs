//! What is known of the logs themselves: how far each was read, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::config::{Config, Source};
use crate::snapshot::{self, AlertView, SourceView};
use crate::tail::{Condition, Position, SourceState, Tailed};
use crate::time::Time;

/// So many files are shown; more are only read.
const FILES_MAX: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Sources {
    files: BTreeMap<Arc<str>, Log>,
    /// The configuration's sources of which any file was seen.
    seen: BTreeSet<usize>,
    /// What holds, and since when.
    conditions: BTreeMap<(Arc<str>, Condition), (String, Time)>,
}

#[derive(Debug, Default)]
struct Log {
    application: Option<Arc<str>>,
    host: Option<Arc<str>>,
    offset: u64,
    grown: Option<Time>,
    /// Microseconds from the stamp of its newest event to its arrival.
    lag: Option<i64>,
}

impl Sources {
    /// True if something is different now that a person would see.
    pub fn take(&mut self, tailed: &Tailed, config: &Config, now: Time) -> bool {
        match tailed {
            Tailed::Seen {
                file,
                application,
                host,
                source,
            } => {
                self.seen.insert(*source);
                let Some(known) = self.file(file) else {
                    return false;
                };
                (known.application, known.host) = (application.clone(), host.clone());
                true
            }
            Tailed::Event(event) => {
                self.grow(&event.position, config, now);
                true
            }
            Tailed::Position(position) => {
                self.grow(position, config, now);
                true
            }
            Tailed::State(state) => {
                self.state(state, now);
                true
            }
            Tailed::Life { .. }
            | Tailed::Forgotten(_)
            | Tailed::Diagnostic(_)
            | Tailed::CaughtUp => false,
        }
    }

    /// An event of this age, clock offset taken off, came from the file.
    pub fn aged(&mut self, file: &Arc<str>, micros: i64) {
        if let Some(known) = self.file(file) {
            known.lag = Some(micros.max(0));
        }
    }

    pub fn views(&self, config: &Config) -> Vec<SourceView> {
        let known = self.files.iter().map(|(name, file)| self.view(name, file));
        let sources = config.sources.iter().enumerate();
        let unseen = sources.filter(|(index, _)| !self.seen.contains(index));
        let awaited = unseen.map(|(_, source)| {
            let file: Arc<str> = source.pattern.as_str().into();
            SourceView {
                state: snapshot::SourceState::Awaited,
                application: source.application.clone(),
                host: source.host.clone(),
                ..self.view(&file, &Log::default())
            }
        });
        known.chain(awaited).collect()
    }

    pub fn alerts(&self) -> impl Iterator<Item = AlertView> + '_ {
        self.conditions
            .iter()
            .map(|((about, condition), (text, since))| AlertView {
                key: key(about, *condition),
                class: "source".into(),
                text: crate::escape::escape(text).into_owned().into(),
                since: *since,
            })
    }

    fn view(&self, name: &Arc<str>, file: &Log) -> SourceView {
        let told = |condition: &Condition| self.conditions.get(&(name.clone(), *condition));
        let worst = [
            (Condition::Unreadable, snapshot::SourceState::Unreadable),
            (Condition::TooMany, snapshot::SourceState::Unreadable),
            (Condition::Absent, snapshot::SourceState::Lost),
            (Condition::Gap, snapshot::SourceState::Lost),
            (Condition::Lagging, snapshot::SourceState::Lagging),
            (Condition::Silent, snapshot::SourceState::Silent),
        ];
        let holds = worst
            .iter()
            .find_map(|(condition, state)| told(condition).map(|(text, _)| (*state, text)));
        SourceView {
            file: name.clone(),
            state: holds.map_or(snapshot::SourceState::Fresh, |(state, _)| state),
            application: file.application.clone(),
            host: file.host.clone(),
            offset: file.offset,
            grown: file.grown,
            lag: file
                .lag
                .map(|micros| std::time::Duration::from_micros(micros.unsigned_abs())),
            detail: holds.map(|(_, text)| crate::escape::escape(text).into_owned().into()),
        }
    }

    fn grow(&mut self, position: &Position, config: &Config, now: Time) {
        if !self.files.contains_key(&position.file) {
            // A log without a line yet says nothing of itself.
            let source = config.source(Path::new(&*position.file));
            let is_it = |each: &Source| source.is_some_and(|source| std::ptr::eq(source, each));
            self.seen.extend(config.sources.iter().position(is_it));
        }
        let offset = position.content.read;
        if let Some(known) = self.file(&position.file) {
            if offset != known.offset {
                known.grown = Some(now);
            }
            known.offset = offset;
        }
    }

    fn state(&mut self, state: &SourceState, now: Time) {
        let place = (state.about.clone(), state.condition);
        if state.open {
            self.conditions.insert(place, (state.text.clone(), now));
        } else {
            self.conditions.remove(&place);
        }
    }

    fn file(&mut self, name: &Arc<str>) -> Option<&mut Log> {
        if !self.files.contains_key(name) && self.files.len() >= FILES_MAX {
            return None;
        }
        Some(self.files.entry(name.clone()).or_default())
    }
}

/// Names what is wrong from its beginning to its end.
pub(super) fn key(about: &str, condition: Condition) -> Arc<str> {
    format!("source:{condition}:{}", crate::escape::escape(about)).into()
}
