//! Live logs in, events out, each once, whatever happens to the files on the way.
//!
//! Files are found by listing folders and read through open handles, again and again: polling is the truth, and a
//! notification only shortens the wait. A file is who it is by its content, not by its name ([`identity`]); where it
//! was read to is a [`Position`], which goes out with every event, so that it can be saved after what it covers.
//!
//! ```text
//! start ─ threads ─▶ Reader ─▶ Log (the segments of one writer, in order) ─▶ Followed (one file) ─ Scanner ─▶ Tailed
//!          ▲ notify, poll       folders: what is there, what is new, what is gone
//! ```
//!
//! [`Reader::poll_once`] does one round and knows no clock: a test is its own driver.

mod arrive;
mod claims;
mod copies;
mod disk;
mod folder;
mod follow;
pub mod identity;
mod listing;
mod log;
mod plan;
mod position;
mod reader;
mod run;
mod segment;
mod state;
#[cfg(test)]
mod tests;
mod watch;

use std::sync::Arc;
use std::time::Duration;

pub use plan::Plan;
pub use position::{Position, Positions};
pub use reader::{Reader, Round};
pub use run::{Tailer, start};
pub use state::{Condition, SourceState};

use crate::event::Event;
use crate::fault::Diagnostic;
use crate::time::Time;
use identity::Place;

/// What the readers tell, in file order for each log.
#[derive(Clone, Debug, PartialEq)]
pub enum Tailed {
    Event(Box<TailedEvent>),
    /// The application wrote a record of this stamp in its own log. Sparse.
    Life {
        source: usize,
        writer: Arc<str>,
        time: Time,
    },
    /// A file was read further without an event.
    Position(Box<Position>),
    /// The position of this file is not needed any more.
    Forgotten(Place),
    /// A file is being read, and its head says whose it is.
    Seen {
        source: usize,
        file: Arc<str>,
        application: Option<Arc<str>>,
        host: Option<Arc<str>>,
    },
    State(SourceState),
    Diagnostic(Diagnostic),
    /// Everything that was there at the start has been read.
    CaughtUp,
}

/// An event, and where reading goes on behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct TailedEvent {
    pub event: Arc<Event>,
    /// Index into the configuration's sources; its clock offset is not applied.
    pub source: usize,
    /// It was there at the first start: it teaches roles and never acts.
    pub history: bool,
    /// Its line has no end yet, and none came for [`Settings::partial_timeout`].
    pub partial: bool,
    /// To be saved with the event, or after it.
    pub position: Position,
}

/// Nobody wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// Where what is told goes. It may wait; an error ends the reading.
pub type Send<'a> = &'a mut dyn FnMut(Tailed) -> Result<(), Stopped>;

/// How the files are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How often open files are read.
    pub poll: Duration,
    /// How often folders are listed.
    pub list_every: Duration,
    /// A segment that has a successor, or was deleted, is given up after so long without growth.
    pub rotate_wait: Duration,
    /// A head without a block is let go after so long without growth.
    pub head_wait: Duration,
    /// A last line without its end is looked at after so long without growth.
    pub partial_timeout: Duration,
    /// A log whose end was not reached for so long lags.
    pub lag_after: Duration,
    /// A folder that is missing for so long is told.
    pub folder_wait: Duration,
    /// Positions without events are told so often.
    pub position_every: Duration,
    /// Of each log so much is read back at the first start, from its newest segments.
    pub history_bytes_max: u64,
    /// So many files of one reader are kept open; more are opened for each look.
    pub handles_max: usize,
    /// Of a folder tree so many entries are looked at.
    pub entries_max: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            poll: Duration::from_millis(250),
            list_every: Duration::from_secs(1),
            rotate_wait: Duration::from_secs(5),
            head_wait: Duration::from_millis(500),
            partial_timeout: Duration::from_secs(2),
            lag_after: Duration::from_secs(10),
            folder_wait: Duration::from_secs(10),
            position_every: Duration::from_secs(1),
            history_bytes_max: 256 * 1024 * 1024,
            handles_max: 512,
            entries_max: 200_000,
        }
    }
}
