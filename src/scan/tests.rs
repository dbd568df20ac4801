//! The scanner with the built-in packs: a log's text in, one line of text for each thing found out.

mod bodies;
mod days;
mod portions;
mod resumed;
mod skimmed;

use std::sync::LazyLock;

use super::*;
use crate::fault::Code;
use crate::pack::Packs;

const MODE: &str = "Std 04563 Hot Standby (Primary) mode activated";

const HEADER: &str = "\
Application name:\tSIPS 2\n\
Application type:\tTServer (1)\n\
Host name:\tvmhost2\n\
Time zone:\t0\n\
Local time:\t2026-11-02T20:30:00.000\n\
File:\t(1) /logs/sips2.log\n";

fn scanner(segment: Segment, limits: Limits) -> Scanner {
    Scanner::new(segment, limits, |header| {
        static PACKS: LazyLock<Packs> = LazyLock::new(Packs::builtin);
        let kind = header.application_type.as_deref();
        PACKS.matcher(kind, None).unwrap()
    })
}

fn scan_in_portions(segment: Segment, log: &[u8], portion: usize) -> (Vec<Found>, Finished) {
    let limits = Limits {
        line_bytes_max: 4096,
        trace_bytes_max: 4096,
    };
    let mut found = Vec::new();
    let mut scanner = scanner(segment, limits);
    scanner.tell_life();
    for bytes in log.chunks(portion) {
        scanner.push(bytes, &mut |one| found.push(one));
    }
    let finished = scanner.finish(&mut |one| found.push(one));
    (found, finished)
}

fn scan(segment: Segment, log: impl AsRef<[u8]>) -> (Vec<Found>, Finished) {
    scan_in_portions(segment, log.as_ref(), usize::MAX)
}

/// An event as `20:31:07.412 04563 SIPS 2 line 7`, with `?` before one that is evidence only.
fn told(found: &[Found]) -> Vec<String> {
    let event = |found: &Found| match found {
        Found::Event(event) => Some(format!(
            "{}{} {} {} line {}",
            if event.in_trace_gap { "? " } else { "" },
            event.time.clock(),
            event.id,
            event.application.as_deref().unwrap_or("-"),
            event.origin.line,
        )),
        _ => None,
    };
    found.iter().filter_map(event).collect()
}

/// A diagnostic as (code, line).
fn codes(found: &[Found]) -> Vec<(Code, u64)> {
    let code = |found: &Found| match found {
        Found::Diagnostic(diagnostic) => Some((diagnostic.code, diagnostic.line)),
        _ => None,
    };
    found.iter().filter_map(code).collect()
}

fn events(log: impl AsRef<[u8]>) -> Vec<String> {
    told(&scan(Segment::new("a.log"), log).0)
}

#[track_caller]
fn check(records: &str, expected: &[&str]) {
    let log = format!("{HEADER}{records}");
    assert_eq!(events(&log), expected, "{records}");
    assert_eq!(
        events(log.replace('\n', "\r\n")),
        expected,
        "CR LF: {records}"
    );
}

#[test]
fn an_event_has_its_record_time_owner_and_place() {
    let log = format!("{HEADER}20:31:07.412 {MODE}\n");
    let (found, finished) = scan(Segment::new("logs/sips2.log"), &log);
    let Some(Found::Event(event)) = found.iter().find(|one| matches!(one, Found::Event(_))) else {
        panic!("no event in {found:?}");
    };
    assert_eq!(event.time, "2026-11-02T20:31:07.412Z".parse().unwrap());
    assert_eq!(event.application.as_deref(), Some("SIPS 2"));
    assert_eq!(event.host.as_deref(), Some("vmhost2"));
    assert_eq!(event.witness, crate::event::Witness::Own);
    assert_eq!(event.origin.line, 7);
    assert_eq!(event.origin.offset, HEADER.len() as u64);
    assert_eq!(event.text.as_ref(), "Hot Standby (Primary) mode activated");
    assert_eq!(codes(&found), []);
    assert_eq!(finished.counts.bytes, log.len() as u64);
    assert_eq!((finished.counts.lines, finished.counts.records), (7, 1));
}

