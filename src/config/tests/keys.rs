//! The table of keys is what the reader reads: no key more, none less, and the same defaults.

use std::collections::BTreeSet;

use super::*;
use crate::config::keys::{Key, Shape, TOP, Table, Unless};
use crate::yaml::{Content, Node, parse};

/// Every section, and every kind of sink.
const WHOLE: &str = include_str!("whole.yaml");

/// All (section, the path to it, its node) of the sample, the file itself first.
fn sections(root: &Node) -> Vec<(&'static Table, String, &Node)> {
    fn walk<'n>(
        shape: &Shape,
        path: String,
        node: &'n Node,
        found: &mut Vec<(&'static Table, String, &'n Node)>,
    ) {
        match (shape, &node.content) {
            (Shape::Table(table), Content::Map(entries)) => {
                found.push((table, path.clone(), node));
                for entry in entries {
                    let key = table.key(&entry.key).unwrap();
                    let path = format!("{path}.{}", entry.key);
                    walk(&key.shape, path, &entry.value, found);
                }
            }
            (Shape::Names { of, .. }, Content::Map(entries)) => {
                for entry in entries {
                    walk(of, format!("{path}.{}", entry.key), &entry.value, found);
                }
            }
            (Shape::List(of), Content::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    walk(of, format!("{path}.{index}"), item, found);
                }
            }
            (Shape::Either(shapes), _) => {
                for shape in *shapes {
                    walk(shape, path.clone(), node, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(&Shape::Table(&TOP), String::new(), root, &mut found);
    found
}

/// All sections that a section leads to, itself first.
fn reachable(table: &'static Table) -> Vec<&'static Table> {
    fn of(shape: &Shape, found: &mut Vec<&'static Table>) {
        match shape {
            Shape::Table(table) => add(table, found),
            Shape::Names { of: inner, .. } | Shape::List(inner) => of(inner, found),
            Shape::Either(shapes) => shapes.iter().for_each(|shape| of(shape, found)),
            _ => {}
        }
    }
    fn add(table: &'static Table, found: &mut Vec<&'static Table>) {
        if !found.iter().any(|known| std::ptr::eq(*known, table)) {
            found.push(table);
            table.keys().for_each(|key| of(&key.shape, found));
        }
    }
    let mut found = Vec::new();
    add(table, &mut found);
    found
}

fn has(node: &Node, name: &str) -> bool {
    match &node.content {
        Content::Map(entries) => entries.iter().any(|entry| &*entry.key == name),
        _ => false,
    }
}

fn joined(path: &str, name: &str) -> String {
    format!("{path}.{name}").trim_start_matches('.').to_owned()
}

/// All that a configuration means, without the file that it was read from.
fn meaning(config: &Config) -> String {
    format!(
        "{:?}",
        (
            &config.topology.solutions,
            &config.sources,
            &config.actions,
            (&config.secrets, &config.status, &config.alerts),
            (config.line_bytes_max, config.trace_bytes_max, config.poll),
            (&config.state, config.listen, &config.token_file),
            config.packs.names().collect::<Vec<_>>(),
        )
    )
}

fn with(overrides: &[(&str, &str)]) -> Loaded {
    let files = InMemory::default()
        .file("/etc/ts/tailswitch.yaml", WHOLE, 0o640)
        .file("/etc/ts/own.yaml", "name: own\nevents: []\n", 0o640);
    let overrides: Vec<(String, String)> = overrides
        .iter()
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect();
    load(&files, Path::new("/etc/ts/tailswitch.yaml"), &overrides)
}

fn node(text: &str) -> Node {
    parse(&"whole.yaml".into(), text.as_bytes()).unwrap()
}

#[test]
fn the_whole_sample_has_every_section_and_no_fault() {
    let Loaded { config, faults } = with(&[]);
    assert_eq!(faults, []);
    assert!(config.is_some());
    let root = node(WHOLE);
    let found = sections(&root);
    let shown: BTreeSet<String> = reachable(&TOP)
        .into_iter()
        .filter(|table| !found.iter().any(|(each, ..)| std::ptr::eq(*each, *table)))
        .map(|table| format!("{:?}", table.names()))
        .collect();
    assert_eq!(shown, BTreeSet::new());
}

/// A value of the wrong shape is a fault, so its key is read; one of a key that is in no table is a fault too, since
/// the reader takes the names from here.
#[test]
fn every_key_is_read() {
    let root = node(WHOLE);
    let mut read: Vec<(&Key, bool)> = Vec::new();
    for (table, path, node) in sections(&root) {
        for key in table.keys() {
            if table.one_of.contains(&key.name) && !has(node, key.name) {
                continue;
            }
            let wrong = match key.shape {
                Shape::Names { .. } | Shape::Table(_) => "7",
                _ => "{ a: [1] }",
            };
            let faults = with(&[(&joined(&path, key.name), wrong)]).faults;
            read.push((key, !faults.is_empty()));
        }
    }
    for table in reachable(&TOP) {
        for key in table.keys() {
            let of_it = |(known, _): &&(&Key, bool)| std::ptr::eq(*known, key);
            let mut tried = read.iter().filter(of_it).peekable();
            assert!(tried.peek().is_some(), "{} is not in whole.yaml", key.name);
            assert!(tried.all(|(_, read)| *read), "{} is not read", key.name);
        }
    }
}

#[test]
fn a_default_written_down_changes_nothing_and_another_value_does() {
    let root = node(WHOLE);
    let plain = meaning(&with(&[]).config.unwrap());
    let mut tried: Vec<&Key> = Vec::new();
    for (table, path, node) in sections(&root) {
        for key in table.keys().filter(|key| !has(node, key.name)) {
            let (Unless::Default(text) | Unless::Above(text)) = key.unless else {
                continue;
            };
            let path = joined(&path, key.name);
            let Loaded { config, faults } = with(&[(&path, text)]);
            let config = config.unwrap_or_else(|| panic!("{path}: {faults:?}"));
            assert_eq!(meaning(&config), plain, "{path}: {text}");
            let other = other(&key.shape, text);
            let changed = with(&[(&path, &other)]).config;
            // What no other key goes with is a fault.
            let same = changed.is_some_and(|config| meaning(&config) == plain);
            assert!(!same, "{path}: {other}");
            tried.push(key);
        }
    }
    for table in reachable(&TOP) {
        for key in table.keys() {
            let is_default = matches!(key.unless, Unless::Default(_) | Unless::Above(_));
            let is_tried = tried.iter().any(|each| std::ptr::eq(*each, key));
            assert!(
                !is_default || is_tried,
                "{} stands everywhere in whole.yaml",
                key.name
            );
        }
    }
}

/// A value that is not the default.
fn other(shape: &Shape, default: &str) -> String {
    match shape {
        Shape::Flag => (default != "true").to_string(),
        Shape::Whole { .. } => "7".into(),
        Shape::Word(words) => words
            .iter()
            .find(|word| **word != default)
            .unwrap()
            .to_string(),
        Shape::List(_) => "[event]".into(),
        Shape::Table(_) => "{ moves: 4, within: 7m }".into(),
        Shape::Text {
            pattern: Some(pattern),
            ..
        } if pattern.contains("KiB") => "2KiB".into(),
        Shape::Text {
            pattern: Some(pattern),
            ..
        } if pattern.contains("off") => "off".into(),
        Shape::Text {
            pattern: Some(pattern),
            ..
        } if pattern.contains("minor") => "minor+".into(),
        Shape::Text {
            pattern: Some(_), ..
        } => "7s".into(),
        Shape::Text { said, .. } if said.contains("zone") => "Europe/Berlin".into(),
        _ => "elsewhere".into(),
    }
}
