//! Commands that hang, lie, fail or leave something behind; and the world that turns while one runs.

use std::fs;

use tailswitch::decide::{Incident, IncidentState, Reason, StepState};
use tailswitch::topology::Action;

use crate::field::Settings;
use crate::recorded::{Recorded, step};
use crate::site::{Site, until};

/// A command that goes on once the test lets it.
pub const WAITS: &str = "until test -e go; do sleep 0.02; done; effect \"$@\"";

const VM_SIP_SERVER_2: Option<usize> = Some(1);
const VM_SERVER_2: Option<usize> = Some(3);

fn is_alive(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.trim())).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
}

fn only(mut incidents: Vec<Incident>) -> Incident {
    assert_eq!(incidents.len(), 1);
    incidents.remove(0)
}

#[test]
fn a_command_that_hangs_is_ended_with_all_it_started_and_delays_nobody_else() {
    let site = Site::new(Settings {
        timeout: "1s",
        ..Settings::default()
    });
    let hangs = "trap '' TERM; setsid sleep 1000 & echo $! >child; echo $$ >hangs; while :; do sleep 1; done";
    site.acts("up", "vmhost2", hangs);
    let _daemon = site.start();
    site.rm_fails();
    let incident = only(site.until_closed(1));
    let [hung, switched] = [
        step(&incident, Action::VipEnable, None),
        step(&incident, Action::SwitchToPrimary, VM_SERVER_2),
    ];
    assert_eq!(
        (hung.state, hung.reason),
        (StepState::Failed, Reason::TimedOut)
    );
    let took = hung.ended.unwrap().since(hung.started.unwrap());
    assert!(took.as_secs() >= 1, "{took:?}");
    for left in ["hangs", "child"] {
        assert!(!is_alive(&site.read(left)), "{left}");
    }
    assert_eq!(switched.state, StepState::Done);
    assert!(switched.confirmed.unwrap() < hung.ended.unwrap());
    assert_eq!(incident.state, IncidentState::Failed);
    let state = site.state();
    assert_eq!(state.pairs[0].lock.as_ref(), Some(&incident.id));
}

#[test]
fn the_effect_counts_and_the_exit_code_is_a_hint() {
    let site = Site::new(Settings::default());
    site.acts("switch", "152", "effect \"$@\"; exit 3");
    site.acts("up", "vmhost2", "effect \"$@\"; exit 3");
    // Both say that they did it.
    site.acts("down", "vmhost1", "exit 0");
    site.acts("switch", "154", "exit 0");
    let _daemon = site.start();
    site.rm_fails();
    let incident = only(site.until_closed(1));
    let states = [
        (Action::SwitchToPrimary, VM_SIP_SERVER_2, StepState::Done),
        (Action::VipEnable, None, StepState::Done),
        (Action::VipDisable, None, StepState::Owed),
        (Action::SwitchToPrimary, VM_SERVER_2, StepState::Failed),
    ];
    for (action, application, state) in states {
        assert_eq!(
            step(&incident, action, application).state,
            state,
            "{action}"
        );
    }
    assert_eq!(
        step(&incident, Action::SwitchToPrimary, VM_SERVER_2).reason,
        Reason::NoEffect
    );
    assert_eq!(incident.state, IncidentState::Partial);
    let tried = |what: &str| site.ledger().iter().filter(|start| *start == what).count();
    assert_eq!((tried("switch 154"), tried("up vmhost2")), (1, 1));
}

#[test]
fn a_grandchild_that_holds_the_output_delays_nothing_and_has_the_deadline_too() {
    let site = Site::new(Settings::default());
    site.acts(
        "up",
        "vmhost2",
        "effect \"$@\"; setsid sleep 1000 & echo $! >grandchild",
    );
    let _daemon = site.start();
    site.rm_fails();
    let incident = only(site.until_closed(1));
    assert_eq!(
        step(&incident, Action::VipEnable, None).state,
        StepState::Done
    );
    assert_eq!(incident.state, IncidentState::Completed);
    until("it is ended", || !is_alive(&site.read("grandchild")));
}

#[test]
fn an_effect_that_comes_after_we_gave_up_is_accepted() {
    let site = Site::new(Settings {
        timeout: "500ms",
        window: "5s",
        ..Settings::default()
    });
    site.acts("switch", "154", "sleep 1000");
    let _daemon = site.start();
    site.rm_fails();
    until("it is given up", || {
        let incidents = site.incidents();
        let steps = incidents.iter().flat_map(|incident| &incident.steps);
        steps
            .into_iter()
            .any(|step| step.state == StepState::Failed)
    });
    site.becomes_primary("vms2");
    let incident = only(site.until_closed(1));
    let late = step(&incident, Action::SwitchToPrimary, VM_SERVER_2);
    assert_eq!(late.state, StepState::Done);
    assert_eq!(incident.state, IncidentState::Completed);
    assert!(site.state().pairs[0].lock.is_none());
}

#[test]
fn the_opposite_direction_waits_for_the_running_step_and_has_its_own_plan() {
    let site = Site::new(Settings::default());
    site.acts("up", "vmhost2", WAITS);
    let _daemon = site.start();
    site.becomes_primary("sips2");
    until("the VIP moves", || {
        site.ledger().contains(&"up vmhost2".into())
    });
    site.becomes_primary("sips1");
    until("the other move has begun", || site.incidents().len() == 2);
    assert!(!site.ledger().contains(&"up vmhost1".into()));
    site.write("go", "");
    let incidents = site.until_closed(2);
    assert_eq!(incidents[0].state, IncidentState::Superseded);
    assert_eq!(incidents[1].state, IncidentState::Completed);
    assert_eq!(site.vip(), ["vmhost1"]);
    let of = |word: &str| {
        site.ledger()
            .iter()
            .filter(|start| start.starts_with(word))
            .count()
    };
    assert!(of("switch 153") <= 1 && of("switch 154") == 1);
}
