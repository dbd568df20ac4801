//! The seeded simulator: the real core, beside stand-ins for everything that it meets.
//!
//! One seed is one run: some voicemail pairs under a virtual clock, with faults, operators, lost and late log lines,
//! commands that lie or hang, and a daemon that crashes anywhere. `watch` looks at every step; what it finds broken
//! ends the run with the seed that repeats it. No clock, file, socket or process is touched.
//!
//! - `world`, `processes`, `machines`: what is really so, and the log lines that it causes;
//! - `logs`: how lines reach the daemon;
//! - `command`: what a started command does;
//! - `daemon`, `journal`: the core, what it remembers, and what survives a crash;
//! - `mischief`: what goes wrong;
//! - `stage`: the loop over it all;
//! - `watch`: what must hold, and `plant`: errors that show that each check can fail.

mod command;
mod daemon;
mod dice;
mod journal;
mod logs;
mod machines;
mod mischief;
mod plant;
mod processes;
mod scene;
mod stage;
mod watch;
mod world;

pub use dice::Dice;
pub use plant::Bug;
pub use watch::{Check, Violation};

/// What happened in one run, to be added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub runs: u64,
    /// Log lines that reached the core, repeats included.
    pub lines: u64,
    pub entries: u64,
    pub incidents: u64,
    /// Commands that were started.
    pub commands: u64,
    pub crashes: u64,
    /// Pairs whose address was at the end where it belongs.
    pub right: u64,
    /// Pairs where it was not, and where an alert, a debt, a lock or a held incident says so.
    pub told: u64,
    /// Pairs that somebody else meddled with, or without a single primary.
    pub excused: u64,
}

impl std::ops::AddAssign for Figures {
    fn add_assign(&mut self, more: Figures) {
        self.runs += more.runs;
        self.lines += more.lines;
        self.entries += more.entries;
        self.incidents += more.incidents;
        self.commands += more.commands;
        self.crashes += more.crashes;
        self.right += more.right;
        self.told += more.told;
        self.excused += more.excused;
    }
}

/// A run that broke a check.
#[derive(Clone, Debug)]
pub struct Failure {
    pub seed: u64,
    pub violation: Violation,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "seed {}: {}", self.seed, self.violation)
    }
}

/// Runs one seed to its end.
pub fn run(seed: u64) -> Result<Figures, Failure> {
    play(seed, None, None)
}

/// The same, told line by line.
pub fn trace(seed: u64, tell: &mut dyn FnMut(&str)) -> Result<Figures, Failure> {
    play(seed, None, Some(tell))
}

/// The same, with an error planted in the daemon.
pub fn run_with(seed: u64, bug: Bug) -> Result<Figures, Failure> {
    play(seed, Some(bug), None)
}

fn play(
    seed: u64,
    bug: Option<Bug>,
    tell: Option<&mut dyn FnMut(&str)>,
) -> Result<Figures, Failure> {
    let mut stage = stage::Stage::new(seed, bug, tell);
    stage
        .play()
        .map_err(|violation| Failure { seed, violation })
}
