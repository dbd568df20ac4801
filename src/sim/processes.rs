//! Processes that fail, are stopped, start and change roles, and what SCS makes of it.

use super::logs::Saying;
use super::world::{Change, World};
use crate::event::{EventKind, Mode};
use crate::time::Time;

impl World {
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
            let told = now.plus(self.dice.millis(10, 900));
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

    pub(super) fn demote(&mut self, now: Time, pair: usize, process: usize, term: u32, ours: bool) {
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

    pub(super) fn miss(&mut self, now: Time, pair: usize, process: usize) {
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
    pub(super) fn replace(&mut self, now: Time, pair: usize, process: usize) {
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

    pub(super) fn start(&mut self, now: Time, pair: usize, process: usize) {
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
}
