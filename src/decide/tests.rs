//! The core told as pairs of texts: what is heard, and what is decided.
//!
//! A line of a script is `SECONDS WHO WHAT`, with `history`, `scs` or `@SECONDS` (the stamp, where the line is
//! late) before the name. `ended ACTION TARGET HOW` is the end of a command, `debt HOST HOW` that of a debt's,
//! `asked WHO MODE STATUS` the status command's answer, `pause UNTIL`, `resume`, `force HOST`, `forgive HOST`, `ack` the operator's
//! verbs. `check` is the only place that knows the core's interface.

mod acting;
mod doubt;
mod storms;
mod table;
mod vip;

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::event::{EventKind, Mode, Origin, Status, Witness};
use crate::topology::{Action, Application, Component, Host, Policy, Solution, Trigger, VipOrder};

#[track_caller]
fn check(script: &str, expected: &str) {
    check_with(|_| {}, script, expected);
}

#[track_caller]
fn check_with(change: impl FnOnce(&mut Policy), script: &str, expected: &str) {
    let mut pair = voicemail_pair();
    change(&mut pair.policy);
    let told = tell(Topology::new(vec![pair]), script);
    let expected: Vec<&str> = expected
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .collect();
    let told: Vec<&str> = told.iter().map(|line| line.trim()).collect();
    assert!(
        told == expected,
        "told:\n{}\n\nexpected:\n{}",
        told.join("\n"),
        expected.join("\n")
    );
}

pub(crate) fn voicemail_pair() -> Solution {
    let component = |name: &str, trigger, switched, vip_follows| Component {
        name: name.into(),
        trigger,
        switched,
        vip_follows,
    };
    let mut applications = Vec::new();
    for host in 0..2 {
        for (name, kind) in [
            (
                "SIPS",
                component("vm-sip-server", Trigger::BecamePrimary, true, true),
            ),
            (
                "VMS",
                component("vm-server", Trigger::BecamePrimary, true, false),
            ),
            (
                "RM",
                component(
                    "resource-manager",
                    Trigger::FailedWhilePrimary,
                    false,
                    false,
                ),
            ),
            (
                "MCP",
                component(
                    "media-control-platform",
                    Trigger::FailedWhilePrimary,
                    false,
                    false,
                ),
            ),
        ] {
            let dbid = 151 + applications.len() as u32;
            let name = format!("{name}-{}", host + 1).into();
            applications.push(Application {
                name,
                dbid,
                component: kind,
                host: Some(host),
            });
        }
    }
    applications.push(Application {
        name: "Premise".into(),
        dbid: 101,
        component: component("premise-sip-server", Trigger::Nothing, false, false),
        host: None,
    });
    let host = |name: &str| Host {
        name: name.into(),
        address: None,
        aliases: Vec::new(),
    };
    Solution {
        name: "east".into(),
        hosts: [host("H1"), host("H2")],
        vip: Some("10.0.0.10".into()),
        applications,
        policy: Policy::default(),
    }
}

/// Runs a script through the core until nothing more follows, and tells what was decided.
fn tell(topology: Topology, script: &str) -> Vec<String> {
    let mut core = Core::new(Arc::new(topology));
    let mut told = Vec::new();
    for (number, line) in script
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty())
        .enumerate()
    {
        let now = seconds(line.split_whitespace().next().expect("a time"));
        wake_until(&mut core, Some(now), &mut told);
        let input = match commanded(&core, line) {
            Some(input) => input,
            None => heard(&core.state.topology, line, number as u64).1,
        };
        let entries = core.handle(now, &input);
        report(&core, entries, &mut told);
    }
    wake_until(&mut core, None, &mut told);
    told
}

/// Runs a script up to its last line, for tests of what is made of a state and of entries.
pub(crate) fn play(change: impl FnOnce(&mut Policy), script: &str) -> (Core, Vec<Entry>) {
    let mut pair = voicemail_pair();
    change(&mut pair.policy);
    let mut core = Core::new(Arc::new(Topology::new(vec![pair])));
    let mut entries = Vec::new();
    let lines = script.lines().map(str::trim).filter(|l| !l.is_empty());
    for (number, line) in lines.enumerate() {
        let now = seconds(line.split_whitespace().next().expect("a time"));
        while let Some(at) = core.state.next_wake().filter(|at| *at < now) {
            entries.extend(core.handle(at, &Input::Wake));
        }
        let input = commanded(&core, line)
            .unwrap_or_else(|| heard(&core.state.topology, line, number as u64 + 1).1);
        entries.extend(core.handle(now, &input));
    }
    (core, entries)
}

