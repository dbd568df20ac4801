//! The operator's commands against a server on a port of its own, with a thread in the engine's place.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use tailswitch::clock::ManualClock;
use tailswitch::config::{self, Config, Disk};
use tailswitch::decide::{Core, Input, Request, Verb};
use tailswitch::journal::{Journal, Moment, Setup, Store};
use tailswitch::metrics::Metrics;
use tailswitch::operate::{Answer, Ask, Handle, Served, Token, View, serve};
use tailswitch::past::{OpenPast, Remembered};
use tailswitch::snapshot::Daemon;
use tailswitch::snapshot::{Extras, snapshot};
use tailswitch::time::Time;
use tempfile::TempDir;

const TOKEN: &str = "0123456789abcdef";

/// A folder with a configuration, and a daemon that serves it if one does.
struct Site {
    folder: TempDir,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Site {
    /// Nothing listens on the port.
    fn deserted() -> Site {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let site = Site::at(listener.local_addr().unwrap());
        drop(listener);
        site
    }

    fn at(address: SocketAddr) -> Site {
        let folder = TempDir::new().unwrap();
        let text = format!(
            "listen: {address}\ntoken_file: token\nsolutions:\n  east:\n    hosts:\n      vmhost1: {{ address: 10.0.0.11 }}\n      \
             vmhost2: {{ address: 10.0.0.12 }}\n    vip: 10.0.0.10\n    applications:\n      \
             VM_SIPServer_1: {{ dbid: 151, component: vm-sip-server, host: vmhost1 }}\n      \
             VM_SIPServer_2: {{ dbid: 152, component: vm-sip-server, host: vmhost2 }}\n      \
             VM_Server_1: {{ dbid: 153, component: vm-server, host: vmhost1 }}\n      \
             VM_Server_2: {{ dbid: 154, component: vm-server, host: vmhost2 }}\n"
        );
        std::fs::write(folder.path().join("tailswitch.yaml"), text).unwrap();
        std::fs::write(folder.path().join("token"), format!("{TOKEN}\n")).unwrap();
        Site {
            folder,
            stop: None,
            threads: Vec::new(),
        }
    }

    fn served() -> Site {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let mut site = Site::at(listener.local_addr().unwrap());
        let config = Arc::new(loaded(&site.folder.path().join("tailswitch.yaml")));
        let core = Core::new(config.topology.clone());
        let past = Remembered::new(config.topology.clone());
        let (asks, asked) = crossbeam_channel::bounded(4);
        let handle = Handle::new(view(&core, &config), asks);
        let open: OpenPast = Arc::new(move |_| Ok(Box::new(past.clone())));
        let served = Served {
            handle,
            past: open,
            token: Some(Arc::new(Token::new(TOKEN).unwrap())),
            now: Arc::new(|| Time::from_micros(0)),
        };
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        site.stop = Some(stop);
        site.threads.push(std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let shutdown = async { drop(stopped.await) };
                serve(listener, served, shutdown).await.unwrap();
            });
        }));
        site.threads
            .push(std::thread::spawn(move || engine(core, &asked)));
        site
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(assert_cmd::cargo::cargo_bin!("tailswitch"))
            .current_dir(self.folder.path())
            .env_remove("TAILSWITCH_CONFIG")
            .env("http_proxy", "http://127.0.0.1:9")
            .stdin(Stdio::null())
            .args(arguments)
            .output()
            .unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.stop.take());
        for thread in self.threads.drain(..) {
            thread.join().unwrap();
        }
    }
}

fn loaded(path: &Path) -> Config {
    let loaded = config::load(&Disk, &PathBuf::from(path), &[]);
    loaded.config.expect("a configuration without errors")
}

fn view(core: &Core, config: &Arc<Config>) -> View {
    let daemon = Daemon {
        version: "0.0.0",
        started: Some(Time::from_micros(0)),
        ..Daemon::default()
    };
    let extras = Extras {
        daemon,
        ..Extras::default()
    };
    View {
        snapshot: snapshot(&core.state, Time::from_micros(0), extras),
        config: config.clone(),
        metrics: Metrics::default(),
    }
}

fn engine(mut core: Core, asked: &crossbeam_channel::Receiver<Ask>) {
    for ask in asked {
        let (solution, request) = (ask.solution, ask.request);
        let entries = core.handle(Time::from_micros(0), &Input::Operator { solution, request });
        ask.reply.send(Answer::of(&entries, &ask.topology)).unwrap();
    }
}

const SIGNED: [&str; 4] = ["--by", "alice", "--why", "new cables"];

fn signed<'a>(verb: &[&'a str]) -> Vec<&'a str> {
    [verb, &SIGNED].concat()
}

#[track_caller]
fn check(output: &Output, code: i32, stdout: &str, stderr: &str) {
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    assert!(out.contains(stdout), "no `{stdout}` in\n{out}");
    assert!(err.contains(stderr), "no `{stderr}` in\n{err}");
}

#[test]
fn the_daemon_answers_in_text_and_in_json() {
    let site = Site::served();
    for (arguments, code, stdout, stderr) in [
        (
            &["status"][..],
            0,
            "east (alert-only): nobody knows which host is primary",
            "",
        ),
        (
            &["status", "--format", "json"],
            0,
            "{\"type\":\"status\",",
            "",
        ),
        (&["incidents"], 0, "no incident", ""),
        (&["incidents", "--format", "json"], 0, "", ""),
        (
            &["incidents", "east/../1"],
            2,
            "",
            "knows no incident of that id",
        ),
        (&["owed"], 0, "nothing is owed", ""),
        (
            &["why", "VM_SIPServer_1"],
            0,
            "nothing was decided about it yet",
            "",
        ),
        (&["why", "VM_SIPServer_9"], 2, "", "did you mean"),
    ] {
        check(&site.run(arguments), code, stdout, stderr);
    }
}

