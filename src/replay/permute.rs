//! Would another order of the same storm have led to another plan? Every order of an incident's events over their
//! own times is decided again, from the state before the first of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::Arc;

use super::{Content, Item, Replay, Told};
use crate::decide::{Core, Entry, Verdict};
use crate::event::{Event, Origin};
use crate::topology::Action;

/// All orders are tried up to so many events; beyond, as many orders as these have are sampled.
const ALL_ORDERS_MAX: usize = 7;
const ORDERS_MAX: usize = 5_040;

/// How many orders of one incident's events gave which plans.
#[derive(Clone, Debug)]
pub struct Permutation {
    pub incident: Arc<str>,
    pub solution: usize,
    pub events: usize,
    pub orders: usize,
    /// Not all orders were tried.
    pub sampled: bool,
    /// The steps of each plan, and how many orders led to it.
    pub plans: BTreeMap<Plan, usize>,
}

/// Which steps there were, whatever became of them: what was so already counts too.
pub type Plan = BTreeSet<(Action, Arc<str>)>;

/// Decides every incident of the replay again in other orders. `start` is the replay before its first item.
pub fn permute(start: &Replay, items: &[Item]) -> Vec<Permutation> {
    let incidents = incidents(start, items);
    let mut replay = start.clone();
    let mut done = 0;
    let mut permutations = Vec::new();
    for (id, solution, places) in incidents {
        let (Some(&first), Some(&last)) = (places.first(), places.last()) else {
            continue;
        };
        if first < done {
            // Its storm began inside the one before; the state before it is rebuilt from the start.
            (replay, done) = (start.clone(), 0);
        }
        advance(&mut replay, &items[done..first]);
        done = first;
        permutations.push(orders(&replay, id, solution, &items[first..=last], &places));
    }
    permutations
}

/// Each incident with the places of its events in `items`, in the order of its first event.
fn incidents(start: &Replay, items: &[Item]) -> Vec<(Arc<str>, usize, Vec<usize>)> {
    let place_of: HashMap<&Origin, usize> = items
        .iter()
        .enumerate()
        .filter_map(|(place, item)| match &item.content {
            Content::Event { event, .. } => Some((&event.origin, place)),
            _ => None,
        })
        .collect();
    let mut found: BTreeMap<(usize, Arc<str>), BTreeSet<usize>> = BTreeMap::new();
    watch(&mut start.clone(), items.iter().cloned(), |entry| {
        if let Entry::Decided(decision) = entry
            && let (Some(incident), Some(solution)) = (&decision.incident, decision.solution)
            && let Some(&place) = place_of.get(&decision.event.origin)
            && decision.verdict != Verdict::Ignore
        {
            found
                .entry((solution, incident.clone()))
                .or_default()
                .insert(place);
        }
    });
    let mut incidents: Vec<_> = found
        .into_iter()
        .map(|((solution, id), places)| (id, solution, places.into_iter().collect::<Vec<_>>()))
        .collect();
    incidents.sort_by_key(|(_, _, places)| places.first().copied());
    incidents
}

fn orders(
    before: &Replay,
    incident: Arc<str>,
    solution: usize,
    items: &[Item],
    places: &[usize],
) -> Permutation {
    let first = places[0];
    let slots: Vec<usize> = places.iter().map(|place| place - first).collect();
    let sampled = slots.len() > ALL_ORDERS_MAX;
    let mut plans: BTreeMap<Plan, usize> = BTreeMap::new();
    let mut orders = 0;
    let mut order: Vec<usize> = (0..slots.len()).collect();
    let mut shuffle = Shuffle::new(slots.len() as u64);
    loop {
        *plans
            .entry(plan(before, solution, items, &slots, &order))
            .or_default() += 1;
        orders += 1;
        let more = if sampled {
            shuffle.shuffle(&mut order);
            orders < ORDERS_MAX
        } else {
            next_order(&mut order)
        };
        if !more {
            break;
        }
    }
    Permutation {
        incident,
        solution,
        events: slots.len(),
        orders,
        sampled,
        plans,
    }
}