fn wake_until(core: &mut Core, until: Option<Time>, told: &mut Vec<String>) {
    while let Some(at) = core
        .state
        .next_wake()
        .filter(|at| until.is_none_or(|until| *at < until))
    {
        let entries = core.handle(at, &Input::Wake);
        report(core, entries, told);
    }
}

fn seconds(text: &str) -> Time {
    Time::from_micros((text.parse::<f64>().expect("seconds") * 1e6).round() as i64)
}

/// What is not heard from a log.
fn commanded(core: &Core, line: &str) -> Option<Input> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (topology, solution) = (&core.state.topology, 0);
    let host = |name: &str| topology.host(name)[0].1;
    let request = |verb| Input::Operator {
        solution,
        request: Request {
            verb,
            by: "alice".into(),
            why: "because".into(),
        },
    };
    Some(match words[1] {
        "ended" => {
            let pair = &core.state.pairs[0];
            let target = |step: &Step| match step.application {
                Some(index) => topology.application(words[3]) == Some((0, index)),
                None => topology.host(words[3]) == [(0, step.host)],
            };
            let action = Action::from_word(words[2]).expect("an action");
            let found = pair.incidents.iter().find_map(|incident| {
                let is_it = |step: &Step| step.action == action && target(step);
                Some((incident.id.clone(), incident.steps.iter().position(is_it)?))
            });
            let (incident, step) = found.expect("a step");
            let step = StepRef {
                solution,
                incident,
                step,
            };
            Input::Outcome {
                step,
                outcome: outcome_of(words[4]),
            }
        }
        "announced" => Input::Announced {
            solution,
            host: host(words[2]),
            outcome: outcome_of(words[3]),
        },
        "debt" => Input::DebtOutcome {
            solution,
            host: host(words[2]),
            outcome: outcome_of(words[3]),
        },
        "asked" => Input::Reported {
            solution,
            application: topology.application(words[2]).expect("an application").1,
            mode: words[3..].iter().find_map(|word| Mode::from_word(word)),
            status: words[3..].iter().find_map(|word| Status::from_word(word)),
        },
        "pause" => request(Verb::Pause {
            until: seconds(words[2]),
        }),
        "resume" => request(Verb::Resume),
        "forgive" => request(Verb::Forgive {
            host: host(words[2]),
        }),
        "force" => request(Verb::Force { to: host(words[2]) }),
        "ack" => request(Verb::Acknowledge {
            incident: core.state.pairs[0].lock.clone().expect("a lock"),
        }),
        "doubt" => Input::WorldDoubted,
        "read" => Input::WorldRead,
        "disarm" => Input::Disarm(Reason::JournalDead),
        _ => return None,
    })
}

fn outcome_of(word: &str) -> Outcome {
    match word {
        "succeeded" => Outcome::Succeeded,
        "confirmed" => Outcome::Confirmed,
        "already-so" => Outcome::AlreadySo,
        "failed" => Outcome::Failed("exit code 1".into()),
        "timed-out" => Outcome::TimedOut,
        "not-run" => Outcome::NotRun("no such file".into()),
        "lost" => Outcome::Lost,
        "not-done" => Outcome::NotDone,
        "unknowable" => Outcome::Unknowable,
        other => panic!("{other} is no outcome"),
    }
}

fn heard(topology: &Topology, line: &str, number: u64) -> (Time, Input) {
    let mut words = line.split_whitespace().peekable();
    let now = seconds(words.next().expect("a time"));
    let (mut stamp, mut history, mut witness) = (now, false, Witness::Own);
    let mut writer = None;
    while let Some(word) = words.peek().copied() {
        match word {
            "history" => history = true,
            "scs" => witness = Witness::Scs,
            _ if word.starts_with("by=") => (witness, writer) = (Witness::Other, Some(&word[3..])),
            _ if word.starts_with('@') => stamp = seconds(&word[1..]),
            _ => break,
        }
        words.next();
    }
    let name = words.next().expect("a name");
    let what = words.next().expect("a kind");
    if what == "alive" {
        let (solution, application) = topology.application(name).expect("a known application");
        return (
            now,
            Input::Alive {
                solution,
                application,
                stamp,
            },
        );
    }
    let rest: Vec<&str> = words.collect();
    let is_host = !topology.host(name).is_empty();
    let event = Arc::new(Event {
        time: stamp,
        id: what.into(),
        kind: EventKind::from_word(what).expect("a kind of event"),
        application: (!is_host && name != "SCS").then(|| name.into()),
        dbid: None,
        host: is_host.then(|| name.into()),
        mode: rest.iter().find_map(|word| Mode::from_word(word)),
        status: rest.iter().find_map(|word| Status::from_word(word)),
        level: None,
        text: "".into(),
        witness,
        writer: writer.map(Arc::from),
        in_trace_gap: rest.contains(&"gap"),
        origin: Origin {
            file: "script".into(),
            line: number,
            offset: number,
        },
    });
    let input = if history {
        Input::History { event, stamp }
    } else {
        Input::Event { event, stamp }
    };
    (now, input)
}

