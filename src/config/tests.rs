use super::*;
use crate::topology::AlertClass;
use crate::topology::{Action, ActionMode, Recurrence, VipOrder};
use proptest::prelude::*;

pub(crate) const SAMPLE: &str = include_str!("sample.yaml");

fn loaded(text: &str, overrides: &[(&str, &str)]) -> Loaded {
    let files = InMemory::default().file("/etc/ts/tailswitch.yaml", text, 0o640);
    let overrides: Vec<(String, String)> = overrides
        .iter()
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect();
    load(&files, Path::new("/etc/ts/tailswitch.yaml"), &overrides)
}

fn config(text: &str) -> Config {
    let Loaded { config, faults } = loaded(text, &[]);
    config.unwrap_or_else(|| panic!("{faults:?}"))
}

/// The faults of a text, `line:column severity: key: message`.
fn faults(text: &str) -> Vec<String> {
    let Loaded { config, faults } = loaded(text, &[]);
    let errors = faults.iter().any(|fault| fault.severity == Severity::Error);
    assert_eq!(config.is_none(), errors);
    faults
        .iter()
        .map(|fault| fault.to_string().replace("/etc/ts/tailswitch.yaml:", ""))
        .collect()
}

/// The sample with one text put in the place of another, and lines added at its end.
fn changed(old: &str, new: &str) -> String {
    assert!(SAMPLE.contains(old), "{old}");
    SAMPLE.replacen(old, new, 1)
}

#[test]
fn the_contracts_example_has_no_faults() {
    assert_eq!(faults(SAMPLE), [""; 0]);
    let config = config(SAMPLE);
    let east = &config.topology.solutions[0];
    assert_eq!(config.topology.application("RM_2"), Some((0, 6)));
    assert_eq!(config.topology.dbid(158), Some((0, 7)));
    assert_eq!(config.topology.host("VMHOST1.example.com"), [(0, 0)]);
    assert_eq!(config.topology.host("10.0.0.12"), [(0, 1)]);
    assert_eq!((east.lead(0), east.lead(1)), (Some(0), Some(4)));
    assert_eq!(east.vip.as_deref(), Some("10.0.0.10"));
    assert_eq!(east.applications[8].host, None);
    assert!(east.policy.announces);
    assert_eq!(config.state, Path::new("/etc/ts/./state"));
    assert_eq!(config.listen, Some("127.0.0.1:9563".parse().unwrap()));
    assert_eq!(config.sources.len(), 3);
    assert_eq!(config.sources[1].pack.as_deref(), Some("scs"));
    assert_eq!(config.alerts.len(), 2);
    assert_eq!(
        config.alerts[1].kind,
        SinkKind::File("/etc/ts/alerts.jsonl".into())
    );
}

#[test]
fn what_is_left_out_has_the_contracts_defaults() {
    let text = SAMPLE
        .replace("    window: 30s\n    flap: { moves: 3, within: 30m }\n", "")
        .replace("    vip_order: enable-first\n    yield: 0s\n", "")
        .replace("listen: 127.0.0.1:9563\n", "")
        .replace("    mode: alert-only\n", "");
    let config = config(&text);
    let policy = &config.topology.solutions[0].policy;
    let seconds = [
        policy.window,
        policy.window_max,
        policy.confirm,
        policy.block,
        policy.event_age_max,
        policy.role_tolerance,
        policy.verify,
        policy.flap_within,
        policy.yield_for,
    ];
    assert_eq!(
        seconds.map(|setting| setting.as_secs()),
        [30, 120, 1, 300, 60, 2, 10, 1800, 0]
    );
    assert_eq!(policy.flap_moves, 3);
    assert_eq!(
        (policy.mode, policy.vip_order),
        (ActionMode::AlertOnly, VipOrder::EnableFirst)
    );
    assert!(!policy.vip_follows_in_maintenance);
    assert_eq!(
        (config.line_bytes_max, config.trace_bytes_max),
        (1 << 20, 256 << 10)
    );
    assert_eq!(config.poll, Duration::from_millis(250));
    assert_eq!(config.listen, Some("127.0.0.1:9563".parse().unwrap()));
    let step = |action| config.actions.step(0, 0, action).unwrap();
    assert_eq!(step(Action::VipAnnounce).timeout, Duration::from_secs(10));
    assert_eq!(step(Action::VipAnnounce).retries, 0);
    assert_eq!(
        step(Action::VipEnable).probe.as_ref().unwrap().timeout,
        Duration::from_secs(5)
    );
}

