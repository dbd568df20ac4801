//! What people are told in `docs/` is what the program says: every word of it is explained, and none that it never says.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tailswitch::decide::Reason;
use tailswitch::fault::Code;
use tailswitch::tail::Condition;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What stands in backquotes in the first cell of each row below a heading that says so.
fn explained(page: &str, is_wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let (mut wanted, mut words) = (false, BTreeSet::new());
    for line in page.lines() {
        if line.starts_with("| ") && !line.contains('`') {
            wanted = line
                .split('|')
                .nth(1)
                .is_some_and(|head| is_wanted(head.trim()));
        } else if let (true, Some(first)) = (wanted, line.strip_prefix("| ")) {
            let first = first.split('|').next().unwrap();
            words.extend(first.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    words
}

fn words(all: impl IntoIterator<Item = &'static str>) -> BTreeSet<String> {
    all.into_iter().map(str::to_owned).collect()
}

#[test]
fn every_reason_is_explained_and_none_that_is_never_given() {
    let page = read("docs/reasons.md");
    let heads = ["reason", "the event", "because"];
    let told = explained(&page, |head| heads.contains(&head));
    assert_eq!(told, words(Reason::ALL.iter().map(|reason| reason.word())));
}

#[test]
fn every_diagnostic_is_explained_and_none_that_is_never_given() {
    let told = explained(&read("docs/diagnostics.md"), |head| head == "code");
    let told: BTreeSet<_> = told
        .into_iter()
        .filter(|word| word.parse::<u8>().is_err())
        .collect();
    assert_eq!(told, words(Code::ALL.iter().map(|code| code.word())));
}

#[test]
fn every_condition_of_a_log_is_in_the_runbook() {
    let told = explained(&read("docs/runbook.md"), |head| head == "condition");
    assert_eq!(told, words(Condition::ALL.iter().map(|it| it.word())));
}

/// Keys are made where the alert is; each begins with a literal.
#[test]
fn every_alert_is_in_the_runbook_and_none_that_is_never_sent() {
    let told = explained(&read("docs/runbook.md"), |head| head == "key");
    let sources = [
        "src/decide/alert.rs",
        "src/alerts/notice.rs",
        "src/alerts/machine.rs",
        "src/alerts/keep.rs",
        "src/alerts/trial.rs",
        "src/daemon.rs",
        "src/daemon/tell.rs",
        "src/daemon/watchdog.rs",
        "src/engine/turn.rs",
    ]
    .map(read)
    .concat();
    let daemon = literals(&sources, "of_daemon(").chain(literals(&sources, "of_daemon(&format!("));
    let of_pair = literals(&sources, "key(");
    let sent = daemon.map(|key| format!("daemon:{key}")).chain(of_pair);
    for key in sent {
        assert!(told.contains(&key), "docs/runbook.md: {key} is missing");
    }
    for key in told.iter().filter(|key| !key.contains("20261102")) {
        let literal = format!("\"{}", key.trim_start_matches("daemon:"));
        let whole = format!("\"{key}");
        let is_sent = sources.contains(&literal) || sources.contains(&whole);
        assert!(is_sent, "docs/runbook.md: {key} is never sent");
    }
}

/// The beginnings of the literals that stand behind `before`.
fn literals<'a>(source: &'a str, before: &'a str) -> impl Iterator<Item = String> + 'a {
    let behind = source.split(before).skip(1);
    let literals = behind.filter_map(|rest| rest.trim_start().strip_prefix('"'));
    literals.map(|rest| rest.split(['"', ':', '{']).next().unwrap().to_owned())
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let folder = root().join("docs");
    let mut pages: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "md"))
        .collect();
    pages.extend(
        ["README.md", "ARCHITECTURE.md", "patterns/README.md"].map(|page| root().join(page)),
    );
    let mut links = 0;
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        for target in text.split("](").skip(1) {
            let target = target.split([')', '#']).next().unwrap();
            if target.is_empty() || target.contains("://") {
                continue;
            }
            links += 1;
            let path = page.parent().unwrap().join(target);
            assert!(path.exists(), "{}: {target}", page.display());
        }
    }
    assert!(links > 20, "{links}");
}
