//! How a run must end, once everything has been quiet for long.

use super::{Check, Violation, Watch, broken};
use crate::decide::{IncidentState, State};
use crate::sim::world::World;
use crate::time::Time;

/// How the address of one pair was found at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sim) enum Ending {
    /// Where the VM SIP Server is primary, and only there.
    Right,
    /// Not so, and somebody is told why.
    Told,
    /// Somebody else moved it last, or no single server leads.
    Excused,
}

impl Watch {
    pub fn at_end(
        &self,
        state: &State,
        world: &World,
        last_vip: &[[Option<Time>; 2]],
    ) -> Result<Vec<Ending>, Violation> {
        let mut endings = Vec::new();
        for (index, pair) in state.pairs.iter().enumerate() {
            if let Some(incident) = pair.incidents.first() {
                let what = format!("{} is still open: {incident:#?}", incident.id);
                return broken(Check::EveryIncidentCloses, what);
            }
            if let Some(awaited) = pair.awaited.first() {
                let what = format!("a failure still waits: {awaited:#?}");
                return broken(Check::EveryIncidentCloses, what);
            }
            if self.is_active(index) {
                endings.push(self.ending(index, state, world, last_vip[index])?);
            }
        }
        Ok(endings)
    }

    fn ending(
        &self,
        index: usize,
        state: &State,
        world: &World,
        last_vip: [Option<Time>; 2],
    ) -> Result<Ending, Violation> {
        let Some(leading) = world.leading(index) else {
            return Ok(Ending::Excused);
        };
        let here = world.has_vip(index, leading);
        let there = world.has_vip(index, 1 - leading);
        if here && !there {
            return Ok(Ending::Right);
        }
        let site = &world.pairs[index];
        let since = |meddled: Time| last_vip.iter().any(|last| *last <= Some(meddled));
        if site.forgiven || site.meddled.is_some_and(since) {
            return Ok(Ending::Excused);
        }
        if self.is_told(index, leading, state) {
            return Ok(Ending::Told);
        }
        let pair = &state.pairs[index];
        let names = &self.topology.solutions[index].hosts;
        broken(
            Check::VipEndsRight,
            format!(
                "{} leads, the address is {}; believed: primary {:?}, address {:?}, ended {:#?}",
                names[leading].name,
                match (here, there) {
                    (true, _) => "on both hosts",
                    (false, true) => "on the other host",
                    (false, false) => "nowhere",
                },
                pair.primary,
                pair.vip_at,
                self.pairs[index].ended,
            ),
        )
    }

    /// An alert is open, something is owed or locks the pair, or the last word on this move was that it was held,
    /// failed or remained partial.
    fn is_told(&self, index: usize, leading: usize, state: &State) -> bool {
        let pair = &state.pairs[index];
        let newest = self.pairs[index]
            .ended
            .iter()
            .flatten()
            .max_by_key(|each| each.at);
        let unfinished = newest.is_some_and(|newest| {
            newest.hold.is_some()
                || matches!(
                    newest.state,
                    IncidentState::Held | IncidentState::Failed | IncidentState::Partial
                )
        });
        let held = self.pairs[index].ended[leading]
            .as_ref()
            .is_some_and(|ended| ended.hold.is_some());
        let alerts = pair
            .alerts
            .keys()
            .filter(|key| !key.starts_with("redundancy"));
        alerts.count() > 0
            || !state.scs.alerts.is_empty()
            || pair.lock.is_some()
            || !pair.owed.is_empty()
            || unfinished
            || held
    }
}