#[test]
fn settings_at_the_top_hold_for_every_solution_that_does_not_say_otherwise() {
    let text = changed(
        "solutions:",
        "window: 20s\nconfirm: 2s\nvip_follows_in_maintenance: true\nsolutions:",
    );
    let policy = &config(&text).topology.solutions[0].policy;
    assert_eq!(policy.window, Duration::from_secs(30));
    assert_eq!(policy.confirm, Duration::from_secs(2));
    assert!(policy.vip_follows_in_maintenance);
}

#[test]
fn the_built_in_packs_are_there() {
    let config = config(SAMPLE);
    assert!(config.packs.names().any(|name| name == "scs"));
}

#[test]
fn crlf_a_byte_order_mark_and_a_quoted_key_change_nothing() {
    assert_eq!(faults(&SAMPLE.replace('\n', "\r\n")), [""; 0]);
    assert_eq!(faults(&format!("\u{FEFF}{SAMPLE}")), [""; 0]);
    assert_eq!(faults(&SAMPLE.replace("state:", "\"state\":")), [""; 0]);
}

#[test]
fn a_key_that_stands_twice_hides_no_other_fault() {
    let told = faults("solutions: {}\nsolutions: {}\npoll: soon\n");
    let keys: Vec<_> = told
        .iter()
        .filter_map(|fault| fault.split(": ").nth(2))
        .collect();
    assert_eq!(keys, ["solutions", "poll"], "{told:?}");
    let config = loaded("solutions: {}\nsolutions: {}\n", &[]).config;
    assert!(config.is_none());
}

#[test]
fn a_command_is_shown_with_its_placeholders_filled_and_its_secrets_hidden() {
    let config = config(SAMPLE);
    let topology = &config.topology;
    let switch = Holes::of_step(topology, (0, 1), Some(5), "east-1", "s1");
    assert_eq!(
        config
            .actions
            .argv(0, 1, Action::SwitchToPrimary, &switch)
            .unwrap(),
        ["mlcmd_64", "-csuser", "***", "-cspassword", "***", "154"]
    );
    let enable = Holes::of_step(topology, (0, 0), None, "east-1", "s2");
    assert_eq!(
        config
            .actions
            .argv(0, 0, Action::VipEnable, &enable)
            .unwrap(),
        ["ssh", "10.0.0.11", "vip", "up", "10.0.0.10"]
    );
    let all: Vec<String> = Hole::OF_STEP
        .iter()
        .map(|hole| format!("'{{{hole}}}'"))
        .collect();
    let text = changed(
        "[ssh, \"{address}\", vip, down, \"{vip}\"]",
        &format!("[x, {}]", all.join(", ")),
    )
    .replace("{ address: 10.0.0.12 }", "");
    let config = self::config(&text);
    let holes = Holes::of_step(&config.topology, (0, 1), None, "east-1", "s3");
    assert_eq!(
        config
            .actions
            .argv(0, 1, Action::VipDisable, &holes)
            .unwrap(),
        [
            "x",
            "VM_SIPServer_2",
            "152",
            "vmhost2",
            "vmhost2",
            "vmhost1",
            "10.0.0.10",
            "east",
            "east-1",
            "s3"
        ]
    );
}

#[test]
fn a_solution_and_a_host_may_have_other_actions() {
    let text = changed(
        "vmhost2: { address: 10.0.0.12 }",
        "vmhost2: { address: 10.0.0.12, actions: { vip-enable: { command: [up2] } } }",
    )
    .replace(
        "    vip: 10.0.0.10\n",
        "    vip: 10.0.0.10\n    actions: { vip-enable: { timeout: 8s, retries: 2 }, vip-announce: { command: [arp] } }\n",
    );
    let actions = config(&text).actions;
    let told = |host, action| {
        let step = actions.step(0, host, action).unwrap();
        (
            step.command.argv(&Holes::default())[0].clone(),
            step.timeout.as_secs(),
            step.retries,
            step.probe.is_some(),
        )
    };
    assert_eq!(told(0, Action::VipEnable), ("ssh".into(), 8, 2, true));
    assert_eq!(told(1, Action::VipEnable), ("up2".into(), 8, 2, true));
    assert_eq!(told(0, Action::VipAnnounce), ("arp".into(), 10, 0, false));
    assert_eq!(told(1, Action::VipDisable), ("ssh".into(), 3, 0, false));
}

