//! Notices that no entry of the core gives: of the logs, the clock, and the daemon itself.

use std::sync::Arc;

use super::{Notice, Phase};
use crate::escape::escape;
use crate::fault::Severity;
use crate::time::Time;
use crate::topology::AlertClass;

impl Notice {
    /// Something about a log or its folder; it may hold text from outside.
    pub fn of_source(key: Arc<str>, is_open: bool, text: &str, time: Time) -> Notice {
        let title = match is_open {
            true => escape(text).into_owned(),
            false => "it is well again".to_owned(),
        };
        Notice::plain(AlertClass::Source, key, is_open, title, time)
    }

    /// Time went otherwise than it should.
    pub fn of_clock(title: &str, time: Time) -> Notice {
        let key = "clock:stepped".into();
        Notice::plain(AlertClass::Clock, key, true, title.to_owned(), time)
    }

    /// The daemon tells of itself; `key` is the same for the same condition.
    pub fn of_daemon(key: &str, title: &str, time: Time) -> Notice {
        let key = format!("daemon:{key}").into();
        Notice::plain(AlertClass::Daemon, key, true, escape(title).into(), time)
    }

    /// The end of it.
    pub fn over(self) -> Notice {
        Notice {
            severity: Severity::Info,
            phase: Phase::Close,
            ..self
        }
    }

    /// With more to read below the title.
    pub fn with_text(self, text: &str) -> Notice {
        let text = text.lines().map(escape).collect::<Vec<_>>().join("\n");
        Notice { text, ..self }
    }

    fn plain(class: AlertClass, key: Arc<str>, is_open: bool, title: String, time: Time) -> Notice {
        let (severity, phase) = match is_open {
            true => (Severity::Warning, Phase::Open),
            false => (Severity::Info, Phase::Close),
        };
        Notice {
            time,
            class,
            severity,
            key,
            phase,
            title,
            text: String::new(),
            solution: None,
            event: None,
            opened: None,
        }
    }
}
