//! What is really so: machines, processes and addresses of some voicemail pairs, and what each writes to its log.
//!
//! Processes follow the field's rules: a VM SIP Server or VM Server has one primary and one backup, SCS promotes
//! the backup when it misses the primary, RM and MCP are only restarted. Nothing here knows of the decision core.

use std::sync::Arc;

use super::dice::Dice;
use super::logs::{Logs, Saying};
use crate::event::{EventKind, Mode, Status, Witness};
use crate::time::Time;
use crate::topology::Topology;

#[derive(Clone, Debug)]
pub(super) struct World {
    pub topology: Arc<Topology>,
    pub pairs: Vec<Site>,
    pub logs: Logs,
    /// Which of the two Solution Control Servers is primary.
    pub scs: usize,
    /// The alarm reactions of SCS move the VIP as well.
    pub reactions: bool,
    /// What the world will do by itself.
    pub due: Vec<(Time, Change)>,
    pub(super) dice: Dice,
}

/// One pair.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub machines: [Machine; 2],
    /// In the order of the solution's applications.
    pub processes: Vec<Process>,
    /// Somebody else moved or dropped the address, and when.
    pub meddled: Option<Time>,
}

#[derive(Clone, Debug)]
pub(super) struct Machine {
    pub up: bool,
    /// SCS reaches its agent.
    pub linked: bool,
    /// Commands reach it.
    pub reachable: bool,
    /// It is configured to have the virtual address.
    pub vip: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Process {
    pub running: bool,
    pub primary: bool,
    /// SCS reported its end and not yet its return.
    pub missed: bool,
    /// Counts role changes, so that an order from before the last one is dropped.
    pub term: u32,
}

/// What comes of itself, some time after its cause.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// SCS misses a process.
    Miss {
        pair: usize,
        process: usize,
    },
    /// SCS misses a machine.
    MissMachine {
        pair: usize,
        host: usize,
    },
    Promote {
        pair: usize,
        process: usize,
        ours: bool,
    },
    Demote {
        pair: usize,
        process: usize,
        term: u32,
        ours: bool,
    },
    Start {
        pair: usize,
        process: usize,
    },
    Boot {
        pair: usize,
        host: usize,
    },
    Mend {
        pair: usize,
        host: usize,
    },
    /// An alarm reaction of SCS brings the address to a host.
    Script {
        pair: usize,
        host: usize,
    },
    /// A SIP Server tells whether it has the address.
    TellVip {
        pair: usize,
        host: usize,
    },
    /// A source is as fast as ever again.
    CatchUp {
        source: usize,
    },
    /// SCS writes a line.
    Say(Saying),
}

impl World {
    pub fn new(topology: Arc<Topology>, dice: &mut Dice) -> World {
        let names = topology.solutions.iter().flat_map(|solution| {
            let names = solution.applications.iter().map(|each| each.name.clone());
            names.collect::<Vec<Arc<str>>>()
        });
        let names = names.chain(["SCS-1".into(), "SCS-2".into()]);
        let logs = Logs::new(names, dice.split());
        let pairs = topology.solutions.iter().map(|solution| {
            let first = dice.below(2);
            let machine = |host| Machine {
                up: true,
                linked: true,
                reachable: true,
                vip: host == first,
            };
            let process = |each: &crate::topology::Application| Process {
                running: true,
                primary: each.component.switched && each.host == Some(first),
                ..Process::default()
            };
            Site {
                machines: [machine(0), machine(1)],
                processes: solution.applications.iter().map(process).collect(),
                meddled: None,
            }
        });
        let pairs = pairs.collect();
        World {
            pairs,
            logs,
            scs: 0,
            reactions: dice.percent(15),
            due: Vec::new(),
            dice: dice.split(),
            topology,
        }
    }

    /// What the logs of a running system hold: which modes were taken, long ago.
    pub fn remember(&mut self, at: Time) {
        for pair in 0..self.pairs.len() {
            for process in 0..self.pairs[pair].processes.len() {
                if !self.topology.solutions[pair].applications[process]
                    .component
                    .switched
                {
                    continue;
                }
                let kind = match self.pairs[pair].processes[process].primary {
                    true => EventKind::BecamePrimary,
                    false => EventKind::BecameBackup,
                };
                self.own(pair, process, at, kind, false);
            }
        }
    }

