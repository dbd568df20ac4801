//! The load: applications that write and rotate their logs, at random and by a seed, until they are told to end.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use tailswitch::sim::Dice;

use super::logs::{Log, Style};
use super::text::{self, Writer};

/// A rotation comes after so many writes, on average.
const WRITES_A_ROTATION: usize = 25;

const LOGS: [(Writer, Style); 5] = [
    (writer("VM_SIPServer_1", "TServer", "vmhost1"), Style::Dated),
    (writer("VM_SIPServer_2", "TServer", "vmhost2"), Style::Dated),
    (
        writer("VM_Server_1", "Voicemail Server", "vmhost1"),
        Style::Dated,
    ),
    (
        writer("RM_1", "Resource Manager", "vmhost1"),
        Style::Renamed,
    ),
    (
        writer("MCP_1", "Media Control Platform", "vmhost1"),
        Style::Copied,
    ),
];

const fn writer(application: &'static str, kind: &'static str, host: &'static str) -> Writer {
    Writer {
        application,
        kind,
        host,
    }
}

/// What has to become of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    Told,
    /// It was written between a copy and the truncation: nobody may ever have had a chance to read it.
    PerhapsLost,
}

/// What was written: the fate of each event, by its number.
#[derive(Debug, Default)]
pub struct Written {
    pub events: Vec<Fate>,
    pub rotations: usize,
    pub bytes: u64,
}

/// Shared with the one who kills.
#[derive(Clone, Default)]
pub struct Shared {
    /// So far.
    pub written: Arc<Mutex<Written>>,
    /// The events that the journal holds: a segment with others is not deleted.
    pub recorded: Arc<Mutex<BTreeSet<u32>>>,
    pub end: Arc<AtomicBool>,
}

pub struct Load {
    dice: Dice,
    logs: Vec<Log>,
    shared: Shared,
}

impl Load {
    /// Begins every log, with an event in each.
    pub fn new(folder: &Path, seed: u64, shared: Shared) -> Load {
        let logs = LOGS
            .iter()
            .map(|(writer, style)| Log::new(folder, *writer, *style));
        let mut load = Load {
            dice: Dice::new(seed),
            logs: logs.collect(),
            shared,
        };
        for at in 0..load.logs.len() {
            load.events(at, Fate::Told);
        }
        load
    }

    /// Writes until `rotations` are done and nobody wants more.
    pub fn run(mut self, rotations: usize) {
        loop {
            let done = self.shared.written.lock().unwrap().rotations;
            if done >= rotations && self.shared.end.load(Ordering::Relaxed) {
                return;
            }
            let at = self.dice.below(self.logs.len());
            match self.dice.below(10) {
                0..=4 => self.events(at, Fate::Told),
                5 => self.noise(at, 400),
                _ => self.noise(at, 12),
            }
            if done < rotations && self.dice.below(WRITES_A_ROTATION) == 0 {
                self.rotate(at);
            }
            thread::sleep(self.dice.millis(0, 6));
        }
    }

    /// One event or some, alone, glued to each other, or with a pause in a line.
    fn events(&mut self, at: usize, fate: Fate) {
        let glued = self.dice.percent(10);
        let count = if glued { 2 } else { 1 + self.dice.below(3) };
        for nth in 0..count {
            let number = self.number(at, fate);
            let line = text::event(&mut self.dice, number);
            // A cut in front of the number: a line that waits too long is told as far as it goes.
            let behind_stamp = self.dice.below("2026-11-24T16:16:56.123 Std ".len());
            let (begun, rest) = line.split_at(behind_stamp);
            if self.dice.percent(20) {
                self.append(at, begun.as_bytes());
                thread::sleep(self.dice.millis(0, 20));
                self.append(at, rest.as_bytes());
            } else {
                self.append(at, line.as_bytes());
            }
            if !glued || nth == 1 {
                self.append(at, b"\n");
            }
        }
    }

    fn noise(&mut self, at: usize, records: usize) {
        let noise = text::noise(&mut self.dice, records);
        self.append(at, &noise);
    }

    fn rotate(&mut self, at: usize) {
        let mut log = self.logs.swap_remove(at);
        let writes_on = self.dice.flip();
        log.rotate(|log, is_lost| {
            if writes_on {
                let fate = if is_lost {
                    Fate::PerhapsLost
                } else {
                    Fate::Told
                };
                let number = self.count(fate);
                log.holds(number);
                let line = text::event(&mut self.dice, number);
                log.append(format!("{line}\n").as_bytes());
            }
        });
        self.shared.written.lock().unwrap().rotations += 1;
        let recorded = self.shared.recorded.lock().unwrap().clone();
        log.delete_old(|number| recorded.contains(number));
        self.logs.push(log);
        if self.dice.flip() {
            // The first line behind the header is an event.
            self.events(self.logs.len() - 1, Fate::Told);
        }
    }

    fn append(&mut self, at: usize, bytes: &[u8]) {
        self.shared.written.lock().unwrap().bytes += bytes.len() as u64;
        self.logs[at].append(bytes);
    }

    fn number(&mut self, at: usize, fate: Fate) -> u32 {
        let number = self.count(fate);
        self.logs[at].holds(number);
        number
    }

    fn count(&self, fate: Fate) -> u32 {
        let mut written = self.shared.written.lock().unwrap();
        written.events.push(fate);
        u32::try_from(written.events.len() - 1).expect("some thousands")
    }
}
