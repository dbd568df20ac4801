//! Stamps one after another, and the times that they become.

use super::*;
use crate::record::stamp;

fn micros(text: &str) -> i64 {
    text.parse::<Time>().unwrap().micros()
}

/// The times of a list of stamps, and the oddities.
fn times(mut calendar: Calendar, stamps: &[&str]) -> (Vec<String>, Vec<Oddity>) {
    let mut oddities = Vec::new();
    let times = stamps
        .iter()
        .map(|text| {
            let (stamp, _) = stamp::leading(text.as_bytes()).unwrap();
            let time = calendar.time(&stamp, &mut |oddity| oddities.push(oddity));
            time.to_string()
        })
        .collect();
    (times, oddities)
}

fn at(local_time: &str) -> Header {
    Header {
        local_time: Some(micros(local_time)),
        time_zone: Some(0),
        ..Header::default()
    }
}

fn calendar(header: &Header) -> Calendar {
    Calendar::new(None, header, None, None)
}

#[test]
fn days_roll_on_at_midnight_and_late_lines_stay_in_their_day() {
    let stamps = [
        "21:00:00.000",
        "20:59:59.900", // out of order
        "23:59:59.800",
        "00:00:00.100",
        "23:59:59.900", // the day before
        "00:00:00.200",
        "13:00:00.000", // a long silence
        "12:59:00.000",
        "00:30:00.000",
    ];
    let (times, oddities) = times(calendar(&at("2026-11-02T21:00:00")), &stamps);
    let expected = [
        "2026-11-02T21:00:00.000Z",
        "2026-11-02T20:59:59.900Z",
        "2026-11-02T23:59:59.800Z",
        "2026-11-03T00:00:00.100Z",
        "2026-11-02T23:59:59.900Z",
        "2026-11-03T00:00:00.200Z",
        "2026-11-03T13:00:00.000Z",
        "2026-11-03T12:59:00.000Z",
        "2026-11-04T00:30:00.000Z",
    ];
    assert_eq!(times, expected);
    assert_eq!(oddities, []);
}

#[test]
fn the_day_comes_from_what_is_nearest() {
    let name = "2026-03-03T12:00:00".parse().ok();
    let carry = Carry {
        local: micros("2026-04-04T12:00:00"),
        time: "2026-04-04T12:00:00".parse().unwrap(),
        offset: None,
    };
    let header = at("2026-02-02T12:00:00");
    let none = Header::default();
    let day = |calendar: Calendar| times(calendar, &["13:00:00.000"]).0[0][..10].to_string();
    assert_eq!(
        day(Calendar::new(None, &header, name, Some(&carry))),
        "2026-02-02"
    );
    assert_eq!(
        day(Calendar::new(None, &none, name, Some(&carry))),
        "2026-03-03"
    );
    assert_eq!(
        day(Calendar::new(None, &none, None, Some(&carry))),
        "2026-04-04"
    );
    assert_eq!(day(calendar(&none)), "1970-01-01");
    let mut checked = calendar(&header);
    checked.check_point(micros("2026-02-20T12:00:00"));
    assert_eq!(day(checked), "2026-02-20");
    let dated = times(calendar(&header), &["2026-02-10T09:00:00", "09:30:00.000"]).0;
    assert_eq!(dated[1], "2026-02-10T09:30:00.000Z");
}

#[test]
fn a_check_point_gives_a_day_to_a_file_without_one() {
    let mut calendar = calendar(&Header::default());
    let stamp = |text: &str| stamp::read(text.as_bytes()).unwrap().0;
    let mut oddities = Vec::new();
    calendar.time(&stamp("10:00:00.000"), &mut |oddity| oddities.push(oddity));
    assert_eq!(oddities, [Oddity::NoDate, Oddity::NoZone]);
    assert_eq!(calendar.carry(), None);
    calendar.check_point(micros("2014-09-16T13:16:54"));
    let time = calendar.time(&stamp("13:16:54.100"), &mut |oddity| oddities.push(oddity));
    assert_eq!(time.to_string(), "2014-09-16T13:16:54.100Z");
    assert_eq!(oddities.len(), 2);
}

