//! What one sink is still to be told, in memory: the truth of this process. The spool on disk is its copy.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::ledger::Ledger;
use super::spool::Left;
use super::{Notice, Trouble};
use crate::config::AlertSink;
use crate::journal::Seq;
use crate::metrics::SinkCount;
use crate::time::Time;
use crate::topology::AlertClass;

/// So many undelivered notices are kept; later ones are dropped and counted.
const WAITING_MAX: usize = 20_000;
/// Their texts take so much room at most.
const WAITING_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Shared by the engine, which adds, the sink's thread, which delivers, and the keeper, which copies to the disk.
pub(super) struct Backlog {
    pub sink: AlertSink,
    inner: Mutex<Inner>,
    /// There is something to deliver.
    ring: Sender<()>,
    pub rung: Receiver<()>,
}

#[derive(Default)]
struct Inner {
    ledger: Ledger,
    waiting: VecDeque<Arc<Notice>>,
    bytes: usize,
    /// Told, and not copied to the disk yet; where a disk hangs for long, not all of it.
    unkept: Vec<Arc<Notice>>,
    unkept_is_all: bool,
    /// So many were delivered since the start.
    delivered: u64,
    /// It was told of all events that the journal holds up to there.
    upto: Option<Seq>,
    /// It was told of an event since then.
    unmarked: bool,
    /// The events that an earlier life told it of, by their keys, while that matters.
    recalled: BTreeSet<Arc<str>>,
    /// When it was last told the time.
    now: Option<Time>,
    not_delivered: Option<Trouble>,
    not_kept: Option<Trouble>,
    /// One of the two came, went or changed since this was last asked.
    changed: bool,
    dropped: u64,
    refused: u64,
    failures: u64,
    closing: bool,
}

/// What the disk does not have yet.
pub(super) struct News {
    pub notices: Vec<Arc<Notice>>,
    /// There were too many to remember: only a new spool can hold all of it.
    pub is_all: bool,
    /// So many were delivered since the start.
    pub delivered: u64,
    pub upto: Option<Seq>,
}

/// All that a new spool has to hold.
pub(super) struct Whole {
    pub open: Vec<Arc<Notice>>,
    pub waiting: Vec<Arc<Notice>>,
    pub delivered: u64,
    pub upto: Option<Seq>,
}

impl Backlog {
    /// With what an earlier life left.
    pub fn new(sink: AlertSink, left: Left) -> Backlog {
        let (ring, rung) = bounded(1);
        let mut inner = Inner {
            unkept_is_all: true,
            upto: left.upto.filter(|_| wants_events(&sink)),
            ..Inner::default()
        };
        for notice in left.told {
            inner.recall(notice);
        }
        for notice in left.waiting {
            inner.recall(notice.clone());
            inner.wait(notice);
        }
        let backlog = Backlog {
            sink,
            inner: Mutex::new(inner),
            ring,
            rung,
        };
        backlog.wake();
        backlog
    }

    /// Adds a notice if the sink is to be told of it.
    pub fn offer(&self, notice: &Arc<Notice>) {
        let is_wanted = self.wants(notice);
        let has_room = self.add(|ledger| ledger.take(notice, is_wanted));
        if !has_room && is_wanted {
            self.lock().dropped += 1;
        }
    }

    /// The journal holds all events of which it was told, in entries up to this one. True if that is news.
    pub fn recorded(&self, seq: Seq) -> bool {
        let mut inner = self.lock();
        inner.recalled.clear();
        let is_news = inner.unmarked || inner.upto.is_none() && wants_events(&self.sink);
        if is_news {
            (inner.upto, inner.unmarked) = (Some(seq), false);
        }
        is_news
    }

    /// Up to where it was told of the journal's events; none if it never was.
    pub fn upto(&self) -> Option<Seq> {
        self.lock().upto
    }

    /// Adds a notice of an event that the journal holds, if an earlier life died before it could.
    pub fn offer_again(&self, seq: Seq, notice: &Arc<Notice>) {
        let inner = self.lock();
        let is_behind = inner.upto.is_some_and(|upto| upto < seq);
        if is_behind && !inner.recalled.contains(&notice.key) {
            drop(inner);
            self.offer(notice);
        }
    }

    /// See [`Ledger::settle`].
    pub fn settle(&self, open: &[Arc<Notice>], now: Time) {
        self.add(|ledger| ledger.settle(open, |notice| self.wants(notice), now));
    }

    /// Tells the time. True if status would show something else now.
    pub fn tick(&self, now: Time) -> bool {
        self.add(|ledger| ledger.tick(now));
        let mut inner = self.lock();
        inner.now = Some(now);
        std::mem::take(&mut inner.changed)
    }

    /// The oldest undelivered notice.
    pub fn first(&self) -> Option<Arc<Notice>> {
        self.lock().waiting.front().cloned()
    }

