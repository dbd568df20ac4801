//! What there is to say about one incident, sentence by sentence: for the story, the page and the demonstration.
//! What came from a log is escaped.

use super::clock::{Clock, offset};
use super::names::Names;
use crate::decide::{Incident, IncidentState, Step, StepState, Verdict};
use crate::escape::escape;
use crate::report::{Account, Beside, StepBeside};
use crate::time::spoken;
use crate::topology::{Action, Solution};

/// Of the logs of a storm, so many are named.
const LOGS_NAMED_MAX: usize = 6;

/// `vmhost1 -> vmhost2`
pub(crate) fn route(solution: &Solution, incident: &Incident) -> String {
    let from = incident
        .from
        .map_or("(nobody knew)", |from| &solution.hosts[from].name);
    format!("{from} -> {}", solution.hosts[incident.to].name)
}

/// `12 events in 1.046s, in 4 logs: MessageServer, SCS_P, VM_SIPServer_2, VM_Server_2`
pub(crate) fn storm(account: &Account, names: &Names) -> String {
    let lasted = match account.storm() {
        Some((first, last)) if first < last => format!(" in {}", spoken(last.since(first))),
        _ => String::new(),
    };
    let logs = account.logs();
    let mut named: Vec<String> = logs
        .iter()
        .take(LOGS_NAMED_MAX)
        .map(|log| names.log(log))
        .collect();
    if logs.len() > LOGS_NAMED_MAX {
        named.push("…".into());
    }
    format!(
        "{}{lasted}, in {}: {}",
        counted(account.events(), "event"),
        counted(logs.len() as u64, "log"),
        named.join(", ")
    )
}

/// `20:31:07.950 (+0.538): move to vmhost2, once`
pub(crate) fn decision(account: &Account, solution: &Solution, clock: &Clock) -> String {
    let incident = &account.incident;
    let at = format!(
        "{} ({})",
        clock.tell(incident.opened),
        offset(incident.opened, account.began())
    );
    let to = &solution.hosts[incident.to].name;
    if incident.hold.is_some() {
        format!("{at}: HELD, nothing is moved to {to}")
    } else {
        format!("{at}: move to {to}, once")
    }
}

/// Why it was decided so, one sentence each.
pub(crate) fn grounds(account: &Account, solution: &Solution) -> Vec<String> {
    let incident = &account.incident;
    let mut grounds = Vec::new();
    if let Some(hold) = &incident.hold {
        grounds.push(format!(
            "held: {} ({})",
            hold.reason.sentence(),
            escape(&hold.detail)
        ));
    }
    let application = &solution.applications[incident.cause.application];
    grounds.push(format!(
        "because of {} {}: {}",
        application.name,
        escape(&incident.cause.id),
        incident.cause.reason.sentence()
    ));
    grounds.extend(failed(account, solution));
    grounds
}

/// What had failed on the old host, where the cause alone does not say.
fn failed(account: &Account, solution: &Solution) -> Option<String> {
    let incident = &account.incident;
    let from = incident.from?;
    let failed: Vec<usize> = account
        .failed
        .iter()
        .copied()
        .filter(|index| solution.applications[*index].host == Some(from))
        .collect();
    if failed == [incident.cause.application] {
        return None;
    }
    let host = &solution.hosts[from].name;
    let names: Vec<&str> = failed
        .iter()
        .map(|index| &*solution.applications[*index].name)
        .collect();
    Some(if names.is_empty() {
        format!("no failure on {host} is known: switched by hand, or the cause is unknown")
    } else {
        format!("failed on {host}: {}", names.join(", "))
    })
}

/// What is left to do or to know when the incident has closed.
pub(crate) fn aftermath(account: &Account, solution: &Solution) -> Vec<String> {
    let incident = &account.incident;
    let owed = incident
        .steps
        .iter()
        .filter(|step| step.state == StepState::Owed)
        .map(|step| {
            let host = &solution.hosts[step.host].name;
            format!(
                "owed: {host} must let the VIP go as soon as it is seen again, or two hosts hold it"
            )
        });
    let scs = account.beside(solution);
    let scs = scs.iter().flat_map(beside);
    owed.chain(wiring(account, solution)).chain(scs).collect()
}