#[test]
fn an_event_counts_at_the_start_of_a_record_only() {
    check(
        "20:31:07.412 Trc 04999 quoted: 20:31:07.412 Std 04563 Hot Standby\n\
         Std 04563 Hot Standby (Primary) mode activated\n\
         \t20:31:07.412 Std 04563 Hot Standby (Primary) mode activated\n\
         @20:31:07.4121 [4563] call 05091-05064@4563, port 5064, 4563 ms\n\
         20:31:08.000 Std 14563 no\n\
         20:31:08.000 Std 45630 no\n\
         20:31:08.000 Trc 04999 history: Std 04563 Hot Standby (Primary) mode activated\n",
        &[],
    );
}

#[test]
fn settings_of_the_source_win_over_the_header() {
    let segment = Segment {
        application: Some("VM_SIPServer_2".into()),
        host: Some("h".into()),
        ..Segment::new("a.log")
    };
    let (found, _) = scan(segment, format!("{HEADER}20:31:07.412 {MODE}\n"));
    assert_eq!(told(&found), ["20:31:07.412 04563 VM_SIPServer_2 line 7"]);
}

#[test]
fn a_record_that_names_another_application_is_anothers_word() {
    let log =
        "20:31:07.412   Standard   vmhost1   RM 1.a-b   GCTI-00-05064   Application terminated\n";
    let (found, _) = scan(Segment::new("a.log"), format!("{HEADER}{log}"));
    let Some(Found::Event(event)) = found.iter().find(|one| matches!(one, Found::Event(_))) else {
        panic!("no event in {found:?}");
    };
    assert_eq!(event.application.as_deref(), Some("RM 1.a-b"));
    assert_eq!(event.host.as_deref(), Some("vmhost1"));
    assert_eq!(event.witness, crate::event::Witness::Other);
}

#[test]
fn a_file_of_scs_counts_line_by_line_and_never_means_scs_itself() {
    let header = HEADER.replace("TServer (1)", "SolutionControlServer (43)");
    let log = format!(
        "{header}> 20:31:07.412 > ### MESSAGE#=5091,  'Application termination detected'\n\
         >> CREATE ActiveAlarm  <301, RM failed> for  App=<155, RM_1> is under control=1\n\
         20:31:09.000 ### MESSAGE#=5064,  'Application terminated'\n"
    );
    let (found, _) = scan(Segment::new("scs.log"), log);
    assert_eq!(told(&found), ["20:31:07.412 05091 RM_1 line 8"]);
    assert_eq!(codes(&found), [(Code::NoApplication, 9)]);
    // The same lines in a log that is not SCS's say nothing.
    check(
        "20:31:07.412 ### MESSAGE#=5091,  'x'\nCREATE ActiveAlarm  <301, x> for  App=<155, RM_1>\n",
        &[],
    );
}

#[test]
fn a_line_of_scs_without_any_stamp_says_that_its_time_is_unknown() {
    let segment = Segment::new("scs.log");
    let header = "Application type: SCS\nFile: (1) x\n";
    let line = "AppRunModeChanged newMode='PRIMARY', App <DBID=101, SIPS 1, PID=47>, [prevMode=BACKUP], RUNNING\n";
    let (found, _) = scan(segment, format!("{header}{line}"));
    assert_eq!(
        told(&found),
        ["00:00:00.000 AppRunModeChanged SIPS 1 line 3"]
    );
    assert_eq!(codes(&found), [(Code::NoDate, 3)]);
}

#[test]
fn two_records_on_one_line_are_two_events_where_the_first_is_known() {
    check(
        &format!(
            "20:31:07.000 Std 04561 Hot Standby (backup) mode activated2026-11-02T20:31:07.412 {MODE}\n"
        ),
        &[
            "20:31:07.000 04561 SIPS 2 line 7",
            "20:31:07.412 04563 SIPS 2 line 7",
        ],
    );
    check(
        &format!("20:31:07.000 Std 04999 Call from bob20:31:07.412 {MODE}\n"),
        &["? 20:31:07.412 04563 SIPS 2 line 7"],
    );
    let log = format!("{HEADER}20:31:07.000 Std 05060 Application started20:31:07.412 {MODE}\n");
    let (found, finished) = scan(Segment::new("a.log"), &log);
    let offset = |found: &Found| match found {
        Found::Event(event) => Some(event.origin.offset as usize),
        _ => None,
    };
    let offsets: Vec<_> = found.iter().filter_map(offset).collect();
    assert_eq!(offsets, [HEADER.len(), log.rfind("20:31:07.412").unwrap()]);
    assert_eq!(finished.counts.records, 2);
}

