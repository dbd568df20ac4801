//! `demo --live`: the real daemon beside a simulated pair, told as it happens.
//!
//! The pair and its commands are `standin`'s, the daemon is this program's `run` in a process of its own. Here they
//! are put together and looked at: what the logs say, what the daemon decides, and which commands really start.
//!
//! - `daemon`: the daemon as a child, and its API;
//! - `narrator`: what happened, from the files that all of them write, in the order of its time;
//! - `keyboard`: what can be typed;
//! - `script`: one failure from its beginning to its end, and whether all was right.

mod daemon;
mod keyboard;
mod narrator;
mod script;

use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use crossbeam_channel::{Receiver, RecvTimeoutError, bounded, never};
use indicatif::ProgressBar;

use self::daemon::Running;
use self::narrator::Narrator;
use super::super::output::{Format, Output};
use super::super::{Exit, Failure, Global};
use crate::clock::wall;
use crate::escape::escape;
use crate::standin::{Folder, Options, Target, World, Writer};
use crate::time::Time;

/// How often is looked for what is new.
const LOOKS: Duration = Duration::from_millis(50);
/// The daemon is ready, or stopped, within it.
const DAEMON_WITHIN: Duration = Duration::from_secs(20);

/// How the live demo is asked for.
#[derive(Clone, Debug, Args)]
pub(super) struct Live {
    /// Run the real daemon beside a simulated pair; type `help` for what can be done to it
    #[arg(long)]
    pub(super) live: bool,
    /// Let this fail, and come back, without a keyboard: host1, host2, RM_1, VM_SIPServer_2…
    #[arg(long, value_name = "TARGET", requires = "live")]
    fail: Option<Target>,
    /// The folder of the pair; it is kept. Else one for temporary files, which goes away
    #[arg(long, value_name = "DIR", requires = "live")]
    dir: Option<PathBuf>,
    /// Keep the folder
    #[arg(long, requires = "live")]
    keep: bool,
}

impl Live {
    pub(super) fn run(self, global: &Global) -> anyhow::Result<Exit> {
        if self.fail.is_none() && !io::stdin().is_terminal() {
            let message = "there is no terminal to type at: use --fail host1".to_owned();
            let exit = Exit::Usage;
            return Err(Failure { exit, message }.into());
        }
        let path = self.path();
        let told = || format!("cannot make a pair in {}", path.display());
        let options = options()?;
        let folder = Folder::create(&path, &options).with_context(told)?;
        let mut stage = Stage::open(folder, options.listen, global, self.fail.is_none())?;
        let played = match self.fail {
            Some(target) => script::play(&mut stage, target),
            None => keyboard::play(&mut stage).map(|()| true),
        };
        let closed = stage.close();
        let is_right = matches!((&played, &closed), (Ok(true), Ok(())));
        if is_right && self.dir.is_none() && !self.keep {
            fs::remove_dir_all(&path).context("cannot remove the pair's folder")?;
        } else {
            stage.head("kept", &[path.display().to_string()])?;
        }
        stage.output.finish()?;
        closed?;
        Ok(if played? { Exit::Ok } else { Exit::Failed })
    }

    fn path(&self) -> PathBuf {
        let temporary = || {
            let name = format!("tailswitch-live-{}", std::process::id());
            std::env::temp_dir().join(name)
        };
        self.dir.clone().unwrap_or_else(temporary)
    }
}

/// The commands are this program's; the API listens where nobody else does at the moment.
fn options() -> io::Result<Options> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    Ok(Options::new(std::env::current_exe()?, free))
}

/// Pair and daemon while they run, and what is told of them.
struct Stage {
    folder: Folder,
    daemon: Running,
    writer: Option<Writer>,
    narrator: Narrator,
    output: Output,
    /// What is typed; nothing ever comes without a keyboard.
    lines: Receiver<String>,
    /// Somebody wants this program to end.
    stop: Arc<AtomicBool>,
}

