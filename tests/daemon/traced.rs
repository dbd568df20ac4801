//! Kills the daemon directly before a certain system call of certain threads of it, by strace.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::site::{PROGRAM, Site};

/// Before the `nth` such call of one of these threads.
#[derive(Clone, Copy, Debug)]
pub struct Point {
    pub threads: Threads,
    pub call: &'static str,
    pub nth: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// The one that decides and writes the journal.
    Engine,
    /// Those that start commands and hear of their ends.
    Commands,
}

/// False where processes may not be traced; whoever asks leaves something out then, and it is said.
pub fn is_possible() -> bool {
    let tried = Command::new("strace")
        .args([
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "inject=sync:signal=SIGKILL",
            "true",
        ])
        .stderr(Stdio::null())
        .status();
    let possible = tried.is_ok_and(|status| status.success());
    if !possible {
        eprintln!("left out: strace is not here, or may not trace");
    }
    possible
}

/// Watches a daemon that runs. Whoever is killed by it ends it too.
pub struct Tracer(Child);

impl Tracer {
    pub fn attach(daemon: u32, point: Point) -> Tracer {
        let tasks = fs::read_dir(format!("/proc/{daemon}/task")).unwrap();
        let number = |task: fs::DirEntry| task.file_name().into_string().unwrap();
        let runs_commands = |task: &fs::DirEntry| {
            let name = fs::read_to_string(task.path().join("comm"));
            name.is_ok_and(|name| name.starts_with("tokio"))
        };
        let numbers = match point.threads {
            // A process's first thread has the process's number.
            Threads::Engine => vec![daemon.to_string()],
            Threads::Commands => {
                let tasks = tasks.map(|task| task.unwrap()).filter(runs_commands);
                tasks.map(number).collect()
            }
        };
        assert!(!numbers.is_empty(), "no such thread");
        let mut strace = strace(point);
        for number in &numbers {
            strace.args(["-p", number]);
        }
        let mut child = strace.stderr(Stdio::piped()).spawn().unwrap();
        let told = BufReader::new(child.stderr.take().unwrap()).lines();
        let attached = told.map_while(Result::ok).take(numbers.len());
        assert!(attached.into_iter().all(|line| line.contains("attached")));
        Tracer(child)
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        // It lets go of whom it watches.
        let _ = Command::new("/bin/kill")
            .arg(self.0.id().to_string())
            .status();
        let _ = self.0.wait();
    }
}

/// The daemon, watched from its first instruction. The process that it is started as is the daemon's own.
pub fn from_the_start(site: &Site, point: Point) -> Command {
    assert_eq!(point.threads, Threads::Engine, "others come and go");
    let mut command = strace(point);
    command.args(["-D", "--", PROGRAM]);
    site.prepare(&mut command);
    command
}

fn strace(Point { call, nth, .. }: Point) -> Command {
    let mut strace = Command::new("strace");
    let inject = format!("inject={call}:signal=SIGKILL:when={nth}");
    strace.args([
        "-o",
        "/dev/null",
        "-e",
        &format!("trace={call}"),
        "-e",
        &inject,
    ]);
    strace
}
