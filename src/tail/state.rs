//! What a person should know about sources: told once when it begins and once when it ends.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Send, Stopped, Tailed};
use crate::words::words;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceState {
    /// The file or the folder.
    pub about: Arc<str>,
    pub condition: Condition,
    /// It begins, or ends.
    pub open: bool,
    /// What happened and what to do, for people; it may hold a file's name, so escape it where it is printed.
    pub text: String,
}

words! {
    Condition {
        /// The folder is not there.
        Absent = "absent",
        /// The file or folder cannot be read.
        Unreadable = "unreadable",
        /// The file does not grow.
        Silent = "silent",
        /// The file grows faster than it is read.
        Lagging = "lagging",
        /// Something was written that was not read and cannot be read any more. Never ends: it happened.
        Gap = "gap",
        /// No notifications: polling alone reads the folder.
        Polling = "polling",
        /// More files or handles than there may be.
        TooMany = "too-many",
    }
}

/// Which conditions hold.
#[derive(Debug, Default)]
pub struct States {
    open: HashSet<(Arc<str>, Condition)>,
}

impl States {
    pub fn begin(
        &mut self,
        about: &Arc<str>,
        condition: Condition,
        text: impl FnOnce() -> String,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        let holds = condition != Condition::Gap;
        if holds && !self.open.insert((about.clone(), condition)) {
            return Ok(());
        }
        send(Tailed::State(SourceState {
            about: about.clone(),
            condition,
            open: true,
            text: text(),
        }))
    }

    pub fn end(
        &mut self,
        about: &Arc<str>,
        condition: Condition,
        send: Send<'_>,
    ) -> Result<(), Stopped> {
        if self.open.is_empty() || !self.open.remove(&(about.clone(), condition)) {
            return Ok(());
        }
        send(Tailed::State(SourceState {
            about: about.clone(),
            condition,
            open: false,
            text: String::new(),
        }))
    }

    /// The file is not looked at any more: nothing holds of it.
    pub fn end_all(&mut self, about: &Arc<str>, send: Send<'_>) -> Result<(), Stopped> {
        use Condition::*;
        for condition in [Unreadable, Silent, Lagging, TooMany] {
            self.end(about, condition, send)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_told_once_and_ends_once() {
        let mut states = States::default();
        let mut told = Vec::new();
        let mut send = |tailed| {
            if let Tailed::State(state) = tailed {
                told.push((state.condition, state.open));
            }
            Ok(())
        };
        let file: Arc<str> = "a.log".into();
        use Condition::{Gap, Silent};
        for condition in [Silent, Silent, Gap, Gap] {
            let text = || "x".to_owned();
            states.begin(&file, condition, text, &mut send).unwrap();
        }
        for _ in 0..2 {
            states.end(&file, Silent, &mut send).unwrap();
            states.end_all(&file, &mut send).unwrap();
        }
        let expected = [(Silent, true), (Gap, true), (Gap, true), (Silent, false)];
        assert_eq!(told, expected);
    }
}
