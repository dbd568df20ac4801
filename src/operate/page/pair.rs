//! One pair as a card: where it is, what stands in its way, and who says so.

use super::stamp::{Countdown, Stamp, countdown, stamp};
use crate::decide::Reason;
use crate::escape::escape;
use crate::event::Mode;
use crate::snapshot::{
    AlertView, ApplicationView, DebtView, HostView, IncidentView, Outlook, PairView, StepView,
};
use crate::story::state;
use crate::time::Time;
use crate::topology::{ActionMode, AlertClass};
use crate::why::{does, role_of};

pub(super) struct Card {
    pub(super) name: String,
    pub(super) outlook: Outlook,
    pub(super) mode: ActionMode,
    pub(super) vip: String,
    pub(super) hosts: Vec<HostBox>,
    /// Applications outside of the pair.
    pub(super) others: Vec<Row>,
    pub(super) holds: Vec<Hold>,
    pub(super) awaited: Vec<Awaited>,
    pub(super) alerts: Vec<Alert>,
    pub(super) incidents: Vec<Running>,
    pub(super) owed: Vec<Debt>,
    pub(super) is_paused: bool,
    pub(super) is_active: bool,
}

pub(super) struct HostBox {
    pub(super) name: String,
    pub(super) address: String,
    pub(super) is_primary: bool,
    pub(super) has_vip: bool,
    /// Nobody saw the VIP move there.
    pub(super) is_assumed: bool,
    pub(super) owes: bool,
    pub(super) lost: Option<Stamp>,
    pub(super) rows: Vec<Row>,
}

/// One application.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) dbid: u32,
    pub(super) component: String,
    pub(super) role: &'static str,
    pub(super) state: &'static str,
    /// The style sheet's class for the state.
    pub(super) class: &'static str,
    pub(super) since: Option<Stamp>,
    pub(super) by: String,
    /// The same, with the whole path.
    pub(super) by_whole: String,
    /// The status command's last word, where there is one.
    pub(super) reported: Option<String>,
}

pub(super) struct Hold {
    pub(super) sentence: &'static str,
    pub(super) detail: String,
    pub(super) until: Option<Countdown>,
    pub(super) ack: Option<String>,
}

pub(super) struct Awaited {
    pub(super) application: String,
    pub(super) due: Countdown,
}

pub(super) struct Alert {
    pub(super) class: String,
    pub(super) text: String,
    pub(super) since: Stamp,
}

/// An incident that is open.
pub(super) struct Running {
    pub(super) id: String,
    pub(super) state: &'static str,
    pub(super) is_reacting: bool,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) cause: String,
    pub(super) reason: &'static str,
    pub(super) hold: Option<String>,
    pub(super) opened: Stamp,
    pub(super) window: Countdown,
    pub(super) events: u32,
    pub(super) steps: Vec<Step>,
}

pub(super) struct Step {
    pub(super) what: String,
    pub(super) state: &'static str,
    pub(super) class: &'static str,
    pub(super) started: Option<Stamp>,
    pub(super) seen: Option<Stamp>,
    pub(super) why: String,
}

pub(super) struct Debt {
    pub(super) id: String,
    pub(super) host: String,
    pub(super) incident: String,
    pub(super) since: Stamp,
    pub(super) attempts: u32,
    pub(super) is_running: bool,
    pub(super) next: Option<Countdown>,
}

pub(super) fn card(pair: &PairView, now: Time) -> Card {
    let outside = pair.applications.iter().filter(|each| each.host.is_none());
    Card {
        name: escaped(&pair.name),
        outlook: pair.outlook,
        mode: pair.mode,
        vip: vip(pair),
        hosts: pair
            .hosts
            .iter()
            .map(|host| self::host(pair, host, now))
            .collect(),
        others: outside.map(|each| row(each, now)).collect(),
        holds: holds(pair, now),
        awaited: pair
            .awaited
            .iter()
            .map(|awaited| Awaited {
                application: escaped(&awaited.application),
                due: countdown(awaited.due, now),
            })
            .collect(),
        alerts: alerts(pair, now),
        incidents: pair
            .incidents
            .iter()
            .map(|each| running(each, now))
            .collect(),
        owed: pair.owed.iter().map(|debt| self::debt(debt, now)).collect(),
        is_paused: pair.holds.iter().any(|hold| hold.reason == Reason::Paused),
        is_active: pair.mode == ActionMode::Active,
    }
}

/// `east: vmhost1 is primary`
pub(super) fn primary(pair: &PairView) -> String {
    match &pair.primary {
        Some(host) => format!("{} is primary", escape(host)),
        None => "nobody knows which host is primary".into(),
    }
}

fn vip(pair: &PairView) -> String {
    let Some(vip) = &pair.vip else {
        return "no VIP".into();
    };
    match &vip.host {
        Some(host) => format!("VIP {} on {}", escape(&vip.address), escape(host)),
        None => format!("nobody knows where VIP {} is", escape(&vip.address)),
    }
}

