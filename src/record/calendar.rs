//! Stamps → points in time: which day a time-only stamp belongs to, in which zone, and whether it can be true.
//!
//! A time-only stamp takes its day from what is nearest before it: a check point, a record, the header's
//! `Local time:`, the file's name, the end of the segment before. From there days roll on at midnight.

#[cfg(test)]
mod tests;

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A calendar between two records, without a zone that is a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// Of a zone that is an offset: seconds east of UTC, and whether summer time was seen to end.
    offset: Option<(i64, bool)>,
    state: State,
}

#[derive(Clone, Debug)]
pub struct Calendar {
    zone: Zone,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct State {
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
        let state = State {
            reference: begun.and_then(|local| zone.utc(local, None)),
            zone_is_known: time_zone.is_some() || stated.is_some(),
            told_no_zone: false,
            local,
            in_records: false,
            is_dated: local.is_some(),
            previous: carry.map(|carry| carry.time.micros()),
        };
        Calendar { zone, state }
    }

    /// The calendar as it was at `days`.
    pub fn resumed(time_zone: Option<&TimeZone>, days: &Days) -> Calendar {
        let zone = match (time_zone, days.offset) {
            (Some(zone), _) => Zone::named(zone.clone()),
            (None, Some((seconds, fell_back))) => Zone::resumed(seconds, fell_back),
            (None, None) => Zone::fixed(0),
        };
        Calendar {
            zone,
            state: days.state,
        }
    }

    pub fn days(&self) -> Days {
        let offset = self.zone.offset();
        Days {
            offset: offset.map(|seconds| (seconds, self.zone.fell_back())),
            state: self.state,
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
        self.state.local = Some(local);
        if stamp.offset.is_some() {
            self.state.local = self.zone.local(utc);
        }
        self.state.is_dated |= stamp.date.is_some();
        self.state.in_records = true;
        self.state.previous = Some(utc);
        Time::from_micros(utc)
    }

    /// A check-point record states the wall clock of this moment.
    pub fn check_point(&mut self, stated: i64) {
        let believed = self.state.local.filter(|_| self.state.is_dated);
        if believed.is_none_or(|local| (local - stated).abs() <= PLAUSIBLE) {
            self.state.local = Some(stated);
            self.state.in_records = false;
            self.state.is_dated = true;
        }
    }

    /// The time of the last record; before the first one what the header, the name or the segment before says.
    pub fn last(&self) -> Option<Time> {
        self.state.last()
    }

    /// For the next segment, if days are known at all.
    pub fn carry(&self) -> Option<Carry> {
        self.days().carry()
    }

    /// The day of a time-only stamp: that of `local`, the next or the one before.
    fn rolled(&mut self, clock: i64, odd: &mut impl FnMut(Oddity)) -> i64 {
        let last = self.state.local.unwrap_or_else(|| {
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
            None => self.zone.utc(local, self.state.previous)?,
        };
        let before = self.state.previous.filter(|_| self.state.in_records);
        let near = before
            .or(self.state.reference)
            .filter(|_| self.state.is_dated);
        if near.is_some_and(|near| (utc - near).abs() > PLAUSIBLE) && stamp.date.is_some() {
            return None;
        }
        if stamp.offset.is_some() {
            return Some(utc);
        }
        if !self.state.zone_is_known && !self.state.told_no_zone {
            self.state.told_no_zone = true;
            odd(Oddity::NoZone);
        }
        let last = self.state.local.filter(|_| self.state.in_records);
        if last.is_some_and(|last| self.zone.falls_back(last, local)) {
            odd(Oddity::FellBack);
            return self.zone.utc(local, self.state.previous);
        }
        Some(utc)
    }
}

impl Days {
    /// For the next segment, if days are known at all.
    pub fn carry(&self) -> Option<Carry> {
        let offset = self.offset.filter(|_| self.state.zone_is_known);
        Some(Carry {
            local: self.state.local.filter(|_| self.state.is_dated)?,
            time: self.state.last()?,
            offset: offset.map(|(seconds, _)| seconds),
        })
    }
}

impl State {
    fn last(&self) -> Option<Time> {
        let record = self.previous.filter(|_| self.in_records);
        let known = record.or(self.reference).or(self.previous);
        known.map(Time::from_micros)
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
