//! From a pack file to a pack. Whatever is wrong is told at its place, and the rest is still looked at.

mod rules;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::id::{self, Id};
use super::pattern::{At, Field, Pattern};
use super::rule::{IdRule, LineRule};
use super::sample::{self, Sample};
use super::wording::Wording;
use crate::event::{Mode, Status};
use crate::fault::Place;
use crate::yaml::{Faults, Node, Table, Value};

/// Rules of one pack, each with compiled patterns that stay in memory; the largest built-in pack has a fiftieth.
const RULES_MAX: usize = 1000;
/// Lines over which a join may wait.
const JOIN_LINES_MAX: u32 = 1000;

const KEYS: &[&str] = &[
    "pack", "about", "types", "reads", "by_scs", "facility", "words", "parts", "shapes", "joins",
    "rules", "samples",
];

/// One pack, ready to read.
#[derive(Debug)]
pub(super) struct Pack {
    pub(super) name: Arc<str>,
    /// Where the file states the name.
    pub(super) place: Place,
    pub(super) built_in: bool,
    /// Which application types it reads; none: every file.
    pub(super) types: Option<GlobSet>,
    pub(super) reads_every_line: bool,
    /// An id without a facility may be one of this facility too.
    pub(super) facility: Option<u8>,
    pub(super) shapes: Vec<Pattern>,
    pub(super) joins: Vec<Join>,
    pub(super) lines: Vec<LineRule>,
    pub(super) ids: HashMap<Id, Vec<IdRule>>,
    pub(super) samples: Vec<Sample>,
}

/// A line with an id but no application, and the lines that may name it afterwards.
#[derive(Debug)]
pub(super) struct Join {
    pub(super) waits: Pattern,
    pub(super) names: Vec<Pattern>,
    /// The naming line is at most so many lines later.
    pub(super) within: u32,
}

/// What all rules of a file share.
struct Context {
    by_scs: bool,
    wording: Arc<Wording>,
    parts: BTreeMap<String, String>,
}

/// The pack, as far as it could be made; where there are faults it is not to be used.
pub(super) fn pack(node: &Node, built_in: bool, faults: &Faults) -> Option<Pack> {
    let table = Value::root(node, faults).table(KEYS)?;
    let name = table.need("pack");
    if let Some(about) = table.get("about") {
        about.text();
    }
    let context = Context {
        by_scs: table
            .get("by_scs")
            .and_then(|value| value.flag())
            .unwrap_or(false),
        wording: Arc::new(wording(&table)),
        parts: parts(&table),
    };
    let mut pack = Pack {
        place: name
            .as_ref()
            .map_or_else(|| node.place.clone(), |name| name.at().place),
        name: name.and_then(|name| name.name()).unwrap_or_default(),
        built_in,
        types: table.get("types").map(|value| types(&value)),
        reads_every_line: table
            .get("reads")
            .is_some_and(|value| reads_every_line(&value)),
        facility: table.get("facility").and_then(|value| facility(&value)),
        shapes: shapes(&table, &context),
        joins: list(table.get("joins"))
            .iter()
            .filter_map(|join| context.join(join))
            .collect(),
        lines: Vec::new(),
        ids: HashMap::new(),
        samples: sample::all(&list(table.get("samples"))),
    };
    let all = list(table.get("rules"));
    if let Some(extra) = all.get(RULES_MAX) {
        extra.fault(
            format!("rule {RULES_MAX} is the last that a pack may have"),
            None,
        );
    }
    for rule in all.iter().take(RULES_MAX) {
        rules::add(rule, &context, &mut pack);
    }
    Some(pack)
}

impl Context {
    fn pattern(&self, value: &Value<'_>, at: At) -> Option<Pattern> {
        Pattern::new(value.text()?, &self.parts, at)
            .map_err(|refused| value.fault(refused.message, refused.hint))
            .ok()
    }

