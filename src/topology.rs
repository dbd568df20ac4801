//! The pairs that are watched: who is who, on which host, and what each component means.
//! Built by `config` only, and never wrong: what could not be resolved is a fault there.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::event::{Event, EventKind};
use crate::time::Time;
use crate::words::words;

/// All solutions of one configuration. Solutions, hosts and applications are named by index.
#[derive(Clone, Debug, Default)]
pub struct Topology {
    pub solutions: Vec<Solution>,
    applications: HashMap<Arc<str>, (usize, usize)>,
    dbids: HashMap<u32, (usize, usize)>,
    hosts: HashMap<String, Vec<(usize, usize)>>,
}

/// One voicemail HA pair: the unit that moves.
#[derive(Clone, Debug)]
pub struct Solution {
    pub name: Arc<str>,
    /// The two hosts, in the order of the configuration.
    pub hosts: [Host; 2],
    pub vip: Option<Arc<str>>,
    /// Those of the two hosts, and those outside the pair (a premise SIP Server).
    pub applications: Vec<Application>,
    pub policy: Policy,
}

#[derive(Clone, Debug)]
pub struct Host {
    pub name: Arc<str>,
    pub address: Option<Arc<str>>,
    pub aliases: Vec<Arc<str>>,
}

#[derive(Clone, Debug)]
pub struct Application {
    pub name: Arc<str>,
    pub dbid: u32,
    pub component: Component,
    /// Index into the solution's hosts; none for an application outside the pair.
    pub host: Option<usize>,
}

/// What a component kind means for the pair; a row of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// `vm-sip-server`, `resource-manager`, …
    pub name: Arc<str>,
    pub trigger: Trigger,
    /// It is switched to primary when the pair moves.
    pub switched: bool,
    /// The VIP follows its 4563. Exactly one component kind of a pair leads so.
    pub vip_follows: bool,
}

words! {
    /// What makes a component's event move the pair.
    Trigger {
        /// Its change to primary (4563).
        BecamePrimary = "became-primary",
        /// Its failure on the primary host (5064, 5091).
        FailedWhilePrimary = "failed-while-primary",
        Nothing = "nothing",
    }
}

words! {
    /// Whether steps are carried out.
    ActionMode {
        AlertOnly = "alert-only",
        Active = "active",
    }
}

words! {
    /// What a step does. Each has an argv template under `actions:`.
    Action {
        SwitchToPrimary = "switch-to-primary",
        VipEnable = "vip-enable",
        VipDisable = "vip-disable",
        VipAnnounce = "vip-announce",
    }
}

words! {
    /// What an alert is about.
    AlertClass {
        /// Every extracted event line, before any is dropped as a repetition.
        Event = "event",
        /// A pair moves, or its service is in danger.
        Incident = "incident",
        Step = "step",
        /// Something keeps a pair from being moved.
        Hold = "hold",
        /// A step is owed to a host.
        Owed = "owed",
        /// The backup host could not take over.
        Redundancy = "redundancy",
        /// A log is silent, late, unreadable or lost.
        Source = "source",
        Clock = "clock",
        Daemon = "daemon",
    }
}

words! {
    /// In which order the two VIP steps run.
    VipOrder {
        /// Enable on the new host, then disable on the old one: the guide's order.
        EnableFirst = "enable-first",
        DisableFirst = "disable-first",
        Parallel = "parallel",
    }
}

/// The settings by which one pair is decided. Durations and counts, no I/O.
#[derive(Clone, Debug)]
pub struct Policy {
    pub mode: ActionMode,
    /// How long after its last event an incident still takes events in.
    pub window: Duration,
    /// The longest that an incident takes events in, counted from its opening.
    pub window_max: Duration,
    /// How long a 5064/5091 waits for a better picture.
    pub confirm: Duration,
    /// How long after a reaction no other one starts on a 5064/5091.
    pub block: Duration,
    /// An event older than this at arrival only teaches.
    pub event_age_max: Duration,
    /// Two primaries are normal, and two stamps are the same fact, within this.
    pub role_tolerance: Duration,
    /// How long the effect of a step is awaited.
    pub verify: Duration,
    pub flap_moves: u32,
    pub flap_within: Duration,
    pub vip_order: VipOrder,
    /// How long switch steps wait for SCS to do them first.
    pub yield_for: Duration,
    pub vip_follows_in_maintenance: bool,
    pub maintenance: Vec<Maintenance>,
    /// `vip-announce` is configured, so a plan has that step.
    pub announces: bool,
    /// How often a step whose command failed is started again: by host, in the order of `Action::ALL`.
    pub retries: [[u32; 4]; 2],
}

impl Policy {
    pub fn retries(&self, host: usize, action: Action) -> u32 {
        let index = Action::ALL.iter().position(|each| *each == action);
        index
            .and_then(|index| self.retries.get(host)?.get(index))
            .copied()
            .unwrap_or(0)
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            mode: ActionMode::AlertOnly,
            window: Duration::from_secs(30),
            window_max: Duration::from_secs(120),
            confirm: Duration::from_secs(1),
            block: Duration::from_secs(300),
            event_age_max: Duration::from_secs(60),
            role_tolerance: Duration::from_secs(2),
            verify: Duration::from_secs(10),
            flap_moves: 3,
            flap_within: Duration::from_secs(1800),
            vip_order: VipOrder::EnableFirst,
            yield_for: Duration::ZERO,
            vip_follows_in_maintenance: false,
            maintenance: Vec::new(),
            announces: false,
            retries: [[0; 4]; 2],
        }
    }
}

/// A time in which the pair is worked on: decided and recorded, not acted upon.
#[derive(Clone, Debug)]
pub struct Maintenance {
    pub when: Recurrence,
    pub why: Arc<str>,
}

