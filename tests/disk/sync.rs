//! Writes and syncs that fail or hang under the running daemon.

use crate::bench::{Bench, Injected};

#[test]
fn the_first_write_or_sync_that_fails_is_the_last_that_is_tried() {
    for (calls, error) in [
        ("fdatasync,fsync", "EIO"),
        ("pwrite64", "EIO"),
        ("pwrite64", "ENOSPC"),
    ] {
        let bench = Bench::new();
        let daemon = bench.start();
        // A second try would succeed, and lie.
        let trace = format!("trace={calls}");
        let inject = format!("inject={calls}:error={error}:when=1");
        let options = ["-e", trace.as_str(), "-e", inject.as_str()];
        let Some(injected) = Injected::into(&bench, &daemon, &options) else {
            return;
        };
        bench.fail_over();
        daemon.wait_until("all is told", |_| {
            bench.was_told(&["\"daemon:disarmed\"", "the journal cannot be written"])
                && bench.was_told(&["\"solution\":\"east\"", "to vmhost2"])
        });
        let status = daemon.status();
        assert!(status.contains("NOT ARMED"), "{calls} {error}: {status}");
        assert!(daemon.get("/readyz").is_err());
        // Whatever comes later does not act either.
        bench.log("sips1", "mode activated", "04563", 0);
        daemon.wait_until("what follows is told", |_| {
            bench.was_told(&["move to vmhost1 is HELD: the journal cannot be written"])
        });
        let on_journal = injected.count(&["/journal.sqlite"]);
        assert_eq!(on_journal, 1, "{calls} {error}");
        drop(injected);
        assert_eq!(daemon.stop(), Some(0));
        assert_eq!(bench.ledger(), "", "{calls} {error}");
    }
}

#[test]
fn while_a_sync_hangs_nothing_acts_and_people_are_told() {
    let bench = Bench::new();
    let daemon = bench.start();
    let options = [
        "-e",
        "trace=fdatasync,fsync",
        "-e",
        "inject=fdatasync,fsync:delay_enter=12s:when=1",
    ];
    let Some(injected) = Injected::into(&bench, &daemon, &options) else {
        return;
    };
    bench.fail_over();
    daemon.wait_until("it is told", |_| {
        bench.was_told(&["\"daemon:stalled\"", "\"open\""])
    });
    let status = daemon.status();
    assert!(
        status.contains("NOT ARMED: the engine stands still"),
        "{status}"
    );
    assert!(daemon.get("/readyz").unwrap_err().contains("503"));
    assert_eq!(bench.ledger(), "");
    // The sync was late, and good: what was decided is done.
    daemon.wait_until("it goes on", |_| {
        bench.was_told(&["\"daemon:stalled\"", "\"close\""])
    });
    daemon.wait_until("the VIP follows", |_| bench.ledger().contains("up vmhost2"));
    drop(injected);
    assert_eq!(daemon.stop(), Some(0));
    assert_eq!(bench.ledger().matches("up vmhost2").count(), 1);
}