fn report(core: &Core, entries: Vec<Entry>, told: &mut Vec<String>) {
    let pair = &core.state.topology.solutions[0];
    let closed: Vec<Incident> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Closed { incident, .. } => Some((**incident).clone()),
            _ => None,
        })
        .collect();
    let at = |time: Time| format!("{:.1}", time.micros() as f64 / 1e6);
    let target = |step: &Step| match step.application {
        Some(application) => pair.applications[application].name.to_string(),
        None => pair.hosts[step.host].name.to_string(),
    };
    for entry in entries {
        match entry {
            Entry::Decided(decision) if decision.reason != Reason::History => {
                let who = decision
                    .event
                    .application
                    .as_deref()
                    .or(decision.event.host.as_deref());
                let verdict = format!(
                    "{} {} {}",
                    decision.verdict,
                    who.unwrap_or("SCS"),
                    decision.event.id
                );
                told.push(format!(
                    "{} {verdict}: {}",
                    at(decision.at),
                    decision.reason
                ));
            }
            Entry::StepMoved {
                incident,
                step,
                to,
                reason,
                at: time,
                ..
            } => {
                let open = core.state.pairs[0].incident(&incident);
                let known = open.or_else(|| closed.iter().find(|each| each.id == incident));
                let step = known.map(|incident| &incident.steps[step]);
                let what = step.map_or("?".into(), |step| {
                    format!("{} {}", step.action, target(step))
                });
                told.push(format!("{}   {what} {to}: {reason}", at(time)));
            }
            Entry::Closed { incident, .. } => {
                let from = incident
                    .from
                    .map_or("nobody", |from| &pair.hosts[from].name);
                let to = &pair.hosts[incident.to].name;
                let closed = incident.closed.map_or("never".into(), at);
                told.push(format!(
                    "{closed} {from} -> {to} {}, {} events",
                    incident.state, incident.events
                ));
            }
            Entry::StepRetried { step, reason, .. } => {
                told.push(format!("    step {} is tried again: {reason}", step + 1));
            }
            Entry::DebtTried { host, at: time, .. } => {
                told.push(format!(
                    "{} {} is asked to pay",
                    at(time),
                    pair.hosts[host].name
                ));
            }
            Entry::AnnounceTried { host, at: time, .. } => told.push(format!(
                "{} the VIP is announced again on {}",
                at(time),
                pair.hosts[host].name
            )),
            Entry::AnnounceEnded {
                reason, at: time, ..
            } => told.push(format!("{} announced again: {reason}", at(time))),
            Entry::OwedSettled {
                host,
                state,
                reason,
                at: time,
                ..
            } => {
                told.push(format!(
                    "{} {} paid: {state}, {reason}",
                    at(time),
                    pair.hosts[host].name
                ));
            }
            Entry::Refused {
                reason, at: time, ..
            } => told.push(format!("{} refused: {reason}", at(time))),
            Entry::Alert(alert) => {
                let state = if alert.open { "alert" } else { "clear" };
                told.push(format!("{} {state} {}", at(alert.at), alert.key));
            }
            _ => {}
        }
    }
}

pub(crate) const ROLES: &str = "
    0 history SIPS-1 became-primary
    0 history VMS-1 became-primary
";

#[track_caller]
fn check_from_h1(script: &str, expected: &str) {
    check(&format!("{ROLES}\n{script}"), expected);
}

#[test]
fn a_sip_servers_4563_moves_the_vip_at_once_and_the_vm_server_after_it() {
    check_from_h1(
        "10 SIPS-2 became-primary
         12 VMS-2 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 would-run: vip-to-primary
         10.0   vip-disable H1 would-run: vip-off-old-host
         10.0   switch-to-primary VMS-2 would-run: moves-together
         12.0 echo VMS-2 became-primary: confirms-step
         42.0 H1 -> H2 completed, 2 events",
    );
}