    /// The oldest one was delivered.
    pub fn delivered(&self) {
        let mut inner = self.lock();
        if let Some(notice) = inner.waiting.pop_front() {
            inner.bytes = inner.bytes.saturating_sub(size(&notice));
            inner.delivered += 1;
        }
        inner.changed |= inner.not_delivered.take().is_some();
    }

    /// The oldest one will never be delivered.
    pub fn refused(&self, why: &str) {
        self.delivered();
        self.not_delivered(why);
        let mut inner = self.lock();
        inner.dropped += 1;
        inner.refused += 1;
    }

    /// The oldest one could not be delivered.
    pub fn not_delivered(&self, why: &str) {
        let mut inner = self.lock();
        inner.failures += 1;
        let (now, known) = (inner.now, inner.not_delivered.take());
        inner.changed |= known.as_ref().is_none_or(|it| it.text != why);
        inner.not_delivered = Some(Trouble::since(known, why, now));
    }

    pub fn is_failing(&self) -> bool {
        self.lock().not_delivered.is_some()
    }

    /// What is to be copied to the disk.
    pub fn news(&self) -> News {
        let mut inner = self.lock();
        News {
            notices: std::mem::take(&mut inner.unkept),
            is_all: inner.unkept_is_all,
            delivered: inner.delivered,
            upto: inner.upto,
        }
    }

    /// All that a spool has to hold from now on.
    pub fn whole(&self) -> Whole {
        let mut inner = self.lock();
        inner.unkept.clear();
        inner.unkept_is_all = true;
        Whole {
            open: inner.ledger.open_alerts().cloned().collect(),
            waiting: inner.waiting.iter().cloned().collect(),
            delivered: inner.delivered,
            upto: inner.upto,
        }
    }

    /// Whether the copy on disk is whole. True if that is news.
    pub fn kept(&self, outcome: Result<(), &str>) -> bool {
        let mut inner = self.lock();
        let (now, known) = (inner.now, inner.not_kept.take());
        let was_whole = known.is_none();
        inner.not_kept = outcome.err().map(|why| Trouble::since(known, why, now));
        let is_news = was_whole != outcome.is_ok();
        inner.changed |= is_news;
        is_news
    }

    /// Why it is not delivered, and why it is kept in memory only.
    pub fn troubles(&self) -> [Option<Trouble>; 2] {
        let inner = self.lock();
        [inner.not_delivered.clone(), inner.not_kept.clone()]
    }

    pub fn counts(&self, position: usize) -> SinkCount {
        let inner = self.lock();
        SinkCount {
            sink: self.sink.label(position).into(),
            delivered: inner.delivered.saturating_sub(inner.refused),
            failures: inner.failures,
            waiting: inner.waiting.len() as u64,
        }
    }

    pub fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// From now on what cannot be delivered at once is left.
    pub fn close(&self) {
        self.lock().closing = true;
        self.wake();
    }

    pub fn is_closing(&self) -> bool {
        self.lock().closing
    }

    fn wants(&self, notice: &Notice) -> bool {
        let solution = notice.solution.as_deref();
        self.sink.wants(notice.class, notice.severity, solution)
    }

    /// False if there is no room: then nothing is asked of the ledger, since it would take it for told.
    fn add<I: IntoIterator<Item = Arc<Notice>>>(
        &self,
        take: impl FnOnce(&mut Ledger) -> I,
    ) -> bool {
        let mut inner = self.lock();
        if inner.is_full() {
            return false;
        }
        let before = inner.waiting.len();
        for notice in take(&mut inner.ledger) {
            inner.unmarked |= notice.class == AlertClass::Event;
            inner.keep(notice.clone());
            inner.wait(notice);
        }
        if inner.waiting.len() > before {
            self.wake();
        }
        true
    }

    fn wake(&self) {
        // A wake-up that waits already says it all.
        let _ = self.ring.try_send(());
    }

    /// Nothing that panicked while it held the lock leaves it half done.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn recall(&mut self, notice: Arc<Notice>) {
        if notice.class == AlertClass::Event {
            self.recalled.insert(notice.key.clone());
        }
        self.ledger.recall(notice);
    }

    fn wait(&mut self, notice: Arc<Notice>) {
        self.bytes += size(&notice);
        self.waiting.push_back(notice);
    }

    fn keep(&mut self, notice: Arc<Notice>) {
        if self.unkept.len() >= WAITING_MAX {
            self.unkept.clear();
            self.unkept_is_all = false;
        }
        self.unkept.push(notice);
    }

    fn is_full(&self) -> bool {
        self.waiting.len() >= WAITING_MAX || self.bytes >= WAITING_BYTES_MAX
    }
}

/// One that does not hears of events only from when it does.
fn wants_events(sink: &AlertSink) -> bool {
    sink.on.contains(&AlertClass::Event)
}

fn size(notice: &Notice) -> usize {
    let event = notice.event.as_ref().map_or(0, |event| event.text.len());
    size_of::<Notice>() + notice.title.len() + notice.text.len() + event
}
