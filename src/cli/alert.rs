//! `alert test`: whether alerts arrive, before one has to.

use std::path::Path;

use clap::{Args, Subcommand};
use indicatif::ProgressBar;

use super::output::{Format, Output};
use super::{Exit, Failure, Global, configuration, run};
use crate::alerts::Tried;
use crate::config::AlertSink;
use crate::daemon::try_alerts;
use crate::engine::Ready;
use crate::escape::escape;
use crate::json;
use crate::yaml::nearest;

/// Try the ways on which people are told
#[derive(Debug, Args)]
pub(super) struct Alert {
    #[command(subcommand)]
    verb: AlertVerb,
}

#[derive(Debug, Subcommand)]
enum AlertVerb {
    /// Send a marked test alert through the sinks, at once and without a daemon, and say what became of each
    Test {
        /// Only these: a sink's name, its kind (webhook), or its place in the list (2)
        #[arg(value_name = "SINK")]
        sinks: Vec<String>,
        /// Lines for people, or a JSON object for each sink
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

impl Alert {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let AlertVerb::Test { sinks, format } = self.verb;
        let mut output = Output::new(global, format, ProgressBar::hidden());
        let path = std::path::absolute(global.config_path()?)?;
        let config = configuration::load(&path, &[], &mut output)?;
        let ready = run::ready(config).map_err(|wrong| run::invalid(&path, &wrong, &mut output))?;
        let chosen = chosen(&ready.config.alerts, &sinks)?;
        let tried = tried(&ready, &chosen)?;
        let mut failed = false;
        for Tried { position, outcome } in tried {
            let Some((place, sink)) = chosen.get(position) else {
                continue;
            };
            failed |= outcome.is_err();
            output.line(&said(*place, sink, outcome, format)?)?;
        }
        output.finish()?;
        Ok(if failed { Exit::Failed } else { Exit::Ok })
    }
}

/// What is meant, with its place in the list; each once.
fn chosen<'a>(
    sinks: &'a [AlertSink],
    named: &[String],
) -> Result<Vec<(usize, &'a AlertSink)>, Failure> {
    let usage = |message| Failure {
        exit: Exit::Usage,
        message,
    };
    let all: Vec<(usize, &AlertSink)> = sinks.iter().enumerate().collect();
    if all.is_empty() {
        return Err(usage("the configuration has no `alerts:`".to_owned()));
    }
    if named.is_empty() {
        return Ok(all);
    }
    let is_it = |(place, sink): &(usize, &AlertSink), name: &str| {
        sink.name.as_deref() == Some(name)
            || sink.kind.word() == name
            || (place + 1).to_string() == *name
    };
    for name in named {
        if !all.iter().any(|each| is_it(each, name)) {
            let known = sinks.iter().flat_map(|sink| {
                let own = sink.name.as_deref();
                own.into_iter().chain([sink.kind.word()])
            });
            let hint = nearest(name, known).map_or(String::new(), |hint| format!(" ({hint})"));
            let count = configuration::counted(sinks.len(), "sink");
            return Err(usage(format!(
                "no sink is called `{name}`{hint}; there are {count}"
            )));
        }
    }
    let mut chosen = all;
    chosen.retain(|each| named.iter().any(|name| is_it(each, name)));
    Ok(chosen)
}

/// The commands that are run on the way leave their traces in a folder that goes away again.
fn tried(ready: &Ready, chosen: &[(usize, &AlertSink)]) -> std::io::Result<Vec<Tried>> {
    let sinks: Vec<AlertSink> = chosen.iter().map(|(_, sink)| (*sink).clone()).collect();
    let folder = std::env::temp_dir().join(format!("tailswitch-alert-{}", std::process::id()));
    let tried = try_alerts(ready, &sinks, Path::new(&folder));
    // There may be none.
    let _ = std::fs::remove_dir_all(&folder);
    tried
}

fn said(
    place: usize,
    sink: &AlertSink,
    outcome: Result<(), String>,
    format: Format,
) -> serde_json::Result<String> {
    let label = sink.label(place);
    if format == Format::Json {
        return json::line(&json::alert_test(&label, sink.kind.word(), outcome));
    }
    let label = escape(&label).into_owned();
    Ok(match outcome {
        Ok(()) => format!("{label}: delivered"),
        Err(why) => format!("{label}: NOT delivered: {}", escape(&why)),
    })
}
