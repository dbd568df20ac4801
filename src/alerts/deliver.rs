//! One sink's thread: it takes notices from the backlog, one after the other, and brings each where it belongs.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::Sender;

use super::backlog::Backlog;
use super::remote::{Remote, Undelivered};
use super::stream::Stream;
use super::{Notice, Setup, pause_after};
use crate::config::{Command, Holes, Secrets, SinkKind};
use crate::escape::escape;

/// Runs an argv to its end or its deadline; an error says how it failed.
pub type RunCommand = Arc<dyn Fn(Vec<String>, Duration) -> Result<(), String> + Send + Sync>;

pub(super) struct Delivery {
    backlog: Arc<Backlog>,
    secrets: Arc<Secrets>,
    base: PathBuf,
    run_command: RunCommand,
    /// There is no time left for more than the notice in hand.
    hurry: Arc<AtomicBool>,
    /// Wakes the keeper.
    keeper: Sender<()>,
    /// The long-lived program of a `stream` sink.
    stream: Option<Stream>,
    /// The way to a sink over the network.
    remote: Option<Remote>,
    /// So often the oldest notice was not delivered.
    failures: u32,
}

/// A notice that its receiver refuses is tried so often; then those behind it have their turn.
const REFUSED_MAX: u32 = 4;

impl Delivery {
    pub fn new(
        backlog: Arc<Backlog>,
        setup: &Setup<'_>,
        hurry: Arc<AtomicBool>,
        keeper: Sender<()>,
    ) -> Delivery {
        let remote = Remote::to(&backlog.sink);
        Delivery {
            backlog,
            secrets: setup.secrets.clone(),
            base: setup.base.to_owned(),
            run_command: setup.run_command.clone(),
            hurry,
            keeper,
            stream: None,
            remote,
            failures: 0,
        }
    }

    /// Delivers until the backlog is closed; then what can be delivered at once, and ends.
    pub fn run(mut self) {
        loop {
            let outcome = self.deliver_all();
            if self.backlog.is_closing() {
                break;
            }
            let pause = match outcome {
                Ok(()) => Duration::from_secs(3600),
                Err(Undelivered::Refused(error)) if self.failures + 1 >= REFUSED_MAX => {
                    self.gave_up(&error);
                    Duration::ZERO
                }
                Err(error) => self.failed(error.text()),
            };
            self.wait(pause);
        }
        self.end();
    }

    /// A program that was fed is told to go.
    pub fn end(&mut self) {
        if let Some(stream) = self.stream.take() {
            stream.end();
        }
    }

    fn deliver_all(&mut self) -> Result<(), Undelivered> {
        while let Some(notice) = self.backlog.first() {
            if self.hurry.load(Ordering::Relaxed) {
                break;
            }
            self.deliver(&notice)?;
            self.backlog.delivered();
            self.failures = 0;
            // A wake-up that waits already says it all.
            let _ = self.keeper.try_send(());
        }
        Ok(())
    }

    /// New notices do not shorten the pause of a sink that fails.
    fn wait(&self, pause: Duration) {
        let over = crossbeam_channel::after(pause);
        loop {
            crossbeam_channel::select! {
                recv(self.backlog.rung) -> _ => if !self.backlog.is_failing() || self.backlog.is_closing() {
                    return;
                },
                recv(over) -> _ => return,
            }
        }
    }

    /// How long it is left alone now.
    fn failed(&mut self, error: &str) -> Duration {
        self.backlog.not_delivered(error);
        let (error, failures) = (escape(error), self.failures);
        match failures {
            0 => tracing::warn!(%error, "an alert could not be delivered; it is tried again"),
            _ => tracing::debug!(%error, failures, "an alert could not be delivered again"),
        }
        self.failures = failures.saturating_add(1);
        pause_after(failures)
    }

    /// It stays undelivered, and is counted.
    fn gave_up(&mut self, error: &str) {
        self.backlog.refused(error);
        self.failures = 0;
        let error = escape(error);
        tracing::error!(%error, "an alert was refused again and again, and is given up");
        let _ = self.keeper.try_send(());
    }

    /// Brings one notice to its sink, whatever waits.
    pub fn deliver(&mut self, notice: &Notice) -> Result<(), Undelivered> {
        let backlog = self.backlog.clone();
        match &backlog.sink.kind {
            SinkKind::File(path) => append(path, notice)?,
            SinkKind::Command(command) => {
                let argv = self.argv(command, &notice.holes())?;
                (self.run_command)(argv, backlog.sink.timeout)?;
            }
            SinkKind::Stream(command) => {
                let argv = self.argv(command, &Holes::default())?;
                self.feed(&argv, notice)?;
            }
            SinkKind::Webhook(_) | SinkKind::Email(_) | SinkKind::Syslog(_) | SinkKind::Snmp(_) => {
                if let Some(remote) = &mut self.remote {
                    remote.send(notice, &self.secrets)?;
                }
            }
        }
        Ok(())
    }

    fn argv(&self, command: &Command, holes: &Holes) -> Result<Vec<String>, String> {
        command
            .argv_with_secrets(holes, &self.secrets)
            .ok_or_else(|| "a secret is missing".into())
    }

    /// Writes to the program's standard input; one that ended, or did not read, is started anew.
    fn feed(&mut self, argv: &[String], notice: &Notice) -> Result<(), String> {
        let line = line(notice).map_err(|error| error.to_string())?;
        let running = self.stream.take().and_then(|mut stream| {
            let alive = stream.is_alive();
            alive.then_some(stream)
        });
        let stream = match running {
            Some(stream) => stream,
            None => Stream::start(argv, &self.base)?,
        };
        match stream.write(line, self.backlog.sink.timeout) {
            Ok(()) => {
                self.stream = Some(stream);
                Ok(())
            }
            Err(error) => {
                stream.kill();
                let program = argv.first().map_or("", String::as_str);
                Err(format!("{program}: {error}"))
            }
        }
    }
}

/// One whole line or nothing.
fn append(path: &Path, notice: &Notice) -> Result<(), String> {
    let written = || {
        let mut file = OpenOptions::new().create(true).append(true).open(path)?;
        let before = file.metadata()?.len();
        file.write_all(&line(notice)?).inspect_err(|_| {
            // On a full disk the beginning of a line may fit. Where it cannot be taken back nothing can be done.
            let _ = file.set_len(before);
        })
    };
    written().map_err(|error: io::Error| format!("{}: {error}", path.display()))
}

fn line(notice: &Notice) -> io::Result<Vec<u8>> {
    let mut line = crate::json::line(notice)?.into_bytes();
    line.push(b'\n');
    Ok(line)
}
