//! `settle`: somebody has looked at what was found broken in the journal, and takes the state for what it is.

use std::sync::Arc;

use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;

use super::operate::Signed;
use super::output::{Format, Output};
use super::{Exit, Failure, Global, configuration};
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::escape::escape;
use crate::journal::{Damage, FolderError, Journal, Moment, OpenError, Recovered, Setup};
use crate::json;
use crate::operate::verb;
use crate::snapshot::VERSION;

/// Settle what was found broken in the journal, so that the next daemon acts again; the daemon must be stopped
#[derive(Debug, Args)]
pub(super) struct Settle {
    #[command(flatten)]
    signed: Signed,
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "settled")]
struct Settled<'a> {
    by: &'a str,
    why: &'a str,
    settled: &'a [Damage],
}

impl Settle {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        let Signed { by, why, format } = self.signed;
        let mut output = Output::new(global, format, ProgressBar::hidden());
        let (by, why) = verb::signature(&by, &why).map_err(|message| Failure {
            exit: Exit::Usage,
            message,
        })?;
        let config = configuration::load(&global.config_path()?, &[], &mut output)?;
        let found = settle(&config, &by, &why)?;
        match format {
            Format::Json => output.line(&json::line(&Settled {
                by: &by,
                why: &why,
                settled: &found,
            })?)?,
            Format::Text => tell(&found, &by, &mut output)?,
        }
        Ok(output.finish()?)
    }
}

/// What was broken and is settled now. The journal is held meanwhile, and left in order.
fn settle(config: &Config, by: &Arc<str>, why: &Arc<str>) -> Result<Vec<Damage>, Failure> {
    if !config.state.is_dir() {
        let message = format!("{}: there is no journal", config.state.display());
        let exit = Exit::Unreadable;
        return Err(Failure { exit, message });
    }
    let clock = SystemClock::new();
    let setup = Setup {
        clock: &clock,
        version: VERSION,
        config: "",
    };
    let opened = Journal::open(&config.state, &config.topology, &setup);
    let (mut journal, found) = opened.map_err(refused)?;
    let Recovered {
        damage,
        state,
        last,
        ..
    } = found;
    let now = clock.wall();
    let settled = journal.settle_damage(now, by, why);
    let core = last.map_or(now, |last| last.core_now(&clock));
    let closed = settled.and_then(|_| journal.close(Moment::now(core, &clock), &state));
    closed.map_err(|dead| Failure {
        exit: Exit::Failed,
        message: format!("nothing is settled: {dead}"),
    })?;
    Ok(damage)
}

fn refused(error: OpenError) -> Failure {
    let exit = match &error {
        OpenError::Folder(FolderError::Held { .. }) => Exit::Held,
        _ => Exit::Unreadable,
    };
    let stop = match exit {
        Exit::Held => "; stop the daemon first",
        _ => "",
    };
    let message = format!("{error}{stop}");
    Failure { exit, message }
}

fn tell(found: &[Damage], by: &str, output: &mut Output) -> std::io::Result<()> {
    for damage in found {
        output.line(&format!("found {}: {}", damage.found, escape(&damage.what)))?;
        if let Some(aside) = &damage.aside {
            output.line(&format!("  the broken files are kept in {}", escape(aside)))?;
        }
    }
    output.line(&match found.len() {
        0 => "nothing was found broken; there is nothing to settle".to_owned(),
        1 => format!("settled by {}: the next daemon acts again", escape(by)),
        many => format!(
            "all {many} settled by {}: the next daemon acts again",
            escape(by)
        ),
    })
}
