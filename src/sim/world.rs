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
    /// An operator let a debt be, and answers for the address.
    pub forgiven: bool,
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
                forgiven: false,
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

    pub fn is_switched(&self, pair: usize, process: usize) -> bool {
        let described = &self.topology.solutions[pair].applications[process];
        described.component.switched
    }

    pub(super) fn is_managed(&self, pair: usize, process: usize) -> bool {
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
