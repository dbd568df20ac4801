//! Limits, orders taken back, and starts that come too late.

use std::time::Duration;

use tailswitch::dispatch::{Ended, Job, JobId, Limits, Urgency};

use crate::bench::{Bench, PATIENCE, not_run, wait_until, write_file};

const ONE: Limits = Limits {
    overall: 1,
    per_host: 1,
};

fn program() -> std::path::PathBuf {
    env!("CARGO_BIN_EXE_tailswitch").into()
}

/// A shim that takes its time to begin.
fn slow(folder: &std::path::Path) -> Bench {
    let text = format!("#!/bin/sh\nsleep 1\nexec {} \"$@\"\n", program().display());
    let shim = write_file(&folder.join("shim"), text, "755");
    Bench::in_folder(folder, shim, Limits::default())
}

#[test]
fn the_limit_holds_and_the_urgent_go_first() {
    let bench = Bench::with(program(), ONE);
    bench
        .dispatcher
        .start(bench.sh("first", "while ! test -e go; do sleep 0.02; done"));
    for (id, urgency) in [
        ("rest", Urgency::Rest),
        ("switch", Urgency::Switch),
        ("vip", Urgency::Vip),
    ] {
        let text = format!("mkdir running && echo {id} >>order && sleep 0.1 && rmdir running");
        let mut job = bench.sh(id, &text);
        job.urgency = urgency;
        bench.dispatcher.start(job);
    }
    assert_eq!(bench.dispatcher.unfinished(), 4);
    std::fs::write(bench.path("go"), "").unwrap();
    for id in ["first", "vip", "switch", "rest"] {
        let report = bench.report();
        assert_eq!((report.id.as_str(), report.ended), (id, Ended::Exited(0)));
    }
    assert_eq!(bench.written("order"), "vip\nswitch\nrest\n");
    assert_eq!(bench.dispatcher.unfinished(), 0);
}

#[test]
fn a_job_that_waits_is_cancelled_or_too_late() {
    let bench = Bench::with(program(), ONE);
    bench.dispatcher.start(bench.sh(
        "first",
        "echo >begun; while ! test -e go; do sleep 0.02; done",
    ));
    bench.dispatcher.start(bench.sh("second", "echo >ran"));
    let start_within = Duration::from_millis(200);
    bench
        .dispatcher
        .start(bench.sh("third", "echo >ran").starting_within(start_within));
    assert!(bench.dispatcher.cancel(&JobId::new("second")));
    assert_eq!(not_run(&bench.report()), "it was cancelled");
    let late = bench.report();
    assert_eq!(late.id.as_str(), "third");
    assert_eq!(not_run(&late), "the limits left no place for it in time");
    bench.written("begun");
    assert!(!bench.dispatcher.cancel(&JobId::new("first")), "it runs");
    std::fs::write(bench.path("go"), "").unwrap();
    assert_eq!(bench.report().ended, Ended::Exited(0));
    assert!(!bench.path("ran").exists());
}

#[test]
fn a_start_that_was_delayed_does_not_fire_late() {
    let folder = tempfile::tempdir().unwrap();
    let bench = slow(folder.path());
    let start_within = Duration::from_millis(300);
    let report = bench.run(bench.sh("a", "echo >ran").starting_within(start_within));
    assert_eq!(not_run(&report), "it could not be started in time");
    assert!(!bench.path("ran").exists());
}

#[test]
fn an_order_is_taken_back_until_the_command_begins() {
    let folder = tempfile::tempdir().unwrap();
    let bench = slow(folder.path());
    bench.dispatcher.start(bench.sh("a", "echo >ran"));
    wait_until(|| bench.dispatcher.cancel(&JobId::new("a")));
    assert_eq!(not_run(&bench.report()), "it was cancelled");
    assert!(!bench.path("ran").exists());
}

#[test]
fn an_id_runs_once() {
    let bench = Bench::new();
    let job = bench.sh("a", "echo ran >>ran");
    assert_eq!(bench.run(job.clone()).ended, Ended::Exited(0));
    assert!(matches!(bench.run(job.clone()).ended, Ended::Lost(_)));
    assert_eq!(bench.written("ran"), "ran\n");
    bench.dispatcher.forget(&job.id);
    assert!(!bench.path("state/steps/a").exists());
}

#[test]
fn a_question_leaves_no_trace_and_may_be_asked_again() {
    let bench = Bench::new();
    let text = "head -c 1000000 /dev/zero | tr '\\0' x";
    let argv = ["/bin/sh", "-c", text].map(String::from).to_vec();
    let ask = || Job::question(JobId::new("status"), Urgency::Rest, "vmhost1", argv.clone());
    for _ in 0..2 {
        let report = bench.run(ask().within(PATIENCE));
        assert_eq!(report.ended, Ended::Exited(0));
        assert_eq!(
            (report.stdout.head.len(), report.stdout.bytes_left_out),
            (1_000_000, 0)
        );
    }
    let traces = std::fs::read_dir(bench.path("state/steps")).unwrap();
    assert_eq!(traces.count(), 0);
}

#[test]
fn a_shim_that_cannot_be_started_runs_nothing() {
    let bench = Bench::with("/no/such/tailswitch".into(), Limits::default());
    let report = bench.run(bench.sh("a", "echo >ran"));
    assert!(not_run(&report).starts_with("cannot run /no/such/tailswitch: No such file"));
    let dies = Bench::with("/bin/false".into(), Limits::default());
    let report = dies.run(dies.sh("a", "echo >ran"));
    assert_eq!(not_run(&report), "its runner was killed");
}