    pub fn change(&mut self, now: Time, change: Change) {
        match change {
            Change::Miss { pair, process } => self.miss(now, pair, process),
            Change::MissMachine { pair, host } => self.miss_machine(now, pair, host),
            Change::Promote {
                pair,
                process,
                ours,
            } => {
                self.promote(now, pair, process, ours);
            }
            Change::Demote {
                pair,
                process,
                term,
                ours,
            } => self.demote(now, pair, process, term, ours),
            Change::Start { pair, process } => self.start(now, pair, process),
            Change::Boot { pair, host } => self.boot(now, pair, host),
            Change::Mend { pair, host } => self.mend(now, pair, host),
            Change::Script { pair, host } => {
                for machine in 0..2 {
                    self.set_vip(now, pair, machine, machine == host);
                }
                self.pairs[pair].meddled = Some(now);
            }
            Change::TellVip { pair, host } => self.tell_vip(now, pair, host),
            Change::CatchUp { source } => {
                self.logs.sources[source].lag = std::time::Duration::ZERO;
            }
            Change::Say(saying) => self.scs_writes(now, self.scs, saying),
        }
    }

    /// The SIP Server's host that really leads, if exactly one does.
    pub fn leading(&self, pair: usize) -> Option<usize> {
        let leads = |host: &usize| {
            let lead = self.topology.solutions[pair].lead(*host);
            lead.is_some_and(|lead| {
                let process = &self.pairs[pair].processes[lead];
                process.running && process.primary
            })
        };
        let mut leading = (0..2).filter(leads);
        leading.next().filter(|_| leading.next().is_none())
    }

    pub fn has_vip(&self, pair: usize, host: usize) -> bool {
        let machine = &self.pairs[pair].machines[host];
        machine.up && machine.vip
    }

    /// True if the machine could be told.
    pub fn set_vip(&mut self, now: Time, pair: usize, host: usize, on: bool) -> bool {
        let machine = &mut self.pairs[pair].machines[host];
        if !machine.up || !machine.reachable {
            return false;
        }
        if machine.vip != on {
            machine.vip = on;
            if self.dice.percent(40) {
                let at = now.plus(self.dice.millis(50, 3000));
                self.due.push((at, Change::TellVip { pair, host }));
            }
        }
        true
    }

    /// True if it was done; SCS refuses what it cannot reach.
    pub fn promote(&mut self, now: Time, pair: usize, process: usize, ours: bool) -> bool {
        if !self.is_managed(pair, process) {
            return false;
        }
        if self.pairs[pair].processes[process].primary {
            return true;
        }
        let term = self.next_term(pair, process);
        self.pairs[pair].processes[process].primary = true;
        self.own(pair, process, now, EventKind::BecamePrimary, ours);
        if self.dice.percent(60) {
            let told = now.plus(self.dice.millis(10, 1500));
            let saying = Saying {
                ours,
                ..Saying::of(EventKind::BecamePrimary, self.name(pair, process))
            };
            self.scs_says(told, saying);
        }
        let topology = self.topology.clone();
        let solution = &topology.solutions[pair];
        if let Some(peer) = solution.peer(process) {
            if !self.pairs[pair].processes[peer].running {
                self.pairs[pair].processes[peer].primary = false;
            } else if self.pairs[pair].processes[peer].primary {
                let at = now.plus(self.dice.millis(5, 1800));
                let demote = Change::Demote {
                    pair,
                    process: peer,
                    term,
                    ours,
                };
                self.due.push((at, demote));
            }
        }
        let described = &solution.applications[process];
        if self.reactions && described.component.vip_follows {
            let at = now.plus(self.dice.millis(500, 5000));
            let host = described.host.unwrap_or(0);
            self.due.push((at, Change::Script { pair, host }));
        }
        true
    }

