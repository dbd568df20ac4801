//! What is owed to a host that could not be reached: tried once at once, paid when the host is seen again, void
//! where the host rightly has the VIP by then, and never forgotten.

use std::time::Duration;

use super::Turn;
use crate::decide::entry::Entry;
use crate::decide::incident::{CauseKind, Incident, StepState};
use crate::decide::reason::Reason;
use crate::decide::state::Debt;
use crate::topology::ActionMode;

impl Turn<'_> {
    pub(super) fn owed(&self, incident: &Incident, host: usize) -> Entry {
        Entry::Owed {
            solution: self.index,
            host,
            incident: incident.id.clone(),
            at: self.now,
        }
    }

    pub(super) fn debts(&self) -> Vec<Entry> {
        self.pair
            .owed
            .iter()
            .filter_map(|debt| self.debt(debt))
            .collect()
    }

    /// It is a VIP command like any other: what holds those holds it, unless an operator wants this very move.
    fn owed_for(&self, debt: &Debt) -> CauseKind {
        let incident = self.pair.incident(&debt.incident);
        incident.map_or(CauseKind::LeadPrimary, |incident| incident.cause.trigger)
    }

    /// A step that is under way brings the VIP to the host, or takes it away.
    fn vip_is_moved(&self, host: usize) -> bool {
        let steps = self
            .pair
            .incidents
            .iter()
            .flat_map(|incident| &incident.steps);
        let mut vip = steps.filter(|step| step.host == host && !step.is_switch());
        vip.any(|step| step.is_running() || step.is_in_doubt())
    }

    fn debt(&self, debt: &Debt) -> Option<Entry> {
        let (solution, host, at) = (self.index, debt.host, self.now);
        if debt.running {
            return None;
        }
        if self.pair.leads(self.solution, host) {
            let (state, reason) = (StepState::Void, Reason::RolesTurned);
            return Some(Entry::OwedSettled {
                solution,
                host,
                state,
                reason,
                at,
            });
        }
        let seen = !self.pair.hosts[host].lost
            && self.pair.hosts[host]
                .seen_at
                .is_some_and(|seen| seen > debt.since);
        match self.solution.policy.mode {
            ActionMode::AlertOnly => seen.then_some(Entry::OwedSettled {
                solution,
                host,
                state: StepState::WouldRun,
                reason: Reason::VipOffOldHost,
                at,
            }),
            ActionMode::Active => {
                let first = debt.attempts == 0;
                let again = seen && debt.next_try.is_none_or(|next| next <= self.now);
                let held =
                    self.gate().vip(self.owed_for(debt)).is_some() || self.vip_is_moved(host);
                // Not from where the other does not lead: what is there may be the only one.
                let leads = self.pair.leads(self.solution, 1 - host);
                ((first || again) && leads && !held).then_some(Entry::DebtTried {
                    solution,
                    host,
                    at,
                })
            }
        }
    }
}

/// How long a debt waits before it is tried again: 5 s, doubled each time, at most 10 min.
pub(in crate::decide) fn pause_before(attempts: u32) -> Duration {
    Duration::from_secs(5)
        .saturating_mul(1 << attempts.min(7))
        .min(Duration::from_secs(600))
}
