//! The simulated pair as the daemon meets it: real processes, one folder, and logs that replay to what happened.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tailswitch::dispatch::StatusText;
use tailswitch::event::{Mode, Status};
use tailswitch::standin::{Behaviour, Folder, Host, Options, SLOW, Start, Target, Tool, VIP, Who};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_tailswitch");
/// So long no command takes that is not told to.
const SOON: Duration = Duration::from_secs(20);

/// Nobody listens there: nothing here starts a daemon.
fn nowhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 9))
}

fn pair() -> (TempDir, Folder) {
    let temporary = TempDir::new().unwrap();
    let folder = Folder::create(temporary.path(), &Options::new(PROGRAM, nowhere())).unwrap();
    (temporary, folder)
}

fn stand_in(folder: &Folder, command: &str) -> Command {
    let mut process = Command::new(PROGRAM);
    process
        .arg("stand-in")
        .args(command.split(' '))
        .current_dir(folder.path());
    process
}

fn call(folder: &Folder, command: &str) -> Output {
    stand_in(folder, command).output().unwrap()
}

fn vip(verb: &str, host: Host) -> String {
    format!("vip {verb} {VIP} on {}", host.address())
}

fn switch(who: Who) -> String {
    format!(
        "mlcmd -csuser tailswitch -cspassword no-secret-of-anyone -switch {}",
        who.dbid()
    )
}

fn behave(folder: &Folder, tool: Tool, behaviour: Behaviour) {
    folder
        .change(|world, _| world.behave(tool, behaviour))
        .unwrap();
}

fn fail(folder: &Folder, target: Target) {
    assert!(folder.change(|world, now| world.fail(now, target)).unwrap());
}

/// The one command that was started.
fn only(folder: &Folder) -> Start {
    let [start] = <[Start; 1]>::try_from(folder.ledger().unwrap()).unwrap();
    start
}

