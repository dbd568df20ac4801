//! Captured logs, decided again: the same core as the daemon's, on a virtual clock, with nothing run.
//!
//! The clock is the running maximum of the arrivals over all merged sources. Between two arrivals the core's own
//! timers and the ends of dry steps take their turns; at the end of the input they run dry.

mod chain;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
mod dry;
#[expect(
    clippy::indexing_slicing,
    reason = "a chain's index is its place among the chains, which never change"
)]
mod merge;
#[expect(
    clippy::indexing_slicing,
    reason = "an order is of the places of its own slots, and both are made here"
)]
mod permute;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
mod sources;

use std::collections::HashMap;
use std::sync::Arc;

pub use dry::{DryRun, Effects, Failing, HowItFails};
pub use merge::Merge;
pub use permute::{Permutation, permute};
pub use sources::{Adjust, Sources, prepare};

use crate::decide::{Core, Entry, Input, StepState};
use crate::event::Event;
use crate::fault::Diagnostic;
use crate::time::Time;
use crate::topology::ActionMode;

/// One thing from the logs, when it would have been read.
#[derive(Clone, Debug)]
pub struct Item {
    /// The corrected stamp, moved by a delay, and never before the item before it in the same source.
    pub arrival: Time,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    Event {
        event: Arc<Event>,
        /// The event's time on the corrected clock.
        stamp: Time,
    },
    /// The application wrote a record of this stamp in its own log.
    Life {
        solution: usize,
        application: usize,
        stamp: Time,
    },
    Diagnostic(Diagnostic),
}

/// What a replay tells, in the order in which it happens.
#[derive(Debug)]
pub enum Told<'a> {
    Event(&'a Arc<Event>),
    Entry(&'a Entry),
    Diagnostic(&'a Diagnostic),
}

/// A replay under way: the core, and what stands in for the world.
#[derive(Clone, Debug)]
pub struct Replay {
    pub core: Core,
    dry: DryRun,
    /// What is earlier only teaches.
    from: Option<Time>,
    life: HashMap<(usize, usize), Time>,
}

impl Replay {
    /// Nothing is run, so an active pair is watched like one that only alerts.
    pub fn new(mut core: Core, dry: DryRun, from: Option<Time>) -> Replay {
        for solution in &mut Arc::make_mut(&mut core.state.topology).solutions {
            solution.policy.mode = ActionMode::AlertOnly;
        }
        Replay {
            core,
            dry,
            from,
            life: HashMap::new(),
        }
    }

    /// Takes all items in, and lets the timers run dry behind the last.
    pub fn run<E>(
        &mut self,
        items: impl IntoIterator<Item = Item>,
        tell: &mut impl FnMut(&Core, Told<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for item in items {
            self.run_until(Some(item.arrival), tell)?;
            self.take(item, tell)?;
        }
        self.run_until(None, tell)
    }

    fn take<E>(
        &mut self,
        item: Item,
        tell: &mut impl FnMut(&Core, Told<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        match item.content {
            Content::Diagnostic(diagnostic) => tell(&self.core, Told::Diagnostic(&diagnostic)),
            Content::Life {
                solution,
                application,
                stamp,
            } => {
                let life = self.life.entry((solution, application)).or_insert(stamp);
                *life = (*life).max(stamp);
                Ok(())
            }
            Content::Event { event, stamp } => {
                tell(&self.core, Told::Event(&event))?;
                let history = self.from.is_some_and(|from| stamp < from);
                let input = if history {
                    Input::History { event, stamp }
                } else {
                    Input::Event { event, stamp }
                };
                self.handle(item.arrival, &input, tell)
            }
        }
    }

    /// What happens without the logs before `until`, or at all.
    fn run_until<E>(
        &mut self,
        until: Option<Time>,
        tell: &mut impl FnMut(&Core, Told<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            let (wake, outcome) = (self.core.state.next_wake(), self.dry.next());
            let Some(at) = wake.into_iter().chain(outcome).min() else {
                return Ok(());
            };
            if until.is_some_and(|until| at >= until) {
                return Ok(());
            }
            let ended = if outcome == Some(at) {
                self.dry.take()
            } else {
                None
            };
            let input = match ended {
                Some((step, outcome)) => Input::Outcome { step, outcome },
                None => Input::Wake,
            };
            self.handle(at, &input, tell)?;
        }
    }

    fn handle<E>(
        &mut self,
        now: Time,
        input: &Input,
        tell: &mut impl FnMut(&Core, Told<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        for (solution, application) in self.core.state.doubted(now) {
            if let Some(&stamp) = self.life.get(&(solution, application)) {
                self.core.hear(&Input::Alive {
                    solution,
                    application,
                    stamp,
                });
            }
        }
        for entry in self.core.handle(now, input) {
            if let Entry::StepMoved {
                solution,
                incident,
                step,
                to: StepState::WouldRun,
                at,
                ..
            } = &entry
            {
                self.dry
                    .started(&self.core, *solution, incident, *step, *at);
            }
            tell(&self.core, Told::Entry(&entry))?;
        }
        Ok(())
    }
}
