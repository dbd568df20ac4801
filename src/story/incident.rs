//! One incident: the storm as a table, the decision with its grounds, the steps, what is left.

use super::Story;
use super::clock::{Clock, offset};
use super::columns::aligned;
use super::names::Names;
use super::sentences::{self, aftermath, counted, decision, grounds, route, storm};
use crate::decide::{Decision, Reason, Step, StepState, Verdict};
use crate::escape::escape;
use crate::report::Account;
use crate::topology::Solution;

/// Of a storm so many events are told one by one.
const EVENTS_TOLD_MAX: usize = 24;

impl Story<'_> {
    pub(super) fn incident(&self, account: &Account, names: &Names, today: &Clock) -> Vec<String> {
        let solution = &self.topology.solutions[account.solution];
        let incident = &account.incident;
        let clock = Clock::of(account.began());
        let day = if clock.day() == today.day() {
            String::new()
        } else {
            format!("  on {}", clock.day())
        };
        let mut lines = vec![
            format!(
                "{}: {}  {}  [{}]{day}",
                solution.name,
                route(solution, incident),
                incident.state.word().to_uppercase(),
                incident.id,
            ),
            format!("  storm: {}", storm(account, names)),
        ];
        lines.extend(events(account, solution, names, &clock));
        lines.push(format!(
            "  decision {}",
            decision(account, solution, &clock)
        ));
        lines.extend(
            grounds(account, solution)
                .iter()
                .map(|ground| format!("    {ground}")),
        );
        lines.push("  steps".into());
        lines.extend(self.steps(account).iter().map(|line| format!("    {line}")));
        let left = aftermath(account, solution);
        lines.extend(left.iter().map(|sentence| format!("  {sentence}")));
        lines
    }

    /// One aligned line for each step, and under it the command that would have run, with the reason.
    pub(crate) fn steps(&self, account: &Account) -> Vec<String> {
        let solution = &self.topology.solutions[account.solution];
        let incident = &account.incident;
        let (mut rows, mut commands) = (Vec::new(), Vec::new());
        for (step, number) in incident.steps.iter().zip(1..) {
            let argv = runs(step)
                .then(|| (self.command)(account.solution, incident, step))
                .flatten();
            let why = sentences::why(incident, step);
            let on_row = if argv.is_some() { "" } else { &why };
            rows.push(row(account, solution, step, number, on_row));
            commands.push(argv.map(|argv| typed(&argv, &why)));
        }
        let lines = aligned(&rows).into_iter().zip(commands);
        lines
            .flat_map(|(line, command)| std::iter::once(line).chain(command))
            .collect()
    }
}

fn events(account: &Account, solution: &Solution, names: &Names, clock: &Clock) -> Vec<String> {
    let first = account.began();
    let rows: Vec<_> = account
        .in_order()
        .into_iter()
        .take(EVENTS_TOLD_MAX)
        .map(|decision| {
            [
                clock.tell(decision.stamp),
                offset(decision.stamp, first),
                who(solution, decision),
                escape(&decision.event.id).into_owned(),
                decision.event.kind.to_string(),
                names.place(&decision.event.origin),
                outcome(decision),
            ]
        })
        .collect();
    let mut lines: Vec<String> = aligned(&rows)
        .iter()
        .map(|line| format!("    {line}"))
        .collect();
    let untold = account.events().saturating_sub(rows.len() as u64);
    if untold > 0 {
        lines.push(format!("    … and {} more", counted(untold, "event")));
    }
    lines
}

/// Whom the event is about, by the names of the configuration.
pub(crate) fn who(solution: &Solution, decision: &Decision) -> String {
    match decision.application {
        Some(index) => solution.applications[index].name.to_string(),
        None => escape(decision.event.host.as_deref().unwrap_or("(nobody named)")).into_owned(),
    }
}

/// What the event did; its whole reason stands with the decision, or is told by one published word.
fn outcome(decision: &Decision) -> String {
    let verdict = sentences::verdict(decision.verdict);
    let mut told = match (decision.verdict, decision.reason) {
        (Verdict::Absorb, Reason::JoinsIncident) | (Verdict::Echo, Reason::ConfirmsStep) => {
            verdict.to_string()
        }
        (Verdict::Open | Verdict::Hold, _) => verdict.to_string(),
        (_, reason) => format!("{verdict}: {reason}"),
    };
    if decision.stamp != decision.event.time {
        told.push_str(&format!(" (stamped {})", decision.event.time.clock()));
    }
    told
}

fn row(
    account: &Account,
    solution: &Solution,
    step: &Step,
    number: usize,
    why: &str,
) -> [String; 7] {
    let first = account.began();
    let at = |time| offset(time, first);
    let seen = match (step.confirmed, step.started) {
        (Some(seen), _) => format!("seen {}", at(seen)),
        (None, Some(_)) if step.is_switch() && step.state == StepState::WouldRun => {
            "effect never seen".into()
        }
        _ => String::new(),
    };
    [
        format!("{number}."),
        sentences::verb(step.action).into(),
        sentences::target(solution, step).into(),
        sentences::state(step.state).into(),
        step.started.map(at).unwrap_or_default(),
        seen,
        why.into(),
    ]
}

/// Its command was run, or would have been.
fn runs(step: &Step) -> bool {
    use StepState::{Done, Failed, Owed, Started, Unknown, WouldRun};
    matches!(
        step.state,
        WouldRun | Started | Done | Failed | Unknown | Owed
    )
}

/// `    $ ssh 10.0.0.12 vip up 10.0.0.10  # the VIP belongs to the primary VM SIP Server`
fn typed(argv: &[String], why: &str) -> String {
    let words: Vec<_> = argv.iter().map(|word| shown(word)).collect();
    let why = if why.is_empty() {
        String::new()
    } else {
        format!("  # {why}")
    };
    format!("    $ {}{why}", words.join(" "))
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
