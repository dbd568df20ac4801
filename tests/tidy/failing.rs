//! Every rule is shown what it is against, and what it is not against.

use super::*;

fn one(path: &str, text: &str) -> Vec<Source> {
    vec![Source::new(path, text)]
}

#[test]
fn a_forbidden_name_is_told_at_its_line() {
    for (code, line) in [
        ("//! A.\nfn f() { std::time::Instant::now(); }", 2),
        ("use std::fs::File;", 1),
        ("\n\nfn f(p: &Path) -> bool { p.exists() }", 3),
        ("use std::net::{TcpStream};", 1),
        ("std::process::Command::new(\"x\")", 1),
        ("println!(\"x\")", 1),
        ("use serde_yaml::Error;", 1),
        ("let x = y\n    .unwrap();", 2),
        ("impl fmt::Display for Secret {}", 1),
        ("secret.reveal()", 1),
    ] {
        let sources = one("src/a.rs", code);
        let wrong: Vec<String> = ABSENT
            .iter()
            .flat_map(|rule| present(rule, &sources))
            .collect();
        let place = format!("src/a.rs:{line}: ");
        assert!(
            wrong.iter().any(|each| each.starts_with(&place)),
            "{code}: {wrong:?}"
        );
    }
}

#[test]
fn a_name_is_allowed_where_it_belongs_and_wherever_it_is_no_code() {
    for (path, code) in [
        ("src/capture/read.rs", "use std::fs::File;"),
        ("src/yaml/parse.rs", "use serde_yaml::Error;"),
        (
            "src/a.rs",
            "// Instant::now() is not called\nlet x = \"println!\";",
        ),
        (
            "src/a.rs",
            "#[cfg(test)]\nmod tests { fn f() { x.unwrap() } }",
        ),
        (
            "src/a.rs",
            "#[expect(clippy::x)]\nx.unwrap_or(1).expected(2); debug_assert!(y)",
        ),
    ] {
        let sources = one(path, code);
        let wrong: Vec<String> = ABSENT
            .iter()
            .flat_map(|rule| present(rule, &sources))
            .collect();
        assert_eq!(wrong, [""; 0], "{code}");
    }
}

#[test]
fn a_decision_that_sees_bytes_or_hash_order_is_told() {
    for code in ["fn f(b: &[u8])", "use std::collections::HashMap;", "x: f64"] {
        assert_eq!(
            present(&NOT_IN_DECIDE, &one("src/decide/a.rs", code)).len(),
            1,
            "{code}"
        );
    }
    let named = strangers(
        &one(
            "src/decide/a.rs",
            "use crate::time::Time;\nuse crate::scan::Found;",
        ),
        DECIDE_NAMES,
    );
    assert_eq!(named.len(), 1);
    assert!(
        named[0].starts_with("src/decide/a.rs:2: names `scan`"),
        "{named:?}"
    );
}

const MAP: &str = "- **`low`**: x\n- **`high`**: y\n## Layers\n```text\n2 high\n1 low peer\n```\n";

#[test]
fn an_arrow_upward_or_aside_is_told_and_one_downward_is_not() {
    let layers = layers(MAP);
    for (path, code, told) in [
        ("src/low.rs", "use crate::high::A;", true),
        ("src/low/inner.rs", "super::super::high::a()", true),
        ("src/low.rs", "use crate::{peer, low::X};", true),
        ("src/other.rs", "", true),
        ("src/high.rs", "use crate::low::A;", false),
        (
            "src/low/inner.rs",
            "use crate::low::A; use super::peer;",
            false,
        ),
        (
            "src/low.rs",
            "#[cfg(test)]\nmod tests { use crate::high::A; }",
            false,
        ),
        ("src/main.rs", "tailswitch::high::run()", false),
    ] {
        let wrong = upward(&layers, &one(path, code));
        assert_eq!(!wrong.is_empty(), told, "{path} {code}: {wrong:?}");
    }
}

#[test]
fn a_module_off_the_map_and_a_map_of_no_module_are_told() {
    let wrong = unmapped(
        MAP,
        &[Source::new("src/low.rs", ""), Source::new("src/new.rs", "")],
    );
    for expected in ["what `new` is for", "no module `high`", "no module `peer`"] {
        assert!(
            wrong.iter().any(|each| each.contains(expected)),
            "{expected}: {wrong:?}"
        );
    }
    assert!(
        !wrong.iter().any(|each| each.contains("`low`")),
        "{wrong:?}"
    );
}

