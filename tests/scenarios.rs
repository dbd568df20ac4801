//! The scenarios: the tool agrees with its goldens, and the goldens agree with what `about.md` says must come out.
//!
//! `about.md` was written from the guide and the contract before there was any output, so a wrong golden cannot
//! bless itself.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;

fn scenarios() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scenarios");
    let mut folders: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn every_scenario_comes_out_as_expected() {
    let junit = tempfile::NamedTempFile::new().unwrap();
    let assert = Command::cargo_bin("tailswitch")
        .unwrap()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["test", "--junit"])
        .arg(junit.path())
        .assert()
        .success();
    let told = String::from_utf8(assert.get_output().stdout.clone()).unwrap();
    let count = scenarios().len();
    assert!(
        told.ends_with(&format!("{count} passed, 0 failed\n")),
        "{told}"
    );
    assert_eq!(
        fs::read_to_string(junit.path())
            .unwrap()
            .matches("<testcase")
            .count(),
        count
    );
}

#[test]
fn every_golden_agrees_with_what_must_come_out() {
    let mut wrong = Vec::new();
    for folder in scenarios() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let must = must(&fs::read_to_string(folder.join("about.md")).unwrap());
        let result = fs::read_to_string(folder.join("expected/result.json")).unwrap();
        let result: Vec<Value> = serde_json::from_str(&result).unwrap();
        let incidents: Vec<&Value> = result
            .iter()
            .filter(|each| each["type"] == "incident")
            .collect();
        for fault in disagreements(&must, &incidents) {
            wrong.push(format!("{name}: {fault}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} disagreements:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The head of a Must list.
struct Must {
    incidents: usize,
    told: Vec<MustIncident>,
}

struct MustIncident {
    head: String,
    steps: Vec<String>,
    no_step_runs: bool,
}

fn must(about: &str) -> Must {
    let (_, list) = about.split_once("## Must").expect("a Must list");
    let mut must = Must {
        incidents: usize::MAX,
        told: Vec::new(),
    };
    for line in list.lines() {
        if let Some(count) = line.strip_prefix("- incidents: ") {
            must.incidents = count.trim().parse().expect("a number of incidents");
        } else if let Some(head) = line.strip_prefix("- incident ") {
            let (_, head) = head.split_once(": ").expect("a numbered incident");
            must.told.push(MustIncident {
                head: head.into(),
                steps: Vec::new(),
                no_step_runs: false,
            });
        } else if let (Some(step), Some(incident)) =
            (line.strip_prefix("  - "), must.told.last_mut())
        {
            if step == "no step runs" {
                incident.no_step_runs = true;
            } else if step
                .split(' ')
                .next()
                .is_some_and(|word| word.starts_with("vip-") || word.starts_with("switch-"))
            {
                incident.steps.push(step.into());
            }
        }
    }
    must
}

fn disagreements(must: &Must, incidents: &[&Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    if must.incidents != incidents.len() {
        wrong.push(format!(
            "{} incidents must come out, {} did",
            must.incidents,
            incidents.len()
        ));
        return wrong;
    }
    for (must, incident) in must.told.iter().zip(incidents) {
        let told = head(incident);
        if !agrees(&must.head, &told) {
            wrong.push(format!("must be `{}`, is `{told}`", must.head));
        }
        let steps: Vec<String> = incident["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(step)
            .collect();
        if must.no_step_runs {
            let idle = |step: &String| step.contains(": held") || step.contains(": void");
            wrong.extend(
                steps
                    .iter()
                    .filter(|step| !idle(step))
                    .map(|step| format!("no step may run: {step}")),
            );
            continue;
        }
        for wanted in &must.steps {
            if !steps.iter().any(|step| agrees_step(wanted, step)) {
                wrong.push(format!("step `{wanted}` is not among {steps:?}"));
            }
        }
        if !must.steps.is_empty() && must.steps.len() != steps.len() {
            wrong.push(format!(
                "{} steps must be there, {} are: {steps:?}",
                must.steps.len(),
                steps.len()
            ));
        }
    }
    wrong
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or("")
}

/// `east: vmhost1 -> vmhost2, completed, cause 04563 of VM_SIPServer_2, opened 20:31:07.950`
fn head(incident: &Value) -> String {
    let from = incident["from_host"].as_str().unwrap_or("(unknown)");
    format!(
        "{}: {from} -> {}, {}, cause {} of {}, opened {}",
        text(incident, "solution"),
        text(incident, "to_host"),
        text(incident, "state"),
        text(&incident["cause"], "id"),
        text(&incident["cause"], "application"),
        &text(incident, "opened")[11..23],
    )
}

fn step(step: &Value) -> String {
    let target = step["application"].as_str().unwrap_or(text(step, "host"));
    let confirmed = if step["confirmed"].is_null() {
        ""
    } else {
        ", confirmed"
    };
    format!(
        "{} {target}: {}{confirmed}",
        text(step, "action"),
        text(step, "state")
    )
}

/// Word by word, where `a|b` allows either; the solution may be left out.
fn agrees(wanted: &str, told: &str) -> bool {
    let told = if wanted
        .split(" -> ")
        .next()
        .is_some_and(|from| from.contains(": "))
    {
        told
    } else {
        told.split_once(": ").map_or(told, |(_, rest)| rest)
    };
    agrees_step(wanted, told)
}

fn agrees_step(wanted: &str, told: &str) -> bool {
    let (wanted, told): (Vec<&str>, Vec<&str>) =
        (wanted.split(", ").collect(), told.split(", ").collect());
    wanted.len() == told.len()
        && wanted.iter().zip(&told).all(|(wanted, told)| {
            wanted == told
                || wanted.split(' ').count() == told.split(' ').count()
                    && wanted
                        .split(' ')
                        .zip(told.split(' '))
                        .all(|(wanted, told)| wanted.split('|').any(|each| each == told))
        })
}
