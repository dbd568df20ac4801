//! The process between the daemon and one command: `tailswitch run-step`.
//!
//! It has one thread and one loop. It outlives the daemon, and nothing outlives it: as the reaper of all that descends
//! from it, it finds also a grandchild that left the session.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use super::clock::{self, Moment};
use super::mask::Mask;
use super::order::Order;
use super::process::Process;
use super::report::{Ended, Report};
use super::spool::{Runner, Spool};

mod isolate;
mod program;
mod running;

use running::Running;

/// Carries out the order that comes on standard input; without one there is nothing to do. Its report goes into the job's folder, if the job has one, and
/// then to standard output.
pub fn run_step() -> io::Result<()> {
    let wake = isolate::isolate()?;
    let Some(order) = Order::read(io::stdin().lock())? else {
        return Ok(());
    };
    let spool = order.trace.clone().map(Spool::at);
    let mask = Mask::new(order.secrets.iter().map(String::as_str));
    let running = program::command(&order).and_then(|command| {
        guard(&order, spool.as_ref())?;
        Running::start(command, &order, &mask, wake)
    });
    let mut running = match running {
        Ok(running) => running,
        Err(why) => {
            let report = order.report(Ended::NotRun(mask.text(&why)));
            return deliver(spool.as_ref(), &report);
        }
    };
    let (ended, left_running) = running.until_ended();
    let (stdout, stderr) = running.output(&mask);
    let report = Report {
        started: Some(running.started()),
        finished: Some(clock::wall()),
        stdout,
        stderr,
        left_running,
        ..order.report(ended)
    };
    let delivered = deliver(spool.as_ref(), &report);
    // What the command left behind has its deadline too.
    running.until_alone();
    delivered
}

/// The last look before the command begins: is it still wanted, and is it not too late? An order that was taken back
/// never begins, and one that begins can no longer be taken back.
fn guard(order: &Order, spool: Option<&Spool>) -> Result<(), String> {
    if order.start_by.is_past() {
        return Err("it could not be started in time".to_owned());
    }
    let Some(spool) = spool else {
        return Ok(());
    };
    let cannot =
        |error: io::Error| format!("cannot write to {}: {error}", spool.folder().display());
    let this = Process::this();
    let runner = Runner {
        pid: std::process::id(),
        start: this.map_or(0, |this| this.start),
        boot: clock::boot(),
        until: Moment::now().plus(order.timeout),
    };
    spool.write_runner(&runner).map_err(cannot)?;
    match spool.claim().map_err(cannot)? {
        true => Ok(()),
        false => Err("it was cancelled".to_owned()),
    }
}

/// The answer goes out even if the disk refuses it: the daemon that is alive then still learns it.
fn deliver(spool: Option<&Spool>, report: &Report) -> io::Result<()> {
    let written = spool.map_or(Ok(()), |spool| spool.write_result(report));
    let answer = serde_json::to_vec(report)?;
    let answered = io::stdout().write_all(&answer);
    let answered = answered.and_then(|()| io::stdout().flush());
    // The end of the answer, while this process may have to stay.
    rustix::stdio::dup2_stdout(File::options().write(true).open(Path::new("/dev/null"))?)?;
    // With the report on disk nobody has to listen.
    match spool {
        Some(_) => written,
        None => answered,
    }
}
