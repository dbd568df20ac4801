//! A regular expression of a pack: compiled within limits, with the fields it takes and the text it cannot match without.

mod before;

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

use crate::words::words;
use crate::yaml::{nearest, shown};

/// Compiled size of one pattern; the packs of this crate need a fiftieth of it.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// A shorter literal stands in nearly every line: a search for it would only cost time.
const LITERAL_BYTES_MIN: usize = 3;
/// Depth of brackets in one pattern.
const PATTERN_DEPTH_MAX: u32 = 50;
/// Lines with nothing in common: a pattern that takes them all takes everything.
const UNRELATED: [&[u8]; 5] = [b"a", b"0", b" ", b"#", b"\xff\x00"];

words! {
    /// What a pattern takes from a line, by the names of its groups.
    Field {
        Level = "level",
        Id = "id",
        Host = "host",
        Application = "application",
        Dbid = "dbid",
        Mode = "mode",
        Previous = "previous",
        Status = "status",
        Text = "text",
    }
}

/// The fields taken from one line.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken<'a>([Option<&'a [u8]>; Field::ALL.len()]);

#[expect(clippy::indexing_slicing, reason = "there is a place for each field")]
impl<'a> Taken<'a> {
    pub(super) fn get(&self, field: Field) -> Option<&'a [u8]> {
        self.0[field as usize]
    }

    pub(super) fn set(&mut self, field: Field, bytes: Option<&'a [u8]>) {
        self.0[field as usize] = bytes;
    }

    /// These fields, and those of `other` where it has any.
    pub(super) fn overlaid(mut self, other: &Taken<'a>) -> Taken<'a> {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine = theirs.or(*mine);
        }
        self
    }
}

/// Where in a line a pattern has to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    Start,
    Anywhere,
}

#[derive(Clone, Debug)]
pub(super) struct Pattern {
    regex: Regex,
    fields: Vec<(usize, Field)>,
    literals: Option<Vec<Box<[u8]>>>,
    before_id: Option<Vec<u8>>,
}

/// Why a pattern is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Refused {
    fn because(message: impl Into<String>) -> Refused {
        Refused {
            message: message.into(),
            hint: None,
        }
    }
}

impl Pattern {
    /// `parts` are put in where the source names them in braces: `{app}`.
    pub(super) fn new(
        source: &str,
        parts: &BTreeMap<String, String>,
        at: At,
    ) -> Result<Pattern, Refused> {
        let source = with_parts(source, parts);
        let hir = regex_syntax::ParserBuilder::new()
            .unicode(false)
            .utf8(false)
            .nest_limit(PATTERN_DEPTH_MAX)
            .build()
            .parse(&source)
            .map_err(|error| Refused::because(syntax(&error)))?;
        match hir.properties().minimum_len() {
            None => return Err(Refused::because("this pattern can never match")),
            Some(0) => {
                return Err(Refused::because(
                    "this pattern matches the empty text, and so every line",
                ));
            }
            Some(_) => {}
        }
        let anchor = if at == At::Start { r"\A" } else { "" };
        // The source was parsed alone first, so its brackets cannot close this one.
        let regex = RegexBuilder::new(&format!("{anchor}(?:{source})"))
            .unicode(false)
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX)
            .build()
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(limit) => Refused::because(format!(
                    "this pattern needs more than {limit} bytes when compiled"
                )),
                other => Refused::because(format!("not a regular expression: {other}")),
            })?;
        if UNRELATED.iter().all(|line| regex.is_match(line)) {
            return Err(Refused::because("this pattern matches any line"));
        }
        Ok(Pattern {
            fields: fields(&regex)?,
            literals: required(&hir).filter(|set| shortest(set) >= LITERAL_BYTES_MIN),
            before_id: before::group(&hir, Field::Id.word()),
            regex,
        })
    }

    pub(super) fn has(&self, field: Field) -> bool {
        self.fields.iter().any(|&(_, each)| each == field)
    }

    /// Byte strings of which one stands in every line that this pattern matches.
    pub(super) fn literals(&self) -> Option<&[Box<[u8]>]> {
        self.literals.as_deref()
    }

    /// The bytes of which one stands before what the group `id` takes; none if that may be anything, or nothing.
    pub(super) fn before_id(&self) -> Option<&[u8]> {
        self.before_id.as_deref()
    }

    pub(super) fn take<'a>(&self, line: &'a [u8]) -> Option<Taken<'a>> {
        let captures = self.regex.captures(line)?;
        let mut taken = Taken::default();
        for &(group, field) in &self.fields {
            taken.set(
                field,
                captures.get(group).map(|found| trimmed(found.as_bytes())),
            );
        }
        Some(taken)
    }
}

