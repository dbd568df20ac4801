//! The daemon's side of one job: takes a shim, hands it the order and waits for its answer.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;

use super::job::{Job, JobId};
use super::order::Order;
use super::report::Report;
use super::spool::{Spool, Spools};
use super::warm::Shims;

/// What a shim may need beyond the job's own time: the grace, the kill, the rest of the output, a slow disk.
pub(super) const SLACK: Duration = Duration::from_secs(30);
/// Each kept byte may take six in JSON.
const ANSWER_BYTES_PER_KEPT: usize = 6 * 2 * 2;
const ANSWER_BYTES: usize = 1 << 20;
/// So many shims are tried for one command.
const SHIMS_MAX: u32 = 3;

pub(super) async fn run(shims: &Shims, spools: &Spools, job: Job) -> Report {
    let id = job.id.clone();
    let spool = job.is_step.then(|| spools.of(&id));
    if let Some(spool) = &spool
        && let Err(error) = spool.create(&job)
    {
        let folder = spool.folder().display();
        return match error.kind() {
            io::ErrorKind::AlreadyExists => Report::lost(id, "it was started before"),
            _ => Report::not_run(id, format!("cannot write to {folder}: {error}")),
        };
    }
    let order = Order::of(&job, spool.as_ref().map(Spool::folder));
    let most = job
        .start_within
        .saturating_add(job.timeout)
        .saturating_add(SLACK);
    let mut answer = Err(io::ErrorKind::UnexpectedEof.into());
    // A shim that ends before it begins, as one that waited may have, did nothing: another takes its place.
    for _ in 0..SHIMS_MAX {
        if !has_ended(&answer) || spool.as_ref().is_some_and(Spool::is_claimed) {
            break;
        }
        let shim = match shims.take() {
            Ok(shim) => shim,
            Err(error) => {
                let why = format!("cannot run {}: {error}", shims.program());
                return Report::not_run(id, why);
            }
        };
        let conversation = tokio::time::timeout(most, converse(shim, &order));
        answer = conversation
            .await
            .unwrap_or(Err(io::ErrorKind::TimedOut.into()));
    }
    match (answer, spool) {
        (Ok(report), _) if report.id == id => report,
        (answer, Some(spool)) => settle(&spool, &id, &told(answer)),
        (answer, None) => Report::lost(id, told(answer)),
    }
}

/// It is gone, and said nothing.
fn has_ended(answer: &io::Result<Report>) -> bool {
    let kind = answer.as_ref().err().map(io::Error::kind);
    kind == Some(io::ErrorKind::UnexpectedEof)
}

/// What is certain of a step whose shim did not answer.
pub(super) fn settle(spool: &Spool, id: &JobId, why: &str) -> Report {
    if let Some(report) = spool.result().filter(|report| report.id == *id) {
        return report;
    }
    if spool.cancel().unwrap_or(false) || spool.is_cancelled() {
        return Report::not_run(id.clone(), why);
    }
    // It may have been written just now.
    let result = spool.result().filter(|report| report.id == *id);
    result.unwrap_or_else(|| Report::lost(id.clone(), why))
}

fn told(answer: io::Result<Report>) -> String {
    match answer {
        Ok(_) => "its runner answered for another command".to_owned(),
        Err(error) if error.kind() == io::ErrorKind::TimedOut => {
            "its runner does not answer".to_owned()
        }
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            "its runner was killed".to_owned()
        }
        Err(error) => error.to_string(),
    }
}

async fn converse(mut shim: Child, order: &Order) -> io::Result<Report> {
    let told = serde_json::to_vec(order)?;
    if let Some(mut stdin) = shim.stdin.take() {
        // A shim that is gone tells so by its silence.
        let _ = stdin.write_all(&told).await;
    }
    let mut answer = Vec::new();
    if let Some(stdout) = shim.stdout.take() {
        let kept = order.kept_bytes.saturating_mul(ANSWER_BYTES_PER_KEPT);
        let most = kept.saturating_add(ANSWER_BYTES);
        stdout.take(most as u64).read_to_end(&mut answer).await?;
    }
    if answer.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&answer)?)
}
