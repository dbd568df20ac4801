//! The command line as a whole: help, exit codes, completions, manual pages.

use std::process::{Command, Output};

use tempfile::TempDir;

const COMMANDS: [&str; 7] = [
    "replay",
    "events",
    "test",
    "check",
    "demo",
    "completions",
    "man",
];

fn tailswitch(arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    Command::new(assert_cmd::cargo::cargo_bin!("tailswitch"))
        .current_dir(folder.path())
        .env_remove("TAILSWITCH_CONFIG")
        .args(arguments)
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
