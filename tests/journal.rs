//! The journal on real disks: killed, full, failing, and large.
//!
//! The appending process is this test program started again; `child_appends` is its way in.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use tailswitch::clock::{Clock, SystemClock};
use tailswitch::decide::Entry;
use tailswitch::journal::{Journal, Moment, Reader, Recovered, Setup, Store};
use tailswitch::topology::Topology;

const CHILD: &str = "TAILSWITCH_TEST_JOURNAL";

fn open(folder: &Path) -> (Journal, Recovered) {
    let setup = Setup {
        clock: &SystemClock::new(),
        version: "0.0.0",
        config: "none",
    };
    Journal::open(folder, &Arc::new(Topology::default()), &setup).expect("the journal opens")
}

fn entry(clock: &SystemClock) -> (Moment, Entry) {
    let now = clock.wall();
    (Moment::now(now, clock), Entry::WorldDoubted { at: now })
}

/// Appends until it is ended or the journal dies, and prints the number of each entry once it is acknowledged.
#[test]
fn child_appends() {
    let Some(folder) = std::env::var_os(CHILD) else {
        return;
    };
    let clock = SystemClock::new();
    let (mut journal, recovered) = open(Path::new(&folder));
    loop {
        let (at, entry) = entry(&clock);
        let entries = [entry.clone(), entry.clone(), entry];
        match journal.append(at, &entries, &[]) {
            Ok(seq) => println!("acknowledged {seq}"),
            Err(dead) => {
                let again = journal.append(at, &entries[..1], &[]);
                assert_eq!(again, Err(dead.clone()), "a dead journal stays dead");
                println!("dead {}", dead.why);
                return;
            }
        }
        if journal.wants_tending() {
            let _ = journal.tend(at, &recovered.state);
        }
    }
}

fn child(folder: &Path, before: &[&str]) -> Child {
    let program = std::env::current_exe().expect("this program");
    let program = program.to_str().expect("a plain path");
    let argv = [
        before,
        &[program, "--exact", "child_appends", "--nocapture"],
    ]
    .concat();
    Command::new(argv[0])
        .args(&argv[1..])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the child starts")
}

/// The child's lines, its harness's own left out: `acknowledged 3`, …, `dead disk full`.
fn told(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let out = child.stdout.take().expect("its output");
    let lines = BufReader::new(out).lines().map_while(Result::ok);
    lines.filter_map(|line| {
        let from = line.find("acknowledged").or_else(|| line.find("dead "))?;
        Some(line[from..].to_string())
    })
}

fn acknowledged(line: &str) -> i64 {
    let number = line.strip_prefix("acknowledged ").expect("acknowledged");
    number.parse().expect("a number")
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("state");
    let mut last = 0;
    for round in 1..=6 {
        let mut child = child(&folder, &[]);
        let mut lines = told(&mut child);
        for _ in 0..round * 7 {
            last = acknowledged(&lines.next().expect("a line"));
        }
        child.kill().expect("killed");
        child.wait().expect("gone");
        last = lines.map(|line| acknowledged(&line)).last().unwrap_or(last);
        let reader = Reader::open(&folder).expect("readable");
        let verified = reader.verify().expect("checked");
        assert!(verified.is_whole(), "{verified:?}");
        // One append may have become durable that nobody was told of any more, and none is there in part.
        let entries = verified.entries as i64;
        assert!(
            entries == last || entries == last + 3,
            "{entries}, told {last}"
        );
        last = entries;
    }
    let (_, recovered) = open(&folder);
    assert_eq!(recovered.damage, []);
    assert_eq!(recovered.crashed.len(), 6);
}

#[test]
fn a_full_disk_ends_the_journal_and_leaves_what_was_acknowledged() {
    let parent = tempfile::tempdir().expect("a folder");
    let disk = parent.path().join("disk");
    std::fs::create_dir(&disk).expect("a folder");
    let mount = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"])
        .arg(&disk)
        .output();
    if !mount.is_ok_and(|output| output.status.success()) {
        println!("left out: a tmpfs may not be mounted here");
        return;
    }
    let folder = disk.join("state");
    let mut child = child(&folder, &[]);
    let lines: Vec<String> = told(&mut child).collect();
    let status = child.wait().expect("its end");
    let last = lines.iter().rev().nth(1).map(|line| acknowledged(line));
    let dead = lines.last().cloned().unwrap_or_default();
    let verified = Reader::open(&folder).and_then(|reader| reader.verify());
    // A start on the full disk still knows everything, and still writes nothing.
    let (journal, recovered) = open(&folder);
    let (known, is_dead) = (recovered.last.is_some(), journal.dead().is_some());
    drop(journal);
    let _ = Command::new("umount").arg(&disk).status();
    assert!(status.success());
    assert!(dead.starts_with("dead ") && dead.contains("full"), "{dead}");
    let verified = verified.expect("readable");
    assert!(verified.is_whole(), "{verified:?}");
    assert!(
        Some(verified.entries as i64) >= last,
        "{verified:?}, told {last:?}"
    );
    assert!(known && is_dead);
}

/// The 30th sync of the database, the 2nd of the head.
#[test]
fn a_failed_sync_is_never_tried_again() {
    let works = Command::new("strace")
        .args(["-e", "trace=none", "true"])
        .output();
    if !works.is_ok_and(|output| output.status.success()) {
        println!("left out: strace is not here or may not trace");
        return;
    }
    for (call, when) in [("fsync", 30), ("fdatasync", 2)] {
        let parent = tempfile::tempdir().expect("a folder");
        let folder = parent.path().join("state");
        drop(open(&folder));
        let trace = parent.path().join("trace");
        let inject = format!("inject={call}:error=EIO:when={when}");
        let trace_name = trace.to_str().expect("a plain path");
        let strace = [
            "strace",
            "-f",
            "-o",
            trace_name,
            "-e",
            "trace=fdatasync,fsync",
            "-e",
            &inject,
        ];
        let mut child = child(&folder, &strace);
        let lines: Vec<String> = told(&mut child).collect();
        assert!(child.wait().expect("its end").success());
        let dead = lines.last().cloned().unwrap_or_default();
        assert!(dead.starts_with("dead "), "{dead}");
        let trace = std::fs::read_to_string(&trace).expect("the trace");
        let after = trace.lines().skip_while(|line| !line.contains("INJECTED"));
        assert_eq!(
            after.filter(|line| line.contains("sync(")).count(),
            1,
            "{trace}"
        );
        let (_, recovered) = open(&folder);
        assert_eq!(recovered.damage, []);
    }
}

/// `cargo test --release --test journal -- --ignored --nocapture` for the figure.
#[test]
#[ignore = "writes a million entries"]
fn a_million_entries_are_opened_at_once() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("state");
    let clock = SystemClock::new();
    let (mut journal, recovered) = open(&folder);
    for _ in 0..1_000 {
        let (at, entry) = entry(&clock);
        journal
            .append(at, &vec![entry; 1_000], &[])
            .expect("written");
        if journal.wants_tending() {
            journal.tend(at, &recovered.state).expect("tended");
        }
    }
    drop(journal);
    let begun = clock.boottime();
    let (_journal, recovered) = open(&folder);
    println!("opened in {:?}", clock.boottime() - begun);
    assert_eq!(recovered.damage, []);
    let begun = clock.boottime();
    let verified = Reader::open(&folder).and_then(|reader| reader.verify());
    println!("verified in {:?}", clock.boottime() - begun);
    assert_eq!(verified.expect("readable").entries, 1_000_000);
}
