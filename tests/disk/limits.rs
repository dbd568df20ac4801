//! Too few handles, watches and processes, and logs that cannot be read for a while.

use std::process::Command;

use crate::bench::{Bench, Injected, left_out, run};

#[test]
fn a_log_that_cannot_be_read_for_a_while_is_told_and_loses_nothing() {
    for error in ["EIO", "EINTR"] {
        let bench = Bench::new();
        let daemon = bench.start();
        let log = bench.path("logs/sips2.log");
        let inject = format!("inject=read,pread64:error={error}:when=1..4");
        let options = [
            "-P",
            log.to_str().unwrap(),
            "-e",
            "trace=read,pread64",
            "-e",
            &inject,
        ];
        let Some(injected) = Injected::into(&bench, &daemon, &options) else {
            return;
        };
        bench.fail_over();
        daemon.wait_until("the VIP follows", |_| bench.ledger().contains("up vmhost2"));
        drop(injected);
        let told = bench.was_told(&["source:unreadable:", "sips2.log", "\"open\""]);
        assert_eq!(told, error == "EIO", "{}", bench.alerts());
        if told {
            daemon.wait_until("it is well again", |_| {
                bench.was_told(&["source:unreadable:", "sips2.log", "\"close\""])
            });
        }
        daemon.stop();
        assert_eq!(bench.ledger().matches("up vmhost2").count(), 1);
    }
}

#[test]
fn a_process_that_cannot_be_started_is_told() {
    let bench = Bench::new();
    let daemon = bench.start();
    let options = [
        "-e",
        "trace=clone,clone3,vfork",
        "-e",
        "inject=clone,clone3,vfork:error=EAGAIN",
    ];
    let Some(injected) = Injected::into(&bench, &daemon, &options) else {
        return;
    };
    // Those that wait for an order go, and no other can take their place.
    for shim in daemon.children() {
        run("kill", &["-KILL", &shim]);
    }
    bench.fail_over();
    daemon.wait_until("the step is told", |_| {
        bench.was_told(&["could not be started"])
    });
    assert_eq!(bench.ledger(), "");
    drop(injected);
    daemon.stop();
}

#[test]
fn with_few_handles_logs_are_read_commands_run_and_people_are_told() {
    let more = "  - { path: logs/other-*.log }\n";
    let bench = Bench::with(more);
    for number in 0..100 {
        bench.log(&format!("other-{number}"), "nothing of note", "00000", 0);
    }
    let daemon = bench.start_by(&["prlimit", "--nofile=64:64", "--"]);
    daemon.wait_until("it is ready", |daemon| daemon.get("/readyz").is_ok());
    daemon.wait_until("it is told", |_| {
        bench.was_told(&["\"daemon:few-handles\"", "64 files open", "LimitNOFILE"])
    });
    bench.fail_over();
    daemon.wait_until("the VIP follows", |_| bench.ledger().contains("up vmhost2"));
    // The others are read all the same, each for a moment.
    let log = daemon.log();
    assert!(!log.contains("Too many open files"), "{log}");
    daemon.stop();
}

#[test]
fn without_watches_polling_finds_the_line_and_status_names_the_limit() {
    for (limit, named) in [
        (
            "max_inotify_instances",
            "raise fs.inotify.max_user_instances",
        ),
        ("max_inotify_watches", "raise fs.inotify.max_user_watches"),
    ] {
        // In a namespace of its own the limit is the daemon's alone.
        let lower = format!("echo 0 > /proc/sys/user/{limit}");
        let unshared = ["unshare", "--user", "--map-root-user", "--", "sh", "-c"];
        let tried = Command::new(unshared[0])
            .args(&unshared[1..])
            .arg(&lower)
            .output();
        if !tried.is_ok_and(|output| output.status.success()) {
            return left_out("limits of inotify need a user namespace");
        }
        let bench = Bench::new();
        let lower = format!("{lower} && exec \"$@\"");
        let daemon = bench.start_by(&[&unshared[..], &[&lower, "sh"]].concat());
        daemon.wait_until("status names it", |daemon| {
            let status = daemon.get("/api/v1/status?format=text");
            status.is_ok_and(|status| status.contains("ALERT source: ") && status.contains(named))
        });
        daemon.wait_for_roles();
        bench.fail_over();
        daemon.wait_until("the VIP follows", |_| bench.ledger().contains("up vmhost2"));
        assert!(bench.was_told(&["source:polling:", named]));
        daemon.stop();
    }
}