#[test]
fn values_are_put_over_those_of_the_file() {
    let Loaded { config, faults } = loaded(
        SAMPLE,
        &[("solutions.east.confirm", "3s"), ("listen", "off")],
    );
    assert_eq!(faults, []);
    let config = config.unwrap();
    assert_eq!(
        config.topology.solutions[0].policy.confirm,
        Duration::from_secs(3)
    );
    assert_eq!(config.listen, None);
    let wrong = loaded(
        SAMPLE,
        &[
            ("solutions.east.window", "soon"),
            ("solutions.esat.window", "1s"),
        ],
    );
    let texts: Vec<String> = wrong.faults.iter().map(Fault::to_string).collect();
    assert_eq!(
        texts,
        [
            "--set solutions.east.window:1:1: error: solutions.east.window: found `soon`, expected a duration (as in 250ms, 5s, 2m, 1h30m)",
            "--set solutions.esat.window: error: solutions.esat.window: no `esat` here (did you mean `east`?)",
        ]
    );
}

#[test]
fn maintenance_is_for_one_solution_or_for_all() {
    let text = format!(
        "{}maintenance:\n  - {{ solution: east, from: 2026-11-02T22:00:00, to: 2026-11-02T23:00:00Z, time_zone: +01:00, why: patches }}\n  - {{ every: 'sun 02:00-04:00', time_zone: Europe/Berlin }}\n",
        changed(
            "    yield: 0s\n",
            "    yield: 0s\n    maintenance: [{ every: '03:00-03:30' }]\n"
        )
    );
    let maintenance = config(&text).topology.solutions[0]
        .policy
        .maintenance
        .clone();
    let why: Vec<&str> = maintenance.iter().map(|each| &*each.why).collect();
    assert_eq!(why, ["maintenance", "patches", "maintenance"]);
    let Recurrence::Once { from, to } = maintenance[1].when else {
        panic!("once")
    };
    assert_eq!(
        (from.to_string(), to.to_string()),
        (
            "2026-11-02T21:00:00.000Z".into(),
            "2026-11-02T23:00:00.000Z".into()
        )
    );
    // 02:30 in Berlin on a Sunday of winter.
    assert!(maintenance[2].covers("2026-11-01T01:30:00Z".parse().unwrap()));
    assert!(!maintenance[2].covers("2026-11-01T03:30:00Z".parse().unwrap()));
}

#[test]
fn alerts_go_where_they_are_wanted() {
    let text = format!(
        "{SAMPLE}  - {{ webhook: {{ url: 'https://hook/east', headers: {{ Authorization: 'Bearer {{secret:password}}' }} }}, solutions: [east], severity: warning }}\n  - {{ webhook: https://hook }}\n  - {{ email: {{ to: [a@b.c], from: ts@b.c, server: 'mail:25' }} }}\n  - {{ syslog: 'log.example.com:514' }}\n  - {{ syslog: local }}\n  - {{ snmp: {{ address: 'nms:162', community: '{{secret:user}}' }} }}\n  - {{ stream: {{ command: [feeder, --json] }}, on: [event], timeout: 2s }}\n"
    );
    assert_eq!(faults(&text), [""; 0]);
    let alerts = config(&text).alerts;
    assert_eq!(alerts.len(), 9);
    let hook = &alerts[2];
    assert!(hook.wants(AlertClass::Hold, Severity::Error, Some("east")));
    assert!(hook.wants(AlertClass::Hold, Severity::Warning, None));
    assert!(!hook.wants(AlertClass::Hold, Severity::Info, Some("east")));
    assert!(!hook.wants(AlertClass::Hold, Severity::Error, Some("west")));
    assert!(!hook.wants(AlertClass::Event, Severity::Error, Some("east")));
    assert!(alerts[8].wants(AlertClass::Event, Severity::Info, Some("west")));
    assert_eq!(alerts[8].timeout, Duration::from_secs(2));
}

#[test]
fn a_severity_is_said_in_the_words_of_logs_or_of_alarms() {
    for (words, severity) in [
        (["info", "info+", "info"], Severity::Info),
        (["warning", "warning+", "minor"], Severity::Warning),
        (["error", "critical+", "major"], Severity::Error),
    ] {
        for word in words {
            let config = config(&format!("{SAMPLE}  - {{ file: x, severity: {word} }}\n"));
            assert_eq!(config.alerts[2].severity, severity, "{word}");
        }
    }
}

#[test]
fn a_sink_has_a_name_or_its_place_and_no_two_have_the_same_name() {
    let named = "  - { name: noc, file: x }\n  - { file: y }\n";
    let sinks = config(&format!("{SAMPLE}{named}")).alerts;
    let labels: Vec<String> = (0..).zip(&sinks).map(|(at, sink)| sink.label(at)).collect();
    assert_eq!(labels, ["1 (command)", "2 (file)", "noc", "4 (file)"]);
    assert_eq!(
        faults(&format!("{SAMPLE}{named}  - {{ name: noc, file: z }}\n")),
        ["41:5: error: alerts.4: another sink is named `noc`"]
    );
}

