//! No command starts that must not: decided while something forbids it, twice, unremembered, or beside another.

use super::{Check, TOLERANCE, Violation, Watch, broken};
use crate::decide::{CauseKind, Entry, Incident, State, Step, StepState};
use crate::sim::command::{Intent, Launch, Run};
use crate::time::Time;
use crate::topology::{Action, VipOrder};

impl Watch {
    /// A step that was decided to start.
    pub(super) fn starts(
        &self,
        now: Time,
        entry: &Entry,
        history: bool,
        state: &State,
    ) -> Result<(), Violation> {
        let (pair, found) = match entry {
            Entry::StepMoved {
                solution,
                incident,
                step,
                to: StepState::Started,
                ..
            } => {
                let incidents = &state.pairs[*solution].incidents;
                let found = incidents.iter().find(|each| each.id == *incident);
                let step = found.and_then(|found| Some((found, found.steps.get(*step)?)));
                (*solution, step)
            }
            Entry::DebtTried { solution, .. } | Entry::AnnounceTried { solution, .. } => {
                (*solution, None)
            }
            _ => return Ok(()),
        };
        let what = match found {
            Some((incident, step)) => format!("{} of {}", step.action, incident.id),
            None => "the payment of a debt".into(),
        };
        if history {
            return broken(Check::NothingFromHistory, what);
        }
        if !self.is_active(pair) {
            return broken(Check::AlertOnlyRunsNothing, what);
        }
        if self.disarmed {
            return broken(Check::NotWhileDisarmed, what);
        }
        if self.doubted {
            return broken(Check::NotWhileDoubted, what);
        }
        self.worked_on(now, pair, found, &what, entry, state)?;
        if let Some((incident, step)) = found {
            self.in_the_dark(pair, incident, step, &what)?;
            self.one_direction(pair, incident, state, &what)?;
        }
        Ok(())
    }

    fn worked_on(
        &self,
        now: Time,
        pair: usize,
        found: Option<(&Incident, &Step)>,
        what: &str,
        entry: &Entry,
        state: &State,
    ) -> Result<(), Violation> {
        let solution = &self.topology.solutions[pair];
        let paused = self.pairs[pair].pause.is_some_and(|(until, _)| now < until);
        let vip = found.is_none_or(|(_, step)| !step.is_switch());
        let follows = vip && solution.policy.vip_follows_in_maintenance;
        let forced = match (found, entry) {
            (Some((incident, _)), _) => incident.cause.trigger == CauseKind::Forced,
            (None, Entry::DebtTried { host, .. }) => self.owed_by_force(pair, *host, state),
            _ => false,
        };
        if forced || follows || !(paused || solution.maintenance(now).is_some()) {
            return Ok(());
        }
        broken(Check::NotWhileWorkedOn, what)
    }

    fn owed_by_force(&self, pair: usize, host: usize, state: &State) -> bool {
        let pair = &state.pairs[pair];
        pair.owed
            .iter()
            .filter(|debt| debt.host == host)
            .any(|debt| {
                let of = |incident: &&Incident| incident.id == debt.incident;
                let incident = pair.incidents.iter().find(of);
                incident.is_some_and(|incident| incident.cause.trigger == CauseKind::Forced)
            })
    }

    /// A switch on somebody else's event needs to know who is primary.
    fn in_the_dark(
        &self,
        pair: usize,
        incident: &Incident,
        step: &Step,
        what: &str,
    ) -> Result<(), Violation> {
        let needs = matches!(
            incident.cause.trigger,
            CauseKind::Failure | CauseKind::PeerPrimary
        );
        if step.is_switch() && needs && !self.pairs[pair].known {
            return broken(Check::NotInTheDark, what);
        }
        Ok(())
    }

    fn one_direction(
        &self,
        pair: usize,
        incident: &Incident,
        state: &State,
        what: &str,
    ) -> Result<(), Violation> {
        let opposed = |other: &&Incident| {
            other.to != incident.to && !other.superseded && !other.is_held() && !other.is_done()
        };
        match state.pairs[pair].incidents.iter().find(opposed) {
            Some(other) if !incident.superseded => broken(
                Check::OneDirection,
                format!("{what} while {} runs", other.id),
            ),
            _ if incident.superseded => broken(Check::OneDirection, format!("{what}, overtaken")),
            _ => Ok(()),
        }
    }

    /// A command that is about to be started, beside `running` ones.
    pub fn launched<'a>(
        &mut self,
        now: Time,
        launch: &Launch,
        durable: bool,
        running: impl Iterator<Item = &'a Run>,
    ) -> Result<(), Violation> {
        let what = format!(
            "{} on host {} for {:?}",
            launch.action,
            launch.host + 1,
            launch.intent
        );
        if self.started.contains(&launch.intent) {
            return broken(Check::OncePerIntent, what);
        }
        if !durable {
            return broken(Check::DurableFirst, what);
        }
        self.follows_the_lead(now, launch, &what)?;
        for run in running {
            self.beside(launch, run, &what)?;
        }
        self.started.push(launch.intent.clone());
        Ok(())
    }

    fn follows_the_lead(&self, now: Time, launch: &Launch, what: &str) -> Result<(), Violation> {
        let to = match launch.action {
            Action::VipEnable | Action::VipAnnounce => launch.host,
            Action::VipDisable => 1 - launch.host,
            Action::SwitchToPrimary => return Ok(()),
        };
        let said = &self.pairs[launch.intent.solution()].said;
        // A newer word counts against it, once it is old enough to be more than the usual moment of two primaries.
        let settled = |word: Option<(Time, Time)>, over: Time| {
            word.filter(|(stamp, heard)| {
                *stamp > over.plus(TOLERANCE) && now.since(*heard) > TOLERANCE
            })
        };
        let leads = said[to].primary().is_some_and(|(here, _)| {
            let denied = settled(said[to].backup, here);
            let other = &said[1 - to];
            let elsewhere = settled(other.standing_primary(), here);
            let taken_back = |(there, _): (Time, Time)| {
                let backup = other.backup;
                backup.is_some_and(|(backup, _)| backup.plus(TOLERANCE) >= there)
            };
            denied.is_none() && elsewhere.is_none_or(taken_back)
        });
        if leads {
            Ok(())
        } else {
            broken(Check::VipFollowsTheLead, what)
        }
    }

    fn beside(&self, launch: &Launch, run: &Run, what: &str) -> Result<(), Violation> {
        let other = &run.launch;
        let pair = launch.intent.solution();
        if other.intent.solution() != pair {
            return Ok(());
        }
        let solution = &self.topology.solutions[pair];
        if let (Some(one), Some(two)) = (launch.application, other.application) {
            let same = one == two || solution.peer(one) == Some(two);
            return match same {
                true => broken(
                    Check::NoTwoSwitches,
                    format!("{what} beside {:?}", other.intent),
                ),
                false => Ok(()),
            };
        }
        if launch.application.is_some() || !run.is_vip() || launch.action == Action::VipAnnounce {
            return Ok(());
        }
        let debt = |launch: &Launch| matches!(launch.intent, Intent::Debt { .. });
        let same_move = launch.intent.incident() == other.intent.incident()
            && solution.policy.vip_order == VipOrder::Parallel;
        let apart = launch.host != other.host
            && (launch.action != other.action || launch.action == Action::VipDisable);
        if apart && (same_move || debt(launch) || debt(other)) {
            return Ok(());
        }
        broken(
            Check::NoTwoVipCommands,
            format!("{what} beside {} for {:?}", other.action, other.intent),
        )
    }
}
