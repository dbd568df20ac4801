//! What SCS writes in its own log, in the spellings that may be met.

use super::*;

fn read_all(lines: &[&str], stamped: bool) -> Vec<Meaning> {
    let (matcher, mut memory) = (matcher("SCS"), Memory::default());
    let heads = lines.iter().map(|line| Head {
        text: line.as_bytes(),
        stamped,
    });
    heads
        .filter_map(|head| matcher.read(&mut memory, head))
        .collect()
}

/// Each line with and without a stamp, and behind the marks that SCS puts before it.
fn scs(line: &str) -> Meaning {
    let plain = read_all(&[line], true);
    for before in ["", ">", "> ", " >>\t> "] {
        let marked = format!("{before}{line}");
        assert_eq!(read_all(&[&marked], false), plain, "{marked}");
        assert_eq!(read_all(&[&marked], true), plain, "{marked}");
    }
    let [meaning] = plain
        .try_into()
        .unwrap_or_else(|all| panic!("{line}: {all:?}"));
    meaning
}

fn about(meaning: &Meaning) -> (Option<u32>, Option<&str>, Option<&str>) {
    (
        meaning.dbid,
        meaning.application.as_deref(),
        meaning.host.as_deref(),
    )
}

#[test]
fn an_application_is_read_from_every_bracket() {
    for bracket in [
        "<DBID=101, {}, PID=4711>",
        "<DBID=101, {}, PID=4711, HOST=h1>",
        "<101, {}>",
        "<101,{}>",
        "{101,{}}",
        "{101, {} }",
        "<101, {}, PID=4711>",
    ] {
        for name in [
            "RM_1",
            "UR Server 750",
            "VM.SIP-Server 2.1",
            "VM, the second",
            "K\u{f6}ln",
        ] {
            let bracket = bracket.replacen("{}", name, 1);
            let line = format!(
                "AppRunModeChanged newMode='PRIMARY', App {bracket}, [prevMode=BACKUP], RUNNING"
            );
            let meaning = scs(&line);
            assert_eq!(about(&meaning), (Some(101), Some(name), None), "{line}");
            assert_eq!(meaning.kind, EventKind::BecamePrimary, "{line}");
            assert_eq!(meaning.status, Some(Status::Running), "{line}");
        }
    }
    let open = scs(
        "AppRunModeChanged newMode='PRIMARY', App<101, UR Server 750, [prevMode=BACKUP], RUNNING",
    );
    assert_eq!(about(&open), (Some(101), Some("UR Server 750"), None));
    assert_eq!(open.kind, EventKind::BecamePrimary);
}

#[test]
fn a_mode_is_a_change_only_from_another_mode() {
    use EventKind::*;
    for (mode, previous, kind) in [
        ("PRIMARY", "BACKUP", BecamePrimary),
        ("Primary", "Exiting", BecamePrimary),
        ("APP_RUNMODE_PRIMARY", "APP_RUNMODE_BACKUP", BecamePrimary),
        ("PRIMARY", "PRIMARY", StateReported),
        ("PRIMARY", "APP_RUNMODE_PRIMARY", StateReported),
        ("PRIMARY", "UNKNOWN", BecamePrimary),
        ("PRIMARY", "", BecamePrimary),
        ("BACKUP", "PRIMARY", BecameBackup),
        ("BACKUP", "UNKNOWN", StateReported),
        ("BACKUP", "BACKUP", StateReported),
        ("EXITING", "PRIMARY", StateReported),
        ("NOT_PRIMARY", "BACKUP", StateReported),
        ("", "BACKUP", StateReported),
    ] {
        let line = format!(
            "AppRunModeChanged newMode='{mode}', App <DBID=1, a, PID=2>, [prevMode={previous}], RUNNING"
        );
        let meaning = scs(&line);
        assert_eq!(
            (&*meaning.id, meaning.kind),
            ("AppRunModeChanged", kind),
            "{line}"
        );
        assert!(meaning.by_scs);
    }
    let cut = scs("AppRunModeChanged newMode='PRIMARY', App <DBID=1, a, PID=2>");
    assert_eq!((cut.kind, cut.mode), (BecamePrimary, Some(Mode::Primary)));
}

#[test]
fn what_scs_holds_for_an_application_is_reported() {
    for (line, mode, status) in [
        (
            "'h1': NotifyApp: status= RUNNING mode=PRIMARY pid=4711 {101, UR Server 750}",
            Mode::Primary,
            Status::Running,
        ),
        (
            "'h1': NotifyApp: status=APP_STATUS_SERVICE_UNAVAILABLE mode= Backup pid=0 {101,UR Server 750}",
            Mode::Backup,
            Status::ServiceUnavailable,
        ),
        (
            "'h1': NotifyApp: status= <Stop Pending> mode=<odd> pid=<4711> {101, UR Server 750}",
            Mode::Unknown,
            Status::StopPending,
        ),
    ] {
        let meaning = scs(line);
        assert_eq!(meaning.kind, EventKind::StateReported, "{line}");
        assert_eq!(
            about(&meaning),
            (Some(101), Some("UR Server 750"), Some("h1")),
            "{line}"
        );
        assert_eq!(
            (meaning.mode, meaning.status),
            (Some(mode), Some(status)),
            "{line}"
        );
    }
}

