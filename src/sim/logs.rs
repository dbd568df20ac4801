//! The logs of the simulated machines, and how their lines reach a reader: late, in bursts, and more than once.
//!
//! Each source keeps its own order, and nothing is said about the order between sources.

use std::sync::Arc;
use std::time::Duration;

use super::dice::Dice;
use crate::event::{Event, EventKind, Mode, Origin, Status, Witness};
use crate::time::Time;

/// One record.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub event: Arc<Event>,
    /// Its time on the corrected clock: when it was written, give or take what the offset is wrong by.
    pub stamp: Time,
    /// When a reader can have it.
    pub ready: Time,
    /// A command of ours made the application write it.
    pub ours: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Source {
    name: Arc<str>,
    pub lines: Vec<Line>,
    /// By how many microseconds its clock offset is wrong.
    error: i64,
    /// How much longer its lines take at present.
    pub lag: Duration,
    /// Nothing of it can be read: its machine is down.
    pub cut_off: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Logs {
    pub sources: Vec<Source>,
    dice: Dice,
    /// Lines that nobody has been told of: when which source can be read.
    pub fresh: Vec<(Time, usize)>,
}

/// What a record says.
#[derive(Clone, Debug)]
pub(super) struct Saying {
    pub kind: EventKind,
    pub application: Option<Arc<str>>,
    pub host: Option<Arc<str>>,
    pub mode: Option<Mode>,
    pub status: Option<Status>,
    pub ours: bool,
}

impl Saying {
    pub fn new(kind: EventKind) -> Saying {
        Saying {
            kind,
            application: None,
            host: None,
            mode: None,
            status: None,
            ours: false,
        }
    }

    pub fn of(kind: EventKind, application: &Arc<str>) -> Saying {
        Saying {
            application: Some(application.clone()),
            ..Saying::new(kind)
        }
    }
}

impl Logs {
    pub fn new(names: impl Iterator<Item = Arc<str>>, mut dice: Dice) -> Logs {
        // Mostly well-learned offsets; now and then one that is half a second out. Two words of one fact stay within
        // `role_tolerance` so.
        let mut error = || {
            let most = if dice.percent(10) { 500 } else { 50 };
            let micros = dice.millis(0, most).as_micros() as i64;
            if dice.flip() { micros } else { -micros }
        };
        let source = |name| Source {
            name,
            lines: Vec::new(),
            error: error(),
            lag: Duration::ZERO,
            cut_off: false,
        };
        Logs {
            sources: names.map(source).collect(),
            dice,
            fresh: Vec::new(),
        }
    }

    pub fn write(&mut self, index: usize, witness: Witness, at: Time, saying: Saying) {
        let delay = match self.dice.percent(90) {
            true => self.dice.millis(2, 300),
            false => self.dice.millis(300, 4000),
        };
        let Some(source) = self.sources.get_mut(index) else {
            return;
        };
        let earliest = source.lines.last().map_or(at, |last| last.ready);
        let ready = at.plus(delay + source.lag).max(earliest);
        let stamp = at.shifted(source.error);
        let number = source.lines.len() as u64;
        let event = Arc::new(Event {
            time: stamp,
            id: saying.kind.word().into(),
            kind: saying.kind,
            application: saying.application,
            dbid: None,
            host: saying.host,
            mode: saying.mode,
            status: saying.status,
            level: None,
            text: "".into(),
            witness,
            writer: (witness == Witness::Scs).then(|| source.name.clone()),
            in_trace_gap: false,
            origin: Origin {
                file: source.name.clone(),
                line: number + 1,
                offset: number * 100,
            },
        });
        source.lines.push(Line {
            event,
            stamp,
            ready,
            ours: saying.ours,
        });
        self.fresh.push((ready, index));
    }
}