/// Without the blanks around it, and without a comma that ends a bracket's last field.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let bytes = bytes.trim_ascii();
    bytes.strip_suffix(b",").unwrap_or(bytes).trim_ascii_end()
}

/// A part is a pattern of its own: it is put in as one group, and a brace behind a backslash stays a brace.
fn with_parts<'a>(source: &'a str, parts: &BTreeMap<String, String>) -> Cow<'a, str> {
    let mut whole = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('{') {
        let part = after
            .split_once('}')
            .filter(|_| !before.ends_with('\\'))
            .and_then(|(name, behind)| Some((parts.get(name)?, behind)));
        whole.push_str(before);
        rest = match part {
            Some((part, behind)) => {
                whole.push_str("(?:");
                whole.push_str(part);
                whole.push(')');
                behind
            }
            None => {
                whole.push('{');
                after
            }
        };
    }
    if whole.is_empty() {
        return Cow::Borrowed(source);
    }
    whole.push_str(rest);
    Cow::Owned(whole)
}

fn fields(regex: &Regex) -> Result<Vec<(usize, Field)>, Refused> {
    let named = regex
        .capture_names()
        .enumerate()
        .filter_map(|(group, name)| Some((group, name?)));
    let field = |(group, name)| match Field::from_word(name) {
        Some(field) => Ok((group, field)),
        None => {
            let known: Vec<&str> = Field::ALL.iter().map(|field| field.word()).collect();
            let hint = nearest(name, known.iter().copied());
            Err(Refused {
                message: format!("unknown group {}", shown(name)),
                hint: Some(hint.unwrap_or_else(|| format!("one of {}", known.join(", ")))),
            })
        }
    };
    named.map(field).collect()
}

fn syntax(error: &regex_syntax::Error) -> String {
    let (kind, span) = match error {
        regex_syntax::Error::Parse(error) => (error.kind().to_string(), error.span()),
        regex_syntax::Error::Translate(error) => (error.kind().to_string(), error.span()),
        _ => return "not a regular expression".to_owned(),
    };
    format!(
        "not a regular expression: {kind}, at its character {}",
        span.start.column
    )
}

/// The best set of byte strings of which one stands in every match: the longest, then the fewest.
fn required(hir: &Hir) -> Option<Vec<Box<[u8]>>> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(vec![literal.0.clone()]),
        HirKind::Capture(capture) => required(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub),
        HirKind::Concat(parts) => parts
            .iter()
            .filter_map(required)
            .max_by_key(|set| (shortest(set), std::cmp::Reverse(set.len()))),
        HirKind::Alternation(branches) => {
            let sets: Option<Vec<_>> = branches.iter().map(required).collect();
            Some(sets?.concat())
        }
        _ => None,
    }
}

