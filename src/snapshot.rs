//! What the engine believes, copied: the shape of `status`, of the API and of the page.
//!
//! Indices are names here, and nothing refers to the core any more. Fields may be added, none goes away.

mod outlook;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
mod pair;

pub use self::outlook::{Outlook, Summary};
pub(crate) use self::pair::{application as application_view, incident as incident_view};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::decide::{OpenAlert, Reason, State};
use crate::event::{Mode, Status};
use crate::time::Time;
use crate::topology::{ActionMode, AlertClass};
use crate::words::{typed, words};

/// Of this program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename = "status")]
#[schemars(transform = typed("status"))]
pub struct Snapshot {
    /// When it was taken.
    pub time: Time,
    pub daemon: Daemon,
    pub solutions: Vec<PairView>,
    pub sources: Vec<SourceView>,
    /// Open alerts that concern every pair, or the daemon itself.
    pub alerts: Vec<AlertView>,
}

/// What is to be told beside the core's state.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    pub daemon: Daemon,
    pub sources: Vec<SourceView>,
    /// Alerts that are not the core's: sources, clocks, the daemon.
    pub alerts: Vec<AlertView>,
}

impl Extras {
    /// Where the journal is read without a daemon.
    pub fn offline() -> Extras {
        let daemon = Daemon {
            version: VERSION,
            not_armed: Some("no daemon answers".into()),
            ..Daemon::default()
        };
        Extras {
            daemon,
            ..Extras::default()
        }
    }
}

#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Daemon {
    pub version: &'static str,
    /// None where the snapshot was made from the journal, without a daemon.
    pub started: Option<Time>,
    /// Steps of active pairs would be carried out now.
    pub armed: bool,
    pub not_armed: Option<Arc<str>>,
    /// What is wrong with the journal; none if it takes entries.
    pub journal_fault: Option<Arc<str>>,
    /// What was counted since the start, by name.
    pub counters: BTreeMap<Arc<str>, u64>,
}

/// One pair: its hosts, its applications, and what stands in the way of a move.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PairView {
    pub name: Arc<str>,
    pub mode: ActionMode,
    /// The most urgent thing about it.
    pub outlook: Outlook,
    /// The host whose VM SIP Server is primary; none if nobody knows.
    pub primary: Option<Arc<str>>,
    pub vip: Option<VipView>,
    pub hosts: Vec<HostView>,
    pub applications: Vec<ApplicationView>,
    /// Everything that holds moves of some kind now.
    pub holds: Vec<HoldView>,
    pub awaited: Vec<AwaitedView>,
    pub incidents: Vec<IncidentView>,
    pub owed: Vec<DebtView>,
    pub alerts: Vec<AlertView>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct VipView {
    pub address: Arc<str>,
    /// The host to which it was last brought; none if nobody knows.
    pub host: Option<Arc<str>>,
    /// It was not seen to move there: it must have been there when roles were first learned.
    pub assumed: bool,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HostView {
    pub name: Arc<str>,
    pub address: Option<Arc<str>>,
    pub lost: bool,
    /// When it was stated lost, or last stated alive.
    pub since: Option<Time>,
    pub seen: Option<Time>,
    /// When its SIP Server last stated that it has the VIP, or that it lost it.
    pub vip_ok: Option<Time>,
    pub vip_lost: Option<Time>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ApplicationView {
    pub name: Arc<str>,
    pub dbid: u32,
    pub component: Arc<str>,
    /// None for an application outside the pair.
    pub host: Option<Arc<str>>,
    pub role: Option<Mode>,
    pub role_since: Option<Time>,
    /// Who says so: `file:line` of a record, the status command, or the peer, which states the opposite role.
    pub role_by: Option<String>,
    pub up: Option<bool>,
    pub up_since: Option<Time>,
    /// It was asked to stop and has not started since.
    pub planned_stop: bool,
    /// The status command's last word.
    pub reported: Option<ReportView>,
}

#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct ReportView {
    pub role: Option<Mode>,
    pub status: Option<Status>,
    pub at: Time,
}

/// A state in which moves of some kind are held.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HoldView {
    pub reason: Reason,
    /// What holds, in words.
    pub detail: Arc<str>,
    /// Its end; none if somebody or something has to end it.
    pub until: Option<Time>,
    /// The incident that an `ack` has to name to end it.
    pub ack: Option<Arc<str>>,
}

