//! What was counted and what is believed, in Prometheus' text format.
//!
//! Names and meanings are documented in `docs/metrics.md`; `packaging/prometheus` has rules for them.

mod format;

use std::collections::BTreeMap;
use std::time::Duration;

use self::format::{Kind, Text};
use super::View;
use crate::decide::StepState;
use crate::metrics::{Metrics, SinkCount};
use crate::snapshot::{PairView, Snapshot, SourceState, VERSION};
use crate::time::Time;
use crate::topology::{Action, ActionMode};

/// Of more sources, only the state is counted.
const SOURCES_MAX: usize = 1_000;

pub(super) fn text(view: &View) -> String {
    let mut text = Text::default();
    daemon(&mut text, &view.snapshot);
    counted(&mut text, &view.metrics);
    durations(&mut text, &view.metrics);
    pairs(&mut text, &view.snapshot.solutions);
    under_way(&mut text, &view.snapshot.solutions);
    sources(&mut text, &view.snapshot);
    text.finish()
}

fn daemon(text: &mut Text, snapshot: &Snapshot) {
    let daemon = &snapshot.daemon;
    text.family("tailswitch_build_info", Kind::Gauge, "This program.");
    text.sample(&[("version", VERSION)], 1);
    let started = daemon.started.map_or(0.0, seconds);
    let name = "tailswitch_start_time_seconds";
    text.family(name, Kind::Gauge, "When the engine began, since 1970.");
    text.sample(&[], started);
    for (name, help, holds) in [
        (
            "tailswitch_armed",
            "1 if steps of active pairs are carried out.",
            daemon.armed,
        ),
        (
            "tailswitch_ready",
            "1 if nothing keeps the daemon from its work.",
            snapshot.is_ready(),
        ),
        (
            "tailswitch_journal_writable",
            "1 if the journal takes entries.",
            daemon.journal_fault.is_none(),
        ),
    ] {
        text.family(name, Kind::Gauge, help);
        text.sample(&[], u8::from(holds));
    }
}

fn counted(text: &mut Text, metrics: &Metrics) {
    let name = "tailswitch_events_total";
    text.family(
        name,
        Kind::Counter,
        "Events extracted from the logs, repetitions included.",
    );
    for ((kind, id), count) in &metrics.events {
        text.sample(&[("id", id), ("kind", kind.word())], *count);
    }
    let name = "tailswitch_decisions_total";
    text.family(name, Kind::Counter, "Verdicts on events.");
    for ((verdict, reason), count) in &metrics.decisions {
        let labels = [("verdict", verdict.word()), ("reason", reason.word())];
        text.sample(&labels, *count);
    }
    let name = "tailswitch_incidents_total";
    text.family(
        name,
        Kind::Counter,
        "Incidents that closed, by what became of them.",
    );
    for (state, count) in &metrics.incidents {
        text.sample(&[("state", state.word())], *count);
    }
    let name = "tailswitch_steps_total";
    text.family(name, Kind::Counter, "Steps of incidents that closed.");
    steps(text, &metrics.steps);
    let name = "tailswitch_alerts_dropped_total";
    text.family(
        name,
        Kind::Counter,
        "Alerts that found no room, or that their receiver refused again and again.",
    );
    text.sample(&[], metrics.alerts_dropped);
    sinks(text, metrics);
    let name = "tailswitch_tail_rescans_total";
    let help = "Times that notifications of the logs failed and everything was looked at instead.";
    text.family(name, Kind::Counter, help);
    text.sample(&[], metrics.rescans);
}

fn sinks(text: &mut Text, metrics: &Metrics) {
    for (name, kind, help, number) in [
        (
            "tailswitch_alerts_delivered_total",
            Kind::Counter,
            "Alerts that their sink took.",
            (|sink| sink.delivered) as fn(&SinkCount) -> u64,
        ),
        (
            "tailswitch_alert_failures_total",
            Kind::Counter,
            "Tries to deliver an alert that failed.",
            |sink| sink.failures,
        ),
        (
            "tailswitch_alerts_waiting",
            Kind::Gauge,
            "Alerts that are still to be delivered.",
            |sink| sink.waiting,
        ),
    ] {
        text.family(name, kind, help);
        for sink in &metrics.sinks {
            text.sample(&[("sink", &sink.sink)], number(sink));
        }
    }
}

fn steps(text: &mut Text, steps: &BTreeMap<(Action, StepState), u64>) {
    for ((action, state), count) in steps {
        text.sample(
            &[("action", action.word()), ("state", state.word())],
            *count,
        );
    }
}

