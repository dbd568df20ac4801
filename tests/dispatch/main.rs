//! Real commands in real processes, each by the real program as its shim.
#![cfg(target_os = "linux")]

mod adopt;
mod bench;
mod ends;
mod queue;
mod secrets;
mod warm;
mod world;
