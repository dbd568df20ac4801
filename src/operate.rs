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

use arc_swap::ArcSwap;
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
        }
    }

    /// The engine's word, after each input.
    pub fn publish(&self, view: View) {
        self.view.store(Arc::new(view));
        self.number.send_modify(|number| *number += 1);
    }

    pub fn view(&self) -> Arc<View> {
        self.view.load_full()
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
}

#[cfg(test)]
pub(crate) mod tests;