fn tailswitch(folder: &Folder, arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .arg("-c")
        .arg(folder.configuration())
        .args(arguments)
        .env_remove("TAILSWITCH_CONFIG")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_configuration_of_a_folder_is_without_fault() {
    let (_temporary, folder) = pair();
    let checked = tailswitch(&folder, &["check", "--strict"]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
}

#[test]
fn the_configuration_takes_settings_of_its_own() {
    let temporary = TempDir::new().unwrap();
    let options = Options::new(PROGRAM, nowhere())
        .with("mode", "alert-only")
        .with("yield", "2s");
    let folder = Folder::create(temporary.path(), &options).unwrap();
    let written = std::fs::read_to_string(folder.configuration()).unwrap();
    assert_eq!(written.matches(" mode: ").count(), 1, "{written}");
    let checked = tailswitch(&folder, &["check", "--strict"]);
    assert_eq!(checked.status.code(), Some(0), "{}", text(&checked.stderr));
}

#[test]
fn a_second_pair_in_the_same_folder_is_refused() {
    let (_temporary, folder) = pair();
    let again = Folder::create(folder.path(), &Options::new(PROGRAM, nowhere()));
    assert_eq!(again.unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
}

#[test]
fn a_started_command_is_in_the_ledger_with_what_it_did_and_without_its_secret() {
    let (_temporary, folder) = pair();
    let called = call(&folder, &switch(Who::VmServer2));
    assert!(called.status.success(), "{}", text(&called.stderr));
    let start = only(&folder);
    assert!(start.is(Tool::Switch, "VM_Server_2") && start.acts());
    assert_eq!(start.did, "switches VM_Server_2 to primary");
    assert_eq!(
        start.argv.join(" "),
        "mlcmd -csuser tailswitch -cspassword *** -switch 154"
    );
    let ledger = std::fs::read_to_string(folder.path().join("ledger.jsonl")).unwrap();
    assert!(!ledger.contains("no-secret"), "{ledger}");
    folder.settle().unwrap();
    assert!(folder.world().unwrap().is_primary(Who::VmServer2));
}

#[test]
fn a_command_hangs_lies_fails_or_takes_its_time() {
    // Behaviour, whether it ends by itself, its exit code, whether the address is there afterwards.
    let table = [
        (Behaviour::Ok, Some(0), true),
        (Behaviour::Lie, Some(0), false),
        (Behaviour::Fail, Some(1), false),
        (Behaviour::Slow, Some(0), true),
        (Behaviour::Hang, None, false),
    ];
    for (behaviour, exit, there) in table {
        let (_temporary, folder) = pair();
        behave(&folder, Tool::VipUp, behaviour);
        let began = Instant::now();
        let mut child = stand_in(&folder, &vip("up", Host::Two)).spawn().unwrap();
        match exit {
            Some(exit) => {
                assert_eq!(child.wait().unwrap().code(), Some(exit), "{behaviour}");
                assert!(behaviour != Behaviour::Slow || began.elapsed() >= SLOW);
            }
            None => {
                wait_until(|| folder.ledger().unwrap().len() == 1);
                assert!(child.try_wait().unwrap().is_none());
                end(&mut child);
            }
        }
        let start = only(&folder);
        assert_eq!(
            (start.behaviour, start.is(Tool::VipUp, "vmhost2")),
            (behaviour, true)
        );
        assert_eq!(
            folder.world().unwrap().has_vip(Host::Two),
            there,
            "{behaviour}"
        );
    }
}

#[test]
fn a_dead_host_fails_its_commands_or_lets_them_hang() {
    let (_temporary, folder) = pair();
    fail(&folder, Target::Host(Host::One));
    let called = call(&folder, &vip("down", Host::One));
    assert_eq!(called.status.code(), Some(1));
    assert!(text(&called.stderr).contains("No route to host"));
    let hang =
        |world: &mut tailswitch::standin::World, _| world.behave_unreachable(Behaviour::Hang);
    folder.change(hang).unwrap();
    let mut child = stand_in(&folder, &vip("down", Host::One)).spawn().unwrap();
    wait_until(|| folder.ledger().unwrap().len() == 2);
    assert!(child.try_wait().unwrap().is_none());
    end(&mut child);
}

#[cfg(target_os = "linux")]
#[test]
fn a_grandchild_outlives_its_parent_in_a_session_of_its_own_and_holds_the_output() {
    let (_temporary, folder) = pair();
    behave(&folder, Tool::VipUp, Behaviour::Grandchild);
    let mut child = stand_in(&folder, &vip("up", Host::Two))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    assert!(child.wait().unwrap().success());
    let left = only(&folder).leaves.unwrap();
    let of = |what: &str| std::fs::read_link(format!("/proc/{left}/fd/{what}"));
    let held = std::os::fd::AsRawFd::as_raw_fd(&output);
    let pipe = std::fs::read_link(format!("/proc/self/fd/{held}")).unwrap();
    assert_eq!(of("1").unwrap(), pipe);
    // pid, name in brackets, state, parent, group, session.
    let session = || {
        let stat = std::fs::read_to_string(format!("/proc/{left}/stat")).unwrap();
        let (_, rest) = stat.rsplit_once(") ").unwrap();
        rest.split(' ').nth(3).unwrap().parse::<u32>().unwrap()
    };
    wait_until(|| session() == left);
    let pid = rustix::process::Pid::from_raw(left.cast_signed()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[test]
fn commands_at_the_same_time_all_count_and_none_undoes_another() {
    let (_temporary, folder) = pair();
    let mut commands = vec![switch(Who::SipServer2), switch(Who::VmServer2)];
    for _ in 0..4 {
        commands.push(vip("up", Host::Two));
        commands.push(vip("down", Host::One));
    }
    let writer = folder.writer();
    let children: Vec<Child> = commands
        .iter()
        .map(|command| {
            stand_in(&folder, command)
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    writer.stop().unwrap();
    folder.settle().unwrap();
    let world = folder.world().unwrap();
    assert_eq!(folder.ledger().unwrap().len(), commands.len());
    assert!(world.has_vip(Host::Two) && !world.has_vip(Host::One));
    assert!(world.is_primary(Who::SipServer2) && !world.is_primary(Who::SipServer1));
    assert!(world.is_primary(Who::VmServer2) && !world.is_primary(Who::VmServer1));
    let said = folder.said().unwrap();
    let became = said.iter().filter(|said| said.text.contains(" 04563 "));
    assert_eq!(became.count(), 2, "{said:#?}");
}

#[test]
fn the_status_command_tells_who_runs_as_what() {
    let (_temporary, folder) = pair();
    fail(&folder, Target::Host(Host::One));
    folder.settle().unwrap();
    fail(&folder, Target::Application(Who::ResourceManager2));
    let command = "mlcmd -cspassword no-secret-of-anyone -getallappstatus";
    let told = text(&call(&folder, command).stdout);
    let read = StatusText::read(&told);
    assert_eq!(
        (read.applications.len(), read.notes.len()),
        (9, 0),
        "{told}"
    );
    let of = |who: Who| {
        let mut all = read.applications.iter();
        let found = all.find(|each| each.dbid == Some(who.dbid())).unwrap();
        assert_eq!(found.name.as_deref(), Some(who.word()));
        (found.status, found.mode)
    };
    assert_eq!(of(Who::SipServer1), (Status::Unknown, Mode::Unknown));
    assert_eq!(of(Who::SipServer2), (Status::Running, Mode::Primary));
    assert_eq!(of(Who::ResourceManager2).0, Status::Stopped);
}

/// The reaction to a dead host done by hand: what the logs then hold replays to that one incident.
#[test]
fn the_logs_of_a_failure_replay_to_one_incident() {
    let (_temporary, folder) = pair();
    let writer = folder.writer();
    // First knowledge and the failure are apart, as in any night.
    std::thread::sleep(Duration::from_millis(1500));
    fail(&folder, Target::Host(Host::One));
    wait_until(|| folder.world().unwrap().is_primary(Who::SipServer2));
    for command in [vip("up", Host::Two), switch(Who::VmServer2)] {
        assert!(call(&folder, &command).status.success());
    }
    assert!(!call(&folder, &vip("down", Host::One)).status.success());
    writer.stop().unwrap();
    folder.settle().unwrap();

    let logs = folder.logs();
    let replayed = tailswitch(
        &folder,
        &["replay", "--format", "json", logs.to_str().unwrap()],
    );
    assert_eq!(
        replayed.status.code(),
        Some(0),
        "{}",
        text(&replayed.stderr)
    );
    let told = text(&replayed.stdout);
    let lines = || {
        told.lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
    };
    let incidents: Vec<_> = lines().filter(|line| line["type"] == "incident").collect();
    let [incident] = incidents.as_slice() else {
        panic!("{incidents:#?}");
    };
    let field = |name: &str| incident[name].as_str().unwrap().to_owned();
    assert_eq!(
        [field("from_host"), field("to_host"), field("state")],
        ["vmhost1", "vmhost2", "completed"]
    );
    assert_eq!(incident["cause"]["application"], "VM_SIPServer_2");
    let steps: Vec<_> = incident["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(step)
        .collect();
    assert_eq!(
        steps,
        [
            "switch-to-primary vmhost2 already-so",
            "vip-enable vmhost2 would-run",
            "vip-disable vmhost1 owed",
            "switch-to-primary vmhost2 would-run",
            "vip-announce vmhost2 would-run",
        ]
    );
    assert!(!lines().any(|line| line["type"] == "diagnostic"), "{told}");
    each_sip_message_is_passed_over(&logs, &told);
}

fn step(step: &serde_json::Value) -> String {
    let field = |name: &str| step[name].as_str().unwrap().to_owned();
    [field("action"), field("host"), field("state")].join(" ")
}

/// The noise holds the digits of every event; none came out as one.
fn each_sip_message_is_passed_over(logs: &Path, told: &str) {
    let noisy = std::fs::read_dir(logs).unwrap().any(|log| {
        let bytes = std::fs::read(log.unwrap().path()).unwrap();
        String::from_utf8_lossy(&bytes).contains("Call-ID: 4563-5064-5091-")
    });
    assert!(noisy && !told.contains("Call-ID"));
}

fn wait_until(so: impl Fn() -> bool) {
    let began = Instant::now();
    while !so() {
        assert!(began.elapsed() < SOON, "it does not come");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn end(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}
