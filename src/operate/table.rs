//! Status, incidents and debts for people: UTC, at most 100 columns unless a name or a reason needs more, and escaped.

use std::fmt::Write;

use super::history::{Incidents, Owed, Told};
use crate::decide::Entry;
use crate::escape::escape;
use crate::past::Written;
use crate::snapshot::{
    AlertView, ApplicationView, Daemon, DebtView, IncidentView, PairView, Snapshot, SourceState,
    SourceView, StepView, VipView,
};
use crate::story::{self, state};
use crate::time::{Time, spoken};
use crate::topology::Topology;
use crate::why::{Teller, does, known, role_of};

/// Of the sources that are fresh only the number is told; of the others so many one by one.
const SOURCES_MAX: usize = 50;

// Writing to a String cannot fail, so its results are dropped here.

pub fn status(snapshot: &Snapshot) -> String {
    let mut text = String::new();
    daemon(&mut text, &snapshot.daemon, snapshot.time);
    alerts(&mut text, "", &snapshot.alerts);
    for pair in &snapshot.solutions {
        text.push('\n');
        self::pair(&mut text, pair, snapshot.time);
    }
    text.push('\n');
    sources(&mut text, &snapshot.sources);
    text
}

fn daemon(text: &mut String, daemon: &Daemon, now: Time) {
    let running = match daemon.started {
        Some(started) => format!("running for {}", whole(now, started)),
        None => "as of the journal".into(),
    };
    let _ = writeln!(text, "tailswitch {}  {running}  {now}", daemon.version);
    if let Some(fault) = &daemon.journal_fault {
        let _ = writeln!(text, "JOURNAL: {}", escape(fault));
    }
    match (&daemon.not_armed, daemon.armed) {
        (_, true) => text.push_str("armed: steps of active pairs are carried out\n"),
        (Some(why), false) => {
            let _ = writeln!(text, "NOT ARMED: {}", escape(why));
        }
        (None, false) => text.push_str("not armed: nothing is carried out\n"),
    }
}

fn pair(text: &mut String, pair: &PairView, now: Time) {
    let primary = match &pair.primary {
        Some(host) => format!("{} is primary", escape(host)),
        None => "nobody knows which host is primary".into(),
    };
    let _ = writeln!(
        text,
        "{} ({}): {primary}{}",
        escape(&pair.name),
        pair.mode,
        pair.vip.as_ref().map_or(String::new(), vip)
    );
    for host in pair.hosts.iter().filter(|host| host.lost) {
        let name = escape(&host.name);
        let _ = writeln!(text, "  HOST LOST: {name} since {}", known(host.since));
    }
    for hold in &pair.holds {
        let left = hold.until.map_or(String::new(), |until| {
            format!(", {} left", whole(until, now))
        });
        let _ = writeln!(
            text,
            "  HELD: {} ({}){left}",
            hold.reason.sentence(),
            escape(&hold.detail)
        );
        if let Some(id) = &hold.ack {
            let _ = writeln!(text, "        ends with: tailswitch ack {}", escape(id));
        }
    }
    alerts(text, "  ", &pair.alerts);
    applications(text, pair);
    for awaited in &pair.awaited {
        let _ = writeln!(
            text,
            "  AWAITED: the failure of {} waits until {}",
            escape(&awaited.application),
            awaited.due.clock()
        );
    }
    for incident in &pair.incidents {
        open_incident(text, incident);
    }
    for debt in &pair.owed {
        let _ = writeln!(text, "  OWED: {}", told_debt(debt));
    }
}

fn vip(vip: &VipView) -> String {
    match &vip.host {
        Some(host) => {
            let assumed = if vip.assumed { " (assumed)" } else { "" };
            format!(
                ", VIP {} on {}{assumed}",
                escape(&vip.address),
                escape(host)
            )
        }
        None => format!(", nobody knows where VIP {} is", escape(&vip.address)),
    }
}

fn applications(text: &mut String, pair: &PairView) {
    let name_of = |each: &ApplicationView| escape(&each.name).into_owned();
    let names = pair
        .applications
        .iter()
        .map(|each| name_of(each).chars().count());
    let wide = names.max().unwrap_or(0).max("application".len());
    let hosts = pair
        .hosts
        .iter()
        .map(|host| escape(&host.name).chars().count());
    let host_wide = hosts.max().unwrap_or(0).max("host".len());
    let _ = writeln!(
        text,
        "  {:<wide$}  {:<5} {:<host_wide$}  {:<8} {:<8} {:<19}  by",
        "application", "dbid", "host", "role", "state", "since"
    );
    for each in &pair.applications {
        let row = format!(
            "  {:<wide$}  {:<5} {:<host_wide$}  {:<8} {:<8} {:<19}  {}",
            name_of(each),
            each.dbid,
            each.host.as_deref().map_or("-".into(), escape),
            role_of(each.role),
            state_of(each),
            since(each),
            each.role_by.as_deref().map_or("-".into(), escape)
        );
        let _ = writeln!(text, "{}", row.trim_end());
    }
}

fn state_of(application: &ApplicationView) -> &'static str {
    match (application.up, application.planned_stop) {
        (Some(true), _) => "running",
        (Some(false), true) => "stopped",
        (Some(false), false) => "DOWN",
        (None, _) => "unknown",
    }
}

/// Of what changed last: the role, or running and down.
fn since(application: &ApplicationView) -> String {
    let newest = application.role_since.max(application.up_since);
    newest.map_or("-".into(), |at| known(Some(at)))
}

