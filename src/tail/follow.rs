//! One file, read further and further through its handle.
//!
//! Each look reads the last known bytes once more together with what follows them. If they are not what they were,
//! the file was rewritten, whatever its size and its times say.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::disk::{self, File};
use super::identity::{ANCHOR_BYTES_MAX, Content, FileId, HEAD_BYTES_MAX, Print};
use super::plan::Plan;
use super::{Position, Send, Stopped, Tailed, TailedEvent};
use crate::scan::{Carry, Found, Mark, Scanner};

/// Bytes that are read at once.
pub const READ_BYTES: usize = 64 * 1024;

pub struct Followed {
    pub path: PathBuf,
    pub source: usize,
    pub id: FileId,
    pub handle: Option<File>,
    pub content: Content,
    /// The bytes that `content.anchor` is of.
    recent: Vec<u8>,
    scanner: Option<Scanner>,
    /// As events name it.
    name: Arc<str>,
    mark: Option<Mark>,
    pub told: u64,
    news_from: u64,
    carry: Option<Carry>,
    seen: bool,
    /// When it grew last, and how far its last line was looked at without its end.
    pub grown: Duration,
    looked_to: u64,
    /// The position changed since it was told.
    pub moved: bool,
}

/// What one look came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Grew,
    AtEnd,
    /// It ends before the place that was read to.
    Shorter,
    /// What was read is not there any more.
    Rewritten,
}

/// What every look needs.
pub struct Turn<'a> {
    pub plan: &'a Plan,
    pub now: Duration,
    pub buffer: &'a mut [u8],
    pub send: Send<'a>,
}

impl Followed {
    /// A file to be read from its first byte. Records that begin before `told` are not told, those before `news_from`
    /// are history.
    pub fn new(path: &Path, source: usize, id: FileId, now: Duration) -> Followed {
        Followed {
            name: path.display().to_string().into(),
            path: path.to_owned(),
            source,
            id,
            handle: None,
            content: Content::default(),
            recent: Vec::new(),
            scanner: None,
            mark: None,
            told: 0,
            news_from: 0,
            carry: None,
            seen: false,
            grown: now,
            looked_to: 0,
            moved: false,
        }
    }

    pub fn with_history(self, news_from: u64) -> Followed {
        Followed { news_from, ..self }
    }

    /// Its days go on from another file's.
    pub fn behind(self, carry: Option<Carry>) -> Followed {
        Followed { carry, ..self }
    }

    /// A copy of what was told from another file, as long as it begins with these bytes.
    pub fn with_told(mut self, told: u64, head: Print) -> Followed {
        self.told = told;
        self.content.head = head;
        self
    }

