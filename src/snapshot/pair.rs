//! One pair of the state, with names for indices.

use std::sync::Arc;

use super::{
    AlertView, ApplicationView, AwaitedView, DebtView, HoldView, HostView, IncidentView, Outlook,
    PairView, ReportView, StepView, VipView, outlook,
};
use crate::decide::readings;
use crate::decide::{CauseKind, Hold, Incident, Member, Move, Pair, Reason, Standing, State, Step};
use crate::time::Time;
use crate::topology::{Application, Solution};

pub(super) fn view(
    (state, index): (&State, usize),
    solution: &Solution,
    pair: &Pair,
    now: Time,
) -> PairView {
    let host = |index: usize| solution.hosts[index].name.clone();
    let members = solution.applications.iter().zip(&pair.members);
    let view = PairView {
        outlook: Outlook::Well,
        name: solution.name.clone(),
        mode: solution.policy.mode,
        primary: pair.primary.map(host),
        vip: solution.vip.as_ref().map(|address| VipView {
            address: address.clone(),
            host: pair.vip_at.map(host),
            assumed: pair.vip_assumed.is_some(),
        }),
        hosts: hosts(solution, pair),
        applications: members
            .map(|(application, member)| self::application(solution, application, member))
            .collect(),
        holds: holds(state, index, now),
        awaited: pair
            .awaited
            .iter()
            .map(|awaited| AwaitedView {
                application: solution.applications[awaited.application].name.clone(),
                stamp: awaited.stamp,
                due: awaited.due,
                sightings: awaited.events.len(),
            })
            .collect(),
        incidents: pair
            .incidents
            .iter()
            .map(|incident| self::incident(solution, incident))
            .collect(),
        owed: debts(solution, pair),
        alerts: pair
            .alerts
            .iter()
            .map(|(key, alert)| AlertView::new(key, alert))
            .collect(),
    };
    PairView {
        outlook: outlook::of_pair(&view),
        ..view
    }
}

fn hosts(solution: &Solution, pair: &Pair) -> Vec<HostView> {
    let hosts = solution.hosts.iter().zip(&pair.hosts);
    hosts
        .map(|(host, belief)| HostView {
            name: host.name.clone(),
            address: host.address.clone(),
            lost: belief.lost,
            since: (belief.stamp != Time::default()).then_some(belief.stamp),
            seen: belief.seen_at,
            vip_ok: belief.vip_ok,
            vip_lost: belief.vip_lost,
        })
        .collect()
}

pub(crate) fn application(
    solution: &Solution,
    application: &Application,
    member: &Member,
) -> ApplicationView {
    ApplicationView {
        name: application.name.clone(),
        dbid: application.dbid,
        component: application.component.name.clone(),
        host: application
            .host
            .map(|host| solution.hosts[host].name.clone()),
        role: member.mode,
        role_since: member.mode.map(|_| member.mode_stamp),
        role_by: member.mode.map(|_| told_by(member)),
        up: member.up,
        up_since: member.up.map(|_| member.up_stamp),
        planned_stop: member.planned_stop,
        reported: member.reported.map(|report| ReportView {
            role: report.mode,
            status: report.status,
            at: report.at,
        }),
    }
}

fn told_by(member: &Member) -> String {
    let at = Some(member.mode_stamp);
    match &member.mode_evidence {
        Some(origin) => format!("{}:{}", origin.file, origin.line),
        None if member.reported.map(|report| report.at) == at => "the status command".into(),
        None => "its peer".into(),
    }
}

/// What holds a move on a failure, the kind of move that most gates are for, whichever host it leads to.
fn holds(state: &State, index: usize, now: Time) -> Vec<HoldView> {
    let (solution, pair) = (state.solution(index), &state.pairs[index]);
    let to = pair.primary.map_or(0, |primary| 1 - primary);
    let Some(application) = solution.lead(to) else {
        return Vec::new();
    };
    let cause = CauseKind::Failure;
    let wanted = Move {
        cause,
        to,
        application,
    };
    let readings = readings(state, index, now, wanted).into_iter();
    readings
        .filter(|reading| reading.standing == Standing::Holds)
        .map(|reading| HoldView {
            until: until(solution, pair, reading.gate, now),
            ack: ack(pair, reading.gate),
            reason: reading.gate,
            detail: reading.value.into(),
        })
        .collect()
}

fn until(solution: &Solution, pair: &Pair, gate: Reason, now: Time) -> Option<Time> {
    match gate {
        Reason::Paused => pair.pause.as_ref().map(|pause| pause.until),
        Reason::Maintenance => solution.maintenance(now)?.until(now),
        Reason::Blocked => pair.block.as_ref().map(|block| block.until),
        _ => None,
    }
}

fn ack(pair: &Pair, gate: Reason) -> Option<Arc<str>> {
    match gate {
        Reason::Locked => pair.lock.clone(),
        Reason::Blocked => pair.block.as_ref().map(|block| block.by.clone()),
        Reason::Flapping => pair
            .closed
            .iter()
            .flatten()
            .max_by_key(|closed| closed.at)
            .map(|closed| closed.id.clone()),
        _ => None,
    }
}

pub(crate) fn incident(solution: &Solution, incident: &Incident) -> IncidentView {
    let host = |index: usize| solution.hosts[index].name.clone();
    let cause = &incident.cause;
    let application = &solution.applications[cause.application].name;
    IncidentView {
        id: incident.id.clone(),
        from_host: incident.from.map(host),
        to_host: host(incident.to),
        opened: incident.opened,
        state: incident.state,
        cause: format!("{application} {}", cause.id),
        reason: cause.reason,
        hold: incident.hold.as_ref().map(held),
        operator: incident.operator.clone(),
        reacting: incident.closed.is_none() && !incident.is_held() && !incident.is_done(),
        window_ends: incident.window_ends(&solution.policy),
        events: incident.events,
        steps: incident
            .steps
            .iter()
            .map(|each| step(solution, each))
            .collect(),
    }
}

fn held(hold: &Hold) -> HoldView {
    HoldView {
        reason: hold.reason,
        detail: hold.detail.clone(),
        until: None,
        ack: None,
    }
}

fn step(solution: &Solution, step: &Step) -> StepView {
    let target = match step.application {
        Some(application) => &solution.applications[application].name,
        None => &solution.hosts[step.host].name,
    };
    StepView {
        action: step.action,
        target: target.clone(),
        state: step.state,
        reason: step.reason,
        detail: step.detail.clone(),
        attempts: step.attempts,
        started: step.started,
        ended: step.ended,
        confirmed: step.confirmed,
    }
}

fn debts(solution: &Solution, pair: &Pair) -> Vec<DebtView> {
    let view = |debt: &crate::decide::Debt| DebtView {
        id: format!("{}:{}", solution.name, solution.hosts[debt.host].name),
        host: solution.hosts[debt.host].name.clone(),
        incident: debt.incident.clone(),
        since: debt.since,
        attempts: debt.attempts,
        running: debt.running,
        next_try: debt.next_try,
    };
    pair.owed.iter().map(view).collect()
}
