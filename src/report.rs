//! Incidents with the evidence that they rest on, gathered from the entries: what a story, a page and a timeline tell.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::decide::{Alert, Decision, Entry, Incident, Reason, StepState, Verdict};
use crate::event::EventKind;
use crate::time::Time;

/// Of one incident so many events are kept; more are counted.
const EVIDENCE_MAX: usize = 200;
/// Of the decisions outside of incidents, so many are kept for each reason; more are counted.
const OUTSIDE_MAX: usize = 5;

/// A closed incident and all that was decided for it.
#[derive(Clone, Debug)]
pub struct Account {
    pub solution: usize,
    pub incident: Incident,
    /// In the order of the decisions.
    pub evidence: Vec<Decision>,
    /// Evidence beyond what is kept.
    pub more: u64,
}

/// What came of a replay, or of a journal.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub accounts: Vec<Account>,
    /// Openings and closings, in their order.
    pub alerts: Vec<Alert>,
    /// Debts that were settled.
    pub settled: Vec<Settled>,
    /// What moved nothing, by reason.
    pub outside: BTreeMap<Reason, Outside>,
    gathering: HashMap<(usize, Arc<str>), Evidence>,
    /// Where in `accounts` an incident is.
    place_of: HashMap<(usize, Arc<str>), usize>,
}

/// A debt that ended.
#[derive(Clone, Debug)]
pub struct Settled {
    pub solution: usize,
    pub host: usize,
    pub state: StepState,
    pub reason: Reason,
    pub at: Time,
}

#[derive(Clone, Debug, Default)]
pub struct Outside {
    pub count: u64,
    /// The first few.
    pub examples: Vec<Decision>,
}

#[derive(Clone, Debug, Default)]
struct Evidence {
    kept: Vec<Decision>,
    more: u64,
}

impl Report {
    pub fn take(&mut self, entry: &Entry) {
        match entry {
            Entry::Decided(decision) => self.decided(decision),
            Entry::Closed { solution, incident } => {
                let key = (*solution, incident.id.clone());
                let evidence = self.gathering.remove(&key).unwrap_or_default();
                self.place_of.insert(key, self.accounts.len());
                self.accounts.push(Account {
                    solution: *solution,
                    incident: (**incident).clone(),
                    evidence: evidence.kept,
                    more: evidence.more,
                });
            }
            Entry::OwedSettled {
                solution,
                host,
                state,
                reason,
                at,
            } => self.settled.push(Settled {
                solution: *solution,
                host: *host,
                state: *state,
                reason: *reason,
                at: *at,
            }),
            Entry::Alert(alert) => self.alerts.push(alert.clone()),
            _ => {}
        }
    }

    fn decided(&mut self, decision: &Decision) {
        let Some((solution, incident)) = decision.solution.zip(decision.incident.clone()) else {
            let outside = self.outside.entry(decision.reason).or_default();
            outside.count += 1;
            if outside.examples.len() < OUTSIDE_MAX {
                outside.examples.push(decision.clone());
            }
            return;
        };
        let key = (solution, incident);
        let closed = self.place_of.get(&key).copied();
        let evidence = match closed.and_then(|place| self.accounts.get_mut(place)) {
            Some(account) => (&mut account.evidence, &mut account.more),
            None => {
                let gathering = self.gathering.entry(key).or_default();
                (&mut gathering.kept, &mut gathering.more)
            }
        };
        if evidence.0.len() < EVIDENCE_MAX {
            evidence.0.push(decision.clone());
        } else {
            *evidence.1 += 1;
        }
    }
}

impl Account {
    /// From the first event's stamp to the last one's, of those that were there while it was open.
    pub fn storm(&self) -> Option<(Time, Time)> {
        let stamps = || self.evidence.iter().map(|decision| decision.event.time);
        Some((stamps().min()?, stamps().max()?))
    }

    /// The files in which the evidence stands.
    pub fn logs(&self) -> usize {
        let files: std::collections::BTreeSet<_> = self
            .evidence
            .iter()
            .map(|decision| &decision.event.origin.file)
            .collect();
        files.len()
    }

    /// The decision that opened it.
    pub fn opening(&self) -> Option<&Decision> {
        let opens =
            |decision: &&Decision| matches!(decision.verdict, Verdict::Open | Verdict::Hold);
        let held = self.evidence.iter().find(opens);
        self.evidence
            .iter()
            .find(|decision| decision.verdict == Verdict::Open)
            .or(held)
    }

    /// How many scripts the guide's wiring would have started: one alarm reaction for each event of each application,
    /// and three of them (VIP enable, VIP disable, VM Server) on a VM SIP Server's 4563.
    pub fn reactions_of_scs(
        &self,
        leads: impl Fn(usize) -> bool,
        follows: impl Fn(usize) -> bool,
    ) -> u64 {
        let mut seen = std::collections::BTreeSet::new();
        let mut reactions = 0;
        for decision in &self.evidence {
            let Some(application) = decision.application else {
                continue;
            };
            if !seen.insert((application, decision.event.id.clone())) {
                continue;
            }
            reactions += match decision.event.kind {
                EventKind::BecamePrimary if leads(application) => 3,
                EventKind::BecamePrimary => 1,
                EventKind::Failed if !leads(application) && !follows(application) => 1,
                _ => 0,
            };
        }
        reactions
    }
}
