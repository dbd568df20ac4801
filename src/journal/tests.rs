//! The journal, held against the core that it remembers for.

mod broken;
mod changed;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::clock::{Clock, ManualClock};
use crate::decide::{Core, Input, StepState};
use crate::event::{Event, EventKind, Origin, Witness};
use crate::topology::{
    ActionMode, Application, Component, Host, Policy, Solution, Topology, Trigger,
};

fn start() -> Time {
    "2026-11-02T20:30:00Z".parse().unwrap()
}

pub(super) fn pair(name: &str) -> Solution {
    let kinds = [
        ("SIPS", Trigger::BecamePrimary, true, true),
        ("VMS", Trigger::BecamePrimary, true, false),
        ("RM", Trigger::FailedWhilePrimary, false, false),
    ];
    let mut applications = Vec::new();
    for host in 0..2 {
        for (kind, trigger, switched, vip_follows) in kinds {
            applications.push(Application {
                name: format!("{name}-{kind}-{host}").into(),
                dbid: 100 + applications.len() as u32,
                component: Component {
                    name: kind.into(),
                    trigger,
                    switched,
                    vip_follows,
                },
                host: Some(host),
            });
        }
    }
    let host = |number: usize| Host {
        name: format!("{name}-host-{number}").into(),
        address: None,
        aliases: Vec::new(),
    };
    Solution {
        name: name.into(),
        hosts: [host(0), host(1)],
        vip: Some("10.0.0.10".into()),
        applications,
        policy: Policy {
            mode: ActionMode::Active,
            ..Policy::default()
        },
    }
}

fn topology() -> Arc<Topology> {
    Arc::new(Topology::new(vec![pair("east"), pair("west")]))
}

/// One line of a log: (seconds after the one before, application by its place among all, kind).
type Heard = (u64, usize, EventKind);

fn event(topology: &Topology, (_, place, kind): Heard, at: Time, line: u64) -> Arc<Event> {
    let of = place % topology.solutions.len();
    let applications = &topology.solutions[of].applications;
    let application = &applications[place / topology.solutions.len() % applications.len()];
    Arc::new(Event {
        time: at,
        id: "04563".into(),
        kind,
        application: Some(application.name.clone()),
        dbid: None,
        host: None,
        mode: None,
        status: None,
        level: None,
        text: "text".into(),
        witness: Witness::Own,
        writer: None,
        in_trace_gap: false,
        origin: Origin {
            file: "log".into(),
            line,
            offset: line * 100,
        },
    })
}

/// What the core decides, input by input: the core's time and all entries of that time.
fn decided(core: &mut Core, heard: &[Heard]) -> Vec<(Time, Vec<Entry>)> {
    let mut now = start().max(core.state.now);
    let mut all = Vec::new();
    for (number, line) in heard.iter().enumerate() {
        now = now.plus(Duration::from_secs(line.0));
        while let Some(at) = core.state.next_wake().filter(|at| *at < now) {
            all.push((at, core.handle(at, &Input::Wake)));
        }
        let event = event(&core.state.topology, *line, now, number as u64);
        let stamp = now.shifted(number as i64);
        all.push((now, core.handle(now, &Input::Event { event, stamp })));
    }
    all.retain(|(_, entries)| !entries.is_empty());
    all
}

/// A host of `east` fails after both pairs' roles are known.
fn host_failure() -> Vec<Heard> {
    use EventKind::*;
    vec![
        (1, 0, BecamePrimary),
        (1, 1, BecamePrimary),
        (400, 2, BecamePrimary),
        (1, 4, Failed),
        (3, 6, BecamePrimary),
        (1, 8, BecamePrimary),
        (400, 5, Failed),
    ]
}

struct Bench {
    folder: tempfile::TempDir,
    clock: ManualClock,
}

impl Bench {
    fn new() -> Bench {
        // In memory, where there is such a place: hundreds of journals are synced hundreds of times.
        let memory = Path::new("/dev/shm");
        let folder = match memory.is_dir() {
            true => tempfile::tempdir_in(memory),
            false => tempfile::tempdir(),
        };
        Bench {
            folder: folder.unwrap(),
            clock: ManualClock::new(start()),
        }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("state")
    }

