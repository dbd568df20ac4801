//! How the daemon tells: its sinks, and what it says before there is an engine.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::alerts::{Alerts, Notice, RunCommand, Running, Setup, event};
use crate::config::Config;
use crate::decide::{Entry, EntryKind, Outcome, Reason};
use crate::dispatch::{Dispatcher, Job, JobId, Urgency};
use crate::engine::Ready;
use crate::escape::escape;
use crate::journal::{Reader, Recovered};
use crate::time::Time;

/// Starts the sinks; their commands are carried out by the dispatcher. `folder` holds what outlives a restart.
pub(super) fn start(
    ready: &Ready,
    dispatcher: &Dispatcher,
    folder: Option<PathBuf>,
    now: Time,
) -> io::Result<Running> {
    let config = &ready.config;
    let run_command = commands(ready, dispatcher);
    if folder.is_none() && !config.alerts.is_empty() {
        tracing::error!("alerts are kept in memory only: the state folder cannot be used");
    }
    let setup = Setup {
        secrets: &ready.secrets,
        folder: folder.as_deref(),
        base: config.base(),
        run_command,
    };
    Alerts::start(&config.alerts, &setup, now)
}

/// A sink's commands, each with its deadline.
pub(super) fn commands(ready: &Ready, dispatcher: &Dispatcher) -> RunCommand {
    let (dispatcher, secrets) = (dispatcher.clone(), ready.secrets.clone());
    let base = ready.config.base().to_owned();
    let number = AtomicU64::new(0);
    Arc::new(move |argv, timeout| {
        let id = format!("alert-{}", number.fetch_add(1, Ordering::Relaxed));
        let job = Job::question(JobId::new(id), Urgency::Rest, "alerts", argv)
            .within(timeout)
            .in_folder(&base)
            .masking(&secrets);
        match dispatcher.ask(job).outcome() {
            Some(Outcome::Succeeded) => Ok(()),
            Some(Outcome::Failed(why) | Outcome::NotRun(why)) => Err(why),
            Some(_) => Err("it did not end in time".into()),
            None => Err("nobody knows how it ended".into()),
        }
    })
}

/// So many events are told again at most.
const AGAIN_MAX: usize = 10_000;

/// Tells of the events that the journal holds and no sink was told of: what was decided and not yet told is in no
/// log that is read again.
pub(super) fn again(alerts: &Alerts, config: &Config) {
    let Some(upto) = alerts.told_upto() else {
        return;
    };
    let decided = Reader::open(&config.state)
        .and_then(|journal| journal.entries_behind(upto, AGAIN_MAX))
        .unwrap_or_default();
    for line in decided
        .iter()
        .filter(|line| line.kind == EntryKind::Decided.word())
    {
        if let Ok(Entry::Decided(decision)) = line.entry()
            && decision.reason != Reason::History
        {
            alerts.tell_again(line.seq, event(&config.topology, &decision.event));
        }
    }
    if let Some(last) = decided.last() {
        alerts.recorded(last.seq);
    }
}

/// What the journal shows of the time before.
pub(super) fn found(found: &Recovered, now: Time) -> Vec<Notice> {
    let mut notices = Vec::new();
    for note in &found.notes {
        tracing::warn!("journal: {}", escape(note));
    }
    for damage in &found.damage {
        tracing::error!(
            "journal: {}; nothing acts until that is settled",
            escape(&damage.what)
        );
        let title = "the journal was found broken: nothing acts until somebody settles that";
        let remedy = Reason::JournalBroken.remedy().unwrap_or_default();
        let text = format!("{}\n{remedy}", damage.what);
        notices.push(Notice::of_daemon("journal-broken", title, now).with_text(&text));
    }
    for incident in &found.left_behind {
        let title = format!("{incident} is of an earlier configuration and is left as it was");
        tracing::warn!("{}", escape(&title));
        notices.push(Notice::of_daemon(&format!("left:{incident}"), &title, now));
    }
    notices
}
