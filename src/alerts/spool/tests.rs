use super::*;
use crate::alerts::Phase;
use crate::config::{AlertSink, SinkKind};
use crate::fault::Severity;
use crate::time::Time;
use crate::topology::AlertClass;

fn notice(key: &str, phase: Phase) -> Notice {
    Notice {
        time: Time::from_micros(7),
        class: AlertClass::Incident,
        severity: Severity::Error,
        key: key.into(),
        phase,
        title: "east moves".into(),
        text: String::new(),
        solution: None,
        event: None,
        opened: None,
    }
}

fn backlog(left: Left) -> Backlog {
    let sink = AlertSink {
        name: None,
        kind: SinkKind::File("out".into()),
        on: vec![AlertClass::Incident],
        solutions: Vec::new(),
        severity: Severity::Info,
        timeout: std::time::Duration::from_secs(1),
    };
    Backlog::new(sink, left)
}

fn offer(backlog: &Backlog, key: &str) {
    backlog.offer(&Arc::new(notice(key, Phase::Open)));
}

fn keys(notices: &[Arc<Notice>]) -> Vec<&str> {
    notices.iter().map(|notice| &*notice.key).collect()
}

#[test]
fn a_start_finds_what_was_not_delivered_and_what_was_told_to_be_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts/file.spool");
    let (backlog, mut spool) = (backlog(Left::default()), Spool::new(path.clone()));
    for key in ["one", "two", "three"] {
        offer(&backlog, key);
        spool.copy(&backlog).unwrap();
    }
    backlog.delivered();
    backlog.delivered();
    backlog.offer(&Arc::new(notice("one", Phase::Close)));
    spool.copy(&backlog).unwrap();
    let found = left(&path).unwrap();
    assert_eq!(keys(&found.told), ["one", "two"]);
    assert_eq!(keys(&found.waiting), ["three", "one"]);

    // The next life, with a file of its own.
    let backlog = self::backlog(found);
    backlog.delivered();
    backlog.delivered();
    let mut spool = Spool::new(path.clone());
    spool.copy(&backlog).unwrap();
    let found = left(&path).unwrap();
    assert_eq!(keys(&found.told), ["three", "two"], "open, in no order");
    assert_eq!(keys(&found.waiting), [""; 0]);
}

#[test]
fn a_spool_cut_off_anywhere_loses_no_whole_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.spool");
    let (backlog, mut spool) = (backlog(Left::default()), Spool::new(path.clone()));
    for key in ["one", "two", "three"] {
        offer(&backlog, key);
    }
    backlog.delivered();
    spool.copy(&backlog).unwrap();
    let whole = fs::read(&path).unwrap();
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let lines = whole[..length].split(|byte| *byte == b'\n');
        let all = lines.filter(|line| serde_json::from_slice::<Line<Notice>>(line).is_ok());
        let found = left(&path).unwrap();
        assert_eq!(
            found.told.len() + found.waiting.len(),
            all.count(),
            "{length}"
        );
    }
}

#[test]
fn a_spool_that_was_delivered_does_not_grow_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.spool");
    let (backlog, mut spool) = (backlog(Left::default()), Spool::new(path.clone()));
    for _ in 0..10_000 {
        offer(&backlog, "one");
        backlog.offer(&Arc::new(Notice {
            title: "x".repeat(500),
            ..notice("one", Phase::Update)
        }));
        while backlog.first().is_some() {
            backlog.delivered();
        }
        spool.copy(&backlog).unwrap();
    }
    assert!(fs::metadata(&path).unwrap().len() <= ANEW_FROM_BYTES);
    assert_eq!(keys(&left(&path).unwrap().waiting), [""; 0]);
}
