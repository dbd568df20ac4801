//! Pattern packs: which records are events, and what they mean, as data.
//!
//! A pack is a YAML file (`patterns/*.yaml`, or a user's own): shapes say how a record is laid out, rules give ids and
//! lines a meaning, samples prove it. `compile` turns such a file into a pack and tells every fault at its place; `matcher`
//! reads log lines by the packs that fit a file.

mod compile;
mod id;
mod matcher;
mod needles;
mod pattern;
mod rule;
mod sample;
mod wording;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use self::compile::Pack;
pub use self::id::{Id, NotAnId};
pub use self::matcher::{Matcher, Memory};
use crate::event::{EventKind, Mode, Status};
use crate::fault::{Fault, Severity};
use crate::yaml::{self, Faults, shown};

/// The packs that every installation has; a user's pack of the same name takes the place of one.
const BUILT_IN: [(&str, &str); 5] = [
    ("patterns/gvp.yaml", include_str!("../patterns/gvp.yaml")),
    (
        "patterns/genesys-lms.yaml",
        include_str!("../patterns/genesys-lms.yaml"),
    ),
    (
        "patterns/sip-server-ha.yaml",
        include_str!("../patterns/sip-server-ha.yaml"),
    ),
    ("patterns/vip.yaml", include_str!("../patterns/vip.yaml")),
    ("patterns/scs.yaml", include_str!("../patterns/scs.yaml")),
];

/// The first line of a record (or, in a file whose pack reads every line, any line), as a rule sees it.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The bytes after the stamp and the blanks behind it; the whole line where there is no stamp. No line end.
    pub text: &'a [u8],
    /// The line began with a stamp.
    pub stamped: bool,
}

/// What a rule took from a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    pub id: Arc<str>,
    pub kind: EventKind,
    pub level: Option<Arc<str>>,
    pub text: Arc<str>,
    pub application: Option<Arc<str>>,
    pub dbid: Option<u32>,
    pub host: Option<Arc<str>>,
    pub mode: Option<Mode>,
    pub status: Option<Status>,
    /// The pack speaks for SCS about others, not for the application that owns the file.
    pub by_scs: bool,
}

/// All packs of one configuration: the built-in ones, and those that a user added or put in their place.
#[derive(Debug, Default)]
pub struct Packs {
    packs: Vec<Arc<Pack>>,
    /// By the packs they are made of.
    matchers: Mutex<HashMap<Vec<usize>, Arc<Matcher>>>,
}

#[expect(
    clippy::indexing_slicing,
    reason = "an index is the place of a pack, and none is ever taken away"
)]
impl Packs {
    pub fn builtin() -> Packs {
        // Compiled once, however often a configuration is read.
        static COMPILED: OnceLock<Vec<Arc<Pack>>> = OnceLock::new();
        let compiled = COMPILED.get_or_init(|| {
            // A test proves that these very texts have no fault.
            let faults = Faults::default();
            let packs = BUILT_IN
                .iter()
                .filter_map(|&(name, text)| read(&name.into(), text, true, &faults));
            packs.map(Arc::new).collect()
        });
        Packs {
            packs: compiled.clone(),
            matchers: Mutex::default(),
        }
    }

    /// With a user's pack files, as (name, text). One whose `pack:` is the name of a built-in one takes its place.
    /// All faults of all files at once.
    pub fn with(mut self, files: &[(Arc<str>, String)]) -> Result<Packs, Vec<Fault>> {
        let faults = Faults::default();
        for (name, text) in files {
            if let Some(pack) = read(name, text, false, &faults) {
                self.add(pack, &faults);
            }
        }
        for (index, pack) in self.packs.iter().enumerate() {
            if !pack.ids.is_empty() && !self.has_shape(index) {
                let message =
                    "no pack has a shape for its records, so no rule with an `id` can match";
                faults.add(error(pack, "shapes", message.to_owned()));
            }
        }
        self.matchers = Mutex::default();
        match faults.into_sorted() {
            faults if faults.is_empty() => Ok(self),
            faults => Err(faults),
        }
    }