#[test]
fn only_a_stop_by_request_is_a_planned_stop() {
    use EventKind::*;
    for (status, kind) in [
        ("StopTransition", PlannedStop),
        ("APP_STATUS_STOP_PENDING", PlannedStop),
        ("STOPPED", StateReported),
        ("UNKNOWN", StateReported),
        ("Running", StateReported),
        ("ServiceUnavailable", StateReported),
    ] {
        let line = format!(
            "#### App{{155,RM, the first}} status changed to {status} mode=BACKUP, [prev=RUNNING]"
        );
        let meaning = scs(&line);
        assert_eq!(
            (meaning.kind, meaning.mode),
            (kind, Some(Mode::Backup)),
            "{line}"
        );
        assert_eq!(
            about(&meaning),
            (Some(155), Some("RM, the first"), None),
            "{line}"
        );
    }
}

#[test]
fn a_request_names_the_mode_that_is_wanted() {
    let meaning = scs(
        "##### Request change RUNMODE for Application <152,VM SIP 2> from 'BACKUP' to 'PRIMARY'",
    );
    assert_eq!(
        (meaning.kind, meaning.mode),
        (EventKind::ModeRequested, Some(Mode::Primary))
    );
    assert_eq!(about(&meaning), (Some(152), Some("VM SIP 2"), None));
}

#[test]
fn scs_tells_its_own_mode() {
    use EventKind::*;
    for (mode, kind) in [
        ("PRIMARY", ScsPrimary),
        ("Backup", ScsBackup),
        ("odd", Noted),
    ] {
        let meaning = scs(&format!(
            "SelfServer: Internal Change RUNMODE from 'X' to '{mode}'"
        ));
        assert_eq!((meaning.kind, about(&meaning)), (kind, (None, None, None)));
    }
}

#[test]
fn a_host_is_lost_or_back_and_its_number_is_no_applications() {
    use EventKind::*;
    for (status, kind) in [
        ("Unavailable", HostLost),
        ("UNREACHABLE", HostLost),
        ("HOST_STATUS_DISCONNECTED", HostLost),
        ("Down", HostLost),
        ("Lost", HostLost),
        ("Not Running", HostLost),
        ("ServiceUnavailable", HostLost),
        ("Stopped", HostLost),
        ("Running", HostBack),
        ("AVAILABLE", HostBack),
        ("Connected", HostBack),
        ("Up", HostBack),
        ("Initializing", Noted),
        ("Unknown", Noted),
        ("never heard of", Noted),
    ] {
        let line = format!("Notify Host: {status} {{104, vm-host1.example.com}}");
        let meaning = scs(&line);
        assert_eq!(meaning.kind, kind, "{line}");
        assert_eq!(
            about(&meaning),
            (None, None, Some("vm-host1.example.com")),
            "{line}"
        );
    }
}

#[test]
fn a_cleared_alarm_is_noted_with_its_application() {
    let meaning =
        scs("Alarm   h1   UR Server 750   GCTI-00-04210   Active Alarm \"5064 of RM\" Cleared");
    assert_eq!(
        (&*meaning.id, meaning.kind),
        ("04210", EventKind::AlarmCleared)
    );
    assert_eq!(about(&meaning), (None, Some("UR Server 750"), Some("h1")));
}

const MESSAGE: &str = "### MESSAGE#=5064,  'Application terminated'";
const CREATE: &str =
    "CREATE ActiveAlarm  <301, RM -> down> for  App=<155, RM, the first> is under control=1";
const AGAIN: &str = "ActiveAlarm::SetDeleteTimer  <301, RM down> for App=<155, RM, the first>,";
const OTHER: &str = "### MESSAGE#=4999,  'nobody's rule'";

#[test]
fn a_message_is_about_the_application_of_the_alarm_behind_it() {
    for alarm in [CREATE, AGAIN] {
        for stamped in [true, false] {
            let all = read_all(&[MESSAGE, "a line between", alarm], stamped);
            let [meaning] = all.as_slice() else {
                panic!("{all:?}")
            };
            assert_eq!((&*meaning.id, meaning.kind), ("05064", EventKind::Failed));
            assert_eq!(about(meaning), (Some(155), Some("RM, the first"), None));
            assert_eq!(&*meaning.text, "Application terminated");
            assert!(meaning.by_scs);
        }
    }
}