    fn demote(&mut self, now: Time, pair: usize, process: usize, term: u32, ours: bool) {
        let current = self.pairs[pair].processes[process].term == term;
        if !current
            || !self.is_managed(pair, process)
            || !self.pairs[pair].processes[process].primary
        {
            return;
        }
        self.pairs[pair].processes[process].primary = false;
        self.own(pair, process, now, EventKind::BecameBackup, ours);
    }

    /// The process ends without being asked to.
    pub fn fail(&mut self, now: Time, pair: usize, process: usize) {
        if !self.pairs[pair].processes[process].running {
            return;
        }
        self.pairs[pair].processes[process].running = false;
        let noticed = now.plus(self.dice.millis(100, 6000));
        self.due.push((noticed, Change::Miss { pair, process }));
        if self.dice.percent(70) {
            let back = noticed.plus(self.dice.millis(500, 90_000));
            self.due.push((back, Change::Start { pair, process }));
        }
    }

    /// An administrator stops the process, and starts it again later.
    pub fn stop(&mut self, now: Time, pair: usize, process: usize) {
        if !self.is_managed(pair, process) {
            return;
        }
        let before = self.dice.flip();
        let name = self.name(pair, process).clone();
        let later = now.plus(self.dice.millis(10, 900));
        let (stop, fall) = if before { (now, later) } else { (later, now) };
        self.scs_says(stop, Saying::of(EventKind::PlannedStop, &name));
        if self.dice.flip() {
            self.scs_says(fall, Saying::of(EventKind::Failed, &name));
        }
        let gone = &mut self.pairs[pair].processes[process];
        (gone.running, gone.missed) = (false, true);
        self.replace(now, pair, process);
        let back = now.plus(self.dice.millis(5000, 120_000));
        self.due.push((back, Change::Start { pair, process }));
    }

    fn miss(&mut self, now: Time, pair: usize, process: usize) {
        let host = self.host(pair, process);
        if !self.pairs[pair].machines[host].linked || self.pairs[pair].processes[process].missed {
            return;
        }
        self.report_end(now, pair, process);
        if self.pairs[pair].processes[process].running {
            let back = Saying::of(EventKind::Started, self.name(pair, process));
            let at = now.plus(self.dice.millis(10, 2000));
            self.scs_says(at, back);
            return;
        }
        self.pairs[pair].processes[process].missed = true;
        self.replace(now, pair, process);
    }

    /// 5091 and 5064, either or both, and sometimes over and over.
    fn report_end(&mut self, now: Time, pair: usize, process: usize) {
        let sightings = if self.dice.percent(10) {
            12
        } else {
            1 + self.dice.below(2)
        };
        let mut at = now;
        for _ in 0..sightings {
            let saying = Saying::of(EventKind::Failed, self.name(pair, process));
            self.scs_says(at, saying);
            at = at.plus(self.dice.millis(0, 1200));
        }
    }

    /// SCS promotes the peer of a process that it misses.
    fn replace(&mut self, now: Time, pair: usize, process: usize) {
        let topology = self.topology.clone();
        let solution = &topology.solutions[pair];
        let switched = solution.applications[process].component.switched;
        let Some(peer) = solution.peer(process).filter(|_| switched) else {
            return;
        };
        if self.pairs[pair].processes[process].primary && self.dice.percent(95) {
            let at = now.plus(self.dice.millis(20, 2000));
            if self.dice.flip() {
                let asked = Saying {
                    mode: Some(Mode::Primary),
                    ..Saying::of(EventKind::ModeRequested, self.name(pair, peer))
                };
                self.scs_says(now, asked);
            }
            let promote = Change::Promote {
                pair,
                process: peer,
                ours: false,
            };
            self.due.push((at, promote));
        }
    }

    fn start(&mut self, now: Time, pair: usize, process: usize) {
        let host = self.host(pair, process);
        let machine = &self.pairs[pair].machines[host];
        if !machine.up || self.pairs[pair].processes[process].running {
            return;
        }
        let linked = machine.linked;
        let started = &mut self.pairs[pair].processes[process];
        (started.running, started.missed, started.primary) = (true, false, false);
        let name = self.name(pair, process).clone();
        if linked {
            let at = now.plus(self.dice.millis(5, 800));
            self.scs_says(at, Saying::of(EventKind::Started, &name));
        }
        if !self.topology.solutions[pair].applications[process]
            .component
            .switched
        {
            return;
        }
        if self.peer_leads(pair, process) || !linked {
            self.own(pair, process, now, EventKind::BecameBackup, false);
        } else {
            self.promote(now, pair, process, false);
        }
    }