#[test]
fn the_head_of_an_overlong_line_is_read() {
    let long = "x".repeat(10_000);
    let log = format!("{HEADER}20:31:07.412 {MODE} {long}\n20:31:08.000 {MODE}\n");
    let (found, finished) = scan(Segment::new("a.log"), &log);
    assert_eq!(told(&found).len(), 2);
    assert_eq!(codes(&found), [(Code::LongLine, 7)]);
    assert_eq!(finished.counts.bytes, log.len() as u64);
    let Some(Found::Event(event)) = found.iter().find(|one| matches!(one, Found::Event(_))) else {
        panic!("no event");
    };
    assert_eq!(event.text.chars().count(), 512);
}

#[test]
fn a_kind_of_diagnostic_is_told_three_times_and_then_counted() {
    let log = format!("{HEADER}{}", "\0\0x\n".repeat(123));
    let (found, _) = scan(Segment::new("a.log"), log);
    let expected = [7, 8, 9, 0].map(|line| (Code::NulBytes, line));
    assert_eq!(codes(&found)[..3], expected[..3]);
    assert_eq!(
        codes(&found)[3..],
        [(Code::NoRecords, 0), (Code::NulBytes, 0)]
    );
    let Some(Found::Diagnostic(last)) = found.last() else {
        panic!("no diagnostic");
    };
    assert_eq!(last.message, "… and 120 more");
}

#[test]
fn a_file_without_records_says_so() {
    assert_eq!(
        codes(&scan(Segment::new("a.log"), "").0),
        [(Code::EmptyFile, 0)]
    );
    assert_eq!(
        codes(&scan(Segment::new("a.log"), "\x7fELF\x01\x02").0),
        [(Code::NoRecords, 0)]
    );
}

#[test]
fn a_record_that_the_files_end_cuts_is_read_and_told() {
    for (tail, count, cut) in [
        ("20:31:07.412 Std 04563 Hot Stan", 1, true),
        ("20:31:07.412 Std 045", 0, true),
        ("20:31:07.412 Trc 04999 whatever", 0, false),
        ("20:31:07.412 Std 04563 Hot\n", 1, false),
    ] {
        let (found, _) = scan(Segment::new("a.log"), format!("{HEADER}{tail}"));
        assert_eq!(told(&found).len(), count, "{tail}");
        assert_eq!(codes(&found) == [(Code::CutRecord, 7)], cut, "{tail}");
    }
}

#[test]
fn bytes_of_any_encoding_are_text() {
    let log = format!("{HEADER}20:31:07.412 Std 04563 Gr\u{fc}n\n");
    let latin: Vec<u8> = log.chars().map(|one| one as u8).collect();
    let wide: Vec<u8> = log.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let marked = [&[0xEF, 0xBB, 0xBF], log.as_bytes()].concat();
    for bytes in [log.clone().into_bytes(), latin, wide, marked] {
        let (found, _) = scan(Segment::new("a.log"), bytes);
        let Some(Found::Event(event)) = found.iter().find(|one| matches!(one, Found::Event(_)))
        else {
            panic!("no event in {found:?}");
        };
        assert_eq!(event.text.as_ref(), "Gr\u{fc}n");
    }
}

#[test]
fn signs_of_life_are_sparse() {
    let record = |millis: u32| format!("20:31:0{}.{:03} x\n", millis / 1000, millis % 1000);
    let log: String = (0..1000).map(record).collect();
    let (found, _) = scan(Segment::new("a.log"), format!("{HEADER}{log}"));
    let lives: Vec<_> = found
        .iter()
        .filter_map(|one| match one {
            Found::Life(time) => Some(time.clock()),
            _ => None,
        })
        .collect();
    assert_eq!(
        lives,
        [
            "20:31:00.000",
            "20:31:00.250",
            "20:31:00.500",
            "20:31:00.750"
        ]
    );
}