#[derive(Clone, Debug)]
pub enum Recurrence {
    Once {
        from: Time,
        to: Time,
    },
    /// On these days of the week (all if empty), from a time of day for a while, in a zone.
    Weekly {
        days: Vec<jiff::civil::Weekday>,
        from: jiff::civil::Time,
        length: Duration,
        zone: jiff::tz::TimeZone,
    },
}

impl Maintenance {
    pub fn covers(&self, time: Time) -> bool {
        self.until(time).is_some()
    }

    /// When the window that is open at `time` ends; none if none is open.
    pub fn until(&self, time: Time) -> Option<Time> {
        match &self.when {
            Recurrence::Once { from, to } => (*from <= time && time < *to).then_some(*to),
            Recurrence::Weekly {
                days,
                from,
                length,
                zone,
            } => {
                let local = time.jiff().to_zoned_datetime(zone.clone());
                // A window that began the day before may still be open after midnight.
                [
                    local.date(),
                    local.date().yesterday().unwrap_or(local.date()),
                ]
                .into_iter()
                .filter(|date| days.is_empty() || days.contains(&date.weekday()))
                .filter_map(|date| date.to_datetime(*from).to_zoned_datetime(zone.clone()).ok())
                .map(|start| Time::from(start.timestamp()))
                .find(|start| *start <= time && time < start.plus(*length))
                .map(|start| start.plus(*length))
            }
        }
    }
}

/// Whom an event is about, once its names are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Subject {
    Application(usize),
    Host(usize),
}

impl Subject {
    pub fn application(self) -> Option<usize> {
        match self {
            Subject::Application(application) => Some(application),
            Subject::Host(_) => None,
        }
    }
}

/// Why an event concerns no solution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unbound {
    NoApplication,
    UnknownApplication,
    UnknownHost,
    DbidMismatch,
    HostMismatch,
}

impl Topology {
    pub fn new(solutions: Vec<Solution>) -> Topology {
        let mut topology = Topology::default();
        for (s, solution) in solutions.iter().enumerate() {
            for (a, application) in solution.applications.iter().enumerate() {
                topology
                    .applications
                    .insert(application.name.clone(), (s, a));
                topology.dbids.insert(application.dbid, (s, a));
            }
            for (h, host) in solution.hosts.iter().enumerate() {
                let names = std::iter::once(&host.name)
                    .chain(&host.aliases)
                    .chain(&host.address);
                for name in names {
                    let places = topology.hosts.entry(name.to_lowercase()).or_default();
                    if !places.contains(&(s, h)) {
                        places.push((s, h));
                    }
                }
            }
        }
        topology.solutions = solutions;
        topology
    }

    /// The application of that name: (solution, application).
    pub fn application(&self, name: &str) -> Option<(usize, usize)> {
        self.applications.get(name).copied()
    }

    pub fn dbid(&self, dbid: u32) -> Option<(usize, usize)> {
        self.dbids.get(&dbid).copied()
    }

    /// The solutions that have a host of that name, address or alias: (solution, host). Names are compared without case.
    pub fn host(&self, name: &str) -> &[(usize, usize)] {
        self.hosts
            .get(&name.to_lowercase())
            .map_or(&[], Vec::as_slice)
    }

    /// Whom the event is about: (solution, subject). A host may serve several solutions.
    /// Not for what SCS says of itself, which concerns all pairs.
    pub fn bind(&self, event: &Event) -> Result<Vec<(usize, Subject)>, Unbound> {
        if matches!(event.kind, EventKind::HostLost | EventKind::HostBack) {
            let name = event.host.as_deref().ok_or(Unbound::UnknownHost)?;
            return match self.host(name) {
                [] => Err(Unbound::UnknownHost),
                places => Ok(places.iter().map(|&(s, h)| (s, Subject::Host(h))).collect()),
            };
        }
        let by_name = event
            .application
            .as_deref()
            .map(|name| self.application(name));
        let by_dbid = event.dbid.map(|dbid| self.dbid(dbid));
        let (solution, application) = match (by_name, by_dbid) {
            (None, None) => return Err(Unbound::NoApplication),
            (Some(None), Some(None) | None) | (None, Some(None)) => {
                return Err(Unbound::UnknownApplication);
            }
            (Some(Some(named)), Some(Some(numbered))) if named == numbered => named,
            (Some(_), Some(_)) => return Err(Unbound::DbidMismatch),
            (Some(Some(place)), None) | (None, Some(Some(place))) => place,
        };
        let home = self.solutions[solution].applications[application].host;
        if let (Some(home), Some(stated)) = (home, event.host.as_deref()) {
            let places = self.host(stated);
            // A name that no pair knows may be an alias nobody configured; one that is the peer's is a contradiction.
            if places.contains(&(solution, 1 - home)) && !places.contains(&(solution, home)) {
                return Err(Unbound::HostMismatch);
            }
        }
        Ok(vec![(solution, Subject::Application(application))])
    }
}

impl Solution {
    /// The application of a host whose component the VIP follows.
    pub fn lead(&self, host: usize) -> Option<usize> {
        self.applications
            .iter()
            .position(|each| each.host == Some(host) && each.component.vip_follows)
    }

    /// The same component on the other host.
    pub fn peer(&self, application: usize) -> Option<usize> {
        let this = &self.applications[application];
        let other = 1 - this.host?;
        self.applications
            .iter()
            .position(|each| each.host == Some(other) && each.component == this.component)
    }

    pub fn maintenance(&self, time: Time) -> Option<&Maintenance> {
        self.policy
            .maintenance
            .iter()
            .find(|each| each.covers(time))
    }
}
