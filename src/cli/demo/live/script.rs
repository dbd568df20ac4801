//! One failure from its beginning to its end without a keyboard, and whether each command started once.

use std::time::Duration;

use serde_json::Value;

use super::Stage;
use crate::standin::{Expected, Host, Start, Target, Tool, moves_to};
use crate::time::Time;

/// The logs grow for a while before anything happens.
const QUIET: Duration = Duration::from_millis(1_500);
/// An incident is closed within it, what is owed is paid within it.
const ENDS_WITHIN: Duration = Duration::from_secs(30);
/// Where nothing is to be done it is waited for so long that nothing is.
const NOTHING_FOR: Duration = Duration::from_secs(4);
/// After all is paid: time for a command that should not start.
const AFTER: Duration = Duration::from_secs(1);

/// True if all was right.
pub(super) fn play(stage: &mut Stage, target: Target) -> anyhow::Result<bool> {
    stage.watch(QUIET)?;
    let moved_to = moves_to(target);
    stage.head("kill", &[target.to_string()])?;
    let failed = stage.act(|world, now| world.fail(now, target))?;
    stage.narrator.begin(failed);
    match moved_to {
        Some(_) => stage.wait("the incident to be closed", ENDS_WITHIN, |stage| {
            let incidents = stage.daemon.incidents()?;
            Ok(incidents
                .iter()
                .any(|incident| incident["closed"].is_string()))
        })?,
        None => stage.watch(NOTHING_FOR)?,
    }
    stage.head("start", &[format!("{target}, again")])?;
    let returned = stage.act(|world, now| world.start(now, target))?;
    stage.wait("everything to be back and paid", ENDS_WITHIN, |stage| {
        let settled = stage.folder.world()?.next().is_none();
        Ok(settled
            && stage.daemon.owes()? == 0
            && announced(&stage.folder.ledger()?, target, returned))
    })?;
    stage.watch(AFTER)?;
    let expected = Expected {
        moved_to,
        returned: Some(returned),
    };
    end(stage, &expected, failed)
}

/// A host that was dead with the VIP lets it go, and the VIP is told anew on the other.
fn announced(ledger: &[Start], target: Target, returned: Time) -> bool {
    let announces =
        |start: &Start| start.is(Tool::VipAnnounce, Host::Two.word()) && start.time >= returned;
    target != Target::Host(Host::One) || ledger.iter().any(announces)
}

/// Incident, ledger, and what is wrong with them.
fn end(stage: &mut Stage, expected: &Expected, failed: Time) -> anyhow::Result<bool> {
    let incidents = stage.daemon.incidents()?;
    let (world, ledger) = (stage.folder.world()?, stage.folder.ledger()?);
    stage.say("")?;
    for incident in &incidents {
        stage.head("incident", &told(incident))?;
    }
    let acts = ledger.iter().filter(|start| start.acts());
    let acts: Vec<String> = acts.map(|start| entry(start, failed)).collect();
    stage.head("ledger", &acts)?;
    let mut wrong = expected.audit(&world, &ledger);
    if incidents.len() != usize::from(expected.moved_to.is_some()) {
        wrong.push(format!("the journal has {} incidents", incidents.len()));
    }
    let verdict = match (wrong.is_empty(), acts.is_empty()) {
        (false, _) => wrong.clone(),
        (true, true) => vec!["right: nothing was to be done, and nothing was".to_owned()],
        (true, false) => vec!["right: one incident, each command once".to_owned()],
    };
    stage.head("so it is", &verdict)?;
    Ok(wrong.is_empty())
}

fn told(incident: &Value) -> Vec<String> {
    let word = |value: &Value, name: &str| value[name].as_str().unwrap_or("nobody").to_owned();
    let mut lines = vec![format!(
        "{} moves {} from {} to {}: {}, because of {} {}",
        word(incident, "id"),
        word(incident, "solution"),
        word(incident, "from_host"),
        word(incident, "to_host"),
        word(incident, "state"),
        word(&incident["cause"], "application"),
        word(&incident["cause"], "id"),
    )];
    let steps = incident["steps"].as_array().map_or(&[][..], Vec::as_slice);
    lines.extend(steps.iter().map(|step| {
        let target = match step["application"].as_str() {
            Some(application) => application.to_owned(),
            None => word(step, "host"),
        };
        format!(
            "{:<18} {target:<15} {}",
            word(step, "action"),
            word(step, "state")
        )
    }));
    lines
}

fn entry(start: &Start, failed: Time) -> String {
    let after = start.time.since(failed).as_secs_f64();
    let target = start.target.as_deref().unwrap_or_default();
    let tool = start.tool.map_or("?", Tool::word);
    format!("+{after:06.3}  {tool:<13} {target:<15} {}", start.did)
}