/// The plan that comes of the events of `slots` standing at each other's times.
fn plan(
    before: &Replay,
    solution: usize,
    items: &[Item],
    slots: &[usize],
    order: &[usize],
) -> Plan {
    let mut permuted = items.to_vec();
    for (slot, from) in slots.iter().zip(order.iter().map(|index| slots[*index])) {
        let (
            Content::Event { event: moved, .. },
            Content::Event {
                event: there,
                stamp,
            },
        ) = (&items[from].content, &items[*slot].content)
        else {
            continue;
        };
        let event = Arc::new(Event {
            time: there.time,
            ..(**moved).clone()
        });
        permuted[*slot].content = Content::Event {
            event,
            stamp: *stamp,
        };
    }
    let mut replay = before.clone();
    let described = replay.core.state.topology.solutions[solution].clone();
    let mut plan = Plan::new();
    watch(&mut replay, permuted, |entry| {
        if let Entry::Closed {
            solution: closed,
            incident,
        } = entry
            && *closed == solution
        {
            plan.extend(incident.steps.iter().map(|step| {
                let application = step
                    .application
                    .map(|index| &described.applications[index].name);
                (
                    step.action,
                    application
                        .unwrap_or(&described.hosts[step.host].name)
                        .clone(),
                )
            }));
        }
    });
    plan
}

fn watch(replay: &mut Replay, items: impl IntoIterator<Item = Item>, mut see: impl FnMut(&Entry)) {
    let told: Result<(), Infallible> = replay.run(items, &mut |_, told| {
        if let Told::Entry(entry) = told {
            see(entry);
        }
        Ok(())
    });
    let Ok(()) = told;
}

/// Takes the items in, and leaves what is open open.
fn advance(replay: &mut Replay, items: &[Item]) {
    let mut nothing = |_: &Core, _: Told<'_>| Ok::<(), Infallible>(());
    for item in items {
        let Ok(()) = replay.run_until(Some(item.arrival), &mut nothing);
        let Ok(()) = replay.take(item.clone(), &mut nothing);
    }
}

/// The next order in the sense of a dictionary; false behind the last.
fn next_order(order: &mut [usize]) -> bool {
    let Some(pivot) = (1..order.len()).rev().find(|&at| order[at - 1] < order[at]) else {
        return false;
    };
    let swap = (pivot..order.len())
        .rev()
        .find(|&at| order[at] > order[pivot - 1])
        .unwrap_or(pivot);
    order.swap(pivot - 1, swap);
    order[pivot..].reverse();
    true
}

/// Fisher and Yates over a xorshift: the same samples in every run.
struct Shuffle(u64);

impl Shuffle {
    fn new(seed: u64) -> Shuffle {
        Shuffle(0x9e37_79b9_7f4a_7c15 ^ seed)
    }

    fn shuffle(&mut self, order: &mut [usize]) {
        for end in (1..order.len()).rev() {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            order.swap(end, (self.0 % (end as u64 + 1)) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_met_once() {
        let mut order = [0, 1, 2, 3];
        let mut all = BTreeSet::from([order]);
        while next_order(&mut order) {
            assert!(all.insert(order), "{order:?} twice");
        }
        assert_eq!(all.len(), 24);
    }

    #[test]
    fn a_sample_is_the_same_in_every_run_and_loses_nothing() {
        let sample = || {
            let mut order: Vec<usize> = (0..9).collect();
            let mut shuffle = Shuffle::new(9);
            (0..50)
                .map(|_| {
                    shuffle.shuffle(&mut order);
                    order.clone()
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(sample(), sample());
        for mut order in sample() {
            order.sort_unstable();
            assert_eq!(order, (0..9).collect::<Vec<_>>());
        }
    }
}
