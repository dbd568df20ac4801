//! The operator's verbs: `pause`, `resume`, `ack`, `force`. Each says who asks and why, and is journaled by the daemon.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;
use indicatif::ProgressBar;

use super::daemon::{Answer, Daemon};
use super::output::{Format, Output};
use super::{Exit, Failure, Global};
use crate::config::Config;
use crate::decide::plan;
use crate::escape::escape;
use crate::json;
use crate::operate::verb;
use crate::why::does;

/// Who asks, and why.
#[derive(Clone, Debug, Args)]
pub(super) struct Signed {
    /// Who asks
    #[arg(long, value_name = "WHO")]
    pub(super) by: String,
    /// The reason, one line; it is journaled
    #[arg(long, value_name = "TEXT")]
    pub(super) why: String,
    /// Sentences for people, or one JSON object
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

/// Hold all steps of a pair for a while; what is held is not run late
#[derive(Debug, Args)]
pub(super) struct Pause {
    /// The pair
    solution: String,
    /// How long: 30m, 2h; a pause always has an end
    #[arg(long = "for", value_name = "DURATION")]
    length: String,
    #[command(flatten)]
    signed: Signed,
}

/// End a pause before its time
#[derive(Debug, Args)]
pub(super) struct Resume {
    /// The pair
    solution: String,
    #[command(flatten)]
    signed: Signed,
}

/// Acknowledge an incident: frees the lock, the block or the flapping that it caused
#[derive(Debug, Args)]
pub(super) struct Ack {
    /// The incident, as `status` names it
    #[arg(value_name = "ID")]
    incident: String,
    #[command(flatten)]
    signed: Signed,
}

/// Move a pair to a host, past block, lock and pause; never during a running reaction
#[derive(Debug, Args)]
pub(super) struct Force {
    /// The pair
    solution: String,
    /// The host that is to be primary
    #[arg(long, value_name = "HOST")]
    to: String,
    /// Do not ask for the pair's name
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    signed: Signed,
}

impl Pause {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (signed, solution, length) = (self.signed, self.solution, self.length);
        send(global, &signed, "/api/v1/pause", &|by, why| verb::Pause {
            solution: solution.clone(),
            length: length.clone(),
            by,
            why,
        })
    }
}

impl Resume {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (signed, solution) = (self.signed, self.solution);
        send(global, &signed, "/api/v1/resume", &|by, why| verb::Resume {
            solution: solution.clone(),
            by,
            why,
        })
    }
}

impl Ack {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let (signed, incident) = (self.signed, self.incident);
        send(global, &signed, "/api/v1/ack", &|by, why| {
            verb::Acknowledge {
                incident: incident.clone(),
                by,
                why,
            }
        })
    }
}

impl Force {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let signed = self.signed;
        let mut output = Output::new(global, signed.format, ProgressBar::hidden());
        let daemon = Daemon::new(global, &mut output)?;
        let steps = steps(&daemon.config, &self.solution, &self.to)?;
        for line in &steps {
            output.note(line);
        }
        if !self.yes {
            confirmed(&self.solution)?;
        }
        let (by, why) = (signed.by, signed.why);
        let body = json::line(&verb::Force {
            solution: self.solution,
            to: self.to,
            by,
            why,
        })?;
        told(
            daemon.post("/api/v1/force", &body)?,
            signed.format,
            &mut output,
        )
    }
}

fn send<B: serde::Serialize>(
    global: &Global,
    signed: &Signed,
    path: &str,
    body: &dyn Fn(String, String) -> B,
) -> anyhow::Result<Exit> {
    let mut output = Output::new(global, signed.format, ProgressBar::hidden());
    let daemon = Daemon::new(global, &mut output)?;
    let body = json::line(&body(signed.by.clone(), signed.why.clone()))?;
    told(daemon.post(path, &body)?, signed.format, &mut output)
}

/// Prints what was done; a refusal ends the command with 75 and its reason.
pub(super) fn told(answer: Answer, format: Format, output: &mut Output) -> anyhow::Result<Exit> {
    let text = answer.text()?;
    match format {
        Format::Json => output.text(&escape(text.trim_end()))?,
        Format::Text => {
            let object: serde_json::Value = serde_json::from_str(&text)?;
            let done = object.get("done").and_then(|done| done.as_array());
            for line in done.into_iter().flatten().filter_map(|line| line.as_str()) {
                output.line(&escape(line))?;
            }
        }
    }
    Ok(output.finish()?)
}

/// The plan of the move in words; a failure for a pair or a host that is not configured.
fn steps(config: &Config, solution: &str, to: &str) -> Result<Vec<String>, Failure> {
    let usage = |message: String| Failure {
        exit: Exit::Usage,
        message,
    };
    let topology = &config.topology;
    let (index, pair) = topology
        .solutions
        .iter()
        .enumerate()
        .find(|(_, each)| *each.name == *solution)
        .ok_or_else(|| usage(format!("there is no solution `{solution}`")))?;
    let host = topology
        .host(to)
        .iter()
        .find_map(|(of, host)| (*of == index).then_some(*host))
        .ok_or_else(|| {
            let [one, other] = pair.hosts.each_ref().map(|host| &host.name);
            usage(format!("the hosts of {solution} are {one} and {other}"))
        })?;
    let mut told = vec![format!("{} moves to {}:", pair.name, escape(to))];
    for (position, step) in plan(pair, host).iter().enumerate() {
        let target = match step.application {
            Some(application) => pair.applications.get(application).map(|each| &each.name),
            None => pair.hosts.get(step.host).map(|each| &each.name),
        };
        told.push(format!(
            "  {}. {} {}; {}",
            position + 1,
            does(step.action),
            target.map_or("?", |name| &**name),
            step.reason.sentence()
        ));
    }
    told.push("what is so already is left as it is".into());
    Ok(told)
}

/// Asks for the pair's name, which nobody types by habit.
fn confirmed(solution: &str) -> Result<(), Failure> {
    let refuse = |exit, message: &str| Failure {
        exit,
        message: message.into(),
    };
    if !io::stdin().is_terminal() {
        let message = "there is no terminal to ask at: confirm with --yes";
        return Err(refuse(Exit::Usage, message));
    }
    // Where nothing can be shown nothing is confirmed: the answer is then wrong.
    let _ = write!(io::stderr(), "type the pair's name to go on: ");
    let _ = io::stderr().flush();
    let mut typed = String::new();
    let read = io::stdin().lock().read_line(&mut typed);
    if read.is_err() || typed.trim() != solution {
        let message = "not confirmed: nothing was done";
        return Err(refuse(Exit::Failed, message));
    }
    Ok(())
}
