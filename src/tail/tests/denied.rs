//! Files that the system refuses: by permission, by want of handles, by faults of the disk.

use super::*;

/// Runs a test of this file once more in a process of its own, and as somebody who is not root. False if it is that
/// process already.
#[cfg(unix)]
fn in_own_process(test: &str) -> bool {
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    const MARK: &str = "TAILSWITCH_TEST_ALONE";
    if std::env::var_os(MARK).is_some() {
        return false;
    }
    // Where this program lies, others may have no way to.
    let copied = tempfile::tempdir().unwrap();
    let program = copied.path().join("test");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    for path in [copied.path(), &program] {
        let all = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(path, all).unwrap();
    }
    let mut command = Command::new(&program);
    command
        .args([
            "--exact",
            "--nocapture",
            &format!("tail::tests::denied::{test}"),
        ])
        .current_dir(copied.path())
        .env(MARK, "1");
    if rustix::process::geteuid().is_root() {
        command.uid(65_534).gid(65_534);
    }
    // A process that another test starts just now has the copy open for writing until it is a program of its own.
    let output = loop {
        match command.output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::yield_now();
            }
            output => break output.unwrap(),
        }
    };
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}"
    );
    true
}

#[cfg(unix)]
fn allow(path: &Path, mode: u32) {
    let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
    fs::set_permissions(path, mode).unwrap();
}

#[cfg(unix)]
#[test]
fn a_permission_that_comes_back_goes_on_at_the_old_place() {
    if in_own_process("a_permission_that_comes_back_goes_on_at_the_old_place") {
        return;
    }
    let mut bench = Bench::begun(&["*.log"]);
    let log = bench.path("a.log");
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    bench.write("a.log", event(2));
    allow(&log, 0o000);
    bench.restart();
    for _ in 0..3 {
        bench.round();
    }
    allow(&log, 0o600);
    bench.round();
    assert_eq!(bench.events(), "1 2");
    let said = bench.states();
    assert_eq!(said, ["a.log: Unreadable", "a.log: no longer Unreadable"]);
    allow(bench.folder.path(), 0o000);
    bench.round();
    allow(bench.folder.path(), 0o700);
    bench.write("b.log", format!("{HEAD}{}", event(3)));
    bench.round();
    assert_eq!(bench.events(), "3");
    let said = bench.states();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].ends_with(": Unreadable"), "{said:?}");
}

#[cfg(unix)]
#[test]
fn without_handles_the_essential_files_stay_open() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    if in_own_process("without_handles_the_essential_files_stay_open") {
        return;
    }
    let mut bench = Bench::begun(&["*.log"]);
    let essential = HEAD.replace("SIPS 2", "A"); // the application that the VIP follows
    bench.write("a.log", format!("{essential}{}", event(1)));
    bench.round();
    let used = fs::read_dir("/proc/self/fd").unwrap().count() as u64;
    let whole = getrlimit(Resource::Nofile);
    let limit = |current| {
        let (current, maximum) = (Some(current), whole.maximum);
        setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
    };
    for number in 10..40 {
        bench.write(&format!("{number}.log"), format!("{HEAD}{}", event(number)));
    }
    limit(used + 8);
    bench.round();
    bench.now += Duration::from_secs(60);
    bench.look();
    limit(whole.current.unwrap());
    bench.write("a.log", event(2));
    limit(used);
    bench.look();
    limit(whole.current.unwrap());
    let told = bench.events();
    assert!(told.starts_with("1 ") && told.ends_with(" 2"), "{told}");
    bench.wait(Duration::from_secs(60));
    let rest = bench.events();
    let mut all: Vec<u32> = told
        .split(' ')
        .chain(rest.split(' ').filter(|number| !number.is_empty()))
        .map(|number| number.parse().unwrap())
        .collect();
    all.sort_unstable();
    let expected: Vec<u32> = (1..=2).chain(10..40).collect();
    assert_eq!(all, expected);
    let said = bench.states();
    let begun = said
        .iter()
        .filter(|said| said.ends_with(": TooMany"))
        .count();
    let ended = said
        .iter()
        .filter(|said| said.ends_with("no longer TooMany"));
    assert!(begun > 0, "{said:?}");
    assert_eq!(begun, ended.count(), "{said:?}");
}

#[test]
fn a_fault_of_the_disk_is_tried_again_at_the_same_place() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    let log = bench.path("a.log");
    let segments = bench.readers[0].logs.values_mut();
    let segment = segments.flat_map(|log| &mut log.segments).next().unwrap();
    // A handle that can only write stands for a disk that cannot be read.
    segment.file.handle = Some(File::options().append(true).open(&log).unwrap());
    bench.write("a.log", event(2));
    for _ in 0..5 {
        bench.look();
    }
    assert_eq!(bench.events(), "1"); // it is not tried at every look
    for _ in 0..5 {
        bench.now += Duration::from_secs(1);
        bench.look();
    }
    assert_eq!(bench.events(), "2");
    let said = bench.states();
    assert_eq!(said, ["a.log: Unreadable", "a.log: no longer Unreadable"]);
}

#[test]
fn a_file_that_is_gone_before_it_could_be_opened_is_told() {
    let mut bench = Bench::new(&["*.log"]);
    bench.settings.handles_max = 0;
    bench.restart();
    bench.round();
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    bench.write("a.log", event(2));
    bench.remove("a.log");
    bench.round();
    assert_eq!(bench.events(), "1");
    assert_eq!(bench.states(), ["a.log: Gap"]);
}
