//! A daemon that runs.

use std::process::{Child, Command, ExitStatus};

use rustix::process::{Pid, Signal, kill_process};
use tailswitch::decide::Entry;

use crate::recorded::Recorded;
use crate::site::{Site, until};

pub struct Daemon<'a> {
    site: &'a Site,
    child: Child,
    /// How many entries there were before it.
    before: usize,
    /// How much was on its standard error before it.
    logged: usize,
}

impl<'a> Daemon<'a> {
    pub fn start(site: &'a Site, command: &mut Command) -> Daemon<'a> {
        let (before, logged) = (site.entries().len(), site.read("stderr").len());
        let child = command.spawn().unwrap();
        Daemon {
            site,
            child,
            before,
            logged,
        }
    }

    /// Whoever read its standard error is gone.
    pub fn closes_stderr(&mut self) {
        drop(self.child.stderr.take());
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// It has read the world and may act.
    pub fn until_ready(&self) {
        let is_read = |entry: &Entry| matches!(entry, Entry::WorldRead { .. });
        until("the world was read", || {
            self.site.entries().iter().skip(self.before).any(is_read)
        });
    }

    /// It was killed meanwhile.
    pub fn is_over(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    pub fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(self.child.id().cast_signed()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    pub fn wait(&mut self) -> ExitStatus {
        until("the daemon ends", || self.is_over());
        self.child.wait().unwrap()
    }

    /// `kill -9`.
    pub fn kill(mut self) {
        // It may be gone already.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    /// What it told on its standard error.
    pub fn log(&self) -> String {
        self.site.read("stderr").split_off(self.logged)
    }

    /// Where its API listens, the newest if it was reloaded.
    pub fn address(&self) -> String {
        let found = || {
            let log = self.log();
            let (_, rest) = log.rsplit_once("listening address=")?;
            rest.split_whitespace().next().map(str::to_owned)
        };
        until("it listens", || found().is_some());
        found().unwrap()
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the daemon told:\n{}", self.log());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
