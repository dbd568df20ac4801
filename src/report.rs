//! Incidents with the evidence that they rest on, gathered from the entries: what a story, a page and a timeline tell.

mod beside;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

pub use self::beside::{Beside, Seen, Shadow, StepBeside};
use crate::decide::{Alert, Decision, Entry, Incident, Reason, StepState, Verdict};
use crate::event::EventKind;
use crate::time::Time;
use crate::topology::Solution;

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
    /// The applications that had failed, and were not back, when it closed.
    pub failed: Vec<usize>,
    /// What SCS was seen to do meanwhile.
    pub seen: Seen,
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
    shadow: Shadow,
    gathering: HashMap<(usize, Arc<str>), Evidence>,
    /// Where in `accounts` an incident is.
    place_of: HashMap<(usize, Arc<str>), usize>,
    /// Applications that failed and are not back: (solution, application).
    failed: BTreeSet<(usize, usize)>,
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
        self.shadow.take(entry);
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
                    failed: self.failed_of(*solution),
                    seen: self.shadow.closed(*solution, incident),
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

    fn failed_of(&self, solution: usize) -> Vec<usize> {
        let of_it = self.failed.range((solution, 0)..=(solution, usize::MAX));
        of_it.map(|(_, application)| *application).collect()
    }

    fn decided(&mut self, decision: &Decision) {
        if let Some(place) = decision.solution.zip(decision.application) {
            match decision.event.kind {
                EventKind::Failed => self.failed.insert(place),
                EventKind::Started => self.failed.remove(&place),
                _ => false,
            };
        }
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
    /// The evidence as it happened: by the corrected clock.
    pub fn in_order(&self) -> Vec<&Decision> {
        let mut evidence: Vec<&Decision> = self.evidence.iter().collect();
        evidence.sort_by_key(|decision| decision.stamp);
        evidence
    }

    /// From the first event to the last, on the corrected clock.
    pub fn storm(&self) -> Option<(Time, Time)> {
        let stamps = || self.evidence.iter().map(|decision| decision.stamp);
        Some((stamps().min()?, stamps().max()?))
    }

    /// When the first event happened; the opening where no event is kept.
    pub fn began(&self) -> Time {
        self.storm()
            .map_or(self.incident.opened, |(first, _)| first)
    }

    pub fn events(&self) -> u64 {
        self.evidence.len() as u64 + self.more
    }

    /// The files in which the evidence stands.
    pub fn logs(&self) -> BTreeSet<&Arc<str>> {
        self.evidence
            .iter()
            .map(|decision| &decision.event.origin.file)
            .collect()
    }

    /// The decision that opened it, or that held it.
    pub fn opening(&self) -> Option<&Decision> {
        let of = |verdict| move |decision: &&Decision| decision.verdict == verdict;
        let held = || self.evidence.iter().find(of(Verdict::Hold));
        self.evidence.iter().find(of(Verdict::Open)).or_else(held)
    }

    /// How many scripts the guide's wiring would have started: one alarm reaction for each event of each application,
    /// and three of them (VIP enable, VIP disable, VM Server) on a VM SIP Server's 4563. An alarm that is active hides
    /// its repetitions.
    pub fn reactions_of_scs(&self, solution: &Solution) -> usize {
        let mut alarms = BTreeSet::new();
        let reactions = |decision: &Decision| {
            let application = decision.application?;
            let is_numbered = decision.event.id.starts_with(|c: char| c.is_ascii_digit());
            if !is_numbered || !alarms.insert((application, decision.event.id.clone())) {
                return None;
            }
            let component = &solution.applications.get(application)?.component;
            match decision.event.kind {
                EventKind::BecamePrimary if component.vip_follows => Some(3),
                EventKind::BecamePrimary if component.switched => Some(1),
                EventKind::Failed if !component.switched => Some(1),
                _ => None,
            }
        };
        self.evidence.iter().filter_map(reactions).sum()
    }

    /// What SCS did by itself, where our steps were only told.
    pub fn beside(&self, solution: &Solution) -> Option<Beside> {
        self.seen.beside(solution, &self.incident)
    }

    /// How many commands this reaction is, those that are owed included.
    pub fn commands(&self) -> usize {
        use StepState::{AlreadySo, Held, Planned, Void};
        self.incident
            .steps
            .iter()
            .filter(|step| !matches!(step.state, AlreadySo | Held | Planned | Void))
            .count()
    }
}