#[test]
fn a_vm_servers_4563_moves_the_sip_server_first_and_the_vip_on_its_4563() {
    check_from_h1(
        "10 VMS-2 became-primary
         13 SIPS-2 became-primary",
        "10.0 open VMS-2 became-primary: peer-became-primary
         10.0   switch-to-primary SIPS-2 would-run: moves-first
         10.0   switch-to-primary VMS-2 already-so: already-so
         13.0 echo SIPS-2 became-primary: confirms-step
         13.0   vip-enable H2 would-run: vip-to-primary
         13.0   vip-disable H1 would-run: vip-off-old-host
         43.0 H1 -> H2 completed, 2 events",
    );
}

#[test]
fn a_failed_resource_manager_waits_for_confirm_and_then_moves_the_sip_server_only() {
    check_from_h1(
        "10 scs RM-1 failed
         10.2 scs RM-1 failed
         13 SIPS-2 became-primary
         15 VMS-2 became-primary",
        "11.0 open RM-1 failed: primary-host-failure
         11.0 absorb RM-1 failed: same-fact
         11.0   switch-to-primary SIPS-2 would-run: moves-first
         13.0 echo SIPS-2 became-primary: confirms-step
         13.0   vip-enable H2 would-run: vip-to-primary
         13.0   vip-disable H1 would-run: vip-off-old-host
         13.0   switch-to-primary VMS-2 would-run: moves-together
         15.0 echo VMS-2 became-primary: confirms-step
         45.0 H1 -> H2 completed, 4 events
         45.0 alert redundancy:east:RM-1",
    );
}

#[test]
fn a_4563_never_seen_leaves_the_vip_alone_and_the_incident_partial() {
    check_from_h1(
        "10 RM-1 failed",
        "11.0 open RM-1 failed: primary-host-failure
         11.0   switch-to-primary SIPS-2 would-run: moves-first
         41.0   vip-enable H2 void: 4563-never-seen
         41.0   vip-disable H1 void: 4563-never-seen
         41.0   switch-to-primary VMS-2 void: 4563-never-seen
         41.0 H1 -> H2 partial, 1 events",
    );
}

#[test]
fn a_late_4563_within_the_window_is_accepted_and_the_rest_follows() {
    check_from_h1(
        "10 RM-1 failed
         35 SIPS-2 became-primary
         36 VMS-2 became-primary",
        "11.0 open RM-1 failed: primary-host-failure
         11.0   switch-to-primary SIPS-2 would-run: moves-first
         35.0 echo SIPS-2 became-primary: confirms-step
         35.0   vip-enable H2 would-run: vip-to-primary
         35.0   vip-disable H1 would-run: vip-off-old-host
         35.0   switch-to-primary VMS-2 would-run: moves-together
         36.0 echo VMS-2 became-primary: confirms-step
         66.0 H1 -> H2 completed, 3 events
         66.0 alert redundancy:east:RM-1",
    );
}

#[test]
fn a_failure_on_the_backup_host_moves_nothing_and_loses_redundancy_until_it_is_back() {
    check_from_h1(
        "10 scs RM-2 failed
         60 RM-2 started",
        "11.0 ignore RM-2 failed: backup-host-failure
         11.0 alert redundancy:east:RM-2
         60.0 ignore RM-2 started: recovered
         60.0 clear redundancy:east:RM-2",
    );
}

#[test]
fn the_premise_sip_server_never_moves_anything() {
    check_from_h1(
        "10 Premise failed
         11 Premise became-primary",
        "10.0 ignore Premise failed: component-never-triggers
         11.0 ignore Premise became-primary: component-never-triggers",
    );
}

#[test]
fn a_failure_that_heals_or_was_planned_within_confirm_moves_nothing() {
    check_from_h1(
        "10 scs RM-1 failed
         10.5 RM-1 started
         20 scs MCP-1 failed
         20.5 MCP-1 planned-stop
         30 RM-1 planned-stop
         30.5 scs RM-1 failed",
        "10.5 ignore RM-1 failed: self-healed
         10.5 ignore RM-1 started: recovered
         20.5 ignore MCP-1 failed: planned-stop
         20.5 ignore MCP-1 planned-stop: planned-stop
         30.0 ignore RM-1 planned-stop: planned-stop
         30.5 ignore RM-1 failed: planned-stop",
    );
}