    fn open(&self, topology: &Arc<Topology>) -> (Journal, Recovered) {
        self.try_open(topology).unwrap()
    }

    fn try_open(&self, topology: &Arc<Topology>) -> Result<(Journal, Recovered), OpenError> {
        open_at(&self.path(), topology, &self.clock)
    }

    fn at(&self, core: Time) -> Moment {
        Moment::now(core, &self.clock)
    }

    fn write(&self, journal: &mut Journal, decided: &[(Time, Vec<Entry>)]) {
        for (now, entries) in decided {
            self.clock.advance(Duration::from_secs(1));
            journal.append(self.at(*now), entries, &[]).unwrap();
        }
    }
}

fn open_at(
    path: &Path,
    topology: &Arc<Topology>,
    clock: &dyn Clock,
) -> Result<(Journal, Recovered), OpenError> {
    let setup = Setup {
        clock,
        version: "0.0.0",
        config: "none",
    };
    Journal::open(path, topology, &setup)
}

#[track_caller]
fn assert_same(one: &State, other: &State) {
    assert_eq!(
        serde_json::to_value(one).unwrap(),
        serde_json::to_value(other).unwrap()
    );
    assert_eq!(one.next_wake(), other.next_wake());
}

#[test]
fn a_restart_finds_the_state_the_positions_and_what_is_in_doubt() {
    let (bench, topology) = (Bench::new(), topology());
    let mut core = Core::new(topology.clone());
    let (mut journal, recovered) = bench.open(&topology);
    assert_same(&recovered.state, &core.state);
    assert!(recovered.last.is_none() && recovered.crashed.is_empty());
    let decided = decided(&mut core, &host_failure());
    bench.write(&mut journal, &decided);
    let position = ("log".to_string(), b"at 700".to_vec());
    journal
        .append(
            bench.at(core.state.now),
            &[],
            std::slice::from_ref(&position),
        )
        .unwrap();
    assert!(bench.try_open(&topology).is_err(), "a second daemon");
    drop(journal);

    let (_, recovered) = bench.open(&topology);
    assert_same(&recovered.state, &core.state);
    assert_eq!(
        recovered.positions.into_iter().collect::<Vec<_>>(),
        [position]
    );
    assert_eq!(recovered.in_doubt, core.state.in_doubt());
    assert!(!recovered.in_doubt.is_empty());
    assert_eq!(recovered.crashed.len(), 1);
    assert_eq!(recovered.damage, []);
    let last = recovered.last.unwrap();
    assert_eq!(last.moment.core, decided.last().unwrap().0);
    assert_eq!(last.boot_id, bench.clock.boot_id());
}

