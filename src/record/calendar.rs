//! Stamps → points in time: which day a time-only stamp belongs to, in which zone, and whether it can be true.
//!
//! A time-only stamp takes its day from what is nearest before it: a check point, a record, the header's
//! `Local time:`, the file's name, the end of the segment before. From there days roll on at midnight.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use super::header::Header;
use super::stamp::{DAY, SECOND, Stamp};
use super::zone::Zone;
use crate::time::Time;

/// A dated stamp this far from the record before it, or from the header, cannot be true.
const PLAUSIBLE: i64 = 180 * DAY;
/// A time of day that falls back by more than this begins a new day; by less, the line is out of order.
const NEW_DAY: i64 = DAY / 2;
/// A line of the old day can still follow one of the new day that is younger by no more than this.
const LATE_LINE: i64 = 600 * SECOND;

/// The end of a segment, for the next one of the same application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carry {
    /// The last record's wall clock, as microseconds since 1970-01-01T00:00 on that clock.
    pub local: i64,
    pub time: Time,
    /// Seconds east of UTC that held there, where the file's zone is an offset.
    pub offset: Option<i64>,
}

/// What is worth a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oddity {
    /// No zone is known: UTC. Told once.
    NoZone,
    /// No day is known: 1970-01-01. Told once.
    NoDate,
    /// Not to be believed: the time of the record before it.
    Implausible,
    /// Summer time is taken as ended.
    FellBack,
}

#[derive(Clone, Debug)]
pub struct Calendar {
    zone: Zone,
    zone_is_known: bool,
    told_no_zone: bool,
    /// A header or name tells this time, UTC in microseconds.
    reference: Option<i64>,
    /// Wall clock of the last record, or before the first one where days are counted from.
    local: Option<i64>,
    /// `local` is that of a record.
    in_records: bool,
    /// `local` is on a true day.
    is_dated: bool,
    /// UTC of the last record; before the first one that of the segment before.
    previous: Option<i64>,
}

impl Calendar {
    /// `time_zone` is a setting and wins over the header's; `named` is the file name's date.
    pub fn new(
        time_zone: Option<&TimeZone>,
        header: &Header,
        named: Option<DateTime>,
        carry: Option<&Carry>,
    ) -> Calendar {
        let stated = header
            .offset()
            .or_else(|| carried(header, carry))
            .or(header.time_zone.map(|west| -west));
        let mut zone = match time_zone {
            Some(zone) => Zone::named(zone.clone()),
            None => Zone::fixed(stated.unwrap_or(0)),
        };
        let begun = header.local_time.or_else(|| wall_clock(named?));
        let local = begun.or(carry.map(|carry| carry.local));
        Calendar {
            reference: begun.and_then(|local| zone.utc(local, None)),
            zone,
            zone_is_known: time_zone.is_some() || stated.is_some(),
            told_no_zone: false,
            local,
            in_records: false,
            is_dated: local.is_some(),
            previous: carry.map(|carry| carry.time.micros()),
        }
    }

    /// The time of the next record in file order.
    pub fn time(&mut self, stamp: &Stamp, odd: &mut impl FnMut(Oddity)) -> Time {
        let local = match stamp.date {
            Some(_) => stamp.local(),
            None => Some(self.rolled(stamp.clock, odd)),
        };
        let utc = local.and_then(|local| self.utc(local, stamp, odd));
        let (Some(local), Some(utc)) = (local, utc) else {
            odd(Oddity::Implausible);
            return self.last().unwrap_or_default();
        };
        self.local = Some(local);
        if stamp.offset.is_some() {
            self.local = self.zone.local(utc);
        }
        self.is_dated |= stamp.date.is_some();
        self.in_records = true;
        self.previous = Some(utc);
        Time::from_micros(utc)
    }

    /// A check-point record states the wall clock of this moment.
    pub fn check_point(&mut self, stated: i64) {
        let believed = self.local.filter(|_| self.is_dated);
        if believed.is_none_or(|local| (local - stated).abs() <= PLAUSIBLE) {
            self.local = Some(stated);
            self.in_records = false;
            self.is_dated = true;
        }
    }

    /// The time of the last record; before the first one what the header, the name or the segment before says.
    pub fn last(&self) -> Option<Time> {
        let record = self.previous.filter(|_| self.in_records);
        let known = record.or(self.reference).or(self.previous);
        known.map(Time::from_micros)
    }

    /// For the next segment, if days are known at all.
    pub fn carry(&self) -> Option<Carry> {
        let offset = self.zone.offset().filter(|_| self.zone_is_known);
        Some(Carry {
            local: self.local.filter(|_| self.is_dated)?,
            time: self.last()?,
            offset,
        })
    }

    /// The day of a time-only stamp: that of `local`, the next or the one before.
    fn rolled(&mut self, clock: i64, odd: &mut impl FnMut(Oddity)) -> i64 {
        let last = self.local.unwrap_or_else(|| {
            odd(Oddity::NoDate);
            clock
        });
        let same_day = last.div_euclid(DAY) * DAY + clock;
        match same_day - last {
            forward if forward >= DAY - LATE_LINE => same_day - DAY,
            forward if forward < -NEW_DAY => same_day + DAY,
            _ => same_day,
        }
    }

    /// None if it is out of all calendars, or not plausible.
    fn utc(&mut self, local: i64, stamp: &Stamp, odd: &mut impl FnMut(Oddity)) -> Option<i64> {
        let utc = match stamp.offset {
            Some(east) => local - i64::from(east) * SECOND,
            None => self.zone.utc(local, self.previous)?,
        };
        let before = self.previous.filter(|_| self.in_records);
        let near = before.or(self.reference).filter(|_| self.is_dated);
        if near.is_some_and(|near| (utc - near).abs() > PLAUSIBLE) && stamp.date.is_some() {
            return None;
        }
        if stamp.offset.is_some() {
            return Some(utc);
        }
        if !self.zone_is_known && !self.told_no_zone {
            self.told_no_zone = true;
            odd(Oddity::NoZone);
        }
        let last = self.local.filter(|_| self.in_records);
        if last.is_some_and(|last| self.zone.falls_back(last, local)) {
            odd(Oddity::FellBack);
            return self.zone.utc(local, self.previous);
        }
        Some(utc)
    }
}

/// A header's `Time zone:` leaves summer time out; the segment before may have known better.
fn carried(header: &Header, carry: Option<&Carry>) -> Option<i64> {
    let offset = carry?.offset?;
    let fits = |west: i64| [0, 1800, 3600].contains(&(offset + west));
    header.time_zone.is_none_or(fits).then_some(offset)
}

fn wall_clock(named: DateTime) -> Option<i64> {
    Some(Offset::UTC.to_timestamp(named).ok()?.as_microsecond())
}

#[cfg(test)]
mod tests {
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
}
