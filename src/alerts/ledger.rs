//! What one sink was told and has not seen end: one opening, updates, and one closing for each key, also where the
//! same thing begins and ends all the time, and also over a restart.
//!
//! - An opening that is open already is a repetition: an update if it says something new, else it is only counted.
//! - So many openings of one key are told within a while; later ones wait for its end, and the newest is then told
//!   with the number of the others.
//! - A closing always goes to whoever was told of the opening, whatever else the sink wants to hear.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::{Notice, Phase};
use crate::fault::Severity;
use crate::time::Time;
use crate::topology::AlertClass;

/// So many openings of one key are told within [`STORM_WITHIN`].
const STORM_MAX: u32 = 3;
const STORM_WITHIN: Duration = Duration::from_secs(600);
/// What is known of more keys than these is not remembered: it is told as it comes.
const KEYS_MAX: usize = 10_000;
/// A condition of the logs has so long after a start to show itself again.
const SOURCES_WITHIN: Duration = Duration::from_secs(120);

#[derive(Debug, Default)]
pub(super) struct Ledger {
    known: BTreeMap<Arc<str>, Known>,
    /// When it was first told the time.
    began: Option<Time>,
}

#[derive(Debug)]
struct Known {
    /// The opening that was told, until its closing is.
    open: Option<Arc<Notice>>,
    /// It was heard of since the start.
    fresh: bool,
    /// The while that is counted in began with this opening.
    since: Time,
    told: u32,
    /// Openings since then that were not told.
    untold: u32,
    /// The newest of them, if it still stands.
    waiting: Option<Arc<Notice>>,
}

impl Ledger {
    /// What the sink is told now because of a notice.
    pub fn take(&mut self, notice: &Arc<Notice>, is_wanted: bool) -> Option<Arc<Notice>> {
        if notice.class == AlertClass::Event {
            return is_wanted.then(|| notice.clone());
        }
        if notice.phase == Phase::Update {
            let open = self.known.get(&notice.key).and_then(|it| it.open.as_ref());
            let told = || open.map_or_else(|| notice.clone(), |open| notice.following(open));
            return is_wanted.then(told);
        }
        let known = self.known.contains_key(&notice.key);
        match notice.phase {
            Phase::Close if known => self.close(notice),
            Phase::Open if is_wanted && (known || self.known.len() < KEYS_MAX) => self.open(notice),
            _ => is_wanted.then(|| notice.clone()),
        }
    }

    /// An opening or a closing that was told in an earlier life.
    pub fn recall(&mut self, notice: Arc<Notice>) {
        match notice.phase {
            _ if notice.class == AlertClass::Event => {}
            Phase::Open if self.known.len() < KEYS_MAX => {
                let known = Known::new(notice.clone(), false);
                self.known.insert(notice.key.clone(), known);
            }
            Phase::Close => drop(self.known.remove(&notice.key)),
            Phase::Open | Phase::Update => {}
        }
    }

    /// The openings that were told and not closed.
    pub fn open_alerts(&self) -> impl Iterator<Item = &Arc<Notice>> {
        self.known.values().filter_map(|known| known.open.as_ref())
    }

    /// After a start: `open` is all that holds now. What of it was not told yet is told; what was told earlier and
    /// holds no more is closed. The logs take their time to show what is wrong with them, so they are not judged here.
    pub fn settle(
        &mut self,
        open: &[Arc<Notice>],
        wants: impl Fn(&Notice) -> bool,
        now: Time,
    ) -> Vec<Arc<Notice>> {
        let mut told = self.close_stale(now, |class, key| {
            class != AlertClass::Source && !open.iter().any(|notice| notice.key == *key)
        });
        for notice in open {
            match self.known.get_mut(&notice.key) {
                Some(known) if known.open.is_some() => known.fresh = true,
                _ => told.extend(self.take(notice, wants(notice))),
            }
        }
        told
    }

