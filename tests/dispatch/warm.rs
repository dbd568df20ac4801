//! Shims that wait for an order.

use std::path::PathBuf;
use std::process::Command;

use tailswitch::dispatch::{Ended, Limits};

use crate::bench::{Bench, shims, wait_until};

const PROGRAM: &str = env!("CARGO_BIN_EXE_tailswitch");

fn warm(folder: &std::path::Path) -> Bench {
    let bench = Bench::warm(folder, PathBuf::from(PROGRAM), Limits::default(), 2);
    wait_until(|| shims(folder).len() == 2);
    bench
}

#[test]
fn a_command_is_carried_out_by_a_shim_that_waited_and_another_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let bench = warm(folder.path());
    let waiting = shims(folder.path());
    let report = bench.run(bench.sh("a", "echo $PPID"));
    assert_eq!(report.ended, Ended::Exited(0));
    let shim: u32 = report.stdout.head.trim().parse().unwrap();
    assert!(waiting.contains(&shim), "{shim} of {waiting:?}");
    wait_until(|| shims(folder.path()).len() == 2 && !shims(folder.path()).contains(&shim));
}

#[test]
fn a_shim_that_died_while_it_waited_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let bench = warm(folder.path());
    for shim in shims(folder.path()) {
        let killed = Command::new("kill")
            .args(["-KILL", &shim.to_string()])
            .status();
        assert!(killed.unwrap().success());
    }
    wait_until(|| shims(folder.path()).is_empty());
    let report = bench.run(bench.sh("a", "exit 3"));
    assert_eq!(report.ended, Ended::Exited(3));
}

#[test]
fn shims_that_wait_end_with_the_daemon() {
    let folder = tempfile::tempdir().unwrap();
    drop(warm(folder.path()));
    wait_until(|| shims(folder.path()).is_empty());
}
