//! What goes wrong in a run, and when, as the seed draws it.

use std::time::Duration;

use super::dice::Dice;
use super::scene::START;
use super::world::World;
use crate::time::Time;

#[derive(Clone, Debug)]
pub(super) enum Fault {
    Fail {
        pair: usize,
        process: usize,
    },
    Kill {
        pair: usize,
        host: usize,
        returns: bool,
    },
    Cut {
        pair: usize,
        host: usize,
    },
    Stop {
        pair: usize,
        process: usize,
    },
    /// An administrator moves a process by SCS.
    Switch {
        pair: usize,
        process: usize,
    },
    SwitchScs,
    FlapScs,
    Slow {
        source: usize,
    },
    DropVip {
        pair: usize,
        host: usize,
    },
    /// The daemon's clock steps.
    Step,
    /// The journal cannot be written, until the daemon starts anew.
    Journal,
    Crash,
    Verb {
        pair: usize,
        verb: Asked,
    },
    /// The status command is asked.
    Status,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    Pause,
    Resume,
    Acknowledge,
    Force,
    Forgive,
}

/// How long a run is disturbed.
pub(super) const DISTURBED: Duration = Duration::from_secs(900);

pub(super) fn plot(dice: &mut Dice, world: &World) -> Vec<(Time, Fault)> {
    let mut plot = Vec::new();
    // Faults come in bursts: what hurts is what meets.
    let bursts = 1 + dice.below(4);
    for _ in 0..bursts {
        let centre = START.plus(dice.millis(30_000, DISTURBED.as_millis() as u64 - 120_000));
        let spread = dice.pick(&[500, 5_000, 30_000, 100_000]).unwrap_or(500);
        let pair = dice.below(world.pairs.len());
        for _ in 0..1 + dice.below(5) {
            let at = centre.plus(dice.millis(0, spread));
            many(dice, world, pair, at, &mut plot);
        }
    }
    plot.sort_by_key(|(at, _)| *at);
    plot
}

fn many(dice: &mut Dice, world: &World, pair: usize, at: Time, plot: &mut Vec<(Time, Fault)>) {
    let processes = world.pairs[pair].processes.len();
    let process = dice.below(processes);
    let host = dice.below(2);
    match dice.below(10) {
        // A storm: much of one host, in a short while.
        0 => {
            for process in (0..processes).filter(|each| world.host(pair, *each) == host) {
                if dice.percent(80) {
                    let later = at.plus(dice.millis(0, 1500));
                    plot.push((later, Fault::Fail { pair, process }));
                }
            }
        }
        // One process that falls again and again.
        1 => {
            for round in 0..3 + dice.below(5) as u64 {
                let later = at.plus(dice.millis(round * 2_000, round * 25_000));
                let fault = match dice.flip() {
                    true => Fault::Fail { pair, process },
                    false => Fault::Switch { pair, process },
                };
                plot.push((later, fault));
            }
        }
        2 => {
            let returns = dice.percent(75);
            let fault = Fault::Kill {
                pair,
                host,
                returns,
            };
            plot.push((at, fault));
        }
        _ => plot.push((at, one(dice, world, pair, process))),
    }
}

fn one(dice: &mut Dice, world: &World, pair: usize, process: usize) -> Fault {
    let host = dice.below(2);
    let verbs = [
        Asked::Pause,
        Asked::Resume,
        Asked::Acknowledge,
        Asked::Acknowledge,
        Asked::Force,
        Asked::Forgive,
    ];
    match dice.below(100) {
        0..22 => Fault::Fail { pair, process },
        22..30 => Fault::Cut { pair, host },
        30..36 => Fault::Stop { pair, process },
        36..52 => Fault::Switch { pair, process },
        52..55 => Fault::SwitchScs,
        55..57 => Fault::FlapScs,
        57..63 => Fault::Slow {
            source: dice.below(world.logs.sources.len()),
        },
        63..65 => Fault::DropVip { pair, host },
        65..68 => Fault::Step,
        68..70 => Fault::Journal,
        70..82 => Fault::Crash,
        82..94 => Fault::Verb {
            pair,
            verb: dice.pick(&verbs).unwrap_or(Asked::Resume),
        },
        _ => Fault::Status,
    }
}