    fn peer_leads(&self, pair: usize, process: usize) -> bool {
        let peer = self.topology.solutions[pair].peer(process);
        peer.is_some_and(|peer| {
            let peer = &self.pairs[pair].processes[peer];
            peer.running && peer.primary
        })
    }

    fn next_term(&mut self, pair: usize, process: usize) -> u32 {
        let peer = self.topology.solutions[pair].peer(process);
        let term = self.pairs[pair].processes[process].term + 1;
        for index in [Some(process), peer].into_iter().flatten() {
            self.pairs[pair].processes[index].term = term;
        }
        term
    }

    pub fn is_switched(&self, pair: usize, process: usize) -> bool {
        let described = &self.topology.solutions[pair].applications[process];
        described.component.switched
    }

    fn is_managed(&self, pair: usize, process: usize) -> bool {
        let machine = &self.pairs[pair].machines[self.host(pair, process)];
        machine.up && machine.linked && self.pairs[pair].processes[process].running
    }

    pub(super) fn host(&self, pair: usize, process: usize) -> usize {
        self.topology.solutions[pair].applications[process]
            .host
            .unwrap_or(0)
    }

    pub(super) fn name(&self, pair: usize, process: usize) -> &Arc<str> {
        &self.topology.solutions[pair].applications[process].name
    }

    /// Index of a process's own log.
    pub(super) fn source(&self, pair: usize, process: usize) -> usize {
        let earlier = self.topology.solutions[..pair].iter();
        earlier.map(|each| each.applications.len()).sum::<usize>() + process
    }

    fn tell_vip(&mut self, now: Time, pair: usize, host: usize) {
        let Some(lead) = self.topology.solutions[pair].lead(host) else {
            return;
        };
        let process = &self.pairs[pair].processes[lead];
        if process.running && process.primary {
            let kind = match self.has_vip(pair, host) {
                true => EventKind::VipOk,
                false => EventKind::VipLost,
            };
            self.own(pair, lead, now, kind, true);
        }
    }

    pub(super) fn own(
        &mut self,
        pair: usize,
        process: usize,
        at: Time,
        kind: EventKind,
        ours: bool,
    ) {
        let saying = Saying {
            ours,
            ..Saying::of(kind, self.name(pair, process))
        };
        let source = self.source(pair, process);
        self.logs.write(source, Witness::Own, at, saying);
    }

    /// The Solution Control Server that is primary then will write it.
    pub(super) fn scs_says(&mut self, at: Time, saying: Saying) {
        self.due.push((at, Change::Say(saying)));
    }

    pub(super) fn scs_writes(&mut self, at: Time, scs: usize, saying: Saying) {
        let source = self.logs.sources.len() - 2 + scs;
        self.logs.write(source, Witness::Scs, at, saying);
    }

    /// Mode and status as SCS holds them, for one process.
    pub(super) fn scs_states(&mut self, at: Time, pair: usize, process: usize) {
        let (mode, status) = self.state_of(pair, process);
        let saying = Saying {
            mode,
            status,
            ..Saying::of(EventKind::StateReported, self.name(pair, process))
        };
        self.scs_says(at, saying);
    }

    pub(super) fn state_of(&self, pair: usize, process: usize) -> (Option<Mode>, Option<Status>) {
        let state = &self.pairs[pair].processes[process];
        let managed = self.is_managed(pair, process);
        let switched = self.topology.solutions[pair].applications[process]
            .component
            .switched;
        let mode = match (managed && switched, state.primary) {
            (true, true) => Some(Mode::Primary),
            (true, false) => Some(Mode::Backup),
            (false, _) => None,
        };
        let status = if managed {
            Status::Running
        } else {
            Status::Unknown
        };
        (mode, Some(status))
    }
}
