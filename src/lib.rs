//! tailswitch: one incident, one coordinated reaction set for a Genesys SIP Voicemail pair.
//!
//! The crate in the order in which data flows through it.

pub mod capture;
pub mod check;
pub mod cli;
pub mod config;
pub mod decide;
pub mod escape;
pub mod event;
pub mod fault;
pub mod json;
pub mod operate;
pub mod pack;
pub mod record;
pub mod replay;
pub mod report;
pub mod scan;
pub mod story;
pub mod time;
pub mod timeline;
pub mod topology;
pub mod why;
mod words;
pub mod yaml;
