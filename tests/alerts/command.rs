use assert_cmd::Command;

use super::receiver::config;

/// A sink for each outcome: a file, a command that works, one that does not, and a webhook that nobody answers.
fn tried(more: &[&str]) -> (Option<i32>, String, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let sinks = "  - { file: alerts.jsonl, on: [event] }
  - { name: noc, command: [sh, -c, 'printf %s \"$1\" > told', sh, '{title}'] }
  - { command: [sh, -c, 'echo geheim-4711 >&2; exit 3', sh, '{secret:token}'] }
  - { webhook: 'http://127.0.0.1:1/{secret:token}', severity: critical }
";
    config(folder.path(), sinks);
    let output = Command::cargo_bin("tailswitch")
        .unwrap()
        .args(["alert", "test"])
        .args(more)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(!text.contains("geheim"), "{text}");
    (output.status.code(), text, folder)
}

#[test]
fn alert_test_says_of_each_sink_what_became_of_it() {
    let (code, text, folder) = tried(&[]);
    assert_eq!(code, Some(1), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..2],
        ["1 (file): delivered", "noc: delivered"],
        "{text}"
    );
    assert!(
        lines[2].starts_with("3 (command): NOT delivered: "),
        "{text}"
    );
    assert!(
        lines[3].starts_with("4 (webhook): NOT delivered: "),
        "{text}"
    );
    let told = std::fs::read_to_string(folder.path().join("told")).unwrap();
    assert_eq!(
        told,
        "TEST of tailswitch's alerts: nothing has happened, and nothing is to be done"
    );
    let told = std::fs::read_to_string(folder.path().join("alerts.jsonl")).unwrap();
    assert!(told.contains("\"key\":\"daemon:alert-test\""), "{told}");
    // No state folder was made, and nothing waits to be told later.
    assert!(!folder.path().join("state").exists());
}

#[test]
fn alert_test_tries_only_what_is_named() {
    for (named, code, lines) in [
        (&["noc"][..], 0, "noc: delivered\n"),
        (&["1", "noc"], 0, "1 (file): delivered\nnoc: delivered\n"),
        (&["file", "1"], 0, "1 (file): delivered\n"),
        (
            &["--format", "json", "noc"],
            0,
            "{\"type\":\"alert-test\",\"sink\":\"noc\",\"kind\":\"command\",\"delivered\":true,\"error\":null}\n",
        ),
        (
            &["nock"],
            2,
            "error: no sink is called `nock` (did you mean `noc`?); there are 4 sinks\n",
        ),
    ] {
        let (status, text, _folder) = tried(named);
        assert_eq!((status, &*text), (Some(code), lines), "{named:?}");
    }
}
