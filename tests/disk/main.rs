//! The real daemon on a disk that is full, fails, hangs, or is not what it was; and out of handles, processes and
//! watches. Nothing acts that is not written down, and people are told all the same.
//!
//! What needs a permission that this machine does not give is left out, and says so.
#![cfg(target_os = "linux")]

mod bench;
mod folder;
mod full;
mod limits;
mod sync;
