//! From bytes to a tree. Whatever the bytes are, the answer is a tree or faults, soon and in bounded memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::budget::BudgetBreach;
use serde_yaml::{DuplicateKeyPolicy, Location, MergeKeyPolicy, NonFiniteFloatPolicy, Spanned};

use super::{Content, Entry, Faults, Node, Scalar};
use crate::fault::{Fault, Place, Severity};

/// A configuration of a thousand pairs is near 1 MiB and 100 000 values.
pub const BYTES_MAX: usize = 4 << 20;
const DEPTH_MAX: usize = 32;
const NODES_MAX: usize = 200_000;
const ALIASES_MAX: usize = 1_000;

/// Reads one document. Every duplicate and every merge key is a fault of its own, and what else the document
/// says is read all the same; broken YAML is one fault, since nothing behind it can be trusted.
pub fn document(file: &Arc<str>, bytes: &[u8], faults: &Faults) -> Option<Node> {
    let text = match text_of(file, bytes) {
        Ok(text) => text,
        Err(fault) => {
            faults.extend(vec![*fault]);
            return None;
        }
    };
    let tree: Option<Spanned<Tree>> = match serde_yaml::from_str_with_options(text, options()) {
        Ok(tree) => tree,
        Err(error) => {
            faults.extend(vec![broken(file, &error)]);
            return None;
        }
    };
    let Some(tree) = tree else {
        return Some(Node::empty(Place {
            file: file.clone(),
            line: 1,
            column: 1,
        }));
    };
    let mut builder = Builder {
        file,
        text,
        path: Vec::new(),
        faults: Vec::new(),
    };
    let node = builder.node(tree);
    faults.extend(builder.faults);
    Some(node)
}

/// A document without any fault.
pub fn parse(file: &Arc<str>, bytes: &[u8]) -> Result<Node, Vec<Fault>> {
    let faults = Faults::default();
    let node = document(file, bytes, &faults);
    let faults = faults.into_sorted();
    node.filter(|_| faults.is_empty()).ok_or(faults)
}

fn options() -> serde_yaml::Options {
    serde_yaml::options! {
        budget: serde_yaml::budget! {
            max_documents: 1,
            max_depth: DEPTH_MAX,
            max_nodes: NODES_MAX,
            max_events: 4 * NODES_MAX,
            max_aliases: ALIASES_MAX,
            max_anchors: ALIASES_MAX,
            flow_nesting_limit: DEPTH_MAX,
            max_total_scalar_bytes: BYTES_MAX,
        },
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: 100_000,
            max_replay_stack_depth: 8,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// The text of the file, or why it is none. A byte order mark is no part of it.
fn text_of<'a>(file: &Arc<str>, bytes: &'a [u8]) -> Result<&'a str, Box<Fault>> {
    let fault = |before: &[u8], message: &str, hint: Option<&str>| {
        let mut lines = before.split(|byte| *byte == b'\n');
        let begun = lines.next_back().unwrap_or_default();
        let line = lines.count() as u64 + 1;
        let column = String::from_utf8_lossy(begun).chars().count() as u64 + 1;
        let place = Place {
            file: file.clone(),
            line,
            column,
        };
        Box::new(error(place, message, hint.map(str::to_owned)))
    };
    if bytes.len() > BYTES_MAX {
        let message = format!("over {} MiB, which no configuration needs", BYTES_MAX >> 20);
        return Err(fault(&[], &message, None));
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(fault(
            &[],
            "UTF-16, expected UTF-8",
            Some("save the file as UTF-8"),
        ));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Some(at) = memchr::memchr(0, bytes) {
        let (before, _) = bytes.split_at(at);
        return Err(fault(before, "a NUL byte", Some("is this a text file?")));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let (before, _) = bytes.split_at(error.valid_up_to());
        fault(
            before,
            "a byte that is not UTF-8",
            Some("save the file as UTF-8"),
        )
    })
}

fn error(place: Place, message: &str, hint: Option<String>) -> Fault {
    Fault {
        place,
        severity: Severity::Error,
        key: String::new(),
        message: message.to_owned(),
        hint,
    }
}

/// The parser's error in our words where they say more.
fn broken(file: &Arc<str>, error: &serde_yaml::Error) -> Fault {
    use serde_yaml::Error::*;
    let place = place_of(file, &error.location().unwrap_or(Location::UNKNOWN));
    let mut cause = error.without_snippet();
    while let AliasError { error, .. } = cause {
        cause = error.without_snippet();
    }
    let (message, hint) = match cause {
        MultipleDocuments { .. }
        | Budget {
            breach: BudgetBreach::Documents { .. },
            ..
        } => (
            "a second document".to_owned(),
            Some("one file, one document: remove the `---`"),
        ),
        Budget {
            breach: BudgetBreach::Depth { .. },
            ..
        } => (too_deep(), None),
        Budget { .. }
        | AliasReplayLimitExceeded { .. }
        | AliasExpansionLimitExceeded { .. }
        | AliasReplayStackDepthExceeded { .. } => (
            "more values or aliases than a configuration may have".to_owned(),
            Some("write values out instead of repeating them by aliases"),
        ),
        UnsupportedTag { .. } => ("a tag".to_owned(), Some("remove the `!` and its word")),
        other => unreadable(&other.to_string()),
    };
    self::error(place, &message, hint.map(str::to_owned))
}