fn open_incident(text: &mut String, incident: &IncidentView) {
    let _ = writeln!(
        text,
        "  INCIDENT {} {}: {} -> {}, {}: {}",
        escape(&incident.id),
        incident.state,
        escape(incident.from_host.as_deref().unwrap_or("(nobody knew)")),
        escape(&incident.to_host),
        escape(&incident.cause),
        incident.reason.sentence()
    );
    for (position, step) in incident.steps.iter().enumerate() {
        let _ = writeln!(text, "    {}. {}", position + 1, told_step(step));
    }
}

fn told_step(step: &StepView) -> String {
    let detail = step.detail.as_ref();
    let detail = detail.map_or(String::new(), |detail| format!(" ({})", escape(detail)));
    let started = step
        .started
        .map_or(String::new(), |at| format!(" {}", at.clock()));
    format!(
        "{} {}: {}{started}; {}{detail}",
        does(step.action),
        escape(&step.target),
        state(step.state),
        step.reason.sentence()
    )
}

fn told_debt(debt: &DebtView) -> String {
    let next = match (debt.running, debt.next_try) {
        (true, _) => "asked now".into(),
        (false, Some(next)) => format!("asked again {}", known(Some(next))),
        (false, None) => "asked when it is seen again".into(),
    };
    let times = if debt.attempts == 1 { "time" } else { "times" };
    format!(
        "{} must disable the VIP, since {}, from {}; asked {} {times}, {next}",
        escape(&debt.host),
        known(Some(debt.since)),
        escape(&debt.incident),
        debt.attempts
    )
}

fn alerts(text: &mut String, indent: &str, alerts: &[AlertView]) {
    for alert in alerts {
        let _ = writeln!(
            text,
            "{indent}ALERT {}: {}, since {}",
            escape(&alert.class),
            escape(&alert.text),
            known(Some(alert.since))
        );
    }
}

fn sources(text: &mut String, sources: &[SourceView]) {
    let odd: Vec<_> = sources
        .iter()
        .filter(|source| source.state != SourceState::Fresh)
        .collect();
    let _ = writeln!(
        text,
        "sources: {} followed, {} of them fresh",
        sources.len(),
        sources.len() - odd.len()
    );
    for source in odd.iter().take(SOURCES_MAX) {
        let detail = source.detail.as_ref();
        let detail = detail.map_or(String::new(), |detail| format!(": {}", escape(detail)));
        let _ = writeln!(
            text,
            "  {:<10} {}, last grown {}{detail}",
            source.state,
            escape(&source.file),
            known(source.grown)
        );
    }
    let untold = odd.len().saturating_sub(SOURCES_MAX);
    if untold > 0 {
        let _ = writeln!(text, "  … and {untold} more");
    }
}

/// `incidents`: one line each, newest first.
pub fn incidents(incidents: &Incidents, topology: &Topology) -> String {
    if incidents.found.is_empty() {
        return "no incident\n".into();
    }
    let mut text = String::new();
    for (solution, incident) in &incidents.found {
        let Some(described) = topology.solutions.get(*solution) else {
            continue;
        };
        let view = crate::snapshot::incident_view(described, incident);
        let _ = writeln!(
            text,
            "{:<28} {:<10} {} -> {}  {}, {} events",
            escape(&view.id),
            view.state,
            escape(view.from_host.as_deref().unwrap_or("?")),
            escape(&view.to_host),
            escape(&view.cause),
            view.events
        );
    }
    text
}

/// `incidents ID`: its steps too.
pub fn incident(topology: &Topology, told: &Told) -> String {
    let incident = &told.incident;
    let Some(described) = topology.solutions.get(told.solution) else {
        return String::new();
    };
    let mut text = String::new();
    open_incident(
        &mut text,
        &crate::snapshot::incident_view(described, incident),
    );
    let closed = incident.closed;
    let _ = writeln!(
        text,
        "  opened {}, {}",
        known(Some(incident.opened)),
        closed.map_or("still open".into(), |at| format!(
            "closed {}",
            known(Some(at))
        ))
    );
    if let Some(scs) = &told.scs {
        for line in story::beside(scs) {
            let _ = writeln!(text, "  {line}");
        }
    }
    let _ = writeln!(text, "  more: tailswitch why {}", escape(&incident.id));
    text.lines().fold(String::new(), |text, line| {
        text + line.strip_prefix("  ").unwrap_or(line) + "\n"
    })
}

/// Events with the verdict on each, newest first.
pub fn decisions(topology: &Topology, written: &[Written]) -> String {
    let mut teller = Teller::new(topology);
    let decided = written
        .iter()
        .filter(|written| matches!(written.entry, Entry::Decided(_)));
    decided
        .filter_map(|written| teller.tell(&written.entry))
        .fold(String::new(), |text, line| text + &line + "\n")
}

pub fn owed(owed: &Owed) -> String {
    if owed.owed.is_empty() {
        return "nothing is owed\n".into();
    }
    let told = owed.owed.iter();
    told.fold(String::new(), |text, debt| {
        format!("{text}{}: {}\n", escape(&debt.id), told_debt(debt))
    })
}

/// A span without parts of seconds.
fn whole(later: Time, earlier: Time) -> String {
    let seconds = later.since(earlier).as_secs();
    spoken(std::time::Duration::from_secs(seconds))
}
