//! Questions and answers as texts.

use super::*;
use crate::decide::{Input, Request, Verb};
use crate::event::EventKind;
use crate::operate::tests::Bench;
use crate::time::Time;

#[track_caller]
fn told(bench: &mut Bench, about: &str) -> String {
    let topology = bench.config.topology.clone();
    let question = question(&topology, bench.core.state.now, about).expect("a question");
    let answer = answer(&topology, &mut bench.past, &question).expect("a readable journal");
    answer.map_or("nothing is known".into(), |why| text(&why))
}

#[track_caller]
fn has(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.contains(line), "no `{line}` in\n{text}");
    }
}

#[test]
fn an_incident_is_told_with_its_gates_its_steps_and_their_reasons() {
    let mut bench = Bench::new();
    bench.hear(1_000, "VM_SIPServer_2", EventKind::BecamePrimary);
    bench.hear(1_002, "VM_Server_2", EventKind::BecamePrimary);
    bench.wait(1_100);
    let told = told(&mut bench, "east-19700101T001640-2");
    has(
        &told,
        &[
            "east from vmhost1 to vmhost2, COMPLETED",
            "closed 1970-01-01T00:17:12",
            "cause: VM_SIPServer_2 04563: the VM SIP Server is primary there",
            "age: 0s when decided (by its own stamp), at most 1m",
            "journal-not-writable passes    writable",
            "flapping             passes    0 of 3 moves within 30m",
            "blocked              not asked",
            "OPENS",
            "1. switch to primary VM_SIPServer_2: already so; it is so already",
            "2. enable the VIP on vmhost2: would run;",
            "its effect was seen",
            "closed as completed",
        ],
    );
}

#[test]
fn a_held_move_names_the_gate_that_holds() {
    let mut bench = Bench::new();
    let request = Request {
        verb: Verb::Pause {
            until: Time::from_micros(9_000_000_000),
        },
        by: "alice".into(),
        why: "new \u{1b}cables".into(),
    };
    bench.take(
        1_000,
        &Input::Operator {
            solution: 0,
            request,
        },
    );
    bench.hear(1_010, "RM_1", EventKind::Failed);
    bench.wait(1_012);
    let told = told(&mut bench, "east-19700101T001651-2");
    has(
        &told,
        &[
            "HELD: an operator paused the pair (by alice until 02:30:00.000: new \\x1bcables)",
            "paused               HOLDS     by alice until 02:30:00.000: new \\x1bcables",
            "still open",
        ],
    );
    assert!(!told.contains('\u{1b}'));
}

#[test]
fn an_application_is_told_with_what_is_believed_and_why_nothing_was_done() {
    let mut bench = Bench::new();
    bench.hear(1_010, "RM_2", EventKind::Failed);
    bench.wait(1_020);
    let rm = told(&mut bench, "RM_2");
    has(
        &rm,
        &[
            "RM_2 (DBID 156, resource-manager), pair east",
            "RM_2 is on vmhost2, which is backup since 00:00:00.000 (VM_SIPServer_1 primary by sips.log:1)",
            "state: down since 1970-01-01 00:16:50",
            "its host is backup: redundancy lost, nothing moves",
            "not acted: RM_2 is on vmhost2, which was backup since 00:00:00.000",
        ],
    );
    assert_eq!(rm, told(&mut bench, "156"));
    has(
        &told(&mut bench, "RM_1"),
        &["nothing was decided about it yet"],
    );
}

#[test]
fn a_time_is_told_with_what_was_believed_and_decided_around_it() {
    let mut bench = Bench::new();
    bench.hear(1_000, "VM_SIPServer_2", EventKind::BecamePrimary);
    bench.wait(1_100);
    let at = told(&mut bench, "1970-01-01T00:16:40Z");
    has(
        &at,
        &[
            "east: vmhost1 primary, VIP on vmhost1",
            "00:16:40.000 east-19700101T001640-2: move to vmhost2, 4 steps",
            "enable the VIP on vmhost2: would run",
        ],
    );
    assert_eq!(at, told(&mut bench, "00:16:40"));
    has(
        &told(&mut bench, "1970-01-09T00:00:00Z"),
        &["east: vmhost2 primary", "Nothing was decided from"],
    );
}

#[test]
fn a_question_about_nothing_says_what_can_be_asked() {
    let bench = Bench::new();
    let topology = &bench.config.topology;
    let wrong = question(topology, Time::default(), "VM_SIPServer_3").unwrap_err();
    assert!(wrong.contains("did you mean `VM_SIPServer_"), "{wrong}");
    for about in ["", "east", "yesterday", "999"] {
        assert!(
            question(topology, Time::default(), about).is_err(),
            "{about}"
        );
    }
    let mut bench = Bench::new();
    assert_eq!(
        told(&mut bench, "east-20200101T000000-9"),
        "nothing is known"
    );
}