fn too_deep() -> String {
    format!("nested deeper than {DEPTH_MAX} levels")
}

/// The parser's own words, without the place behind them, and what they mostly mean.
fn unreadable(text: &str) -> (String, Option<&'static str>) {
    let text = text.split(" at line ").next().unwrap_or_default();
    let text = text.split('\n').next().unwrap_or_default();
    let hint = if text.contains("recursion limit") {
        return (too_deep(), None);
    } else if text.contains("tabs disallowed") {
        Some("indent with blanks")
    } else if text.contains("mapping values are not allowed") {
        Some("check the indentation; a text that holds `: ` needs quotes")
    } else if text.contains("flow mapping") || text.contains("flow sequence") {
        Some("a text that holds a bracket, a brace or a comma needs quotes")
    } else if text.contains("unexpected character") {
        Some("a text that begins so needs quotes")
    } else {
        None
    };
    (format!("not YAML: {text}"), hint)
}

fn place_of(file: &Arc<str>, location: &Location) -> Place {
    Place {
        file: file.clone(),
        line: location.line(),
        column: location.column(),
    }
}

/// What serde sees: the shape, and the text where the parser had to make it (quotes, folded lines).
enum Tree {
    Scalar(Option<String>),
    List(Vec<Spanned<Tree>>),
    Map(Vec<(Spanned<Tree>, Spanned<Tree>)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(Shape)
    }
}

struct Shape;

impl<'de> Visitor<'de> for Shape {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
        Ok(Tree::Scalar(None))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
        Ok(Tree::Scalar(None))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
        Ok(Tree::Scalar(None))
    }

    fn visit_i128<E>(self, _: i128) -> Result<Tree, E> {
        Ok(Tree::Scalar(None))
    }

    fn visit_u128<E>(self, _: u128) -> Result<Tree, E> {
        Ok(Tree::Scalar(None))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
        Ok(Tree::Scalar(None))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Scalar(None))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Scalar(Some(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(each) = access.next_element()? {
            list.push(each);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = access.next_entry()? {
            map.push(entry);
        }
        Ok(Tree::Map(map))
    }
}

struct Builder<'a> {
    file: &'a Arc<str>,
    text: &'a str,
    path: Vec<Arc<str>>,
    faults: Vec<Fault>,
}

impl Builder<'_> {
    fn node(&mut self, tree: Spanned<Tree>) -> Node {
        let place = place_of(self.file, &tree.referenced);
        let content = match tree.value {
            Tree::Scalar(made) => Content::Scalar(self.scalar(&tree.defined, made)),
            Tree::List(list) => {
                Content::List(list.into_iter().map(|each| self.node(each)).collect())
            }
            Tree::Map(map) => Content::Map(self.entries(map)),
        };
        Node { place, content }
    }

    fn scalar(&self, location: &Location, made: Option<String>) -> Scalar {
        let span = location.span();
        let raw = (|| {
            let begin = usize::try_from(span.byte_offset()?).ok()?;
            let end = begin.checked_add(usize::try_from(span.byte_len()?).ok()?)?;
            self.text.get(begin..end)
        })()
        .unwrap_or_default();
        let quoted = raw.starts_with(['"', '\'']);
        let text = match made {
            // The parser unquoted it or folded its lines.
            Some(made) if quoted || raw.contains('\n') || raw.is_empty() => made,
            _ => raw.trim().to_owned(),
        };
        Scalar { text, quoted }
    }

    fn entries(&mut self, map: Vec<(Spanned<Tree>, Spanned<Tree>)>) -> Vec<Entry> {
        let mut first: HashMap<Arc<str>, u64> = HashMap::new();
        let mut entries = Vec::with_capacity(map.len());
        for (key, value) in map {
            let key_place = place_of(self.file, &key.referenced);
            let Tree::Scalar(made) = key.value else {
                self.fault(
                    &key_place,
                    "a key that is a list or a map, expected a word",
                    None,
                );
                continue;
            };
            let scalar = self.scalar(&key.defined, made);
            let key: Arc<str> = scalar.text.into();
            self.path.push(key.clone());
            if &*key == "<<" && !scalar.quoted {
                self.fault(
                    &key_place,
                    "merge keys are not supported",
                    Some("write the keys out, so that everyone sees what holds here"),
                );
            } else if let Some(line) = first.get(&key) {
                let message = format!("the key is already on line {line}");
                self.fault(&key_place, &message, None);
            } else {
                first.insert(key.clone(), key_place.line);
                let value = self.node(value);
                entries.push(Entry {
                    key,
                    key_place,
                    value,
                });
            }
            self.path.pop();
        }
        entries
    }

    fn fault(&mut self, place: &Place, message: &str, hint: Option<&str>) {
        let mut fault = error(place.clone(), message, hint.map(str::to_owned));
        fault.key = super::wording::joined(&self.path);
        self.faults.push(fault);
    }
}

#[cfg(test)]
mod tests;