fn host(pair: &PairView, host: &HostView, now: Time) -> HostBox {
    let vip = pair
        .vip
        .as_ref()
        .filter(|vip| vip.host.as_ref() == Some(&host.name));
    let of_it = |each: &&ApplicationView| each.host.as_ref() == Some(&host.name);
    HostBox {
        name: escaped(&host.name),
        address: host.address.as_deref().map_or(String::new(), escaped),
        is_primary: pair.primary.as_ref() == Some(&host.name),
        has_vip: vip.is_some(),
        is_assumed: vip.is_some_and(|vip| vip.assumed),
        owes: pair.owed.iter().any(|debt| debt.host == host.name),
        lost: host
            .since
            .filter(|_| host.lost)
            .map(|since| stamp(since, now)),
        rows: pair
            .applications
            .iter()
            .filter(of_it)
            .map(|each| row(each, now))
            .collect(),
    }
}

fn row(application: &ApplicationView, now: Time) -> Row {
    let (state, class) = match (application.up, application.planned_stop) {
        (Some(true), _) => ("running", "up"),
        (Some(false), true) => ("stopped", "idle"),
        (Some(false), false) => ("DOWN", "down"),
        // Whoever states a role runs.
        (None, _) if application.role.is_some_and(|role| role != Mode::Unknown) => {
            ("not stated", "idle")
        }
        (None, _) => ("unknown", "idle"),
    };
    let by = application.role_by.as_deref().unwrap_or_default();
    let since = application.role_since.max(application.up_since);
    let reported = application.reported.as_ref().map(|report| {
        let status = report.status.map_or("nothing", |status| status.word());
        let at = stamp(report.at, now).shown;
        let label = if by == ASKED { "" } else { "status command: " };
        format!("{label}{} {status}, {at}", role_of(report.role))
    });
    Row {
        name: escaped(&application.name),
        dbid: application.dbid,
        component: escaped(&application.component),
        role: role_of(application.role),
        state,
        class,
        since: since.map(|since| stamp(since, now)),
        by: escaped(last_part(by)),
        by_whole: escaped(by),
        reported,
    }
}

/// How evidence from the status command is named.
const ASKED: &str = "the status command";

/// A name without its folders.
fn last_part(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

fn holds(pair: &PairView, now: Time) -> Vec<Hold> {
    // What is under way is told by its incident.
    let told = pair
        .holds
        .iter()
        .filter(|hold| hold.reason != Reason::ReactionRunning);
    let holds = told.map(|hold| Hold {
        sentence: hold.reason.sentence(),
        detail: escaped(&hold.detail),
        until: hold.until.map(|until| countdown(until, now)),
        ack: hold.ack.as_deref().map(escaped),
    });
    holds.collect()
}

/// A debt is told by itself.
fn alerts(pair: &PairView, now: Time) -> Vec<Alert> {
    let is_debt = |each: &&AlertView| *each.class == *AlertClass::Owed.word();
    let others = pair.alerts.iter().filter(|each| !is_debt(each));
    others.map(|each| alert(each, now)).collect()
}

pub(super) fn alert(alert: &AlertView, now: Time) -> Alert {
    Alert {
        class: escaped(&alert.class),
        text: escaped(&alert.text),
        since: stamp(alert.since, now),
    }
}

fn running(incident: &IncidentView, now: Time) -> Running {
    let hold = incident.hold.as_ref();
    Running {
        id: escaped(&incident.id),
        state: incident.state.word(),
        is_reacting: incident.reacting,
        from: incident
            .from_host
            .as_deref()
            .map_or("(nobody knew)".into(), escaped),
        to: escaped(&incident.to_host),
        cause: match &incident.operator {
            Some(operator) => format!("asked for by {}", escape(operator)),
            None => escaped(&incident.cause),
        },
        reason: incident.reason.sentence(),
        hold: hold.map(|hold| format!("{} ({})", hold.reason.sentence(), escape(&hold.detail))),
        opened: stamp(incident.opened, now),
        window: countdown(incident.window_ends, now),
        events: incident.events,
        steps: incident.steps.iter().map(|each| step(each, now)).collect(),
    }
}

fn step(step: &StepView, now: Time) -> Step {
    use crate::decide::StepState::{
        AlreadySo, Done, Failed, Held, Owed, Planned, Started, Unknown, Void, WouldRun,
    };
    let detail = step.detail.as_ref();
    let detail = detail.map_or(String::new(), |detail| format!(" ({})", escape(detail)));
    Step {
        what: format!("{} {}", does(step.action), escape(&step.target)),
        state: match (step.state, step.ended) {
            (Started, Some(_)) => "awaits its effect",
            _ => state(step.state),
        },
        class: match step.state {
            Started => "runs",
            Done | WouldRun => "done",
            Failed | Unknown => "bad",
            Owed | Held => "owed",
            AlreadySo | Planned | Void => "idle",
        },
        started: step.started.map(|at| stamp(at, now)),
        seen: step.confirmed.map(|at| stamp(at, now)),
        why: format!("{}{detail}", step.reason.sentence()),
    }
}

fn debt(debt: &DebtView, now: Time) -> Debt {
    Debt {
        id: escaped(&debt.id),
        host: escaped(&debt.host),
        incident: escaped(&debt.incident),
        since: stamp(debt.since, now),
        attempts: debt.attempts,
        is_running: debt.running,
        next: (debt.next_try.filter(|next| *next > now)).map(|next| countdown(next, now)),
    }
}

pub(super) fn escaped(text: &str) -> String {
    escape(text).into_owned()
}
