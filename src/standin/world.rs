//! What is so in the simulated pair: which host is up, who runs as what, where the address is; and what is still to come.
//!
//! No clock and no file: whoever acts hands the time in, and gets the lines that are written by then.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cast::{Host, Kind, WRITERS, Who};
use super::change::{Change, Due};
use super::command::{Behaviour, Tool};
use super::noise::noise;
use super::wording;
use crate::time::Time;

/// Each writer puts a record between the others this often, in milliseconds; no two at the same moment.
const NOISE_MILLIS: u64 = 900;

/// All of it, as it is kept in one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct World {
    pub(super) machines: [Machine; 2],
    pub(super) processes: [Process; WRITERS],
    pub(super) behaviours: BTreeMap<Tool, Behaviour>,
    /// What a command does that has to reach a host that is down.
    pub(super) unreachable: Behaviour,
    pub(super) due: Vec<Due>,
    pub(super) alarms: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Machine {
    pub up: bool,
    /// It holds the address; a host that comes back holds it still.
    pub vip: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Process {
    pub running: bool,
    pub primary: bool,
    pub pid: u32,
    /// When its current segment was created.
    pub created: Time,
    noises: u64,
    next_noise: Time,
}

/// What is added to one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub who: Who,
    /// The name of the segment.
    pub file: String,
    /// Whole records with their line ends.
    pub text: String,
    /// False for what such an application writes all day.
    pub is_news: bool,
}

/// What can fail, start or be killed from the keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Host(Host),
    Application(Who),
}

impl World {
    /// A pair whose first host is primary, and the heads of its logs.
    pub fn begin(now: Time) -> (World, Vec<Line>) {
        let world = World {
            machines: [true, false].map(|vip| Machine { up: true, vip }),
            processes: std::array::from_fn(|at| Process::first(Who::ALL[at], now)),
            behaviours: BTreeMap::new(),
            unreachable: Behaviour::Fail,
            due: Vec::new(),
            alarms: 600,
        };
        let mut lines: Vec<Line> = Who::ALL.iter().map(|who| world.header(*who, now)).collect();
        lines.extend(world.overview(now));
        (world, lines)
    }

    /// Changes that have become due, in their order, and the lines that they write.
    pub fn tick(&mut self, now: Time) -> Vec<Line> {
        let mut lines = Vec::new();
        while let Some(at) = self.first_due().filter(|at| self.due[*at].at <= now) {
            let due = self.due.remove(at);
            self.perform(now, due.change, &mut lines);
        }
        lines
    }

    /// When something is to happen next by itself, noise aside.
    pub fn next(&self) -> Option<Time> {
        self.first_due().map(|at| self.due[at].at)
    }

    /// What the running applications write between the records that matter.
    pub fn noise(&mut self, now: Time) -> Vec<Line> {
        let mut lines = Vec::new();
        for who in Who::ALL.iter().copied() {
            let process = &mut self.processes[who as usize];
            if !process.running || process.next_noise > now {
                continue;
            }
            process.noises += 1;
            process.next_noise = now.plus(Duration::from_millis(NOISE_MILLIS));
            let text = noise(who, now, process.noises);
            lines.push(self.line(who, text, false));
        }
        lines
    }

    pub fn is_up(&self, host: Host) -> bool {
        self.machines[host as usize].up
    }

    pub fn has_vip(&self, host: Host) -> bool {
        self.machines[host as usize].vip
    }

    pub fn is_running(&self, who: Who) -> bool {
        self.processes[who as usize].running
    }

    pub fn is_primary(&self, who: Who) -> bool {
        let process = &self.processes[who as usize];
        process.running && process.primary
    }

    /// How a command behaves from now on.
    pub fn behave(&mut self, tool: Tool, behaviour: Behaviour) {
        self.behaviours.insert(tool, behaviour);
    }

    /// How a command behaves that has to reach a host that is down: it fails or hangs.
    pub fn behave_unreachable(&mut self, behaviour: Behaviour) {
        self.unreachable = behaviour;
    }

    pub fn behaviour(&self, tool: Tool) -> Behaviour {
        self.behaviours.get(&tool).copied().unwrap_or(Behaviour::Ok)
    }

    pub(super) fn plan(&mut self, at: Time, change: Change) {
        self.due.push(Due { at, change });
    }

    pub(super) fn header(&self, who: Who, now: Time) -> Line {
        self.line(who, wording::header(who, now), false)
    }

    pub(super) fn own(&self, who: Who, now: Time, text: &str) -> Line {
        self.line(who, wording::record(now, text), true)
    }

    pub(super) fn scs(&self, now: Time, text: &str) -> Line {
        self.line(Who::Scs, wording::scs(now, text), true)
    }

    pub(super) fn line(&self, who: Who, text: String, is_news: bool) -> Line {
        let created = self.processes[who as usize].created;
        Line {
            who,
            file: wording::file_name(who, created),
            text,
            is_news,
        }
    }

    /// The word of its mode, as SCS holds it.
    pub(super) fn mode(&self, who: Who) -> &'static str {
        match self.processes[who as usize].primary {
            true => "PRIMARY",
            false => "BACKUP",
        }
    }

    /// What SCS learns when it becomes primary: this is how a daemon that starts now knows the roles.
    fn overview(&self, now: Time) -> Vec<Line> {
        let own = "SelfServer: Internal Change RUNMODE from 'BACKUP' to 'PRIMARY'".to_owned();
        let hosts = Host::ALL
            .iter()
            .map(|host| wording::host_is(*host, "Running"));
        let applications = Host::ALL.iter().flat_map(|host| host.applications());
        let applications = applications.map(|who| {
            let pid = self.processes[who as usize].pid;
            wording::application_is(who, pid, self.mode(who))
        });
        let texts = std::iter::once(own).chain(hosts).chain(applications);
        texts.map(|text| self.scs(now, &text)).collect()
    }

    /// The one that comes first; of those at the same moment, the one that was planned first.
    fn first_due(&self) -> Option<usize> {
        let all = self.due.iter().enumerate();
        all.min_by_key(|(_, due)| due.at).map(|(at, _)| at)
    }
}

impl Process {
    /// As it runs when the pair begins.
    fn first(who: Who, now: Time) -> Process {
        let backup = who.host() == Some(Host::Two) && who.kind() != Kind::MediaControlPlatform;
        let gap = NOISE_MILLIS * who as u64 / WRITERS as u64;
        Process {
            running: true,
            primary: !backup,
            pid: 4851 + who as u32,
            created: now,
            noises: 100 * who as u64,
            next_noise: now.plus(Duration::from_millis(gap)),
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Host(host) => host.fmt(f),
            Target::Application(who) => who.fmt(f),
        }
    }
}

impl std::str::FromStr for Target {
    type Err = String;

    /// `host1`, `host 1`, `vmhost1` or an application's name, in any case.
    fn from_str(text: &str) -> Result<Target, String> {
        let plain = |text: &str| text.to_lowercase().replace([' ', '_', '-'], "");
        let wanted = plain(text);
        let of_host = |host: &&Host| {
            let word = host.word();
            wanted == word || word.strip_prefix("vm") == Some(&*wanted)
        };
        if let Some(host) = Host::ALL.iter().find(of_host) {
            return Ok(Target::Host(*host));
        }
        let named = Who::applications().find(|who| plain(who.word()) == wanted);
        named.map(Target::Application).ok_or_else(|| {
            let names: Vec<&str> = Who::applications().map(Who::word).collect();
            format!("`{text}` is none of host1, host2, {}", names.join(", "))
        })
    }
}
