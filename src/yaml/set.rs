//! Values put over those of the file, as `--set solutions.east.window=5s` does.

use std::sync::Arc;

use super::{Content, Entry, Node, nearest, parse};
use crate::fault::{Fault, Place, Severity};

/// Sets the value at a dotted path. Names may hold dots: at each map the longest key that fits is taken.
/// Keys that are not there are added, items of a list are counted from 0.
pub fn set(root: &mut Node, path: &str, yaml: &str) -> Result<(), Vec<Fault>> {
    let file: Arc<str> = format!("--set {path}").into();
    let value = parse(&file, yaml.as_bytes())?;
    let place = Place {
        file,
        line: 0,
        column: 0,
    };
    put(root, path, value, &place).map_err(|(message, hint)| {
        vec![Fault {
            place,
            severity: Severity::Error,
            key: path.to_owned(),
            message,
            hint,
        }]
    })
}

type Refusal = (String, Option<String>);

fn put(node: &mut Node, path: &str, value: Node, place: &Place) -> Result<(), Refusal> {
    if path.is_empty() {
        *node = value;
        return Ok(());
    }
    if node.is_nothing() {
        node.content = Content::Map(Vec::new());
    }
    match &mut node.content {
        Content::Scalar(_) => Err((format!("`{path}` stands inside a single value"), None)),
        Content::List(list) => {
            let (index, rest) = path.split_once('.').unwrap_or((path, ""));
            let count = list.len();
            match index
                .parse()
                .ok()
                .and_then(|index: usize| list.get_mut(index))
            {
                Some(item) => put(item, rest, value, place),
                None => Err((format!("`{index}` is no item of a list of {count}"), None)),
            }
        }
        Content::Map(entries) => {
            let fits = |entry: &Entry| {
                path.strip_prefix(&*entry.key)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let longest = (0..entries.len())
                .filter(|&at| entries.get(at).is_some_and(fits))
                .max_by_key(|&at| entries.get(at).map_or(0, |entry| entry.key.len()));
            if let Some(entry) = longest.and_then(|at| entries.get_mut(at)) {
                let rest = path.get(entry.key.len() + 1..).unwrap_or_default();
                return put(&mut entry.value, rest, value, place);
            }
            let (key, rest) = path.split_once('.').unwrap_or((path, ""));
            if key.is_empty() {
                return Err(("an empty key".to_owned(), None));
            }
            // A new name in the middle of a path is a typing mistake far more often than a wish.
            if !rest.is_empty()
                && let Some(hint) = nearest(key, entries.iter().map(|entry| &*entry.key))
            {
                return Err((format!("no `{key}` here"), Some(hint)));
            }
            let mut added = Node::empty(place.clone());
            put(&mut added, rest, value, place)?;
            entries.push(Entry {
                key: key.into(),
                key_place: place.clone(),
                value: added,
            });
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> Node {
        parse(&"f".into(), text.as_bytes()).unwrap()
    }

    /// The tree without its places.
    fn plain(node: &Node) -> String {
        match &node.content {
            Content::Scalar(scalar) => scalar.text.clone(),
            Content::List(list) => format!("{:?}", list.iter().map(plain).collect::<Vec<_>>()),
            Content::Map(map) => {
                let entry = |entry: &Entry| format!("{}: {}", entry.key, plain(&entry.value));
                format!(
                    "{{{}}}",
                    map.iter().map(entry).collect::<Vec<_>>().join(", ")
                )
            }
        }
    }

    #[test]
    fn a_value_is_replaced_or_added() {
        for (text, path, yaml, whole) in [
            ("a: {b: 1, c: 2}", "a.b", "3", "a: {b: 3, c: 2}"),
            ("a: {b: 1}", "a.d", "5", "a: {b: 1, d: 5}"),
            ("a: {b: 1}", "x.y.z", "[1]", "a: {b: 1}\nx: {y: {z: [1]}}"),
            ("a:", "a.b", "1", "a: {b: 1}"),
            ("a: [{b: 1}, {b: 2}]", "a.1.b", "3", "a: [{b: 1}, {b: 3}]"),
            (
                "a: {RM 1.east: {dbid: 1}}",
                "a.RM 1.east.dbid",
                "2",
                "a: {RM 1.east: {dbid: 2}}",
            ),
            ("a: {b: 1}", "a", "{c: 2}", "a: {c: 2}"),
        ] {
            let mut tree = node(text);
            set(&mut tree, path, yaml).unwrap();
            assert_eq!(plain(&tree), plain(&node(whole)), "{path}");
        }
    }

    #[test]
    fn a_path_that_leads_nowhere_is_a_fault() {
        for (path, yaml, fault) in [
            (
                "solutions.eats.window",
                "1s",
                "no `eats` here (did you mean `east`?)",
            ),
            (
                "solutions.east.window.x",
                "1s",
                "`x` stands inside a single value",
            ),
            ("list.2", "1", "`2` is no item of a list of 1"),
            ("solutions..x", "1", "an empty key"),
            ("poll", "[", "not YAML: unclosed bracket '['"),
        ] {
            let mut tree = node("solutions: {east: {window: 5s}}\nlist: [1]");
            let faults = set(&mut tree, path, yaml).unwrap_err();
            let text = faults[0].to_string();
            assert!(
                text.starts_with(&format!("--set {path}")) && text.ends_with(fault),
                "{text}"
            );
        }
    }
}
