//! The invariants of ARCHITECTURE.md, read off the source text. A failure says where, and what to do about it.
//!
//! Each rule is a function from sources to what is wrong with them, so that `failing` can show it a bad source.

use std::collections::BTreeMap;

use absent::{ABSENT, DECIDE_NAMES, NOT_IN_DECIDE, present, strangers};
use source::{Source, files, read, root};

#[path = "tidy/absent.rs"]
mod absent;
#[path = "tidy/failing.rs"]
mod failing;
#[path = "tidy/faults.rs"]
mod faults;
#[path = "tidy/source.rs"]
mod source;

const LINES_MAX: usize = 450;

/// Files that may be longer than [`LINES_MAX`], how long, and why.
const LONG: &[(&str, usize, &str)] = &[
    (
        "src/decide/apply.rs",
        480,
        "one arm an entry: the fold is read as a whole",
    ),
    (
        "src/decide/tests.rs",
        1000,
        "scripts and what must come of them, as a table of texts",
    ),
];

#[test]
fn what_is_to_be_absent_is_absent() {
    let sources = Source::shipped();
    none(ABSENT.iter().flat_map(|rule| present(rule, &sources)));
}

#[test]
fn the_decision_knows_events_and_times_only() {
    let mut decide = Source::shipped();
    decide.retain(|source| source.top() == "decide");
    assert!(decide.len() > 5, "src/decide has moved: tell this test");
    none(
        present(&NOT_IN_DECIDE, &decide)
            .into_iter()
            .chain(strangers(&decide, DECIDE_NAMES)),
    );
}

#[test]
fn arrows_point_downward_only() {
    none(upward(
        &layers(&read("ARCHITECTURE.md")),
        &Source::shipped(),
    ));
}

#[test]
fn every_module_is_on_the_map() {
    none(unmapped(&read("ARCHITECTURE.md"), &Source::shipped()));
}

