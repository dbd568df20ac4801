//! The keeper: one thread that copies every backlog to its spool. Where the disk fails or hangs, it alone waits.
//!
//! A spool is named by what its sink is, so that a configuration that puts its sinks in another order gives none of
//! them what was meant for another. What a sink that is not configured any more was still to be told stays in its
//! spool, is said at the start, and is delivered if the sink comes back.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::Receiver;
use sha2::{Digest, Sha256};

use super::backlog::Backlog;
use super::spool::{Left, Spool, left};
use super::{Notice, pause_after};
use crate::config::{AlertSink, Hole, Holes, SinkKind};
use crate::escape::escape;

/// How a spool's file ends.
const ENDING: &str = "spool";

/// The spools of some sinks, in their order.
pub(super) struct Keeper {
    kept: Vec<(Arc<Backlog>, Spool)>,
    failures: u32,
    /// Set before the last ring.
    ending: Arc<AtomicBool>,
}

impl Keeper {
    pub fn new(kept: Vec<(Arc<Backlog>, Spool)>, ending: Arc<AtomicBool>) -> Keeper {
        Keeper {
            kept,
            failures: 0,
            ending,
        }
    }

    /// Copies what is new whenever the bell is rung, and what failed after a pause.
    pub fn run(mut self, bell: &Receiver<()>) {
        loop {
            let is_last = self.ending.load(Ordering::Acquire);
            self.copy();
            if is_last {
                return;
            }
            let pause = match self.failures {
                0 => Duration::from_secs(3600),
                failures => pause_after(failures - 1),
            };
            // Rung, or it is time, or nobody is left to ring: each is a reason to look.
            let _ = bell.recv_timeout(pause);
        }
    }

    fn copy(&mut self) {
        let mut failed = false;
        for (backlog, spool) in &mut self.kept {
            let outcome = spool.copy(backlog).map_err(|error| error.to_string());
            failed |= outcome.is_err();
            let is_news = backlog.kept(outcome.as_ref().copied().map_err(String::as_str));
            match outcome {
                Err(error) if is_news => {
                    tracing::error!(%error, "alerts are kept in memory only, and do not outlive the daemon");
                }
                Ok(()) if is_news => tracing::info!("alerts are kept on disk again"),
                _ => {}
            }
        }
        self.failures = if failed {
            self.failures.saturating_add(1)
        } else {
            0
        };
    }
}

/// Reads what an earlier life left of a sink; a spool that cannot be read is told, and counts as empty.
pub(super) fn recall(path: &Path) -> Left {
    left(path).unwrap_or_else(|error| {
        let path = path.display().to_string();
        tracing::error!(spool = %escape(&path), %error, "the alerts of an earlier run cannot be read");
        Left::default()
    })
}

/// Where the spool of each sink is.
pub(super) fn paths(folder: &Path, sinks: &[AlertSink]) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for sink in sinks {
        let name = name(&sink.kind);
        let twins = 1..;
        // Two sinks that are the same have a spool each.
        let path = twins
            .map(|twin| folder.join(format!("{name}-{twin}.{ENDING}")))
            .find(|path| !paths.contains(path));
        paths.extend(path);
    }
    paths
}

/// Says which sinks are gone and were still to be told something; spools that hold nothing more are removed.
pub(super) fn orphans(folder: &Path, known: &[PathBuf]) -> Vec<String> {
    let mut told = Vec::new();
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut orphans: Vec<PathBuf> = names.map(|entry| entry.path()).collect();
    orphans.retain(|path| {
        path.extension().is_some_and(|ending| ending == ENDING) && !known.contains(path)
    });
    orphans.sort();
    for path in orphans {
        match recall(&path).waiting.len() {
            0 => drop(std::fs::remove_file(&path)),
            count => told.push(format!(
                "{count} alerts wait for a sink that is not configured any more: {}",
                path.display()
            )),
        }
    }
    told
}

/// What a sink is, without what it wants to hear.
fn name(kind: &SinkKind) -> String {
    let named = |holes: Holes, hole: &Hole| holes.with(*hole, format!("{{{hole}}}"));
    let holes = Hole::ALL.iter().fold(Holes::default(), named);
    let (word, parts) = match kind {
        SinkKind::Command(command) => ("command", command.argv(&holes)),
        SinkKind::Stream(command) => ("stream", command.argv(&holes)),
        SinkKind::File(path) => ("file", vec![path.display().to_string()]),
        other => ("sink", vec![format!("{other:?}")]),
    };
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let hash = hash.finalize();
    let hash = hash.iter().take(6).map(|byte| format!("{byte:02x}"));
    format!("{word}-{}", hash.collect::<String>())
}

/// What is said of a sink that is gone.
pub(super) fn orphaned(text: &str, now: crate::time::Time) -> Notice {
    Notice::of_daemon(
        "alerts-left",
        "alerts of an earlier configuration were not delivered",
        now,
    )
    .with_text(text)
}
