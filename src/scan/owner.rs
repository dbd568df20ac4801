//! Whom an event is about, and who says so.

use std::sync::Arc;

use super::Segment;
use crate::event::{Event, Origin, Witness};
use crate::pack::Meaning;
use crate::record::header::Header;
use crate::time::Time;

const TEXT_CHARS_MAX: usize = 512;

/// The application whose file it is.
#[derive(Clone, Debug)]
pub struct Owner {
    pub application: Option<Arc<str>>,
    pub host: Option<Arc<str>>,
}

impl Owner {
    pub fn new(segment: &Segment, header: &Header) -> Owner {
        let named = |setting: &Option<Arc<str>>, header: &Option<String>| {
            let header = || header.as_deref().map(Arc::from);
            setting.clone().or_else(header)
        };
        Owner {
            application: named(&segment.application, &header.application),
            host: named(&segment.host, &header.host),
        }
    }

    /// The file's own names are filled in only where its owner speaks about itself: Solution Control Server's silence
    /// about an application does not mean Solution Control Server.
    pub fn event(&self, meaning: Meaning, time: Time, origin: Origin, in_trace_gap: bool) -> Event {
        let about_other = meaning.application.is_some() && meaning.application != self.application;
        let witness = match (meaning.by_scs, about_other) {
            (true, _) => Witness::Scs,
            (false, true) => Witness::Other,
            (false, false) => Witness::Own,
        };
        let own = |name: &Option<Arc<str>>| match witness {
            Witness::Own => name.clone(),
            Witness::Scs | Witness::Other => None,
        };
        Event {
            time,
            id: meaning.id,
            kind: meaning.kind,
            application: meaning.application.or_else(|| own(&self.application)),
            dbid: meaning.dbid,
            host: meaning.host.or_else(|| own(&self.host)),
            mode: meaning.mode,
            status: meaning.status,
            level: meaning.level,
            text: bounded(meaning.text),
            witness,
            writer: self.application.clone(),
            in_trace_gap,
            origin,
        }
    }
}

fn bounded(text: Arc<str>) -> Arc<str> {
    match text.char_indices().nth(TEXT_CHARS_MAX) {
        Some((end, _)) => Arc::from(text.get(..end).unwrap_or_default()),
        None => text,
    }
}
