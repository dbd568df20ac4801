//! What can stand before a group of a regular expression.

use std::collections::BTreeSet;

use regex_syntax::hir::{Class, Hir, HirKind};

/// More bytes than these tell nothing worth searching for.
const BYTES_MAX: usize = 4;

/// The bytes of which one stands before whatever the group of this name takes. None if they are many, if nothing need
/// stand there, or if the group is repeated or missing.
pub(super) fn group(hir: &Hir, name: &str) -> Option<Vec<u8>> {
    let bytes = before(hir, name)?;
    (bytes.len() <= BYTES_MAX).then(|| bytes.into_iter().collect())
}

fn before(hir: &Hir, name: &str) -> Option<BTreeSet<u8>> {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() != Some(name) => {
            before(&capture.sub, name)
        }
        HirKind::Concat(parts) => {
            let index = parts.iter().position(|part| holds(part, name))?;
            let (ahead, behind) = (parts.get(..index)?, parts.get(index)?);
            before(behind, name).or_else(|| match behind.kind() {
                HirKind::Capture(capture) if capture.name.as_deref() == Some(name) => {
                    last_of(ahead)
                }
                _ => None,
            })
        }
        _ => None,
    }
}

fn holds(hir: &Hir, name: &str) -> bool {
    match hir.kind() {
        HirKind::Capture(capture) => {
            capture.name.as_deref() == Some(name) || holds(&capture.sub, name)
        }
        HirKind::Repetition(repetition) => holds(&repetition.sub, name),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().any(|part| holds(part, name))
        }
        _ => false,
    }
}

/// The last byte of what a row of expressions takes; none if they may take nothing.
fn last_of(parts: &[Hir]) -> Option<BTreeSet<u8>> {
    let (last, ahead) = parts.split_last()?;
    let mut bytes = last_byte(last)?;
    if last.properties().minimum_len() == Some(0) {
        bytes.extend(last_of(ahead)?);
    }
    Some(bytes)
}

/// The last bytes of all that an expression can take, as far as it takes any. None if they are too many to tell.
fn last_byte(hir: &Hir) -> Option<BTreeSet<u8>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(BTreeSet::new()),
        HirKind::Literal(literal) => Some(literal.0.last().copied().into_iter().collect()),
        HirKind::Class(Class::Bytes(class)) => {
            let ranges = class.ranges().iter();
            Some(
                ranges
                    .flat_map(|range| range.start()..=range.end())
                    .collect(),
            )
        }
        HirKind::Class(Class::Unicode(_)) => None,
        HirKind::Repetition(repetition) => last_byte(&repetition.sub),
        HirKind::Capture(capture) => last_byte(&capture.sub),
        HirKind::Concat(parts) => {
            let mut bytes = BTreeSet::new();
            for part in parts.iter().rev() {
                bytes.extend(last_byte(part)?);
                if part.properties().minimum_len() != Some(0) {
                    break;
                }
            }
            Some(bytes)
        }
        HirKind::Alternation(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(last_byte).collect();
            Some(all?.into_iter().flatten().collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn told(source: &str) -> Option<String> {
        let bytes = group(&hir(source), "id")?;
        Some(String::from_utf8(bytes).unwrap())
    }

    fn hir(source: &str) -> Hir {
        let mut parser = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .build();
        parser.parse(source).unwrap()
    }

    #[test]
    fn what_stands_before_an_id_is_known_where_it_is_little() {
        for (source, before) in [
            (r"Std[ \t]+(?<id>[0-9]+)", Some("\t ")),
            (r"[a-z]+(?: *\t[ \t]*| {2,})(?<id>[0-9]+)$", Some("\t ")),
            (r"(?:a (?<id>[0-9]+)) b", Some(" ")),
            (r"x#?(?<id>[0-9]+)", Some("#x")),
            (r"#?(?<id>[0-9]+)", None),
            (r"(?<id>[0-9]+)", None),
            (r".(?<id>[0-9]+)", None),
            (r"(?: (?<id>[0-9]+))+", None),
            (r" (?<name>[0-9]+)", None),
        ] {
            assert_eq!(told(source).as_deref(), before, "{source}");
        }
    }

    proptest! {
        /// Texts are made from the pattern's own source, by another reading of it.
        #[test]
        fn no_other_byte_ever_stands_there(
            text in proptest::string::string_regex(SOURCE).unwrap(),
        ) {
            let regex = regex::Regex::new(&SOURCE.replace("(4)", "(?<id>4)")).unwrap();
            let id = regex.captures(&text).unwrap().name("id").unwrap();
            let before = told(&SOURCE.replace("(4)", "(?<id>4)")).unwrap();
            prop_assert!(before.contains(&text[..id.start()].chars().next_back().unwrap().to_string()));
        }
    }

    const SOURCE: &str = "[ab]{0,3}(?:x|y ?|(?:z)*x)[z]?(4)[a-z]{0,2}";
}
