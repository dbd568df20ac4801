//! A day's worth of records, as fast as they can be read: memory is the same in the evening as at noon.
//!
//! `TAILSWITCH_DAY=60` makes it a day of so many seconds.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tailswitch::sim::Dice;

use super::daemon::Site;
use super::load::{Fate, Shared};
use super::oracle::Oracle;
use super::text::{self, Writer};
use super::{LOOK_EVERY, number, until};

const WRITER: Writer = Writer {
    application: "VM_SIPServer_1",
    kind: "TServer",
    host: "vmhost1",
};
/// So many segments are written and not read yet.
const AHEAD: usize = 2;
/// Blocks of noise in a segment.
const BLOCKS: usize = 4;
/// What is cached and given back makes a difference of some of it.
const UNREST_KIB: u64 = 16 * 1024;

#[test]
fn memory_is_the_same_in_the_evening_as_at_noon() {
    let day = Duration::from_secs(number("TAILSWITCH_DAY").unwrap_or(4));
    let (site, shared) = (Site::new(), Shared::default());
    let mut oracle = Oracle::new(site.state(), site.alerts(), shared.clone());
    let mut daemon = site.start();
    until(&site, &mut daemon, &mut oracle, Oracle::has_begun);
    let mut dice = Dice::new(23);
    let noise = text::noise(&mut dice, 4_000);
    let (begun, mut segments, mut bytes) = (Instant::now(), Vec::new(), 0);
    let mut memory = Vec::new();
    while begun.elapsed() < day {
        bytes += write(&site, &noise, &mut dice, &mut segments);
        shared.written.lock().unwrap().events.push(Fate::Told);
        until(&site, &mut daemon, &mut oracle, |oracle| {
            oracle.missing().len() <= AHEAD
        });
        let quarter = day.mul_f64((memory.len() + 1) as f64 / 4.0);
        if begun.elapsed() >= quarter {
            memory.push(daemon.memory().resident_kib);
        }
    }
    until(&site, &mut daemon, &mut oracle, |oracle| {
        oracle.untold().is_empty()
    });
    memory.push(daemon.memory().resident_kib);
    assert!(daemon.stop());
    println!(
        "{} events in {} MiB within {day:?}: {memory:?} KiB",
        segments.len(),
        bytes >> 20
    );
    let (noon, evening) = (memory[memory.len() / 2 - 1], memory[memory.len() - 1]);
    assert!(evening <= noon + UNREST_KIB, "{memory:?}");
}

/// One segment with one event at its end. The older ones are deleted, as far as they must have been read.
fn write(site: &Site, noise: &[u8], dice: &mut Dice, segments: &mut Vec<PathBuf>) -> usize {
    let count = segments.len();
    let stamp = text::name_stamp(jiff::Timestamp::now());
    let path = site
        .logs()
        .join(format!("{}.{stamp}.log", WRITER.application));
    let number = u32::try_from(count).expect("some thousands");
    let mut log = text::header(WRITER, count + 1, &path.to_string_lossy()).into_bytes();
    for _ in 0..BLOCKS {
        log.extend(noise);
    }
    log.extend(text::event(dice, number).bytes());
    log.push(b'\n');
    fs::write(&path, &log).expect("a log can be written");
    segments.push(path);
    if let Some(old) = count.checked_sub(AHEAD + 2) {
        fs::remove_file(&segments[old]).expect("it was there");
    }
    std::thread::sleep(LOOK_EVERY / 10);
    log.len()
}
