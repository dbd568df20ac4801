//! Times in which a pair is worked on.

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::solutions::Pair;
use super::{keys, zone};
use crate::time::Time;
use crate::topology::{Maintenance, Recurrence};
use crate::yaml::{Table, Value, nearest, shown};

/// The `maintenance:` of one solution.
pub(super) fn of_solution(value: Option<Value<'_>>) -> Vec<Maintenance> {
    let names = keys::MAINTENANCE.names();
    items(value)
        .iter()
        .filter_map(|item| read(&item.table(&names)?))
        .collect()
}

/// The `maintenance:` at the top: each item for the solution that it names, or for all.
pub(super) fn for_all(value: Option<Value<'_>>, pairs: &mut [Pair<'_>]) {
    let names = keys::MAINTENANCE_OF_ALL.names();
    for item in items(value) {
        let Some(table) = item.table(&names) else {
            continue;
        };
        let maintenance = read(&table);
        let wanted = table.get("solution");
        let name = wanted.as_ref().and_then(|value| value.text());
        if let (Some(value), Some(name)) = (&wanted, name)
            && !pairs.is_empty()
            && !pairs.iter().any(|pair| *pair.name == *name)
        {
            let hint = nearest(name, pairs.iter().map(|pair| &*pair.name));
            value.fault(format!("no solution is named {}", shown(name)), hint);
        }
        let Some(maintenance) = maintenance else {
            continue;
        };
        for pair in pairs.iter_mut() {
            if wanted.is_none() || name == Some(&*pair.name) {
                pair.policy.maintenance.push(maintenance.clone());
            }
        }
    }
}

fn items(value: Option<Value<'_>>) -> Vec<Value<'_>> {
    value.and_then(|value| value.list()).unwrap_or_default()
}

fn read(table: &Table<'_>) -> Option<Maintenance> {
    let zone = match table.get("time_zone") {
        Some(value) => zone::time_zone(&value),
        None => Some(TimeZone::UTC),
    };
    let why: Option<Arc<str>> = match table.get("why") {
        Some(value) => value.line().map(Arc::from),
        None => Some("maintenance".into()),
    };
    let when = match (table.get("every"), table.get("from"), table.get("to")) {
        (Some(every), None, None) => weekly(&every, zone.clone()),
        (None, Some(from), Some(to)) => once(&from, &to, zone.as_ref()),
        _ => table
            .value()
            .expected("either `every`, or `from` and `to`", None),
    };
    zone?;
    Some(Maintenance {
        when: when?,
        why: why?,
    })
}

fn weekly(value: &Value<'_>, zone: Option<TimeZone>) -> Option<Recurrence> {
    let Some((days, from, length)) = zone::window(value.text()?) else {
        let hint = "as in `sun 02:00-04:00`, `mon-fri 22:00-01:00`, `daily 03:00-03:30`";
        return value.expected("days and two times of day", Some(hint.to_owned()));
    };
    Some(Recurrence::Weekly {
        days,
        from,
        length,
        zone: zone?,
    })
}

fn once(from: &Value<'_>, to: &Value<'_>, zone: Option<&TimeZone>) -> Option<Recurrence> {
    let (begin, end) = (time(from, zone), time(to, zone));
    let (begin, end) = (begin?, end?);
    if end <= begin {
        return to.expected("a time after `from`", None);
    }
    Some(Recurrence::Once {
        from: begin,
        to: end,
    })
}

/// RFC 3339; without an offset it is a time in the item's zone.
fn time(value: &Value<'_>, zone: Option<&TimeZone>) -> Option<Time> {
    let text = value.text()?;
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Some(timestamp.into());
    }
    let Ok(civil) = text.parse::<jiff::civil::DateTime>() else {
        let hint = "as in 2026-11-02T22:00:00Z";
        return value.expected("a date and time", Some(hint.to_owned()));
    };
    let zoned = civil.to_zoned_datetime(zone?.clone()).ok()?;
    Some(zoned.timestamp().into())
}