    fn join(&self, value: &Value<'_>) -> Option<Join> {
        let table = value.table(&["waits", "names", "within"])?;
        let within = table
            .need("within")
            .and_then(|value| value.integer(1, JOIN_LINES_MAX));
        let names = list(table.need("names"));
        let names = names
            .iter()
            .filter_map(|name| self.pattern(name, At::Start))
            .collect();
        let waits = table.need("waits")?;
        Some(Join {
            waits: self.with_id(&waits)?,
            names,
            within: within?,
        })
    }

    fn with_id(&self, value: &Value<'_>) -> Option<Pattern> {
        let pattern = self.pattern(value, At::Start)?;
        if !pattern.has(Field::Id) {
            value.fault(
                "this pattern needs a group `id`",
                Some("(?<id>[0-9A-Z-]+)".to_owned()),
            );
        }
        Some(pattern)
    }
}

/// The elements of a list, or the one value that stands in its place; nothing where there is nothing.
pub(super) fn list(value: Option<Value<'_>>) -> Vec<Value<'_>> {
    match value {
        Some(value) if value.is_list() => value.list().unwrap_or_default(),
        Some(value) => vec![value],
        None => Vec::new(),
    }
}

fn shapes(table: &Table<'_>, context: &Context) -> Vec<Pattern> {
    let shapes = table
        .get("shapes")
        .and_then(|shapes| shapes.named())
        .unwrap_or_default();
    shapes
        .iter()
        .filter_map(|(_, shape)| context.with_id(shape))
        .collect()
}

/// Each part alone first: a fault of it is told once, and its brackets stay its own.
fn parts(table: &Table<'_>) -> BTreeMap<String, String> {
    let mut parts = BTreeMap::new();
    for (name, part) in table
        .get("parts")
        .and_then(|parts| parts.named())
        .unwrap_or_default()
    {
        let Some(source) = part.text() else { continue };
        match Pattern::new(source, &BTreeMap::new(), At::Start) {
            Ok(_) => drop(parts.insert(name.name.to_string(), source.to_owned())),
            Err(refused) => part.fault(refused.message, refused.hint),
        }
    }
    parts
}

fn types(value: &Value<'_>) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for each in list(Some(value.clone())) {
        let Some(text) = each.line() else { continue };
        match GlobBuilder::new(text).case_insensitive(true).build() {
            Ok(glob) => drop(set.add(glob)),
            Err(error) => each.fault(format!("not a wildcard: {}", error.kind()), None),
        }
    }
    set.build().unwrap_or_else(|error| {
        value.fault(
            format!("these wildcards cannot be used: {}", error.kind()),
            None,
        );
        GlobSet::empty()
    })
}

fn reads_every_line(value: &Value<'_>) -> bool {
    value.word(&["records", "lines"], |word| word) == Some("lines")
}

fn facility(value: &Value<'_>) -> Option<u8> {
    id::facility(value.text()?).or_else(|| value.expected("a facility, two digits", None))
}

fn wording(table: &Table<'_>) -> Wording {
    let mut wording = Wording::default();
    let Some(words) = table
        .get("words")
        .and_then(|words| words.table(&["prefixes", "mode", "status"]))
    else {
        return wording;
    };
    for prefix in list(words.get("prefixes")) {
        if prefix.text().is_some_and(|text| !wording.add_prefix(text)) {
            prefix.expected::<()>("a letter or a digit in it", None);
        }
    }
    spellings(
        words.get("mode"),
        Mode::ALL,
        Mode::word,
        |spelling, mode| wording.add_mode(spelling, mode),
    );
    spellings(
        words.get("status"),
        Status::ALL,
        Status::word,
        |spelling, status| wording.add_status(spelling, status),
    );
    wording
}

/// A map from a published word to its spellings.
fn spellings<T: Copy>(
    value: Option<Value<'_>>,
    all: &[T],
    word: fn(T) -> &'static str,
    mut add: impl FnMut(&str, T),
) {
    let known: Vec<&'static str> = all.iter().map(|&each| word(each)).collect();
    let Some(table) = value.and_then(|value| value.table(&known)) else {
        return;
    };
    for &meant in all {
        for spelling in list(table.get(word(meant))) {
            if let Some(text) = spelling.line() {
                add(text, meant);
            }
        }
    }
}
