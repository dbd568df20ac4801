//! Names that are no logs, files that cannot be read, folders that are not there.

use super::*;

#[test]
fn hard_links_are_one_file() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    fs::hard_link(bench.path("a.log"), bench.path("b.log")).unwrap();
    bench.round();
    bench.round();
    assert_eq!(bench.events(), "1");
    let said = bench.states();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("b.log: the same file as"), "{said:?}");
    bench.remove("a.log");
    bench.write("b.log", event(2));
    bench.round();
    assert_eq!(bench.events(), "2");
}

#[test]
fn hard_links_into_another_readers_folder_are_one_file() {
    let mut bench = Bench::new(&["x/*.log", "y/*.log"]);
    for folder in ["x", "y"] {
        fs::create_dir(bench.path(folder)).unwrap();
    }
    bench.round();
    bench.write("x/a.log", format!("{HEAD}{}", event(1)));
    fs::hard_link(bench.path("x/a.log"), bench.path("y/a.log")).unwrap();
    bench.round();
    bench.round();
    assert_eq!(bench.events(), "1");
    assert_eq!(bench.states().len(), 1);
}

#[test]
fn a_file_that_two_patterns_take_has_one_reader() {
    let mut bench = Bench::begun(&["*.log", "a*.log", "**/a.log"]);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    bench.round();
    assert_eq!(bench.readers.len(), 1);
    assert_eq!(bench.events(), "1");
    assert_eq!(bench.states().len(), 2);
}

#[cfg(unix)]
#[test]
fn links_pipes_sockets_and_folders_are_left_out() {
    let mut bench = Bench::begun(&["*.log"]);
    fs::create_dir(bench.path("folder.log")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", bench.path("link.log")).unwrap();
    std::os::unix::fs::symlink(bench.path("target"), bench.path("dangling.log")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(bench.path("socket.log")).unwrap();
    let pipe = bench.path("pipe.log");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.is_ok_and(|status| status.success()));
    assert!(disk::open(&pipe).is_err()); // and does not wait for a writer
    assert!(disk::open(&bench.path("link.log")).is_err());
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    bench.round();
    assert_eq!(bench.events(), "1");
    assert_eq!(bench.states().len(), 5);
}

#[test]
fn doubles_are_left_out_and_told() {
    let mut bench = Bench::begun(&["*.log"]);
    for name in [
        "sips-001.20261102_203000_000.log",
        "sips.20261102_203000_000.snapshot.log",
        "sips.memory.log",
    ] {
        bench.write(name, format!("{HEAD}{}", event(9)));
    }
    bench.write(
        "sips.20261102_203000_000.log",
        format!("{HEAD}{}", event(1)),
    );
    bench.round();
    bench.round();
    assert_eq!(bench.events(), "1");
    assert_eq!(bench.states().len(), 3);
}

#[test]
fn a_folder_that_comes_late_or_comes_back_is_read() {
    let mut bench = Bench::begun(&["logs/*.log"]);
    bench.wait(bench.settings.folder_wait);
    assert_eq!(bench.states(), ["logs: Absent"]);
    for number in 1..3 {
        fs::create_dir(bench.path("logs")).unwrap();
        bench.write("logs/a.log", format!("{HEAD}{}", event(number)));
        bench.round();
        assert_eq!(bench.events(), number.to_string());
        fs::remove_dir_all(bench.path("logs")).unwrap();
        bench.round();
        bench.rest();
        bench.wait(bench.settings.folder_wait);
        let said = bench.states();
        assert_eq!(said, ["logs: no longer Absent", "logs: Absent"]);
    }
}

#[test]
fn an_absent_folder_at_the_start_loses_no_position() {
    let mut bench = Bench::new(&["logs/*.log"]);
    fs::create_dir(bench.path("logs")).unwrap();
    bench.round();
    bench.write("logs/a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    bench.write("logs/a.log", event(2));
    bench.rename("logs", "elsewhere");
    bench.restart();
    bench.round();
    bench.round();
    bench.rename("elsewhere", "logs");
    bench.round();
    assert_eq!(bench.events(), "1 2");
    assert_eq!(bench.states(), [""; 0]);
}

#[test]
fn silence_is_told_once_and_ends_with_a_line() {
    let mut bench = Bench::of(&["{ path: '*.log', silent_after: 10m }".to_owned()]);
    bench.round();
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    for _ in 0..3 {
        bench.wait(Duration::from_secs(400));
    }
    bench.write("a.log", event(2));
    bench.round();
    let said = bench.states();
    assert_eq!(said, ["a.log: Silent", "a.log: no longer Silent"]);
}

#[test]
fn more_files_than_handles_are_all_read() {
    let mut bench = Bench::new(&["*.log"]);
    bench.settings.handles_max = 3;
    bench.restart();
    bench.round();
    for number in 0..9 {
        bench.write(&format!("{number}.log"), format!("{HEAD}{}", event(number)));
    }
    bench.round();
    assert_eq!(bench.events(), "0 1 2 3 4 5 6 7 8");
    for number in 0..9 {
        bench.write(&format!("{number}.log"), event(10 + number));
    }
    bench.round();
    assert_eq!(bench.events(), "10 11 12 13 14 15 16 17 18");
    let open: usize = bench.readers.iter().map(Reader::handles).sum();
    assert_eq!(open, 3);
}

#[test]
fn a_listing_has_a_limit() {
    let mut bench = Bench::new(&["*.log"]);
    bench.settings.entries_max = 5;
    bench.restart();
    for number in 0..9 {
        bench.write(&format!("{number}.log"), HEAD);
    }
    bench.round();
    bench.round();
    let said = bench.states();
    assert_eq!(said.len(), 1);
    assert!(said[0].ends_with("TooMany"), "{said:?}");
}
