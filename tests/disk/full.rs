//! A state folder on a disk that is full, or takes no writes any more.

use crate::bench::{Bench, Daemon, Mounted};

/// The journal takes nothing any more, which the daemon finds out as it saves how far it has read.
fn wait_for_journal_fault(bench: &Bench, daemon: &Daemon) {
    daemon.wait_until("the journal is dead", |daemon| {
        bench.log("sips1", "nothing of note", "00000", 0);
        daemon
            .status()
            .contains("JOURNAL: journal not writable since")
    });
}

/// The event that follows is told, and nothing is done about it.
fn check_that_nothing_acts(bench: &Bench, daemon: &Daemon) {
    let status = daemon.status();
    assert!(
        status.contains("NOT ARMED: the journal cannot be written;"),
        "{status}"
    );
    let ready = daemon.get("/readyz").unwrap_err();
    assert!(ready.contains("journal not writable"), "{ready}");
    bench.fail_over();
    daemon.wait_until("the move is told", |_| {
        bench.was_told(&["\"daemon:disarmed\"", "\"open\"", "restart the daemon"])
            && bench.was_told(&["east: move to vmhost2 is HELD: the journal cannot be written"])
    });
}

#[test]
fn on_a_full_disk_nothing_acts_all_is_told_and_with_space_a_restart_acts_again() {
    let bench = Bench::new();
    let Some(disk) = Mounted::at(&bench.state, "2m") else {
        return;
    };
    let daemon = bench.start();
    let filler = disk.fill();
    wait_for_journal_fault(&bench, &daemon);
    check_that_nothing_acts(&bench, &daemon);
    let status = daemon.status();
    assert!(
        status.contains("ALERT daemon: alerts are kept in memory only"),
        "{status}"
    );

    // Space alone does not bring a dead journal back.
    std::fs::remove_file(filler).unwrap();
    daemon.wait_until("alerts are kept on disk again", |daemon| {
        !daemon.status().contains("in memory only")
    });
    assert!(daemon.get("/readyz").is_err());
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(bench.ledger(), "");

    let daemon = bench.start();
    daemon.wait_until("the VIP follows", |_| bench.ledger().contains("up vmhost2"));
    daemon.wait_until("the alert is closed", |_| {
        bench.was_told(&["\"daemon:disarmed\"", "\"close\""])
    });
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(bench.ledger().matches("up vmhost2").count(), 1);
}

#[test]
fn a_disk_that_becomes_read_only_stops_all_actions_and_no_alert() {
    let bench = Bench::new();
    let Some(disk) = Mounted::at(&bench.state, "2m") else {
        return;
    };
    let daemon = bench.start();
    daemon.stop();
    disk.remount("ro");
    let daemon = bench.start_by(&[]);
    daemon.wait_for("watching solution=east");
    daemon.wait_until("it says so", |daemon| {
        let status = daemon.get("/api/v1/status?format=text").unwrap_or_default();
        status.contains("JOURNAL: ") && status.contains("NOT ARMED")
    });
    daemon.wait_for_roles();
    bench.fail_over();
    daemon.wait_until("the move is told", |_| {
        bench.was_told(&["\"daemon:no-journal\"", "Read-only file system"])
            && bench.was_told(&["is HELD: the journal cannot be written"])
    });
    assert!(idle(&daemon), "it waits, and does not spin");
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(bench.ledger(), "");
}

/// It uses less than a tenth of a processor over a while.
fn idle(daemon: &Daemon) -> bool {
    let ticks = || -> u64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", daemon.pid())).unwrap();
        let fields = stat.rsplit_once(") ").unwrap().1.split(' ');
        fields
            .skip(11)
            .take(2)
            .map(|it| it.parse::<u64>().unwrap())
            .sum()
    };
    let before = ticks();
    std::thread::sleep(std::time::Duration::from_secs(2));
    ticks() - before < 20
}
