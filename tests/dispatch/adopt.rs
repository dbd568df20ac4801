//! The daemon is killed while a command runs.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tailswitch::dispatch::{Ended, JobId, Limits};

use crate::bench::{Bench, PATIENCE, is_alive, shims, wait_until, write_file};

const FOLDER: &str = "TAILSWITCH_TEST_FOLDER";
const TEXT: &str = "TAILSWITCH_TEST_TEXT";
const TIMEOUT: &str = "TAILSWITCH_TEST_TIMEOUT";
const PROGRAM: &str = env!("CARGO_BIN_EXE_tailswitch");

/// With the shim that is laid there, if one is.
fn bench(folder: &Path) -> Bench {
    let slow = folder.join("shim");
    let program = if slow.exists() {
        slow
    } else {
        PathBuf::from(PROGRAM)
    };
    Bench::in_folder(folder, program, Limits::default())
}

/// True while any process works for a job in this folder, or waits for one.
fn has_shim(folder: &Path) -> bool {
    !shims(folder).is_empty()
}

/// Not a test of its own: the daemon that the others start and kill.
#[test]
fn daemon() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    let bench = bench(Path::new(&folder));
    let timeout: u64 = std::env::var(TIMEOUT).unwrap().parse().unwrap();
    let timeout = Duration::from_millis(timeout);
    let text = std::env::var(TEXT).unwrap();
    bench.dispatcher.start(
        bench
            .sh("a", &text)
            .within(timeout)
            .starting_within(PATIENCE),
    );
    std::thread::sleep(PATIENCE);
}

fn start_daemon(folder: &Path, text: &str, timeout: Duration) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "adopt::daemon"])
        .env(FOLDER, folder)
        .env(TEXT, text)
        .env(TIMEOUT, timeout.as_millis().to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Starts a command, waits until it says so, and kills the daemon.
fn start_and_kill(folder: &Path, text: &str, timeout: Duration) {
    let text = format!("echo $$ >new; mv new begun; {text}");
    let mut daemon = start_daemon(folder, &text, timeout);
    wait_until(|| folder.join("begun").exists());
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}

#[test]
fn a_command_that_still_runs_is_awaited() {
    let folder = tempfile::tempdir().unwrap();
    let text = "while ! test -e go; do sleep 0.02; done; echo done; exit 7";
    start_and_kill(folder.path(), text, PATIENCE);
    let bench = bench(folder.path());
    bench.dispatcher.adopt(&[JobId::new("a")]);
    assert_eq!(bench.dispatcher.unfinished(), 1);
    assert!(bench.reports.is_empty());
    std::fs::write(bench.path("go"), "").unwrap();
    let report = bench.report();
    assert_eq!(report.ended, Ended::Exited(7));
    assert_eq!((report.id.as_str(), &*report.stdout.head), ("a", "done\n"));
    assert_eq!(bench.dispatcher.unfinished(), 0);
}

#[test]
fn a_command_that_ended_meanwhile_is_found() {
    let folder = tempfile::tempdir().unwrap();
    start_and_kill(folder.path(), "sleep 0.2; exit 5", PATIENCE);
    wait_until(|| folder.path().join("state/steps/a/result").exists());
    let bench = bench(folder.path());
    bench.dispatcher.adopt(&[JobId::new("a")]);
    assert_eq!(bench.report().ended, Ended::Exited(5));
}

#[test]
fn the_deadline_holds_without_a_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let text = "trap '' TERM; while :; do sleep 1; done";
    start_and_kill(folder.path(), text, Duration::from_millis(700));
    let pid = std::fs::read_to_string(folder.path().join("begun")).unwrap();
    wait_until(|| !is_alive(&pid));
    let bench = bench(folder.path());
    bench.dispatcher.adopt(&[JobId::new("a")]);
    assert_eq!(bench.report().ended, Ended::TimedOut);
}

#[test]
fn a_shim_that_is_killed_leaves_the_step_in_doubt_and_the_deadline_to_the_daemon() {
    let bench = Bench::new();
    let text = "echo $PPID >shim; sleep 1000 & echo $! >child; wait";
    let timeout = Duration::from_secs(3);
    let job = bench
        .sh("a", text)
        .within(timeout)
        .starting_within(PATIENCE);
    bench.dispatcher.start(job);
    let (shim, child) = (bench.written("shim"), bench.written("child"));
    let killed = Command::new("kill").args(["-KILL", shim.trim()]).status();
    assert!(killed.unwrap().success());
    assert_eq!(
        bench.report().ended,
        Ended::Lost("its runner was killed".into())
    );
    wait_until(|| !is_alive(&child));
}

#[test]
fn a_shim_whose_order_was_taken_back_ends_though_nobody_listens() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("#!/bin/sh\nsleep 1\nexec {PROGRAM} \"$@\"\n");
    write_file(&folder.path().join("shim"), text, "755");
    let mut daemon = start_daemon(folder.path(), "echo ran >>ran", PATIENCE);
    wait_until(|| has_shim(folder.path()));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    let bench = bench(folder.path());
    bench.dispatcher.adopt(&[JobId::new("a")]);
    let report = bench.report();
    assert_eq!(report.ended, Ended::NotBegun);
    wait_until(|| !has_shim(folder.path()));
    assert!(!bench.path("ran").exists());
}

/// Whenever the daemon dies, the command ran once and its report is true, or it did not run and never will.
#[test]
fn a_daemon_killed_at_any_moment_loses_nothing() {
    for delay in [0, 2, 5, 10, 15, 20, 30, 40, 60, 100] {
        let folder = tempfile::tempdir().unwrap();
        let mut daemon = start_daemon(folder.path(), "echo ran >>ran; exit 3", PATIENCE);
        let steps = folder.path().join("state/steps/a");
        wait_until(|| steps.exists());
        std::thread::sleep(Duration::from_millis(delay));
        daemon.kill().unwrap();
        daemon.wait().unwrap();
        let bench = bench(folder.path());
        bench.dispatcher.adopt(&[JobId::new("a")]);
        let report = bench.report();
        let ran = std::fs::read_to_string(bench.path("ran")).unwrap_or_default();
        match report.ended {
            Ended::Exited(3) => assert_eq!(ran, "ran\n"),
            Ended::NotBegun => {
                wait_until(|| !has_shim(folder.path()));
                assert!(!bench.path("ran").exists());
            }
            // Between the folder and the order in it there is no order to take back.
            Ended::Untraced => assert_eq!(&*ran, ""),
            other => panic!("{other:?} after {delay} ms"),
        }
        wait_until(|| !has_shim(folder.path()));
    }
}