    /// Goes on where a position says, in the file that it is of.
    pub fn resume(self, position: &Position, file: &File, plan: &Plan) -> io::Result<Followed> {
        let mut followed = Followed {
            told: position.told,
            news_from: position.news_from,
            carry: position.carry.clone(),
            moved: self.id != position.id,
            ..self
        };
        let Some(mark) = &position.mark else {
            followed.content.head = position.content.head;
            return Ok(followed);
        };
        let wanted = usize::try_from(mark.head_bytes()).unwrap_or(HEAD_BYTES_MAX);
        let head = disk::bytes_at(file, 0, wanted.max(HEAD_BYTES_MAX))?;
        let read = usize::try_from(mark.offset).unwrap_or(usize::MAX);
        let known = head.get(..read.min(HEAD_BYTES_MAX)).unwrap_or(&head);
        followed.content.head = Print::of(known);
        let back = read.min(ANCHOR_BYTES_MAX);
        followed.recent = disk::bytes_at(file, mark.offset - back as u64, back)?;
        if followed.recent.len() < back {
            // It was emptied just now.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        followed.content.anchor = Print::of(&followed.recent);
        followed.content.read = mark.offset;
        followed.scanner = Some(Scanner::resume(
            plan.segment(followed.source, &followed.name),
            plan.limits(),
            mark.clone(),
            &head,
            plan.choose(followed.source),
        ));
        followed.mark = Some(mark.clone());
        Ok(followed)
    }

    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub fn is_begun(&self) -> bool {
        self.scanner.is_some()
    }

    /// Its first lines are kept back: a block may follow that tells whose they are.
    pub fn waits_for_head(&self) -> bool {
        let scanner = self.scanner.as_ref();
        self.content.read > 0 && scanner.is_some_and(|scanner| scanner.header().is_none())
    }

    /// Begins a file that has not been read, behind the segment before it.
    pub fn begin(&mut self, carry: Option<Carry>, plan: &Plan) {
        self.carry = self.carry.take().or(carry);
        let mut segment = plan.segment(self.source, &self.name);
        segment.carry = self.carry.clone();
        let mut scanner = Scanner::new(segment, plan.limits(), plan.choose(self.source));
        scanner.tell_life();
        scanner.keep_marks();
        self.scanner = Some(scanner);
    }

    /// The day that the next segment goes on with.
    pub fn carry(&self) -> Option<Carry> {
        let scanner = self.scanner.as_ref();
        scanner.and_then(Scanner::carry).or(self.carry.clone())
    }

    pub fn is_essential(&self, plan: &Plan) -> bool {
        let header = self.scanner.as_ref().and_then(Scanner::header);
        plan.is_essential(self.source, header)
    }

    pub fn position(&self, gone: bool) -> Position {
        Position {
            file: self.path.display().to_string().into(),
            id: self.id,
            content: self.content,
            mark: self.mark.clone(),
            told: self.told,
            news_from: self.news_from,
            carry: self.carry.clone(),
            gone,
        }
    }

    /// Reads one portion.
    pub fn step(&mut self, turn: &mut Turn<'_>) -> io::Result<Result<Step, Stopped>> {
        let Some(file) = &self.handle else {
            return Ok(Ok(Step::AtEnd));
        };
        if self.content.read == 0 && self.content.head.bytes > 0 {
            // It may have become another since it was judged.
            if disk::head_of(file, self.content.head.bytes)? != self.content.head {
                self.told = 0;
            }
            self.content.head = Print::default();
        }
        let back = self.recent.len();
        let mut room = back + READ_BYTES;
        if self.content.read < self.news_from {
            // What was there at the start is looked at by itself.
            let history = self.news_from - self.content.read;
            room = room.min(back + usize::try_from(history).unwrap_or(READ_BYTES));
        }
        let buffer = turn.buffer.get_mut(..room).unwrap_or_default();
        let from = self.content.read - back as u64;
        let length = disk::read_at(file, buffer, from)?;
        let bytes = turn.buffer.get(..length).unwrap_or_default();
        let Some((before, news)) = bytes.split_at_checked(back) else {
            return Ok(Ok(Step::Shorter));
        };
        if before != self.recent {
            return Ok(Ok(Step::Rewritten));
        }
        if news.is_empty() {
            return Ok(Ok(Step::AtEnd));
        }
        let news = news.to_vec();
        self.grown = turn.now;
        Ok(self.feed(&news, turn).map(|()| Step::Grew))
    }

    /// The file's first bytes, if they are not a log's: it is packed.
    pub fn is_packed(&self) -> bool {
        const MAGIC: [&[u8]; 5] = [
            b"\x1F\x8B",
            b"PK\x03\x04",
            b"BZh",
            b"\xFD7zXZ\0",
            b"\x28\xB5\x2F\xFD",
        ];
        let head = self.handle.as_ref().map(|file| disk::bytes_at(file, 0, 6));
        let head = head.and_then(Result::ok).unwrap_or_default();
        MAGIC.iter().any(|magic| head.starts_with(magic))
    }

    fn feed(&mut self, bytes: &[u8], turn: &mut Turn<'_>) -> Result<(), Stopped> {
        let Some(scanner) = &mut self.scanner else {
            return Ok(());
        };
        let mut found = Vec::new();
        scanner.push(bytes, &mut |each| found.push(each));
        let room = HEAD_BYTES_MAX.saturating_sub(self.content.head.bytes as usize);
        let head = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        self.content.head.extend(head);
        self.recent.extend_from_slice(bytes);
        let over = self.recent.len().saturating_sub(ANCHOR_BYTES_MAX);
        self.recent.drain(..over);
        self.content.anchor = Print::of(&self.recent);
        self.content.read += bytes.len() as u64;
        if self.content.read == self.news_from {
            // The last line may have been cut by the start: its rest is news, and so is the line.
            self.news_from = scanner.begun();
        }
        self.tell(found, false, turn)
    }

    /// An event goes out with the mark before the portion, so that none of the portion's later events is passed over.
    fn tell(
        &mut self,
        found: Vec<Found>,
        partial: bool,
        turn: &mut Turn<'_>,
    ) -> Result<(), Stopped> {
        self.tell_owner(turn)?;
        for each in found {
            match each {
                Found::Event(event) if event.origin.offset < self.told => {}
                Found::Event(event) => {
                    let offset = event.origin.offset;
                    self.told = offset + 1;
                    (turn.send)(Tailed::Event(Box::new(TailedEvent {
                        event: Arc::new(event),
                        source: self.source,
                        history: offset < self.news_from,
                        partial,
                        position: self.position(false),
                    })))?;
                }
                Found::Life(time) => {
                    let is_news = self.content.read > self.news_from;
                    if let Some(writer) = self.writer().filter(|_| is_news) {
                        let source = self.source;
                        (turn.send)(Tailed::Life {
                            source,
                            writer,
                            time,
                        })?;
                    }
                }
                Found::Diagnostic(diagnostic) => (turn.send)(Tailed::Diagnostic(diagnostic))?,
            }
        }
        self.mark = self.scanner.as_ref().and_then(Scanner::mark).cloned();
        self.moved = true;
        Ok(())
    }

    fn writer(&self) -> Option<Arc<str>> {
        self.scanner.as_ref()?.owner()?.application.clone()
    }

    fn tell_owner(&mut self, turn: &mut Turn<'_>) -> Result<(), Stopped> {
        let owner = self.scanner.as_ref().and_then(Scanner::owner);
        let Some(owner) = owner.filter(|_| !self.seen) else {
            return Ok(());
        };
        let seen = Tailed::Seen {
            source: self.source,
            file: self.name.clone(),
            application: owner.application.clone(),
            host: owner.host.clone(),
        };
        self.seen = true;
        (turn.send)(seen)
    }

    /// Nothing came for a while.
    pub fn rest(
        &mut self,
        head_wait: Duration,
        partial_timeout: Duration,
        turn: &mut Turn<'_>,
    ) -> Result<(), Stopped> {
        let quiet = turn.now.saturating_sub(self.grown);
        let waits_for_head = self.waits_for_head();
        let Some(scanner) = &mut self.scanner else {
            return Ok(());
        };
        let mut found = Vec::new();
        if quiet >= head_wait && waits_for_head {
            scanner.release(&mut |each| found.push(each));
        }
        if !found.is_empty() {
            self.tell(found, false, turn)?;
        }
        let is_new = self.looked_to < self.content.read;
        let Some(scanner) = self.scanner.as_ref().filter(|_| is_new) else {
            return Ok(());
        };
        if quiet < partial_timeout || scanner.begun() >= self.content.read {
            return Ok(());
        }
        self.looked_to = self.content.read;
        let mut found = Vec::new();
        scanner.partial(&mut |each| found.push(each));
        match found.is_empty() {
            true => Ok(()),
            false => self.tell(found, true, turn),
        }
    }

    /// The file ends here: the line that was begun is told.
    pub fn finish(&mut self, turn: &mut Turn<'_>) -> Result<(), Stopped> {
        let Some(scanner) = self.scanner.take() else {
            return Ok(());
        };
        let mut found = Vec::new();
        if self.content.read > 0 {
            scanner.finish(&mut |each| found.push(each));
        }
        let mark = self.mark.clone();
        self.tell(found, false, turn)?;
        self.mark = mark;
        Ok(())
    }

    /// Begins anew: the file holds other bytes.
    pub fn start_over(&mut self, id: FileId, carry: Option<Carry>, now: Duration) {
        let handle = self.handle.take();
        *self = Followed {
            carry,
            handle,
            moved: true,
            ..Followed::new(&self.path, self.source, id, now)
        };
    }
}
