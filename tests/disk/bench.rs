//! A pair with its logs and its commands in a folder, and the daemon that watches it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than any machine needs: only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The state folder is apart from the rest, so that each can have a disk of its own.
pub struct Bench {
    folder: TempDir,
    pub state: PathBuf,
}

impl Bench {
    /// VM_SIPServer_1 is known to be primary. `more` is added to the configuration.
    pub fn new() -> Bench {
        Bench::with("")
    }

    pub fn with(more: &str) -> Bench {
        let folder = TempDir::new().unwrap();
        let state = folder.path().join("state");
        let bench = Bench { folder, state };
        std::fs::create_dir(bench.path("logs")).unwrap();
        for (number, id) in [(1, "04563"), (2, "04561")] {
            let name = format!("sips{number}");
            std::fs::write(bench.path(&format!("logs/{name}.log")), head(number)).unwrap();
            bench.log(&name, "mode activated", id, 3_600);
        }
        std::fs::write(bench.path("tailswitch.yaml"), config(more)).unwrap();
        let act = "#!/bin/sh\necho \"$*\" >> ledger\n";
        std::fs::write(bench.path("act"), act).unwrap();
        run("chmod", &["755", bench.path("act").to_str().unwrap()]);
        bench
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// VM_SIPServer_2 becomes primary: the VIP has to follow.
    pub fn fail_over(&self) {
        self.log("sips2", "mode activated", "04563", 0);
    }

    /// A record that was written so many seconds ago.
    pub fn log(&self, name: &str, text: &str, id: &str, age: u64) {
        let stamp = stamp(age);
        let mode = match id {
            "04563" => "Hot Standby (Primary) ",
            "04561" => "Hot Standby (Backup) ",
            _ => "",
        };
        let line = format!("{stamp} Std {id} {mode}{text}\n");
        let path = self.path(&format!("logs/{name}.log"));
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.create(true).append(true).open(path).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }

    /// The commands that were run.
    pub fn ledger(&self) -> String {
        std::fs::read_to_string(self.path("ledger")).unwrap_or_default()
    }

    pub fn alerts(&self) -> String {
        std::fs::read_to_string(self.path("alerts.jsonl")).unwrap_or_default()
    }

    /// An alert of this key, phase and text was told.
    pub fn was_told(&self, parts: &[&str]) -> bool {
        let alerts = self.alerts();
        let mut lines = alerts.lines();
        lines.any(|line| parts.iter().all(|part| line.contains(part)))
    }

    pub fn start(&self) -> Daemon {
        let daemon = self.start_by(&[]);
        daemon.wait_for("watching solution=east");
        daemon.wait_until("it is ready", |daemon| daemon.get("/readyz").is_ok());
        daemon
    }

    /// By another program, such as `prlimit`. It may not become ready.
    pub fn start_by(&self, before: &[&str]) -> Daemon {
        let program = env!("CARGO_BIN_EXE_tailswitch");
        let argv = [before, &[program, "run"]].concat();
        let log = self.path("run.err");
        let child = Command::new(argv[0])
            .args(&argv[1..])
            .current_dir(self.folder.path())
            .env_remove("TAILSWITCH_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        Daemon { child, log }
    }

    /// Another command of the tool, beside the daemon or without it.
    pub fn tailswitch(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_tailswitch"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("TAILSWITCH_CONFIG")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}

pub struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    pub fn pid(&self) -> String {
        self.child.id().to_string()
    }

    fn threads(&self) -> Vec<String> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.pid())).unwrap();
        let tasks = tasks.map(|task| task.unwrap().file_name().into_string().unwrap());
        tasks.collect()
    }

