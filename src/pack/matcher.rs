//! Reading: one line at a time, from its bytes to its meaning.

use std::sync::Arc;

use aho_corasick::AhoCorasick;

use super::compile::{Join, Pack};
use super::id::Spelled;
use super::needles;
use super::pattern::{Field, Taken};
use super::rule::IdRule;
use super::{Head, Meaning};

/// Bytes of a line that rules look at. No head of the field's records comes near it; what stands behind is cut.
const LINE_READ_BYTES_MAX: usize = 4096;

/// The rules that read one kind of file.
#[derive(Debug, Default)]
pub struct Matcher {
    /// In the order in which they are asked.
    packs: Vec<Arc<Pack>>,
    reads_every_line: bool,
    literals: Option<Vec<Box<[u8]>>>,
    needles: Option<Vec<Box<[u8]>>>,
    /// Finds a literal; a line without one is done with.
    gate: Option<AhoCorasick>,
}

/// What a matcher remembers from one line of a segment to a later one (a `MESSAGE#` line waits for the
/// `ActiveAlarm` line that names its application). One for each segment.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    waiting: Option<Waiting>,
    unnamed: Option<Arc<str>>,
}

#[derive(Clone, Debug)]
struct Waiting {
    /// Which pack and join it waits in.
    join: (usize, usize),
    id: Spelled,
    text: Box<[u8]>,
    lines_left: u32,
    /// The event's id, if any rule would have made it one.
    name: Option<Arc<str>>,
}

impl Matcher {
    pub(super) fn new(packs: Vec<Arc<Pack>>) -> Matcher {
        let literals = literals(&packs);
        Matcher {
            reads_every_line: packs.iter().any(|pack| pack.reads_every_line),
            gate: literals
                .as_ref()
                .and_then(|literals| AhoCorasick::new(literals).ok()),
            literals,
            needles: needles::of(&packs),
            packs,
        }
    }

    /// The meaning of a record's head, if a rule gives it one.
    pub fn read(&self, memory: &mut Memory, head: Head<'_>) -> Option<Meaning> {
        memory.count_line();
        if !head.stamped && !self.reads_every_line {
            return None;
        }
        let line = self.readable(head.text);
        if self.gate.as_ref().is_some_and(|gate| !gate.is_match(line)) {
            return None;
        }
        let meaning = self.by_line(line, head.stamped);
        match meaning.or_else(|| self.by_join(memory, line, head.stamped)) {
            None if head.stamped => self.by_shape(line),
            meaning => meaning,
        }
    }

    /// True if a line without a stamp can have a meaning too (SCS's own log).
    pub fn reads_every_line(&self) -> bool {
        self.reads_every_line
    }

    /// Byte strings of which one stands in every line that has a meaning, or waits for one; a line without any of
    /// them need not be read, but a join counts only the lines that are. None where some rule has no fixed text.
    pub fn literals(&self) -> Option<&[Box<[u8]>]> {
        self.literals.as_deref()
    }

    /// Short byte strings of which one stands in every record that has a meaning, for a search through whole files.
    /// None where a line without a stamp can have one, where lines wait for each other, or where a rule has no fixed
    /// text in ASCII.
    pub fn needles(&self) -> Option<&[Box<[u8]>]> {
        self.needles.as_deref()
    }

    /// The same rules with nothing before them.
    #[cfg(test)]
    pub(crate) fn without_gate(&self) -> Matcher {
        Matcher {
            packs: self.packs.clone(),
            literals: None,
            needles: None,
            gate: None,
            ..*self
        }
    }

