//! Programs that receive alerts, each in a folder and on ports of its own, and notices to send.

use std::ffi::OsStr;
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tailswitch::alerts::{Alerts, Notice, Phase, Running, Setup};
use tailswitch::config::{Disk, load};
use tailswitch::fault::Severity;
use tailswitch::topology::AlertClass;

/// A receiver that runs until the test ends.
pub struct Receiver {
    child: Child,
    pub folder: tempfile::TempDir,
}

impl Receiver {
    /// None, and a sentence, where the program is not installed.
    pub fn start<A: AsRef<OsStr>>(
        program: &str,
        folder: tempfile::TempDir,
        arguments: &[A],
    ) -> Option<Receiver> {
        // Daemons are not in everybody's PATH.
        let places = ["/usr/sbin", "/usr/bin", "/usr/local/bin"];
        let mut paths = places
            .map(|place| Path::new(place).join(program))
            .into_iter();
        let Some(path) = paths.find(|path| path.exists()) else {
            eprintln!("left out: {program} is not installed");
            return None;
        };
        let told = std::fs::File::create(folder.path().join("output")).unwrap();
        let child = Command::new(path)
            .args(arguments)
            .env("SNMP_PERSISTENT_DIR", folder.path().join("persistent"))
            .env("MIBS", "")
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(told.try_clone().unwrap())
            .stderr(told)
            .spawn()
            .unwrap();
        Some(Receiver { child, folder })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Sends until the file holds it: what comes before a receiver listens is lost.
    pub fn waits_for(&mut self, file: &str, text: &str, mut send: impl FnMut()) -> String {
        for _ in 0..300 {
            send();
            std::thread::sleep(Duration::from_millis(200));
            let seen = std::fs::read(self.path(file)).unwrap_or_default();
            let seen = String::from_utf8_lossy(&seen).into_owned();
            if seen.contains(text) {
                return seen;
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("it ended with {status}: {}", self.output());
            }
        }
        panic!("{text:?} never came: {}", self.output());
    }

    fn output(&self) -> String {
        std::fs::read_to_string(self.path("output")).unwrap_or_default()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn free_tcp() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

pub fn free_udp() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// A configuration with these sinks and the secret `token`, in a folder.
pub fn config(folder: &Path, sinks: &str) -> PathBuf {
    let text = format!(
        "solutions:
  east:
    hosts: {{ vmhost1: , vmhost2: }}
    applications:
      S_1: {{ dbid: 151, component: vm-sip-server, host: vmhost1 }}
      S_2: {{ dbid: 152, component: vm-sip-server, host: vmhost2 }}
secrets: {{ token: {{ file: token }} }}
alerts:
{sinks}"
    );
    let path = folder.join("tailswitch.yaml");
    std::fs::write(folder.join("token"), "geheim-4711\n").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(folder.join("token"), mode).unwrap();
    }
    std::fs::write(&path, text).unwrap();
    path
}

/// The sinks of such a configuration, at work.
pub struct Sinks {
    running: Running,
    pub alerts: Alerts,
}

impl Sinks {
    pub fn start(folder: &Path, sinks: &str) -> Sinks {
        let loaded = load(&Disk, &config(folder, sinks), &[]);
        let config = loaded
            .config
            .unwrap_or_else(|| panic!("{:?}", loaded.faults));
        let mut secrets = config.secrets.clone();
        assert_eq!(secrets.read(&Disk), []);
        let setup = Setup {
            secrets: &Arc::new(secrets),
            folder: None,
            base: folder,
            run_command: Arc::new(|_, _| Err("no command is configured".to_owned())),
        };
        let running = Alerts::start(&config.alerts, &setup, ordinary().time).unwrap();
        let alerts = running.alerts();
        Sinks { running, alerts }
    }

    pub fn stop(self) {
        assert_eq!(self.alerts.dropped(), 0);
        self.running.stop();
    }
}

/// As it comes from the daemon.
pub fn ordinary() -> Notice {
    let time = "2026-11-02T20:31:07.412Z".parse().unwrap();
    let notice = Notice::of_daemon("", "east moves to vmhost2", time);
    Notice {
        class: AlertClass::Incident,
        severity: Severity::Error,
        key: "east-20261102T203107".into(),
        text: "RM_1 05064: the host of a primary component failed".into(),
        solution: Some("east".into()),
        ..notice
    }
}

pub fn closing() -> Notice {
    Notice {
        time: "2026-11-02T20:31:11.412Z".parse().unwrap(),
        severity: Severity::Info,
        phase: Phase::Close,
        title: "east: move to vmhost2 completed".into(),
        text: "switch-to-primary VM_Server_2: done".into(),
        ..ordinary()
    }
}

/// What a caller chose is in every text of it, and it ends with a mark in its title.
pub fn hostile() -> Notice {
    let text = "a\r\n<13>1 forged\0\"]\\'</pre><script>alert(1)</script>\u{202e}\u{fffd}";
    Notice {
        key: format!("hostile {text}").into(),
        title: format!("hostile {text} END"),
        text: format!("{text}\n{}", "x".repeat(64 << 10)),
        solution: Some(text.into()),
        ..ordinary()
    }
}
