//! The operator's commands against the real daemon, and against its journal once it is gone.

use tailswitch::decide::IncidentState;

use crate::commands::WAITS;
use crate::field::Settings;
use crate::process::Daemon;
use crate::recorded::Recorded;
use crate::site::{Site, text, until};

fn site() -> Site {
    Site::new(Settings {
        api: true,
        ..Settings::default()
    })
}

/// Asks, signed by somebody; what was told with the exit code.
fn asks(site: &Site, daemon: &Daemon<'_>, verb: &[&str]) -> (Option<i32>, String) {
    let signed = [verb, &["--by", "alice", "--why", "new cables"]].concat();
    let output = site.asks(Some(daemon), &signed);
    (output.status.code(), text(&output))
}

const FORCE: [&str; 5] = ["force", "east", "--to", "vmhost2", "--yes"];

#[test]
fn a_pause_holds_what_happens_and_force_moves_the_pair_all_the_same() {
    let site = site();
    let daemon = site.start();
    let (code, told) = asks(&site, &daemon, &["pause", "east", "--for", "2h"]);
    assert_eq!(code, Some(0), "{told}");
    site.rm_fails();
    let held = site.until_closed(1).remove(0);
    assert_eq!(held.state, IncidentState::Held);
    assert!(site.ledger().is_empty());
    let status = text(&site.asks(Some(&daemon), &["status"]));
    assert!(
        status.contains("alice") && status.contains("new cables"),
        "{status}"
    );
    let (code, told) = asks(&site, &daemon, &FORCE);
    assert_eq!(code, Some(0), "{told}");
    site.until_closed(2);
    assert_eq!(site.vip(), ["vmhost2"]);
    let (code, told) = asks(&site, &daemon, &["resume", "east"]);
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = asks(&site, &daemon, &["resume", "east"]);
    assert_eq!(code, Some(75), "{told}");
}

#[test]
fn force_is_refused_while_a_reaction_runs_and_told_by_which() {
    let site = site();
    site.acts("switch", "152", WAITS);
    let daemon = site.start();
    site.rm_fails();
    until("the switch runs", || site.ledger() == ["switch 152"]);
    let running = site.incidents().remove(0).id;
    let (code, told) = asks(&site, &daemon, &FORCE);
    assert_eq!(code, Some(75), "{told}");
    assert!(told.contains(&*running), "{told}");
    site.write("go", "");
    assert_eq!(site.until_closed(1).len(), 1);
}

#[test]
fn an_acknowledged_failure_locks_the_pair_no_longer() {
    let site = site();
    site.acts("up", "vmhost2", "exit 1");
    let daemon = site.start();
    site.becomes_primary("sips2");
    let failed = site.until_closed(1).remove(0);
    assert_eq!(failed.state, IncidentState::Failed);
    let status = text(&site.asks(Some(&daemon), &["status"]));
    assert!(status.contains(&format!("ack {}", failed.id)), "{status}");
    let (code, told) = asks(&site, &daemon, &["ack", &failed.id]);
    assert_eq!(code, Some(0), "{told}");
    assert!(site.state().pairs[0].lock.is_none());
    let (code, told) = asks(&site, &daemon, &["ack", &failed.id]);
    assert_eq!(code, Some(75), "{told}");
}

#[test]
fn a_verb_without_the_token_is_refused_and_without_a_daemon_it_reaches_nobody() {
    let site = site();
    let daemon = site.start();
    let token = site.read("token");
    site.write("token", "fedcba9876543210\n");
    let (code, told) = asks(&site, &daemon, &["pause", "east", "--for", "2h"]);
    assert!(
        code != Some(0) && site.state().pairs[0].pause.is_none(),
        "{told}"
    );
    site.write("token", token);
    let address = daemon.address();
    daemon.kill();
    let pause = [
        "pause", "east", "--for", "2h", "--by", "alice", "--why", "x",
    ];
    let told = site.asks_at(&address, &pause);
    assert_eq!(told.status.code(), Some(69), "{}", text(&told));
}

#[test]
fn status_incidents_and_why_say_the_same_with_the_daemon_and_without() {
    let site = site();
    let daemon = site.start();
    site.rm_fails();
    let incident = site.until_closed(1).remove(0);
    let questions: [&[&str]; 3] = [
        &["incidents"],
        &["why", &incident.id],
        &["why", "VM_SIPServer_2"],
    ];
    let with = questions.map(|question| site.asks(Some(&daemon), question));
    let status = text(&site.asks(Some(&daemon), &["status"]));
    daemon.kill();
    let without = questions.map(|question| site.asks(None, question));
    for (with, without) in with.iter().zip(&without) {
        assert!(with.status.success() && without.status.success());
        assert_eq!(
            String::from_utf8_lossy(&with.stdout),
            String::from_utf8_lossy(&without.stdout)
        );
        assert!(text(with).contains("VM_SIPServer_2") || text(with).contains("vmhost2"));
    }
    let offline = text(&site.asks(None, &["status"]));
    for told in [status, offline] {
        assert!(told.contains("vmhost2"), "{told}");
    }
}
