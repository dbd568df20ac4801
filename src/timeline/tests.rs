use super::*;
use crate::decide::{Hold, IncidentState, Reason};
use crate::demo::replayed;
use crate::escape::is_unsafe;
use crate::event::Event;

/// The demonstration's page after a change of its one incident.
fn drawn(change: impl FnOnce(&mut Account)) -> String {
    let (topology, mut report) = replayed();
    change(&mut report.accounts[0]);
    page(&topology, &report).unwrap()
}

/// Every place across that the page draws at.
fn places(page: &str) -> Vec<f64> {
    let ends = page.split(" x").skip(1);
    ends.filter_map(|rest| {
        let (_, value) = rest.split_once("=\"")?;
        value.split_once('"')?.0.strip_suffix('%')?.parse().ok()
    })
    .collect()
}

fn edit(account: &mut Account, change: impl Fn(&mut Event)) {
    for decision in &mut account.evidence {
        let mut event = (*decision.event).clone();
        change(&mut event);
        decision.event = event.into();
    }
}

#[test]
fn a_page_needs_nothing_but_itself() {
    let page = drawn(|_| ());
    for foreign in [
        "<script", "http:", "https:", "src=", "href=", "url(", "@import",
    ] {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    assert!(page.contains("prefers-color-scheme: dark"));
}

#[test]
fn each_application_that_has_a_part_and_each_vip_has_a_lane() {
    let page = drawn(|_| ());
    let lanes: Vec<&str> = page
        .split("class=\"lane\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('>')?.1.split_once('<'))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(
        lanes,
        [
            "VM_SIPServer_1",
            "VM_Server_1",
            "RM_1",
            "MCP_1",
            "VIP",
            "VM_SIPServer_2",
            "VM_Server_2",
            "VIP",
            "SCS_P"
        ]
    );
}

#[test]
fn the_decision_the_steps_and_what_is_owed_are_drawn() {
    let page = drawn(|_| ());
    assert!(page.contains(">decision +0.538<"));
    for chip in ["chip so", "chip run", "chip owed"] {
        assert!(page.contains(chip), "{chip}");
    }
    assert!(page.contains("class=\"vip owed\""));
    assert!(page.contains("class=\"bar seen\"") && page.contains("class=\"bar open owed\""));
    assert_eq!(page.matches("class=\"opens\"").count(), 1);
    assert!(page.contains(
        "+0.538 VM_SIPServer_2:66 04563 Hot Standby (Primary) mode activated (became-primary): OPENS"
    ));
}

#[test]
fn a_hold_is_drawn_from_the_decision_on() {
    let page = drawn(|account| {
        account.incident.state = IncidentState::Held;
        account.incident.hold = Some(Hold {
            reason: Reason::Blocked,
            detail: "until noon".into(),
        });
    });
    assert!(page.contains("class=\"hold\"") && page.contains(">held +0.538<"));
    assert!(page.contains("was to become primary"));
    assert!(page.contains("<h1>One incident, held</h1>"));
}

#[test]
fn what_a_log_says_is_text_and_nothing_else() {
    let hostile = "</title><script>alert('\u{1b}[2J\u{202e}')</script>\"&\n";
    let page = drawn(|account| {
        edit(account, |event| {
            event.text = hostile.into();
            event.id = hostile.into();
            event.origin.file = hostile.into();
        });
        account.evidence[3].application = None;
        account.evidence[3].detail = Some(hostile.into());
    });
    assert!(!page.contains("<script"));
    let is_control = |each: char| each != '\n' && is_unsafe(each);
    assert!(!page.contains(is_control));
    assert!(page.contains("\\x1b[2J\\u{202e}"));
}

#[test]
fn a_flood_stays_inside_the_picture() {
    for apart_micros in [0, 1, 40_000, 90_000_000] {
        let page = drawn(|account| {
            let one = account.evidence[0].clone();
            account.evidence = (0..200)
                .map(|number| {
                    let mut next = one.clone();
                    next.stamp = one.stamp.shifted(number * apart_micros);
                    next
                })
                .collect();
            account.more = 7;
        });
        let places = places(&page);
        assert!(places.len() > 20);
        assert!(places.iter().all(|place| (0.0..=100.0).contains(place)));
        assert!(page.contains("… and 7 events more"));
        let rows = page.matches("<tr><td class=\"time\">").count();
        assert_eq!(rows, 200);
    }
}

#[test]
fn a_report_without_incidents_is_a_page_too() {
    let (topology, _) = replayed();
    let page = page(&topology, &Report::default()).unwrap();
    assert!(page.contains("<h1>No incident</h1>"));
    assert!(page.trim_end().ends_with("</html>"));
}

#[test]
fn an_incident_whose_evidence_is_gone_is_drawn_all_the_same() {
    let page = drawn(|account| account.evidence.clear());
    assert!(page.contains(">decision +0.000<"));
}
