//! Reading that goes on: a live file grows, its reader waits, and a later process takes up where this one was.

use std::sync::Arc;

use super::reader::Reader;
use super::reader::mark::Mark;
use super::{Found, Front, Limits, Owner, Scanner, Segment};
use crate::pack::Matcher;
use crate::record::calendar::Carry;
use crate::record::header::{Header, HeaderReader};

impl Scanner {
    /// Goes on at a mark. `head` are the file's first [`Mark::head_bytes`]; the next byte to push is that at the
    /// mark's offset. Signs of life and marks are told as before.
    pub fn resume(
        segment: Segment,
        limits: Limits,
        mark: Mark,
        head: &[u8],
        choose: impl FnOnce(&Header) -> Arc<Matcher> + Send + 'static,
    ) -> Scanner {
        let mut header = HeaderReader::new(segment.encoding);
        let told = usize::try_from(mark.head).unwrap_or(usize::MAX);
        header.push(head.get(..told).unwrap_or(head));
        let (header, _) = header.into_parts();
        let matcher = choose(&header);
        let time_zone = segment.time_zone.clone();
        let mut reader = Reader::new(segment, header, limits, matcher, true);
        reader.resume(mark, head, time_zone.as_ref());
        Scanner {
            limits,
            tells_life: true,
            keeps_marks: true,
            front: None,
            reader: Some(reader),
        }
    }

    /// Marks are kept. To be called before the first byte.
    pub fn keep_marks(&mut self) {
        self.keeps_marks = true;
    }

    /// The last place from which reading can go on; none while that is the file's first byte.
    pub fn mark(&self) -> Option<&Mark> {
        self.reader.as_ref()?.mark()
    }

    /// Whose log it is, by the source's setting or else the header; none before that is read.
    pub fn owner(&self) -> Option<&Owner> {
        self.reader.as_ref().map(Reader::owner)
    }

    /// What the next segment has to know, as far as this one was read.
    pub fn carry(&self) -> Option<Carry> {
        self.reader.as_ref()?.carry()
    }

    /// Where the line begins that is not whole yet.
    pub fn begun(&self) -> u64 {
        match (&self.front, &self.reader) {
            (Some(Front { held, .. }), _) => {
                let last = memchr::memrchr2(b'\n', b'\r', held);
                last.map_or(0, |at| at as u64 + 1)
            }
            (None, Some(reader)) => reader.lines().begun(),
            (None, None) => 0,
        }
    }

    /// Nothing came for a while: if the head is still held back, because its block may go on, it does not.
    pub fn release(&mut self, found: &mut impl FnMut(Found)) {
        self.start(found);
    }

    /// What the line says that is not whole yet, if nothing is to follow. Reading goes on as if this was not asked.
    ///
    /// A line that ends in a digit says nothing: `0506` may become `05064`.
    pub fn partial(&self, found: &mut impl FnMut(Found)) {
        let Some(reader) = &self.reader else {
            return;
        };
        let ends_in_digit = |line: &[u8]| line.last().is_none_or(u8::is_ascii_digit);
        if ends_in_digit(reader.lines().partial()) {
            return;
        }
        reader.clone().end_line(found);
    }
}
