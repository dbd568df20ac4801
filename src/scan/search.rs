//! Where in a log anything can stand that has to be read: a search for a few short byte strings at once.

use aho_corasick::packed::Searcher;

use crate::pack::Matcher;
use crate::record::{head, trace};

/// What stands around an event, and is needed to know when and where it is.
const OWN: [&[u8]; 3] = [trace::ANNOUNCES, head::CHECK_POINT, b"\0\0\0\0"];

/// What was found, by the one byte string of those above, or else one of the rules'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// Perhaps the announcement of a SIP message.
    Announcement,
    /// A date, or bytes that are no text.
    Reading,
    /// A rule may read the line.
    Rule,
}

/// All byte strings of which one stands in each line that matters.
#[derive(Debug)]
pub struct Search {
    searcher: Searcher,
}

impl Search {
    /// None where the rules read lines that have no such byte string, or too many different ones.
    pub fn new(matcher: &Matcher) -> Option<Search> {
        let rules = matcher.needles()?;
        let all = OWN.into_iter().chain(rules.iter().map(|each| &**each));
        let searcher = Searcher::new(all)?;
        Some(Search { searcher })
    }

    /// The first at or behind `from`.
    pub fn next(&self, text: &[u8], from: usize) -> Option<(usize, Hit)> {
        let found = self.searcher.find(text.get(from..)?)?;
        let hit = match found.pattern().as_usize() {
            0 => Hit::Announcement,
            1 | 2 => Hit::Reading,
            _ => Hit::Rule,
        };
        Some((from + found.start(), hit))
    }
}
