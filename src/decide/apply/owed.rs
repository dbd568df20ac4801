//! Debts: who owes a VIP-disable, and whether it is being paid.

use std::sync::Arc;

use crate::decide::advance::pause_before;
use crate::decide::incident::StepState;
use crate::decide::state::{Announcement, Debt, Pair};
use crate::time::Time;
use crate::topology::Solution;

impl Pair {
    /// Paid, void or let be: it is owed no longer.
    pub(super) fn settled(&mut self, solution: &Solution, host: usize, to: StepState, at: Time) {
        let debt = self.owed.iter().position(|debt| debt.host == host);
        let debt = debt.map(|position| self.owed.remove(position));
        if to != StepState::Done {
            return;
        }
        self.hosts[host].forget_vip(at);
        if let Some(debt) = debt.filter(|_| solution.policy.announces && solution.vip.is_some()) {
            self.announcement = Some(Announcement {
                host: 1 - host,
                incident: debt.incident,
                attempts: 0,
                running: false,
            });
        }
    }

    pub(super) fn debts(&mut self, host: usize) -> impl Iterator<Item = &mut Debt> {
        self.owed.iter_mut().filter(move |debt| debt.host == host)
    }

    /// One debt for each host, however many incidents it fell due in. A host that is lost has not been asked yet, unless
    /// it is being asked at this very moment.
    pub(super) fn owes(&mut self, host: usize, incident: &Arc<str>, at: Time) {
        let running = |debt: &&mut Debt| debt.host == host && debt.running;
        if let Some(debt) = self.owed.iter_mut().find(running) {
            debt.incident = incident.clone();
            return;
        }
        let asked = !self.hosts[host].lost;
        self.owed.retain(|debt| debt.host != host);
        self.owed.push(Debt {
            host,
            incident: incident.clone(),
            since: at,
            attempts: u32::from(asked),
            running: false,
            next_try: asked.then(|| at.plus(pause_before(0))),
        });
    }
}