/// What SCS did by itself beside steps that were only told: a sentence, and a line for each step.
pub fn beside(scs: &Beside) -> Vec<String> {
    let mut asked = match (scs.requests, scs.redundant) {
        (0, _) => "SCS was not seen to ask for a switch".into(),
        (requests, 0) => format!("SCS asked for {}", switches(requests)),
        (requests, redundant) => {
            let asked = switches(requests);
            format!("SCS asked for {asked}, {redundant} of them redundant")
        }
    };
    if scs.contrary > 0 {
        let contrary = switches(scs.contrary);
        asked.push_str(&format!(", and for {contrary} the other way round"));
    }
    // Not every SIP Server tells of its VIP.
    let is_told =
        |step: &&StepBeside| step.action != Action::VipEnable || step.theirs_millis.is_some();
    let steps = scs.steps.iter().filter(is_told).map(|step| {
        let effect = match step.action {
            Action::VipEnable => format!("the VIP on {}", step.target),
            _ => format!("{} primary", step.target),
        };
        let theirs = match step.theirs_millis {
            Some(millis) => format!("after {}", seconds(millis)),
            None => "never seen".into(),
        };
        match step.ours_millis {
            Some(millis) => format!("  {effect} {theirs}; our command after {}", seconds(millis)),
            None => format!("  {effect} {theirs}; ours was held"),
        }
    });
    std::iter::once(asked).chain(steps).collect()
}

fn switches(number: usize) -> String {
    match number {
        1 => "1 switch".into(),
        several => format!("{several} switches"),
    }
}

fn seconds(millis: u64) -> String {
    format!("{:.1} s", millis as f64 / 1000.0)
}

/// What the guide's own wiring would have done; nothing where it would have done nothing.
pub(crate) fn wiring(account: &Account, solution: &Solution) -> Option<String> {
    let alone = account.reactions_of_scs(solution);
    if alone == 0 || account.incident.state == IncidentState::Held {
        return None;
    }
    let ours = match account.commands() {
        0 => "none".into(),
        1 => "1".into(),
        several => format!("{several}, each once"),
    };
    let theirs = counted(alone as u64, "script");
    Some(format!(
        "SCS, with one alarm reaction per event, would have run {theirs} in no order; this is {ours}"
    ))
}

pub(crate) fn verb(action: Action) -> &'static str {
    match action {
        Action::SwitchToPrimary => "switch to primary",
        Action::VipEnable => "enable the VIP",
        Action::VipDisable => "disable the VIP",
        Action::VipAnnounce => "announce the VIP",
    }
}

/// The application to switch, or the host.
pub(crate) fn target<'a>(solution: &'a Solution, step: &Step) -> &'a str {
    match step.application {
        Some(application) => &solution.applications[application].name,
        None => &solution.hosts[step.host].name,
    }
}

pub(crate) fn state(state: StepState) -> &'static str {
    match state {
        StepState::WouldRun => "would run",
        StepState::AlreadySo => "already so",
        other => other.word(),
    }
}

/// Why the step is as it is, where neither its state nor the decision says so.
pub(crate) fn why(incident: &Incident, step: &Step) -> String {
    let as_decided = incident.hold.as_ref().is_some_and(|hold| {
        hold.reason == step.reason && step.detail.as_ref() == Some(&hold.detail)
    });
    if step.state == StepState::AlreadySo || as_decided {
        return String::new();
    }
    match &step.detail {
        Some(detail) => format!("{} ({})", step.reason.sentence(), escape(detail)),
        None => step.reason.sentence().into(),
    }
}

pub(crate) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Open => "OPENS",
        Verdict::Absorb => "joins",
        Verdict::Echo => "confirms",
        Verdict::Ignore => "ignored",
        Verdict::Hold => "HELD",
    }
}

/// `1 event`, `12 events`
pub(crate) fn counted(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
