//! How an engine begins: with what the journal holds, or with what the engine before it left.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::commands::Commands;
use super::offsets::Offsets;
use super::opinion::Opinion;
use super::present::Present;
use super::saved::Saved;
use super::sources::Sources;
use super::steps::Steps;
use super::wakeup::Inputs;
use super::world::World;
use super::{Ended, Engine};
use crate::alerts::Alerts;
use crate::clock::Clock;
use crate::config::{Config, Secrets};
use crate::decide::{Core, Input, Reason, Renumbering, State};
use crate::dispatch::Dispatcher;
use crate::fault::Fault;
use crate::journal::{Recovered, Store};
use crate::metrics::Metrics;
use crate::operate::{Ask, Handle, View};
use crate::report::Shadow;
use crate::snapshot::{Extras, snapshot};
use crate::tail::Positions;
use crate::time::Time;
use crate::topology::Topology;

/// A configuration with its secrets read.
#[derive(Clone, Debug)]
pub struct Ready {
    pub config: Arc<Config>,
    pub secrets: Arc<Secrets>,
}

/// Reads the configuration anew, or tells what is wrong with it.
pub type Reload = Arc<dyn Fn() -> Result<Ready, Vec<Fault>> + Send + Sync>;

/// What an engine is made of. All of it is handed in, so that a test owns it.
pub struct Parts<J> {
    pub config: Arc<Config>,
    pub secrets: Arc<Secrets>,
    pub clock: Arc<dyn Clock>,
    /// None where it could not be opened: then nothing acts.
    pub journal: Option<J>,
    pub dispatcher: Dispatcher,
    /// Their threads are the caller's.
    pub alerts: Alerts,
    pub inputs: Inputs,
    /// The other end of the asks among the inputs.
    pub asks: Sender<Ask>,
    pub reload: Reload,
    /// How often everything was looked at because a notification had failed.
    pub rescans: Arc<AtomicU64>,
}

/// What is known at the start.
#[derive(Debug)]
pub struct Begun {
    state: State,
    saved: Saved,
    /// The engine's time, if there was an engine before.
    now: Option<Time>,
    is_same_boot: bool,
    /// Why nothing may act, if so.
    disarm: Option<Reason>,
}

/// So many ends without order within so long are no accident.
const CRASHES_MAX: usize = 5;
const CRASHES_WITHIN: Duration = Duration::from_secs(600);

impl Begun {
    /// Nothing is known, and nothing can be written down.
    pub fn without_journal(topology: Arc<Topology>) -> Begun {
        Begun {
            state: State::new(topology),
            saved: Saved::default(),
            now: None,
            is_same_boot: false,
            disarm: Some(Reason::JournalDead),
        }
    }

    /// Where the journal ended.
    pub fn recovered(found: Recovered, clock: &dyn Clock) -> Begun {
        let wall = clock.wall();
        let recent = |at: &&Time| wall.since(**at) < CRASHES_WITHIN;
        let crashes = found.crashed.iter().filter(recent).count();
        let disarm = if !found.damage.is_empty() {
            Some(Reason::JournalBroken)
        } else {
            (crashes >= CRASHES_MAX).then_some(Reason::CrashLoop)
        };
        let last = found.last.as_ref();
        Begun {
            saved: Saved::recovered(&found.positions),
            now: last.map(|last| last.core_now(clock)),
            is_same_boot: last.is_none_or(|last| last.boot_id == clock.boot_id()),
            state: found.state,
            disarm,
        }
    }

    /// Where the engine before ended, under another configuration.
    pub fn reloaded<J>(ended: &Ended<J>, topology: &Arc<Topology>) -> Begun {
        let disarm = ended.state.disarmed;
        let renumbering = Renumbering::new(&ended.state.topology, topology);
        Begun {
            state: renumbering.state(ended.state.clone(), topology.clone()),
            saved: Saved::new(ended.positions.clone()),
            now: Some(ended.now),
            is_same_boot: true,
            disarm,
        }
    }

    /// Where each log was read to.
    pub fn positions(&self) -> Positions {
        self.saved.positions().clone()
    }
}

impl<J: Store> Engine<J> {
    /// Takes up what is under way. Nothing starts before the world was read.
    pub fn new(parts: Parts<J>, begun: Begun) -> Engine<J> {
        let mut present = Present::new(&*parts.clock, begun.now);
        let now = present.look(&*parts.clock, None).now;
        let mut core = Core { state: begun.state };
        core.state.disarmed = None;
        let in_doubt = core.state.in_doubt();
        let first = View {
            snapshot: snapshot(&core.state, now, Extras::default()),
            config: parts.config.clone(),
            metrics: Metrics::default(),
        };
        let commands = Commands {
            dispatcher: parts.dispatcher.clone(),
            config: parts.config.clone(),
            secrets: parts.secrets.clone(),
        };
        let opinion = Opinion::new(commands.clone(), now);
        let steps = Steps::new(commands, begun.is_same_boot);
        let mut engine = Engine {
            handle: Handle::new(first, parts.asks.clone()),
            core,
            pending: Vec::new(),
            present,
            now,
            steps,
            opinion,
            offsets: Offsets::default(),
            saved: begun.saved,
            save_at: now,
            sources: Sources::default(),
            shadow: Shadow::default(),
            world: World::new(now),
            stop_by: None,
            untold: true,
            reload: None,
            started: now,
            metrics: Metrics::default(),
            unpublished: true,
            published: now,
            parts,
        };
        engine.feed(&Input::WorldDoubted);
        if let Some(reason) = begun.disarm {
            engine.feed(&Input::Disarm(reason));
        }
        engine.steps.adopt(&engine.core, &in_doubt);
        engine.read_world();
        engine.settle();
        engine.publish();
        engine
    }
}

impl<J> fmt::Debug for Parts<J> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parts").finish_non_exhaustive()
    }
}