    /// The processes that it has started.
    pub fn children(&self) -> Vec<String> {
        let of = |thread: &String| {
            let path = format!("/proc/{}/task/{thread}/children", self.pid());
            std::fs::read_to_string(path).unwrap_or_default()
        };
        let children: String = self.threads().iter().map(of).collect();
        children.split_whitespace().map(str::to_owned).collect()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    #[track_caller]
    pub fn wait_for(&self, part: &str) {
        self.wait_until(part, |daemon| daemon.log().contains(part));
    }

    #[track_caller]
    pub fn wait_until(&self, what: &str, holds: impl Fn(&Daemon) -> bool) {
        let started = Instant::now();
        while !holds(self) {
            let log = self.log();
            let status = self.get("/api/v1/status?format=text");
            assert!(started.elapsed() < PATIENCE, "{what}: {log}\n{status:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The logs that were there at the start have been read: what comes now is news.
    #[track_caller]
    pub fn wait_for_roles(&self) {
        self.wait_until("the roles are known", |daemon| {
            let status = daemon.get("/api/v1/status?format=text");
            let status = status.unwrap_or_default();
            let roles = ["vmhost1  primary  running", "vmhost2  backup   running"];
            roles.iter().all(|role| status.contains(role))
        });
    }

    /// The body of a good answer; else all that came.
    pub fn get(&self, path: &str) -> Result<String, String> {
        let log = self.log();
        let at = log.split("listening address=").nth(1).ok_or("no address")?;
        let address = at.split_whitespace().next().unwrap();
        let asked = || {
            let mut stream = TcpStream::connect(address)?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            write!(
                stream,
                "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
            )?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer)
        };
        let answer = asked().map_err(|error: std::io::Error| error.to_string())?;
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("cut off")?;
        match head.starts_with("HTTP/1.1 200") {
            true => Ok(body.to_owned()),
            false => Err(answer),
        }
    }

    pub fn status(&self) -> String {
        self.get("/api/v1/status?format=text").unwrap()
    }

    /// Ends it in order. Its exit code.
    pub fn stop(mut self) -> Option<i32> {
        run("kill", &["-TERM", &self.pid()]);
        self.child.wait().unwrap().code()
    }

    /// As the kernel would where memory is short.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// For one that ends by itself. Its exit code, and what it said.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let code = self.child.wait().unwrap().code();
        (code, self.log())
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It has ended, unless the test fails.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file system of its own, with a size.
pub struct Mounted(PathBuf);

impl Mounted {
    /// None where it may not be made, which is said.
    pub fn at(path: &Path, size: &str) -> Option<Mounted> {
        std::fs::create_dir_all(path).unwrap();
        let options = format!("size={size},mode=700");
        let shown = path.to_str().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tailswitch-test", shown])
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Mounted(path.to_owned()));
        }
        left_out("a file system of its own needs root");
        None
    }

    pub fn remount(&self, option: &str) {
        let option = format!("remount,{option}");
        run("mount", &["-o", &option, self.0.to_str().unwrap()]);
    }

    /// Nothing more fits; removing the file that is returned changes that.
    pub fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = std::fs::File::create(&path).unwrap();
        while file.write_all(&[0; 512]).is_ok() {}
        path
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let path = self.0.to_str().unwrap();
        run("umount", &["-l", path]);
    }
}

/// Faults in the system calls of a running daemon's threads, until it is dropped.
///
/// Each thread is traced by its number and no child is followed: a tracer that lets go of a thread in the middle of a
/// `vfork` would wait for it for ever.
pub struct Injected {
    strace: Child,
    trace: PathBuf,
}

impl Injected {
    /// Options as of `strace`. None where no process may be traced, which is said.
    pub fn into(bench: &Bench, daemon: &Daemon, options: &[&str]) -> Option<Injected> {
        let (trace, said) = (bench.path("trace"), bench.path("trace.err"));
        let threads = daemon.threads();
        let strace = Command::new("strace")
            .args(["-y", "-s", "0", "-o"])
            .arg(&trace)
            .args(options)
            .args(threads.iter().flat_map(|thread| ["-p", thread]))
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&said).unwrap())
            .spawn();
        let Ok(mut strace) = strace else {
            left_out("strace is not installed");
            return None;
        };
        let started = Instant::now();
        let attached = || {
            std::fs::read_to_string(&said)
                .unwrap()
                .matches("attached")
                .count()
        };
        while attached() < threads.len() {
            if let Some(ended) = strace.try_wait().unwrap() {
                let said = std::fs::read_to_string(&said).unwrap();
                assert!(said.contains("not permitted"), "{ended}: {said}");
                left_out("no process may be traced here");
                return None;
            }
            assert!(started.elapsed() < PATIENCE);
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(Injected { strace, trace })
    }

    /// The calls so far of which the trace says all these parts.
    pub fn count(&self, parts: &[&str]) -> usize {
        let trace = std::fs::read_to_string(&self.trace).unwrap_or_default();
        let lines = trace.lines();
        let says = |line: &&str| parts.iter().all(|part| line.contains(part));
        lines.filter(says).count()
    }
}

impl Drop for Injected {
    fn drop(&mut self) {
        // Asked to end it lets the daemon go on; killed it would too, but not at once.
        run("kill", &["-TERM", &self.strace.id().to_string()]);
        self.strace.wait().unwrap();
    }
}

pub fn left_out(why: &str) {
    eprintln!("left out: {why}");
}

#[track_caller]
pub fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status().unwrap();
    assert!(status.success(), "{program} {arguments:?}");
}

/// UTC, so many seconds ago.
fn stamp(age: u64) -> String {
    let format = "+%Y-%m-%dT%H:%M:%S.%3N";
    let date = format!("{age} seconds ago");
    let output = Command::new("date")
        .args(["-u", format, "-d", &date])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A file that says whose it is, and so is read without waiting for more.
fn head(number: u8) -> String {
    format!(
        "Application name:   VM_SIPServer_{number}\nApplication type:   TServer\nHost name:          vmhost{number}\n\
         Time zone:          0\n\n"
    )
}

fn config(more: &str) -> String {
    format!(
        "state: ./state
listen: 127.0.0.1:0
poll: 50ms
solutions:
  east:
    mode: active
    hosts: {{ vmhost1: {{ address: 10.0.0.11 }}, vmhost2: {{ address: 10.0.0.12 }} }}
    vip: 10.0.0.10
    window: 1s
    applications:
      VM_SIPServer_1: {{ dbid: 151, component: vm-sip-server, host: vmhost1 }}
      VM_SIPServer_2: {{ dbid: 152, component: vm-sip-server, host: vmhost2 }}
      VM_Server_1: {{ dbid: 153, component: vm-server, host: vmhost1 }}
      VM_Server_2: {{ dbid: 154, component: vm-server, host: vmhost2 }}
actions:
  switch-to-primary: {{ command: [./act, switch, \"{{dbid}}\"], timeout: 5s }}
  vip-enable: {{ command: [./act, up, \"{{host}}\"], timeout: 5s }}
  vip-disable: {{ command: [./act, down, \"{{host}}\"], timeout: 3s }}
alerts:
  - {{ file: alerts.jsonl }}
sources:
  - {{ path: logs/sips1.log, application: VM_SIPServer_1, host: vmhost1 }}
  - {{ path: logs/sips2.log, application: VM_SIPServer_2, host: vmhost2 }}
{more}"
    )
}
