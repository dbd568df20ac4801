//! The command line as a whole: help, exit codes, completions, manual pages.

use std::process::{Command, Output};

use tempfile::TempDir;

const COMMANDS: [&str; 18] = [
    "run",
    "replay",
    "events",
    "test",
    "check",
    "demo",
    "status",
    "incidents",
    "why",
    "owed",
    "pause",
    "resume",
    "ack",
    "force",
    "settle",
    "schema",
    "completions",
    "man",
];

#[test]
fn the_help_offers_every_command_and_each_has_its_own() {
    let help = stdout(&tailswitch(&["--help"]));
    for name in COMMANDS {
        let is_offered = |line: &str| line.trim_start().starts_with(&format!("{name} "));
        assert!(help.lines().any(is_offered), "{name}: {help}");
        assert_eq!(
            tailswitch(&[name, "--help"]).status.code(),
            Some(0),
            "{name}"
        );
    }
}

fn tailswitch(arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    Command::new(assert_cmd::cargo::cargo_bin!("tailswitch"))
        .current_dir(folder.path())
        .env_remove("TAILSWITCH_CONFIG")
        .args(arguments)
        .output()
        .unwrap()
}

/// `check` of one configuration in a folder of its own.
fn check(text: &str, options: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("tailswitch.yaml"), text).unwrap();
    Command::new(assert_cmd::cargo::cargo_bin!("tailswitch"))
        .current_dir(folder.path())
        .env_remove("TAILSWITCH_CONFIG")
        .arg("check")
        .args(options)
        .output()
        .unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn every_command_has_help_with_the_exit_codes() {
    for each in COMMANDS {
        let output = tailswitch(&[each, "--help"]);
        assert_eq!(output.status.code(), Some(0), "{each}");
        let help = stdout(&output);
        for code in [
            " 0  ", " 1  ", " 2  ", " 3  ", "65  ", "69  ", "75  ", "78  ",
        ] {
            assert!(help.contains(code), "{each} says nothing of {code}");
        }
    }
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    for arguments in [
        &[][..],
        &["evnts"],
        &["events"],
        &["events", "a.log", "--format", "xml"],
        &["events", "a.log", "--id", "45x"],
        &["events", "a.log", "--threads", "0"],
        &["replay", "a.log", "--from", "yesterday"],
        &["replay", "a.log", "--shift", "vmhost2"],
        &["replay", "a.log", "--fail", "vip-enable=error"],
        &["replay", "a.log", "--effects", "none"],
    ] {
        assert_eq!(
            tailswitch(arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_replay_without_a_configuration_says_where_it_looked() {
    let output = tailswitch(&["replay", "a.log"]);
    assert_eq!(output.status.code(), Some(78));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("./tailswitch.yaml"), "{message}");
    assert!(message.contains("--config"), "{message}");
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = stdout(&tailswitch(&["completions", shell]));
        for each in COMMANDS {
            assert!(script.contains(each), "{shell}: {each}");
        }
    }
}

#[test]
fn each_command_has_a_manual_page_with_the_exit_codes() {
    let folder = TempDir::new().unwrap();
    let output = tailswitch(&["man", "--out", folder.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0));
    for each in COMMANDS {
        let page =
            std::fs::read_to_string(folder.path().join(format!("tailswitch-{each}.1"))).unwrap();
        assert!(page.contains("Exit codes"), "{each}");
    }
    assert!(stdout(&tailswitch(&["man"])).contains("tailswitch\\-events"));
}

const PAIR: &str = "\
solutions:
  east:
    hosts:
      vmhost1: { address: 10.0.0.11 }
      vmhost2: { address: 10.0.0.12 }
    vip: 10.0.0.10
    applications:
      VM_SIPServer_1: { dbid: 151, component: vm-sip-server, host: vmhost1 }
      VM_SIPServer_2: { dbid: 152, component: vm-sip-server, host: vmhost2 }
      VM_Server_1: { dbid: 153, component: vm-server, host: vmhost1 }
      VM_Server_2: { dbid: 154, component: vm-server, host: vmhost2 }
";

#[test]
fn a_configuration_without_faults_passes() {
    let output = check(PAIR, &["--strict"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert_eq!(stdout(&output), "1 file checked: no errors, no warnings\n");
}

#[test]
fn a_warning_counts_only_where_it_is_asked_for() {
    let warned = format!("{PAIR}sources:\n  - {{ path: \"none/*.log\" }}\n");
    assert_eq!(check(&warned, &[]).status.code(), Some(0));
    let strict = check(&warned, &["--strict"]);
    assert_eq!(strict.status.code(), Some(3));
    assert!(
        stdout(&strict).contains("tailswitch.yaml:13:"),
        "{}",
        stdout(&strict)
    );
}

#[test]
fn all_faults_are_told_at_once_as_text_or_json() {
    let wrong = PAIR
        .replace("vip:", "vipp:")
        .replace("dbid: 154", "dbid: 153");
    let text = check(&wrong, &[]);
    assert_eq!(text.status.code(), Some(78));
    let faults = stdout(&text);
    for start in ["tailswitch.yaml:6:5: error: ", "tailswitch.yaml:11:"] {
        assert!(faults.contains(start), "{faults}");
    }
    let json = check(&wrong, &["--format", "json"]);
    assert_eq!(json.status.code(), Some(78));
    let lines = stdout(&json);
    let objects: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (summary, faults) = objects.split_last().unwrap();
    assert!(
        faults
            .iter()
            .all(|each| each["type"] == "diagnostic" && each["column"].is_u64())
    );
    assert!(
        faults
            .iter()
            .any(|each| each["line"] == 6 && each["column"] == 5)
    );
    assert_eq!(summary["type"], "summary");
    assert_eq!(summary["errors"], 2);
}

#[test]
fn a_missing_configuration_exits_with_78() {
    assert_eq!(tailswitch(&["check"]).status.code(), Some(78));
    assert_eq!(tailswitch(&["check", "gone.yaml"]).status.code(), Some(78));
}