    /// The head of a line, without the marks that SCS puts before it.
    fn readable<'a>(&self, text: &'a [u8]) -> &'a [u8] {
        let mut line = cut(text);
        while self.reads_every_line
            && let [b'>' | b' ' | b'\t', rest @ ..] = line
        {
            line = rest;
        }
        line
    }

    fn by_line(&self, line: &[u8], stamped: bool) -> Option<Meaning> {
        let packs = self
            .packs
            .iter()
            .filter(|pack| stamped || pack.reads_every_line);
        packs
            .flat_map(|pack| &pack.lines)
            .find_map(|rule| rule.read(line))
    }

    fn by_shape(&self, line: &[u8]) -> Option<Meaning> {
        let shapes = self.packs.iter().flat_map(|pack| &pack.shapes);
        shapes
            .filter_map(|shape| shape.take(line))
            .find_map(|taken| {
                let id = Spelled::read(taken.get(Field::Id)?)?;
                self.rules(id).find_map(|rule| rule.read(&taken))
            })
    }

    /// The rules for an id, where a pack may have a facility in mind that the record does not write.
    fn rules(&self, id: Spelled) -> impl Iterator<Item = &IdRule> {
        self.packs.iter().flat_map(move |pack| {
            let facilities =
                std::iter::once(0).chain(pack.facility.filter(|&facility| facility != 0));
            let mut ids: Vec<_> = facilities.map(|facility| id.within(facility)).collect();
            ids.dedup();
            ids.into_iter().filter_map(|id| pack.ids.get(&id)).flatten()
        })
    }

    fn by_join(&self, memory: &mut Memory, line: &[u8], stamped: bool) -> Option<Meaning> {
        for (place, join) in self.joins(stamped) {
            if let Some(taken) = join.waits.take(line) {
                memory.wait(self.waiting(place, join, &taken));
                return None;
            }
            if !memory.waits_in(place) {
                continue;
            }
            if let Some(named) = join.names.iter().find_map(|pattern| pattern.take(line)) {
                let waiting = memory.waiting.take()?;
                return self.joined(&waiting, named);
            }
        }
        None
    }

    fn joins(&self, stamped: bool) -> impl Iterator<Item = ((usize, usize), &Join)> {
        let packs = self.packs.iter().enumerate();
        packs
            .filter(move |(_, pack)| stamped || pack.reads_every_line)
            .flat_map(|(p, pack)| {
                pack.joins
                    .iter()
                    .enumerate()
                    .map(move |(j, join)| ((p, j), join))
            })
    }

    fn waiting(&self, place: (usize, usize), join: &Join, taken: &Taken<'_>) -> Option<Waiting> {
        let id = Spelled::read(taken.get(Field::Id)?)?;
        Some(Waiting {
            join: place,
            id,
            text: taken.get(Field::Text).unwrap_or_default().into(),
            lines_left: join.within,
            name: self.rules(id).next().map(|rule| rule.rule.name.clone()),
        })
    }

    fn joined<'a>(&self, waiting: &'a Waiting, mut taken: Taken<'a>) -> Option<Meaning> {
        taken.set(Field::Text, Some(&waiting.text));
        let meaning = self.rules(waiting.id).find_map(|rule| rule.read(&taken))?;
        Some(Meaning {
            by_scs: true,
            ..meaning
        })
    }
}

impl Memory {
    /// The id of an event that no line named an application for, once: it was given up on the line last read.
    pub fn unnamed(&mut self) -> Option<Arc<str>> {
        self.unnamed.take()
    }

    /// Nothing of an earlier line is needed any more.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_none() && self.unnamed.is_none()
    }

    /// Nothing more comes: what still waits is given up.
    pub fn end(&mut self) {
        self.give_up();
    }

    fn count_line(&mut self) {
        if let Some(waiting) = &mut self.waiting {
            match waiting.lines_left.checked_sub(1) {
                Some(left) => waiting.lines_left = left,
                None => self.give_up(),
            }
        }
    }

    /// A newer line takes the place of the one that waits, even where its id cannot be read.
    fn wait(&mut self, waiting: Option<Waiting>) {
        self.give_up();
        self.waiting = waiting;
    }

    fn waits_in(&self, join: (usize, usize)) -> bool {
        self.waiting
            .as_ref()
            .is_some_and(|waiting| waiting.join == join)
    }

    fn give_up(&mut self) {
        if let Some(Waiting {
            name: Some(name), ..
        }) = self.waiting.take()
        {
            self.unnamed = Some(name);
        }
    }
}

/// Not within a character of UTF-8.
fn cut(text: &[u8]) -> &[u8] {
    let mut end = LINE_READ_BYTES_MAX;
    while end > LINE_READ_BYTES_MAX - 3 && text.get(end).is_some_and(|byte| byte & 0xC0 == 0x80) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

fn literals(packs: &[Arc<Pack>]) -> Option<Vec<Box<[u8]>>> {
    let mut all = Vec::new();
    for pack in packs {
        all.extend(pack.ids.keys().map(|id| id.literal()));
        let lines = pack.lines.iter().map(|rule| &rule.pattern);
        let joins = pack
            .joins
            .iter()
            .flat_map(|join| join.names.iter().chain([&join.waits]));
        for pattern in lines.chain(joins) {
            all.extend_from_slice(pattern.literals()?);
        }
    }
    all.sort();
    all.dedup();
    Some(all)
}