#[test]
fn a_stamp_years_off_takes_the_time_before_it() {
    let stamps = [
        "2027-11-02T12:00:00", // against the header
        "2026-11-02T12:00:01",
        "1970-01-01T00:00:00",
        "9999-12-31T23:59:59",
        "2026-11-02T12:00:02",
    ];
    let (times, oddities) = times(calendar(&at("2026-11-02T12:00:00")), &stamps);
    let clocks: Vec<_> = times.iter().map(|time| &time[11..19]).collect();
    assert_eq!(
        clocks,
        ["12:00:00", "12:00:01", "12:00:01", "12:00:01", "12:00:02"]
    );
    assert_eq!(oddities, [Oddity::Implausible; 3]);
}

#[test]
fn an_old_segment_before_it_does_not_make_a_stamp_implausible() {
    let carry = Carry {
        local: micros("2024-04-04T12:00:00"),
        time: "2024-04-04T12:00:00".parse().unwrap(),
        offset: Some(0),
    };
    let calendar = Calendar::new(None, &Header::default(), None, Some(&carry));
    let (times, oddities) = times(calendar, &["2026-11-02T12:00:00"]);
    assert_eq!(
        (times[0].as_str(), oddities),
        ("2026-11-02T12:00:00.000Z", vec![])
    );
}

#[test]
fn the_zone_is_a_setting_or_the_headers_or_utc() {
    let winter = |header: &Header, zone: Option<&TimeZone>, carry: Option<&Carry>| {
        let calendar = Calendar::new(zone, header, None, carry);
        let (times, oddities) = times(
            calendar,
            &["2026-07-02T12:00:00", "2026-07-02T12:00:00+05:00"],
        );
        assert_eq!(times[1], "2026-07-02T07:00:00.000Z");
        (times[0][11..16].to_string(), oddities)
    };
    let header = |local: &str, start: &str| Header {
        time_zone: Some(-3600),
        local_time: Some(micros(local)),
        start_time: Some(micros(start)),
        ..Header::default()
    };
    let started = header("2026-07-02T11:00:00.5", "2026-07-02T09:00:00");
    let rotated = header("2026-07-02T11:00:00.5", "2026-07-01T09:00:00");
    let summer = Carry {
        local: micros("2026-07-02T11:00:00"),
        time: "2026-07-02T09:00:00".parse().unwrap(),
        offset: Some(7200),
    };
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    assert_eq!(
        winter(&rotated, Some(&berlin), None),
        ("10:00".into(), vec![])
    );
    assert_eq!(winter(&started, None, None), ("10:00".into(), vec![]));
    assert_eq!(winter(&rotated, None, None), ("11:00".into(), vec![]));
    assert_eq!(
        winter(&rotated, None, Some(&summer)),
        ("10:00".into(), vec![])
    );
    let unknown = winter(&Header::default(), None, None);
    assert_eq!(unknown, ("12:00".into(), vec![Oddity::NoZone]));
}

#[test]
fn summer_time_that_ends_in_a_file_with_an_offset_is_noticed_once() {
    let header = Header {
        time_zone: Some(-3600),
        local_time: Some(micros("2026-10-25T01:00:00")),
        utc_time: Some(micros("2026-10-24T23:00:00")),
        ..Header::default()
    };
    let stamps = [
        "02:59:59.000",
        "02:00:00.000",
        "02:59:00.000",
        "03:00:00.000",
    ];
    let (times, oddities) = times(calendar(&header), &stamps);
    let clocks: Vec<_> = times.iter().map(|time| &time[11..19]).collect();
    assert_eq!(clocks, ["00:59:59", "01:00:00", "01:59:00", "02:00:00"]);
    assert_eq!(oddities, [Oddity::FellBack]);
}

#[test]
fn a_leap_second_and_the_29th_of_february_are_times() {
    let stamps = ["2016-12-31T23:59:60.5Z", "2028-02-29T12:00:00Z"];
    for (stamp, expected) in stamps
        .iter()
        .zip(["2017-01-01T00:00:00.500Z", "2028-02-29T12:00:00.000Z"])
    {
        assert_eq!(times(calendar(&Header::default()), &[stamp]).0, [expected]);
    }
}
