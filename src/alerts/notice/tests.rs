use super::*;
use crate::decide::{Input, Request};
use crate::event::EventKind;
use crate::operate::tests::Bench;

fn paused() -> Bench {
    let mut bench = Bench::new();
    let request = Request {
        verb: Verb::Pause {
            until: Time::from_micros(3_600_000_000_000),
        },
        by: "alice".into(),
        why: "new cables".into(),
    };
    bench.take(
        2_000,
        &Input::Operator {
            solution: 0,
            request,
        },
    );
    bench
}

/// Phase, class and key of each notice.
fn told(bench: &Bench, entries: &[Entry]) -> Vec<String> {
    let topology = &bench.config.topology;
    let notices = entries.iter().flat_map(|entry| of_entry(topology, entry));
    let told = notices.filter(|notice| notice.class != AlertClass::Step);
    told.map(|it| format!("{:?} {} {}", it.phase, it.class.word(), it.key))
        .collect()
}

#[test]
fn held_moves_of_a_pair_are_one_alert_until_one_goes_on() {
    let mut bench = paused();
    let held = bench.hear(2_001, "VM_Server_2", EventKind::BecamePrimary);
    assert_eq!(told(&bench, &held), ["Open hold hold:east"]);
    let request = Request {
        verb: Verb::Force { to: 1 },
        by: "alice".into(),
        why: "now".into(),
    };
    let forced = bench.take(
        2_002,
        &Input::Operator {
            solution: 0,
            request,
        },
    );
    let told = told(&bench, &forced);
    let id = &bench.core.state.pairs[0].incidents[0].id;
    assert!(
        told.contains(&"Close hold hold:east".to_owned()),
        "{told:?}"
    );
    assert!(told.contains(&format!("Open incident {id}")), "{told:?}");
}

#[test]
fn steps_are_updates_of_their_incident() {
    let mut bench = Bench::new();
    let entries = bench.hear(2_000, "VM_SIPServer_2", EventKind::BecamePrimary);
    let id = bench.core.state.pairs[0].incidents[0].id.clone();
    let topology = bench.config.topology.clone();
    let notices = entries.iter().flat_map(|entry| of_entry(&topology, entry));
    let steps: Vec<Notice> = notices.filter(|it| it.class == AlertClass::Step).collect();
    assert!(!steps.is_empty());
    for step in steps {
        assert_eq!((step.phase, step.key), (Phase::Update, id.clone()));
    }
}

#[test]
fn what_is_open_is_told_as_when_it_opened() {
    let mut bench = paused();
    let mut entries = bench.hear(2_001, "VM_Server_2", EventKind::BecamePrimary);
    entries.extend(bench.take(2_002, &Input::Disarm(Reason::JournalBroken)));
    let topology = &bench.config.topology;
    let notices = entries.iter().flat_map(|entry| of_entry(topology, entry));
    let opened: Vec<Notice> = notices.filter(|it| it.phase == Phase::Open).collect();
    let open = open(&bench.core.state);
    assert!(opened.len() >= 2, "{opened:?}");
    for notice in &opened {
        let same = open.iter().find(|it| it.key == notice.key);
        let same = same.map(|it| (&it.title, &it.text, it.class));
        assert_eq!(same, Some((&notice.title, &notice.text, notice.class)));
    }
}
