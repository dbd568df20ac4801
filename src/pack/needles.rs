//! From packs to the byte strings that a search through whole files looks for.
//!
//! The digits of an id alone stand everywhere: 5060 is the port of every SIP message. But in a record an id begins
//! behind one of few bytes, which the shapes tell, and its digits behind that byte or its own `0` or `-`. So the needle
//! for 05064 is ` 506`, `0506` or `-506`; a fourth digit would make needles more than a fast search can take.

use std::sync::Arc;

use super::compile::Pack;

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
        let digits = id.literal();
        match &before {
            None => all.push(digits),
            Some(before) => {
                let first = digits.get(..DIGITS).unwrap_or(&digits);
                let needle = |&byte: &u8| [&[byte], first].concat().into_boxed_slice();
                all.extend(before.iter().map(needle));
            }
        }
    }
    for rule in packs.iter().flat_map(|pack| &pack.lines) {
        all.extend_from_slice(rule.pattern.literals()?);
    }
    all.sort();
    all.dedup();
    all.iter().all(|each| is_searchable(each)).then_some(all)
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
        !literals.is_some_and(|all| all.iter().all(|each| is_searchable(each)))
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

/// The bytes before the digits of an id, in any of its spellings; none where a shape leaves them open.
fn before_ids(packs: &[Arc<Pack>]) -> Option<Vec<u8>> {
    // `04563`, `00-4563`.
    let mut bytes = b"0-".to_vec();
    for shape in packs.iter().flat_map(|pack| &pack.shapes) {
        bytes.extend_from_slice(shape.before_id()?);
    }
    bytes.sort_unstable();
    bytes.dedup();
    Some(bytes)
}
