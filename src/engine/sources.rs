//! What is known of the logs themselves: how far each was read, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use crate::config::{Config, Source};
use crate::snapshot::{self, AlertView, SourceView};
use crate::tail::identity::Place;
use crate::tail::{Condition, Position, SourceState, Tailed};
use crate::time::Time;

/// So many files are shown; more are only read.
const FILES_MAX: usize = 10_000;
/// So many conditions are shown. A gap has no end, so that the oldest make room.
const CONDITIONS_MAX: usize = 1_000;

#[derive(Debug, Default)]
pub(super) struct Sources {
    files: BTreeMap<Arc<str>, Log>,
    /// The name of each file whose position is kept.
    names: BTreeMap<Place, Arc<str>>,
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
    pub fn take(&mut self, tailed: &Tailed, now: Time) -> bool {
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
                self.grow(&event.position, now);
                true
            }
            Tailed::Position(position) => {
                self.grow(position, now);
                true
            }
            Tailed::State(state) => {
                self.state(state, now);
                true
            }
            Tailed::Forgotten(place) => self.forget(*place),
            Tailed::Life { .. } | Tailed::Diagnostic(_) | Tailed::CaughtUp => false,
        }
    }

    /// The file is read for a source of the configuration, also while it has no line that says whose it is.
    pub fn found(&mut self, file: &str, config: &Config) {
        if !self.files.contains_key(file) {
            let source = config.source(Path::new(file));
            let is_it = |each: &Source| source.is_some_and(|source| std::ptr::eq(source, each));
            self.seen.extend(config.sources.iter().position(is_it));
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

    fn grow(&mut self, position: &Position, now: Time) {
        let offset = position.content.read;
        let place = position.id.place;
        if self.names.get(&place) != Some(&position.file) && self.names.len() < FILES_MAX {
            self.names.insert(place, position.file.clone());
        }
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
            if self.conditions.len() > CONDITIONS_MAX {
                let oldest = self.conditions.iter().min_by_key(|(_, (_, since))| *since);
                let oldest = oldest.map(|(place, _)| place.clone());
                oldest.and_then(|place| self.conditions.remove(&place));
            }
        } else {
            self.conditions.remove(&place);
        }
    }

    /// A log that rotates has a new file every hour, for years. True if one was shown that no other has the name of.
    fn forget(&mut self, place: Place) -> bool {
        let Some(name) = self.names.remove(&place) else {
            return false;
        };
        let is_anothers = self.names.values().any(|other| *other == name);
        !is_anothers && self.files.remove(&name).is_some()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, InMemory};
    use crate::tail::identity::{Content, FileId};

    fn at(second: i64) -> Time {
        Time::from_micros(second * 1_000_000)
    }

    fn position(file: &str, inode: u64) -> Tailed {
        let place = Place { device: 1, inode };
        Tailed::Position(Box::new(Position {
            file: file.into(),
            id: FileId { place, born: None },
            content: Content::default(),
            mark: None,
            told: 0,
            news_from: 0,
            carry: None,
            gone: false,
        }))
    }

    #[test]
    fn a_log_without_a_line_is_there_and_is_not_awaited_too() {
        let text = "solutions: {}\nsources:\n  - { path: a.log }\n  - { path: b.log }\n";
        let files = InMemory::default().file("tailswitch.yaml", text, 0o644);
        let config = config::load(&files, Path::new("tailswitch.yaml"), &[]).config;
        let config = config.expect("a configuration without errors");
        let mut sources = Sources::default();
        sources.found("a.log", &config);
        sources.take(&position("a.log", 1), at(0));
        let shown = sources.views(&config);
        let shown: Vec<_> = shown.iter().map(|each| (&*each.file, each.state)).collect();
        let awaited = ("b.log", snapshot::SourceState::Awaited);
        assert_eq!(shown, [("a.log", snapshot::SourceState::Fresh), awaited]);
    }

    #[test]
    fn a_log_that_rotates_for_years_is_a_few_files() {
        let mut sources = Sources::default();
        for hour in 0..50_000 {
            sources.take(&position(&format!("a.{hour}.log"), hour), at(0));
            let inode = hour.saturating_sub(8);
            let forgotten = Tailed::Forgotten(Place { device: 1, inode });
            sources.take(&forgotten, at(0));
        }
        let files: Vec<&str> = sources.files.keys().map(|file| &**file).collect();
        assert_eq!(files.len(), 8);
        assert!(files.contains(&"a.49999.log"), "{files:?}");
        assert_eq!(sources.names.len(), files.len());
    }

    #[test]
    fn a_name_that_went_to_another_file_stays() {
        let mut sources = Sources::default();
        sources.take(&position("a.log", 1), at(0));
        sources.take(&position("a.log.1", 1), at(1));
        sources.take(&position("a.log", 2), at(1));
        sources.take(
            &Tailed::Forgotten(Place {
                device: 1,
                inode: 1,
            }),
            at(2),
        );
        let files: Vec<&str> = sources.files.keys().map(|file| &**file).collect();
        assert_eq!(files, ["a.log"]);
    }

    #[test]
    fn of_very_many_gaps_the_newest_are_shown() {
        let mut sources = Sources::default();
        for number in 0..5_000 {
            let gap = Tailed::State(SourceState {
                about: format!("{number}.log").into(),
                condition: Condition::Gap,
                open: true,
                text: "gone".into(),
            });
            sources.take(&gap, at(number));
        }
        let shown: Vec<_> = sources.alerts().map(|alert| alert.since).collect();
        assert_eq!(shown.len(), CONDITIONS_MAX);
        assert!(shown.iter().all(|since| *since >= at(4_000)), "{shown:?}");
    }
}
