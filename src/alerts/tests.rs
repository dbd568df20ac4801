use std::sync::Mutex;

use super::*;
use crate::fault::Severity;
use crate::time::Time;
use crate::topology::AlertClass;

fn notice(number: u64) -> Notice {
    Notice {
        time: Time::from_micros(number as i64),
        class: AlertClass::Incident,
        severity: Severity::Error,
        key: format!("east-{number}").into(),
        phase: Phase::Open,
        title: format!("east moves ({number})"),
        text: "because\nof \u{1b}[2J".into(),
        solution: Some("east".into()),
        event: None,
    }
}

fn sink(kind: SinkKind) -> AlertSink {
    AlertSink {
        kind,
        on: vec![AlertClass::Incident],
        solutions: Vec::new(),
        severity: Severity::Info,
        timeout: Duration::from_secs(1),
    }
}

fn started(folder: &Path, sinks: &[AlertSink], run: RunCommand) -> Alerts {
    Alerts::start(
        sinks,
        &Arc::new(Secrets::default()),
        &folder.join("alerts"),
        folder,
        run,
    )
    .unwrap()
}

fn never() -> RunCommand {
    Arc::new(|_, _| panic!("no command is configured"))
}

#[test]
fn a_file_gets_one_safe_line_for_each_notice_that_it_wants() {
    let folder = tempfile::tempdir().unwrap();
    let alerts = started(
        folder.path(),
        &[sink(SinkKind::File("out.jsonl".into()))],
        never(),
    );
    for number in 0..3 {
        alerts.tell(notice(number));
    }
    alerts.tell(Notice {
        class: AlertClass::Source,
        ..notice(9)
    });
    alerts.stop();
    let told = std::fs::read_to_string(folder.path().join("out.jsonl")).unwrap();
    let notices: Vec<Notice> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(notices, [notice(0), notice(1), notice(2)]);
    assert!(!told.contains('\u{1b}'), "{told}");
}

#[test]
fn what_could_not_be_delivered_is_delivered_after_a_restart_and_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    // A folder in the way of the file: nothing can be delivered.
    std::fs::create_dir(folder.path().join("out.jsonl")).unwrap();
    let sinks = [sink(SinkKind::File("out.jsonl".into()))];
    let alerts = started(folder.path(), &sinks, never());
    alerts.tell(notice(1));
    alerts.stop();
    std::fs::remove_dir(folder.path().join("out.jsonl")).unwrap();
    for _ in 0..2 {
        started(folder.path(), &sinks, never()).stop();
    }
    let told = std::fs::read_to_string(folder.path().join("out.jsonl")).unwrap();
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[test]
fn a_command_that_fails_is_run_again_until_it_succeeds_and_holds_up_no_other_sink() {
    let folder = tempfile::tempdir().unwrap();
    let runs = Arc::new(Mutex::new(0));
    let counted = runs.clone();
    let run: RunCommand = Arc::new(move |_, _| {
        let mut runs = counted.lock().unwrap();
        *runs += 1;
        if *runs < 3 {
            Err("exit code 1".into())
        } else {
            Ok(())
        }
    });
    let command = command_of(folder.path());
    let sinks = [
        sink(SinkKind::Command(command)),
        sink(SinkKind::File("out.jsonl".into())),
    ];
    for _ in 0..3 {
        let alerts = started(folder.path(), &sinks, run.clone());
        if *runs.lock().unwrap() == 0 {
            alerts.tell(notice(1));
        }
        alerts.stop();
    }
    assert!(*runs.lock().unwrap() >= 3);
    let told = std::fs::read_to_string(folder.path().join("out.jsonl")).unwrap();
    assert_eq!(told.lines().count(), 1);
}

#[test]
fn a_stream_program_is_fed_one_line_for_each_notice() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("fed");
    let config = format!(
        "alerts:\n  - {{ stream: {{ command: [/bin/sh, -c, 'cat > {}'] }} }}\n",
        out.display()
    );
    let sinks = sinks_of(&config);
    let alerts = started(folder.path(), &sinks, never());
    alerts.tell(notice(1));
    alerts.tell(notice(2));
    alerts.stop();
    // The program writes what it was fed when its input ends; it is not waited for.
    for _ in 0..200 {
        if std::fs::read_to_string(&out).is_ok_and(|text| text.lines().count() == 2) {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("the program was not fed");
}

fn command_of(_: &Path) -> crate::config::Command {
    let sinks = sinks_of("alerts:\n  - { command: [notify, '{title}'], on: [incident] }\n");
    sinks[0].command().cloned().unwrap()
}

fn sinks_of(alerts: &str) -> Vec<AlertSink> {
    let path = Path::new("/etc/tailswitch/tailswitch.yaml");
    let text = format!(
        "{}\n{alerts}",
        include_str!("../../fixtures/scenarios/rm-fails/tailswitch.yaml")
    );
    let files = crate::config::InMemory::default().file(path, text, 0o644);
    let loaded = crate::config::load(&files, path, &[]);
    loaded
        .config
        .unwrap_or_else(|| panic!("{:?}", loaded.faults))
        .alerts
}
