//! What a person should know apart from incidents: one opening and one closing for each key.
//! An alert is open exactly while its condition holds, so it is derived from the state.

use std::sync::Arc;
use std::time::Duration;

use super::entry::{Alert, Entry};
use super::state::{Pair, Scs, State, lasting};
use crate::event::{Event, EventKind, Mode};
use crate::time::Time;
use crate::topology::{AlertClass, Solution, Trigger};

/// The key under which the loss of one component on the backup host is told.
pub(super) fn redundancy_key(solution: &Solution, application: usize) -> Arc<str> {
    format!(
        "redundancy:{}:{}",
        solution.name, solution.applications[application].name
    )
    .into()
}

/// The alerts of one pair that begin or end at `now`.
pub(super) fn alerts(state: &State, index: usize, now: Time) -> Vec<Entry> {
    let (solution, pair) = (state.solution(index), &state.pairs[index]);
    let wanted = wanted(solution, pair, now);
    let entry = |class, key: &Arc<str>, open, text: Arc<str>| {
        let solution = Some(index);
        Entry::Alert(Alert {
            at: now,
            solution,
            class,
            key: key.clone(),
            open,
            text,
        })
    };
    let begun = wanted
        .iter()
        .filter(|alert| !pair.alerts.contains_key(&alert.key))
        .map(|alert| entry(alert.class, &alert.key, true, alert.text.clone()));
    let ended = pair
        .alerts
        .iter()
        .filter(|(key, _)| !wanted.iter().any(|alert| alert.key == **key))
        .map(|(key, alert)| entry(alert.class, key, false, alert.text.clone()));
    begun.chain(ended).collect()
}

/// What SCS's word about itself opens or closes, for all pairs.
pub(super) fn about_scs(scs: &Scs, event: &Event, now: Time) -> Option<Entry> {
    let (key, open, text) = match event.kind {
        EventKind::ScsFlapping => (
            "scs:flapping",
            true,
            "SCS reports that its mode is flapping: no step runs",
        ),
        EventKind::ScsStable => ("scs:flapping", false, "SCS reports its mode stable"),
        EventKind::SplitBrain => (
            "scs:split-brain",
            true,
            "SCS reports a split brain: no step runs",
        ),
        EventKind::OnePrimary => (
            "scs:split-brain",
            false,
            "SCS reports that its split brain is over",
        ),
        _ => return None,
    };
    let (key, class, text) = (Arc::from(key), AlertClass::Hold, Arc::from(text));
    let alert = Alert {
        at: now,
        solution: None,
        class,
        key,
        open,
        text,
    };
    (scs.alerts.contains_key(&alert.key) != open).then_some(Entry::Alert(alert))
}

/// When a condition that needs time to count becomes an alert.
pub(super) fn ripens(solution: &Solution, pair: &Pair) -> impl Iterator<Item = Time> {
    let tolerance = solution.policy.role_tolerance;
    let roles = [
        pair.double_since,
        pair.nobody_since,
        pair.scs_split_since,
        pair.scs_none_since,
    ];
    roles
        .into_iter()
        .flatten()
        .chain(vip_elsewhere(solution, pair).map(|(_, since)| since))
        .chain(vip_doubted(solution, pair).map(|(_, since)| since))
        .map(move |since| since.plus(tolerance))
}

struct Wanted {
    class: AlertClass,
    key: Arc<str>,
    text: Arc<str>,
}

