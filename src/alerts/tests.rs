pub(super) mod receivers;

use std::sync::Mutex;

use super::*;
use crate::config::SinkKind;
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
        opened: None,
    }
}

fn sink(kind: SinkKind) -> AlertSink {
    AlertSink {
        name: None,
        kind,
        on: vec![AlertClass::Incident],
        solutions: Vec::new(),
        severity: Severity::Info,
        timeout: Duration::from_secs(1),
    }
}

/// Sinks under test, and the way to them.
struct Bench {
    running: Running,
    alerts: Alerts,
}

impl Bench {
    fn tell(&self, notice: Notice) {
        self.alerts.tell(notice);
    }

    fn stop(self) {
        self.running.stop();
    }

    #[track_caller]
    fn wait_until(&self, holds: impl Fn(&Alerts) -> bool) {
        for _ in 0..3_000 {
            self.alerts.tick(Time::from_micros(0));
            if holds(&self.alerts) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it never came: {:?}", self.alerts.troubles());
    }
}

fn started(folder: &Path, sinks: &[AlertSink], run_command: RunCommand) -> Bench {
    started_with(folder, Some(&folder.join("alerts")), sinks, run_command)
}

fn started_with(
    base: &Path,
    folder: Option<&Path>,
    sinks: &[AlertSink],
    run_command: RunCommand,
) -> Bench {
    let setup = Setup {
        secrets: &Arc::default(),
        folder,
        base,
        run_command,
    };
    let running = Alerts::start(sinks, &setup, Time::from_micros(0)).unwrap();
    let alerts = running.alerts();
    Bench { running, alerts }
}

fn file(path: &Path) -> AlertSink {
    sink(SinkKind::File(path.to_owned()))
}

/// The keys that a file was told, in their order.
fn told(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // A line may be on its way.
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let notices = whole
        .lines()
        .map(|line| serde_json::from_str::<Notice>(line).unwrap());
    notices.map(|notice| notice.key.to_string()).collect()
}

fn never() -> RunCommand {
    Arc::new(|_, _| panic!("no command is configured"))
}

#[test]
fn a_file_gets_one_safe_line_for_each_notice_that_it_wants() {
    let folder = tempfile::tempdir().unwrap();
    let alerts = started(
        folder.path(),
        &[file(&folder.path().join("out.jsonl"))],
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
    let sinks = [file(&folder.path().join("out.jsonl"))];
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

/// An event that the journal holds in this entry.
fn event(seq: Seq) -> (Seq, Notice) {
    let class = AlertClass::Event;
    let key = format!("event:a.log:{seq}").into();
    (
        seq,
        Notice {
            class,
            key,
            ..notice(0)
        },
    )
}

#[test]
fn an_event_that_was_decided_and_not_told_is_told_by_the_next_life() {
    let folder = tempfile::tempdir().unwrap();
    let sink = AlertSink {
        on: vec![AlertClass::Event],
        ..sink(SinkKind::File(folder.path().join("out.jsonl")))
    };
    let life = || started(folder.path(), std::slice::from_ref(&sink), never());
    let bench = life();
    assert_eq!(bench.alerts.told_upto(), None);
    bench.tell(event(5).1);
    bench.alerts.recorded(5);
    bench.tell(event(6).1);
    // It dies here: 6 and 7 are in the journal, and of 7 nobody was told.
    bench.stop();
    for _ in 0..2 {
        let bench = life();
        for (seq, notice) in [event(4), event(5), event(6), event(7)] {
            bench.alerts.tell_again(seq, notice);
        }
        bench.alerts.recorded(7);
        bench.stop();
    }
    let told = std::fs::read_to_string(folder.path().join("out.jsonl")).unwrap();
    let keys = told.lines().map(|line| {
        let notice: Notice = serde_json::from_str(line).unwrap();
        notice.key.to_string()
    });
    let [five, six, seven] = [5, 6, 7].map(|seq| event(seq).1.key.to_string());
    // Of 6 nobody wrote down whether it was told: once more does no harm.
    let mut keys: Vec<String> = keys.collect();
    keys.dedup_by(|again, first| again == first && *first == six);
    assert_eq!(keys, [five, six, seven]);
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
        file(&folder.path().join("out.jsonl")),
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
fn where_nothing_can_be_spooled_alerts_go_on_in_order_and_each_once() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.jsonl");
    let in_the_way = folder.path().join("alerts");
    std::fs::write(&in_the_way, "a file where the folder should be").unwrap();
    let bench = started(folder.path(), &[file(&out)], never());
    let expected: Vec<String> = (0..50).map(|number| format!("east-{number}")).collect();
    for number in 0..50 {
        bench.tell(notice(number));
    }
    bench.wait_until(|_| told(&out) == expected);
    bench.wait_until(|alerts| {
        let troubles = alerts.troubles();
        troubles.iter().any(|(key, trouble)| {
            key == "alerts:spool-1" && trouble.text.starts_with("alerts are kept in memory only")
        })
    });
    // The disk is well again, and the next notice finds it so.
    std::fs::remove_file(&in_the_way).unwrap();
    bench.wait_until(|alerts| {
        alerts.tell(Notice {
            phase: Phase::Update,
            ..notice(50)
        });
        alerts.troubles().is_empty()
    });
    bench.stop();
    let told_before = told(&out).len();
    started(folder.path(), &[file(&out)], never()).stop();
    assert_eq!(
        told(&out).len(),
        told_before,
        "nothing is told again after a restart"
    );
}

#[test]
fn without_a_folder_nothing_outlives_the_process_and_status_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.jsonl");
    let bench = started_with(folder.path(), None, &[file(&out)], never());
    bench.tell(notice(1));
    bench.wait_until(|_| told(&out) == ["east-1"]);
    let troubles = bench.alerts.troubles();
    assert!(
        troubles[0]
            .1
            .text
            .contains("the state folder cannot be used"),
        "{troubles:?}"
    );
    bench.stop();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_sink_gets_what_was_meant_for_it_whatever_its_place_in_the_list() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    // Folders in the way of the files: nothing can be delivered.
    for name in ["one", "two", "gone"] {
        std::fs::create_dir(path(name)).unwrap();
    }
    let of = |name: &str, class| AlertSink {
        on: vec![class],
        ..file(&path(name))
    };
    let (incident, daemon) = (AlertClass::Incident, AlertClass::Daemon);
    let sinks = [of("gone", incident), of("one", incident), of("two", daemon)];
    let bench = started(folder.path(), &sinks, never());
    bench.tell(notice(1));
    bench.tell(Notice::of_daemon("reload", "wrong", Time::from_micros(0)));
    bench.stop();
    for name in ["one", "two", "gone"] {
        std::fs::remove_dir(path(name)).unwrap();
    }
    let sinks = [of("two", daemon), of("one", incident)];
    started(folder.path(), &sinks, never()).stop();
    assert_eq!(told(&path("one")), ["east-1"]);
    assert_eq!(told(&path("two")), ["daemon:reload", "daemon:alerts-left"]);
    // It comes back.
    started(folder.path(), &[of("gone", incident)], never()).stop();
    assert_eq!(told(&path("gone")), ["east-1"]);
}

#[test]
fn two_sinks_that_are_the_same_have_a_spool_each() {
    let folder = Path::new("/state/alerts");
    let same = file(Path::new("/out"));
    let sinks = [same.clone(), same];
    let paths = keep::paths(folder, &sinks);
    assert_ne!(paths[0], paths[1]);
    assert_eq!(paths, keep::paths(folder, &sinks));
}

#[test]
fn what_finds_no_room_is_counted_and_is_not_taken_for_told() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.jsonl");
    std::fs::create_dir(&out).unwrap();
    let bench = started_with(folder.path(), None, &[file(&out)], never());
    let large = |number| Notice {
        text: "x".repeat(1 << 20),
        ..notice(number)
    };
    for number in 0..20 {
        bench.tell(large(number));
    }
    // Not wanted, so not missed.
    bench.tell(Notice {
        class: AlertClass::Source,
        ..large(20)
    });
    assert_eq!(bench.alerts.dropped(), 4);
    std::fs::remove_dir(&out).unwrap();
    bench.wait_until(|_| told(&out).len() == 16);
    bench.tell(large(19));
    bench.stop();
    assert_eq!(told(&out).last().unwrap(), "east-19");
}

#[cfg(unix)]
#[test]
fn a_stream_program_that_does_not_read_holds_up_neither_the_others_nor_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.jsonl");
    let config =
        "alerts:\n  - { stream: { command: [/bin/sh, -c, 'exec sleep 1000'] }, timeout: 200ms }\n";
    let mut sinks = sinks_of(config);
    sinks.push(file(&out));
    let bench = started(folder.path(), &sinks, never());
    let large = |number| Notice {
        text: "x".repeat(1 << 20),
        ..notice(number)
    };
    for number in 0..3 {
        bench.tell(large(number));
    }
    bench.wait_until(|_| told(&out).len() == 3);
    bench.wait_until(|alerts| {
        let troubles = alerts.troubles();
        troubles
            .iter()
            .any(|(_, it)| it.text.ends_with("/bin/sh: it did not read in time"))
    });
    // The test ends, and so did the programs.
    bench.stop();
}

#[cfg(unix)]
#[test]
fn a_stream_program_that_ended_is_started_anew_with_the_next_notice() {
    let folder = tempfile::tempdir().unwrap();
    let fed = folder.path().join("fed");
    let config = format!(
        "alerts:\n  - {{ stream: {{ command: [/bin/sh, -c, 'head -n 1 >> {}'] }} }}\n",
        fed.display()
    );
    let bench = started(folder.path(), &sinks_of(&config), never());
    for number in 1..4 {
        bench.tell(notice(number));
        bench.wait_until(|_| told(&fed).len() == number as usize);
        // The program ends a moment after it has written.
        std::thread::sleep(Duration::from_millis(100));
    }
    bench.stop();
    assert_eq!(told(&fed), ["east-1", "east-2", "east-3"]);
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