#[test]
fn a_failure_with_no_role_known_is_held_and_the_4563_resumes_the_same_incident() {
    check(
        "10 RM-1 failed
         12 SIPS-2 became-primary
         13 VMS-2 became-primary",
        "11.0 hold RM-1 failed: primary-unknown
         12.0 open SIPS-2 became-primary: vip-follows-4563
         12.0   switch-to-primary SIPS-2 already-so: already-so
         12.0   vip-enable H2 would-run: vip-to-primary
         12.0   vip-disable H1 would-run: vip-off-old-host
         12.0   switch-to-primary VMS-2 would-run: moves-together
         13.0 echo VMS-2 became-primary: confirms-step
         43.0 nobody -> H2 completed, 3 events
         43.0 alert redundancy:east:RM-1",
    );
}

#[test]
fn the_first_4563_of_all_moves_the_vip_and_blocks_nothing() {
    check(
        "10 SIPS-1 became-primary
         11 VMS-1 became-primary
         60 RM-1 failed",
        "10.0 open SIPS-1 became-primary: first-knowledge
         10.0   switch-to-primary SIPS-1 already-so: already-so
         10.0   vip-enable H1 would-run: vip-to-primary
         10.0   vip-disable H2 would-run: vip-off-old-host
         10.0   switch-to-primary VMS-1 would-run: moves-together
         11.0 echo VMS-1 became-primary: confirms-step
         41.0 nobody -> H1 completed, 2 events
         61.0 open RM-1 failed: primary-host-failure
         61.0   switch-to-primary SIPS-2 would-run: moves-first
         91.0   vip-enable H2 void: 4563-never-seen
         91.0   vip-disable H1 void: 4563-never-seen
         91.0   switch-to-primary VMS-2 void: 4563-never-seen
         91.0 H1 -> H2 partial, 1 events",
    );
}

#[test]
fn a_second_failure_in_the_block_is_held_and_the_new_primarys_4563_is_not() {
    check_from_h1(
        "10 SIPS-2 became-primary
         11 VMS-2 became-primary
         100 MCP-2 failed
         110 SIPS-1 became-primary
         111 VMS-1 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 would-run: vip-to-primary
         10.0   vip-disable H1 would-run: vip-off-old-host
         10.0   switch-to-primary VMS-2 would-run: moves-together
         11.0 echo VMS-2 became-primary: confirms-step
         41.0 H1 -> H2 completed, 2 events
         101.0 hold MCP-2 failed: blocked
         110.0 open SIPS-1 became-primary: vip-follows-4563
         110.0   switch-to-primary SIPS-1 already-so: already-so
         110.0   vip-enable H1 would-run: vip-to-primary
         110.0   vip-disable H2 would-run: vip-off-old-host
         110.0   switch-to-primary VMS-1 would-run: moves-together
         111.0 echo VMS-1 became-primary: confirms-step
         141.0 H2 -> H1 completed, 3 events
         141.0 alert redundancy:east:MCP-2",
    );
}

#[test]
fn the_opposite_move_in_mid_reaction_supersedes_and_a_late_echo_starts_no_ping_pong() {
    check_from_h1(
        "10 SIPS-2 became-primary
         12 SIPS-1 became-primary
         15 VMS-2 became-primary
         17 VMS-1 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 would-run: vip-to-primary
         10.0   vip-disable H1 would-run: vip-off-old-host
         10.0   switch-to-primary VMS-2 would-run: moves-together
         12.0 open SIPS-1 became-primary: vip-follows-4563
         12.0   switch-to-primary SIPS-1 already-so: already-so
         12.0   vip-enable H1 would-run: vip-to-primary
         12.0   vip-disable H2 would-run: vip-off-old-host
         15.0 echo VMS-2 became-primary: confirms-step
         15.0 H1 -> H2 superseded, 2 events
         15.0   switch-to-primary VMS-1 would-run: moves-together
         17.0 echo VMS-1 became-primary: confirms-step
         47.0 H2 -> H1 completed, 2 events",
    );
}

#[test]
fn a_lost_hosts_vip_disable_is_owed_and_settled_when_the_host_is_seen_again() {
    check_from_h1(
        "10 H1 host-lost
         11 SIPS-2 became-primary
         12 VMS-2 became-primary
         100 H1 host-back",
        "10.0 ignore H1 host-lost: host-evidence
         11.0 open SIPS-2 became-primary: vip-follows-4563
         11.0   switch-to-primary SIPS-2 already-so: already-so
         11.0   vip-enable H2 would-run: vip-to-primary
         11.0   vip-disable H1 owed: host-lost
         11.0   switch-to-primary VMS-2 would-run: moves-together
         11.0 alert owed:east:H1
         12.0 echo VMS-2 became-primary: confirms-step
         42.0 H1 -> H2 completed, 2 events
         100.0 ignore H1 host-back: host-evidence
         100.0 H1 paid: would-run, vip-off-old-host
         100.0 clear owed:east:H1",
    );
}

