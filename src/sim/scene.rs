//! The pairs of one run and their settings, as the seed draws them.

use std::sync::Arc;
use std::time::Duration;

use super::dice::Dice;
use crate::time::Time;
use crate::topology::{
    ActionMode, Application, Component, Host, Maintenance, Policy, Recurrence, Solution, Topology,
    Trigger, VipOrder,
};

/// When every run begins.
pub(super) const START: Time = Time::from_micros(1_793_600_000_000_000);

pub(super) fn topology(dice: &mut Dice) -> Arc<Topology> {
    let pairs = 1 + dice.below(3);
    Arc::new(Topology::new(
        (0..pairs).map(|index| solution(dice, index)).collect(),
    ))
}

fn solution(dice: &mut Dice, index: usize) -> Solution {
    let name = format!("p{}", index + 1);
    let with_media = dice.percent(85);
    let mut applications: Vec<Application> = Vec::new();
    for host in 0..2 {
        for (kind, component) in components() {
            if !component.switched && !with_media {
                continue;
            }
            applications.push(Application {
                name: format!("{name}-{kind}-{}", host + 1).into(),
                dbid: (index * 50 + 101 + applications.len()) as u32,
                component,
                host: Some(host),
            });
        }
    }
    let host = |number| Host {
        name: format!("{name}-H{number}").into(),
        address: None,
        aliases: Vec::new(),
    };
    Solution {
        hosts: [host(1), host(2)],
        vip: Some(format!("10.0.0.{}", index + 10).into()),
        applications,
        policy: policy(dice),
        name: name.into(),
    }
}

fn components() -> [(&'static str, Component); 4] {
    let component = |name: &str, trigger, switched, vip_follows| Component {
        name: name.into(),
        trigger,
        switched,
        vip_follows,
    };
    let (moves, falls) = (Trigger::BecamePrimary, Trigger::FailedWhilePrimary);
    [
        ("SIPS", component("vm-sip-server", moves, true, true)),
        ("VMS", component("vm-server", moves, true, false)),
        ("RM", component("resource-manager", falls, false, false)),
        (
            "MCP",
            component("media-control-platform", falls, false, false),
        ),
    ]
}

fn policy(dice: &mut Dice) -> Policy {
    let orders = [
        VipOrder::EnableFirst,
        VipOrder::DisableFirst,
        VipOrder::Parallel,
    ];
    let maintenance = dice.percent(15).then(|| {
        let from = START.plus(dice.millis(60_000, 400_000));
        let to = from.plus(dice.millis(30_000, 300_000));
        Maintenance {
            when: Recurrence::Once { from, to },
            why: "patch night".into(),
        }
    });
    let attempts = dice.below(3) as u32;
    Policy {
        mode: if dice.percent(92) {
            ActionMode::Active
        } else {
            ActionMode::AlertOnly
        },
        vip_order: dice.pick(&orders).unwrap_or(VipOrder::EnableFirst),
        yield_for: Duration::from_secs(if dice.percent(20) { 3 } else { 0 }),
        // Short, so that a run sees the time after it as well.
        block: Duration::from_secs(if dice.flip() { 300 } else { 60 }),
        flap_moves: if dice.flip() { 3 } else { 6 },
        announces: dice.percent(30),
        vip_follows_in_maintenance: dice.percent(30),
        maintenance: maintenance.into_iter().collect(),
        retries: [[attempts; 4]; 2],
        ..Policy::default()
    }
}
