//! Every gate with its value, for `why`: those that let a move through are told like those that hold it.
//! What holds is [`super::gate`]'s word alone; here it is only put beside what else was looked at.

use super::gate::Gate;
use super::incident::{CauseKind, Hold};
use super::reason::Reason;
use super::state::{Pair, State};
use crate::event::Mode;
use crate::time::{Time, spoken};
use crate::topology::Solution;

/// A move as the gates judge it.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    pub cause: CauseKind,
    /// The host that the pair would be moved to.
    pub to: usize,
    /// The application whose event is the cause.
    pub application: usize,
}

/// One gate, what it saw, and what that means for the move.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Reading {
    /// The reason that the gate gives where it holds.
    pub gate: Reason,
    pub standing: Standing,
    /// What was seen, in words.
    pub value: String,
}

crate::words::words! {
    Standing {
        /// Nothing in the way.
        Passes = "passes",
        Holds = "holds",
        /// Moves of this kind do not ask it.
        NotAsked = "not-asked",
    }
}

/// What every gate says of a move of the pair at `now`, in the order in which they are asked.
pub fn readings(state: &State, solution: usize, now: Time, wanted: Move) -> Vec<Reading> {
    let (Some(pair), Some(described)) = (
        state.pairs.get(solution),
        state.topology.solutions.get(solution),
    ) else {
        return Vec::new();
    };
    let seen = Seen {
        gate: Gate {
            state,
            solution: described,
            pair,
            now,
        },
        wanted,
    };
    GATES
        .iter()
        .map(|gate| {
            let hold = seen.hold(*gate);
            let standing = match &hold {
                _ if !asked(*gate, wanted.cause) => Standing::NotAsked,
                Some(_) => Standing::Holds,
                None => Standing::Passes,
            };
            let value = hold.map_or_else(|| seen.value(*gate), |hold| hold.detail.to_string());
            Reading {
                gate: *gate,
                standing,
                value,
            }
        })
        .collect()
}

/// In the order in which they are asked.
const GATES: [Reason; 12] = [
    Reason::JournalDead,
    Reason::Paused,
    Reason::Maintenance,
    Reason::DoublePrimary,
    Reason::ScsSplitBrain,
    Reason::ScsFlapping,
    Reason::Locked,
    Reason::Flapping,
    Reason::PrimaryUnknown,
    Reason::ReactionRunning,
    Reason::Blocked,
    Reason::TargetNotHealthy,
];

/// The table of `gate.rs`, as far as it tells moves apart.
fn asked(gate: Reason, cause: CauseKind) -> bool {
    use Reason::*;
    match gate {
        JournalDead | DoublePrimary | ScsSplitBrain | ScsFlapping => true,
        Paused | Maintenance | Locked | Flapping => cause != CauseKind::Forced,
        PrimaryUnknown => matches!(cause, CauseKind::PeerPrimary | CauseKind::Failure),
        ReactionRunning => matches!(cause, CauseKind::Failure | CauseKind::Forced),
        _ => cause == CauseKind::Failure,
    }
}

struct Seen<'a> {
    gate: Gate<'a>,
    wanted: Move,
}

impl Seen<'_> {
    fn hold(&self, gate: Reason) -> Option<Hold> {
        match gate {
            Reason::JournalDead => self.gate.disarmed(),
            Reason::Paused => self.gate.paused(),
            Reason::Maintenance => self.gate.maintenance(),
            Reason::DoublePrimary => self.gate.double_primary(),
            Reason::ScsSplitBrain => self.gate.scs_split_brain(),
            Reason::ScsFlapping => self.gate.scs_flapping(),
            Reason::Locked => self.gate.locked(),
            Reason::Flapping => self.gate.flapping(),
            Reason::PrimaryUnknown => self.gate.primary_unknown(),
            Reason::ReactionRunning => self.gate.reaction_running(),
            Reason::Blocked => self.gate.blocked(),
            _ => self
                .gate
                .target_not_healthy(self.wanted.to, self.wanted.application),
        }
    }

    /// What a gate saw that holds nothing.
    fn value(&self, gate: Reason) -> String {
        let (pair, solution) = (self.gate.pair, self.gate.solution);
        match gate {
            Reason::JournalDead => "writable".into(),
            Reason::Paused => "no pause".into(),
            Reason::Maintenance => "no window is open".into(),
            Reason::DoublePrimary => leads(solution, pair),
            Reason::ScsSplitBrain => "SCS reports none".into(),
            Reason::ScsFlapping => "SCS reports none".into(),
            Reason::Locked => "no lock".into(),
            Reason::Flapping => self.moves(),
            Reason::PrimaryUnknown => pair.primary.map_or("not known".into(), |host| {
                format!("{} is primary", solution.hosts[host].name)
            }),
            Reason::ReactionRunning => "none runs".into(),
            Reason::Blocked => match &pair.block {
                Some(block) => format!("over since {}, by {}", block.until.clock(), block.by),
                None => "none".into(),
            },
            _ => healthy(solution, pair, self.wanted.to),
        }
    }

    fn moves(&self) -> String {
        let policy = &self.gate.solution.policy;
        let recent = |at: &&Time| self.gate.now.since(**at) <= policy.flap_within;
        let moves = self.gate.pair.moves.iter().filter(recent).count();
        let within = spoken(policy.flap_within);
        format!("{moves} of {} moves within {within}", policy.flap_moves)
    }
}