#[test]
fn the_same_fact_from_two_logs_counts_once() {
    check_from_h1(
        "10 SIPS-2 became-primary
         10.5 scs SIPS-2 became-primary
         11 VMS-2 became-primary
         12 scs @11.2 VMS-2 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 would-run: vip-to-primary
         10.0   vip-disable H1 would-run: vip-off-old-host
         10.0   switch-to-primary VMS-2 would-run: moves-together
         10.5 absorb SIPS-2 became-primary: same-fact
         11.0 echo VMS-2 became-primary: confirms-step
         12.0 absorb VMS-2 became-primary: same-fact
         42.0 H1 -> H2 completed, 4 events",
    );
}

#[test]
fn lines_that_lag_or_are_too_old_only_teach() {
    check_from_h1(
        "100 SIPS-2 became-primary
         101 VMS-2 became-primary
         110 @99 SIPS-1 became-primary
         200 @120 RM-2 failed",
        "100.0 open SIPS-2 became-primary: vip-follows-4563
         100.0   switch-to-primary SIPS-2 already-so: already-so
         100.0   vip-enable H2 would-run: vip-to-primary
         100.0   vip-disable H1 would-run: vip-off-old-host
         100.0   switch-to-primary VMS-2 would-run: moves-together
         101.0 echo VMS-2 became-primary: confirms-step
         110.0 ignore SIPS-1 became-primary: overtaken
         131.0 H1 -> H2 completed, 2 events
         200.0 ignore RM-2 failed: too-old",
    );
}

#[test]
fn a_line_that_lags_behind_the_peers_4563_makes_no_double_primary() {
    // SIPS-2 was primary for a while, and its log comes after all is over.
    check_from_h1(
        "30 SIPS-1 became-primary
         40 @5 SIPS-2 became-primary
         50 @31 SIPS-2 became-backup",
        "30.0 ignore SIPS-1 became-primary: already-primary
         40.0 ignore SIPS-2 became-primary: overtaken
         50.0 ignore SIPS-2 became-backup: role-evidence",
    );
}

#[test]
fn a_fresh_4563_counts_although_its_clock_is_behind_the_peers() {
    check_from_h1(
        "10 SIPS-2 became-primary
         10.5 @9 SIPS-1 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 would-run: vip-to-primary
         10.0   vip-disable H1 would-run: vip-off-old-host
         10.0   switch-to-primary VMS-2 would-run: moves-together
         10.5 open SIPS-1 became-primary: vip-follows-4563
         10.5   switch-to-primary SIPS-1 already-so: already-so
         10.5   vip-enable H1 would-run: vip-to-primary
         10.5   vip-disable H2 would-run: vip-off-old-host
         20.0 H1 -> H2 superseded, 1 events
         20.0   switch-to-primary VMS-1 already-so: already-so
         40.5 H2 -> H1 completed, 1 events",
    );
}

#[test]
fn a_double_primary_is_normal_for_a_moment_and_holds_all_when_it_lasts() {
    check_from_h1(
        "10 SIPS-2 became-primary
         11 VMS-2 became-primary
         20 scs SIPS-1 state-reported primary
         21 scs SIPS-1 state-reported backup
         50 scs SIPS-1 state-reported primary
         60 RM-2 failed
         70 scs SIPS-1 state-reported backup",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 would-run: vip-to-primary
         10.0   vip-disable H1 would-run: vip-off-old-host
         10.0   switch-to-primary VMS-2 would-run: moves-together
         11.0 echo VMS-2 became-primary: confirms-step
         20.0 ignore SIPS-1 state-reported: role-evidence
         21.0 absorb SIPS-1 state-reported: role-evidence
         50.0 ignore SIPS-1 state-reported: role-evidence
         51.0 H1 -> H2 completed, 3 events
         52.0 alert double-primary:east
         61.0 hold RM-2 failed: double-primary
         70.0 ignore SIPS-1 state-reported: role-evidence
         70.0 clear double-primary:east
         91.0 H2 -> H1 held, 1 events",
    );
}

