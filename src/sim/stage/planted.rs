//! Where the planted errors sit.

use std::sync::Arc;

use super::Stage;
use crate::decide::{Entry, Input, Request, Step, StepState, Verb};
use crate::event::{Mode, Status};
use crate::sim::plant::Bug;
use crate::sim::scene::START;
use crate::sim::watch::Violation;
use crate::topology::{ActionMode, Topology};

impl Stage<'_> {
    /// The errors that are planted in what the daemon makes of the core's word.
    pub(super) fn corrupt(&mut self, entries: &mut Vec<Entry>) -> Option<Input> {
        let bug = self.bug?;
        let core = self.daemon.core.as_mut()?;
        match bug {
            Bug::LosesAnEntry => {
                entries.retain(|entry| !matches!(entry, Entry::StepEnded { .. }));
            }
            Bug::ForgetsWhatWasOvertaken => {
                let open = core
                    .state
                    .pairs
                    .iter_mut()
                    .flat_map(|pair| &mut pair.incidents);
                open.for_each(|incident| incident.superseded = false);
            }
            Bug::ForgetsEchoes => {
                for pair in &mut core.state.pairs {
                    pair.unconfirmed.clear();
                    pair.incidents.retain(|incident| !incident.superseded);
                }
            }
            Bug::ForgetsWhatRuns => {
                let now = core.state.now;
                let pairs = core.state.pairs.iter_mut();
                let incidents = pairs.flat_map(|pair| &mut pair.incidents);
                let steps = incidents.flat_map(|incident| &mut incident.steps);
                let seen = |step: &&mut Step| step.state == StepState::Done && step.is_running();
                for step in steps.filter(seen) {
                    step.ended = Some(now);
                }
            }
            Bug::MovesBackByItself => {
                return entries.iter().find_map(|entry| match entry {
                    Entry::Closed { solution, incident } => Some(Input::Operator {
                        solution: *solution,
                        request: Request {
                            verb: Verb::Force {
                                to: 1 - incident.to,
                            },
                            by: Arc::from("nobody"),
                            why: Arc::from("nothing"),
                        },
                    }),
                    _ => None,
                });
            }
            _ => {}
        }
        None
    }

    /// One host is taken for primary that nobody said is.
    pub(super) fn guess(&mut self) -> Result<(), Violation> {
        for solution in 0..self.world.pairs.len() {
            let Some(application) = self.world.topology.solutions[solution].lead(0) else {
                continue;
            };
            let input = Input::Reported {
                solution,
                application,
                mode: Some(Mode::Primary),
                status: Some(Status::Running),
            };
            self.hand(START, input, None)?;
        }
        Ok(())
    }
}

/// The configuration as the daemon takes it: as it is, unless an error is planted there.
pub(super) fn misread(topology: &Arc<Topology>, bug: Option<Bug>) -> Arc<Topology> {
    let mut solutions = topology.solutions.clone();
    for solution in &mut solutions {
        match bug {
            Some(Bug::ForgetsMaintenance) => solution.policy.maintenance.clear(),
            Some(Bug::RunsInAlertOnly) => solution.policy.mode = ActionMode::Active,
            _ => return topology.clone(),
        }
    }
    Arc::new(Topology::new(solutions))
}
