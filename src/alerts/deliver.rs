//! One sink's thread: it takes notices from the spool, one after the other, and brings each where it belongs.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::RecvTimeoutError;

use super::spool::Unread;
use super::{Notice, pause_after, placed};
use crate::config::{AlertSink, Command, Holes, Secrets, SinkKind};

/// Runs an argv to its end or its deadline; an error says how it failed.
pub type RunCommand = Arc<dyn Fn(Vec<String>, Duration) -> Result<(), String> + Send + Sync>;

pub struct Delivery {
    sink: AlertSink,
    secrets: Arc<Secrets>,
    base: PathBuf,
    run_command: RunCommand,
    /// The long-lived program of a `stream` sink.
    stream: Option<(Child, ChildStdin)>,
}

impl Delivery {
    pub fn new(
        sink: AlertSink,
        secrets: Arc<Secrets>,
        base: PathBuf,
        run_command: RunCommand,
    ) -> Delivery {
        Delivery {
            sink,
            secrets,
            base,
            run_command,
            stream: None,
        }
    }

    /// Delivers until the spool is closed; then once more what is there, and ends.
    pub fn run(mut self, unread: Unread) {
        let mut failures = 0;
        loop {
            let pause = match self.deliver_all(&unread) {
                Ok(()) => {
                    failures = 0;
                    Duration::from_secs(3600)
                }
                Err(error) => {
                    tracing::warn!(%error, "an alert could not be delivered; it is tried again");
                    failures += 1;
                    pause_after(failures - 1)
                }
            };
            match unread.news.recv_timeout(pause) {
                Ok(()) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    // The last ones are tried once; what fails stays in the spool.
                    let _ = self.deliver_all(&unread);
                    return self.end_stream();
                }
            }
        }
    }

    fn deliver_all(&mut self, unread: &Unread) -> Result<(), String> {
        while let Some((notice, behind)) = unread.next().map_err(|error| error.to_string())? {
            self.deliver(&notice)?;
            unread
                .delivered(behind)
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    fn deliver(&mut self, notice: &Notice) -> Result<(), String> {
        match &self.sink.kind {
            SinkKind::File(path) => self.append(&placed(&self.base, path), notice),
            SinkKind::Command(command) => {
                let argv = self.argv(command, &notice.holes())?;
                (self.run_command)(argv, self.sink.timeout)
            }
            SinkKind::Stream(command) => {
                let argv = self.argv(command, &Holes::default())?;
                self.feed(argv, notice)
            }
            _ => Err("this kind of sink is not carried out here".into()),
        }
    }

    fn argv(&self, command: &Command, holes: &Holes) -> Result<Vec<String>, String> {
        command
            .argv_with_secrets(holes, &self.secrets)
            .ok_or_else(|| "a secret is missing".into())
    }

    fn append(&self, path: &std::path::Path, notice: &Notice) -> Result<(), String> {
        let written = || {
            let mut file = OpenOptions::new().create(true).append(true).open(path)?;
            file.write_all(&line(notice)?)
        };
        written().map_err(|error: io::Error| format!("{}: {error}", path.display()))
    }

    /// Writes to the program's standard input; a program that ended is started anew with the next notice.
    fn feed(&mut self, argv: Vec<String>, notice: &Notice) -> Result<(), String> {
        if self.stream.is_none() {
            self.stream = Some(started(&argv)?);
        }
        let line = line(notice).map_err(|error| error.to_string())?;
        let Some((_, stdin)) = &mut self.stream else {
            return Ok(());
        };
        let fed = stdin.write_all(&line).and_then(|()| stdin.flush());
        if let Err(error) = fed {
            self.end_stream();
            return Err(format!(
                "{}: {error}",
                argv.first().map_or("", String::as_str)
            ));
        }
        Ok(())
    }

    fn end_stream(&mut self) {
        if let Some((mut child, stdin)) = self.stream.take() {
            // The end of its input tells it to go; one that does not is not waited for.
            drop(stdin);
            let _ = child.try_wait();
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a stream sink's program lives as long as the daemon, without a deadline"
)]
fn started(argv: &[String]) -> Result<(Child, ChildStdin), String> {
    let (program, arguments) = argv.split_first().ok_or("an empty command")?;
    let mut child = std::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{program}: {error}"))?;
    let stdin = child
        .stdin
        .take()
        .ok_or("its standard input cannot be had")?;
    Ok((child, stdin))
}

fn line(notice: &Notice) -> io::Result<Vec<u8>> {
    let mut line = crate::json::line(notice)?.into_bytes();
    line.push(b'\n');
    Ok(line)
}
