//! Traces that other moments, other machines and other processes left; the real ones are in `tests/dispatch`.
#![cfg(target_os = "linux")]

use std::fs;

use super::super::clock::{self, Moment};
use super::super::job::{Job, JobId, Urgency};
use super::super::queue::Limits;
use super::super::report::{Ended, Report};
use super::super::spool::{Runner, Spool, Spools};
use super::*;
use crate::dispatch::Settings;

/// What the daemon reports of job `a` after the trace was laid.
fn adopted(lay: impl FnOnce(&Spool, &Job)) -> Ended {
    let state = tempfile::tempdir().unwrap();
    let job = Job::step(JobId::new("a"), Urgency::Vip, "vmhost1", Vec::new());
    lay(&Spools::create(state.path()).unwrap().of(&job.id), &job);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let (sender, reports) = crossbeam_channel::unbounded();
    let settings = Settings {
        state: state.path().to_owned(),
        program: "/no/program".into(),
        limits: Limits::default(),
        warm: 0,
    };
    let dispatcher = Dispatcher::new(settings, runtime.handle().clone(), sender).unwrap();
    dispatcher.adopt(std::slice::from_ref(&job.id));
    let report: Report = reports.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(report.id, job.id);
    report.ended
}

fn lost(why: &str) -> Ended {
    Ended::Lost(why.to_owned())
}

/// This very process as the shim: alive, but it carries out no job.
fn this() -> Runner {
    let this = Process::this().unwrap();
    Runner {
        pid: this.number(),
        start: this.start,
        boot: clock::boot(),
        // Long ahead: what is taken for a shim by mistake would be awaited, and nothing is ever ended.
        until: Moment::now().plus(Duration::from_secs(3600)),
    }
}

#[test]
fn what_is_certain_is_told_and_the_rest_is_in_doubt() {
    assert_eq!(adopted(|_, _| {}), Ended::Untraced);
    let not_begun = adopted(|spool, job| spool.create(job).unwrap());
    assert_eq!(not_begun, Ended::NotBegun);
    let cancelled = adopted(|spool, job| {
        spool.create(job).unwrap();
        spool.cancel().unwrap();
    });
    assert_eq!(cancelled, Ended::NotBegun);
    let told_by_the_shim = adopted(|spool, job| {
        spool.create(job).unwrap();
        spool.cancel().unwrap();
        let report = Report::not_run(job.id.clone(), "it was cancelled");
        spool.write_result(&report).unwrap();
    });
    assert_eq!(told_by_the_shim, Ended::NotBegun);
    let claimed = adopted(|spool, job| {
        spool.create(job).unwrap();
        spool.claim().unwrap();
    });
    assert_eq!(claimed, lost("its runner is gone"));
    let of_another = adopted(|spool, job| {
        spool.create(job).unwrap();
        let report = Report::not_run(JobId::new("b"), "");
        spool.write_result(&report).unwrap();
        spool.claim().unwrap();
    });
    assert_eq!(of_another, lost("its runner is gone"));
}

#[test]
fn after_a_restart_of_the_machine_only_a_result_counts() {
    let old = |spool: &Spool, job: &Job| {
        spool.create(job).unwrap();
        let path = spool.folder().join("order");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace(&clock::boot().unwrap(), "another")).unwrap();
    };
    assert_eq!(adopted(old), lost("the machine was restarted"));
    let ended = adopted(|spool, job| {
        old(spool, job);
        let mut report = Report::lost(job.id.clone(), "");
        report.ended = Ended::Exited(4);
        spool.write_result(&report).unwrap();
    });
    assert_eq!(ended, Ended::Exited(4));
}

#[test]
fn a_process_that_only_has_the_number_of_the_shim_is_not_ours() {
    let with = |runner: Runner| {
        adopted(|spool, job| {
            spool.create(job).unwrap();
            spool.write_runner(&runner).unwrap();
            spool.claim().unwrap();
        })
    };
    let gone = || lost("its runner is gone");
    let (start, boot) = (this().start + 1, Some("another".to_owned()));
    assert_eq!(with(Runner { start, ..this() }), gone(), "another start");
    assert_eq!(
        with(Runner { boot, ..this() }),
        gone(),
        "another run of the machine"
    );
    assert_eq!(with(this()), gone(), "another program");
}

#[test]
fn traces_that_nobody_asks_for_are_removed() {
    let state = tempfile::tempdir().unwrap();
    let spools = Spools::create(state.path()).unwrap();
    let job = Job::step(JobId::new("old"), Urgency::Vip, "vmhost1", Vec::new());
    spools.of(&job.id).create(&job).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    let settings = Settings {
        state: state.path().to_owned(),
        program: "/no/program".into(),
        limits: Limits::default(),
        warm: 0,
    };
    let (sender, _reports) = crossbeam_channel::unbounded();
    let dispatcher = Dispatcher::new(settings, runtime.handle().clone(), sender).unwrap();
    dispatcher.adopt(&[]);
    assert!(spools.all().is_empty());
}
