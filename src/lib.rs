//! tailswitch: one incident, one coordinated reaction set for a Genesys SIP Voicemail pair.
//!
//! ARCHITECTURE.md is the map: what each module does, which may name which, and what stands in none of them.

#![cfg_attr(
    not(test),
    warn(
        clippy::disallowed_methods,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::too_many_lines,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

pub mod alerts;
pub mod capture;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
pub mod decide;
pub mod demo;
pub mod dispatch;
pub mod engine;
pub mod escape;
pub mod event;
pub mod fault;
pub mod journal;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
pub mod json;
pub mod metrics;
pub mod operate;
pub mod pack;
pub mod past;
pub mod record;
pub mod replay;
pub mod report;
pub mod scan;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, and of the run's own lists"
)]
pub mod sim;
pub mod snapshot;
#[expect(
    clippy::indexing_slicing,
    reason = "arrays of the fixed cast are indexed by its enums"
)]
pub mod standin;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
pub mod story;
pub mod tail;
pub mod time;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
pub mod timeline;
#[expect(
    clippy::indexing_slicing,
    reason = "indices are of the one topology, as `config` resolved them"
)]
pub mod topology;
pub mod why;
mod words;
pub mod yaml;
