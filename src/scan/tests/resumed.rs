//! A scanner that goes on from a mark finds what one reading finds.

use proptest::prelude::*;

use super::*;

const SCS: &str = "\
Application name:\tSCS\n\
Application type:\tSolutionControlServer (43)\n\
Local time:\t2026-11-02T20:30:00.000\n\
File:\t(1) scs.log\n";

/// Lines whose meaning, time or place hangs on lines before them.
fn log() -> impl Strategy<Value = Vec<u8>> {
    let lines: Vec<&[u8]> = vec![
        b"20:31:07.412 Std 04563 x",
        b"23:59:59.000 Std 05064 y",
        b"00:00:01.000 Std 05060 z20:31:07.412 Std 04561 glued",
        b"2026-11-04T20:31:07.412 Std 05064 y",
        b"02:10:00.000 x",
        b"01:10:00.000 x",
        b"20:31:07.412: Received [0,UDP] 30 bytes from a",
        b"20:31:07.412",
        b"Sending [0,UDP] 45 bytes to a >>>>>",
        b"> 20:31:07.412 > ### MESSAGE#=5091,  'Application termination detected'",
        b">> CREATE ActiveAlarm  <301, RM failed> for  App=<155, RM_1> is under control=1",
        b"AppRunModeChanged newMode='PRIMARY', App <DBID=101, SIPS 1, PID=47>, [prevMode=BACKUP], RUNNING",
        b"\0\0",
        b"a\0b",
        b"",
        b"text",
    ];
    let ends: Vec<&[u8]> = vec![b"\n", b"\r\n", b"\r"];
    let line = (prop::sample::select(lines), prop::sample::select(ends));
    let line = line.prop_map(|(line, end)| [line, end].concat());
    let head = prop::sample::select(vec![HEADER, SCS, "", "Application name: a\n"]);
    let mark = prop::sample::select(vec![b"".as_slice(), b"\xEF\xBB\xBF"]);
    (mark, head, prop::collection::vec(line, 0..30))
        .prop_map(|(mark, head, lines)| [mark, head.as_bytes(), &lines.concat()].concat())
}

fn events_of(found: Vec<Found>) -> Vec<Event> {
    let event = |found| match found {
        Found::Event(event) => Some(event),
        _ => None,
    };
    found.into_iter().filter_map(event).collect()
}

fn limits() -> Limits {
    Limits {
        line_bytes_max: 4096,
        trace_bytes_max: 4096,
    }
}

/// Reads in portions, and after some of them stops and is started again from what it left behind.
fn stop_and_go(log: &[u8], portion: usize, release: bool) -> Vec<Event> {
    let segment = || Segment::new("a.log");
    let choose = |header: &Header| {
        static PACKS: LazyLock<Packs> = LazyLock::new(Packs::builtin);
        let kind = header.application_type.as_deref();
        PACKS.matcher(kind, None).unwrap()
    };
    let begin = || {
        let mut scanner = Scanner::new(segment(), limits(), choose);
        scanner.keep_marks();
        scanner
    };
    let mut scanner = begin();
    let mut events: Vec<Event> = Vec::new();
    let (mut read, mut told) = (0, 0);
    while read < log.len() {
        let end = (read + portion).min(log.len());
        let mut found = Vec::new();
        scanner.push(&log[read..end], &mut |one| found.push(one));
        if release && end == log.len() {
            scanner.release(&mut |one| found.push(one));
        }
        read = end;
        let news = events_of(found)
            .into_iter()
            .filter(|event| event.origin.offset >= told);
        events.extend(news);
        told = events.last().map_or(told, |event| event.origin.offset + 1);
        match scanner.mark().cloned() {
            None => {
                scanner = begin();
                scanner.push(&log[..read], &mut |_| {});
            }
            Some(mark) => {
                let (from, head) = (mark.offset as usize, mark.head_bytes() as usize);
                let text = serde_json::to_string(&mark).unwrap();
                let mark = serde_json::from_str(&text).unwrap();
                let head = &log[..head.min(read)];
                scanner = Scanner::resume(segment(), limits(), mark, head, choose);
                scanner.push(&log[from..read], &mut |_| {});
            }
        }
    }
    let mut found = Vec::new();
    scanner.finish(&mut |one| found.push(one));
    let rest = events_of(found);
    events.extend(rest.into_iter().filter(|event| event.origin.offset >= told));
    events
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn resumed_reading_is_one_reading(log in log(), wide: bool, portion in 1_usize..200, release: bool) {
        let log: Vec<u8> = match wide {
            true => log.iter().flat_map(|byte| [*byte, 0]).collect(),
            false => log,
        };
        let (found, _) = scan(Segment::new("a.log"), &log);
        prop_assert_eq!(stop_and_go(&log, portion, release), events_of(found));
    }
}

#[test]
fn a_mark_moves_on_with_every_line_that_stands_alone() {
    let mut scanner = scanner(Segment::new("a.log"), limits());
    scanner.keep_marks();
    let mut mark_behind = |text: &str| {
        scanner.push(text.as_bytes(), &mut |_| {});
        scanner.mark().map(|mark| (mark.offset, mark.line))
    };
    assert_eq!(mark_behind("Application name: a\n"), None); // the block may go on
    assert_eq!(mark_behind("File: (1) x\n"), Some((32, 3)));
    assert_eq!(mark_behind("20:31:07.412 Std 045"), Some((32, 3)));
    assert_eq!(mark_behind("63 x\n"), Some((57, 4)));
    assert_eq!(
        mark_behind("20:31:08.000: Received [0] 9 bytes\n"),
        Some((57, 4))
    );
    assert_eq!(mark_behind("INVITE\r\n"), Some((57, 4)));
    assert_eq!(mark_behind("a\r\n"), Some((103, 7)));
}

#[test]
fn a_head_without_a_block_is_released_when_nothing_follows() {
    let mut scanner = scanner(Segment::new("a.log"), limits());
    let mut found = Vec::new();
    scanner.push(format!("20:31:07.412 {MODE}\n").as_bytes(), &mut |one| {
        found.push(one)
    });
    assert_eq!(told(&found), [""; 0]);
    scanner.release(&mut |one| found.push(one));
    assert_eq!(told(&found), ["20:31:07.412 04563 - line 1"]);
}

#[test]
fn a_line_without_its_end_can_be_looked_at() {
    for (text, expected) in [
        ("20:31:07.412 Std 04563 Hot Stan", 1),
        ("20:31:07.412 Std 04563", 0), // more digits may follow
        ("20:31:07.412 Std 0456", 0),
        ("20:31:07.412 Std 04563 x\n", 0),
    ] {
        let mut scanner = scanner(Segment::new("a.log"), limits());
        scanner.push(HEADER.as_bytes(), &mut |_| {});
        scanner.push(text.as_bytes(), &mut |_| {});
        let begun = scanner.begun();
        let mut found = Vec::new();
        scanner.partial(&mut |one| found.push(one));
        assert_eq!(told(&found).len(), expected, "{text}");
        assert_eq!(scanner.begun(), begun);
    }
}