impl Stage {
    fn open(
        folder: Folder,
        listens: SocketAddr,
        global: &Global,
        keyboard: bool,
    ) -> anyhow::Result<Stage> {
        let stop = stop_flag()?;
        let mut stage = Stage {
            daemon: Running::start(&folder, listens)?,
            writer: Some(folder.writer()),
            narrator: Narrator::new(&folder, wall())?,
            output: Output::new(global, Format::Text, ProgressBar::hidden()),
            lines: if keyboard { typed() } else { never() },
            stop,
            folder,
        };
        let shown = stage.folder.path().display().to_string();
        stage.say("The real daemon beside a simulated voicemail pair: its logs grow, its commands are processes.")?;
        stage.head("pair", &[shown])?;
        stage.head("API", &[format!("http://{listens}/api/v1/status")])?;
        stage.wait("the daemon to know the pair", DAEMON_WITHIN, |stage| {
            Ok(stage.daemon.is_ready())
        })?;
        Ok(stage)
    }

    /// Something is done to the pair, from where times are counted then.
    fn act(&mut self, act: impl FnOnce(&mut World, Time) -> bool) -> anyhow::Result<Time> {
        let (did, now) = self.folder.change(|world, now| (act(world, now), now))?;
        anyhow::ensure!(did, "it is so already, or cannot be");
        Ok(now)
    }

    /// Tells what is new until something is so; an error if it does not come.
    fn wait(
        &mut self,
        what: &str,
        within: Duration,
        mut so: impl FnMut(&mut Stage) -> anyhow::Result<bool>,
    ) -> anyhow::Result<()> {
        let until = wall().plus(within);
        while !so(self)? {
            anyhow::ensure!(wall() < until, "waited in vain for {what}");
            self.look()?;
        }
        Ok(())
    }

    /// Tells what happened for so long.
    fn watch(&mut self, time: Duration) -> anyhow::Result<()> {
        let until = wall().plus(time);
        while wall() < until {
            self.look()?;
        }
        Ok(())
    }

    /// A short wait for a line of the keyboard; meanwhile what is new is told.
    fn look(&mut self) -> anyhow::Result<Option<String>> {
        let line = match self.lines.recv_timeout(LOOKS) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Timeout) => None,
            // The end of the input is as good as a word.
            Err(RecvTimeoutError::Disconnected) => Some("quit".to_owned()),
        };
        anyhow::ensure!(!self.stop.load(Ordering::Relaxed), "stopped by a signal");
        self.daemon.check()?;
        self.tell(wall())?;
        Ok(line)
    }

    /// What happened before `until`.
    fn tell(&mut self, until: Time) -> anyhow::Result<()> {
        for line in self.narrator.lines(until)? {
            self.say(&line)?;
        }
        Ok(())
    }

    /// Shown at once, also where nobody watches: whoever reads it later reads when it was.
    fn say(&mut self, line: &str) -> io::Result<()> {
        self.output.line(&escape(line))?;
        self.output.flush()
    }

    /// The head stands before the first line only.
    fn head(&mut self, head: &str, lines: &[String]) -> io::Result<()> {
        for line in super::headed(head, lines.iter().cloned()) {
            self.say(&line)?;
        }
        Ok(())
    }

    /// Stops the daemon and the logs, in this order, so that the daemon hears all.
    fn close(&mut self) -> anyhow::Result<()> {
        let stopped = self.daemon.stop(DAEMON_WITHIN);
        let written = self.writer.take().map_or(Ok(()), Writer::stop);
        self.tell(Time::from_micros(i64::MAX))?;
        written.context("the logs of the pair were not written on")?;
        stopped
    }
}

/// A moment until something is looked at again.
fn pause() {
    // Nothing ever comes.
    let _ = never::<()>().recv_timeout(LOOKS);
}

/// Lines of the keyboard, as they come.
fn typed() -> Receiver<String> {
    let (sender, lines) = bounded(0);
    // It ends with the program: nothing interrupts a read.
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// Set when this program is asked to end: then the daemon is stopped first.
fn stop_flag() -> io::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    for signal in [
        signal_hook::consts::SIGINT,
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
    ] {
        signal_hook::flag::register(signal, stop.clone())?;
    }
    Ok(stop)
}
