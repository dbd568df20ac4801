//! After a restart: what became of the commands that an earlier daemon started.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::Dispatcher;
use super::job::{JobId, Urgency};
#[cfg(unix)]
use super::process::{Process, end_session};
use super::report::Report;
use super::runner::{SLACK, settle};
use super::spool::{Runner, Spool};

/// How often a shim that is not our child is looked at.
const POLL: Duration = Duration::from_millis(50);

/// What the folder of a job says.
enum Found {
    Known(Box<Report>),
    /// The shim is alive.
    Runs(Runner),
}

pub(super) fn adopt(dispatcher: &Dispatcher, in_doubt: &[JobId]) {
    for id in in_doubt {
        let spool = dispatcher.0.spools.of(id);
        match look(&spool, id) {
            Found::Known(report) => dispatcher.report(*report),
            Found::Runs(runner) => follow(dispatcher, id.clone(), spool, runner),
        }
    }
    let wanted: HashSet<_> = in_doubt
        .iter()
        .map(|id| dispatcher.0.spools.of(id).folder().to_owned())
        .collect();
    for spool in dispatcher.0.spools.all() {
        if !wanted.contains(spool.folder())
            && !spool.runner().is_some_and(|it| is_alive(&it, &spool))
        {
            spool.remove();
        }
    }
}

fn look(spool: &Spool, id: &JobId) -> Found {
    let known = |report| Found::Known(Box::new(report));
    // Also if a shim that came too late says why it did nothing.
    if spool.is_cancelled() {
        return known(Report::not_begun(id.clone()));
    }
    if let Some(report) = spool.result().filter(|report| report.id == *id) {
        return known(report);
    }
    let Some(ticket) = spool.ticket().filter(|ticket| ticket.id == *id) else {
        return known(Report::untraced(id.clone()));
    };
    if !ticket.is_of_this_boot() {
        return known(Report::lost(id.clone(), "the machine was restarted"));
    }
    // Now it cannot begin any more, unless it has.
    if !spool.is_claimed() && spool.cancel().unwrap_or(false) {
        return known(Report::not_begun(id.clone()));
    }
    match spool.runner().filter(|runner| is_alive(runner, spool)) {
        Some(runner) => Found::Runs(runner),
        None => known(settle(spool, id, "its runner is gone")),
    }
}

/// Waits for a shim that another process started.
fn follow(dispatcher: &Dispatcher, id: JobId, spool: Spool, runner: Runner) {
    let ticket = spool.ticket();
    let host = ticket
        .as_ref()
        .map_or_else(|| Arc::from(""), |ticket| ticket.host.clone());
    let urgency = ticket.map_or(Urgency::Rest, |ticket| ticket.urgency);
    dispatcher.queue().begun(id.clone(), host, urgency);
    let this = dispatcher.clone();
    dispatcher.0.runtime.spawn(async move {
        let most = runner.until.plus(SLACK);
        while spool.result().is_none() && is_alive(&runner, &spool) && !most.is_past() {
            tokio::time::sleep(POLL).await;
        }
        let why = match most.is_past() {
            true => "its runner does not answer",
            false => "its runner is gone",
        };
        this.ended(settle(&spool, &id, why));
    });
}

/// A command whose shim was killed has its deadline all the same; the daemon holds it then.
#[cfg(unix)]
pub(super) fn end_orphans(dispatcher: &Dispatcher, id: &JobId) {
    let runner = dispatcher.0.spools.of(id).runner();
    let Some(runner) = runner.filter(Runner::is_of_this_boot) else {
        return;
    };
    let Some(leader) = Process::of(runner.pid, runner.start) else {
        return;
    };
    let runtime = &dispatcher.0.runtime;
    let blocking = runtime.clone();
    runtime.spawn(async move {
        tokio::time::sleep(runner.until.ahead()).await;
        blocking.spawn_blocking(move || end_session(leader));
    });
}

#[cfg(not(unix))]
pub(super) fn end_orphans(_dispatcher: &Dispatcher, _id: &JobId) {}

/// True only for the very process that wrote the record, which carries out one job and ends.
#[cfg(unix)]
fn is_alive(runner: &Runner, spool: &Spool) -> bool {
    use std::os::unix::ffi::OsStrExt;
    let steps = spool.folder().parent().unwrap_or(Path::new(""));
    let steps = steps.as_os_str().as_bytes();
    let process = Process::of(runner.pid, runner.start);
    runner.is_of_this_boot()
        && process.is_some_and(|process| process.is_alive() && process.has_argument(steps))
}

#[cfg(not(unix))]
fn is_alive(_runner: &Runner, _spool: &Spool) -> bool {
    false
}

#[cfg(test)]
mod tests;