#[test]
fn a_long_file_is_told_and_so_is_a_list_that_is_out_of_date() {
    let long = one("src/a.rs", &"x\n".repeat(LINES_MAX + 1));
    let short = one("src/a.rs", "x\n");
    assert_eq!(too_long(&[], &long).len(), 1);
    assert_eq!(too_long(&[("src/a.rs", 500, "")], &long).len(), 0);
    assert_eq!(too_long(&[("src/a.rs", 500, "")], &short).len(), 1);
    assert_eq!(too_long(&[("src/gone.rs", 500, "")], &short).len(), 1);
}

#[test]
fn a_file_without_a_head_or_with_an_empty_name_is_told() {
    assert_eq!(headless(&one("src/a.rs", "fn f() {}")).len(), 1);
    assert_eq!(headless(&one("src/a/utils.rs", "//! Things.")).len(), 1);
    assert_eq!(headless(&one("src/a/mod.rs", "//! Things.")).len(), 1);
    assert_eq!(headless(&one("src/a.rs", "//! One thing.")).len(), 0);
}

#[test]
fn tests_that_ship_are_told() {
    assert_eq!(shipped_tests(&one("src/a.rs", "mod tests;")).len(), 1);
    assert_eq!(
        shipped_tests(&one("src/a.rs", "#[cfg(test)]\nmod tests;")).len(),
        0
    );
}

#[test]
fn a_dependency_that_nothing_names_is_told() {
    let manifest = "[dependencies]\n# For a reason.\na-b = \"1\"\nc = \"1\"\n\n[dev-dependencies]\nd = \"1\"\n";
    let wrong = unused(manifest, &one("src/a.rs", "use a_b::X;"));
    assert_eq!(wrong, ["Cargo.toml: nothing in src names `c`: take it out"]);
}

#[test]
fn a_fault_without_a_row_and_a_test_that_is_gone_are_told() {
    let sources = [
        Source::new("src/a.rs", "#[cfg(test)]\nmod tests { fn inside() {} }"),
        Source::new("src/a/tests/b.rs", "fn below() {}"),
        Source::new("tests/c/d.rs", "fn outside() {}"),
    ];
    let is_folder = |path: &str| path == "fixtures/scenarios/here";
    let unheld = |held: &str| {
        let table = format!("| row | it | held by |\n|---|---|---|\n| T1 | x | {held} |\n");
        faults::unheld(&table, &sources, is_folder)
    };
    for (held, told) in [
        ("`a::tests::inside`", ""),
        ("`a::tests::b::below`, `tests/c/d::outside`", ""),
        ("`fixtures/scenarios/here`", ""),
        ("*Later*: the page", ""),
        ("`a::tests::gone`", "no `a::tests::gone`"),
        ("`a::tests::below`", "no `a::tests::below`"),
        ("`tests/c/d::inside`", "no `tests/c/d::inside`"),
        (
            "`fixtures/scenarios/there`",
            "no `fixtures/scenarios/there`",
        ),
        ("something", "row T1 says neither"),
    ] {
        let wrong = unheld(held);
        let (missing, rest): (Vec<_>, Vec<_>) = wrong
            .iter()
            .partition(|wrong| wrong.ends_with("is missing"));
        assert_eq!(missing.len(), 190, "{missing:?}");
        assert_eq!(
            rest.len(),
            usize::from(!told.is_empty()),
            "{held}: {rest:?}"
        );
        assert!(
            rest.iter().all(|wrong| wrong.contains(told)),
            "{held}: {rest:?}"
        );
    }
}

#[test]
fn a_rule_without_a_sample_is_told() {
    let pack = "pack: x\nrules:\n  - { id: 1, kind: a }\n  - { line: 'x', name: Two }\n\
                samples:\n  - { line: 'y', event: { id: 1 } }\n";
    let wrong = unproven("p.yaml", pack);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].contains("`Two`"), "{wrong:?}");
    assert!(wrong[1].contains("nothing"), "{wrong:?}");
}
