//! How a daemon ends: told to, twice told to, and not at all where another one runs.

use std::process::Stdio;

use rustix::process::Signal;
use tailswitch::decide::{Entry, Reason};

use crate::commands::WAITS;
use crate::field::Settings;
use crate::life::WHOLE_PLAN;
use crate::process::Daemon;
use crate::recorded::Recorded;
use crate::site::{Site, text, until};

/// A daemon in mid-step: its first command runs until `go` is there.
fn in_mid_step() -> Site {
    let site = Site::new(Settings::default());
    site.acts("switch", "152", WAITS);
    site
}

fn begin<'a>(site: &'a Site) -> Daemon<'a> {
    let daemon = site.start();
    site.rm_fails();
    until("the switch runs", || site.ledger() == ["switch 152"]);
    daemon
}

fn goes_on(site: &Site) {
    let _daemon = site.start();
    site.write("go", "");
    assert_eq!(site.until_closed(1).len(), 1);
    assert_eq!(site.starts(), WHOLE_PLAN);
    assert_eq!(site.vip(), ["vmhost2"]);
}

#[test]
fn a_stop_ends_the_step_begins_none_and_the_next_start_goes_on() {
    let site = in_mid_step();
    let mut daemon = begin(&site);
    daemon.signal(Signal::TERM);
    until("it stops", || daemon.log().contains("stopping"));
    site.write("go", "");
    assert_eq!(daemon.wait().code(), Some(0));
    assert_eq!(site.ledger(), ["switch 152"]);
    let ended = |entry: &Entry| matches!(entry, Entry::StepEnded { step: 0, .. });
    assert!(site.entries().iter().any(ended), "its end is written down");
    goes_on(&site);
}

#[test]
fn a_second_stop_does_not_wait_and_the_command_is_taken_over() {
    let site = in_mid_step();
    let mut daemon = begin(&site);
    daemon.signal(Signal::INT);
    until("it stops", || daemon.log().contains("stopping"));
    assert!(!daemon.is_over());
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.wait().code(), Some(0));
    goes_on(&site);
}

#[test]
fn a_daemon_whose_log_nobody_reads_any_more_works_on() {
    let site = Site::new(Settings::default());
    let mut command = site.command();
    let mut daemon = Daemon::start(&site, command.stderr(Stdio::piped()));
    daemon.until_ready();
    daemon.closes_stderr();
    site.rm_fails();
    site.until_closed(1);
    assert_eq!(site.starts(), WHOLE_PLAN);
}

#[test]
fn a_second_daemon_is_refused_and_told_whose_the_state_is() {
    let site = Site::new(Settings::default());
    let first = site.start();
    for stopped in [false, true] {
        if stopped {
            first.signal(Signal::STOP);
        }
        let second = site.command().stderr(Stdio::piped()).output().unwrap();
        assert_eq!(second.status.code(), Some(75));
        let told = text(&second);
        assert!(told.contains(&first.pid().to_string()), "{told}");
    }
}

#[test]
fn a_daemon_that_crashes_again_and_again_acts_no_more_and_says_so() {
    let site = Site::new(Settings::default());
    for _ in 0..5 {
        site.start().kill();
    }
    let daemon = site.start();
    site.becomes_primary("sips2");
    let incident = site.until_closed(1).remove(0);
    assert!(site.ledger().is_empty());
    let held = |reason| incident.steps.iter().any(|step| step.reason == reason);
    assert!(held(Reason::CrashLoop), "{incident:?}");
    let told = |alert: &String| alert.starts_with("daemon open nothing acts: the daemon died");
    until("it is told", || site.alerts().iter().any(told));
    drop(daemon);
}