#[test]
fn a_verb_is_done_or_ends_with_75_and_the_reason() {
    let site = Site::served();
    let resume = signed(&["resume", "east"]);
    check(
        &site.run(&resume),
        75,
        "",
        "there is nothing to do it to (the pair is not paused)",
    );
    let pause = signed(&["pause", "east", "--for", "2h"]);
    check(
        &site.run(&pause),
        0,
        "alice paused east until 02:00:00.000: new cables",
        "",
    );
    check(&site.run(&resume), 0, "alice resumed east: new cables", "");
    let ack = signed(&["ack", "east-19700101T000000-1"]);
    check(
        &site.run(&ack),
        75,
        "",
        "it neither locks nor blocks the pair",
    );
    let forgive = signed(&["owed", "forgive", "east:vmhost1"]);
    check(&site.run(&forgive), 2, "", "nothing of that id is owed");
    let json = signed(&["pause", "east", "--for", "1h", "--format", "json"]);
    check(&site.run(&json), 0, "{\"done\":[", "");
}

#[test]
fn force_shows_its_plan_and_asks_before_it_acts() {
    let site = Site::served();
    let asked = signed(&["force", "east", "--to", "vmhost2"]);
    let output = site.run(&asked);
    check(&output, 2, "", "confirm with --yes");
    check(&output, 2, "", "2. enable the VIP on vmhost2;");
    let forced = signed(&["force", "east", "--to", "vmhost2", "--yes"]);
    check(
        &site.run(&forced),
        0,
        "alice forced east to vmhost2: new cables",
        "",
    );
    check(
        &site.run(&forced),
        75,
        "",
        "a reaction of the pair is running (east-19700101T000000-1)",
    );
    let elsewhere = signed(&["force", "east", "--to", "vmhost3", "--yes"]);
    check(
        &site.run(&elsewhere),
        2,
        "",
        "the hosts of east are vmhost1 and vmhost2",
    );
}

#[test]
fn without_a_who_and_a_why_and_an_end_nothing_is_asked() {
    let site = Site::deserted();
    for arguments in [
        &["pause", "east", "--for", "2h", "--by", "alice"][..],
        &["pause", "east", "--by", "alice", "--why", "x"],
        &["force", "east", "--by", "alice", "--why", "x"],
        &["resume", "east", "--why", "x"],
        &["ack", "--by", "alice", "--why", "x"],
        &["owed", "forgive", "east:vmhost1", "--by", "alice"],
    ] {
        assert_eq!(site.run(arguments).status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn where_no_daemon_answers_a_verb_ends_with_69() {
    let site = Site::deserted();
    for verb in [
        &["pause", "east", "--for", "2h"][..],
        &["resume", "east"],
        &["ack", "east-19700101T000000-1"],
        &["force", "east", "--to", "vmhost2", "--yes"],
        &["owed", "forgive", "east:vmhost1"],
    ] {
        check(
            &site.run(&signed(verb)),
            69,
            "",
            "the daemon does not answer",
        );
    }
    // Nor is there a journal.
    check(&site.run(&["status"]), 69, "", "the journal cannot be read");
    std::fs::write(site.folder.path().join("token"), "short").unwrap();
    check(
        &site.run(&signed(&["resume", "east"])),
        78,
        "",
        "at least 16 characters",
    );
}

#[test]
fn where_no_daemon_answers_the_journal_is_read_and_that_is_said() {
    let site = Site::deserted();
    let config = loaded(&site.folder.path().join("tailswitch.yaml"));
    let mut core = Core::new(config.topology.clone());
    let clock = ManualClock::new(Time::from_micros(0));
    let setup = Setup {
        clock: &clock,
        version: "0.0.0",
        config: "none",
    };
    let (mut journal, _) = Journal::open(&config.state, &config.topology, &setup).unwrap();
    let verb = Verb::Force { to: 1 };
    let (by, why) = ("alice".into(), "new cables".into());
    let request = Request { verb, by, why };
    let now = Time::from_micros(0);
    let solution = 0;
    let entries = core.handle(now, &Input::Operator { solution, request });
    journal
        .append(Moment::now(now, &clock), &entries, &[])
        .unwrap();
    drop(journal);
    let offline = "this is what the journal says";
    for (arguments, stdout) in [
        (&["status"][..], "NOT ARMED: no daemon answers"),
        (&["status", "--format", "json"], "\"started\":null"),
        (&["incidents"], "east-19700101T000000-1"),
        (
            &["incidents", "east-19700101T000000-1"],
            "enable the VIP on vmhost2: planned",
        ),
        (
            &["incidents", "--format", "json"],
            "{\"type\":\"incident\",\"id\":\"east-19700101T000000-1\"",
        ),
        (
            &["why", "east-19700101T000000-1"],
            "cause: asked for by alice: new cables",
        ),
        (
            &["why", "00:00"],
            "alice forced east to vmhost2: new cables",
        ),
        (&["owed"], "nothing is owed"),
    ] {
        check(&site.run(arguments), 0, stdout, offline);
    }
    check(
        &site.run(&["incidents", "east-1"]),
        2,
        "",
        "knows no incident",
    );
}
