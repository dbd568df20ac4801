//! A state folder that is not what it was, or not ours: nothing acts until a person has settled it.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::bench::{Bench, left_out, run};

fn folder(path: &Path, mode: u32) {
    std::fs::create_dir(path).unwrap();
    let mode = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(path, mode).unwrap();
}

#[test]
fn a_state_folder_that_others_could_touch_is_not_used_and_people_are_told() {
    type Prepare = fn(&Bench);
    let cases: [(Prepare, &str); 4] = [
        (
            |bench| {
                folder(&bench.path("elsewhere"), 0o700);
                std::os::unix::fs::symlink("elsewhere", &bench.state).unwrap();
            },
            "is a symbolic link: name the folder itself",
        ),
        (
            |bench| folder(&bench.state, 0o755),
            "has mode 0755: others must have no access (chmod 700)",
        ),
        (
            |bench| std::fs::write(&bench.state, "").unwrap(),
            "is not a folder",
        ),
        (
            |bench| {
                folder(&bench.state, 0o700);
                run("chown", &["65534", bench.state.to_str().unwrap()]);
            },
            "belongs to user 65534, and this is user 0",
        ),
    ];
    for (prepare, what) in cases {
        let bench = Bench::new();
        let is_root = std::fs::metadata(bench.path("act")).unwrap().uid() == 0;
        if what.starts_with("belongs") && !is_root {
            left_out("a folder can be given away by root alone");
            continue;
        }
        prepare(&bench);
        let daemon = bench.start_by(&[]);
        daemon.wait_until("it is told", |_| {
            bench.was_told(&[
                "\"daemon:no-journal\"",
                "there is no journal, so nothing acts",
                what,
            ])
        });
        daemon.wait_for_roles();
        bench.fail_over();
        daemon.wait_until("the move is told", |_| {
            bench.was_told(&["move to vmhost2 is HELD: the journal cannot be written"])
        });
        let status = daemon.status();
        assert!(status.contains("NOT ARMED"), "{what}: {status}");
        assert!(
            status.contains("the state folder cannot be used"),
            "{what}: {status}"
        );
        assert_eq!(daemon.stop(), Some(0));
        assert_eq!(bench.ledger(), "", "{what}");
        let left = std::fs::read_dir(&bench.state).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{what}: nothing is written there");
    }
}

#[test]
fn a_state_folder_that_is_taken_away_from_a_running_daemon_stops_all_actions() {
    for replaced in [false, true] {
        let bench = Bench::new();
        let daemon = bench.start();
        std::fs::rename(&bench.state, bench.path("taken")).unwrap();
        if replaced {
            std::os::unix::fs::symlink("taken", &bench.state).unwrap();
        }
        bench.fail_over();
        daemon.wait_until("it is told", |_| {
            bench.was_told(&["\"daemon:disarmed\"", "the journal cannot be written"])
        });
        let status = daemon.status();
        assert!(status.contains("not in its place any more"), "{status}");
        assert_eq!(daemon.stop(), Some(0));
        assert_eq!(bench.ledger(), "");
    }
}

#[test]
fn a_journal_of_a_newer_version_is_refused_with_both_versions() {
    let bench = Bench::new();
    bench.start().stop();
    let journal = rusqlite::Connection::open(bench.state.join("journal.sqlite")).unwrap();
    let known: i32 = journal
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap();
    journal
        .pragma_update(None, "user_version", known + 1)
        .unwrap();
    journal.close().unwrap();
    let (code, said) = bench.start_by(&[]).ended();
    assert_eq!(code, Some(1), "{said}");
    let versions = format!(
        "written by a newer version (schema {}, this one knows {known})",
        known + 1
    );
    assert!(said.contains(&versions), "{said}");
}