/// A failure that waits out `confirm`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AwaitedView {
    pub application: Arc<str>,
    pub stamp: Time,
    pub due: Time,
    pub sightings: usize,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct IncidentView {
    pub id: Arc<str>,
    pub from_host: Option<Arc<str>>,
    pub to_host: Arc<str>,
    pub opened: Time,
    pub state: crate::decide::IncidentState,
    /// The event or the verb that caused it: `RM_1 05064`.
    pub cause: String,
    pub reason: Reason,
    pub hold: Option<HoldView>,
    /// Who asked for it and why, where an operator did.
    pub operator: Option<Arc<str>>,
    /// Some of its steps may still run.
    pub reacting: bool,
    /// Until when it takes events in, if none comes before.
    pub window_ends: Time,
    pub events: u32,
    pub steps: Vec<StepView>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepView {
    pub action: crate::topology::Action,
    /// The application, or the host for a VIP step.
    pub target: Arc<str>,
    pub state: crate::decide::StepState,
    pub reason: Reason,
    pub detail: Option<Arc<str>>,
    pub attempts: u32,
    pub started: Option<Time>,
    pub ended: Option<Time>,
    pub confirmed: Option<Time>,
}

/// A VIP-disable that could not be done.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DebtView {
    /// By which it is forgiven: `east:vmhost1`.
    pub id: String,
    pub host: Arc<str>,
    pub incident: Arc<str>,
    pub since: Time,
    pub attempts: u32,
    pub running: bool,
    pub next_try: Option<Time>,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AlertView {
    pub key: Arc<str>,
    pub class: Arc<str>,
    pub text: Arc<str>,
    pub since: Time,
}

/// One log that is followed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SourceView {
    pub file: Arc<str>,
    pub state: SourceState,
    pub application: Option<Arc<str>>,
    pub host: Option<Arc<str>>,
    /// Bytes read.
    pub offset: u64,
    /// When it last grew.
    pub grown: Option<Time>,
    /// Arrival minus stamp of its newest record, clock offset taken off.
    #[serde(serialize_with = "millis")]
    #[schemars(with = "Option<u64>")]
    pub lag: Option<Duration>,
    /// What is wrong, in words.
    pub detail: Option<Arc<str>>,
}

words! {
    SourceState {
        Fresh = "fresh",
        /// It has not grown for longer than it usually does.
        Silent = "silent",
        /// Its newest records are old when they arrive.
        Lagging = "lagging",
        Unreadable = "unreadable",
        /// It was there and is gone.
        Lost = "lost",
        /// Nothing matches its pattern yet.
        Awaited = "awaited",
    }
}

/// The state as it can be told at `now`.
pub fn snapshot(state: &State, now: Time, extras: Extras) -> Snapshot {
    let solutions = state.topology.solutions.iter().zip(&state.pairs);
    let scs = state
        .scs
        .alerts
        .iter()
        .map(|(key, alert)| AlertView::new(key, alert));
    let mut daemon = extras.daemon;
    let reason = state
        .disarmed
        .map(disarmed)
        .or_else(|| state.world_doubted.then(|| WORLD_DOUBTED.into()));
    if let Some(reason) = reason {
        (daemon.armed, daemon.not_armed) = (false, Some(reason));
    }
    Snapshot {
        time: now,
        daemon,
        solutions: solutions
            .enumerate()
            .map(|(index, (solution, pair))| pair::view((state, index), solution, pair, now))
            .collect(),
        sources: extras.sources,
        alerts: scs.chain(extras.alerts).collect(),
    }
}

fn disarmed(reason: Reason) -> Arc<str> {
    match reason.remedy() {
        Some(remedy) => format!("{}; {remedy}", reason.sentence()).into(),
        None => reason.sentence().into(),
    }
}

const WORLD_DOUBTED: &str = "the clock jumped or the machine slept; the world is being read again";

impl Snapshot {
    /// Nothing is wrong that keeps the daemon from its work.
    pub fn is_ready(&self) -> bool {
        self.daemon.started.is_some() && self.not_ready().is_none()
    }

    /// What keeps it, if anything does.
    pub fn not_ready(&self) -> Option<&str> {
        let daemon = &self.daemon;
        daemon
            .journal_fault
            .as_deref()
            .or(daemon.not_armed.as_deref())
    }

    pub fn solution(&self, name: &str) -> Option<&PairView> {
        self.solutions.iter().find(|pair| &*pair.name == name)
    }
}

impl AlertView {
    fn new(key: &Arc<str>, alert: &OpenAlert) -> AlertView {
        AlertView {
            key: key.clone(),
            class: AlertClass::word(alert.class).into(),
            text: alert.text.clone(),
            since: alert.since,
        }
    }
}

fn millis<S: serde::Serializer>(lag: &Option<Duration>, serializer: S) -> Result<S::Ok, S::Error> {
    let millis = lag.map(|lag| u64::try_from(lag.as_millis()).unwrap_or(u64::MAX));
    millis.serialize(serializer)
}
