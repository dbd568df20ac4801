//! The journal on disk answers as the same entries do in memory.

use super::*;
use crate::clock::ManualClock;
use crate::journal::{Journal, Moment, Recorded, Setup, Store};
use crate::why;

/// The bench's entries, written down as the daemon would.
fn written(bench: &mut Bench, folder: &Path) {
    let clock = ManualClock::new(Time::from_micros(0));
    let setup = Setup {
        clock: &clock,
        version: "0.0.0",
        config: "none",
    };
    let topology = &bench.config.topology;
    let (mut journal, _) = Journal::open(folder, topology, &setup).unwrap();
    let all = Wanted::Between(Time::from_micros(i64::MIN), Time::from_micros(i64::MAX));
    let mut entries = bench.past.entries(&all, Page::newest(10_000)).unwrap();
    entries.reverse();
    for written in entries {
        let at = Moment {
            wall: written.at,
            ..Moment::now(written.at, &clock)
        };
        journal.append(at, &[written.entry], &[]).unwrap();
    }
}

#[test]
fn a_journal_on_disk_gives_every_answer_that_one_in_memory_gives() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut bench = Bench::new();
    bench.hear(1_000, "VM_SIPServer_2", EventKind::BecamePrimary);
    bench.hear(1_002, "VM_Server_2", EventKind::BecamePrimary);
    bench.hear(1_020, "RM_1", EventKind::Failed);
    bench.hear(1_030, "RM_2", EventKind::Failed);
    bench.wait(1_200);
    let state = folder.path().join("state");
    written(&mut bench, &state);
    let config = bench.config.clone();
    let topology = &config.topology;
    let mut recorded = Recorded::open(&state, topology.clone()).unwrap();
    for about in [
        "east-19700101T000000-1",
        "east-19700101T001640-2",
        "RM_1",
        "RM_2",
        "VM_SIPServer_2",
        "1970-01-01T00:16:40Z",
        "1970-01-01T00:17:10Z",
        "1970-01-05T00:00:00Z",
        "east-20260101T000000-7",
    ] {
        let question = why::question(topology, Time::from_micros(0), about).unwrap();
        let [on_disk, in_memory] = [&mut recorded as &mut dyn Past, &mut bench.past].map(|past| {
            let answer = why::answer(topology, past, &question).unwrap();
            answer.map_or(String::new(), |answer| why::text(&answer))
        });
        assert_eq!(on_disk, in_memory, "{about}");
    }
    let listed = |past: &mut dyn Past, before| {
        let page = Page { before, limit: 1 };
        let found = history::incidents(&config, past, Some("east"), page).unwrap();
        (table::incidents(&found, topology), found.before)
    };
    let (newest, before) = listed(&mut recorded, None);
    assert_eq!(newest, listed(&mut bench.past, None).0);
    let (older, _) = listed(&mut recorded, before);
    assert!(older.starts_with("east-"), "{older}");
    assert_ne!(newest, older);
}

#[test]
fn where_there_is_no_journal_it_says_so() {
    let folder = tempfile::TempDir::new().unwrap();
    let missing = Recorded::open(folder.path(), configured().topology.clone());
    let error = missing.map(drop).unwrap_err();
    assert!(error.to_string().contains("journal.sqlite"), "{error}");
}
