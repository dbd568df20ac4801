//! What a person may ask about, as it is typed.

use std::sync::Arc;

use crate::time::Time;
use crate::topology::Topology;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    Incident(Arc<str>),
    Time(Time),
    /// (solution, application)
    Application(usize, usize),
}

/// Reads an incident's id, a time (`2026-11-02T20:31:07Z`, or `20:31` of the day of `now`), an application's name or
/// its DBID.
pub fn question(topology: &Topology, now: Time, text: &str) -> Result<Question, String> {
    let text = text.trim();
    let application = topology.application(text);
    let numbered = || topology.dbid(text.parse().ok()?);
    if let Some((solution, application)) = application.or_else(numbered) {
        return Ok(Question::Application(solution, application));
    }
    let of_pair = |name: &str| {
        let rest = text
            .strip_prefix(name)
            .and_then(|rest| rest.strip_prefix('-'));
        rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
    };
    if topology.solutions.iter().any(|each| of_pair(&each.name)) {
        return Ok(Question::Incident(text.into()));
    }
    if let Some(time) = time(now, text) {
        return Ok(Question::Time(time));
    }
    let names = topology
        .solutions
        .iter()
        .flat_map(|each| &each.applications);
    let near = names
        .map(|application| &*application.name)
        .map(|name| (strsim::jaro_winkler(name, text), name))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let hint = near.map_or(String::new(), |(_, name)| {
        format!("; did you mean `{name}`?")
    });
    Err(format!(
        "`{text}` is no incident's id, no time such as 2026-11-02T20:31:07Z or 20:31, and no application's name or DBID{hint}"
    ))
}

fn time(now: Time, text: &str) -> Option<Time> {
    let of_today = || {
        let clock: jiff::civil::Time = text.parse().ok()?;
        let today = now.jiff().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
        let zoned = today
            .to_datetime(clock)
            .to_zoned_datetime(jiff::tz::TimeZone::UTC);
        Some(Time::from(zoned.ok()?.timestamp()))
    };
    text.parse().ok().or_else(of_today)
}
