//! Which day and hour it was, through whole files and from one to the next.

use super::*;

fn times(segment: Segment, log: &str) -> Vec<String> {
    let (found, _) = scan(segment, log);
    let time = |found: &Found| match found {
        Found::Event(event) => Some(event.time.to_string()),
        _ => None,
    };
    found.iter().filter_map(time).collect()
}

#[test]
fn a_time_only_log_goes_over_midnight() {
    let log = format!("{HEADER}23:59:59.900 {MODE}\n00:00:00.100 {MODE}\n23:59:59.950 {MODE}\n");
    let expected = [
        "2026-11-02T23:59:59.900Z",
        "2026-11-03T00:00:00.100Z",
        "2026-11-02T23:59:59.950Z",
    ];
    assert_eq!(times(Segment::new("a.log"), &log), expected);
}

#[test]
fn the_name_of_a_file_without_a_header_gives_the_day() {
    let log = format!("00:00:05.000 {MODE}\n");
    let name = "logs/sips.20240228_235959_000.log";
    assert_eq!(
        times(Segment::new(name), &log),
        ["2024-02-29T00:00:05.000Z"]
    );
    let (found, _) = scan(Segment::new("sips.log"), &log);
    assert_eq!(codes(&found), [(Code::NoDate, 1), (Code::NoZone, 1)]);
}

#[test]
fn a_check_point_record_gives_the_day() {
    let log = format!(
        "13:16:54.100 Trc 04120 Check point 2014-09-16T13:16:54\n13:16:55.000 {MODE}\n\
         13:16:55.000 Trc 04999 Check point 2020-01-01T00:00:00\n13:16:56.000 {MODE}\n"
    );
    let expected = ["2014-09-16T13:16:55.000Z", "2014-09-16T13:16:56.000Z"];
    assert_eq!(times(Segment::new("a.log"), &log), expected);
}

#[test]
fn days_go_on_from_one_segment_to_the_next() {
    let (_, finished) = scan(
        Segment::new("a.log"),
        format!("{HEADER}23:59:00.000 {MODE}\n"),
    );
    let next = Segment {
        carry: finished.carry.clone(),
        ..Segment::new("b.log")
    };
    let log = format!("00:01:00.000 {MODE}\n");
    assert_eq!(times(next.clone(), &log), ["2026-11-03T00:01:00.000Z"]);
    // A segment without records hands on what it was handed.
    assert_eq!(scan(next, "nothing\n").1.carry, finished.carry);
}

#[test]
fn both_changes_of_summer_time_keep_the_order() {
    let berlin = Segment {
        time_zone: Some(TimeZone::get("Europe/Berlin").unwrap()),
        ..Segment::new("a.log")
    };
    for (day, walls, expected) in [
        (
            "2026-03-29",
            ["01:59:59.900", "03:00:00.100"],
            ["00:59:59.900", "01:00:00.100"],
        ),
        (
            "2026-10-25",
            ["02:59:59.900", "02:00:00.100"],
            ["00:59:59.900", "01:00:00.100"],
        ),
    ] {
        let log: String = walls
            .iter()
            .map(|wall| format!("{wall} {MODE}\n"))
            .collect();
        let log = format!("Local time: {day}T00:30:00\nFile: (1) x\n{log}");
        let expected = expected.map(|clock| format!("{day}T{clock}Z"));
        assert_eq!(times(berlin.clone(), &log), expected);
    }
}

#[test]
fn a_forged_or_doubted_record_moves_no_clock() {
    let log = format!(
        "{HEADER}20:31:00.000: Received [0,UDP] 14 bytes from 10.0.0.9:5060 <<<<<\na\n\n\n\n\n\n\n\n\n\n\
         2026-12-24T23:59:00.000 Trc 04999 in the gap\n20:31:08.000 {MODE}\n"
    );
    assert_eq!(
        times(Segment::new("a.log"), &log),
        ["2026-11-02T20:31:08.000Z"]
    );
}

#[test]
fn a_stamp_of_another_year_is_told_and_not_believed() {
    let log =
        format!("{HEADER}20:31:00.000 x\n2027-11-02T20:31:07.412 {MODE}\n20:31:08.000 {MODE}\n");
    let (found, _) = scan(Segment::new("a.log"), &log);
    assert_eq!(codes(&found), [(Code::ImplausibleStamp, 8)]);
    let expected = ["2026-11-02T20:31:00.000Z", "2026-11-02T20:31:08.000Z"];
    assert_eq!(times(Segment::new("a.log"), &log), expected);
}

#[test]
fn a_peek_tells_who_and_when() {
    let log = "Application name: a\n20:31:07.412 x\n20:31:08.000 y\n";
    let peeked = peek(&Segment::new("a.20261102_203000_000.log"), log.as_bytes());
    assert_eq!(peeked.header.application.as_deref(), Some("a"));
    assert_eq!(peeked.first, "2026-11-02T20:31:07.412Z".parse().ok());
    let peeked = peek(&Segment::new("a.log"), HEADER.as_bytes());
    assert_eq!(
        (peeked.header.host.as_deref(), peeked.first),
        (Some("vmhost2"), None)
    );
}
