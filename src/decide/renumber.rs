//! A configuration changes between two runs. What was decided under the old one names solutions, hosts and
//! applications by their places there; here it is carried over to where the same names stand now.

use std::sync::Arc;

use super::entry::{Entry, Operated, Verb};
use super::incident::Incident;
use super::state::{Pair, State};
use crate::topology::{Solution, Subject, Topology};

/// Where everything of an old topology stands in the present one.
#[derive(Clone, Debug)]
pub struct Renumbering {
    /// In the order of the old solutions; none where the solution is gone.
    solutions: Vec<Option<Place>>,
}

#[derive(Clone, Debug)]
struct Place {
    solution: usize,
    hosts: [Option<usize>; 2],
    applications: Vec<Option<usize>>,
}

impl Renumbering {
    pub fn new(old: &Topology, new: &Topology) -> Renumbering {
        let place = |solution: &Solution| {
            let position = new.solutions.iter().position(|s| s.name == solution.name)?;
            Some(Place::new(solution, position, new.solutions.get(position)?))
        };
        Renumbering {
            solutions: old.solutions.iter().map(place).collect(),
        }
    }

    /// The entry in the present numbers; none if it is about something that is no longer configured.
    pub fn entry(&self, mut entry: Entry) -> Option<Entry> {
        match &mut entry {
            Entry::ScsObserved { .. }
            | Entry::Disarmed { .. }
            | Entry::WorldDoubted { .. }
            | Entry::WorldRead { .. } => {}
            Entry::Alert(alert) => {
                if let Some(solution) = &mut alert.solution {
                    self.moved(solution)?;
                }
            }
            Entry::Decided(decision) => {
                if let Some(solution) = &mut decision.solution {
                    let place = self.moved(solution)?;
                    decision.application = decision.application.and_then(|a| place.application(a));
                }
            }
            Entry::Observed {
                solution, subject, ..
            } => {
                *subject = self.moved(solution)?.subject(*subject)?;
            }
            Entry::Alive {
                solution,
                application,
                ..
            }
            | Entry::Awaited {
                solution,
                application,
                ..
            }
            | Entry::Reported {
                solution,
                application,
                ..
            } => {
                *application = self.moved(solution)?.application(*application)?;
            }
            Entry::Opened { solution, incident } | Entry::Closed { solution, incident } => {
                self.moved(solution)?.incident(incident)?;
            }
            Entry::Resumed {
                solution, cause, ..
            } => {
                cause.application = self.moved(solution)?.application(cause.application)?;
            }
            Entry::Superseded { solution, .. }
            | Entry::StepReady { solution, .. }
            | Entry::StepMoved { solution, .. }
            | Entry::StepEnded { solution, .. }
            | Entry::StepConfirmed { solution, .. }
            | Entry::StepRetried { solution, .. }
            | Entry::PauseEnded { solution, .. }
            | Entry::ReactionEnded { solution, .. } => {
                self.moved(solution)?;
            }
            Entry::Operated(Operated {
                solution, request, ..
            })
            | Entry::Refused {
                solution, request, ..
            } => {
                let place = self.moved(solution)?;
                if let Verb::Force { to: host } | Verb::Forgive { host } = &mut request.verb {
                    *host = place.host(*host)?;
                }
            }
            Entry::Owed { solution, host, .. }
            | Entry::DebtTried { solution, host, .. }
            | Entry::DebtRemains { solution, host, .. }
            | Entry::AnnounceTried { solution, host, .. }
            | Entry::AnnounceRemains { solution, host, .. }
            | Entry::AnnounceEnded { solution, host, .. }
            | Entry::OwedSettled { solution, host, .. } => {
                *host = self.moved(solution)?.host(*host)?;
            }
        }
        Some(entry)
    }

