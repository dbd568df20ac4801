//! The operator's side: what the engine believes, for everyone to see, and verbs that reach the engine.
//!
//! The engine alone owns the core. After each input it publishes a [`View`], an immutable copy; page, API and
//! commands read that copy and the journal, and never the core. A verb goes the other way, as an [`Ask`] on a
//! bounded channel, and its [`Answer`] comes back when it is journaled.
//!
//! - [`crate::snapshot`] makes the copy, [`crate::past`] is the journal as it is read here;
//! - [`serve`] offers both over HTTP on the loopback address, guarded by `Host`, `Origin` and a token;
//! - [`table`] writes them for people.

mod answer;
mod failure;
mod guard;
pub mod history;
mod routes;
mod server;
pub mod table;
mod token;
pub mod verb;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use crossbeam_channel::Sender;
use tokio::sync::oneshot;

pub use self::answer::Answer;
pub use self::server::{Served, serve};
pub use self::token::Token;
use crate::config::Config;
use crate::decide::Request;
use crate::snapshot::Snapshot;
use crate::topology::Topology;

/// The engine as everyone outside sees it.
#[derive(Clone, Debug)]
pub struct Handle {
    view: Arc<ArcSwap<View>>,
    asks: Sender<Ask>,
    /// How often the engine has looked around.
    turns: Arc<AtomicU64>,
    /// Why it does not any more.
    stalled: Arc<ArcSwapOption<String>>,
}

/// What the engine believes, and the configuration under which it does.
#[derive(Debug)]
pub struct View {
    pub snapshot: Snapshot,
    pub config: Arc<Config>,
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
            asks,
            turns: Arc::default(),
            stalled: Arc::default(),
        }
    }

    /// The engine's word, after each input.
    pub fn publish(&self, view: View) {
        self.view.store(Arc::new(view));
    }

    /// As it was published last; if the engine stands still since, it says so.
    pub fn view(&self) -> Arc<View> {
        let view = self.view.load_full();
        let Some(why) = self.stalled.load_full() else {
            return view;
        };
        let mut snapshot = view.snapshot.clone();
        (snapshot.daemon.armed, snapshot.daemon.not_armed) = (false, Some(why.as_str().into()));
        let config = view.config.clone();
        Arc::new(View { snapshot, config })
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
    }
}

#[cfg(test)]
pub(crate) mod tests;