#[test]
fn an_application_that_goes_on_writing_contradicts_its_reported_failure() {
    check_from_h1(
        "10 scs RM-1 failed
         10.9 @10.7 RM-1 alive",
        "11.0 hold RM-1 failed: contradicted-by-its-log
         41.0 H1 -> H2 held, 1 events",
    );
}

#[test]
fn what_the_log_of_a_backup_scs_says_of_others_does_not_count() {
    check_from_h1(
        "5 by=SCS-B SCS scs-backup
         10 by=SCS-B RM-1 failed
         20 by=MessageServer RM-1 failed",
        "5.0 ignore SCS scs-backup: scs-evidence
         10.0 ignore RM-1 failed: scs-not-primary
         21.0 open RM-1 failed: primary-host-failure
         21.0   switch-to-primary SIPS-2 would-run: moves-first
         51.0   vip-enable H2 void: 4563-never-seen
         51.0   vip-disable H1 void: 4563-never-seen
         51.0   switch-to-primary VMS-2 void: 4563-never-seen
         51.0 H1 -> H2 partial, 1 events",
    );
}

#[test]
fn a_target_that_is_down_is_no_target() {
    check_from_h1(
        "10 scs MCP-2 failed
         20 scs MCP-1 failed
         30 scs RM-1 failed",
        "11.0 ignore MCP-2 failed: backup-host-failure
         11.0 alert redundancy:east:MCP-2
         21.0 hold MCP-1 failed: target-not-healthy
         31.0 absorb RM-1 failed: joins-incident
         61.0 H1 -> H2 held, 2 events",
    );
}

#[test]
fn disable_first_and_announce_keep_their_order() {
    check_with(
        |policy| {
            policy.vip_order = VipOrder::DisableFirst;
            policy.announces = true;
        },
        "0 history SIPS-1 became-primary
         10 SIPS-2 became-primary
         11 VMS-2 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-disable H1 would-run: vip-off-old-host
         10.0   vip-enable H2 would-run: vip-to-primary
         10.0   switch-to-primary VMS-2 would-run: moves-together
         10.0   vip-announce H2 would-run: tell-neighbours
         11.0 echo VMS-2 became-primary: confirms-step
         41.0 H1 -> H2 completed, 2 events",
    );
}

#[test]
fn a_yield_leaves_scs_time_for_the_switches_and_the_vip_none() {
    check_with(
        |policy| policy.yield_for = Duration::from_secs(5),
        "0 history SIPS-1 became-primary
         10 SIPS-2 became-primary
         13 VMS-2 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 would-run: vip-to-primary
         10.0   vip-disable H1 would-run: vip-off-old-host
         13.0 absorb VMS-2 became-primary: joins-incident
         13.0   switch-to-primary VMS-2 already-so: already-so
         43.0 H1 -> H2 completed, 2 events",
    );
}

#[test]
fn three_moves_make_a_pair_flap_and_the_vip_still_follows() {
    check_with(
        |policy| policy.block = Duration::from_secs(1),
        "0 history SIPS-1 became-primary
         0 history VMS-1 became-primary
         100 SIPS-2 became-primary
         101 VMS-2 became-primary
         200 SIPS-1 became-primary
         201 VMS-1 became-primary
         300 SIPS-2 became-primary
         301 VMS-2 became-primary
         400 RM-2 failed
         500 SIPS-1 became-primary
         502 VMS-1 became-primary",
        "100.0 open SIPS-2 became-primary: vip-follows-4563
         100.0   switch-to-primary SIPS-2 already-so: already-so
         100.0   vip-enable H2 would-run: vip-to-primary
         100.0   vip-disable H1 would-run: vip-off-old-host
         100.0   switch-to-primary VMS-2 would-run: moves-together
         101.0 echo VMS-2 became-primary: confirms-step
         131.0 H1 -> H2 completed, 2 events
         200.0 open SIPS-1 became-primary: vip-follows-4563
         200.0   switch-to-primary SIPS-1 already-so: already-so
         200.0   vip-enable H1 would-run: vip-to-primary
         200.0   vip-disable H2 would-run: vip-off-old-host
         200.0   switch-to-primary VMS-1 would-run: moves-together
         201.0 echo VMS-1 became-primary: confirms-step
         231.0 H2 -> H1 completed, 2 events
         300.0 open SIPS-2 became-primary: vip-follows-4563
         300.0   switch-to-primary SIPS-2 already-so: already-so
         300.0   vip-enable H2 would-run: vip-to-primary
         300.0   vip-disable H1 would-run: vip-off-old-host
         300.0   switch-to-primary VMS-2 would-run: moves-together
         301.0 echo VMS-2 became-primary: confirms-step
         301.0 alert flapping:east
         331.0 H1 -> H2 completed, 2 events
         401.0 hold RM-2 failed: flapping
         431.0 H2 -> H1 held, 1 events
         500.0 open SIPS-1 became-primary: vip-follows-4563
         500.0   switch-to-primary SIPS-1 already-so: already-so
         500.0   vip-enable H1 would-run: vip-to-primary
         500.0   vip-disable H2 would-run: vip-off-old-host
         500.0   switch-to-primary VMS-1 held: flapping
         502.0 absorb VMS-1 became-primary: joins-incident
         502.0   switch-to-primary VMS-1 already-so: already-so
         532.0 H2 -> H1 completed, 2 events
         532.0 alert redundancy:east:RM-2
         2001.0 clear flapping:east",
    );
}

