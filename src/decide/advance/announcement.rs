//! What follows the payment of a debt: the old host may have answered for the VIP until then, so neighbours are told
//! once more where it is. A courtesy that delays nothing and fails nothing.

use super::Turn;
use crate::decide::entry::Entry;
use crate::decide::incident::CauseKind;
use crate::decide::reason::Reason;

impl Turn<'_> {
    pub(super) fn announcement(&self) -> Option<Entry> {
        let due = self.pair.announcement.as_ref().filter(|due| !due.running)?;
        let (solution, host, at) = (self.index, due.host, self.now);
        if !self.pair.leads(self.solution, host) {
            let reason = Reason::RolesTurned;
            return Some(Entry::AnnounceEnded {
                solution,
                host,
                reason,
                at,
            });
        }
        let held = self.gate().vip(CauseKind::LeadPrimary).is_some();
        (!held).then_some(Entry::AnnounceTried { solution, host, at })
    }
}
