//! Skimming finds what reading every line finds.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

/// More than a scanner reads line by line at a file's beginning.
const FILLER_LINES: usize = 700;

#[derive(Clone, Debug)]
enum Piece {
    /// The log's clock moves on by so many milliseconds.
    Wait(i64),
    /// A line behind a stamp of one of the forms.
    Record(usize, &'static str),
    /// A line as it stands.
    Line(&'static str),
    /// So many lines of one kind.
    Many(usize, &'static str),
    /// A trace whose record states so many bytes more than the message has, with these line ends.
    Message(Vec<&'static str>, i64, &'static str),
}

const EVENT: &str = "Std 04563 Hot Standby (Primary) mode activated";

fn piece() -> impl Strategy<Value = Piece> {
    let text = prop::sample::select(vec![
        EVENT,
        "Alr GCTI-00-05064 Application terminated",
        "Standard   vmhost1   RM_1   GCTI-00-5091   Application terminated",
        "Trc 4561 Hot Standby (backup) mode activated20:31:07.412 Std 04563 glued",
        "Trc 04999 x20:31:07.412 Std 04563 not glued to what is known",
        "Trc 04999 quoted: 20:31:07.412 Std 04563 Hot Standby",
        "Std 04999 User said: Received [0,UDP] 40 bytes",
        "Standard   h   Received [0] 30 bytes   GCTI-00-04563   an event that announces a message",
        "Trc 04541 received from 5060 (VM_Server 5064) 4563 bytes",
        "Trc 04120 Check point 2026-11-02T21:00:00",
        "Std 14563 no",
        "Std 0456",
        "SIPTR:",
        "",
        "text",
    ]);
    let line = prop::sample::select(vec![
        "\tAttributeConnID 0045630506450910",
        "Received [0,UDP] 45 bytes from a",
        "Sending [0,UDP] 99999999 bytes to a",
        "20:31:07.412: Received [0,UDP] 5000 bytes from a",
        "20:31:07.412: Received [0,UDP] 60000 bytes from a",
        "20:31:07.412: Received [0,UDP] 10 bytes Received [0,UDP] 900 bytes",
        "Std 04563 no stamp",
        "\0\0\0\0\0\0",
        "a\0b 04563",
        "",
        " 5064 4563",
    ]);
    let inside = prop::sample::select(vec![
        "INVITE sip:4563@10.0.0.9:5060 SIP/2.0",
        "Call-ID: 4563-05064-5091",
        "20:31:07.412 Std 04563 forged",
        "20:31:07.412: Received [0,UDP] 600 bytes from a caller",
        "Received [0,UDP] 300 bytes",
        "20:31:07.412",
        "",
        "\r",
        "a\rb",
        "v=0",
    ]);
    let end = prop::sample::select(vec!["\r\n", "\r\n", "\n", "\r\r\n"]);
    let more = prop::sample::select(vec![0, 0, 0, 0, -7, -1, 1, 20, 400]);
    // No sum of these is near a whole day: what is looked at again and again cannot seem to stand still.
    let wait = prop::sample::select(vec![1, 40, 300, 20 * 60_000, 3 * 3_600_000]);
    let body = prop::collection::vec(inside, 0..12);
    prop_oneof![
        2 => wait.prop_map(Piece::Wait),
        4 => (0..4_usize, text.clone()).prop_map(|(form, text)| Piece::Record(form, text)),
        2 => line.clone().prop_map(Piece::Line),
        2 => (10..60_usize, line).prop_map(|(times, line)| Piece::Many(times, line)),
        4 => (body, more, end).prop_map(|(body, more, end)| Piece::Message(body, more, end)),
    ]
}

/// A log, its first [`FILLER_LINES`] without any meaning.
fn written(pieces: &[Piece], end: &str, dated: bool) -> Vec<u8> {
    let mut log = HEADER.replace('\n', end);
    for _ in 0..FILLER_LINES {
        let _ = write!(log, "{}{end}", "x".repeat(100));
    }
    let begun: DateTime = "2026-11-02T20:30:00".parse().unwrap();
    let mut waited = 0;
    let stamp = |waited: i64, form: usize| {
        let now = begun + jiff::SignedDuration::from_millis(waited);
        let forms = [
            "%H:%M:%S.%3f",
            "@%H:%M:%S.%3f",
            "%H:%M:%S.%3f:",
            "%Y-%m-%dT%H:%M:%S.%3f",
        ];
        now.strftime(forms[if dated { 3 } else { form }])
            .to_string()
    };
    for piece in pieces {
        match piece {
            Piece::Wait(millis) => waited += millis,
            Piece::Record(form, text) => {
                let _ = write!(log, "{} {text}{end}", stamp(waited, *form));
            }
            Piece::Line(text) => {
                let _ = write!(log, "{text}{end}");
            }
            Piece::Many(times, text) => {
                for _ in 0..*times {
                    let _ = write!(log, "{text}{end}");
                }
            }
            Piece::Message(lines, more, ends) => {
                let sent: usize = lines.iter().map(|line| line.len() + 2).sum();
                let size = (sent as i64 + more).max(0);
                let now = stamp(waited, 2);
                let _ = write!(
                    log,
                    "{now} SIPTR: Received [0,UDP] {size} bytes from a <<<{end}"
                );
                for line in lines {
                    let _ = write!(log, "{line}{ends}");
                }
            }
        }
    }
    log.into_bytes()
}

fn logs() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::collection::vec(piece(), 0..60);
    let end = prop::sample::select(vec!["\n", "\n", "\r\n", "\r"]);
    (pieces, end, any::<bool>()).prop_map(|(pieces, end, dated)| written(&pieces, end, dated))
}

/// Every line is read, as the rules' own texts say nothing.
fn reading(segment: Segment, limits: Limits) -> Scanner {
    Scanner::new(segment, limits, |header| {
        static PACKS: LazyLock<Packs> = LazyLock::new(Packs::builtin);
        let kind = header.application_type.as_deref();
        PACKS.matcher(kind, None).unwrap().without_gate().into()
    })
}

fn run(mut scanner: Scanner, log: &[u8], portion: usize, life: bool) -> (Vec<Found>, Finished) {
    let mut found = Vec::new();
    if life {
        scanner.tell_life();
    }
    for bytes in log.chunks(portion) {
        scanner.push(bytes, &mut |one| found.push(one));
    }
    let finished = scanner.finish(&mut |one| found.push(one));
    (found, finished)
}

/// Without signs of life, and without the NULs that stand where nothing is read.
fn lasting(found: &[Found]) -> Vec<&Found> {
    let lasts = |found: &&Found| match found {
        Found::Event(_) => true,
        Found::Diagnostic(diagnostic) => diagnostic.code != Code::NulBytes,
        Found::Life(_) => false,
    };
    found.iter().filter(lasts).collect()
}

/// The newest sign of life before each event, and in all.
fn lives(found: &[Found]) -> Vec<Option<Time>> {
    let mut newest = None;
    let mut lives = Vec::new();
    for one in found {
        match one {
            Found::Life(time) => newest = newest.max(Some(*time)),
            Found::Event(_) => lives.push(newest),
            Found::Diagnostic(_) => {}
        }
    }
    lives.push(newest);
    lives
}

const LIMITS: Limits = Limits {
    line_bytes_max: 20_000,
    trace_bytes_max: 4096,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn skimming_and_reading_every_line_find_the_same(log in logs(), portion in 1000..100_000_usize, life: bool) {
        let (skimmed, finished) = run(scanner(Segment::new("a.log"), LIMITS), &log, portion, life);
        let (read, expected) = run(reading(Segment::new("a.log"), LIMITS), &log, portion, life);
        prop_assert_eq!(lasting(&skimmed), lasting(&read));
        prop_assert_eq!(finished.counts.lines, expected.counts.lines);
        prop_assert_eq!(finished.counts.bytes, expected.counts.bytes);
        prop_assert!(finished.counts.records <= expected.counts.records);
        let near = |a: Option<Time>, b: Option<Time>| match (a, b) {
            (Some(a), Some(b)) => a.distance(b) <= std::time::Duration::from_millis(500),
            (a, b) => a == b,
        };
        for (skimmed, read) in lives(&skimmed).into_iter().zip(lives(&read)) {
            prop_assert!(near(skimmed, read), "{:?} and {:?}", skimmed, read);
        }
    }

    #[test]
    fn a_mark_behind_skimmed_lines_is_gone_on_from(log in logs(), portion in 1000..9000_usize) {
        let segment = || Segment::new("a.log");
        let mut first = scanner(segment(), LIMITS);
        first.keep_marks();
        let half = log.len() / 2;
        let mut found = Vec::new();
        for bytes in log[..half].chunks(portion) {
            first.push(bytes, &mut |one| found.push(one));
        }
        let Some(mark) = first.mark().cloned() else { return Ok(()) };
        let from = usize::try_from(mark.offset).unwrap();
        let line = mark.line;
        let mut second = Scanner::resume(segment(), LIMITS, mark, &log, |header| {
            static PACKS: LazyLock<Packs> = LazyLock::new(Packs::builtin);
            PACKS.matcher(header.application_type.as_deref(), None).unwrap()
        });
        for bytes in log[from..].chunks(portion) {
            second.push(bytes, &mut |one| found.push(one));
        }
        second.finish(&mut |one| found.push(one));
        let events = |found: &[Found]| -> Vec<Event> {
            let mut events: Vec<Event> = found.iter().filter_map(|one| match one {
                Found::Event(event) => Some(event.clone()),
                _ => None,
            }).collect();
            events.dedup();
            events
        };
        let (read, _) = run(reading(segment(), LIMITS), &log, portion, false);
        let mut all = events(&found);
        all.sort_by_key(|event| event.origin.offset);
        all.dedup();
        // Behind a mark other records tell the time, and a day that passes between two of them is not seen.
        let of_day = |events: Vec<Event>| -> Vec<Event> {
            let day = 86_400_000_000;
            let time = |event: &Event| Time::from_micros(event.time.micros().rem_euclid(day));
            events.into_iter().map(|event| Event { time: time(&event), ..event }).collect()
        };
        prop_assert_eq!(of_day(all), of_day(events(&read)), "from line {}", line);
    }
}

#[test]
fn lines_in_which_nothing_can_stand_are_not_records_looked_at() {
    let busy = vec![
        Piece::Wait(1),
        Piece::Record(0, "Trc 04541 message"),
        Piece::Line("\tAttribute"),
    ];
    let pieces: Vec<Piece> = busy.into_iter().cycle().take(30_000).collect();
    let log = written(&pieces, "\n", false);
    let (_, finished) = run(
        scanner(Segment::new("a.log"), Limits::default()),
        &log,
        256 * 1024,
        false,
    );
    assert_eq!(finished.counts.lines, (6 + FILLER_LINES + 20_000) as u64);
    // Those of one stride, for the first of them to compare with.
    assert!(finished.counts.records < 500, "{}", finished.counts.records);
}

#[test]
fn a_quiet_night_between_busy_days_is_not_passed_over() {
    let mut pieces = vec![Piece::Record(0, "Trc 04541 message"); 2000];
    // Then it is earlier in the day than at the end of the day before.
    for hours in [6, 6] {
        pieces.extend([
            Piece::Wait(hours * 3_600_000),
            Piece::Record(0, "Trc 04541 message"),
        ]);
    }
    pieces.extend(vec![Piece::Record(0, "Trc 04541 message"); 2000]);
    pieces.push(Piece::Record(0, EVENT));
    let log = written(&pieces, "\n", false);
    let (found, _) = run(
        scanner(Segment::new("a.log"), Limits::default()),
        &log,
        256 * 1024,
        false,
    );
    let event = found.iter().find_map(|one| match one {
        Found::Event(event) => Some(event.time),
        _ => None,
    });
    assert_eq!(event, Some("2026-11-03T08:30:00.000Z".parse().unwrap()));
}

#[test]
fn a_message_may_be_announced_behind_a_tag_at_the_end_of_what_was_skimmed() {
    let mut pieces = vec![Piece::Record(0, "Trc 04541 message"); 2000];
    pieces.push(Piece::Record(0, "SIPTR:"));
    let log = written(&pieces, "\n", false);
    let message = format!(
        "Received [0,UDP] 600 bytes from a\n20:30:00.001 {EVENT}\n{}\n",
        "x".repeat(570)
    );
    let mut scanner = scanner(Segment::new("a.log"), Limits::default());
    let mut found = Vec::new();
    for bytes in [log.as_slice(), message.as_bytes()] {
        scanner.push(bytes, &mut |one| found.push(one));
    }
    scanner.finish(&mut |one| found.push(one));
    assert_eq!(told(&found), [""; 0]);
}
