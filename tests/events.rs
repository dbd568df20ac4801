//! `tailswitch events`, as a script meets it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

const SIPS: &str = "\
Application name:\tVM_SIPServer_2
Application type:\tTServer (1)
Host name:\tvmhost2
Time zone:\t0, UTC

2026-11-02T20:31:07.412 Std 04563 Hot Standby (Primary) mode activated
2026-11-02T20:31:08.000 Trc 33009 4563 times nothing
";

const RM: &str = "\
2026-11-02T20:31:05.100   Standard   vmhost1   RM 1   GCTI-00-05064   Application terminated
2026-11-02T20:31:05.200   Standard   vmhost1   RM 1   GCTI-00-05091   Application termination detected
";

fn events(folder: &TempDir, arguments: &[&str]) -> Output {
    command(folder).args(arguments).output().unwrap()
}

fn command(folder: &TempDir) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("tailswitch"));
    command
        .current_dir(folder.path())
        .env_remove("TAILSWITCH_CONFIG")
        .arg("events");
    command
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("sips.log"), SIPS).unwrap();
    fs::write(folder.path().join("rm.log"), RM).unwrap();
    folder
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn objects(output: &Output) -> Vec<Value> {
    let lines = stdout(output);
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn events_are_json_objects_with_a_summary_behind() {
    let folder = folder();
    let output = events(&folder, &["sips.log", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let lines = stdout(&output);
    let expected = format!(
        concat!(
            r#"{{"type":"event","time":"2026-11-02T20:31:07.412Z","id":"04563","kind":"became-primary","#,
            r#""application":"VM_SIPServer_2","dbid":null,"host":"vmhost2","solution":null,"level":"Std","#,
            r#""text":"Hot Standby (Primary) mode activated","file":"sips.log","line":6,"offset":{}}}"#,
            "\n",
            r#"{{"type":"summary","files":1,"bytes":{},"records":2,"events":1}}"#,
            "\n"
        ),
        SIPS.find("2026").unwrap(),
        SIPS.len()
    );
    assert_eq!(lines, expected);
}

#[test]
fn tsv_has_the_fields_that_are_asked_for_and_no_heading() {
    let folder = folder();
    let output = events(
        &folder,
        &[
            "rm.log",
            "sips.log",
            "--format",
            "tsv",
            "--columns",
            "id,application,line",
            "--id",
            "GCTI-00-04563,5091",
        ],
    );
    assert_eq!(
        stdout(&output),
        "05091\tRM 1\t2\n04563\tVM_SIPServer_2\t6\n"
    );
}

#[test]
fn text_is_in_columns() {
    let folder = folder();
    let output = events(&folder, &["rm.log"]);
    let lines = stdout(&output);
    let starts: Vec<_> = lines
        .lines()
        .map(|line| line.find("RM 1").unwrap())
        .collect();
    assert_eq!(starts.len(), 2);
    assert_eq!(starts[0], starts[1]);
}

#[test]
fn output_is_the_same_with_any_number_of_threads() {
    let folder = TempDir::new().unwrap();
    for each in 0..30 {
        let text = RM.repeat(1 + each % 7 * 300);
        fs::write(folder.path().join(format!("{each:02}.log")), text).unwrap();
    }
    let one = events(&folder, &[".", "--format", "json", "--threads", "1"]);
    let many = events(&folder, &[".", "--format", "json", "--threads", "7"]);
    assert_eq!(one.status.code(), Some(0));
    assert!(one.stdout == many.stdout);
    let files: Vec<_> = objects(&one)
        .iter()
        .filter_map(|each| Some(each.get("file")?.as_str()?.to_owned()))
        .collect();
    assert!(files.is_sorted());
}

#[test]
fn packed_logs_and_standard_input_give_the_same_events() {
    let folder = folder();
    let mut gz = GzEncoder::new(
        File::create(folder.path().join("a.log.gz")).unwrap(),
        Compression::fast(),
    );
    gz.write_all(SIPS.as_bytes()).unwrap();
    gz.finish().unwrap();
    let mut zip = zip::ZipWriter::new(File::create(folder.path().join("cap.zip")).unwrap());
    zip.start_file("logs/a.log", SimpleFileOptions::default())
        .unwrap();
    zip.write_all(SIPS.as_bytes()).unwrap();
    zip.finish().unwrap();
    let columns = [
        "--format",
        "tsv",
        "--columns",
        "time,id,application,host,line,offset,file",
    ];
    let plain = stdout(&events(&folder, &[&["sips.log"][..], &columns].concat()));
    for (argument, name) in [
        ("a.log.gz", "a.log.gz"),
        ("cap.zip", "cap.zip!logs/a.log"),
        ("-", "-"),
    ] {
        let mut command = command(&folder);
        command
            .arg(argument)
            .args(columns)
            .stdin(File::open(folder.path().join("sips.log")).unwrap());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(stdout(&output), plain.replace("sips.log", name));
    }
}

#[test]
fn a_missing_log_is_told_and_the_others_are_read() {
    let folder = folder();
    let output = events(
        &folder,
        &["gone.log", "sips.log", "--format", "tsv", "--columns", "id"],
    );
    assert_eq!(output.status.code(), Some(65));
    assert_eq!(stdout(&output), "04563\n");
    assert!(
        stderr(&output).starts_with("gone.log: error: "),
        "{}",
        stderr(&output)
    );
    assert!(stderr(&output).contains("[unreadable]"));

    let output = events(&folder, &["gone.log", "sips.log", "--format", "json"]);
    assert_eq!(output.status.code(), Some(65));
    assert_eq!(stderr(&output), "");
    let objects = objects(&output);
    let kinds: Vec<_> = objects
        .iter()
        .map(|each| each["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["diagnostic", "event", "summary"]);
    assert_eq!(objects[0]["code"], "unreadable");
}

#[test]
fn a_log_that_is_cut_off_gives_its_events_and_an_error() {
    let folder = folder();
    let mut gz = GzEncoder::new(Vec::new(), Compression::none());
    gz.write_all(&[SIPS.as_bytes(), &vec![b'.'; 1 << 20]].concat())
        .unwrap();
    let mut bytes = gz.finish().unwrap();
    bytes.truncate(bytes.len() / 2);
    fs::write(folder.path().join("cut.log.gz"), bytes).unwrap();
    let output = events(&folder, &["cut.log.gz", "--format", "json"]);
    assert_eq!(output.status.code(), Some(65));
    let objects = objects(&output);
    assert!(objects.iter().any(|each| each["id"] == "04563"));
    assert!(objects.iter().any(|each| each["code"] == "unreadable"));
}

#[test]
fn an_empty_log_is_a_warning() {
    let folder = folder();
    fs::write(folder.path().join("empty.log"), "").unwrap();
    let output = events(&folder, &["empty.log"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        stderr(&output),
        "empty.log: warning: the file is empty [empty-file]\n"
    );
}

#[test]
fn a_reader_that_leaves_early_is_no_failure() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("rm.log"), RM.repeat(20_000)).unwrap();
    for format in ["text", "json", "tsv"] {
        let mut command = command(&folder);
        command
            .args(["rm.log", "--format", format])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert!(!stderr(&output).contains("error"), "{}", stderr(&output));
    }
}

#[cfg(unix)]
#[test]
fn hostile_names_and_texts_reach_no_terminal() {
    let folder = TempDir::new().unwrap();
    let name = "a\n\u{1b}[2J\u{202e}.log";
    let text = "2026-11-02T20:31:07.412Z Std 04563 Hot\u{1b}]0;x\u{7}\tStandby \u{9b}31m\n";
    fs::write(Path::new(folder.path()).join(name), text).unwrap();
    for format in ["text", "json", "tsv"] {
        let output = events(&folder, &[".", "--format", format]);
        let all = stdout(&output) + &stderr(&output);
        assert!(all.contains("04563"), "{all}");
        let unsafe_ones: Vec<_> = all
            .chars()
            .filter(|each| !matches!(each, '\n' | '\t') && tailswitch::escape::is_unsafe(*each))
            .collect();
        assert!(unsafe_ones.is_empty(), "{format}: {unsafe_ones:?}");
        assert_eq!(
            stdout(&output)
                .lines()
                .filter(|line| line.contains("04563"))
                .count(),
            1
        );
    }
}

#[test]
fn columns_are_not_for_json() {
    let folder = folder();
    let output = events(
        &folder,
        &["sips.log", "--format", "json", "--columns", "id"],
    );
    assert_eq!(output.status.code(), Some(2));
}

const CONFIG: &str = "\
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
      VM_Server_2: { dbid: 154, component: vm-server, host: vmhost2 }
      RM 1: { dbid: 155, component: resource-manager, host: vmhost1 }
sources:
  - { path: \"bare/*.log\", application: RM 1 }
  - { path: \"*.log\" }
";

#[test]
fn a_configuration_adds_names_dbids_and_solutions() {
    let folder = folder();
    fs::write(folder.path().join("tailswitch.yaml"), CONFIG).unwrap();
    fs::create_dir(folder.path().join("bare")).unwrap();
    let bare = "2026-11-02T20:31:05.100 Std 05064 Application terminated\n";
    fs::write(folder.path().join("bare/x.log"), bare).unwrap();
    let fields = |arguments: &[&str]| -> Vec<String> {
        let output = events(&folder, arguments);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        objects(&output)
            .iter()
            .filter(|each| each["type"] == "event")
            .map(|each| {
                format!(
                    "{} {} {} {}",
                    each["application"], each["dbid"], each["host"], each["solution"]
                )
            })
            .collect()
    };
    let logs = ["sips.log", "bare/x.log", "--format", "json"];
    assert_eq!(
        fields(&[&logs[..], &["-c", "tailswitch.yaml"]].concat()),
        [
            r#""VM_SIPServer_2" 152 "vmhost2" "east""#,
            r#""RM 1" 155 "vmhost1" "east""#,
        ]
    );
    // A configuration that only lies there changes nothing.
    assert_eq!(
        fields(&logs),
        [
            r#""VM_SIPServer_2" null "vmhost2" null"#,
            "null null null null"
        ]
    );
}

#[test]
fn a_wrong_configuration_is_told_with_its_place() {
    let folder = folder();
    fs::write(
        folder.path().join("bad.yaml"),
        CONFIG.replace("vip:", "vipp:"),
    )
    .unwrap();
    let output = events(&folder, &["sips.log", "-c", "bad.yaml"]);
    assert_eq!(output.status.code(), Some(78));
    assert!(
        stderr(&output).starts_with("bad.yaml:6:5: error: "),
        "{}",
        stderr(&output)
    );
    assert_eq!(stdout(&output), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_named_pipe_is_read_once() {
    let folder = folder();
    let mut command = command(&folder);
    command
        .args(["/dev/stdin", "--format", "tsv", "--columns", "id"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(SIPS.as_bytes())
        .unwrap();
    assert_eq!(stdout(&child.wait_with_output().unwrap()), "04563\n");
}
