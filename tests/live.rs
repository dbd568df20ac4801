//! `demo --live` from outside: the real daemon carries one failure through, and the ledger says what it did.

#![cfg(unix)]

use std::process::{Command, Output, Stdio};

use tailswitch::standin::{Folder, Host, Tool};
use tempfile::TempDir;

fn live(arguments: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("tailswitch"))
        .args(["demo", "--live"])
        .args(arguments)
        .env_remove("TAILSWITCH_CONFIG")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The demo of one failure in a folder that is looked at afterwards.
fn failed(target: &str) -> (TempDir, Folder, String) {
    let temporary = TempDir::new().unwrap();
    let path = temporary.path().join("pair");
    let output = live(&["--fail", target, "--dir", path.to_str().unwrap()]);
    let told = String::from_utf8(output.stdout).unwrap();
    let wrong = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}\n{wrong}");
    (temporary, Folder::open(path), told)
}

#[test]
fn a_dead_host_is_one_incident_and_what_it_owes_is_paid_when_it_is_back() {
    let (_temporary, folder, told) = failed("host1");
    let ledger = folder.ledger().unwrap();
    let count =
        |tool: Tool, target: &str| ledger.iter().filter(|start| start.is(tool, target)).count();
    assert_eq!(count(Tool::VipUp, "vmhost2"), 1);
    assert_eq!(count(Tool::VipUp, "vmhost1"), 0);
    // Tried while it was down, done when it was back; announced after each.
    assert_eq!(count(Tool::VipDown, "vmhost1"), 2);
    assert_eq!(count(Tool::VipAnnounce, "vmhost2"), 2);
    let world = folder.world().unwrap();
    assert!(world.has_vip(Host::Two) && !world.has_vip(Host::One));
    for line in [
        "because of VM_SIPServer_2 04563",
        "vip-disable        vmhost1         owed",
        "right: one incident, each command once",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    assert!(
        told.lines().all(|line| line.chars().count() <= 120),
        "{told}"
    );
}

#[test]
fn a_resource_manager_that_dies_moves_the_pair_in_order() {
    let (_temporary, folder, _) = failed("RM_1");
    let ledger = folder.ledger().unwrap();
    let acts: Vec<_> = ledger.iter().filter(|start| start.acts()).collect();
    assert!(acts[0].is(Tool::Switch, "VM_SIPServer_2"), "{acts:#?}");
    let place = |tool: Tool| {
        acts.iter()
            .position(|start| start.tool == Some(tool))
            .unwrap()
    };
    assert!(place(Tool::VipUp) < place(Tool::VipDown));
    assert_eq!(place(Tool::VipAnnounce), acts.len() - 1);
    assert_eq!(acts.len(), 5, "{acts:#?}");
}

#[test]
fn a_dead_backup_host_starts_nothing() {
    let (_temporary, folder, told) = failed("host2");
    assert!(!folder.ledger().unwrap().iter().any(|start| start.acts()));
    assert!(told.contains("redundancy lost"), "{told}");
}

#[test]
fn the_password_is_in_no_file_that_was_written() {
    let (_temporary, folder, told) = failed("VM_Server_1");
    let password = std::fs::read_to_string(folder.path().join("mlcmd.pw")).unwrap();
    let password = password.trim_end();
    let mut files = vec![folder.path().to_owned()];
    let mut looked_at = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(
                std::fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
        } else if path.is_file() && !path.ends_with("mlcmd.pw") {
            looked_at += 1;
            let bytes = std::fs::read(&path).unwrap();
            let found = bytes
                .windows(password.len())
                .any(|window| window == password.as_bytes());
            assert!(!found, "{}", path.display());
        }
    }
    assert!(looked_at > 15 && !told.contains(password));
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let output = live(&[]);
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("--fail host1"), "{told}");
    assert_eq!(live(&["--fail", "host3"]).status.code(), Some(2));
}
