//! The long-lived program of a `stream` sink: it reads a line of JSON for each alert on its standard input.
//!
//! What is written to it goes through a thread of its own, so that a program that does not read costs its deadline
//! and is then ended; the next notice starts it anew, as it does a program that has ended by itself. What a program
//! was given and had not read when it ended is lost: only it knows.

use std::io::Write;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, after, bounded};

/// So long it may take to end once its input has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub(super) struct Stream {
    child: Child,
    lines: Sender<Vec<u8>>,
    written: Receiver<std::io::Result<()>>,
}

impl Stream {
    /// Starts the program, in a process group of its own.
    #[expect(
        clippy::disallowed_methods,
        reason = "a stream's program lives as long as the daemon, without a deadline"
    )]
    pub fn start(argv: &[String], folder: &Path) -> Result<Stream, String> {
        let (program, arguments) = argv.split_first().ok_or("an empty command")?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let told = |error| format!("{program}: {error}");
        let mut child = command.spawn().map_err(told)?;
        let stdin = child
            .stdin
            .take()
            .ok_or("its standard input cannot be had")?;
        let (lines, to_write) = bounded(0);
        let (outcomes, written) = bounded(1);
        let stream = Stream {
            child,
            lines,
            written,
        };
        let writer = std::thread::Builder::new().name("stream".to_owned());
        let feed = move || feed(stdin, &to_write, &outcomes);
        match writer.spawn(feed) {
            Ok(_) => Ok(stream),
            Err(error) => {
                stream.kill();
                Err(told(error))
            }
        }
    }

    /// Whether the program still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Writes a line. After an error the program is of no more use.
    pub fn write(&self, line: Vec<u8>, within: Duration) -> Result<(), String> {
        let gone = "it reads no more";
        self.lines.send_timeout(line, within).map_err(|_| gone)?;
        match self.written.recv_timeout(within) {
            Ok(written) => written.map_err(|error| error.to_string()),
            Err(_) => Err("it did not read in time".to_owned()),
        }
    }

    /// The end of its input tells it to go; what does not is killed.
    pub fn end(mut self) {
        let (none, _) = bounded(0);
        drop(std::mem::replace(&mut self.lines, none));
        let looks = LAST_WORDS.as_millis() / LOOK_EVERY.as_millis();
        for _ in 0..looks {
            if !self.is_alive() {
                return;
            }
            // Nothing else can be waited for here.
            let _ = after(LOOK_EVERY).recv();
        }
        self.kill();
    }

    /// Ends the program and what it started.
    pub fn kill(mut self) {
        #[cfg(unix)]
        if let Some(group) = rustix::process::Pid::from_raw(self.child.id() as i32) {
            // It may have ended by itself.
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes until nobody hands lines on any more, or the program has gone.
fn feed(mut stdin: ChildStdin, lines: &Receiver<Vec<u8>>, outcomes: &Sender<std::io::Result<()>>) {
    for line in lines {
        let written = stdin.write_all(&line).and_then(|()| stdin.flush());
        let failed = written.is_err();
        if outcomes.send(written).is_err() || failed {
            return;
        }
    }
}
