use std::sync::Arc;

use super::*;
use crate::decide::{Decision, Hold, IncidentState, Reason, StepState, Verdict};
use crate::demo::replayed;
use crate::escape::is_unsafe;
use crate::event::Event;
use crate::report::Account;

/// The demonstration's story after a change of its one incident.
fn story(change: impl FnOnce(&mut Account)) -> String {
    let (topology, mut report) = replayed();
    change(&mut report.accounts[0]);
    let command = |_: usize, _: &Incident, step: &Step| {
        Some(vec![step.action.to_string(), "a b\u{1b}'c".into()])
    };
    let story = Story {
        topology: &topology,
        command: &command,
    };
    story.tell(&report)
}

fn line<'a>(story: &'a str, part: &str) -> &'a str {
    let found = story.lines().find(|line| line.contains(part));
    found.unwrap_or_else(|| panic!("no `{part}` in\n{story}"))
}

fn edit(decision: &mut Decision, change: impl FnOnce(&mut Event)) {
    let mut event = (*decision.event).clone();
    change(&mut event);
    decision.event = event.into();
}

#[test]
fn a_storm_is_told_in_the_order_in_which_it_happened() {
    let story = story(|account| account.evidence.reverse());
    let offsets: Vec<&str> = story
        .lines()
        .skip_while(|line| !line.contains("storm:"))
        .skip(1)
        .take_while(|line| !line.contains("decision"))
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    assert_eq!(offsets.len(), 20);
    assert!(offsets.is_sorted(), "{offsets:?}");
    assert_eq!(offsets[0], "+0.000");
}

#[test]
fn lines_fit_a_terminal() {
    let (topology, report) = replayed();
    let story = Story {
        topology: &topology,
        command: &|_, _, _| None,
    };
    for line in story.tell(&report).lines() {
        assert!(line.chars().count() <= 120, "{line}");
    }
}

#[test]
fn a_reason_is_told_once() {
    let hold = Hold {
        reason: Reason::Blocked,
        detail: "until noon".into(),
    };
    let story = story(|account| {
        account.incident.state = IncidentState::Held;
        account.incident.hold = Some(hold.clone());
        for step in &mut account.incident.steps {
            step.state = StepState::Held;
            step.started = None;
            step.reason = hold.reason;
            step.detail = Some(hold.detail.clone());
        }
    });
    assert_eq!(story.matches(Reason::Blocked.sentence()).count(), 1);
    assert_eq!(story.matches("until noon").count(), 1);
    assert!(line(&story, "decision").ends_with("HELD, nothing is moved to vmhost2"));
}

#[test]
fn what_a_log_says_cannot_steer_a_terminal() {
    let hostile = "\u{1b}[2J\u{202e}\n";
    let story = story(|account| {
        for decision in &mut account.evidence {
            decision.application = None;
            decision.detail = Some(hostile.into());
            edit(decision, |event| {
                event.id = hostile.into();
                event.host = Some(hostile.into());
                event.origin.file = hostile.into();
            });
        }
        for step in &mut account.incident.steps {
            step.detail = Some(hostile.into());
        }
    });
    assert!(!story.lines().any(|line| line.chars().any(is_unsafe)));
    assert!(line(&story, "$ vip-enable").contains(r"vip-enable 'a b\x1b'\''c'  # "));
}

#[test]
fn a_date_is_told_where_it_is_another_day() {
    let story = story(|account| {
        let later = 86_400_000_000;
        account.incident.opened = account.incident.opened.shifted(later);
        for decision in &mut account.evidence {
            decision.stamp = decision.stamp.shifted(later);
        }
    });
    assert_eq!(story.lines().next(), Some("Times are UTC, on 2026-11-02."));
    assert!(line(&story, "COMPLETED").ends_with("  on 2026-11-03"));
    assert!(line(&story, "  decision 20:31:07.950 (+0.538)").contains("move to vmhost2, once"));
}

