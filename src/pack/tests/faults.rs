//! What is wrong with a user's pack is told at its line and column.

use super::*;

fn faults(text: &str) -> Vec<String> {
    match Packs::builtin().with(&[("p.yaml".into(), text.to_owned())]) {
        Ok(_) => Vec::new(),
        Err(faults) => told(&faults),
    }
}

#[test]
fn all_faults_of_a_pack_are_told_at_once() {
    let text = r"
pack: mine
reads: line
facility: 4
by_scs: perhaps
words:
  prefixes: ['__']
  status: { runing: [up] }
shapes:
  odd: '(?<level>Std) x'
joins:
  - { waits: 'M (?<id>[0-9]+)', names: ['A (?<dbid>\d+)'], within: 0 }
rules:
  - { id: 456, kind: noted }
  - { id: 04563, kind: became-primry }
  - { id: 04563, kind: noted }
  - { id: 04563, line: 'abc', kind: noted }
  - { line: 'abc', kind: noted }
  - { name: N, line: 'a(b', kind: noted }
  - { name: N, line: '.*', kind: noted }
  - { name: N, line: '.+', kind: noted }
  - { name: N, line: 'a(?<aplication>b)', kind: noted }
  - { name: N, line: 'abc', when: [{ mode: primary, kind: noted }] }
  - { name: N, line: 'a(?<mode>b)', when: [{ mode: prime, kind: noted }, { kind: noted }] }
  - { name: N, lin: 'abc', kind: noted }
  - { name: N, line: 'abc' }
samples:
  - { line: 'x' }
  - { line: 'x', nothing: true, event: { id: 1, kind: noted } }
sampels: []
";
    let expected = [
        "p.yaml:3:8: error: reads: found `line`, expected records, lines (did you mean `lines`?)",
        "p.yaml:4:11: error: facility: found `4`, expected a facility, two digits",
        "p.yaml:5:9: error: by_scs: found `perhaps`, expected true or false",
        "p.yaml:7:14: error: words.prefixes.0: found `__`, expected a letter or a digit in it",
        "p.yaml:8:13: error: words.status.runing: unknown key (did you mean `running`?)",
        "p.yaml:10:8: error: shapes.odd: this pattern needs a group `id` ((?<id>[0-9A-Z-]+))",
        "p.yaml:12:68: error: joins.0.within: found `0`, expected a whole number from 1 to 1000",
        "p.yaml:14:11: error: rules.0.id: found `456`, expected an event id (as in 04563 or 43-10327)",
        "p.yaml:15:24: error: rules.1.kind: found `became-primry`, expected",
        "p.yaml:16:11: error: rules.2.id: a rule above takes every record with the id 04563",
        "p.yaml:17:5: error: rules.3: a rule needs either an `id` or a `line`",
        "p.yaml:18:5: error: rules.4: `name` is missing",
        "p.yaml:19:22: error: rules.5.line: not a regular expression: unclosed group, at its character 2",
        "p.yaml:20:22: error: rules.6.line: this pattern matches the empty text, and so every line",
        "p.yaml:21:22: error: rules.7.line: this pattern matches any line",
        "p.yaml:22:22: error: rules.8.line: unknown group `aplication` (did you mean `application`?)",
        "p.yaml:23:44: error: rules.9.when.0.mode: no pattern of this rule has a group `mode`",
        "p.yaml:24:52: error: rules.10.when.0.mode: found `prime`, expected",
        "p.yaml:24:74: error: rules.10.when.1: this always holds (write it as the rule's `kind`)",
        "p.yaml:25:5: error: rules.11: a rule needs either an `id` or a `line`",
        "p.yaml:25:16: error: rules.11.lin: unknown key (did you mean `line`?)",
        "p.yaml:26:5: error: rules.12: `kind` is missing",
        "p.yaml:28:5: error: samples.0: a sample is either an `event`, or `nothing: true`",
        "p.yaml:29:5: error: samples.1: a sample is either an `event`, or `nothing: true`",
        "p.yaml:30:1: error: sampels: unknown key (did you mean `samples`?)",
    ];
    let found = faults(text);
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.starts_with(expected), "{found}\nis not\n{expected}");
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn a_file_that_is_no_pack_is_one_fault() {
    for (text, place) in [
        ("", "p.yaml:1:1"),
        ("[]", "p.yaml:1:1"),
        ("about: nobody's", "p.yaml:1:1"),
        ("pack: mine\n  rules: {", "p.yaml:2:"),
        ("pack: ' '", "p.yaml:1:7"),
    ] {
        let faults = faults(text);
        assert_eq!(faults.len(), 1, "{text}: {faults:?}");
        assert!(faults[0].starts_with(place), "{text}: {faults:?}");
    }
}

#[test]
fn faults_of_several_files_are_told_together() {
    let files = [
        (
            "a.yaml".into(),
            "pack: a\nrules: [{ id: x, kind: noted }]\n".to_owned(),
        ),
        (
            "b.yaml".into(),
            "pack: b\nrules: [{ id: 1234, kind: x }]\n".to_owned(),
        ),
        ("c.yaml".into(), "pack: b\n".to_owned()),
    ];
    let faults = told(&Packs::builtin().with(&files).unwrap_err());
    assert_eq!(faults.len(), 3);
    assert!(
        faults[0].starts_with("a.yaml:2:15: error: rules.0.id:"),
        "{faults:?}"
    );
    assert!(
        faults[1].starts_with("b.yaml:2:27: error: rules.0.kind:"),
        "{faults:?}"
    );
    assert_eq!(
        faults[2],
        "c.yaml:1:7: error: pack: `b` is also the pack of b.yaml"
    );
}

#[test]
fn a_sample_that_is_read_otherwise_is_a_fault_at_its_place() {
    let packs = with(
        "pack: mine
rules: [{ id: 21234, kind: noted }]
samples:
  - { line: 'Std 21234 x', event: { id: 21234, kind: noted } }
  - { line: 'Std 21234 x', nothing: true }
  - { line: 'Std 21234 x', event: { id: 21234, kind: noted, text: y } }
  - { line: 'Std 21234 x', event: { id: 21234, kind: noted, application: RM } }
  - { line: ['Std 21234 x', 'Std 21234 y'], event: { id: 21234, kind: noted } }
",
    );
    let noted = "id `21234`, kind `noted`";
    assert_eq!(
        told(&packs.check_samples()),
        [
            format!(
                "mine.yaml:5:5: error: samples.1: found {noted}, level `Std`, text `x`, expected nothing"
            ),
            format!(
                "mine.yaml:6:5: error: samples.2: found {noted}, text `x`, expected {noted}, text `y`"
            ),
            format!(
                "mine.yaml:7:5: error: samples.3: found {noted}, expected id `21234`, kind `noted`, application `RM`"
            ),
            format!(
                "mine.yaml:8:5: error: samples.4: found {noted}; {noted}, level `Std`, text `y`, expected {noted}"
            ),
        ]
    );
}

#[test]
fn rules_by_id_without_any_shape_are_a_fault() {
    let files = [
        (
            "a.yaml".into(),
            "pack: genesys-lms\nrules: [{ id: 4563, kind: noted }]\n".to_owned(),
        ),
        ("b.yaml".into(), "pack: gvp\n".to_owned()),
    ];
    let faults = told(&Packs::builtin().with(&files).unwrap_err());
    assert!(
        faults
            .iter()
            .any(|fault| fault.starts_with("a.yaml:1:7: error: shapes: no pack has a shape")),
        "{faults:?}"
    );
}