#[test]
fn an_orderly_end_is_no_crash_and_leaves_a_snapshot() {
    let (bench, topology) = (Bench::new(), topology());
    let mut core = Core::new(topology.clone());
    let (mut journal, _) = bench.open(&topology);
    bench.write(&mut journal, &decided(&mut core, &host_failure()));
    let now = bench.at(core.state.now);
    journal.close(now, &core.state).unwrap();
    let (_, recovered) = bench.open(&topology);
    assert_same(&recovered.state, &core.state);
    assert!(recovered.crashed.is_empty());
    assert_eq!(recovered.last.unwrap().moment, now);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 40, failure_persistence: None, ..Default::default()
    })]

    #[test]
    fn a_snapshot_and_the_rest_make_the_same_state_as_all_entries(
        heard in heard(30), tended in 0_usize..30
    ) {
        let (bench, topology) = (Bench::new(), topology());
        let mut core = Core::new(topology.clone());
        let mut memory = MemoryStore::new(topology.clone(), "boot-1".into(), 1);
        let (mut journal, _) = bench.open(&topology);
        let half = tended.min(heard.len());
        let mut told = decided(&mut core, &heard[..half]);
        bench.write(&mut journal, &told);
        for (now, entries) in &told {
            memory.append(bench.at(*now), entries, &[]).unwrap();
        }
        let now = bench.at(core.state.now);
        let snapshot = journal.entries_since_snapshot();
        journal.snapshot_now(now, &core.state);
        proptest::prop_assert!(snapshot == 0 || journal.entries_since_snapshot() == 0);
        memory.tend(now, &core.state).unwrap();
        told = decided(&mut core, &heard[half..]);
        bench.write(&mut journal, &told);
        for (now, entries) in &told {
            memory.append(bench.at(*now), entries, &[]).unwrap();
        }
        drop(journal);
        let (_, recovered) = bench.open(&topology);
        let mut all = Core::new(topology.clone());
        let mut fold = crate::decide::Fold::new(topology.clone());
        for line in Reader::open(&bench.path()).unwrap().entries_behind(0, 10_000).unwrap() {
            fold.take(line.core, line.entry().unwrap());
        }
        all.state = fold.finish().0;
        let memory = memory.recover(&topology, "boot-2".into());
        for state in [&recovered.state, &memory.state, &core.state] {
            // What was heard and led to nothing moved the clock, and was not written down.
            all.state.now = state.now;
            proptest::prop_assert_eq!(
                serde_json::to_value(state).unwrap(), serde_json::to_value(&all.state).unwrap()
            );
        }
    }
}

pub(super) fn heard(most: usize) -> impl proptest::strategy::Strategy<Value = Vec<Heard>> {
    use proptest::prelude::*;
    let kind = prop_oneof![
        3 => Just(EventKind::BecamePrimary),
        2 => Just(EventKind::Failed),
        1 => Just(EventKind::Started),
        1 => Just(EventKind::BecameBackup),
    ];
    let pause = prop_oneof![0_u64..3, 3_u64..40, 40_u64..900];
    proptest::collection::vec((pause, 0_usize..12, kind), 1..most)
}

#[test]
fn the_reader_tells_incidents_beside_the_writer_and_without_it() {
    let (bench, topology) = (Bench::new(), topology());
    let mut core = Core::new(topology.clone());
    let (mut journal, _) = bench.open(&topology);
    bench.write(&mut journal, &decided(&mut core, &host_failure()));
    let beside = Reader::open(&bench.path()).unwrap();
    assert_eq!(beside.daemon().unwrap().pid, std::process::id());
    check_told(&beside, &core, &topology);
    drop(journal);
    assert_eq!(beside.daemon(), None);
    check_told(&Reader::open(&bench.path()).unwrap(), &core, &topology);
}

