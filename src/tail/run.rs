//! The threads: each drives its readers by the clock, by notifications, and until it is stopped.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TryRecvError, after, bounded, select};

use super::log::shown;
use super::reader::Reader;
use super::state::{Condition, SourceState};
use super::watch::{Bell, Watch};
use super::{Plan, Positions, Settings, Stopped, Tailed};
use crate::clock::Clock;

/// So many threads read at most; more groups share them.
const THREADS_MAX: usize = 32;
/// However often it is woken, a thread looks no more often than this.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// For an orderly end, positions are told for so long if nobody takes them.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The threads that read.
pub struct Tailer {
    threads: Vec<JoinHandle<()>>,
    /// Closed to stop.
    stop: Option<Sender<()>>,
    rescans: Arc<AtomicU64>,
}

/// Reads all sources of the plan and sends what they tell. Where the channel is full, the reader waits.
///
/// `positions` are those of an earlier process; what is left of them belongs to no source any more.
pub fn start(
    plan: Arc<Plan>,
    settings: Settings,
    positions: &mut Positions,
    sender: Sender<Tailed>,
    clock: Arc<dyn Clock>,
) -> io::Result<Tailer> {
    let readers = Reader::all(&plan, &settings, positions);
    let (stop, stopped) = bounded(0);
    let rescans = Arc::new(AtomicU64::new(0));
    let count = readers.len().clamp(1, THREADS_MAX);
    let mut shares: Vec<Vec<Reader>> = (0..count).map(|_| Vec::new()).collect();
    for (index, reader) in readers.into_iter().enumerate() {
        if let Some(share) = shares.get_mut(index % count) {
            share.push(reader);
        }
    }
    let mut tailer = Tailer {
        threads: Vec::new(),
        stop: Some(stop),
        rescans: rescans.clone(),
    };
    for readers in shares {
        let (bell, rung) = Bell::new(rescans.clone());
        let driver = Driver {
            readers,
            watch: Watch::new(bell.clone()),
            unwatched: Vec::new(),
            poll: settings.poll,
            bell,
            rung,
            stopped: stopped.clone(),
            sender: sender.clone(),
            clock: clock.clone(),
        };
        let thread = thread::Builder::new().name("tail".to_owned());
        tailer.threads.push(thread.spawn(move || driver.drive())?);
    }
    Ok(tailer)
}

impl Tailer {
    /// How often notifications failed, and everything was looked at instead.
    pub fn rescans(&self) -> Arc<AtomicU64> {
        self.rescans.clone()
    }

    /// Ends the reading. The last positions are still sent; keep receiving until this returns.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        drop(self.stop.take());
        for thread in self.threads.drain(..) {
            // A thread that panicked has told why on standard error.
            let _ = thread.join();
        }
    }
}

impl Drop for Tailer {
    fn drop(&mut self) {
        self.end();
    }
}

struct Driver {
    readers: Vec<Reader>,
    watch: Watch,
    /// Folders of which it was told that they cannot be watched.
    unwatched: Vec<Arc<str>>,
    poll: Duration,
    bell: Arc<Bell>,
    rung: Receiver<()>,
    stopped: Receiver<()>,
    sender: Sender<Tailed>,
    clock: Arc<dyn Clock>,
}

impl Driver {
    fn drive(mut self) {
        let begun = self.clock.boottime();
        if self.readers.is_empty() {
            select! {
                send(self.sender, Tailed::CaughtUp) -> _ => {}
                recv(self.stopped) -> _ => {}
            }
            return;
        }
        while let Ok(more) = self.round(begun) {
            if !more && self.wait() == Err(Stopped) {
                break;
            }
        }
        let sender = self.sender.clone();
        let mut last = |tailed| {
            let sent = sender.send_timeout(tailed, LAST_WORDS);
            sent.map_err(|_| Stopped)
        };
        let now = self.clock.boottime().saturating_sub(begun);
        for reader in &mut self.readers {
            if reader.tell_positions(now, &mut last).is_err() {
                return;
            }
        }
    }

    /// One look at everything; true if there is more to read at once.
    fn round(&mut self, begun: Duration) -> Result<bool, Stopped> {
        let (sender, stopped) = (&self.sender, &self.stopped);
        let mut send = |tailed| {
            select! {
                send(sender, tailed) -> sent => sent.map_err(|_| Stopped),
                recv(stopped) -> _ => Err(Stopped),
            }
        };
        let mut more = false;
        let list = self.bell.wants_list();
        for reader in &mut self.readers {
            let now = self.clock.boottime().saturating_sub(begun);
            let list = list || reader.is_due(now);
            // A folder is watched before it is listed, so that no name falls between.
            for (folder, below) in reader.folders().filter(|_| list) {
                let about = shown(folder);
                let Some(why) = self.watch.watch(folder, below) else {
                    continue;
                };
                if !self.unwatched.contains(&about) {
                    self.unwatched.push(about.clone());
                    send(Tailed::State(SourceState {
                        about,
                        condition: Condition::Polling,
                        open: true,
                        text: format!("read by polling alone: {why}"),
                    }))?;
                }
            }
            more |= reader.poll_once(now, list, &mut send)?.more;
        }
        // Between two rounds without an end, too, it can be stopped.
        match self.stopped.try_recv() {
            Err(TryRecvError::Empty) => Ok(more),
            _ => Err(Stopped),
        }
    }

    /// Until the next look is due, or something woke.
    fn wait(&self) -> Result<(), Stopped> {
        match self.stopped.recv_timeout(LOOK_EVERY) {
            Err(RecvTimeoutError::Timeout) => {}
            _ => return Err(Stopped),
        }
        select! {
            recv(self.rung) -> _ => Ok(()),
            recv(self.stopped) -> _ => Err(Stopped),
            recv(after(self.poll)) -> _ => Ok(()),
        }
    }
}