    /// What the time brings to be told.
    pub fn tick(&mut self, now: Time) -> Vec<Arc<Notice>> {
        let began = *self.began.get_or_insert(now);
        let mut told = Vec::new();
        for known in self.known.values_mut() {
            if known.waiting.is_some() && known.since.plus(STORM_WITHIN) <= now {
                told.extend(known.end_of_storm(now));
            }
        }
        self.known.retain(|_, known| {
            known.open.is_some() || known.waiting.is_some() || now < known.since.plus(STORM_WITHIN)
        });
        if began.plus(SOURCES_WITHIN) <= now {
            told.extend(self.close_stale(now, |class, _| class == AlertClass::Source));
        }
        told
    }

    fn open(&mut self, notice: &Arc<Notice>) -> Option<Arc<Notice>> {
        let Some(known) = self.known.get_mut(&notice.key) else {
            let known = Known::new(notice.clone(), true);
            self.known.insert(notice.key.clone(), known);
            return Some(notice.clone());
        };
        known.open_again(notice)
    }

    fn close(&mut self, notice: &Arc<Notice>) -> Option<Arc<Notice>> {
        let known = self.known.get_mut(&notice.key)?;
        known.waiting = None;
        known.open.take().map(|open| notice.following(&open))
    }

    fn close_stale(
        &mut self,
        now: Time,
        is_over: impl Fn(AlertClass, &Arc<str>) -> bool,
    ) -> Vec<Arc<Notice>> {
        let mut told = Vec::new();
        for known in self.known.values_mut().filter(|known| !known.fresh) {
            let over = known
                .open
                .take_if(|open| is_over(open.class, &open.key))
                .map(|open| over(&open, now));
            told.extend(over);
        }
        told
    }
}

impl Known {
    fn new(opening: Arc<Notice>, fresh: bool) -> Known {
        Known {
            since: opening.time,
            open: Some(opening),
            fresh,
            told: 1,
            untold: 0,
            waiting: None,
        }
    }

    fn open_again(&mut self, notice: &Arc<Notice>) -> Option<Arc<Notice>> {
        let was_fresh = std::mem::replace(&mut self.fresh, true);
        let is_new_while = self.since.plus(STORM_WITHIN) <= notice.time;
        let says_more = self
            .open
            .as_ref()
            .is_none_or(|open| (&open.title, &open.text) != (&notice.title, &notice.text));
        if !was_fresh && !says_more {
            return None;
        }
        if !is_new_while && (!says_more || self.told >= STORM_MAX) {
            self.untold += 1;
            if says_more {
                self.waiting = Some(notice.clone());
            }
            return None;
        }
        if is_new_while {
            (self.since, self.told) = (notice.time, 0);
        }
        self.told += 1;
        Some(self.tell(notice))
    }

    fn end_of_storm(&mut self, now: Time) -> Option<Arc<Notice>> {
        let waiting = self.waiting.take()?;
        (self.since, self.told) = (now, 1);
        // It tells of itself.
        self.untold = self.untold.saturating_sub(1);
        Some(self.tell(&waiting))
    }

    /// As it is told now: with the number of those that were not, and as an update where it is open already.
    fn tell(&mut self, notice: &Arc<Notice>) -> Arc<Notice> {
        self.waiting = None;
        let untold = std::mem::take(&mut self.untold);
        let before = self.open.take();
        let standing = match &before {
            Some(open) => notice.following(open),
            None => notice.clone(),
        };
        self.open = Some(standing.clone());
        if untold == 0 && before.is_none() {
            return standing;
        }
        let mut told = Notice::clone(&standing);
        if before.is_some() {
            told.phase = Phase::Update;
        }
        if untold > 0 {
            let times = if untold == 1 { "time" } else { "times" };
            told.title.push_str(&format!(" ({untold} more {times})"));
        }
        Arc::new(told)
    }
}

/// Closes what was told in an earlier life.
fn over(open: &Notice, now: Time) -> Arc<Notice> {
    Arc::new(Notice {
        time: now,
        severity: Severity::Info,
        phase: Phase::Close,
        title: format!("over: {}", open.title),
        text: "it ended while no daemon ran, or nobody could be told".to_owned(),
        event: None,
        opened: Some(open.opening()),
        ..open.clone()
    })
}

#[cfg(test)]
mod tests;