    /// The rules for a file: those of every file, with those for the header's application type, or with the one pack
    /// that the source names instead. None if no pack has that name.
    pub fn matcher(
        &self,
        application_type: Option<&str>,
        forced: Option<&str>,
    ) -> Option<Arc<Matcher>> {
        let forced = match forced {
            Some(name) => Some(self.packs.iter().position(|pack| *pack.name == *name)?),
            None => None,
        };
        let chosen = |index: usize| match (forced, &self.packs[index].types, application_type) {
            (Some(forced), ..) => forced == index,
            (None, Some(types), Some(application_type)) => types.is_match(application_type.trim()),
            _ => false,
        };
        let order = self.order(chosen);
        let mut matchers = self.matchers.lock().unwrap_or_else(PoisonError::into_inner);
        let matcher = matchers
            .entry(order)
            .or_insert_with_key(|order| Arc::new(self.made_of(order)));
        Some(matcher.clone())
    }

    /// In the order of the built-in packs, then of the user's.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.packs.iter().map(|pack| &*pack.name)
    }

    /// Every sample that is read otherwise than its pack says. A user's pack is asked before the others. The samples
    /// of the built-in packs are about these packs alone: what a user changes on purpose is no fault of theirs.
    pub fn check_samples(&self) -> Vec<Fault> {
        let original = Packs::builtin();
        let packs = self.packs.iter().enumerate();
        packs
            .flat_map(|(index, pack)| {
                let all = if pack.built_in { &original } else { self };
                let mut order = all.order(|other| other == index);
                order.sort_by_key(|&other| other != index);
                sample::check(pack, &all.made_of(&order))
            })
            .collect()
    }

    /// Packs for which whole files have to be read line by line, at a fraction of the speed.
    pub fn slow(&self) -> Vec<Fault> {
        let own = self.packs.iter().filter(|pack| !pack.built_in);
        let told = |pack: &Arc<Pack>| {
            let why = needles::missing(pack)?;
            let message = format!("logs that this pack reads are read line by line: {why}");
            let severity = Severity::Info;
            Some(Fault {
                severity,
                ..error(pack, "pack", message)
            })
        };
        own.filter_map(told).collect()
    }

    /// One of a built-in pack's name stands at its place, so that an index means the same name in all `Packs`.
    fn add(&mut self, pack: Pack, faults: &Faults) {
        if pack.name.is_empty() {
            return; // A fault already.
        }
        match self.packs.iter_mut().find(|other| other.name == pack.name) {
            None => self.packs.push(Arc::new(pack)),
            Some(other) if other.built_in => *other = Arc::new(pack),
            Some(other) => {
                let message = format!(
                    "{} is also the pack of {}",
                    shown(&pack.name),
                    other.place.file
                );
                faults.add(error(&pack, "pack", message));
            }
        }
    }

    /// The packs for every file and the `chosen` ones: a user's before the built-in ones, those that were chosen
    /// before those for every file.
    fn order(&self, chosen: impl Fn(usize) -> bool) -> Vec<usize> {
        let fits = |&index: &usize| chosen(index) || self.packs[index].types.is_none();
        let mut order: Vec<usize> = (0..self.packs.len()).filter(fits).collect();
        order.sort_by_key(|&index| (self.packs[index].built_in, !chosen(index)));
        order
    }

    fn has_shape(&self, index: usize) -> bool {
        let order = self.order(|other| other == index);
        order
            .iter()
            .any(|&other| !self.packs[other].shapes.is_empty())
    }

    fn made_of(&self, order: &[usize]) -> Matcher {
        let packs = order.iter().map(|&index| self.packs[index].clone());
        Matcher::new(packs.collect())
    }
}

fn read(name: &Arc<str>, text: &str, built_in: bool, faults: &Faults) -> Option<Pack> {
    let node = yaml::document(name, text.as_bytes(), faults)?;
    compile::pack(&node, built_in, faults)
}

fn error(pack: &Pack, key: &str, message: String) -> Fault {
    Fault {
        place: pack.place.clone(),
        severity: Severity::Error,
        key: key.to_owned(),
        message,
        hint: None,
    }
}

#[cfg(test)]
mod tests;
