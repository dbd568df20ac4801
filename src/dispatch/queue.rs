//! Which job may run now: so many at once, so many on a host, the urgent ones first. Pure.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::job::{Job, JobId, Urgency};

/// How many commands run at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub overall: usize,
    pub per_host: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            overall: 64,
            per_host: 4,
        }
    }
}

#[derive(Debug)]
pub(super) struct Queue {
    limits: Limits,
    waiting: VecDeque<Job>,
    running: HashMap<JobId, (Arc<str>, Urgency)>,
}

impl Queue {
    pub(super) fn new(limits: Limits) -> Queue {
        Queue {
            limits,
            waiting: VecDeque::new(),
            running: HashMap::new(),
        }
    }

    pub(super) fn push(&mut self, job: Job) {
        self.waiting.push_back(job);
    }

    /// The job that starts next: the first one of the most urgent that have a place. It runs from now on.
    pub(super) fn next(&mut self) -> Option<Job> {
        let candidates = self.waiting.iter().enumerate();
        let (at, _) = candidates
            .filter(|(_, job)| self.has_place(job))
            .min_by_key(|(at, job)| (job.urgency, *at))?;
        let job = self.waiting.remove(at)?;
        self.begun(job.id.clone(), job.host.clone(), job.urgency);
        Some(job)
    }

    /// A job runs that never waited here.
    pub(super) fn begun(&mut self, id: JobId, host: Arc<str>, urgency: Urgency) {
        self.running.insert(id, (host, urgency));
    }

    pub(super) fn ended(&mut self, id: &JobId) {
        self.running.remove(id);
    }

    pub(super) fn is_waiting(&self, id: &JobId) -> bool {
        self.waiting.iter().any(|job| job.id == *id)
    }

    /// Takes a waiting job out.
    pub(super) fn take(&mut self, id: &JobId) -> Option<Job> {
        let at = self.waiting.iter().position(|job| job.id == *id)?;
        self.waiting.remove(at)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.running.len()
    }

    /// Hosts that died with a site hold their commands until the deadline. That must not cost a living host its VIP,
    /// so the least urgent take only half of the places.
    fn has_place(&self, job: &Job) -> bool {
        let running = || self.running.values();
        let on_host = running().filter(|(host, _)| *host == job.host).count();
        let rest = running().filter(|(_, urgency)| *urgency == Urgency::Rest);
        running().count() < self.limits.overall
            && on_host < self.limits.per_host
            && (job.urgency != Urgency::Rest || rest.count() < self.limits.overall.div_ceil(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn job(id: usize, urgency: Urgency, host: &str) -> Job {
        Job::step(JobId::new(id.to_string()), urgency, host, Vec::new())
    }

    fn started(queue: &mut Queue) -> Vec<String> {
        std::iter::from_fn(|| queue.next())
            .map(|job| job.id.to_string())
            .collect()
    }

    #[test]
    fn the_urgent_go_first_and_each_kind_in_its_order() {
        let mut queue = Queue::new(Limits {
            overall: 5,
            per_host: 5,
        });
        for (id, urgency) in [
            (1, Urgency::Rest),
            (2, Urgency::Switch),
            (3, Urgency::Vip),
            (4, Urgency::Vip),
        ] {
            queue.push(job(id, urgency, "a"));
        }
        assert_eq!(started(&mut queue), ["3", "4", "2", "1"]);
    }

    #[test]
    fn a_full_host_does_not_hold_up_another() {
        let mut queue = Queue::new(Limits {
            overall: 9,
            per_host: 1,
        });
        for (id, host) in [(1, "a"), (2, "a"), (3, "b")] {
            queue.push(job(id, Urgency::Vip, host));
        }
        assert_eq!(started(&mut queue), ["1", "3"]);
        queue.ended(&JobId::new("1"));
        assert_eq!(started(&mut queue), ["2"]);
    }

    #[test]
    fn commands_for_dead_hosts_leave_places_for_the_living() {
        let mut queue = Queue::new(Limits {
            overall: 4,
            per_host: 1,
        });
        for id in 1..=4 {
            queue.push(job(id, Urgency::Rest, &format!("dead{id}")));
        }
        assert_eq!(started(&mut queue), ["1", "2"]);
        queue.push(job(5, Urgency::Vip, "alive"));
        assert_eq!(started(&mut queue), ["5"]);
    }

    #[test]
    fn a_job_taken_out_never_runs() {
        let mut queue = Queue::new(Limits::default());
        queue.push(job(1, Urgency::Vip, "a"));
        assert!(queue.take(&JobId::new("1")).is_some());
        assert!(queue.take(&JobId::new("1")).is_none());
        assert_eq!((started(&mut queue).len(), queue.len()), (0, 0));
    }

    proptest! {
        /// Whatever comes and ends: no limit is passed, nothing is lost, and what could run does not wait.
        #[test]
        fn limits_hold_and_no_job_is_lost(
            jobs in prop::collection::vec((0usize..3, 0usize..3), 0..40),
            ends in prop::collection::vec(any::<prop::sample::Index>(), 0..80),
            (overall, per_host) in (1usize..5, 1usize..3),
        ) {
            let limits = Limits { overall, per_host };
            let mut queue = Queue::new(limits);
            let urgencies = [Urgency::Vip, Urgency::Switch, Urgency::Rest];
            for (id, (urgency, host)) in jobs.iter().enumerate() {
                queue.push(job(id, urgencies[*urgency], &host.to_string()));
            }
            let mut running: Vec<Job> = Vec::new();
            let mut seen = 0;
            for end in ends.into_iter().map(Some).chain(std::iter::repeat_n(None, jobs.len() + 1)) {
                while let Some(job) = queue.next() {
                    seen += 1;
                    running.push(job);
                }
                prop_assert!(running.len() <= overall);
                for host in ["0", "1", "2"] {
                    prop_assert!(running.iter().filter(|job| &*job.host == host).count() <= per_host);
                }
                if running.is_empty() {
                    break;
                }
                let at = end.map_or(0, |end| end.index(running.len()));
                queue.ended(&running.swap_remove(at).id);
            }
            prop_assert_eq!(seen, jobs.len());
            prop_assert_eq!(queue.len(), 0);
        }
    }
}