fn shortest(set: &[Box<[u8]>]) -> usize {
    set.iter().map(|literal| literal.len()).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(source: &str) -> Result<Pattern, Refused> {
        Pattern::new(source, &BTreeMap::new(), At::Start)
    }

    fn matches(pattern: &Pattern, line: &str) -> bool {
        pattern.take(line.as_bytes()).is_some()
    }

    fn refusal(source: &str) -> String {
        pattern(source).unwrap_err().message
    }

    #[test]
    fn named_groups_are_trimmed_fields() {
        let taken = pattern(r"<(?<dbid>\d+),(?<application>[^>]*)>").unwrap();
        let taken = taken.take(b"<101,  UR Server 750, > rest").unwrap();
        assert_eq!(taken.get(Field::Dbid), Some(&b"101"[..]));
        assert_eq!(taken.get(Field::Application), Some(&b"UR Server 750"[..]));
        assert_eq!(taken.get(Field::Host), None);
    }

    #[test]
    fn a_pattern_begins_where_the_line_begins() {
        let pattern = pattern("one|two").unwrap();
        assert!(matches(&pattern, "two") && !matches(&pattern, " two"));
        let anywhere = Pattern::new("one|two", &BTreeMap::new(), At::Anywhere).unwrap();
        assert!(matches(&anywhere, " two"));
    }

    #[test]
    fn a_part_is_put_in_where_it_is_named() {
        let parts = BTreeMap::from([("app".to_owned(), "a|b".to_owned())]);
        let compiled = Pattern::new(r"x\{{app}\}{2}", &parts, At::Start).unwrap();
        assert!(matches(&compiled, "x{b}}") && !matches(&compiled, "x{b}"));
        assert!(Pattern::new("x{other}", &parts, At::Start).is_err());
    }

    #[test]
    fn a_pattern_for_everything_or_nothing_is_refused() {
        for (source, why) in [
            ("", "empty text"),
            ("a*", "empty text"),
            ("(?:error)?", "empty text"),
            (".+", "any line"),
            ("(?s).", "any line"),
            (r"[a&&b]", "never match"),
            ("a)|(b", "unopened group, at its character 2"),
            ("(?<level>", "unclosed group"),
            (r"(a{999}){999}", "compiled"),
            (r"(?=a)b", "look-around"),
        ] {
            assert!(
                refusal(source).contains(why),
                "{source}: {}",
                refusal(source)
            );
        }
    }

    #[test]
    fn an_unknown_group_is_told_with_what_was_meant() {
        let refused = pattern("(?<aplication>a)b").unwrap_err();
        assert_eq!(refused.message, "unknown group `aplication`");
        assert_eq!(refused.hint.unwrap(), "did you mean `application`?");
    }

    #[test]
    fn the_longest_required_text_is_found() {
        for (source, literals) in [
            (r"'[^']*': NotifyApp: \d+", Some(vec!["': NotifyApp: "])),
            (r"#+ (?:App|Host)<", Some(vec!["App", "Host"])),
            (r"\d+ ab", Some(vec![" ab"])),
            (r"\d+ a", None),
            ("(?:abc)?def", Some(vec!["def"])),
            (r"(?:abc|\d)", None),
            (r"(?:abc|d)", None),
            ("(?:abc){2}", Some(vec!["abc"])),
        ] {
            let literals =
                literals.map(|all| all.into_iter().map(|each| each.as_bytes().into()).collect());
            assert_eq!(pattern(source).unwrap().literals, literals, "{source}");
        }
    }

    fn source() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            "[a-c]{1,6}".prop_map(String::from),
            Just("[a-c]".to_owned()),
            Just("[0-9]+".to_owned()),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|all| all.concat()),
                prop::collection::vec(inner.clone(), 1..4)
                    .prop_map(|all| format!("(?:{})", all.join("|"))),
                (
                    inner,
                    prop::sample::select(vec!["?", "*", "+", "{2}", "{0,2}", "{1,3}"])
                )
                    .prop_map(|(each, times)| format!("(?:{each}){times}")),
            ]
        })
    }

    proptest! {
        /// Lines are made from the pattern's own source, by another reading of it.
        #[test]
        fn what_matches_holds_a_literal(
            (source, line) in source().prop_flat_map(|source| {
                let line = proptest::string::string_regex(&source).unwrap();
                (Just(source), line)
            }),
        ) {
            if let Ok(pattern) = pattern(&source) {
                prop_assert!(matches(&pattern, &line));
                let holds = |literal: &[u8]| memchr::memmem::find(line.as_bytes(), literal).is_some();
                let literals = pattern.literals();
                prop_assert!(literals.is_none_or(|all| all.iter().any(|literal| holds(literal))));
            }
        }
    }
}
