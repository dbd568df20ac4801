//! A command that runs: its output is taken, its end awaited, its deadline held.

use std::io::{ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::{ChildStderr, ChildStdout, Command};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, getpid, wait};

use super::super::clock::{self, Moment};
use super::super::kept::Kept;
use super::super::mask::Mask;
use super::super::order::Order;
use super::super::process::{Process, descendants};
use super::super::report::{Ended, Output};
use crate::time::Time;

/// From the friendly signal to the other one.
const GRACE: Duration = Duration::from_secs(1);
/// How long output is awaited once the command is gone: a grandchild may hold the pipe for ever.
const DRAIN: Duration = Duration::from_secs(2);
/// Kill, look, kill again.
const ROUNDS_MAX: u32 = 100;
const ROUND: Duration = Duration::from_millis(20);
/// Processes that appear while the others are being stopped: a stopped one has no more children.
const FREEZES_MAX: u32 = 20;

pub(super) struct Running {
    command: Pid,
    started: Time,
    deadline: Moment,
    status: Option<WaitStatus>,
    /// Nobody who descends from this process is left.
    is_alone: bool,
    wake: UnixStream,
    stdout: Pipe<ChildStdout>,
    stderr: Pipe<ChildStderr>,
}

struct Pipe<P> {
    from: Option<P>,
    kept: Option<Kept>,
}

impl Running {
    pub(super) fn start(
        mut command: Command,
        order: &Order,
        mask: &Mask,
        wake: UnixStream,
    ) -> Result<Running, String> {
        let started = clock::wall();
        let deadline = Moment::now().plus(order.timeout);
        let mut child = command.spawn().map_err(|error| {
            let program = command.get_program().display();
            match error.kind() {
                ErrorKind::NotFound => {
                    format!(
                        "cannot run {program}: the program that its first line names is missing"
                    )
                }
                _ => format!("cannot run {program}: {error}"),
            }
        })?;
        let number = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Ok(Running {
            command: number.ok_or("the system gave it no process number")?,
            started,
            deadline,
            status: None,
            is_alone: false,
            wake,
            stdout: Pipe::new(child.stdout.take(), order, mask),
            stderr: Pipe::new(child.stderr.take(), order, mask),
        })
    }

    /// Waits for the command, ends it and all of its descendants at the deadline, and takes the rest of its output.
    /// Returns also how many processes are left.
    pub(super) fn until_ended(&mut self) -> (Ended, usize) {
        while self.status.is_none() && !self.deadline.is_past() {
            self.turn(self.deadline);
        }
        let ended = match self.status {
            None => {
                self.end_all();
                Ended::TimedOut
            }
            Some(status) => match (status.exit_status(), status.terminating_signal()) {
                (Some(code), _) => Ended::Exited(code),
                (None, Some(signal)) => Ended::Signalled(signal),
                (None, None) => Ended::Lost("the system did not say how it ended".to_owned()),
            },
        };
        let drained = Moment::now().plus(DRAIN);
        while self.has_output() && !drained.is_past() {
            self.turn(drained);
        }
        self.reap();
        let left = match self.is_alone {
            true => 0,
            false => descendants(getpid()).len(),
        };
        (ended, left)
    }

    pub(super) fn started(&self) -> Time {
        self.started
    }

    pub(super) fn output(&mut self, mask: &Mask) -> (Output, Output) {
        (self.stdout.finish(mask), self.stderr.finish(mask))
    }

    /// Waits for what the command left behind, and ends that at the deadline.
    pub(super) fn until_alone(&mut self) {
        while !self.is_alone && !self.deadline.is_past() {
            self.turn(self.deadline);
        }
        if !self.is_alone {
            self.end_all();
        }
    }

    fn has_output(&self) -> bool {
        self.stdout.from.is_some() || self.stderr.from.is_some()
    }

    /// Sleeps until something happens or the moment comes, and takes what there is.
    fn turn(&mut self, until: Moment) {
        let wait = until.ahead();
        let timeout = Timespec {
            tv_sec: i64::try_from(wait.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: wait.subsec_nanos().into(),
        };
        let mut fds = vec![PollFd::new(&self.wake, PollFlags::IN)];
        fds.extend(self.stdout.from.iter().map(readable));
        fds.extend(self.stderr.from.iter().map(readable));
        // An interrupted sleep is a short one.
        let _ = poll(&mut fds, Some(&timeout));
        let mut ready = fds.iter().map(|fd| !fd.revents().is_empty()).skip(1);
        let stdout = self.stdout.from.is_some() && ready.next().unwrap_or(false);
        let stderr = self.stderr.from.is_some() && ready.next().unwrap_or(false);
        drop(ready);
        if stdout {
            self.stdout.take();
        }
        if stderr {
            self.stderr.take();
        }
        let mut signals = [0; 64];
        while self.wake.read(&mut signals).is_ok_and(|count| count > 0) {}
        self.reap();
    }

    /// Takes note of every descendant that is gone. Only this thread does so: until then no number can come back.
    fn reap(&mut self) {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.command => self.status = Some(status),
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => return,
                Err(_) => {
                    self.is_alone = true;
                    return;
                }
            }
        }
    }

    /// Asks all that descends from this process to end, and ends what does not. Gives up on what cannot be ended:
    /// another user's process, or one that is stuck in the kernel.
    fn end_all(&mut self) {
        self.signal(Signal::TERM);
        let grace = Moment::now().plus(GRACE);
        while !self.is_alone && !grace.is_past() {
            self.turn(grace);
        }
        for _ in 0..ROUNDS_MAX {
            if self.is_alone {
                return;
            }
            self.freeze();
            self.signal(Signal::KILL);
            self.turn(Moment::now().plus(ROUND));
        }
    }

    /// Stops everyone, so that nobody has a child between the look and the kill.
    fn freeze(&self) {
        let mut stopped: Vec<Process> = Vec::new();
        for _ in 0..FREEZES_MAX {
            let family = descendants(getpid()).into_iter();
            let new: Vec<Process> = family.filter(|each| !stopped.contains(each)).collect();
            if new.is_empty() {
                return;
            }
            for each in &new {
                each.signal(Signal::STOP);
            }
            stopped.extend(new);
        }
    }

    fn signal(&self, signal: Signal) {
        // Elsewhere only the command's own group can be found.
        if cfg!(not(target_os = "linux")) && self.status.is_none() {
            let _ = rustix::process::kill_process_group(self.command, signal);
        }
        for each in descendants(getpid()) {
            each.signal(signal);
        }
    }
}

fn readable<P: AsFd>(pipe: &P) -> PollFd<'_> {
    PollFd::new(pipe, PollFlags::IN)
}

impl<P: Read> Pipe<P> {
    fn new(from: Option<P>, order: &Order, mask: &Mask) -> Pipe<P> {
        Pipe {
            from,
            kept: Some(Kept::new(order.kept_bytes, mask)),
        }
    }

    /// Takes once what is there; the caller knows that something is.
    fn take(&mut self) {
        let Some(from) = &mut self.from else {
            return;
        };
        let mut bytes = vec![0; 64 << 10];
        match from.read(&mut bytes) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => self.from = None,
            Ok(count) => {
                if let Some(kept) = &mut self.kept {
                    kept.push(bytes.get(..count).unwrap_or_default());
                }
            }
        }
    }

    /// What was kept so far; later bytes are taken and dropped.
    fn finish(&mut self, mask: &Mask) -> Output {
        let kept = self.kept.take();
        kept.map_or_else(Output::default, |kept| kept.finish(mask))
    }
}
