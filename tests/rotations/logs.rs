//! A log on disk, and the three ways in which logs are rotated in the field.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, ToSpan};

use super::text::{self, Writer};

/// So many old segments are kept, and then the oldest is deleted.
const KEPT: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A new name with its creation time for every segment, as Genesys applications write.
    Dated,
    /// `a.log` becomes `a.log.1`, and so on, and the writer opens a new one.
    Renamed,
    /// `a.log` is copied to `a.log.1` and then emptied under its writer.
    Copied,
}

pub struct Log {
    writer: Writer,
    folder: PathBuf,
    style: Style,
    file: File,
    /// What is written now; its events so far.
    current: Segment,
    /// Oldest first.
    old: Vec<Segment>,
    segments: usize,
    made: Timestamp,
}

struct Segment {
    path: PathBuf,
    events: Vec<u32>,
}

impl Log {
    pub fn new(folder: &Path, writer: Writer, style: Style) -> Log {
        let made = Timestamp::now();
        let (file, path) = first(folder, writer, style, made);
        let mut log = Log {
            writer,
            folder: folder.to_owned(),
            style,
            file,
            current: Segment {
                path,
                events: Vec::new(),
            },
            old: Vec::new(),
            segments: 0,
            made,
        };
        log.begin();
        log
    }

    pub fn style(&self) -> Style {
        self.style
    }

    pub fn append(&mut self, bytes: &[u8]) {
        self.file.write_all(bytes).expect("the log can be written");
    }

    /// The event is in what was appended.
    pub fn holds(&mut self, number: u32) {
        self.current.events.push(number);
    }

    /// Ends the segment. `meanwhile` writes to the log at the moment at which the old segment is out of its place and
    /// the writer has not noticed; true says that this is lost if nobody has read it.
    pub fn rotate(&mut self, meanwhile: impl FnOnce(&mut Log, bool)) {
        match self.style {
            Style::Dated => {
                let last = self.made.checked_add(1.millisecond()).expect("a time");
                self.made = Timestamp::now().max(last);
                let (file, path) = first(&self.folder, self.writer, self.style, self.made);
                self.replace(path);
                self.file = file;
                self.begin();
            }
            Style::Renamed => {
                self.make_room();
                let path = self.current.path.clone();
                let old = numbered(&path, 1);
                fs::rename(&path, &old).expect("a rename");
                meanwhile(self, false);
                self.replace(path.clone());
                self.old.last_mut().expect("it was just put there").path = old;
                self.file = appending(&path);
                self.begin();
            }
            Style::Copied => {
                self.make_room();
                let path = self.current.path.clone();
                let copy = numbered(&path, 1);
                fs::copy(&path, &copy).expect("a copy");
                self.replace(path);
                self.old.last_mut().expect("it was just put there").path = copy;
                meanwhile(self, true);
                self.current.events.clear();
                self.file.set_len(0).expect("a file can be emptied");
            }
        }
    }

    /// Deletes the oldest segments, as far as all their events are known to be recorded.
    pub fn delete_old(&mut self, is_recorded: impl Fn(&u32) -> bool) {
        while self.old.len() > KEPT && self.old[0].events.iter().all(&is_recorded) {
            let oldest = self.old.remove(0);
            fs::remove_file(oldest.path).expect("it was there");
        }
    }

    fn begin(&mut self) {
        self.segments += 1;
        let path = self.current.path.to_string_lossy();
        let head = text::header(self.writer, self.segments, &path);
        self.append(head.as_bytes());
    }

    fn replace(&mut self, path: PathBuf) {
        let next = Segment {
            path,
            events: Vec::new(),
        };
        self.old.push(std::mem::replace(&mut self.current, next));
    }

    /// `a.log.2` becomes `a.log.3`, and so on.
    fn make_room(&mut self) {
        let count = self.old.len();
        for (age, segment) in (1..=count).rev().zip(&mut self.old) {
            let older = numbered(&self.current.path, age + 1);
            fs::rename(&segment.path, &older).expect("a rename");
            segment.path = older;
        }
    }
}

fn first(folder: &Path, writer: Writer, style: Style, made: Timestamp) -> (File, PathBuf) {
    let name = match style {
        Style::Dated => format!("{}.{}.log", writer.application, text::name_stamp(made)),
        Style::Renamed | Style::Copied => format!("{}.log", writer.application),
    };
    let path = folder.join(name);
    (appending(&path), path)
}

fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{number}"));
    name.into()
}

fn appending(path: &Path) -> File {
    let mut options = OpenOptions::new();
    let opened = options.create(true).append(true).open(path);
    opened.expect("a log can be made")
}
