//! A report in plain sentences, for someone who reads it at night: the storm, the decision, the steps with their
//! reasons, what stays owed, and what was seen and moved nothing.
//!
//! Everything that came from a log is escaped.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::decide::{Decision, Incident, IncidentState, Reason, Step, StepState, Verdict};
use crate::escape::escape;
use crate::replay::Permutation;
use crate::report::{Account, Report};
use crate::time::spoken;
use crate::topology::{Action, Solution, Topology};

/// Of a storm so many events are told one by one.
const EVENTS_TOLD_MAX: usize = 24;

/// The argv of a step as it may be shown.
pub type Command<'a> = &'a dyn Fn(usize, &Incident, &Step) -> Option<Vec<String>>;

pub struct Story<'a> {
    pub topology: &'a Topology,
    pub command: Command<'a>,
}

impl Story<'_> {
    /// Every incident, then what moved nothing, then what a person should know.
    pub fn tell(&self, report: &Report) -> String {
        let mut text = String::new();
        for account in &report.accounts {
            self.account(&mut text, account);
        }
        if report.accounts.is_empty() {
            text.push_str("No incident: nothing would have been done.\n\n");
        }
        self.outside(&mut text, report);
        self.alerts(&mut text, report);
        text
    }

    fn account(&self, text: &mut String, account: &Account) {
        let (solution, incident) = (
            &self.topology.solutions[account.solution],
            &account.incident,
        );
        let host = |index: usize| &solution.hosts[index].name;
        let from = incident.from.map_or("(nobody knew)", |from| host(from));
        let _ = writeln!(
            text,
            "{}: {from} -> {}  {}  [{}]",
            solution.name,
            host(incident.to),
            incident.state.word().to_uppercase(),
            incident.id
        );
        self.storm(text, account, solution);
        self.decision(text, account, solution);
        let _ = writeln!(text, "  steps");
        for (position, step) in incident.steps.iter().enumerate() {
            self.step(text, account, position, step);
        }
        self.aftermath(text, account, solution);
        text.push('\n');
    }

    fn storm(&self, text: &mut String, account: &Account, solution: &Solution) {
        let events = account.evidence.len() as u64 + account.more;
        let plural = if events == 1 { "" } else { "s" };
        let lasted = account.storm().map_or(String::new(), |(first, last)| {
            format!(" in {}", spoken(last.since(first)))
        });
        let logs = account.logs();
        let of_logs = if logs == 1 {
            "1 log".to_string()
        } else {
            format!("{logs} logs")
        };
        let _ = writeln!(
            text,
            "  storm: {events} event{plural}{lasted}, from {of_logs}"
        );
        for decision in account.evidence.iter().take(EVENTS_TOLD_MAX) {
            let _ = writeln!(text, "    {}", told_event(solution, decision));
        }
        let untold = events.saturating_sub(EVENTS_TOLD_MAX as u64);
        if untold > 0 {
            let _ = writeln!(text, "    … and {untold} more");
        }
    }

    fn decision(&self, text: &mut String, account: &Account, solution: &Solution) {
        let incident = &account.incident;
        let application = &solution.applications[incident.cause.application].name;
        let cause = format!(
            "{application} {}: {}",
            incident.cause.id,
            incident.cause.reason.sentence()
        );
        let at = incident.opened.clock();
        let to = &solution.hosts[incident.to].name;
        let _ = match &incident.hold {
            Some(hold) => writeln!(
                text,
                "  decision {at}: HELD, {} ({}); without that, move to {to} ({})",
                hold.reason.sentence(),
                escape(&hold.detail),
                escape(&cause)
            ),
            None => writeln!(
                text,
                "  decision {at}: move to {to}, once ({})",
                escape(&cause)
            ),
        };
    }

    fn step(&self, text: &mut String, account: &Account, position: usize, step: &Step) {
        let solution = &self.topology.solutions[account.solution];
        let target = match step.application {
            Some(application) => &solution.applications[application].name,
            None => &solution.hosts[step.host].name,
        };
        let started = step
            .started
            .map_or(String::new(), |at| format!(" {}", at.clock()));
        let confirmed = match (step.confirmed, step.started) {
            (Some(seen), Some(started)) => {
                format!(", seen {} (+{})", seen.clock(), spoken(seen.since(started)))
            }
            (Some(seen), None) => format!(", seen {}", seen.clock()),
            (None, Some(_)) if step.is_switch() && step.state == StepState::WouldRun => {
                ", effect never seen".to_string()
            }
            _ => String::new(),
        };
        let detail = step
            .detail
            .as_ref()
            .map_or(String::new(), |detail| format!(" ({})", escape(detail)));
        let _ = writeln!(
            text,
            "    {}. {} {target}: {}{started}{confirmed}; {}{detail}",
            position + 1,
            verb(step.action),
            told_state(step.state),
            step.reason.sentence(),
        );
        let runs = matches!(
            step.state,
            StepState::WouldRun | StepState::Started | StepState::Done | StepState::Owed
        );
        if runs && let Some(argv) = (self.command)(account.solution, &account.incident, step) {
            let words: Vec<_> = argv.iter().map(|word| shown(word)).collect();
            let _ = writeln!(text, "       {}", words.join(" "));
        }
    }

    fn aftermath(&self, text: &mut String, account: &Account, solution: &Solution) {
        let incident = &account.incident;
        for step in incident
            .steps
            .iter()
            .filter(|step| step.state == StepState::Owed)
        {
            let host = &solution.hosts[step.host].name;
            let _ = writeln!(
                text,
                "  owed: {host} must let the VIP go as soon as it is seen again, or two hosts hold it"
            );
        }
        let alone = account.reactions_of_scs(
            |index| solution.applications[index].component.vip_follows,
            |index| solution.applications[index].component.switched,
        );
        let ours = incident
            .steps
            .iter()
            .filter(|step| matches!(step.state, StepState::WouldRun | StepState::Owed))
            .count();
        if alone > 0 && incident.state != IncidentState::Held {
            let _ = writeln!(
                text,
                "  one alarm script per event would have been {alone} scripts in no order; this is {ours}, each once"
            );
        }
    }

    fn outside(&self, text: &mut String, report: &Report) {
        // What SCS tells all day, and what was long ago, is counted and not told.
        let quiet = [
            Reason::History,
            Reason::RoleEvidence,
            Reason::Noted,
            Reason::ScsEvidence,
        ];
        let (counted, told): (BTreeMap<_, _>, BTreeMap<_, _>) = report
            .outside
            .iter()
            .partition(|(reason, _)| quiet.contains(reason));
        if !told.is_empty() {
            let _ = writeln!(text, "Seen, and nothing moved for it:");
        }
        for (reason, outside) in told {
            for decision in &outside.examples {
                let line = match decision.solution {
                    Some(index) => told_event(&self.topology.solutions[index], decision),
                    None => told_unbound(decision),
                };
                let _ = writeln!(text, "  {line}");
            }
            let untold = outside.count - outside.examples.len() as u64;
            if untold > 0 {
                let _ = writeln!(text, "  … and {untold} more: {}", reason.sentence());
            }
        }
        let counts: Vec<_> = counted
            .iter()
            .map(|(reason, outside)| format!("{} ({})", outside.count, reason.sentence()))
            .collect();
        if !counts.is_empty() {
            let _ = writeln!(text, "Only counted: {}", counts.join(", "));
        }
        if !report.outside.is_empty() {
            text.push('\n');
        }
    }

    fn alerts(&self, text: &mut String, report: &Report) {
        if report.alerts.is_empty() {
            return;
        }
        let _ = writeln!(text, "Alerts apart from the incidents:");
        for alert in &report.alerts {
            let state = if alert.open { "opens " } else { "closes" };
            let _ = writeln!(
                text,
                "  {} {state} {}: {}",
                alert.at.clock(),
                escape(&alert.key),
                escape(&alert.text)
            );
        }
        for settled in &report.settled {
            let host = &self.topology.solutions[settled.solution].hosts[settled.host].name;
            let _ = writeln!(
                text,
                "  {} the VIP disable that {host} owed is settled ({}): {}",
                settled.at.clock(),
                told_state(settled.state),
                settled.reason.sentence()
            );
        }
        text.push('\n');
    }

    /// "5040 orders of 7 events, 1 plan"
    pub fn permutations(&self, permutations: &[Permutation]) -> String {
        let mut text = String::new();
        for each in permutations {
            let sampled = if each.sampled { " (sampled)" } else { "" };
            let plural = if each.plans.len() == 1 { "" } else { "s" };
            let _ = writeln!(
                text,
                "{}: {} events, {} orders{sampled}, {} plan{plural}",
                each.incident,
                each.events,
                each.orders,
                each.plans.len()
            );
            if each.plans.len() > 1 {
                for (plan, orders) in &each.plans {
                    let steps: Vec<_> = plan
                        .iter()
                        .map(|(action, target)| format!("{action} {target}"))
                        .collect();
                    let _ = writeln!(text, "  {orders} orders: {}", steps.join(", "));
                }
            }
        }
        text
    }
}