#[test]
fn a_message_is_joined_once_with_the_next_alarm_in_any_order_of_lines() {
    for (lines, events) in [
        (&[CREATE, MESSAGE][..], 0),
        (&[MESSAGE, CREATE, AGAIN], 1),
        (&[MESSAGE, MESSAGE, CREATE], 1),
        (&[MESSAGE, CREATE, MESSAGE, AGAIN], 2),
        (&[MESSAGE, OTHER, CREATE], 0),
        (&[OTHER, MESSAGE, CREATE], 1),
        (&[MESSAGE, "### MESSAGE#=odd-id,  'x'", CREATE], 0),
        (&[MESSAGE, "Notify Host: Unknown {104, h1}", CREATE], 2),
    ] {
        assert_eq!(read_all(lines, false).len(), events, "{lines:?}");
    }
}

#[test]
fn a_message_waits_for_sixteen_lines() {
    for (between, events) in [(0, 1), (15, 1), (16, 0), (100, 0)] {
        let mut lines = vec![MESSAGE];
        lines.extend(vec!["anything"; between]);
        lines.push(CREATE);
        assert_eq!(read_all(&lines, false).len(), events, "{between}");
    }
}

#[test]
fn a_message_that_nobody_names_is_told_once() {
    let unnamed = |lines: &[&str], end: bool| {
        let (matcher, mut memory) = (matcher("SCS"), Memory::default());
        let mut told = Vec::new();
        for line in lines {
            let head = Head {
                text: line.as_bytes(),
                stamped: false,
            };
            matcher.read(&mut memory, head);
            told.extend(memory.unnamed());
        }
        if end {
            memory.end();
        }
        told.extend(memory.unnamed());
        told.len()
    };
    assert_eq!(unnamed(&[MESSAGE, CREATE], true), 0);
    assert_eq!(unnamed(&[MESSAGE], false), 0);
    assert_eq!(unnamed(&[MESSAGE], true), 1);
    assert_eq!(unnamed(&[MESSAGE, MESSAGE], true), 2);
    assert_eq!(unnamed(&[MESSAGE, OTHER], true), 1);
    assert_eq!(unnamed(&[OTHER], true), 0);
    assert_eq!(unnamed(&[&[MESSAGE][..], &["x"; 20]].concat(), false), 1);
}

#[test]
fn scs_speaks_of_itself_under_its_own_facility() {
    use EventKind::*;
    for (number, kind) in [
        (10327, ScsFlapping),
        (10328, ScsStable),
        (10329, SplitBrain),
        (10330, OnePrimary),
        (20621, NoPrimary),
        (20622, SplitBrain),
        (20623, OnePrimary),
    ] {
        for line in [
            format!("Std {number} text"),
            format!("Std 43-{number} text"),
            format!("Standard   scshost   SCS P   GCTI-43-{number}   text"),
        ] {
            let all = read_all(&[&line], true);
            let [meaning] = all.as_slice() else {
                panic!("{line}")
            };
            assert_eq!(
                (&*meaning.id, meaning.kind),
                (&*format!("43-{number}"), kind)
            );
            assert_eq!(about(meaning), (None, None, None), "{line}");
            assert!(meaning.by_scs);
        }
        assert_eq!(read_all(&[&format!("Std 44-{number} text")], true), []);
        assert_eq!(read_all(&[&format!("Std {number} text")], false), []);
        let elsewhere = one(&format!("Std 43-{number} text"));
        assert_eq!(elsewhere, None);
    }
}

#[test]
fn a_split_brain_is_about_the_application_that_its_text_names() {
    for (text, application, dbid) in [
        (
            "Application VM SIP-Server.1 is in split brain mode",
            Some("VM SIP-Server.1"),
            None,
        ),
        (
            "Application VM SIP-Server.1 (DBID 151) in no brain",
            Some("VM SIP-Server.1"),
            Some(151),
        ),
        (
            "application \"VM SIP-Server.1\" is back to normal",
            Some("VM SIP-Server.1"),
            None,
        ),
        (
            "App <DBID=151, VM SIP-Server.1> split",
            Some("VM SIP-Server.1"),
            Some(151),
        ),
        ("Applications are in split brain", None, None),
        ("split brain", None, None),
    ] {
        let line = format!("Standard   scshost   SCS   GCTI-43-20622   {text}");
        let all = read_all(&[&line], true);
        let [meaning] = all.as_slice() else {
            panic!("{line}")
        };
        assert_eq!(about(meaning), (dbid, application, None), "{text}");
    }
}

#[test]
fn a_record_of_the_common_library_is_about_whom_it_names() {
    let all = read_all(&["Alarm   h1   MCP_1   GCTI-00-05064   gone"], true);
    let [meaning] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(about(meaning), (None, Some("MCP_1"), Some("h1")));
    assert!(!meaning.by_scs);
}

#[test]
fn a_line_of_scs_in_another_file_means_nothing() {
    assert_eq!(one("Notify Host: Unavailable {104, vmhost1}"), None);
    assert_eq!(
        one("SelfServer: Internal Change RUNMODE from 'BACKUP' to 'PRIMARY'"),
        None
    );
}
