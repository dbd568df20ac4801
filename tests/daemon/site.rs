//! A folder with all that a daemon needs, and what a test does to it.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tailswitch::clock::{Clock, SystemClock};
use tailswitch::config::{self, Config, Disk};
use tempfile::TempDir;

use crate::field::{ACT, Settings, configuration};
use crate::process::Daemon;

/// Longer than any machine needs: only a test that fails waits for it.
pub const PATIENCE: Duration = Duration::from_secs(60);
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_tailswitch");

const LOGS: [(&str, &str); 6] = [
    ("sips1", "VM_SIPServer_1"),
    ("sips2", "VM_SIPServer_2"),
    ("vms1", "VM_Server_1"),
    ("vms2", "VM_Server_2"),
    ("rm1", "RM_1"),
    ("scs", "SCS_P"),
];

const BECAME_PRIMARY: &str = "Std 04563 Hot Standby (Primary) mode activated";

pub struct Site {
    folder: TempDir,
    pub settings: Settings,
}

impl Site {
    /// Host 1 leads and has the VIP, and nothing has happened yet.
    pub fn new(settings: Settings) -> Site {
        let site = Site {
            folder: TempDir::new().unwrap(),
            settings,
        };
        for folder in ["logs", "vip", "acts"] {
            fs::create_dir(site.path(folder)).unwrap();
        }
        site.configure("");
        site.write("token", "0123456789abcdef\n");
        site.write("vip/vmhost1", "");
        // Written by another process: while this one holds it open for writing, nobody could run it.
        let mut cat = Command::new("/bin/sh")
            .args(["-c", "cat >\"$0\" && chmod 755 \"$0\""])
            .arg(site.path("act"))
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = cat.stdin.take().unwrap();
        stdin.write_all(ACT.as_bytes()).unwrap();
        drop(stdin);
        assert!(cat.wait().unwrap().success());
        for (log, name) in LOGS {
            site.write(&format!("logs/{log}.log"), head(name));
        }
        for log in ["sips1", "vms1"] {
            site.said(log, Duration::from_secs(3600), BECAME_PRIMARY);
        }
        site
    }

    /// Writes the configuration, with more at its end.
    pub fn configure(&self, more: &str) {
        let listen = if self.settings.api {
            "127.0.0.1:0"
        } else {
            "off"
        };
        let text = configuration(&self.settings, listen);
        self.write("tailswitch.yaml", text + more);
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
        if name == "token" {
            fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// What the command does from now on, as shell text; `effect "$@"` is what it should do.
    pub fn acts(&self, action: &str, target: &str, text: &str) {
        self.write(&format!("acts/{action}-{target}.new"), text);
        let name = format!("acts/{action}-{target}");
        fs::rename(self.path(&format!("{name}.new")), self.path(&name)).unwrap();
    }

    pub fn acts_well(&self, action: &str, target: &str) {
        fs::remove_file(self.path(&format!("acts/{action}-{target}"))).unwrap();
    }

    /// A line in a log, with the present as its stamp.
    pub fn says(&self, log: &str, text: &str) {
        self.said(log, Duration::ZERO, text);
    }

    /// The same, so long ago.
    fn said(&self, log: &str, ago: Duration, text: &str) {
        let micros = i64::try_from(ago.as_micros()).unwrap();
        let stamp = SystemClock::new().wall().shifted(-micros).to_string();
        let line = format!("{} {text}\n", stamp.trim_end_matches('Z'));
        let log = self.path(&format!("logs/{log}.log"));
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(log)
            .unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }

    pub fn becomes_primary(&self, log: &str) {
        self.says(log, BECAME_PRIMARY);
    }

    /// The event that asks for every step of the plan.
    pub fn rm_fails(&self) {
        self.says(
            "rm1",
            "Std 05064 Application terminated due to internal condition",
        );
    }

    /// The starts of commands, in their order: `switch 152`.
    pub fn ledger(&self) -> Vec<String> {
        let ledger = self.read("ledger");
        let without_step = |line: &str| line.rsplit_once(' ').map(|(start, _)| start.to_owned());
        ledger.lines().filter_map(without_step).collect()
    }

    /// The same, sorted.
    pub fn starts(&self) -> Vec<String> {
        let mut starts = self.ledger();
        starts.sort();
        starts
    }

    /// Hosts that have the VIP.
    pub fn vip(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("vip")).unwrap();
        let mut hosts: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        hosts.sort();
        hosts
    }

    /// The class, phase and title of every alert, one a line.
    pub fn alerts(&self) -> Vec<String> {
        let told = self.read("alerts.jsonl");
        let word =
            |alert: &serde_json::Value, key: &str| alert[key].as_str().unwrap_or("").to_owned();
        told.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .map(|alert| {
                ["class", "phase", "title"]
                    .map(|key| word(&alert, key))
                    .join(" ")
            })
            .collect()
    }

    pub fn config(&self) -> Arc<Config> {
        let loaded = config::load(&Disk, &self.path("tailswitch.yaml"), &[]);
        Arc::new(loaded.config.expect("a configuration without errors"))
    }

    /// The daemon, ready to be started by whoever wants to.
    pub fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        self.prepare(&mut command);
        command
    }

    pub fn prepare(&self, command: &mut Command) {
        let log = OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.path("stderr"))
            .unwrap();
        command
            .args(["run", "-c"])
            .arg(self.path("tailswitch.yaml"))
            .env_remove("TAILSWITCH_CONFIG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
    }

    /// Starts the daemon, and waits until it has read the world and may act.
    pub fn start(&self) -> Daemon<'_> {
        let daemon = self.spawn();
        daemon.until_ready();
        daemon
    }

    pub fn spawn(&self) -> Daemon<'_> {
        Daemon::start(self, &mut self.command())
    }

    /// One of the other commands, asked of this daemon, or of nobody.
    pub fn asks(&self, daemon: Option<&Daemon<'_>>, arguments: &[&str]) -> Output {
        let listen = daemon.map_or("off".into(), Daemon::address);
        self.asks_at(&listen, arguments)
    }

    pub fn asks_at(&self, listen: &str, arguments: &[&str]) -> Output {
        self.write("asking.yaml", configuration(&self.settings, listen));
        Command::new(PROGRAM)
            .args(["-c"])
            .arg(self.path("asking.yaml"))
            .args(arguments)
            .env_remove("TAILSWITCH_CONFIG")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }
}

/// What an application writes into a file before all else.
fn head(name: &str) -> String {
    format!(
        "Application name:   {name}\nTime zone:          0\nFile:               (1) {name}.log\n\n"
    )
}

pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "it never came: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

pub fn text(output: &Output) -> String {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    format!("{out}{err}")
}
