//! All that is believed and under way: the fold of the entries so far.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::entry::Alert;
use super::incident::Incident;
use super::reason::Reason;
use crate::event::{Event, EventKind, Mode, Origin, Status};
use crate::time::Time;
use crate::topology::{ActionMode, AlertClass, Policy, Solution, Topology};

/// How many sightings of one application are remembered to tell a repeat from news.
pub(super) const FACTS_MAX: usize = 64;

/// Serialised without its topology and its timers: a [`Fold`](super::Fold) puts them back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct State {
    #[serde(skip)]
    pub topology: Arc<Topology>,
    /// One for each solution, in the topology's order.
    pub pairs: Vec<Pair>,
    pub scs: Scs,
    /// Why nothing may act, if so.
    pub disarmed: Option<Reason>,
    /// What is believed has to be read again before anything starts.
    pub world_doubted: bool,
    /// The time of the newest input; it only rises.
    pub now: Time,
    /// When each pair wants to be looked at again: (time, solution).
    #[serde(skip)]
    pub(super) wakes: BTreeSet<(Time, usize)>,
}

/// What is known of Solution Control Server itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Scs {
    /// The mode that each SCS states of itself, by application name.
    pub modes: BTreeMap<Arc<str>, Mode>,
    pub flapping: bool,
    pub split_brain: bool,
    /// Open alerts that concern every pair, by key.
    pub alerts: BTreeMap<Arc<str>, OpenAlert>,
}

/// What is believed of one solution, and what is under way for it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Pair {
    /// In the order of the solution's applications.
    pub members: Vec<Member>,
    pub hosts: [HostBelief; 2],
    /// The host whose VM SIP Server was last stated primary. It stays so when that server fails.
    pub primary: Option<usize>,
    /// The host to which the VIP was last moved, or where it must have been when roles were first learned.
    pub vip_at: Option<usize>,
    /// When `vip_at` was taken from a statement that does not move the VIP.
    pub vip_assumed: Option<Time>,
    /// When the VIP was last moved by a step.
    pub vip_since: Option<Time>,
    /// When it was learned that the VM SIP Server of the host with the VIP fell since the VIP was brought there, or that it became primary long ago. Until the VIP is seen or brought there, nobody knows.
    pub vip_doubted: Option<Time>,
    /// Since when both VM SIP Servers are stated primary.
    pub double_since: Option<Time>,
    /// Since when both are stated backup.
    pub nobody_since: Option<Time>,
    /// Since when SCS sees two primaries of the pair, or none.
    pub scs_split_since: Option<Time>,
    pub scs_none_since: Option<Time>,
    /// Failures that wait out `confirm`.
    pub awaited: Vec<Awaited>,
    /// Those that still take events, at most one for each direction.
    pub incidents: Vec<Incident>,
    /// The newest closed one of each target host.
    pub closed: [Option<Closed>; 2],
    pub block: Option<Block>,
    pub pause: Option<Pause>,
    /// The incident whose failure locks the pair.
    pub lock: Option<Arc<str>>,
    /// When the pair was moved, newest last; only those within `flap_within`.
    pub moves: VecDeque<Time>,
    pub flapping: bool,
    /// Switches whose effect was not seen before their incident closed.
    pub unconfirmed: Vec<Unconfirmed>,
    pub owed: Vec<Debt>,
    /// Neighbours are to be told once more where the VIP is: its old host has let go.
    #[serde(default)]
    pub announcement: Option<Announcement>,
    /// Open alerts apart from incidents, by key.
    pub alerts: BTreeMap<Arc<str>, OpenAlert>,
    /// Incidents so far.
    pub serial: u64,
    #[serde(skip)]
    pub(super) wake: Option<Time>,
}

/// What is believed of one application, each with the stamp of its evidence.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Member {
    pub mode: Option<Mode>,
    pub mode_stamp: Time,
    /// The record that says so; none if it follows from the peer's statement.
    pub mode_evidence: Option<Origin>,
    /// Running, or known to be down.
    pub up: Option<bool>,
    pub up_stamp: Time,
    /// It was asked to stop, and has not started since.
    pub planned_stop: bool,
    /// Its own log's newest record, as far as anyone asked.
    pub life: Time,
    /// What the status command last said, and when.
    pub reported: Option<Report>,
    pub(super) facts: VecDeque<Fact>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Fact {
    pub kind: EventKind,
    pub stamp: Time,
    pub incident: Option<Arc<str>>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct HostBelief {
    pub lost: bool,
    pub stamp: Time,
    /// When a sign of life last arrived.
    pub seen_at: Option<Time>,
    /// When its SIP Server last stated that it has the VIP.
    pub vip_ok: Option<Time>,
    /// The newest word on the VIP here, or the newest reason to trust none of before.
    pub vip_stamp: Time,
    /// When it last stated that it lost it, if it has not got it back since.
    pub vip_lost: Option<Time>,
}

/// A failure that waits for a better picture, with all its sightings.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Awaited {
    pub application: usize,
    pub stamp: Time,
    pub due: Time,
    /// Every sighting of the failure, with its time on the corrected clock.
    pub events: Vec<(Arc<Event>, Time)>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Closed {
    pub id: Arc<str>,
    pub at: Time,
    /// Why it was held, if it was.
    pub hold: Option<Reason>,
}

/// From the end of a reaction until `until`, no other starts on a 5064/5091.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Block {
    pub by: Arc<str>,
    pub until: Time,
}