#[test]
fn a_record_where_a_sip_message_may_not_have_ended_proves_nothing() {
    check_from_h1(
        "10 SIPS-2 became-primary gap",
        "10.0 ignore SIPS-2 became-primary: in-trace-gap",
    );
}

#[test]
fn a_sip_server_that_turns_back_at_once_leaves_nothing_open_for_ever() {
    check_from_h1(
        "5 VMS-2 failed
         10 SIPS-2 became-primary
         10 SIPS-2 became-backup",
        "6.0 ignore VMS-2 failed: backup-host-failure
         6.0 alert redundancy:east:VMS-2
         10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 would-run: vip-to-primary
         10.0   vip-disable H1 would-run: vip-off-old-host
         10.0 ignore SIPS-2 became-backup: role-evidence
         12.0 alert no-primary:east
         40.0   switch-to-primary VMS-2 void: 4563-never-seen
         40.0 H1 -> H2 partial, 1 events",
    );
}

#[test]
fn a_held_incident_that_is_resumed_supersedes_the_opposite_one() {
    check_from_h1(
        "10 SIPS-2 became-primary
         10.5 scs RM-2 failed
         12 SIPS-1 became-primary",
        "10.0 open SIPS-2 became-primary: vip-follows-4563
         10.0   switch-to-primary SIPS-2 already-so: already-so
         10.0   vip-enable H2 would-run: vip-to-primary
         10.0   vip-disable H1 would-run: vip-off-old-host
         10.0   switch-to-primary VMS-2 would-run: moves-together
         11.5 hold RM-2 failed: reaction-running
         12.0 open SIPS-1 became-primary: vip-follows-4563
         12.0   switch-to-primary SIPS-1 already-so: already-so
         12.0   vip-enable H1 would-run: vip-to-primary
         12.0   vip-disable H2 would-run: vip-off-old-host
         20.0 H1 -> H2 superseded, 1 events
         20.0   switch-to-primary VMS-1 already-so: already-so
         42.0 H2 -> H1 completed, 2 events
         42.0 alert redundancy:east:RM-2",
    );
}

#[test]
fn a_failed_vip_disable_is_owed_and_a_failed_enable_fails_the_incident() {
    let mut core = Core::new(Arc::new(Topology::new(vec![voicemail_pair()])));
    let topology = core.state.topology.clone();
    for line in [
        "0 history SIPS-1 became-primary",
        "10 SIPS-2 became-primary",
    ] {
        let (now, input) = heard(&topology, line, 0);
        core.handle(now, &input);
    }
    let incident = core.state.pairs[0].incidents[0].clone();
    for (action, outcome) in [
        (Action::VipDisable, Outcome::TimedOut),
        (Action::VipEnable, Outcome::Failed("exit 1".into())),
    ] {
        let step = incident
            .steps
            .iter()
            .position(|step| step.action == action)
            .expect("in the plan");
        let step = StepRef {
            solution: 0,
            incident: incident.id.clone(),
            step,
        };
        core.handle(seconds("11"), &Input::Outcome { step, outcome });
    }
    let after = &core.state.pairs[0].incidents[0];
    assert_eq!(
        after.step(Action::VipDisable).map(|step| step.state),
        Some(StepState::Owed)
    );
    assert_eq!(
        after.step(Action::VipEnable).map(|step| step.state),
        Some(StepState::Failed)
    );
    assert_eq!(after.outcome(), IncidentState::Failed);
    assert_eq!(core.state.pairs[0].owed.len(), 1);
}
