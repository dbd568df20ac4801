//! The steps of a reaction in the picture: a chip where a step begins, a bar until its effect is seen, and where the
//! VIP is.

use super::scale::{Percent, Scale};
use crate::decide::{Incident, Step, StepState};
use crate::story::{state, verb};
use crate::topology::Action;

/// Where a label would leave the picture, it stands left of its chip.
const LEFT_FROM: f64 = 60.0;
const EDGE: f64 = 100.0;

/// One step at the moment when it began, or was decided not to.
pub(super) struct Chip {
    pub(super) x: Percent,
    pub(super) y: u32,
    pub(super) number: usize,
    pub(super) class: &'static str,
    pub(super) bar: Option<Stretch>,
    /// What it does; shown where the screen is wide.
    pub(super) verb: &'static str,
    pub(super) state: String,
    pub(super) left: bool,
}

/// From one place to another across a lane.
pub(super) struct Stretch {
    pub(super) x: Percent,
    pub(super) width: Percent,
    pub(super) class: &'static str,
}

pub(super) fn chip(incident: &Incident, step: &Step, number: usize, scale: &Scale, y: u32) -> Chip {
    let x = scale.x(step.started.unwrap_or(incident.opened));
    let never_seen =
        step.is_switch() && step.state == StepState::WouldRun && step.confirmed.is_none();
    let bar = match step.confirmed {
        Some(seen) => Some(stretch(x, scale.x(seen), "seen")),
        None if step.state == StepState::Owed => Some(stretch(x, Percent(EDGE), "open owed")),
        None if never_seen => Some(stretch(x, Percent(EDGE), "open")),
        None => None,
    };
    let mut told = state(step.state).to_string();
    if step.confirmed.is_some() && step.state != StepState::AlreadySo {
        told.push_str(", seen");
    } else if never_seen {
        told.push_str(", never seen");
    }
    Chip {
        x,
        y,
        number,
        class: class(step.state),
        bar: bar.filter(|bar| bar.width.0 > 0.0),
        verb: verb(step.action),
        state: told,
        left: x.0 > LEFT_FROM,
    }
}

/// Where the VIP is on this host, if the steps do what they are for.
pub(super) fn presence(incident: &Incident, host: usize, scale: &Scale) -> Vec<Stretch> {
    let whole = || vec![stretch(Percent(0.0), Percent(EDGE), "holds")];
    let action = if host == incident.to {
        Action::VipEnable
    } else {
        Action::VipDisable
    };
    let Some(step) = incident.step(action) else {
        return Vec::new();
    };
    let at = scale.x(step.started.unwrap_or(incident.opened));
    use StepState::{AlreadySo, Done, Held, Owed, Planned, Started, Void, WouldRun};
    match (action, step.state) {
        (Action::VipEnable, AlreadySo) => whole(),
        (Action::VipEnable, WouldRun | Started | Done) => {
            vec![stretch(at, Percent(EDGE), "holds")]
        }
        (Action::VipEnable, _) => Vec::new(),
        _ if incident.from.is_none() => Vec::new(),
        (_, Owed) => vec![
            stretch(Percent(0.0), at, "holds"),
            stretch(at, Percent(EDGE), "owed"),
        ],
        (_, WouldRun | Started | Done) => vec![stretch(Percent(0.0), at, "holds")],
        (_, Held | Void | Planned) => whole(),
        _ => Vec::new(),
    }
}

fn stretch(from: Percent, to: Percent, class: &'static str) -> Stretch {
    Stretch {
        x: from,
        width: Percent((to.0 - from.0).max(0.0)),
        class,
    }
}

pub(super) fn class(state: StepState) -> &'static str {
    match state {
        StepState::WouldRun | StepState::Started | StepState::Done => "run",
        StepState::AlreadySo => "so",
        StepState::Owed => "owed",
        StepState::Failed | StepState::Unknown => "bad",
        StepState::Planned | StepState::Void | StepState::Held => "idle",
    }
}