/// An operator's pause; it always has an end.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pause {
    pub until: Time,
    pub by: Arc<str>,
    pub why: Arc<str>,
}

/// The status command's word about one application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub mode: Option<Mode>,
    pub status: Option<Status>,
    pub at: Time,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Unconfirmed {
    pub application: usize,
    pub incident: Arc<str>,
    pub until: Time,
}

/// A VIP-disable that could not be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Debt {
    pub host: usize,
    pub incident: Arc<str>,
    pub since: Time,
    /// Its command was started so often.
    pub attempts: u32,
    pub running: bool,
    /// Not before this is it tried again.
    pub next_try: Option<Time>,
}

/// What follows the payment of a debt: its host may have answered for the VIP until then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Announcement {
    /// Where the VIP is.
    pub host: usize,
    pub incident: Arc<str>,
    /// Its command was started so often.
    pub attempts: u32,
    pub running: bool,
}

/// An alert whose condition holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAlert {
    pub class: AlertClass,
    pub text: Arc<str>,
    pub since: Time,
}

impl From<&Alert> for OpenAlert {
    fn from(alert: &Alert) -> OpenAlert {
        OpenAlert {
            class: alert.class,
            text: alert.text.clone(),
            since: alert.at,
        }
    }
}

impl State {
    pub fn new(topology: Arc<Topology>) -> State {
        let pairs = topology
            .solutions
            .iter()
            .map(|solution| Pair {
                members: vec![Member::default(); solution.applications.len()],
                ..Pair::default()
            })
            .collect();
        State {
            topology,
            pairs,
            scs: Scs::default(),
            disarmed: None,
            world_doubted: false,
            now: Time::from_micros(i64::MIN),
            wakes: BTreeSet::new(),
        }
    }

    pub fn solution(&self, solution: usize) -> &Solution {
        &self.topology.solutions[solution]
    }

    /// Only the primary SCS's log counts; one whose mode is unknown is taken for primary.
    pub(super) fn scs_counts(&self, writer: Option<&str>) -> bool {
        writer.is_none_or(|name| self.scs.modes.get(name) != Some(&Mode::Backup))
    }
}

impl Pair {
    /// The VM SIP Server of that host is believed to be primary, and the other is not.
    pub fn leads(&self, solution: &Solution, host: usize) -> bool {
        let primary = |h: usize| {
            solution
                .lead(h)
                .is_some_and(|lead| self.members[lead].mode == Some(Mode::Primary))
        };
        self.primary == Some(host) && primary(host)
    }

    /// Both VM SIP Servers claim the role, and neither is known to be down.
    pub(super) fn is_double(&self, solution: &Solution) -> bool {
        (0..2).all(|host| {
            solution.lead(host).is_some_and(|lead| {
                let member = &self.members[lead];
                member.mode == Some(Mode::Primary) && member.up != Some(false)
            })
        })
    }

    /// Neither VM SIP Server claims the role: both say, or are said, to be backup.
    pub(super) fn is_nobody(&self, solution: &Solution) -> bool {
        (0..2).all(|host| {
            let lead = solution.lead(host);
            lead.is_some_and(|lead| self.members[lead].mode == Some(Mode::Backup))
        })
    }

    /// How many moves lie within `flap_within`, if they are too many. An active pair stays flapping until
    /// somebody acknowledges it; in a dry run nobody can, so time does.
    pub(super) fn is_flapping(&self, policy: &Policy, now: Time) -> Option<usize> {
        let recent = |at: &&Time| now.since(**at) < policy.flap_within;
        let moves = self.moves.iter().filter(recent).count();
        let remembered = self.flapping && policy.mode == ActionMode::Active;
        (moves >= policy.flap_moves as usize || remembered).then_some(moves)
    }

    pub fn incident_towards(&self, host: usize) -> Option<&Incident> {
        self.incidents
            .iter()
            .find(|incident| incident.to == host && !incident.superseded)
    }

    pub(super) fn incident(&self, id: &str) -> Option<&Incident> {
        self.incidents.iter().find(|incident| &*incident.id == id)
    }

    pub(super) fn incident_mut(&mut self, id: &str) -> Option<&mut Incident> {
        self.incidents
            .iter_mut()
            .find(|incident| &*incident.id == id)
    }

    /// The same statement about the same application, seen before within `tolerance`.
    pub(super) fn known(
        &self,
        application: usize,
        kind: EventKind,
        stamp: Time,
        tolerance: Duration,
    ) -> Option<&Fact> {
        self.members[application]
            .facts
            .iter()
            .rev()
            .find(|fact| fact.kind == kind && fact.stamp.distance(stamp) <= tolerance)
    }
}

/// For as long as `tolerance`, or longer.
pub(super) fn lasting(since: Option<Time>, now: Time, tolerance: Duration) -> bool {
    since.is_some_and(|since| now.since(since) >= tolerance)
}
