//! A simulated pair in a folder, for `demo --live` and for tests of the daemon: what the daemon sees and does is real.
//!
//! Two hosts with their applications, SCS and Message Server, whose logs read like the field's; and stand-ins for the
//! commands, each a real process that changes the pair. Whoever acts (a person, a test, a command) changes one
//! [`World`] under a lock; a [`Writer`] lets time pass in it.
//!
//! - `cast`: who is who;
//! - `world`, `change`: what is so, and what happens then; pure;
//! - `command`: what the commands do to it, and how they misbehave; pure;
//! - `wording`, `noise`: how the logs tell it;
//! - `folder`, `ledger`: the files, and what was started;
//! - `program`, `writer`: a command as a process, and the passing of time;
//! - `audit`: whether what was started is what one incident asks for;
//! - `configuration`: the `tailswitch.yaml` for it all.

mod audit;
mod cast;
mod change;
mod command;
mod configuration;
mod folder;
mod ledger;
mod noise;
mod program;
mod wording;
mod world;
mod writer;

pub use audit::{Expected, moves_to};
pub use cast::{Host, Kind, SOLUTION, VIP, Who};
pub use command::{Answer, Behaviour, SLOW, Tool};
pub use configuration::Options;
pub use folder::Folder;
pub use ledger::{Said, Start};
pub use program::{Ended, run};
pub use world::{Line, Target, World};
pub use writer::Writer;

#[cfg(test)]
mod tests;
