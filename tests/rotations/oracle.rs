//! What the daemon told and wrote down, against what was written to the logs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use tailswitch::decide::{Entry, Reason};
use tailswitch::journal::Reader;

use super::load::{Fate, Shared};

/// A sink's mark of what it delivered may be so many alerts behind when it is killed.
const IN_DELIVERY_MAX: usize = 64;
/// Entries of the journal that are read at a time.
const PAGE: usize = 10_000;

/// Follows the alerts and the journal while they grow.
pub struct Oracle {
    state: PathBuf,
    alerts: PathBuf,
    shared: Shared,
    journal: Option<Reader>,
    /// The newest entry that was read.
    seq: i64,
    has_begun: bool,
    /// The entries that decide an event, by its number, and where it was read.
    decided: BTreeMap<u32, Vec<(i64, String)>>,
    ends: Vec<End>,
}

/// How one daemon ended.
#[derive(Clone, Copy, Debug)]
pub struct End {
    pub killed: bool,
    /// Alerts that were told until then.
    told: usize,
    /// The newest entry that was on disk.
    seq: i64,
}

/// An alert of an event.
struct Told {
    number: u32,
    /// The record's place in its file, which a rename does not change.
    offset: String,
}

#[derive(Debug, Default)]
pub struct Verdict {
    pub events: usize,
    pub told: usize,
    /// Told again behind a kill.
    pub doubled: usize,
    /// Of those that may be lost: so many are.
    pub lost_in_window: usize,
}

impl Oracle {
    pub fn new(state: PathBuf, alerts: PathBuf, shared: Shared) -> Oracle {
        Oracle {
            state,
            alerts,
            shared,
            journal: None,
            seq: 0,
            has_begun: false,
            decided: BTreeMap::new(),
            ends: Vec::new(),
        }
    }

    /// Reads on in the journal. A daemon that is just starting may have none yet.
    pub fn look(&mut self) {
        if self.journal.is_none() {
            self.journal = Reader::open(&self.state).ok();
        }
        let Some(journal) = &self.journal else {
            return;
        };
        loop {
            let lines = journal.entries_behind(self.seq, PAGE).unwrap_or_default();
            let Some(last) = lines.last() else {
                return;
            };
            self.seq = last.seq;
            self.has_begun |= lines.iter().any(|line| line.kind == "world-read");
            for line in lines.iter().filter(|line| line.kind == "decided") {
                let Ok(Entry::Decided(decision)) = line.entry() else {
                    panic!("an entry that cannot be read: {line:?}");
                };
                assert_ne!(decision.reason, Reason::History, "{:?}", decision.event);
                let number = number_of(&decision.event.text);
                let origin = &decision.event.origin;
                let place = format!("{}:{}", origin.file, origin.offset);
                self.decided
                    .entry(number)
                    .or_default()
                    .push((line.seq, place));
                self.shared.recorded.lock().unwrap().insert(number);
            }
        }
    }

    /// A daemon has read all that was there when it started.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    pub fn ended(&mut self, killed: bool) {
        self.look();
        self.ends.push(End {
            killed,
            told: told(&self.alerts).len(),
            seq: self.seq,
        });
    }

    /// The numbers of the events that are not decided yet and have to be.
    pub fn missing(&self) -> Vec<u32> {
        let written = self.shared.written.lock().unwrap();
        let events = (0..).zip(&written.events);
        events
            .filter(|(number, fate)| **fate == Fate::Told && !self.decided.contains_key(number))
            .map(|(number, _)| number)
            .collect()
    }

    /// The numbers of the events that are not told yet and have to be.
    pub fn untold(&self) -> Vec<u32> {
        let told = by_number(&told(&self.alerts));
        let written = self.shared.written.lock().unwrap();
        let events = (0..).zip(&written.events);
        events
            .filter(|(number, fate)| **fate == Fate::Told && !told.contains_key(number))
            .map(|(number, _)| number)
            .collect()
    }

    /// Everything that was wrong, or what it came to.
    pub fn judge(&self) -> Result<Verdict, Vec<String>> {
        let mut wrong = Vec::new();
        let told = told(&self.alerts);
        let written = self.shared.written.lock().unwrap();
        let by_number = by_number(&told);
        let mut verdict = Verdict {
            events: written.events.len(),
            told: told.len(),
            ..Verdict::default()
        };
        for (number, fate) in (0..).zip(&written.events) {
            let decided = self.decided.get(&number).map_or(&[][..], Vec::as_slice);
            let at = by_number.get(&number).map_or(&[][..], Vec::as_slice);
            match (fate, decided.len(), at.len()) {
                (Fate::PerhapsLost, 0, 0) => verdict.lost_in_window += 1,
                (_, 0, _) => wrong.push(format!("event {number} is not in the journal")),
                (_, _, 0) => wrong.push(format!("event {number} was not told")),
                (_, 1, _) => {}
                (_, times, _) => wrong.push(format!(
                    "event {number} was decided {times} times: {decided:?}"
                )),
            }
            for pair in at.windows(2) {
                verdict.doubled += 1;
                let (first, again) = (pair[0], pair[1]);
                let decided = decided.first().map_or(i64::MAX, |(seq, _)| *seq);
                if told[first].offset != told[again].offset {
                    wrong.push(format!("event {number} was told under two keys"));
                }
                if !self.was_under_way(decided, first, again) {
                    let ends = &self.ends;
                    wrong.push(format!("event {number} (entry {decided}) was told twice, as alerts {first} and {again}: {ends:?}"));
                }
            }
        }
        let strange = |number: &&u32| **number as usize >= written.events.len();
        let strangers = by_number.keys().chain(self.decided.keys()).filter(strange);
        wrong.extend(strangers.map(|number| format!("there was no event {number}")));
        match wrong.is_empty() {
            true => Ok(verdict),
            false => Err(wrong),
        }
    }

    /// Before the alert was told again a daemon was killed that had not written the event down, or was just telling it.
    fn was_under_way(&self, decided: i64, first: usize, again: usize) -> bool {
        let kills = self
            .ends
            .iter()
            .filter(|end| end.killed && end.told <= again);
        kills
            .into_iter()
            .any(|kill| decided > kill.seq || first + IN_DELIVERY_MAX > kill.told)
    }
}

fn by_number(told: &[Told]) -> BTreeMap<u32, Vec<usize>> {
    let mut by_number: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for (at, each) in told.iter().enumerate() {
        by_number.entry(each.number).or_default().push(at);
    }
    by_number
}

/// The alerts, in the order in which they were told.
fn told(alerts: &Path) -> Vec<Told> {
    let text = fs::read_to_string(alerts).unwrap_or_default();
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let lines = whole.lines().map(|line| {
        let alert: serde_json::Value = serde_json::from_str(line).expect("an alert is JSON");
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let key = text(&alert["key"]);
        Told {
            number: number_of(&text(&alert["event"]["text"])),
            offset: key.rsplit(':').next().unwrap_or_default().to_owned(),
        }
    });
    lines.collect()
}

/// `#17 Hot Standby`; a text without a number was never written.
fn number_of(text: &str) -> u32 {
    let number = text
        .strip_prefix('#')
        .and_then(|text| text.split(' ').next());
    let number = number.and_then(|number| number.parse().ok());
    number.unwrap_or_else(|| panic!("{text:?} is no event that was written"))
}
