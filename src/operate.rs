//! The operator's side: what the engine believes, for everyone to see, and verbs that reach the engine.
//!
//! The engine alone owns the core. After each input it publishes a [`View`], an immutable copy; page, API and
//! commands read that copy and the journal, and never the core. A verb goes the other way, as an [`Ask`] on a
//! bounded channel, and its [`Answer`] comes back when it is journaled.
//!
//! - [`crate::snapshot`] makes the copy, [`crate::past`] is the journal as it is read here;
//! - [`serve`] offers both over HTTP on the loopback address, guarded by `Host`, `Origin` and a token;
//! - `page` shows both in a browser, `stream` tells when something changed, `exposition` is for Prometheus;
//! - `openapi` describes all of it for programs;
//! - [`table`] writes them for people.

mod answer;
mod exposition;
mod failure;
mod guard;
pub mod history;
mod openapi;
mod page;
mod routes;
mod server;
mod stream;
pub mod table;
mod token;
pub mod verb;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use crossbeam_channel::Sender;
use tokio::sync::{oneshot, watch};

pub use self::answer::Answer;
pub use self::server::{Served, serve};
pub use self::token::Token;
use crate::config::Config;
use crate::decide::Request;
use crate::metrics::Metrics;
use crate::snapshot::Snapshot;
use crate::topology::Topology;

/// The engine as everyone outside sees it.
#[derive(Clone, Debug)]
pub struct Handle {
    view: Arc<ArcSwap<View>>,
    /// How many views were published.
    number: watch::Sender<u64>,
    asks: Sender<Ask>,
    /// How often the engine has looked around.
    turns: Arc<AtomicU64>,
    /// Why it does not any more.
    stalled: Arc<ArcSwapOption<String>>,
}

/// What the engine believes, the configuration under which it does, and what it counted.
#[derive(Debug)]
pub struct View {
    pub snapshot: Snapshot,
    pub config: Arc<Config>,
    pub metrics: Metrics,
}

/// An operator's verb on its way to the engine.
#[derive(Debug)]
pub struct Ask {
    /// Index into the topology's solutions.
    pub solution: usize,
    pub request: Request,
    /// The one by which the indices were taken. Under another the engine refuses.
    pub topology: Arc<Topology>,
    pub reply: oneshot::Sender<Answer>,
}

impl Handle {
    /// A handle for others; the engine keeps a clone of it to publish by, and the receiver of `asks`.
    pub fn new(first: View, asks: Sender<Ask>) -> Handle {
        Handle {
            view: Arc::new(ArcSwap::from_pointee(first)),
            number: watch::Sender::new(0),
            asks,
            turns: Arc::default(),
            stalled: Arc::default(),
        }
    }

    /// The engine's word, after each input.
    pub fn publish(&self, view: View) {
        self.view.store(Arc::new(view));
        self.number.send_modify(|number| *number += 1);
    }

    /// As it was published last; if the engine stands still since, it says so.
    pub fn view(&self) -> Arc<View> {
        let view = self.view.load_full();
        let Some(why) = self.stalled.load_full() else {
            return view;
        };
        let mut snapshot = view.snapshot.clone();
        (snapshot.daemon.armed, snapshot.daemon.not_armed) = (false, Some(why.as_str().into()));
        Arc::new(View {
            snapshot,
            config: view.config.clone(),
            metrics: view.metrics.clone(),
        })
    }

    /// The engine looks around, which it does every second whatever happens.
    pub fn turn(&self) {
        self.turns.fetch_add(1, Ordering::Relaxed);
    }

    /// How often it has.
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    /// The engine stands still, for all that can be seen; or goes on.
    pub fn stall(&self, why: Option<String>) {
        self.stalled.store(why.map(Arc::new));
        self.number.send_modify(|number| *number += 1);
    }

    fn is_stalled(&self) -> bool {
        self.stalled.load().is_some()
    }

    /// The view with a number that no other one has; it may be newer than the number says.
    fn numbered(&self) -> (u64, Arc<View>) {
        let number = *self.number.borrow();
        (number, self.view())
    }

    /// Changes with each view.
    fn changes(&self) -> watch::Receiver<u64> {
        self.number.subscribe()
    }
}

#[cfg(test)]
impl Handle {
    /// Publishes, and keeps nobody from asking the last time.
    fn publisher(&self) -> impl Fn(View) + Send + use<> {
        let (view, number) = (self.view.clone(), self.number.clone());
        move |next| {
            view.store(Arc::new(next));
            number.send_modify(|number| *number += 1);
        }
    }

    /// The engine stands still from now on; it keeps nobody from asking the last time either.
    fn staller(&self) -> impl Fn() + Send + use<> {
        let (stalled, number) = (self.stalled.clone(), self.number.clone());
        move || {
            stalled.store(Some(Arc::new("a disk may not answer".to_owned())));
            number.send_modify(|number| *number += 1);
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
