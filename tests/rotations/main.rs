//! The real daemon under load: logs are rotated in every way of the field, and the daemon is killed again and again.
//! Nothing that it could read is lost, nothing is decided twice, and memory stays flat.
//!
//! `TAILSWITCH_ROTATIONS=500:50 cargo test --release --test rotations -- --nocapture` does so many rotations and
//! restarts, and prints figures; `TAILSWITCH_SEED` chooses the writes. When exactly a daemon is killed is up to the
//! machine, so that a seed repeats what was written, and not quite what was read when.
#![cfg(target_os = "linux")]

mod daemon;
mod flat;
mod load;
mod logs;
mod oracle;
mod text;

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use daemon::{Daemon, Memory, Site};
use load::{Load, Shared};
use oracle::Oracle;
use tailswitch::sim::Dice;

/// Between two looks at a daemon.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// A daemon that reads nothing more for so long has read everything.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn every_event_is_decided_once_over_rotations_and_restarts() {
    let (rotations, restarts) = sizes();
    let seed = number("TAILSWITCH_SEED").unwrap_or(4);
    let begun = Instant::now();
    let mut dice = Dice::new(seed);
    let (site, shared) = (Site::new(), Shared::default());
    let mut oracle = Oracle::new(site.state(), site.alerts(), shared.clone());
    let mut memory = Vec::new();

    let mut daemon = site.start();
    // What turns up from now on is news.
    until(&site, &mut daemon, &mut oracle, Oracle::has_begun);
    let load = Load::new(&site.logs(), seed, shared.clone());
    let settled = |daemon: &mut Daemon, oracle: &mut Oracle| {
        until(&site, daemon, oracle, |oracle| {
            oracle.missing().is_empty() && oracle.untold().is_empty()
        });
    };
    settled(&mut daemon, &mut oracle);
    let writing = thread::spawn(move || load.run(rotations));
    for _ in 0..restarts {
        memory.push(live(&daemon, &mut oracle, dice.millis(100, 1600)));
        let is_orderly = match dice.percent(70) {
            true => daemon.kill(),
            false => daemon.stop(),
        };
        oracle.ended(!is_orderly);
        thread::sleep(dice.millis(0, 300));
        daemon = site.start();
    }
    shared.end.store(true, Ordering::Relaxed);
    while !writing.is_finished() {
        live(&daemon, &mut oracle, LOOK_EVERY);
    }
    writing.join().expect("the load ended well");
    settled(&mut daemon, &mut oracle);
    memory.push(daemon.memory());
    assert!(daemon.stop());
    oracle.ended(false);

    let verdict = oracle.judge().unwrap_or_else(|wrong| {
        let (wrong, said) = (wrong.join("\n"), site.last_words());
        panic!("seed {seed}:\n{wrong}\nthe daemons said:\n{said}")
    });
    let written = shared.written.lock().unwrap();
    println!(
        "{} rotations, {restarts} restarts, {} KiB, {:.1} s: {verdict:?}, {}",
        written.rotations,
        written.bytes / 1024,
        begun.elapsed().as_secs_f64(),
        peaks(&memory),
    );
    assert!(written.rotations >= rotations);
}

/// Rotations and restarts.
fn sizes() -> (usize, usize) {
    let asked = std::env::var("TAILSWITCH_ROTATIONS").unwrap_or_else(|_| "40:6".into());
    let sizes = asked
        .split_once(':')
        .and_then(|(rotations, restarts)| Some((rotations.parse().ok()?, restarts.parse().ok()?)));
    sizes.expect("TAILSWITCH_ROTATIONS is two numbers, as in 500:50")
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Lets the daemon be, and reads what it writes down.
fn live(daemon: &Daemon, oracle: &mut Oracle, time: Duration) -> Memory {
    let begun = Instant::now();
    loop {
        oracle.look();
        let memory = daemon.memory();
        if begun.elapsed() >= time {
            return memory;
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// Waits until it is so. There is no time at which it has to be, only one after which nobody waits any more.
fn until(site: &Site, daemon: &mut Daemon, oracle: &mut Oracle, is_so: impl Fn(&Oracle) -> bool) {
    let mut grown = Instant::now();
    let mut before = 0;
    loop {
        oracle.look();
        if is_so(oracle) {
            return;
        }
        let length = site.alerts().metadata().map_or(0, |facts| facts.len());
        if length > before {
            (grown, before) = (Instant::now(), length);
        }
        assert!(
            daemon.is_running() && grown.elapsed() < PATIENCE,
            "not in the journal: {:?}; not told: {:?}; the daemons said:\n{}",
            oracle.missing(),
            oracle.untold(),
            site.last_words()
        );
        thread::sleep(LOOK_EVERY);
    }
}

/// Of the first, the middle and the last daemon.
fn peaks(memory: &[Memory]) -> String {
    let at = |index: usize| memory.get(index).copied().unwrap_or_default().peak_kib / 1024;
    let last = memory.len().saturating_sub(1);
    format!("peaks {} {} {} MiB", at(0), at(last / 2), at(last))
}