#[test]
fn a_file_fits_into_a_head() {
    let sources: Vec<Source> = ["src", "tests"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"))
        .map(|path| Source::new(&path, &read(&path)))
        .collect();
    none(too_long(LONG, &sources));
}

#[test]
fn a_file_begins_with_what_it_is_about() {
    none(headless(&Source::shipped()));
}

#[test]
fn a_module_of_tests_is_only_built_for_tests() {
    none(shipped_tests(&Source::shipped()));
}

#[test]
fn every_dependency_is_used() {
    let sources = Source::shipped();
    none(unused(&read("Cargo.toml"), &sources));
}

#[test]
fn every_rule_of_a_pack_has_a_sample() {
    let packs = files("patterns", "yaml");
    assert!(packs.len() >= 5, "patterns/ has moved: tell this test");
    none(packs.iter().flat_map(|path| unproven(path, &read(path))));
}

#[test]
fn every_scenario_has_logs_a_must_list_and_goldens() {
    none(incomplete_scenarios());
}

#[test]
fn every_fault_has_its_row_and_every_test_it_names_is_there() {
    let sources: Vec<Source> = ["src", "tests"]
        .into_iter()
        .flat_map(|folder| files(folder, "rs"))
        .map(|path| Source::new(&path, &read(&path)))
        .collect();
    let is_folder = |path: &str| root().join(path).is_dir();
    none(faults::unheld(&read("docs/faults.md"), &sources, is_folder));
}

fn none(wrong: impl IntoIterator<Item = String>) {
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

/// The numbered lines of the block behind `## Layers`: the number of each module's layer.
fn layers(map: &str) -> BTreeMap<String, usize> {
    let block = map
        .split_once("## Layers")
        .and_then(|(_, behind)| behind.split("```").nth(1))
        .expect("ARCHITECTURE.md has a block behind `## Layers`");
    let mut layers = BTreeMap::new();
    for line in block.lines() {
        let mut words = line.split_whitespace();
        if let Some(layer) = words.next().and_then(|number| number.parse().ok()) {
            layers.extend(words.map(|module| (module.to_owned(), layer)));
        }
    }
    layers
}

/// Names of modules of the same layer or of a higher one, and of modules without a layer.
fn upward(layers: &BTreeMap<String, usize>, sources: &[Source]) -> Vec<String> {
    let layer = |module: &str| match module {
        "lib" | "main" => Some(&usize::MAX),
        module => layers.get(module),
    };
    let mut wrong = Vec::new();
    for source in sources {
        let from = source.top();
        let Some(above) = layer(from) else {
            let todo = "give it a layer in ARCHITECTURE.md, as low as what it names allows";
            wrong.push(format!("{}:1: `{from}` has no layer: {todo}", source.path));
            continue;
        };
        for (to, place) in source.arrows() {
            if to != from && layers.get(&to).is_some_and(|below| below >= above) {
                wrong.push(format!(
                    "{place}: `{from}` (layer {above}) names `{to}` (layer {}): move what both need into a lower module, \
                     or hand it in as an argument",
                    layers[&to]
                ));
            }
        }
    }
    wrong
}

/// The code map has a line `- **name**` for each module of the root, and no other.
fn unmapped(map: &str, sources: &[Source]) -> Vec<String> {
    let lines = map.lines().filter_map(|line| line.strip_prefix("- **`"));
    let mapped: Vec<&str> = lines
        .filter_map(|line| line.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    let there: Vec<&str> = sources
        .iter()
        .map(Source::top)
        .filter(|top| !matches!(*top, "lib" | "main"))
        .collect();
    let layers = layers(map);
    let mut wrong = Vec::new();
    for module in &there {
        if !mapped.contains(module) {
            wrong.push(format!(
                "src/{module}.rs:1: say in a sentence of ARCHITECTURE.md what `{module}` is for"
            ));
        }
    }
    for module in mapped.into_iter().chain(layers.keys().map(String::as_str)) {
        if !there.contains(&module) {
            wrong.push(format!(
                "ARCHITECTURE.md: there is no module `{module}` any more: take it off the map"
            ));
        }
    }
    wrong.dedup();
    wrong
}

fn too_long(long: &[(&str, usize, &str)], sources: &[Source]) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources {
        let lines = source.text.lines().count();
        let listed = long.iter().find(|(path, ..)| *path == source.path);
        let most = listed.map_or(LINES_MAX, |(_, most, _)| *most);
        if lines > most {
            wrong.push(format!(
                "{}:{most}: {lines} lines, {most} at most: split it by idea",
                source.path
            ));
        } else if listed.is_some() && lines <= LINES_MAX - LINES_MAX / 10 {
            wrong.push(format!(
                "{}:1: short again: take it off the list of long files",
                source.path
            ));
        }
    }
    for (path, ..) in long
        .iter()
        .filter(|(path, ..)| sources.iter().all(|source| source.path != *path))
    {
        wrong.push(format!(
            "{path}: is not there: take it off the list of long files"
        ));
    }
    wrong
}

fn headless(sources: &[Source]) -> Vec<String> {
    const VAGUE: [&str; 8] = [
        "mod", "utils", "util", "helpers", "manager", "misc", "common", "types",
    ];
    let mut wrong = Vec::new();
    for source in sources {
        if !source.text.starts_with("//!") && source.top() != "main" {
            wrong.push(format!(
                "{}:1: say in a `//!` line what this file is about",
                source.path
            ));
        }
        if let Some(name) = source
            .module()
            .into_iter()
            .find(|name| VAGUE.contains(name))
        {
            wrong.push(format!(
                "{}:1: `{name}` says nothing: name the idea",
                source.path
            ));
        }
    }
    wrong
}

/// `mod tests;` without `#[cfg(test)]`, which the scanner would pass over.
fn shipped_tests(sources: &[Source]) -> Vec<String> {
    let places = sources.iter().flat_map(|source| source.places("mod tests"));
    places
        .map(|place| format!("{place}: put `#[cfg(test)]` above it"))
        .collect()
}

fn unused(manifest: &str, sources: &[Source]) -> Vec<String> {
    let lines = manifest
        .lines()
        .skip_while(|line| *line != "[dependencies]")
        .skip(1);
    lines
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once(" ="))
        .map(|(name, _)| name.trim())
        .filter(|name| !name.starts_with('#'))
        .filter(|name| {
            let used = name.replace('-', "_");
            sources.iter().all(|source| source.places(&used).is_empty())
        })
        .map(|name| format!("Cargo.toml: nothing in src names `{name}`: take it out"))
        .collect()
}

/// Ids and names of rules that no sample of the pack shows, and packs that show only what is an event.
fn unproven(path: &str, pack: &str) -> Vec<String> {
    let (rules, samples) = pack.split_once("\nsamples:").unwrap_or((pack, ""));
    let rules = rules.split_once("\nrules:").map_or("", |(_, rules)| rules);
    let values = |text: &str, key: &str| -> Vec<String> {
        text.match_indices(key)
            .filter(|(at, _)| text[..*at].ends_with([' ', '{']))
            .map(|(at, _)| {
                text[at + key.len()..]
                    .split([',', '}', '\n'])
                    .next()
                    .unwrap()
                    .trim()
                    .to_owned()
            })
            .collect()
    };
    let shown = values(samples, "id: ");
    let mut wrong: Vec<String> = values(rules, "id: ")
        .into_iter()
        .chain(values(rules, "name: "))
        .filter(|id| !shown.contains(id))
        .map(|id| format!("{path}: no sample shows `{id}`: add a line and the event that it is"))
        .collect();
    if !samples.contains("nothing: true") {
        wrong.push(format!(
            "{path}: no sample is `nothing`: add a line that looks like an event and is none"
        ));
    }
    wrong
}

fn incomplete_scenarios() -> Vec<String> {
    const NEEDED: [&str; 4] = [
        "tailswitch.yaml",
        "about.md",
        "expected/summary.txt",
        "expected/result.json",
    ];
    let mut wrong = Vec::new();
    let folder = root().join("fixtures/scenarios");
    for entry in folder
        .read_dir()
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().is_dir())
    {
        let path = entry.path();
        let name = entry.file_name().into_string().unwrap();
        let missing = NEEDED.iter().filter(|file| !path.join(file).is_file());
        wrong.extend(missing.map(|file| format!("fixtures/scenarios/{name}: has no {file}")));
        if !path.join("logs").is_dir() {
            wrong.push(format!("fixtures/scenarios/{name}: has no logs"));
        }
        let about = std::fs::read_to_string(path.join("about.md")).unwrap_or_default();
        if !about.contains("\n## Must\n") || !about.contains("\n- incidents: ") {
            wrong.push(format!(
                "fixtures/scenarios/{name}/about.md: say under `## Must` what must come out"
            ));
        }
    }
    wrong
}