#[test]
fn a_sink_over_the_network_is_read_with_what_it_does_without_being_told() {
    let text = format!(
        "{SAMPLE}  - {{ email: {{ to: ['Night <n@b.c>'], from: ts@b.c, server: '[::1]' }} }}
  - {{ email: {{ to: [a@b.c], from: ts@b.c, server: mail, tls: tls, user: u, password: '{{secret:password}}' }} }}
  - {{ syslog: /run/log }}
  - {{ syslog: {{ address: 'tcp://log:601', facility: local0 }} }}
  - {{ webhook: {{ body: pagerduty, routing_key: k }} }}
  - {{ snmp: {{ address: 'nms:162', version: 3, user: ts, auth_password: p, engine_id: 0x80001F8804 }} }}
"
    );
    let alerts = config(&text).alerts;
    let [.., first, second, third, fourth, fifth, sixth] = &alerts[..] else {
        panic!("{alerts:?}")
    };
    let SinkKind::Email(mail) = &first.kind else {
        panic!("{first:?}")
    };
    assert_eq!(
        (&*mail.server, mail.port, mail.tls),
        ("::1", 587, Tls::Starttls)
    );
    let SinkKind::Email(mail) = &second.kind else {
        panic!("{second:?}")
    };
    assert_eq!((mail.port, mail.login.is_some()), (465, true));
    let syslog = |address, facility| SinkKind::Syslog(Syslog { address, facility });
    let socket = SyslogAddress::Socket("/run/log".into());
    assert_eq!(third.kind, syslog(socket, Facility::Daemon));
    let tcp = SyslogAddress::Tcp("log:601".into());
    assert_eq!(fourth.kind, syslog(tcp, Facility::Local0));
    let SinkKind::Webhook(hook) = &fifth.kind else {
        panic!("{fifth:?}")
    };
    let url = hook.url.show(&Holes::default());
    assert_eq!(url, "https://events.pagerduty.com/v2/enqueue");
    let SinkKind::Snmp(Snmp {
        security: Security::User(user),
        ..
    }) = &sixth.kind
    else {
        panic!("{sixth:?}")
    };
    let engine_id = user.engine_id.as_deref();
    assert_eq!(engine_id, Some(&[0x80, 0, 0x1f, 0x88, 4][..]));
    assert_eq!((user.auth, &user.privacy), (Auth::Sha256, &None));
}

#[test]
fn hundreds_of_solutions_in_one_file_are_normal() {
    let mut text = String::from("solutions:\n");
    for pair in 0..500 {
        text += &format!(
            "  pair{pair}:\n    hosts: {{ shared1: , shared2: }}\n    applications:\n      A{pair}: {{ dbid: {}, component: vm-sip-server, host: shared1 }}\n      B{pair}: {{ dbid: {}, component: vm-sip-server, host: shared2 }}\n",
            2 * pair + 1,
            2 * pair + 2
        );
    }
    let config = config(&text);
    assert_eq!(config.topology.solutions.len(), 500);
    assert_eq!(config.topology.host("shared2").len(), 500);
}

mod keys;
mod wrong;

/// A valid configuration with a few bytes changed: whatever comes of it, it is faults or a configuration.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let change = (
        any::<prop::sample::Index>(),
        0usize..4,
        "[a-z0-9:{}\\[\\],.'\" \t\n~-]{0,6}",
    );
    prop::collection::vec(change, 1..6).prop_map(|changes| {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for (at, cut, new) in changes {
            let begin = at.index(bytes.len());
            let end = (begin + cut).min(bytes.len());
            bytes.splice(begin..end, new.into_bytes());
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_mutated_configuration_never_makes_it_panic(bytes in mutated()) {
        let files = InMemory::default().file("t.yaml", bytes, 0o640);
        let Loaded { config, faults } = load(&files, Path::new("t.yaml"), &[]);
        prop_assert!(config.is_some() || !faults.is_empty());
        prop_assert!(faults.is_sorted());
    }

    /// The oracle knows the sample's lines: a value of another type is told on its own line.
    #[test]
    fn a_list_where_none_belongs_is_told_on_its_line(line in 0usize..SAMPLE.lines().count()) {
        let lines: Vec<&str> = SAMPLE.lines().collect();
        let Some((key, value)) = lines[line].split_once(": ") else { return Ok(()) };
        prop_assume!(!value.is_empty() && !lines[line].starts_with('#') && !key.contains('{'));
        let mut text = lines.clone();
        let broken = format!("{key}: [[]]");
        text[line] = &broken;
        let faults = loaded(&text.join("\n"), &[]).faults;
        prop_assert!(faults.iter().any(|fault| fault.place.line == line as u64 + 1), "{:?}", faults);
    }
}
