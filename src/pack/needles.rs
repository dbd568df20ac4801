//! From packs to the byte strings that a search through whole files looks for.
//!
//! The digits of an id alone stand everywhere: 5060 is the port of every SIP message. But in a record an id begins
//! behind one of few bytes, which the shapes tell, and is spelled in few ways. So the needles for 05064 are ` 506`,
//! ` 0506`, `00-506` and `00-0506`; with its fourth digit there would be more of them than a fast search can take.

use std::sync::Arc;

use super::compile::Pack;
use super::id::Id;

/// Of an id's digits so many are searched for, which takes several ids together.
const DIGITS: usize = 3;

/// None where no set of needles is enough for these packs.
pub(super) fn of(packs: &[Arc<Pack>]) -> Option<Vec<Box<[u8]>>> {
    let whole = |pack: &Arc<Pack>| pack.reads_every_line || !pack.joins.is_empty();
    if packs.iter().any(whole) {
        return None;
    }
    let mut all = Vec::new();
    let before = before_ids(packs);
    for id in packs.iter().flat_map(|pack| pack.ids.keys()) {
        match &before {
            None => all.push(id.literal()),
            Some(before) => all.extend(begun(*id, before)),
        }
    }
    for rule in packs.iter().flat_map(|pack| &pack.lines) {
        all.extend_from_slice(rule.pattern.literals()?);
    }
    all.sort();
    all.dedup();
    all.iter().all(is_searchable).then_some(all)
}

/// Why files that a pack reads have to be read line by line, unless it says so itself (`reads: lines`).
pub(super) fn missing(pack: &Pack) -> Option<String> {
    if pack.reads_every_line {
        return None;
    }
    if !pack.joins.is_empty() {
        return Some("its `joins` count lines".to_owned());
    }
    let rule = pack.lines.iter().find(|rule| {
        let literals = rule.pattern.literals();
        !literals.is_some_and(|all| all.iter().all(is_searchable))
    })?;
    let name = &rule.rule.name;
    Some(format!(
        "the `line` of rule {name} has no fixed ASCII text of three bytes or more"
    ))
}

fn is_searchable(needle: impl AsRef<[u8]>) -> bool {
    let needle = needle.as_ref();
    needle.iter().all(|byte| matches!(byte, 1..=127))
}

/// How an id begins in each of its spellings, with a byte before it where that is what tells it from other digits.
fn begun(id: Id, before: &[u8]) -> Vec<Box<[u8]>> {
    let digits = id.literal();
    let first = digits.get(..DIGITS).unwrap_or(&digits).to_vec();
    let zeros: &[&[u8]] = if digits.len() < 5 {
        &[b"", b"0"]
    } else {
        &[b""]
    };
    let alone = before.iter().map(|&byte| vec![byte]);
    let starts = alone.chain([id.facility_spelled()]);
    let spelled = |start: Vec<u8>| {
        let each = zeros.iter().map(|zero| [&start, *zero, &first].concat());
        each.map(Vec::into_boxed_slice).collect::<Vec<_>>()
    };
    starts.flat_map(spelled).collect()
}

/// The bytes before an id, by all shapes; none where one leaves them open.
fn before_ids(packs: &[Arc<Pack>]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for shape in packs.iter().flat_map(|pack| &pack.shapes) {
        bytes.extend_from_slice(shape.before_id()?);
    }
    bytes.sort_unstable();
    bytes.dedup();
    Some(bytes)
}
