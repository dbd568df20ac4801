//! Actions: the command of each step, for all solutions, for one, or for one host of one.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::command::{Command, Hole, Holes};
use super::keys;
use super::secrets::Secrets;
use super::solutions::Pair;
use crate::topology::{Action, ActionMode, Topology};
use crate::yaml::{Value, nearest};

const TIMEOUT: Duration = Duration::from_secs(10);
const PROBE_TIMEOUT: Duration = Duration::from_secs(5);
const RETRIES_MAX: u32 = 10;

/// How one step is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepCommand {
    pub command: Command,
    /// After this the command and all that it started is ended.
    pub timeout: Duration,
    /// How often it is started again if it failed and its effect is not seen.
    pub retries: u32,
    pub probe: Option<Probe>,
}

/// Asks whether a step's effect is there already: exit code 0 says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    pub command: Command,
    pub timeout: Duration,
}

/// The commands of every step on every host.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    by_solution: Vec<[Steps; 2]>,
}

type Steps = BTreeMap<Action, Arc<StepCommand>>;

impl Actions {
    /// The command of an action on a host. None if none is configured.
    pub fn step(&self, solution: usize, host: usize, action: Action) -> Option<&StepCommand> {
        self.by_solution
            .get(solution)?
            .get(host)?
            .get(&action)
            .map(|step| &**step)
    }

    /// The arguments of an action on a host as they may be shown: secrets are `***`.
    pub fn argv(
        &self,
        solution: usize,
        host: usize,
        action: Action,
        holes: &Holes,
    ) -> Option<Vec<String>> {
        Some(self.step(solution, host, action)?.command.argv(holes))
    }

    /// Every command once, probes included.
    pub fn commands(&self) -> Vec<&Command> {
        let mut seen = HashSet::new();
        let mut commands = Vec::new();
        for step in self.by_solution.iter().flatten().flat_map(BTreeMap::values) {
            let probe = step.probe.as_ref().map(|probe| &probe.command);
            for command in std::iter::once(&step.command).chain(probe) {
                if seen.insert(&command.at) {
                    commands.push(command);
                }
            }
        }
        commands
    }

    /// Reads `actions:` of the file, of each pair and of each host, and tells what an active pair lacks.
    pub(super) fn read(value: Option<Value<'_>>, pairs: &[Pair<'_>], secrets: &Secrets) -> Actions {
        let for_all = over(&Steps::default(), value, secrets);
        let mut by_solution = Vec::with_capacity(pairs.len());
        for pair in pairs {
            let of_pair = over(&for_all, pair.actions.clone(), secrets);
            let mut hosts = [of_pair.clone(), of_pair.clone()];
            for (steps, host) in hosts.iter_mut().zip(&pair.hosts) {
                *steps = over(&of_pair, host.actions.clone(), secrets);
            }
            check_active(pair, &hosts);
            by_solution.push(hosts);
        }
        Actions { by_solution }
    }

    pub(super) fn retries(&self, solution: usize) -> [[u32; 4]; 2] {
        [0, 1].map(|host| {
            std::array::from_fn(|index| {
                let action = Action::ALL.get(index);
                let step = action.and_then(|action| self.step(solution, host, *action));
                step.map_or(0, |step| step.retries)
            })
        })
    }

    pub(super) fn announces(&self, solution: usize) -> bool {
        (0..2).any(|host| self.step(solution, host, Action::VipAnnounce).is_some())
    }
}