fn durations(text: &mut Text, metrics: &Metrics) {
    for (name, help, of) in [
        (
            "tailswitch_step_command_seconds",
            "From the start of a step's command to its end.",
            &metrics.commands,
        ),
        (
            "tailswitch_step_effect_seconds",
            "From the start of a step's command to the moment when its effect was seen.",
            &metrics.effects,
        ),
    ] {
        text.family(name, Kind::Histogram, help);
        for (action, histogram) in of {
            text.histogram(&[("action", action.word())], histogram);
        }
    }
    for (name, help, histogram) in [
        (
            "tailswitch_decision_delay_seconds",
            "From an event's stamp, on the corrected clock, to the decision that moves the pair.",
            &metrics.delays,
        ),
        (
            "tailswitch_reaction_seconds",
            "From the decision to the end of the last step.",
            &metrics.reactions,
        ),
        (
            "tailswitch_journal_write_seconds",
            "One write of the journal, until it is on disk.",
            &metrics.journal,
        ),
    ] {
        text.family(name, Kind::Histogram, help);
        text.histogram(&[], histogram);
    }
}

fn pairs(text: &mut Text, pairs: &[PairView]) {
    let name = "tailswitch_pair_outlook";
    text.family(
        name,
        Kind::Gauge,
        "1 for the most urgent thing about the pair.",
    );
    for pair in pairs {
        text.sample(
            &[("solution", &pair.name), ("outlook", pair.outlook.word())],
            1,
        );
    }
    let name = "tailswitch_pair_active";
    text.family(
        name,
        Kind::Gauge,
        "1 if the pair's steps are carried out, 0 if only told.",
    );
    for pair in pairs {
        let is_active = pair.mode == ActionMode::Active;
        text.sample(&[("solution", &pair.name)], u8::from(is_active));
    }
    let name = "tailswitch_applications_down";
    text.family(
        name,
        Kind::Gauge,
        "Applications of the pair that are known to be down.",
    );
    for pair in pairs {
        let down = pair
            .applications
            .iter()
            .filter(|each| each.up == Some(false));
        text.sample(&[("solution", &pair.name)], down.count());
    }
    let name = "tailswitch_hold";
    text.family(
        name,
        Kind::Gauge,
        "1 for each thing that keeps the pair from being moved.",
    );
    for pair in pairs {
        for hold in &pair.holds {
            text.sample(
                &[("solution", &pair.name), ("reason", hold.reason.word())],
                1,
            );
        }
    }
    let name = "tailswitch_owed_since_seconds";
    let help = "Since when the host owes a VIP-disable, since 1970.";
    text.family(name, Kind::Gauge, help);
    for pair in pairs {
        for debt in &pair.owed {
            text.sample(
                &[("solution", &pair.name), ("host", &debt.host)],
                seconds(debt.since),
            );
        }
    }
}

fn under_way(text: &mut Text, pairs: &[PairView]) {
    let mut incidents = BTreeMap::new();
    let mut steps = BTreeMap::new();
    for incident in pairs.iter().flat_map(|pair| &pair.incidents) {
        *incidents.entry(incident.state).or_insert(0_u64) += 1;
        for step in &incident.steps {
            *steps.entry((step.action, step.state)).or_insert(0_u64) += 1;
        }
    }
    text.family(
        "tailswitch_open_incidents",
        Kind::Gauge,
        "Incidents that are open now.",
    );
    for (state, count) in incidents {
        text.sample(&[("state", state.word())], count);
    }
    text.family(
        "tailswitch_open_steps",
        Kind::Gauge,
        "Steps of incidents that are open now.",
    );
    self::steps(text, &steps);
}

fn sources(text: &mut Text, snapshot: &Snapshot) {
    let sources = &snapshot.sources;
    text.family(
        "tailswitch_sources",
        Kind::Gauge,
        "Logs that are followed, by state.",
    );
    for state in SourceState::ALL {
        let count = sources
            .iter()
            .filter(|source| source.state == *state)
            .count();
        text.sample(&[("state", state.word())], count);
    }
    let name = "tailswitch_source_lag_seconds";
    let help = "Arrival minus stamp of the newest event of the log, clock offset taken off.";
    text.family(name, Kind::Gauge, help);
    for source in sources.iter().take(SOURCES_MAX) {
        if let Some(lag) = source.lag {
            text.sample(&[("file", &source.file)], lag.as_secs_f64());
        }
    }
    let name = "tailswitch_source_grown_seconds";
    text.family(name, Kind::Gauge, "When the log last grew, since 1970.");
    for source in sources.iter().take(SOURCES_MAX) {
        if let Some(grown) = source.grown {
            text.sample(&[("file", &source.file)], seconds(grown));
        }
    }
    let mut alerts = BTreeMap::new();
    let of_pairs = snapshot.solutions.iter().flat_map(|pair| &pair.alerts);
    for alert in snapshot.alerts.iter().chain(of_pairs) {
        *alerts.entry(&*alert.class).or_insert(0_u64) += 1;
    }
    text.family(
        "tailswitch_open_alerts",
        Kind::Gauge,
        "Alerts that are open now.",
    );
    for (class, count) in alerts {
        text.sample(&[("class", class)], count);
    }
}

fn seconds(time: Time) -> f64 {
    Duration::from_micros(u64::try_from(time.micros()).unwrap_or(0)).as_secs_f64()
}

#[cfg(test)]
mod tests;
