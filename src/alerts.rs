//! Alerts: what people and their programs are told, and how it reaches them without ever delaying a step.
//!
//! A [`Notice`] follows from an entry of the core (`notice`), is appended to the spool of each sink that wants it
//! (`spool`), and is delivered from there by a thread of that sink (`deliver`). The spool outlives a restart, so an
//! alert is told at least once; its key lets the receiver know it again. The engine only ever hands a notice to a
//! bounded queue: where even that is full, the notice is counted and dropped, and steps go on.

mod deliver;
mod machine;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
mod notice;
mod spool;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{Sender, TrySendError, bounded};

use self::deliver::Delivery;
pub use self::deliver::RunCommand;
pub use self::notice::{Notice, Phase, event, of_entry};
use self::spool::Spool;
use crate::config::{AlertSink, Secrets, SinkKind};

/// So many notices may wait for the spools; an hour of trouble has fewer.
const QUEUE_MAX: usize = 4_096;

/// The way to all sinks.
pub struct Alerts {
    queue: Sender<Arc<Notice>>,
    dropped: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
}

impl Alerts {
    /// Starts a thread for each sink of these kinds: `command`, `stream`, `file`. `folder` holds their spools,
    /// `base` is what relative files are relative to.
    pub fn start(
        sinks: &[AlertSink],
        secrets: &Arc<Secrets>,
        folder: &Path,
        base: &Path,
        run_command: RunCommand,
    ) -> std::io::Result<Alerts> {
        std::fs::create_dir_all(folder)?;
        let (queue, notices) = bounded::<Arc<Notice>>(QUEUE_MAX);
        let mut threads = Vec::new();
        let mut spools = Vec::new();
        for (number, sink) in sinks.iter().enumerate() {
            if !matches!(
                sink.kind,
                SinkKind::Command(_) | SinkKind::Stream(_) | SinkKind::File(_)
            ) {
                continue;
            }
            let (spool, unread) = Spool::open(&folder.join(format!("sink-{number}.jsonl")))?;
            let delivery = Delivery::new(
                sink.clone(),
                secrets.clone(),
                base.to_owned(),
                run_command.clone(),
            );
            threads.push(std::thread::spawn(move || delivery.run(unread)));
            spools.push((sink.clone(), spool));
        }
        let dropped = Arc::new(AtomicU64::new(0));
        let lost = dropped.clone();
        threads.push(std::thread::spawn(move || {
            for notice in notices {
                for (sink, spool) in &mut spools {
                    let wanted =
                        sink.wants(notice.class, notice.severity, notice.solution.as_deref());
                    if wanted && spool.append(&notice).is_err() {
                        lost.fetch_add(1, Ordering::Relaxed);
                    }
                }
            }
        }));
        Ok(Alerts {
            queue,
            dropped,
            threads,
        })
    }

    /// Hands a notice on; never waits.
    pub fn tell(&self, notice: Notice) {
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) =
            self.queue.try_send(Arc::new(notice))
        {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notices that could not even be spooled.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Lets the threads deliver what they can at once, and ends them. What stays undelivered waits in the spools.
    pub fn stop(self) {
        drop(self.queue);
        for thread in self.threads {
            // A sink that panicked has nothing left to deliver.
            let _ = thread.join();
        }
    }
}

/// How long a sink waits before it tries the same notice again: 1 s, doubled each time, at most 5 min.
fn pause_after(failures: u32) -> Duration {
    Duration::from_secs(1)
        .saturating_mul(1 << failures.min(9))
        .min(Duration::from_secs(300))
}

/// A relative path is relative to the configuration.
fn placed(base: &Path, path: &Path) -> PathBuf {
    if path.is_absolute() {
        path.to_owned()
    } else {
        base.join(path)
    }
}

#[cfg(test)]
mod tests;