fn check_told(reader: &Reader, core: &Core, topology: &Arc<Topology>) {
    let state = reader.state(topology).unwrap();
    assert_same(&state, &core.state);
    let incidents = reader.incidents(10).unwrap();
    let newest = incidents.first().unwrap();
    let open = core.state.pairs.iter().flat_map(|pair| &pair.incidents);
    let open: Vec<_> = open.collect();
    assert!(!open.is_empty());
    for incident in open {
        let told = reader.incident(&incident.id).unwrap().unwrap();
        assert_eq!(&told.incident, incident);
    }
    assert!(
        incidents
            .windows(2)
            .all(|two| two[0].incident.opened >= two[1].incident.opened)
    );
    assert!(newest.solution.name.starts_with("east") || newest.solution.name.starts_with("west"));
    let entries = reader.entries_of(&newest.incident.id).unwrap();
    assert!(entries.iter().any(|line| line.kind == "opened"));
    let steps = entries
        .iter()
        .filter_map(|line| match line.entry().unwrap() {
            Entry::StepMoved { to, .. } => Some(to),
            _ => None,
        });
    assert!(steps.into_iter().all(|to| to != StepState::WouldRun));
    let keys: Vec<_> = reader.open_alerts(&state).unwrap();
    let open = core
        .state
        .pairs
        .iter()
        .map(|pair| pair.alerts.len())
        .sum::<usize>();
    assert_eq!(keys.len(), open + core.state.scs.alerts.len());
    let all = reader.entries_behind(0, 10_000).unwrap();
    let text = serde_json::to_string(&all[0]).unwrap();
    assert!(
        text.starts_with(r#"{"seq":1,"run":1,"wall":"2026-11-02T20:30:01.000Z","#),
        "{text}"
    );
    let between = reader
        .entries_between(all[0].wall, all[0].wall.shifted(1), 100)
        .unwrap();
    assert!(between.iter().all(|line| line.wall == all[0].wall) && !between.is_empty());
    assert!(reader.verify().unwrap().is_whole());
}

#[test]
fn pruning_keeps_the_chain_and_whatever_is_open() {
    let (bench, topology) = (Bench::new(), topology());
    let mut core = Core::new(topology.clone());
    let (mut journal, _) = bench.open(&topology);
    let mut heard = host_failure();
    heard.extend((0..40).map(|n| (200, n, EventKind::Started)));
    for part in [&heard[..5], &heard[5..]] {
        let told = decided(&mut core, part);
        bench.write(&mut journal, &told);
        journal.snapshot_now(bench.at(core.state.now), &core.state);
    }
    let last = Reader::open(&bench.path())
        .unwrap()
        .entries_behind(0, 10_000)
        .unwrap();
    let nothing = Keep {
        since: Time::from_micros(i64::MAX),
        entries: 0,
    };
    let far = Keep {
        since: start(),
        entries: 0,
    };
    let at = bench.at(core.state.now);
    assert_eq!(journal.prune(at, &core.state, far).unwrap().entries, 0);
    let pruned = journal.prune(at, &core.state, nothing).unwrap();
    let left = Reader::open(&bench.path()).unwrap();
    let lines = left.entries_behind(0, 10_000).unwrap();
    assert_eq!(pruned.entries as usize, last.len() - lines.len());
    assert!(left.verify().unwrap().is_whole());
    let free = journal
        .connection
        .pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0));
    assert_eq!(free.unwrap(), 0, "the space is given back");
    for incident in core.state.pairs.iter().flat_map(|pair| &pair.owed) {
        assert!(!left.entries_of(&incident.incident).unwrap().is_empty());
    }
    drop(journal);
    let (_, recovered) = bench.open(&topology);
    assert_same(&recovered.state, &core.state);
    assert_eq!(recovered.damage, []);
}

#[test]
fn a_newer_journal_is_refused_with_both_versions() {
    let (bench, topology) = (Bench::new(), topology());
    drop(bench.open(&topology));
    let file = bench.path().join("journal.sqlite");
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 9).unwrap();
    drop(connection);
    let refused = bench.try_open(&topology).unwrap_err().to_string();
    assert!(
        refused.ends_with("written by a newer version (schema 9, this one knows 1)"),
        "{refused}"
    );
    assert!(Reader::open(&bench.path()).is_err());
}

#[test]
fn what_a_failed_append_wrote_may_be_lost_or_kept_and_nothing_follows_it() {
    let topology = topology();
    let at = Moment {
        core: start(),
        wall: start(),
        boottime: Duration::ZERO,
    };
    let entry = Entry::WorldDoubted { at: start() };
    for (fault, kept, left) in [
        (Fault::NotWritten, true, 1),
        (Fault::NotSynced, false, 1),
        (Fault::NotSynced, true, 2),
    ] {
        let mut store = MemoryStore::new(topology.clone(), "boot-1".into(), 100);
        store.fail_after(1, fault);
        store.append(at, std::slice::from_ref(&entry), &[]).unwrap();
        store
            .append(at, std::slice::from_ref(&entry), &[])
            .unwrap_err();
        store
            .append(at, std::slice::from_ref(&entry), &[])
            .unwrap_err();
        store.crash(kept);
        assert_eq!(store.entries().count(), left, "{fault:?} {kept}");
        store.append(at, std::slice::from_ref(&entry), &[]).unwrap();
    }
}
