//! The settings by which a pair is decided.

use std::time::Duration;

use super::keys;
use crate::topology::{ActionMode, Policy, VipOrder};
use crate::yaml::{Table, Value};

/// What the table says, over `above`: the defaults, or the settings for every solution.
pub(super) fn read(table: &Table<'_>, above: &Policy) -> Policy {
    let mut policy = above.clone();
    let periods = [
        ("window", &mut policy.window),
        ("window_max", &mut policy.window_max),
        ("event_age_max", &mut policy.event_age_max),
        ("verify", &mut policy.verify),
    ];
    for (key, setting) in periods {
        put(setting, table, key, |value| value.period());
    }
    let durations = [
        ("confirm", &mut policy.confirm),
        ("block", &mut policy.block),
        ("role_tolerance", &mut policy.role_tolerance),
        ("yield", &mut policy.yield_for),
    ];
    for (key, setting) in durations {
        put(setting, table, key, |value| value.duration());
    }
    put(&mut policy.vip_order, table, "vip_order", |value| {
        value.word(VipOrder::ALL, VipOrder::word)
    });
    let follows = &mut policy.vip_follows_in_maintenance;
    put(follows, table, "vip_follows_in_maintenance", |value| {
        value.flag()
    });
    if let Some(flap) = table
        .get("flap")
        .and_then(|value| value.table(&keys::FLAP.names()))
    {
        put(&mut policy.flap_moves, &flap, "moves", |value| {
            value.integer(1, 1_000)
        });
        put(&mut policy.flap_within, &flap, "within", |value| {
            value.period()
        });
    }
    check_order(table, &policy);
    policy
}

pub(super) fn mode(table: &Table<'_>) -> ActionMode {
    table
        .get("mode")
        .and_then(|value| value.word(ActionMode::ALL, ActionMode::word))
        .unwrap_or(ActionMode::AlertOnly)
}

/// Sets what the table says; a fault leaves the setting as it was.
fn put<'a, T>(
    setting: &mut T,
    table: &Table<'a>,
    key: &'static str,
    read: impl Fn(&Value<'a>) -> Option<T>,
) {
    if let Some(found) = table.get(key).and_then(|value| read(&value)) {
        *setting = found;
    }
}

/// An incident cannot take events in for longer than at most.
fn check_order(table: &Table<'_>, policy: &Policy) {
    let Policy {
        window, window_max, ..
    } = policy;
    let said = table.get("window").or_else(|| table.get("window_max"));
    if window > window_max
        && let Some(value) = said
    {
        let spoken = |duration: &Duration| crate::time::spoken(*duration);
        let message = format!(
            "window ({}) is longer than window_max ({})",
            spoken(window),
            spoken(window_max)
        );
        value.fault(message, None);
    }
}
