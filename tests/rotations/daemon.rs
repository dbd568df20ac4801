//! The daemon as a process: started on a folder of logs, killed or stopped, and measured from outside.

use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

const CONFIG: &str = "\
state: state
listen: off
poll: 100ms
solutions:
  east:
    hosts:
      vmhost1: { address: 10.0.0.11 }
      vmhost2: { address: 10.0.0.12 }
    vip: 10.0.0.10
    applications:
      VM_SIPServer_1: { dbid: 151, component: vm-sip-server, host: vmhost1 }
      VM_SIPServer_2: { dbid: 152, component: vm-sip-server, host: vmhost2 }
      VM_Server_1: { dbid: 153, component: vm-server, host: vmhost1 }
      RM_1: { dbid: 155, component: resource-manager, host: vmhost1 }
      MCP_1: { dbid: 157, component: media-control-platform, host: vmhost1 }
sources:
  - { path: \"logs/VM_*.log\" }
  - { path: \"logs/RM_1.log*\" }
  - { path: \"logs/MCP_1.log*\" }
alerts:
  - { file: alerts.jsonl, on: [event] }
";

/// A folder with a configuration, logs, and what the daemon leaves there.
pub struct Site {
    folder: tempfile::TempDir,
}

impl Site {
    pub fn new() -> Site {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("logs")).expect("a folder");
        fs::write(folder.path().join("tailswitch.yaml"), CONFIG).expect("a configuration");
        Site { folder }
    }

    pub fn logs(&self) -> PathBuf {
        self.folder.path().join("logs")
    }

    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    pub fn alerts(&self) -> PathBuf {
        self.folder.path().join("alerts.jsonl")
    }

    pub fn start(&self) -> Daemon {
        let said = File::options().create(true).append(true).open(self.said());
        let child = Command::new(env!("CARGO_BIN_EXE_tailswitch"))
            .current_dir(self.folder.path())
            .args(["run", "--log", "warn"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(said.expect("a file"))
            .spawn()
            .expect("the daemon starts");
        Daemon { child }
    }

    /// The last that all daemons of this folder said.
    pub fn last_words(&self) -> String {
        let said = fs::read_to_string(self.said()).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(200)..].join("\n")
    }

    fn said(&self) -> PathBuf {
        self.folder.path().join("said.txt")
    }
}

impl Drop for Site {
    /// What a failed test leaves is for whoever looks into the failure.
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.folder.disable_cleanup(true);
            println!("see {}", self.folder.path().display());
        }
    }
}

pub struct Daemon {
    child: Child,
}

impl Daemon {
    /// It has no say in it, so that this is no orderly end.
    pub fn kill(mut self) -> bool {
        self.child.kill().expect("it ran");
        self.child.wait().expect("it ends").success()
    }

    /// It may finish what it does. False if it had not come so far that it could.
    pub fn stop(mut self) -> bool {
        kill_process(self.pid(), Signal::TERM).expect("it ran");
        let status = self.child.wait().expect("it ends");
        let is_orderly = status.success();
        assert!(
            is_orderly || status.signal() == Some(Signal::TERM.as_raw()),
            "{status}"
        );
        is_orderly
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("it is ours").is_none()
    }

    pub fn memory(&self) -> Memory {
        let pid = self.pid().as_raw_nonzero();
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let kib = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kib = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            kib.unwrap_or(0)
        };
        Memory {
            resident_kib: kib("VmRSS:"),
            peak_kib: kib("VmHWM:"),
        }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Daemon {
    /// A test that failed leaves no daemon behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Memory {
    pub resident_kib: u64,
    pub peak_kib: u64,
}
