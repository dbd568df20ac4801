//! An answer for people. All that came from logs, people or commands is escaped.

use std::fmt::Write;

use super::{Line, Why, WhyApplication, WhyIncident, WhyTime};
use crate::decide::{Reading, Standing};
use crate::escape::escape;
use crate::event::Mode;
use crate::story::{self, state};
use crate::time::Time;

/// The answer in plain words, ending with a line end.
pub fn text(why: &Why) -> String {
    let mut text = String::new();
    match why {
        Why::Incident(incident) => of_incident(&mut text, incident),
        Why::Time(time) => of_time(&mut text, time),
        Why::Application(application) => of_application(&mut text, application),
    }
    text
}

/// A time, or that nobody knows it.
pub fn known(time: Option<Time>) -> String {
    time.map_or("(unknown)".into(), |time| {
        time.jiff().strftime("%Y-%m-%d %H:%M:%S").to_string()
    })
}

pub fn role_of(role: Option<Mode>) -> &'static str {
    role.map_or("unknown", Mode::word)
}

// Writing to a String cannot fail, so its results are dropped here.

fn of_incident(text: &mut String, why: &WhyIncident) {
    let from = why.from_host.as_deref().unwrap_or("(nobody knew)");
    let _ = writeln!(
        text,
        "{}: {} from {} to {}, {}",
        escape(&why.id),
        escape(&why.solution),
        escape(from),
        escape(&why.to_host),
        why.state.word().to_uppercase()
    );
    let closed = why
        .closed
        .map_or(String::from("still open"), |at| format!("closed {at}"));
    let _ = writeln!(text, "  opened {}, {closed}", why.opened);
    let _ = writeln!(
        text,
        "  cause: {}: {}",
        escape(&why.cause),
        why.reason.sentence()
    );
    if let Some(age) = &why.age {
        let _ = writeln!(text, "  age: {age}");
    }
    if let Some(hold) = &why.hold {
        let _ = writeln!(text, "  HELD: {}", escape(hold));
    }
    match &why.gates {
        Some(gates) => of_gates(text, gates),
        None => text.push_str("  gates: the journal does not reach back to this decision\n"),
    }
    text.push_str("  storm\n");
    for line in &why.storm {
        // A verdict begins with the event's own stamp.
        let _ = writeln!(text, "    {}", line.text);
    }
    if why.more > 0 {
        let _ = writeln!(text, "    … and {} more", why.more);
    }
    text.push_str("  steps\n");
    for (position, step) in why.steps.iter().enumerate() {
        let detail = step.detail.as_ref();
        let detail = detail.map_or(String::new(), |detail| format!(" ({})", escape(detail)));
        let _ = writeln!(
            text,
            "    {}. {}: {}; {}{detail}",
            position + 1,
            escape(&step.step),
            state(step.state),
            step.reason.sentence()
        );
        for line in &step.history {
            let _ = writeln!(text, "       {} {}", line.time.clock(), line.text);
        }
    }
    lines(text, "besides", &why.history);
    if let Some(scs) = &why.scs {
        for line in story::beside(scs) {
            let _ = writeln!(text, "  {line}");
        }
    }
}

fn of_gates(text: &mut String, gates: &[Reading]) {
    text.push_str("  gates at the decision\n");
    for reading in gates {
        let standing = match reading.standing {
            Standing::Passes => "passes",
            Standing::Holds => "HOLDS",
            Standing::NotAsked => "not asked",
        };
        let _ = writeln!(
            text,
            "    {:<20} {standing:<9} {}",
            reading.gate.word(),
            escape(&reading.value)
        );
    }
}

fn of_time(text: &mut String, why: &WhyTime) {
    let _ = writeln!(text, "At {}", why.time);
    for believed in &why.believed {
        let _ = writeln!(text, "  {}", escape(believed));
    }
    if why.lines.is_empty() {
        let _ = writeln!(text, "Nothing was decided from {} to {}.", why.from, why.to);
        return;
    }
    let _ = writeln!(text, "Decided from {} to {}", why.from, why.to);
    for line in &why.lines {
        let _ = writeln!(text, "  {} {}", line.time.clock(), line.text);
    }
    if why.more {
        text.push_str("  … and more\n");
    }
}

fn of_application(text: &mut String, why: &WhyApplication) {
    let view = &why.believed;
    let _ = writeln!(
        text,
        "{} (DBID {}, {}), pair {}",
        escape(&view.name),
        view.dbid,
        escape(&view.component),
        escape(&why.solution)
    );
    let _ = writeln!(text, "  {}", escape(&why.standing));
    let since = known(view.role_since);
    let by = view.role_by.as_deref();
    let by = by.map_or(String::new(), |by| format!(", by {}", escape(by)));
    let _ = writeln!(text, "  role: {} since {since}{by}", role_of(view.role));
    let up = match (view.up, view.planned_stop) {
        (Some(true), _) => "running",
        (Some(false), true) => "stopped by request",
        (Some(false), false) => "down",
        (None, _) => "not known to be down",
    };
    let _ = writeln!(text, "  state: {up} since {}", known(view.up_since));
    if let Some(report) = view.reported {
        let status = report.status.map_or("nothing", |status| status.word());
        let _ = writeln!(
            text,
            "  status command: {} {status}, {}",
            role_of(report.role),
            report.at
        );
    }
    if why.decisions.is_empty() {
        text.push_str("  nothing was decided about it yet\n");
        return;
    }
    text.push_str("  decisions, newest first\n");
    for decision in &why.decisions {
        let _ = writeln!(text, "    {}", decision.line.text);
        if let Some(because) = &decision.because {
            let _ = writeln!(text, "      {}", escape(because));
        }
    }
}

fn lines(text: &mut String, title: &str, lines: &[Line]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(text, "  {title}");
    for line in lines {
        let _ = writeln!(text, "    {} {}", line.time.clock(), line.text);
    }
}