#[test]
fn a_broken_journal_keeps_everything_from_acting_until_somebody_settles_it() {
    let bench = Bench::new();
    // Killed: what stands behind the newest snapshot is read back and checked.
    bench.start().kill();
    change_an_entry(&bench.state.join("journal.sqlite"));

    // A restart alone never arms it.
    for _ in 0..2 {
        let daemon = bench.start_by(&[]);
        daemon.wait_for_roles();
        daemon.wait_until("it is told", |_| {
            bench.was_told(&[
                "\"daemon:journal-broken\"",
                "tailswitch settle --by WHO --why TEXT",
            ])
        });
        let status = daemon.status();
        assert!(
            status.contains("NOT ARMED: the journal was found broken"),
            "{status}"
        );
        assert!(status.contains("tailswitch settle"), "{status}");
        assert!(daemon.get("/readyz").is_err());
        let held = bench.tailswitch(&SETTLE);
        assert_eq!(held.status.code(), Some(75));
        let said = String::from_utf8(held.stderr).unwrap();
        assert!(said.contains("stop the daemon first"), "{said}");
        assert_eq!(daemon.stop(), Some(0));
    }
    bench.fail_over();

    let settled = bench.tailswitch(&SETTLE);
    let said = String::from_utf8(settled.stdout).unwrap();
    assert_eq!(settled.status.code(), Some(0), "{said}");
    assert!(said.contains("the broken files are kept in"), "{said}");
    assert!(
        said.ends_with("settled by alice: the next daemon acts again\n"),
        "{said}"
    );
    let again = bench.tailswitch(&[&SETTLE[..], &["--format", "json"]].concat());
    let said = String::from_utf8(again.stdout).unwrap();
    assert_eq!(
        said,
        "{\"type\":\"settled\",\"by\":\"alice\",\"why\":\"checked by hand\",\"settled\":[]}\n"
    );

    assert_eq!(bench.ledger(), "");
    let daemon = bench.start();
    daemon.wait_until("the VIP follows", |_| bench.ledger().contains("up vmhost2"));
    daemon.wait_until("the alert is closed", |_| {
        bench.was_told(&["\"daemon:journal-broken\"", "\"close\""])
    });
    daemon.stop();
}

const SETTLE: [&str; 5] = ["settle", "--by", "alice", "--why", "checked by hand"];

/// As a flipped bit would: SQLite reads it without complaint, and the chain does not.
fn change_an_entry(journal: &Path) {
    let journal = rusqlite::Connection::open(journal).unwrap();
    let change = "UPDATE entries SET wall = wall + 1 WHERE seq = (SELECT max(seq) FROM entries)";
    assert_eq!(journal.execute(change, []).unwrap(), 1);
    journal.close().unwrap();
}

#[test]
fn without_a_journal_or_a_reason_there_is_nothing_to_settle() {
    let bench = Bench::new();
    let none = bench.tailswitch(&SETTLE);
    assert_eq!(none.status.code(), Some(65));
    assert!(!bench.state.exists(), "it makes none");
    let unsigned = ["settle", "--by", " ", "--why", "x"];
    assert_eq!(bench.tailswitch(&unsigned).status.code(), Some(2));
}

#[test]
fn a_daemon_that_dies_again_and_again_acts_no_more_until_it_was_ended_in_order() {
    let bench = Bench::new();
    for _ in 0..5 {
        bench.start().kill();
    }
    let daemon = bench.start_by(&[]);
    daemon.wait_until("it is told", |_| {
        bench.was_told(&[
            "\"daemon:disarmed\"",
            "the daemon died again and again",
            "end it in order",
        ])
    });
    daemon.wait_for_roles();
    assert!(daemon.get("/readyz").is_err());
    bench.fail_over();
    daemon.wait_until("the move is told", |_| {
        bench.was_told(&["\"hold:east\"", "is HELD"])
    });
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(bench.ledger(), "");
    let daemon = bench.start();
    bench.log("sips1", "mode activated", "04563", 0);
    daemon.wait_until("it acts again", |_| bench.ledger().contains("up vmhost1"));
    daemon.stop();
}