    /// The state in the present numbers. What is no longer configured is left behind, what is new is unknown.
    pub fn state(&self, old: State, topology: Arc<Topology>) -> State {
        let mut new = State::new(topology);
        (new.scs, new.now) = (old.scs, old.now);
        (new.disarmed, new.world_doubted) = (old.disarmed, old.world_doubted);
        for (pair, place) in old.pairs.into_iter().zip(&self.solutions) {
            if let Some((place, slot)) = place
                .as_ref()
                .and_then(|place| Some((place, new.pairs.get_mut(place.solution)?)))
            {
                place.pair(pair, slot);
            }
        }
        new.reschedule_all();
        new
    }

    /// Gives the solution its present number.
    fn moved(&self, solution: &mut usize) -> Option<&Place> {
        let place = self.solutions.get(*solution)?.as_ref()?;
        *solution = place.solution;
        Some(place)
    }
}

impl Place {
    fn new(old: &Solution, solution: usize, new: &Solution) -> Place {
        let host = |h: usize| {
            new.hosts
                .iter()
                .position(|each| each.name == old.hosts[h].name)
        };
        let application = |name: &Arc<str>| new.applications.iter().position(|a| a.name == *name);
        Place {
            solution,
            hosts: [host(0), host(1)],
            applications: old
                .applications
                .iter()
                .map(|a| application(&a.name))
                .collect(),
        }
    }

    fn host(&self, host: usize) -> Option<usize> {
        *self.hosts.get(host)?
    }

    fn application(&self, application: usize) -> Option<usize> {
        *self.applications.get(application)?
    }

    fn subject(&self, subject: Subject) -> Option<Subject> {
        Some(match subject {
            Subject::Application(a) => Subject::Application(self.application(a)?),
            Subject::Host(h) => Subject::Host(self.host(h)?),
        })
    }

    fn incident(&self, incident: &mut Incident) -> Option<()> {
        incident.to = self.host(incident.to)?;
        if let Some(from) = &mut incident.from {
            *from = self.host(*from)?;
        }
        incident.cause.application = self.application(incident.cause.application)?;
        for step in &mut incident.steps {
            step.host = self.host(step.host)?;
            if let Some(application) = &mut step.application {
                *application = self.application(*application)?;
            }
        }
        Some(())
    }

    fn pair(&self, old: Pair, new: &mut Pair) {
        let members = std::mem::take(&mut new.members);
        *new = Pair {
            members,
            hosts: Default::default(),
            closed: Default::default(),
            primary: old.primary.and_then(|host| self.host(host)),
            vip_at: old.vip_at.and_then(|host| self.host(host)),
            awaited: Vec::new(),
            incidents: Vec::new(),
            unconfirmed: Vec::new(),
            owed: Vec::new(),
            announcement: old.announcement.and_then(|mut announcement| {
                announcement.host = self.host(announcement.host)?;
                Some(announcement)
            }),
            // Set again with all others: by now it may be another time.
            wake: None,
            ..old
        };
        for (a, member) in old.members.into_iter().enumerate() {
            if let Some(slot) = self
                .application(a)
                .and_then(|application| new.members.get_mut(application))
            {
                *slot = member;
            }
        }
        for (h, (belief, closed)) in old.hosts.into_iter().zip(old.closed).enumerate() {
            if let Some(host) = self.host(h) {
                (new.hosts[host], new.closed[host]) = (belief, closed);
            }
        }
        for mut awaited in old.awaited {
            if let Some(application) = self.application(awaited.application) {
                awaited.application = application;
                new.awaited.push(awaited);
            }
        }
        for mut incident in old.incidents {
            if self.incident(&mut incident).is_some() {
                new.incidents.push(incident);
            }
        }
        for mut unconfirmed in old.unconfirmed {
            if let Some(application) = self.application(unconfirmed.application) {
                unconfirmed.application = application;
                new.unconfirmed.push(unconfirmed);
            }
        }
        for mut debt in old.owed {
            if let Some(host) = self.host(debt.host) {
                debt.host = host;
                new.owed.push(debt);
            }
        }
    }
}