fn wanted(solution: &Solution, pair: &Pair, now: Time) -> Vec<Wanted> {
    let mut alerts = Vec::new();
    let mut want = |class, key: Arc<str>, text: String| {
        alerts.push(Wanted {
            class,
            key,
            text: text.into(),
        });
    };
    let name = &solution.name;
    let key = |what: &str| -> Arc<str> { format!("{what}:{name}").into() };
    for (application, down) in lost_redundancy(solution, pair) {
        want(
            AlertClass::Redundancy,
            redundancy_key(solution, application),
            down,
        );
    }
    let tolerance = solution.policy.role_tolerance;
    for (what, text) in unclear_roles(pair, now, tolerance) {
        want(AlertClass::Hold, key(what), text.into());
    }
    if pair.hosts.iter().all(|host| host.lost) {
        want(
            AlertClass::Incident,
            key("both-hosts-lost"),
            "both hosts are lost".into(),
        );
    }
    if let Some(moves) = pair.is_flapping(&solution.policy, now) {
        want(
            AlertClass::Hold,
            key("flapping"),
            format!("moved {moves} times in a short while"),
        );
    }
    if let Some((host, since)) = vip_elsewhere(solution, pair)
        && lasting(Some(since), now, tolerance)
    {
        let (there, here) = (&solution.hosts[host].name, &solution.hosts[1 - host].name);
        let text =
            format!("{there} is primary, but the VIP was last brought to {here}: consider force");
        want(AlertClass::Incident, key("vip-elsewhere"), text);
    }
    if let Some((host, since)) = vip_doubted(solution, pair)
        && lasting(Some(since), now, tolerance)
    {
        let name = &solution.hosts[host].name;
        let text = format!(
            "{name} is primary again: whether it, and it alone, still has the VIP is not known"
        );
        want(AlertClass::Incident, key("vip-doubted"), text);
    }
    for (host, belief) in pair.hosts.iter().enumerate() {
        let name = &solution.hosts[host].name;
        if belief.vip_lost.is_some() && pair.vip_at == Some(host) {
            let text = format!("{name} lost the virtual IP address");
            want(AlertClass::Incident, key("vip-lost"), text);
        }
        if pair.owed.iter().any(|debt| debt.host == host) {
            let text =
                format!("{name} owes a VIP disable: an address conflict if it comes back with it");
            want(
                AlertClass::Owed,
                format!("owed:{}:{name}", solution.name).into(),
                text,
            );
        }
    }
    alerts
}

/// What is unclear for too long about who is primary: (key, text).
fn unclear_roles(
    pair: &Pair,
    now: Time,
    tolerance: Duration,
) -> impl Iterator<Item = (&'static str, &'static str)> {
    let told = |since, what, text| lasting(since, now, tolerance).then_some((what, text));
    let double = told(
        pair.double_since,
        "double-primary",
        "both VM SIP Servers state that they are primary: no step runs",
    );
    let split = told(
        pair.scs_split_since,
        "split-brain",
        "SCS sees two primaries: no step runs",
    );
    let none = told(
        pair.scs_none_since,
        "no-primary",
        "SCS sees no primary: nothing is guessed",
    );
    let nobody = told(
        pair.nobody_since,
        "no-primary",
        "neither VM SIP Server states that it is primary: nothing is guessed",
    );
    [double, split, none.or(nobody)].into_iter().flatten()
}

/// Components that are down on the backup host, while nothing is moving; open until they are back.
fn lost_redundancy(solution: &Solution, pair: &Pair) -> Vec<(usize, String)> {
    let moving = pair.incidents.iter().any(|incident| !incident.is_held());
    let down = |index: &usize| {
        let (member, application) = (&pair.members[*index], &solution.applications[*index]);
        let waits = pair
            .awaited
            .iter()
            .any(|awaited| awaited.application == *index);
        let told = pair.alerts.contains_key(&redundancy_key(solution, *index));
        let backup = application
            .host
            .is_some_and(|host| pair.primary == Some(1 - host));
        let counts = application.component.trigger != Trigger::Nothing && !member.planned_stop;
        member.up == Some(false) && counts && (told || (backup && !moving && !waits))
    };
    let text = |index: usize| {
        let application = &solution.applications[index];
        let host = application
            .host
            .map_or("", |host| &solution.hosts[host].name);
        (
            index,
            format!(
                "redundancy lost: {} is down on the backup host {host}",
                application.name
            ),
        )
    };
    (0..solution.applications.len())
        .filter(down)
        .map(text)
        .collect()
}

/// The host whose VM SIP Server is primary again after a fall, and that nobody has brought the VIP to since; since when.
fn vip_doubted(solution: &Solution, pair: &Pair) -> Option<(usize, Time)> {
    let (host, doubted) = (pair.primary?, pair.vip_doubted?);
    let moving = pair.incidents.iter().any(|incident| !incident.is_held());
    let lead = &pair.members[solution.lead(host)?];
    let back = lead.mode == Some(Mode::Primary) && lead.up != Some(false);
    let here = pair.vip_at == Some(host) && solution.vip.is_some();
    (here && back && !moving).then(|| (host, doubted.max(lead.up_stamp)))
}

/// The host whose VM SIP Server is primary while the VIP was last brought to the other; since when.
fn vip_elsewhere(solution: &Solution, pair: &Pair) -> Option<(usize, Time)> {
    let host = pair.primary?;
    let moving = pair.incidents.iter().any(|incident| !incident.is_held());
    let lead = &pair.members[solution.lead(host)?];
    let elsewhere = pair.vip_at == Some(1 - host) && lead.mode == Some(Mode::Primary);
    (elsewhere && !moving && solution.vip.is_some()).then_some((host, lead.mode_stamp))
}