impl Holes {
    /// What fills the placeholders of a step. A VIP step names no application: `{application}` and `{dbid}` are
    /// then those of the application that the VIP follows on that host. A host without an address is addressed
    /// by its name.
    pub fn of_step(
        topology: &Topology,
        (solution, host): (usize, usize),
        application: Option<usize>,
        incident: &str,
        step: &str,
    ) -> Holes {
        let holes = Holes::default()
            .with(Hole::Incident, incident)
            .with(Hole::Step, step);
        let Some(pair) = topology.solutions.get(solution) else {
            return holes;
        };
        let mut holes = holes
            .with(Hole::Solution, &*pair.name)
            .with(Hole::Vip, pair.vip.as_deref().unwrap_or_default());
        if let Some(here) = pair.hosts.get(host) {
            let address = here.address.as_deref().unwrap_or(&here.name);
            holes = holes
                .with(Hole::Host, &*here.name)
                .with(Hole::Address, address);
        }
        let peer = 1usize.checked_sub(host);
        if let Some(peer) = peer.and_then(|peer| pair.hosts.get(peer)) {
            holes = holes.with(Hole::PeerHost, &*peer.name);
        }
        let application = application.or_else(|| pair.lead(host));
        match application.and_then(|index| pair.applications.get(index)) {
            Some(application) => holes
                .with(Hole::Application, &*application.name)
                .with(Hole::Dbid, application.dbid.to_string()),
            None => holes,
        }
    }
}

/// The steps of `below`, with what the value says put over them.
fn over(below: &Steps, value: Option<Value<'_>>, secrets: &Secrets) -> Steps {
    let mut steps = below.clone();
    let Some(value) = value else {
        return steps;
    };
    for (named, value) in value.named().unwrap_or_default() {
        let Some(action) = Action::from_word(&named.name) else {
            let hint = nearest(&named.name, Action::ALL.iter().map(|action| action.word()));
            named.fault("unknown action", hint);
            continue;
        };
        let below = steps.get(&action).map(|step| &**step);
        if let Some(read) = step_command(&value, below, secrets) {
            steps.insert(action, Arc::new(read));
        }
    }
    steps
}

/// One action. What it does not say is as `below`, so that a host can have another timeout alone.
fn step_command(
    value: &Value<'_>,
    below: Option<&StepCommand>,
    secrets: &Secrets,
) -> Option<StepCommand> {
    let table = value.table(&keys::ACTION.names())?;
    let command = match (table.get("command"), below) {
        (Some(value), _) => Command::read(&value, &Hole::OF_STEP, secrets),
        (None, Some(below)) => Some(below.command.clone()),
        (None, None) => {
            table.need("command");
            None
        }
    };
    let timeout = table.get("timeout").and_then(|value| value.period());
    let retries = table
        .get("retries")
        .and_then(|value| value.integer(0, RETRIES_MAX));
    let probe = table.get("probe").and_then(|value| probe(&value, secrets));
    Some(StepCommand {
        command: command?,
        timeout: timeout
            .or(below.map(|step| step.timeout))
            .unwrap_or(TIMEOUT),
        retries: retries.or(below.map(|step| step.retries)).unwrap_or(0),
        probe: probe.or_else(|| below?.probe.clone()),
    })
}

fn probe(value: &Value<'_>, secrets: &Secrets) -> Option<Probe> {
    let table = value.table(&keys::PROBE.names())?;
    let timeout = table.get("timeout").and_then(|value| value.period());
    Some(Probe {
        command: Command::read(&table.need("command")?, &Hole::OF_STEP, secrets)?,
        timeout: timeout.unwrap_or(PROBE_TIMEOUT),
    })
}

/// A pair that acts needs a command for each step of its plan.
fn check_active(pair: &Pair<'_>, hosts: &[Steps; 2]) {
    if pair.policy.mode != ActionMode::Active {
        return;
    }
    let mut needed = vec![Action::SwitchToPrimary];
    if pair.vip.is_some() {
        needed.extend([Action::VipEnable, Action::VipDisable]);
    }
    for action in needed {
        if hosts.iter().any(|steps| !steps.contains_key(&action)) {
            let message = format!("mode is active, and the action {action} has no command");
            let hint = "add it under `actions:`, or set mode: alert-only".to_owned();
            pair.named.fault(message, Some(hint));
        }
    }
}
