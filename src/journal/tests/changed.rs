//! The configuration changes between two runs.

use proptest::prelude::*;

use super::*;
use crate::decide::{Fold, Renumbering};
use crate::topology::Subject;

/// The same pairs in another order: of solutions, of hosts, of applications.
fn shuffled(order: (bool, bool, usize)) -> Arc<Topology> {
    let (solutions, hosts, turn) = order;
    let mut pairs = vec![pair("east"), pair("west")];
    for pair in &mut pairs {
        pair.applications.rotate_left(turn);
        if hosts {
            pair.hosts.reverse();
            for application in &mut pair.applications {
                application.host = application.host.map(|host| 1 - host);
            }
        }
    }
    if solutions {
        pairs.reverse();
    }
    Arc::new(Topology::new(pairs))
}

/// Everything that is believed, told by names: the oracle knows nothing of numbers.
fn by_names(state: &State) -> Vec<String> {
    let mut told = Vec::new();
    for (solution, pair) in state.topology.solutions.iter().zip(&state.pairs) {
        let name = &solution.name;
        let host = |host: Option<usize>| host.map(|host| solution.hosts[host].name.to_string());
        told.push(format!(
            "{name} {:?} {:?}",
            host(pair.primary),
            host(pair.vip_at)
        ));
        for (application, member) in solution.applications.iter().zip(&pair.members) {
            told.push(format!("{} {member:?}", application.name));
        }
        for (index, belief) in pair.hosts.iter().enumerate() {
            let (belief, closed) = (belief, &pair.closed[index]);
            told.push(format!("{:?} {belief:?} {closed:?}", host(Some(index))));
        }
        for incident in &pair.incidents {
            let cause = &solution.applications[incident.cause.application].name;
            let (from, to) = (host(incident.from), host(Some(incident.to)));
            told.push(format!("{} {from:?} {to:?} {cause}", incident.id));
            for step in &incident.steps {
                let of = step.application.map(|a| &solution.applications[a].name);
                told.push(format!(
                    "{} {of:?} {:?} {}",
                    step.action,
                    host(Some(step.host)),
                    step.state
                ));
            }
        }
        for debt in &pair.owed {
            told.push(format!(
                "owed {:?} {}",
                host(Some(debt.host)),
                debt.incident
            ));
        }
        for each in &pair.awaited {
            told.push(format!(
                "awaited {}",
                solution.applications[each.application].name
            ));
        }
        for each in &pair.unconfirmed {
            told.push(format!(
                "unconfirmed {}",
                solution.applications[each.application].name
            ));
        }
    }
    told.sort();
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_changed_order_changes_numbers_and_nothing_that_is_believed(
        heard in heard(25), order in (any::<bool>(), any::<bool>(), 0_usize..6)
    ) {
        let (old, new) = (topology(), shuffled(order));
        let mut core = Core::new(old.clone());
        let told = decided(&mut core, &heard);
        let there = Renumbering::new(&old, &new);
        let moved = there.state(core.state.clone(), new.clone());
        prop_assert_eq!(by_names(&moved), by_names(&core.state));
        prop_assert_eq!(moved.next_wake(), core.state.next_wake());
        let mut fold = Fold::new(new.clone());
        fold.decided_under(&old);
        for (now, entries) in told {
            for entry in entries {
                fold.take(now, entry);
            }
        }
        let (folded, left_behind) = fold.finish();
        prop_assert!(left_behind.is_empty());
        prop_assert_eq!(by_names(&folded), by_names(&core.state));
        let back = Renumbering::new(&new, &old).state(moved, old);
        prop_assert_eq!(serde_json::to_value(&back).unwrap(), serde_json::to_value(&core.state).unwrap());
    }

    #[test]
    fn what_is_no_longer_configured_is_left_behind_and_stays_readable(
        heard in heard(25), gone in 0_usize..3
    ) {
        let (bench, old) = (Bench::new(), topology());
        let mut core = Core::new(old.clone());
        let (mut journal, _) = bench.open(&old);
        bench.write(&mut journal, &decided(&mut core, &heard));
        drop(journal);
        let new = match gone {
            0 => Topology::new(vec![pair("west")]),
            1 => {
                let mut east = pair("east");
                east.applications.retain(|each| &*each.component.name != "VMS");
                Topology::new(vec![east, pair("west")])
            }
            _ => {
                let mut east = pair("east");
                east.hosts[1].name = "another".into();
                Topology::new(vec![pair("west"), east])
            }
        };
        let new = Arc::new(new);
        let (_, recovered) = bench.open(&new);
        let west = |state: &State| {
            let of_west = |line: &String| line.contains("west");
            by_names(state).into_iter().filter(of_west).collect::<Vec<_>>()
        };
        prop_assert_eq!(west(&recovered.state), west(&core.state));
        prop_assert!(recovered.damage.is_empty());
        let reader = Reader::open(&bench.path()).unwrap();
        for told in reader.incidents(100).unwrap() {
            prop_assert!(["east", "west"].contains(&&*told.solution.name));
        }
        let open: usize = core.state.pairs.iter().map(|pair| pair.incidents.len()).sum();
        let taken: usize = recovered.state.pairs.iter().map(|pair| pair.incidents.len()).sum();
        if gone > 0 {
            prop_assert_eq!(open, taken + recovered.left_behind.len());
        }
    }
}

#[test]
fn an_entry_about_something_gone_has_no_place() {
    let old = topology();
    let new = Topology::new(vec![pair("west")]);
    let renumbering = Renumbering::new(&old, &new);
    let observed = |solution| Entry::Observed {
        solution,
        subject: Subject::Application(0),
        event: event(&old, (0, 0, EventKind::Failed), start(), 1),
        stamp: start(),
        at: start(),
        lesson: crate::decide::Lesson::News,
    };
    assert_eq!(renumbering.entry(observed(0)), None);
    assert_eq!(renumbering.entry(observed(1)).unwrap().solution(), Some(0));
    assert_eq!(renumbering.entry(observed(7)), None);
}
