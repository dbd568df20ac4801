//! The text, read back by a reader of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::event::EventKind;
use crate::operate::tests::Bench;
use crate::snapshot::{SourceState, SourceView};

/// (name with labels, value), with the rules of the format held against it.
fn read(text: &str) -> BTreeMap<String, f64> {
    let (mut samples, mut families) = (BTreeMap::new(), BTreeSet::new());
    let mut family = String::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let words: Vec<&str> = rest.splitn(3, ' ').collect();
            assert!(matches!(words[0], "HELP" | "TYPE"), "{line}");
            if words[0] == "HELP" {
                family = words[1].to_owned();
                assert!(families.insert(family.clone()), "twice: {line}");
            } else {
                assert!(
                    matches!(words[2], "counter" | "gauge" | "histogram"),
                    "{line}"
                );
                assert_eq!(words[2] == "counter", family.ends_with("_total"), "{line}");
            }
            continue;
        }
        let (name, value) = line.rsplit_once(' ').expect("a value");
        assert!(name.starts_with(&family), "{line} is not of {family}");
        let value = value.parse().expect("a number");
        assert!(
            samples.insert(name.to_owned(), value).is_none(),
            "twice: {line}"
        );
    }
    samples
}

#[test]
fn what_is_believed_and_counted_is_told_once_and_in_order() {
    let mut bench = Bench::new();
    bench.hear(1_000, "VM_SIPServer_2", EventKind::BecamePrimary);
    bench.hear(1_002, "VM_Server_2", EventKind::BecamePrimary);
    let samples = read(&text(&bench.view()));
    for (name, value) in [
        ("tailswitch_build_info{version=\"0.1.0\"}", 1.0),
        ("tailswitch_armed", 0.0),
        ("tailswitch_ready", 1.0),
        (
            "tailswitch_events_total{id=\"04563\",kind=\"became-primary\"}",
            4.0,
        ),
        (
            "tailswitch_decisions_total{verdict=\"echo\",reason=\"confirms-step\"}",
            2.0,
        ),
        (
            "tailswitch_pair_outlook{solution=\"east\",outlook=\"just-moved\"}",
            1.0,
        ),
        ("tailswitch_pair_active{solution=\"east\"}", 0.0),
        ("tailswitch_open_incidents{state=\"open\"}", 1.0),
        (
            "tailswitch_open_steps{action=\"vip-enable\",state=\"would-run\"}",
            1.0,
        ),
        ("tailswitch_decision_delay_seconds_bucket{le=\"+Inf\"}", 2.0),
        ("tailswitch_reaction_seconds_count", 1.0),
    ] {
        assert_eq!(samples.get(name), Some(&value), "{name} in {samples:#?}");
    }
}

/// The metrics' names in a text, without the endings of a histogram's series.
fn named(text: &str) -> BTreeSet<String> {
    let is_part = |each: char| each.is_ascii_lowercase() || each == '_';
    let places = text.match_indices("tailswitch_").map(|(at, _)| &text[at..]);
    let names = places.map(|rest| {
        let end = rest.find(|each| !is_part(each)).unwrap_or(rest.len());
        let name = &rest[..end];
        let ends = ["_bucket", "_sum", "_count"];
        let series = ends.iter().find_map(|end| name.strip_suffix(end));
        series.unwrap_or(name).to_owned()
    });
    names.collect()
}

#[test]
fn the_dashboard_the_rules_and_the_page_of_metrics_name_what_there_is() {
    let told = text(&Bench::new().view());
    let help = told.lines().filter_map(|line| line.strip_prefix("# HELP "));
    let there: BTreeSet<String> = help.clone().flat_map(named).collect();
    for (place, text) in [
        (
            "dashboard",
            include_str!("../../../packaging/grafana/tailswitch.json"),
        ),
        (
            "rules",
            include_str!("../../../packaging/prometheus/tailswitch.rules.yaml"),
        ),
    ] {
        let unknown: Vec<_> = named(text).difference(&there).cloned().collect();
        assert_eq!(unknown, Vec::<String>::new(), "{place}");
    }
    let page = include_str!("../../../docs/metrics.md");
    for line in help {
        let (name, meaning) = line.split_once(' ').unwrap();
        let row = page
            .lines()
            .find(|row| row.starts_with(&format!("| `{name}` |")));
        assert!(
            row.is_some_and(|row| row.contains(meaning)),
            "{name}: {meaning}"
        );
    }
    let unknown: Vec<_> = named(page).difference(&there).cloned().collect();
    assert_eq!(unknown, Vec::<String>::new());
}

#[test]
fn a_hostile_name_of_a_log_stays_one_label() {
    let mut view = Bench::new().view();
    view.snapshot.sources = vec![SourceView {
        file: "a\"} 1\nb\\".into(),
        state: SourceState::Fresh,
        application: None,
        host: None,
        offset: 0,
        grown: None,
        lag: Some(Duration::from_millis(1_500)),
        detail: None,
    }];
    let text = text(&view);
    let line = "tailswitch_source_lag_seconds{file=\"a\\\"} 1\\\\nb\\\\\"} 1.5\n";
    assert!(text.contains(line), "{text}");
    read(&text);
}