#[test]
fn a_stamp_that_was_corrected_is_told_too() {
    let story = story(|account| {
        edit(&mut account.evidence[0], |event| {
            event.time = "2026-11-02T20:35:07.950Z".parse().unwrap();
        });
    });
    assert!(line(&story, "OPENS").ends_with("OPENS (stamped 20:35:07.950)"));
}

#[test]
fn a_long_storm_is_cut_and_counted() {
    let story = story(|account| {
        let one = account.evidence[0].clone();
        account.evidence = vec![one; 30];
        account.more = 70;
    });
    assert_eq!(line(&story, "…").trim(), "… and 76 events more");
    assert!(line(&story, "storm:").starts_with("  storm: 100 events"));
}

#[test]
fn without_a_known_failure_a_move_was_by_hand_or_unexplained() {
    let by_hand = story(|account| account.failed.clear());
    assert!(
        by_hand
            .contains("no failure on vmhost1 is known: switched by hand, or the cause is unknown")
    );
    let failed = story(|_| ());
    assert!(failed.contains("failed on vmhost1: VM_SIPServer_1, VM_Server_1, RM_1, MCP_1"));
}

#[test]
fn the_guide_s_wiring_counts_each_alarm_once() {
    // 5091 and 5064 of RM_1 and MCP_1, 4563 of VM_Server_2, and three scripts on that of VM_SIPServer_2.
    let told = "SCS, with one alarm reaction per event, would have run 8 scripts in no order; this is 3, each once";
    assert!(story(|_| ()).contains(told));
    let twice = story(|account| account.evidence.extend(account.evidence.clone()));
    assert!(twice.contains(told));
}

#[test]
fn alerts_close_in_the_words_in_which_they_opened() {
    let (topology, mut report) = replayed();
    let mut closing = report.alerts[0].clone();
    (closing.open, closing.text) = (false, "is over".into());
    report.alerts.push(closing);
    let story = Story {
        topology: &topology,
        command: &|_, _, _| None,
    };
    let told = story.tell(&report);
    let told: Vec<&str> = told
        .lines()
        .filter_map(|line| line.split_once("vmhost1 owes a VIP disable"))
        .map(|(before, _)| before.trim())
        .collect();
    assert_eq!(told, ["20:31:07.950  opens", "20:31:07.950  closes"]);
}

#[test]
fn what_is_the_same_is_one_line_and_what_is_untold_is_counted() {
    let (topology, mut report) = replayed();
    let mut one = report.accounts[0].evidence[0].clone();
    (one.verdict, one.reason, one.incident) = (Verdict::Ignore, Reason::SameFact, None);
    for _ in 0..7 {
        report.take(&crate::decide::Entry::Decided(one.clone()));
    }
    let story = Story {
        topology: &topology,
        command: &|_, _, _| None,
    };
    let told = story.tell(&report);
    let at = told.find("  7 × another sighting of a known fact").unwrap();
    let lines: Vec<&str> = told[at..].lines().take(3).map(str::trim).collect();
    assert!(lines[1].ends_with("and 4 more"), "{told}");
    assert_eq!(lines[2], "… and 2 events more");
}

#[test]
fn permutations_name_the_incident_only_where_there_are_several() {
    let (topology, _) = replayed();
    let story = Story {
        topology: &topology,
        command: &|_, _, _| None,
    };
    let one = Permutation {
        incident: "east-1".into(),
        solution: 0,
        events: 8,
        orders: 5040,
        sampled: true,
        plans: [(Default::default(), 5040)].into(),
    };
    let mut two = one.clone();
    two.sampled = false;
    let step = (crate::topology::Action::VipEnable, Arc::from("vmhost2"));
    two.plans = [([step].into(), 5039), (Default::default(), 1)].into();
    assert_eq!(
        story.permutations(std::slice::from_ref(&one)),
        "5040 orders of 8 events (sampled), 1 plan\n"
    );
    assert_eq!(
        story.permutations(&[one, two]),
        "east-1: 5040 orders of 8 events (sampled), 1 plan\n\
         east-1: 5040 orders of 8 events, 2 plans\n  1 order: \n  5039 orders: vip-enable vmhost2\n"
    );
}
