//! The daemon as it is installed: the real program, real files, real processes, and a `kill -9` wherever it hurts.
//!
//! `kill` samples the points at which the daemon can be killed; all of them are visited by
//! `cargo test --test daemon -- --ignored` (some minutes).
#![cfg(target_os = "linux")]

mod commands;
mod debt;
mod field;
mod kill;
mod life;
mod operator;
mod process;
mod recorded;
mod reload;
mod site;
mod stop;
mod traced;
