//! Random storms: whatever the logs say, in whatever order, some things never happen.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
struct Heard {
    application: usize,
    kind: EventKind,
    /// Milliseconds after the line before.
    pause: u64,
    /// How late the line is, in milliseconds.
    lag: u64,
    by_scs: bool,
    repeated: bool,
}

fn heard_lines() -> impl Strategy<Value = Vec<Heard>> {
    let kind = prop_oneof![
        4 => Just(EventKind::BecamePrimary),
        2 => Just(EventKind::BecameBackup),
        4 => Just(EventKind::Failed),
        2 => Just(EventKind::Started),
        1 => Just(EventKind::PlannedStop),
        1 => Just(EventKind::StateReported),
        1 => Just(EventKind::VipOk),
    ];
    let pause = prop_oneof![0_u64..300, 300_u64..4_000, 4_000_u64..400_000];
    let lag = prop_oneof![6 => Just(0_u64), 1 => 0_u64..90_000];
    let line = (0_usize..9, kind, pause, lag, any::<bool>(), any::<bool>());
    let line = line.prop_map(|(application, kind, pause, lag, by_scs, repeated)| Heard {
        application,
        kind,
        pause,
        lag,
        by_scs,
        repeated,
    });
    proptest::collection::vec(line, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_storm_starts_a_step_twice_runs_two_reactions_or_gives_the_vip_to_a_backup(lines in heard_lines()) {
        let mut watch = Watch::new();
        let mut now = Time::from_micros(1_000_000_000_000);
        for (number, line) in lines.iter().enumerate() {
            now = now.plus(Duration::from_millis(line.pause));
            watch.wake_before(now);
            for _ in 0..=usize::from(line.repeated) {
                let input = watch.line(line, now, number as u64);
                let entries = watch.core.handle(now, &input);
                watch.check(entries);
            }
        }
        watch.run_dry();
    }
}

/// The core with what must hold of it after every input.
struct Watch {
    core: Core,
    started: BTreeMap<(Arc<str>, usize), u32>,
}

impl Watch {
    fn new() -> Watch {
        let topology = Arc::new(Topology::new(vec![voicemail_pair()]));
        Watch {
            core: Core::new(topology),
            started: BTreeMap::new(),
        }
    }

    fn line(&self, line: &Heard, now: Time, number: u64) -> Input {
        let name = self.core.state.topology.solutions[0].applications[line.application]
            .name
            .clone();
        let stamp = now.minus(Duration::from_millis(line.lag));
        let event = Arc::new(Event {
            time: stamp,
            id: line.kind.word().into(),
            kind: line.kind,
            application: Some(name),
            dbid: None,
            host: None,
            mode: (line.kind == EventKind::StateReported).then_some(Mode::Primary),
            status: None,
            level: None,
            text: "".into(),
            witness: if line.by_scs {
                Witness::Scs
            } else {
                Witness::Own
            },
            writer: None,
            in_trace_gap: false,
            origin: Origin {
                file: "storm".into(),
                line: number,
                offset: number,
            },
        });
        Input::Event { event, stamp }
    }

    fn wake_before(&mut self, until: Time) {
        while let Some(at) = self.core.state.next_wake().filter(|at| *at < until) {
            let entries = self.core.handle(at, &Input::Wake);
            self.check(entries);
        }
    }

    fn run_dry(&mut self) {
        let mut turns = 0;
        while let Some(at) = self.core.state.next_wake() {
            let entries = self.core.handle(at, &Input::Wake);
            self.check(entries);
            turns += 1;
            assert!(turns < 10_000, "the timers never run dry");
        }
        let pair = &self.core.state.pairs[0];
        assert!(
            pair.incidents.is_empty() && pair.awaited.is_empty(),
            "something stays open for ever"
        );
    }

    fn check(&mut self, entries: Vec<Entry>) {
        let mut enabled = Vec::new();
        for entry in entries {
            match entry {
                Entry::StepMoved {
                    incident,
                    step,
                    to: StepState::WouldRun,
                    ..
                } => {
                    let times = self.started.entry((incident.clone(), step)).or_default();
                    *times += 1;
                    assert_eq!(*times, 1, "a step of {incident} started twice");
                    let begun = self.core.state.pairs[0].incident(&incident);
                    enabled.extend(
                        begun
                            .map(|incident| &incident.steps[step])
                            .filter(|step| step.action == Action::VipEnable)
                            .map(|step| step.host),
                    );
                }
                Entry::Closed { incident, .. } => {
                    assert!(
                        incident
                            .steps
                            .iter()
                            .all(|step| step.state != StepState::Planned)
                    );
                }
                _ => {}
            }
        }
        let (pair, solution) = (&self.core.state.pairs[0], self.core.state.solution(0));
        for host in 0..2 {
            let towards = pair
                .incidents
                .iter()
                .filter(|each| each.to == host && !each.superseded);
            assert!(towards.count() <= 1, "two incidents in one direction");
        }
        let running = |incident: &&Incident| {
            !incident.superseded && !incident.is_held() && !incident.is_done()
        };
        assert!(
            pair.incidents.iter().filter(running).count() <= 1,
            "two reactions at once"
        );
        for host in enabled {
            assert!(
                pair.leads(solution, host),
                "the VIP went to a host that does not lead"
            );
        }
    }
}
