//! The guide's table, coded a second time and by other means: what may run, seen from the row alone. Every row,
//! both ways round, in every order of its events, and the whole-host failure for every part of its events too.

use std::collections::BTreeSet;

use super::*;

/// One row of the guide's failure scenarios, for a pair that is primary on host `n` and moves to `m`.
struct Row {
    name: &'static str,
    /// What the logs say, with `n` and `m` for the two hosts.
    events: &'static [&'static str],
    moves: bool,
}

const ROWS: &[Row] = &[
    Row {
        name: "VM SIP Server fails, or its peer is switched",
        events: &["SIPS-m became-primary"],
        moves: true,
    },
    Row {
        name: "VM Server fails, or its peer is switched",
        events: &["VMS-m became-primary"],
        moves: true,
    },
    Row {
        name: "Resource Manager fails",
        events: &["RM-n failed", "RM-n failed"],
        moves: true,
    },
    Row {
        name: "Media Control Platform fails",
        events: &["MCP-n failed", "MCP-n failed"],
        moves: true,
    },
    Row {
        name: "the whole primary host fails",
        events: &[
            "RM-n failed",
            "MCP-n failed",
            "SIPS-n failed",
            "VMS-n failed",
            "SIPS-m became-primary",
            "VMS-m became-primary",
        ],
        moves: true,
    },
    Row {
        name: "a Resource Manager of the backup host fails",
        events: &["RM-m failed"],
        moves: false,
    },
    Row {
        name: "a Media Control Platform of the backup host fails",
        events: &["MCP-m failed"],
        moves: false,
    },
    Row {
        name: "a VM Server of the backup host fails",
        events: &["VMS-m failed"],
        moves: false,
    },
    Row {
        name: "a VM SIP Server of the backup host fails",
        events: &["SIPS-m failed"],
        moves: false,
    },
    Row {
        name: "the premise SIP Server fails",
        events: &["Premise failed", "Premise became-primary"],
        moves: false,
    },
];

/// What the guide has done for a set of events, read off the set and not the order.
fn expected(events: &[&str], moves: bool, to: &str) -> BTreeSet<String> {
    let heard = |part: &str| events.iter().any(|event| event.starts_with(part));
    let moving = moves
        && !events
            .iter()
            .all(|event| event.starts_with("SIPS-n") || event.starts_with("VMS-n"));
    if !moving {
        return BTreeSet::new();
    }
    let led = heard("SIPS-m");
    let from = if to == "H1" { "H2" } else { "H1" };
    let (m, mut steps) = (&to[1..], BTreeSet::new());
    steps.insert(format!(
        "switch-to-primary SIPS-{m} {}",
        if led { "led" } else { "run" }
    ));
    // Only the VM SIP Server's own 4563 moves the VIP; the VM Server follows it, or led itself.
    let vip = if led { "run" } else { "void" };
    steps.insert(format!("vip-enable {to} {vip}"));
    steps.insert(format!("vip-disable {from} {vip}"));
    let follows = match (heard("VMS-m"), led) {
        (true, _) => "led",
        (false, true) => "run",
        (false, false) => "void",
    };
    steps.insert(format!("switch-to-primary VMS-{m} {follows}"));
    steps
}

#[test]
fn every_row_of_the_guide_both_ways_round_and_in_every_order() {
    let mut orders = 0;
    for (n, m) in [("1", "2"), ("2", "1")] {
        for row in ROWS {
            for order in permutations(row.events) {
                agree(row.name, &order, row.moves, n, m);
                orders += 1;
            }
        }
    }
    assert!(orders > 1400, "only {orders} orders");
}

#[test]
fn any_part_of_a_whole_host_failure_in_any_order_is_one_incident_with_the_guides_steps() {
    let whole = ROWS
        .iter()
        .find(|row| row.events.len() == 6)
        .expect("the whole host");
    for (n, m) in [("1", "2"), ("2", "1")] {
        for chosen in 1_u32..64 {
            let part: Vec<&str> = whole
                .events
                .iter()
                .enumerate()
                .filter(|(index, _)| chosen & (1 << index) != 0)
                .map(|(_, event)| *event)
                .collect();
            for order in permutations(&part) {
                agree("part of a host failure", &order, true, n, m);
            }
        }
    }
}

#[track_caller]
fn agree(name: &str, order: &[&str], moves: bool, n: &str, m: &str) {
    let to = format!("H{m}");
    let mut script =
        format!("0 history SIPS-{n} became-primary\n0 history VMS-{n} became-primary\n");
    for (position, event) in order.iter().enumerate() {
        let event = event
            .replace("-n", &format!("-{n}"))
            .replace("-m", &format!("-{m}"));
        // Failures may be told in either log; here SCS tells them.
        let witness = if event.contains("failed") { "scs " } else { "" };
        script.push_str(&format!(
            "{:.1} {witness}{event}\n",
            10.0 + 0.4 * position as f64
        ));
    }
    let incidents = incidents(&script);
    let wanted = expected(order, moves, &to);
    assert_eq!(
        incidents.len(),
        usize::from(!wanted.is_empty()),
        "{name}: incidents of\n{script}"
    );
    for incident in incidents {
        let steps: BTreeSet<String> = incident.steps.iter().map(told_step).collect();
        assert_eq!(
            steps.len(),
            incident.steps.len(),
            "{name}: a step twice in\n{script}"
        );
        assert_eq!(steps, wanted, "{name}: steps of\n{script}");
    }
}

/// A step by what became of it; a switch that was seen to work counts as led by its application's own event.
fn told_step(step: &Step) -> String {
    let pair = voicemail_pair();
    let target = step.application.map_or(&pair.hosts[step.host].name, |at| {
        &pair.applications[at].name
    });
    let state = match step.state {
        StepState::AlreadySo => "led",
        StepState::WouldRun if step.confirmed.is_some() => "led",
        StepState::WouldRun => "run",
        StepState::Void => "void",
        other => other.word(),
    };
    format!("{} {target} {state}", step.action)
}

fn incidents(script: &str) -> Vec<Incident> {
    let mut core = Core::new(Arc::new(Topology::new(vec![voicemail_pair()])));
    let mut closed = Vec::new();
    let mut keep = |entries: Vec<Entry>| {
        closed.extend(entries.into_iter().filter_map(|entry| match entry {
            Entry::Closed { incident, .. } => Some(*incident),
            _ => None,
        }));
    };
    for (number, line) in script.lines().enumerate() {
        let (now, input) = heard(&core.state.topology, line, number as u64);
        while let Some(at) = core.state.next_wake().filter(|at| *at < now) {
            keep(core.handle(at, &Input::Wake));
        }
        keep(core.handle(now, &input));
    }
    while let Some(at) = core.state.next_wake() {
        keep(core.handle(at, &Input::Wake));
    }
    closed
}

fn permutations<'a>(items: &[&'a str]) -> Vec<Vec<&'a str>> {
    if items.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (index, first) in items.iter().enumerate() {
        let rest: Vec<&str> = items[..index]
            .iter()
            .chain(&items[index + 1..])
            .copied()
            .collect();
        for mut tail in permutations(&rest) {
            tail.insert(0, first);
            all.push(tail);
        }
    }
    all
}
