//! `demo` as a newcomer meets it: one command in an empty folder, and files that the other commands work on.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

fn demo(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("tailswitch"))
        .current_dir(folder)
        .env_remove("TAILSWITCH_CONFIG")
        .arg("demo")
        .args(arguments)
        .output()
        .unwrap()
}

#[test]
fn it_tells_one_incident_on_one_screen() {
    let folder = TempDir::new().unwrap();
    let output = demo(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.lines().count() <= 30, "{told}");
    assert!(
        told.lines().all(|line| line.chars().count() <= 120),
        "{told}"
    );
    assert_eq!(told.matches("move to vmhost2, once").count(), 1, "{told}");
    for part in [
        "20 events in 1.046s, in 4 logs",
        "disable the VIP    vmhost1         owed",
        "would have run 8 scripts in no order; this is 3, each once",
        "drawn     tailswitch-demo/timeline.html",
        "tailswitch -c tailswitch-demo/tailswitch.yaml replay",
    ] {
        assert!(told.contains(part), "{part}\n{told}");
    }
}

#[test]
fn a_second_run_leaves_what_was_changed_alone_and_says_so() {
    let folder = TempDir::new().unwrap();
    let configuration = folder.path().join("tailswitch-demo/tailswitch.yaml");
    demo(folder.path(), &[]);
    let written = fs::read_to_string(&configuration).unwrap();
    let told = String::from_utf8(demo(folder.path(), &[]).stdout).unwrap();
    assert!(!told.contains("kept"), "{told}");
    let changed = format!("{written}# mine\n");
    fs::write(&configuration, &changed).unwrap();
    let told = String::from_utf8(demo(folder.path(), &[]).stdout).unwrap();
    assert!(
        told.contains("kept      tailswitch-demo/tailswitch.yaml, as you changed it"),
        "{told}"
    );
    assert_eq!(fs::read_to_string(&configuration).unwrap(), changed);
}

#[test]
fn the_timeline_goes_where_it_is_asked_to() {
    let folder = TempDir::new().unwrap();
    let output = demo(folder.path(), &["--timeline", "pages/night.html"]);
    assert_eq!(output.status.code(), Some(0));
    let page = fs::read_to_string(folder.path().join("pages/night.html")).unwrap();
    assert!(page.contains("One incident, one reaction set"));
    assert!(!folder.path().join("tailswitch-demo/timeline.html").exists());
}

#[cfg(unix)]
#[test]
fn the_secret_is_written_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    demo(folder.path(), &[]);
    let secret = folder.path().join("tailswitch-demo/mlcmd.pw");
    let mode = fs::metadata(secret).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn where_nothing_can_be_written_it_fails_and_names_the_file() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("tailswitch-demo"), "in the way").unwrap();
    let output = demo(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(
        message.contains("cannot write tailswitch-demo/"),
        "{message}"
    );
}