/// `20:31:05.100  RM_1 05064 failed (scs.log:12)  opens: it failed on the primary host`
pub(crate) fn told_event(solution: &Solution, decision: &Decision) -> String {
    let event = &decision.event;
    let who = match decision.application {
        Some(index) => solution.applications[index].name.to_string(),
        None => escape(event.host.as_deref().unwrap_or("?")).into_owned(),
    };
    format!(
        "{} {who} {} {} ({}:{}) - {}: {}{}",
        event.time.clock(),
        event.id,
        event.kind,
        escape(&event.origin.file),
        event.origin.line,
        told_verdict(decision.verdict),
        decision.reason.sentence(),
        decision
            .detail
            .as_ref()
            .map_or(String::new(), |detail| format!(" ({})", escape(detail)))
    )
}

pub(crate) fn told_unbound(decision: &Decision) -> String {
    let event = &decision.event;
    let dbid = event
        .dbid
        .map_or(String::new(), |dbid| format!(" (DBID {dbid})"));
    let who = event
        .application
        .as_deref()
        .or(event.host.as_deref())
        .unwrap_or("(nobody named)");
    format!(
        "{} {}{dbid} {} {} ({}:{}) - ignored: {}",
        event.time.clock(),
        escape(who),
        event.id,
        event.kind,
        escape(&event.origin.file),
        event.origin.line,
        decision.reason.sentence()
    )
}

pub(crate) fn told_verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Open => "OPENS",
        Verdict::Absorb => "joins",
        Verdict::Echo => "confirms",
        Verdict::Ignore => "ignored",
        Verdict::Hold => "HELD",
    }
}

pub(crate) fn told_state(state: StepState) -> &'static str {
    match state {
        StepState::WouldRun => "would run",
        StepState::AlreadySo => "already so",
        other => other.word(),
    }
}

pub(crate) fn verb(action: Action) -> &'static str {
    match action {
        Action::SwitchToPrimary => "switch to primary",
        Action::VipEnable => "enable the VIP on",
        Action::VipDisable => "disable the VIP on",
        Action::VipAnnounce => "announce the VIP from",
    }
}

/// An argument as it would be typed; only shown, never given to a shell.
fn shown(word: &str) -> String {
    let plain = |each: char| each.is_ascii_alphanumeric() || "-_./:=@%+,*".contains(each);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", escape(word).replace('\'', "'\\''"))
    }
}
