//! `kill -9` of the daemon, and a start behind it: nothing is done twice, and nothing is lost.
//!
//! Any call that writes, starts a process or hears of one is a point. Killed before each, the daemon dies once in
//! every state that its disk can be in, and between any two of the named moments: intent, spawn, result, close.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tailswitch::decide::IncidentState;

use crate::field::Settings;
use crate::life::WHOLE_PLAN;
use crate::process::Daemon;
use crate::recorded::{Recorded, intents};
use crate::site::{Site, text, until};
use crate::traced::{Point, Threads, Tracer, from_the_start, is_possible};

const fn engine(call: &'static str, nth: u32) -> Point {
    let threads = Threads::Engine;
    Point { threads, call, nth }
}

const fn commands(call: &'static str, nth: u32) -> Point {
    let threads = Threads::Commands;
    Point { threads, call, nth }
}

/// Some of each kind.
const SAMPLE: [Point; 10] = [
    engine("fsync", 1),
    engine("fsync", 3),
    engine("fsync", 6),
    engine("pwrite64", 35),
    engine("unlinkat", 3),
    commands("mkdir", 1),
    commands("clone3", 1),
    commands("clone3", 2),
    commands("write", 2),
    commands("read", 9),
];

/// All the calls with which a reaction leaves something behind, or hears of something.
const CALLS: [(Threads, &str); 10] = [
    (Threads::Engine, "fsync"),
    (Threads::Engine, "pwrite64"),
    (Threads::Engine, "unlinkat"),
    (Threads::Commands, "mkdir"),
    (Threads::Commands, "rename"),
    (Threads::Commands, "pipe2"),
    (Threads::Commands, "clone3"),
    (Threads::Commands, "pidfd_open"),
    (Threads::Commands, "write"),
    (Threads::Commands, "read"),
];

#[test]
fn a_daemon_killed_in_a_reaction_goes_on_with_it() {
    if !is_possible() {
        return;
    }
    let killed = AtomicUsize::new(0);
    side_by_side(&SAMPLE, |point| {
        killed.fetch_add(usize::from(is_killed_at(*point)), Ordering::Relaxed);
    });
    let killed = killed.into_inner();
    assert!(killed > SAMPLE.len() / 2, "killed at {killed} points only");
}

#[test]
#[ignore = "minutes: every point there is"]
fn a_daemon_killed_anywhere_in_a_reaction_goes_on_with_it() {
    if !is_possible() {
        return;
    }
    side_by_side(&CALLS, |&(threads, call)| {
        let points = (1..).map(|nth| Point { threads, call, nth });
        let killed = points.take_while(|point| is_killed_at(*point)).count();
        println!("{threads:?} {call}: killed at {killed} points");
        assert!(killed > 0, "{call}");
    });
}

/// Whether it came to that: the reaction may be over before.
fn is_killed_at(point: Point) -> bool {
    println!("killed before {point:?}");
    let site = Site::new(Settings::default());
    let mut daemon = site.start();
    let tracer = Tracer::attach(daemon.pid(), point);
    site.rm_fails();
    let is_killed = ends_or_is_killed(&site, &mut daemon);
    daemon.kill();
    drop(tracer);
    let _daemon = site.start();
    is_well(&site);
    is_killed
}

fn ends_or_is_killed(site: &Site, daemon: &mut Daemon<'_>) -> bool {
    let mut is_killed = false;
    until("it ends, or the daemon does", || {
        is_killed = daemon.is_over();
        is_killed || site.closed() > 0
    });
    is_killed
}

const WRITES: [&str; 3] = ["fsync", "pwrite64", "unlinkat"];

#[test]
fn a_daemon_killed_while_it_recovers_recovers() {
    if !is_possible() {
        return;
    }
    let points = [
        (engine("fsync", 1), engine("fsync", 1)),
        (engine("pwrite64", 9), engine("fsync", 2)),
        (engine("fsync", 4), engine("pwrite64", 12)),
    ];
    side_by_side(&points, |(first, second)| {
        assert!(killed_twice_more(*first, *second), "neither was met");
    });
}

#[test]
#[ignore = "minutes: every point of a start, and of the start behind that"]
fn a_daemon_killed_anywhere_while_it_recovers_recovers() {
    if !is_possible() {
        return;
    }
    side_by_side(&WRITES, |first| {
        let second = |nth: usize| engine(WRITES[nth % 3], 1 + nth as u32 * 7 % 11);
        let points = (1..).map(|nth| (engine(first, nth as u32), second(nth)));
        let killed = points.take_while(|(first, second)| killed_twice_more(*first, *second));
        println!("{first} of a start: killed at {} points", killed.count());
    });
}

/// Killed while a command runs, killed in the start behind that, and in the start behind that.
fn killed_twice_more(first: Point, second: Point) -> bool {
    println!("killed before {first:?} of the next start, and {second:?} of the one after it");
    let site = Site::new(Settings::default());
    site.acts("switch", "152", "sleep 0.3; effect \"$@\"");
    let daemon = site.start();
    site.rm_fails();
    until("the switch runs", || !site.ledger().is_empty());
    daemon.kill();
    let [first, second] = [first, second].map(|point| {
        let mut daemon = Daemon::start(&site, &mut from_the_start(&site, point));
        let is_killed = ends_or_is_killed(&site, &mut daemon);
        daemon.kill();
        is_killed
    });
    let _daemon = site.start();
    is_well(&site);
    first || second
}

#[test]
fn a_daemon_killed_at_any_moment_goes_on() {
    at_random_moments(&[1, 2, 3, 4, 5, 6]);
}

#[test]
#[ignore = "minutes: many more moments"]
fn a_daemon_killed_at_many_moments_goes_on() {
    at_random_moments(&Vec::from_iter(100..300));
}

fn at_random_moments(seeds: &[u64]) {
    side_by_side(seeds, |seed| {
        println!("seed {seed}");
        let mut dice = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let site = Site::new(Settings::default());
        let mut daemon = site.start();
        site.rm_fails();
        for _ in 0..1 + seed % 3 {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            std::thread::sleep(Duration::from_millis(dice % 700));
            daemon.kill();
            daemon = site.spawn();
        }
        is_well(&site);
        drop(daemon);
    });
}

/// Daemons mostly wait, so several have room on the machine.
fn side_by_side<T: Sync>(cases: &[T], check: impl Fn(&T) + Sync) {
    const AT_ONCE: usize = 3;
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    check(case);
                }
            });
        }
    });
}

/// It all came to a good end, and the daemon can tell how.
#[track_caller]
fn is_well(site: &Site) {
    let incidents = site.until_closed(1);
    assert_eq!(site.starts(), WHOLE_PLAN, "each command once");
    assert_eq!(site.vip(), ["vmhost2"]);
    assert_eq!(incidents.len(), 1, "one incident");
    let incident = &incidents[0];
    assert_eq!(incident.state, IncidentState::Completed);
    assert!(site.state().pairs[0].owed.is_empty());
    assert!(
        intents(&site.entries()) >= WHOLE_PLAN.len(),
        "nothing without its intent"
    );
    let why = site.asks(None, &["why", &incident.id]);
    assert!(why.status.success(), "{}", text(&why));
    assert!(text(&why).contains("vmhost2"), "{}", text(&why));
}
