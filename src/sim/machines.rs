//! Machines that die, are cut off, come back, and what SCS makes of it; and what SCS says of itself.

use super::logs::Saying;
use super::world::{Change, World};
use crate::event::EventKind;
use crate::time::Time;

impl World {
    pub fn kill(&mut self, now: Time, pair: usize, host: usize, returns: bool) {
        let machine = &mut self.pairs[pair].machines[host];
        if !machine.up {
            return;
        }
        machine.up = false;
        // Its logs are on its own disk, unless they are shared from elsewhere.
        let unreadable = self.dice.flip();
        for process in self.on(pair, host) {
            self.pairs[pair].processes[process].running = false;
            let source = self.source(pair, process);
            self.logs.sources[source].cut_off = unreadable;
        }
        let missed = now.plus(self.dice.millis(300, 12_000));
        self.due.push((missed, Change::MissMachine { pair, host }));
        if returns {
            let back = missed.plus(self.dice.millis(20_000, 400_000));
            self.due.push((back, Change::Boot { pair, host }));
        }
    }

    /// SCS no longer reaches the machine's agent; everything on it goes on.
    pub fn cut(&mut self, now: Time, pair: usize, host: usize) {
        let reachable = self.dice.flip();
        let machine = &mut self.pairs[pair].machines[host];
        if !machine.up || !machine.linked {
            return;
        }
        (machine.linked, machine.reachable) = (false, reachable);
        let missed = now.plus(self.dice.millis(300, 12_000));
        self.due.push((missed, Change::MissMachine { pair, host }));
        let mended = now.plus(self.dice.millis(2_000, 200_000));
        self.due.push((mended, Change::Mend { pair, host }));
    }

    pub(super) fn miss_machine(&mut self, now: Time, pair: usize, host: usize) {
        let machine = &self.pairs[pair].machines[host];
        if machine.up && machine.linked {
            return;
        }
        self.about_machine(now, pair, host, EventKind::HostLost);
        for process in self.on(pair, host) {
            if self.pairs[pair].processes[process].missed {
                continue;
            }
            self.pairs[pair].processes[process].missed = true;
            let at = now.plus(self.dice.millis(0, 1500));
            let saying = Saying::of(EventKind::Failed, self.name(pair, process));
            self.scs_says(at, saying);
            self.replace(now, pair, process);
        }
    }

    pub(super) fn boot(&mut self, now: Time, pair: usize, host: usize) {
        // Some machines take the address up again when they start.
        let keeps = self.dice.flip();
        let machine = &mut self.pairs[pair].machines[host];
        (machine.up, machine.linked, machine.reachable) = (true, true, true);
        machine.vip &= keeps;
        self.about_machine(now, pair, host, EventKind::HostBack);
        for process in self.on(pair, host) {
            let source = self.source(pair, process);
            self.logs.sources[source].cut_off = false;
            self.logs.fresh.push((now, source));
            let at = now.plus(self.dice.millis(500, 30_000));
            self.due.push((at, Change::Start { pair, process }));
        }
    }

    /// The agent is reached again: of two primaries SCS makes one backup, of none it makes one primary.
    pub(super) fn mend(&mut self, now: Time, pair: usize, host: usize) {
        let machine = &mut self.pairs[pair].machines[host];
        (machine.linked, machine.reachable) = (machine.up, true);
        if !machine.up {
            return;
        }
        self.about_machine(now, pair, host, EventKind::HostBack);
        let topology = self.topology.clone();
        let solution = &topology.solutions[pair];
        for process in self.on(pair, host) {
            let state = &mut self.pairs[pair].processes[process];
            state.missed = !state.running;
            if !state.running {
                let at = now.plus(self.dice.millis(500, 30_000));
                self.due.push((at, Change::Start { pair, process }));
                continue;
            }
            let (primary, term) = (state.primary, state.term);
            let at = now.plus(self.dice.millis(5, 1500));
            // SCS states what it finds.
            self.scs_states(at, pair, process);
            let back = Saying::of(EventKind::Started, self.name(pair, process));
            self.scs_says(at, back);
            let Some(peer) = solution
                .peer(process)
                .filter(|_| solution.applications[process].component.switched)
            else {
                continue;
            };
            let other = &self.pairs[pair].processes[peer];
            let change = match (primary, other.running && other.primary) {
                (true, true) => Change::Demote {
                    pair,
                    process: if self.dice.percent(70) { process } else { peer },
                    term,
                    ours: false,
                },
                (false, false) => Change::Promote {
                    pair,
                    process,
                    ours: false,
                },
                _ => continue,
            };
            self.due
                .push((now.plus(self.dice.millis(10, 1500)), change));
        }
    }

    /// The other Solution Control Server takes over and states what it knows.
    pub fn switch_scs(&mut self, now: Time) {
        self.scs_writes(now, self.scs, Saying::new(EventKind::ScsBackup));
        self.scs = 1 - self.scs;
        self.scs_writes(now, self.scs, Saying::new(EventKind::ScsPrimary));
        for pair in 0..self.pairs.len() {
            for process in 0..self.pairs[pair].processes.len() {
                if self.dice.percent(70) {
                    let at = now.plus(self.dice.millis(10, 900));
                    self.scs_states(at, pair, process);
                }
            }
        }
    }

    /// SCS finds its own mode unstable for a while.
    pub fn flap_scs(&mut self, now: Time) {
        self.scs_says(now, Saying::new(EventKind::ScsFlapping));
        let stable = now.plus(self.dice.millis(5_000, 60_000));
        self.scs_says(stable, Saying::new(EventKind::ScsStable));
    }

    /// The address vanishes from a machine.
    pub fn drop_vip(&mut self, now: Time, pair: usize, host: usize) {
        if self.has_vip(pair, host) {
            self.pairs[pair].machines[host].vip = false;
            self.pairs[pair].meddled = Some(now);
            let at = now.plus(self.dice.millis(50, 3000));
            self.due.push((at, Change::TellVip { pair, host }));
        }
    }

    pub fn slow_down(&mut self, now: Time, source: usize) {
        if let Some(slow) = self.logs.sources.get_mut(source) {
            slow.lag = self.dice.millis(3_000, 90_000);
            let over = now.plus(self.dice.millis(10_000, 120_000));
            self.due.push((over, Change::CatchUp { source }));
        }
    }

    fn about_machine(&mut self, now: Time, pair: usize, host: usize, kind: EventKind) {
        let name = self.topology.solutions[pair].hosts[host].name.clone();
        let saying = Saying {
            host: Some(name),
            ..Saying::new(kind)
        };
        self.scs_says(now, saying);
    }

    fn on(&self, pair: usize, host: usize) -> Vec<usize> {
        let all = 0..self.pairs[pair].processes.len();
        all.filter(|process| self.host(pair, *process) == host)
            .collect()
    }
}
