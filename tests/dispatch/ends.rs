//! How commands end: by themselves, at their deadline, or before they begin.

use std::fs::File;
use std::time::Duration;

use tailswitch::dispatch::Ended;

use crate::bench::{Bench, PATIENCE, is_alive, not_run, wait_until};

const SHORT: Duration = Duration::from_millis(700);

#[test]
fn an_end_is_reported_as_it_was() {
    let bench = Bench::new();
    for (text, ended) in [
        ("exit 0", Ended::Exited(0)),
        ("exit 1", Ended::Exited(1)),
        ("exit 255", Ended::Exited(255)),
        ("kill -KILL $$", Ended::Signalled(9)),
        ("kill -SEGV $$", Ended::Signalled(11)),
        ("kill -ABRT $$", Ended::Signalled(6)),
        ("echo out; echo err >&2; exit 3", Ended::Exited(3)),
    ] {
        let report = bench.run(bench.sh(text, text));
        assert_eq!(report.ended, ended, "{text}");
        assert!(report.started <= report.finished && report.started.is_some());
    }
    let left = std::fs::read_dir(&bench.folder).unwrap().flatten();
    let names: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert_eq!(names, ["state"], "no core");
}

/// A service that is stopped asks all of its processes to end; the one that holds a deadline stays.
#[test]
fn a_shim_stays_when_it_is_asked_to_end() {
    let bench = Bench::new();
    let text = "for each in TERM INT HUP QUIT USR1; do kill -$each $PPID; done; sleep 0.1; exit 4";
    assert_eq!(bench.run(bench.sh("a", text)).ended, Ended::Exited(4));
}

#[test]
fn what_it_says_is_kept_apart() {
    let bench = Bench::new();
    let report = bench.run(bench.sh(
        "a",
        "echo out; echo err >&2; read x || echo nothing to read",
    ));
    assert_eq!(report.stdout.head, "out\nnothing to read\n");
    assert_eq!(report.stderr.head, "err\n");
    assert_eq!(report.left_running, 0);
}

#[test]
fn a_gigabyte_is_taken_and_its_ends_are_kept() {
    let bench = Bench::new();
    let text = "echo first; head -c 1000000000 /dev/zero | tr '\\0' x; echo last; head -c 200000 /dev/urandom >&2";
    let report = bench.run(bench.sh("a", text));
    assert_eq!(report.ended, Ended::Exited(0));
    assert_eq!(report.stdout.bytes, 1_000_000_011);
    assert!(report.stdout.head.starts_with("first\nxxx"));
    assert!(report.stdout.tail.ends_with("xxxlast\n"));
    assert_eq!(
        report.stdout.head.len() + report.stdout.tail.len(),
        128 << 10
    );
    assert_eq!(report.stderr.bytes, 200_000);
    let result = std::fs::metadata(bench.path("state/steps/a/result")).unwrap();
    assert!(result.len() < 4 << 20);
}

#[test]
fn what_hangs_is_ended_at_its_deadline() {
    let bench = Bench::new();
    for (name, text) in [
        ("sleeps", "echo $$ >pid; exec sleep 1000"),
        ("ignores TERM", "trap '' TERM; echo $$ >pid; while :; do sleep 1; done"),
        ("stops itself", "echo $$ >pid; kill -STOP $$; sleep 1000"),
        ("writes for ever", "echo $$ >pid; yes; sleep 1000"),
        (
            "left the session and holds the pipe",
            "setsid sh -c 'trap \"\" TERM HUP; echo $$ >pid; while :; do sleep 1; done' & sleep 1000",
        ),
        (
            "forks when it is asked to end",
            "trap 'setsid sh -c \"trap : TERM; echo \\$\\$ >pid; while :; do sleep 1; done\" &' TERM
             while :; do sleep 0.1; done",
        ),
        (
            "has many children",
            "for i in 1 2 3 4 5 6 7 8 9; do (setsid sh -c 'trap \"\" TERM; sleep 1000 & wait; sleep 1000' &) & done
             echo $$ >pid; sleep 1000",
        ),
    ] {
        let report = bench.run(bench.sh(name, text).within(SHORT).starting_within(PATIENCE));
        assert_eq!(report.ended, Ended::TimedOut, "{name}");
        assert_eq!(report.left_running, 0, "{name}");
        let pid = std::fs::read_to_string(bench.path("pid")).unwrap();
        assert!(!is_alive(&pid), "{name}");
        std::fs::remove_file(bench.path("pid")).unwrap();
    }
}

#[test]
fn a_grandchild_that_holds_the_pipe_delays_no_report_and_has_the_deadline() {
    let bench = Bench::new();
    let text =
        "setsid sh -c 'echo $$ >pid; exec sleep 1000' & while ! test -s pid; do :; done; echo done";
    let timeout = Duration::from_secs(6);
    let report = bench.run(
        bench
            .sh("a", text)
            .within(timeout)
            .starting_within(PATIENCE),
    );
    assert_eq!(report.ended, Ended::Exited(0));
    assert_eq!((&*report.stdout.head, report.left_running), ("done\n", 1));
    let pid = bench.written("pid");
    wait_until(|| !is_alive(&pid));
}

#[test]
fn a_command_that_cannot_begin_says_which_and_why() {
    let bench = Bench::new();
    let busy = bench.file("busy", std::fs::read("/bin/true").unwrap(), "755");
    let _held = File::options().append(true).open(busy).unwrap();
    bench.file("plain", "#!/bin/sh\n", "644");
    bench.file("bare", "echo ran >ran\n", "755");
    bench.file("lost", "#!/no/such/interpreter\n", "755");
    bench.file("open", "#!/bin/sh\necho ran >ran\n", "777");
    bench.file("foreign", b"\x7fELF\x02\x01\x01\0of another machine", "755");
    let long = "x".repeat(3 << 20);
    for (argv, why) in [
        (&["./none"][..], "none: No such file"),
        (
            &["no-such-program"],
            "no program `no-such-program` in PATH (/",
        ),
        (&["./plain"], "plain: it is not executable"),
        (&["./state"], "state: it is no file"),
        (&["./bare"], "bare: it is a script, and its first line"),
        (
            &["./lost"],
            "lost: the program that its first line names is missing",
        ),
        (&["./open"], "open: every user can change it"),
        (&["./busy"], "busy: Text file busy"),
        (&["./foreign"], "foreign: "),
        (&["/bin/echo", "a\0b"], "/bin/echo: "),
        (&["/bin/echo", &long], "/bin/echo: Argument list too long"),
        (&[], "there is no program"),
    ] {
        let id = argv.first().unwrap_or(&"nothing").to_string() + &argv.len().to_string();
        let report = bench.run(bench.job(&(id + why), argv));
        assert!(not_run(&report).contains(why), "{}", not_run(&report));
        assert_eq!(report.started, None);
    }
    let report = bench.run(bench.sh("in", "echo ran >ran").in_folder("/no/such/folder"));
    assert!(not_run(&report).contains("cannot enter /no/such/folder: No such file"));
    assert!(!bench.path("ran").exists());
}

#[test]
fn a_relative_program_is_that_of_the_configuration() {
    let bench = Bench::new();
    bench.file("up.sh", "#!/bin/sh\npwd\n", "755");
    let report = bench.run(bench.job("a", &["./up.sh"]));
    assert_eq!(
        report.stdout.head,
        bench.folder.display().to_string() + "\n"
    );
}