/// `VM_SIPServer_1 primary, VM_SIPServer_2 backup`
fn leads(solution: &Solution, pair: &Pair) -> String {
    let told = |host| {
        let lead = solution.lead(host)?;
        let mode = pair.members[lead].mode.map_or("unknown", Mode::word);
        Some(format!("{} {mode}", solution.applications[lead].name))
    };
    let told: Vec<_> = (0..2).filter_map(told).collect();
    told.join(", ")
}

/// `VM_SIPServer_2 running, RM_2 not known to be down`
fn healthy(solution: &Solution, pair: &Pair, to: usize) -> String {
    let there = solution.applications.iter().zip(&pair.members);
    let told: Vec<_> = there
        .filter(|(application, _)| application.host == Some(to))
        .map(|(application, member)| match member.up {
            Some(true) => format!("{} running", application.name),
            Some(false) => format!("{} down", application.name),
            None => format!("{} not known to be down", application.name),
        })
        .collect();
    told.join(", ")
}

impl Move {
    /// The one that `plan` would carry out for a person.
    pub fn forced(solution: &Solution, to: usize) -> Option<Move> {
        Some(Move {
            cause: CauseKind::Forced,
            to,
            application: solution.lead(to)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decide::tests::{ROLES, play};
    use crate::topology::ActionMode;

    /// The gates that hold a move to H2 for a failed RM-1, and those that are not asked for an operator's.
    fn told(script: &str) -> (Vec<String>, Vec<Reason>) {
        let script = format!("{ROLES}\n{script}");
        let (core, _) = play(|policy| policy.mode = ActionMode::Active, &script);
        let (state, now) = (&core.state, core.state.now);
        let failed = Move {
            cause: CauseKind::Failure,
            to: 1,
            application: 2,
        };
        let held = readings(state, 0, now, failed).into_iter();
        let held = held.filter(|each| each.standing == Standing::Holds);
        let forced = Move::forced(state.solution(0), 1).expect("a lead");
        let forced = readings(state, 0, now, forced).into_iter();
        let forced = forced.filter(|each| each.standing == Standing::NotAsked);
        (
            held.map(|each| format!("{}: {}", each.gate, each.value))
                .collect(),
            forced.map(|each| each.gate).collect(),
        )
    }

    #[test]
    fn every_gate_that_holds_is_told_with_what_it_saw() {
        for (script, expected) in [
            ("10 RM-1 alive", vec![]),
            (
                "10 pause 7200",
                vec!["paused: by alice until 02:00:00.000: because"],
            ),
            (
                "10 scs RM-2 failed",
                vec!["target-not-healthy: RM-2 is down on H2"],
            ),
            (
                "10 disarm",
                vec!["journal-not-writable: for all pairs, until the daemon starts anew"],
            ),
            (
                "10 SIPS-2 became-primary",
                vec!["reaction-running: east-19700101T000010-1"],
            ),
        ] {
            assert_eq!(told(script).0, expected, "{script}");
        }
    }

    #[test]
    fn what_lets_a_move_through_is_told_too() {
        let (core, _) = play(|_| {}, ROLES);
        let failed = Move {
            cause: CauseKind::Failure,
            to: 1,
            application: 2,
        };
        let told: Vec<String> = readings(&core.state, 0, core.state.now, failed)
            .iter()
            .map(|each| format!("{} {}: {}", each.gate, each.standing, each.value))
            .collect();
        assert_eq!(
            told,
            [
                "journal-not-writable passes: writable",
                "paused passes: no pause",
                "maintenance passes: no window is open",
                "double-primary passes: SIPS-1 primary, SIPS-2 backup",
                "scs-split-brain passes: SCS reports none",
                "scs-flapping passes: SCS reports none",
                "locked passes: no lock",
                "flapping passes: 0 of 3 moves within 30m",
                "primary-unknown passes: H1 is primary",
                "reaction-running passes: none runs",
                "blocked passes: none",
                "target-not-healthy passes: SIPS-2 not known to be down, VMS-2 not known to be down, \
                 RM-2 not known to be down, MCP-2 not known to be down",
            ]
        );
    }

    #[test]
    fn an_operator_passes_pause_lock_flap_and_block() {
        let not_asked = told("10 RM-1 alive").1;
        assert_eq!(
            not_asked,
            [
                Reason::Paused,
                Reason::Maintenance,
                Reason::Locked,
                Reason::Flapping,
                Reason::PrimaryUnknown,
                Reason::Blocked,
                Reason::TargetNotHealthy
            ]
        );
    }
}
