use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::*;
use crate::fault::{Code, Severity};

/// What `find` tells about the paths of a folder, with names relative to it.
struct Told {
    logs: Vec<String>,
    diagnostics: Vec<(Severity, Code, String)>,
}

fn told(folder: &TempDir, arguments: &[&str]) -> Told {
    let paths: Vec<PathBuf> = arguments
        .iter()
        .map(|each| folder.path().join(each))
        .collect();
    let prefix = format!("{}/", folder.path().display());
    let short = |name: &str| name.strip_prefix(&prefix).unwrap_or(name).to_owned();
    let found = find(&paths);
    Told {
        logs: found.logs.iter().map(|log| short(&log.name)).collect(),
        diagnostics: found
            .diagnostics
            .iter()
            .map(|each| (each.severity, each.code, short(&each.file)))
            .collect(),
    }
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zip_file(path: &Path, members: &[(&str, &[u8])]) {
    let mut writer = zip::ZipWriter::new(File::create(path).unwrap());
    for (name, bytes) in members {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
}

fn contents(arguments: &[PathBuf]) -> Vec<(String, Vec<u8>)> {
    let read = |log: &Captured| {
        let mut bytes = Vec::new();
        log.open().unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let named = |log: &Captured| log.name.rsplit('/').next().unwrap().to_owned();
    let found = find(arguments);
    found
        .logs
        .iter()
        .map(|log| (named(log), read(log)))
        .collect()
}

#[test]
fn a_folder_is_read_recursively_in_order_and_quiet_about_what_is_no_log() {
    let folder = folder(&[
        ("b/2.log", b"x"),
        ("b/10.log", b"x"),
        ("a.log.1", b"x"),
        ("c.txt", b"x"),
        ("tailswitch.yaml", b"x"),
        ("about.md", b"x"),
        (".git/x.log", b"x"),
    ]);
    let told = told(&folder, &[""]);
    assert_eq!(told.logs, ["a.log.1", "b/10.log", "b/2.log", "c.txt"]);
    assert_eq!(told.diagnostics, []);
}

#[test]
fn arguments_keep_their_order() {
    let folder = folder(&[("a.log", b"x"), ("b.log", b"x"), ("d/c.log", b"x")]);
    let told = told(&folder, &["d", "b.log", "a*.log"]);
    assert_eq!(told.logs, ["d/c.log", "b.log", "a.log"]);
}

#[test]
fn doubles_are_left_out_of_folders_and_patterns() {
    let folder = folder(&[
        ("sips.20261102_203000_123.log", b"x"),
        ("sips-001.20261102_203000_123.log", b"x"),
        ("sips.20261102_203000_123.snapshot.log", b"x"),
        ("sips.memory.log", b"x"),
    ]);
    let left_out = |name: &str| (Severity::Info, Code::LeftOut, name.to_owned());
    for arguments in [[""], ["*.log"]] {
        let told = told(&folder, &arguments);
        assert_eq!(told.logs, ["sips.20261102_203000_123.log"]);
        assert_eq!(
            told.diagnostics,
            [
                left_out("sips-001.20261102_203000_123.log"),
                left_out("sips.20261102_203000_123.snapshot.log"),
                left_out("sips.memory.log"),
            ]
        );
    }
}

#[test]
fn a_double_that_is_named_is_read_unless_its_main_log_is_named_too() {
    let main = "sips.20261102_203000_123.log";
    let double = "sips-001.20261102_203000_456.log";
    let folder = folder(&[(main, b"x"), (double, b"x")]);
    let alone = told(&folder, &[double]);
    assert_eq!(alone.logs, [double]);
    assert_eq!(
        alone.diagnostics,
        [(Severity::Warning, Code::LeftOut, double.to_owned())]
    );
    assert_eq!(told(&folder, &[double, main]).logs, [main]);
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_read() {
    let folder = folder(&[
        ("a.log", b"x"),
        ("none/about.md", b"x"),
        ("broken.zip", b"PK\x03\x04 not a zip"),
        ("logs.tar.gz", b"x"),
    ]);
    let arguments = [
        "missing.log",
        "none",
        "none/*.log",
        "broken.zip",
        "logs.tar.gz",
        "[",
        "a.log",
    ];
    let told = told(&folder, &arguments);
    assert_eq!(told.logs, ["a.log"]);
    let unreadable = |name: &&str| (Severity::Error, Code::Unreadable, (*name).to_owned());
    assert_eq!(
        told.diagnostics,
        arguments.iter().take(6).map(unreadable).collect::<Vec<_>>()
    );
}

#[test]
fn a_file_that_is_named_twice_is_read_once() {
    let folder = folder(&[("a.log", b"x")]);
    fs::hard_link(folder.path().join("a.log"), folder.path().join("b.log")).unwrap();
    let told = told(&folder, &["a.log", "a.log", "b.log", ""]);
    assert_eq!(told.logs, ["a.log"]);
    assert!(told.diagnostics.iter().all(|each| each.1 == Code::LeftOut));
    assert_eq!(told.diagnostics.len(), 4);
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_are_not_followed_out_of_it() {
    use std::os::unix::fs::symlink;
    let outside = folder(&[("secret.log", b"x")]);
    let folder = folder(&[("logs/a.log", b"x")]);
    let logs = folder.path().join("logs");
    symlink(outside.path().join("secret.log"), logs.join("out.log")).unwrap();
    symlink("a.log", logs.join("current.log")).unwrap();
    symlink("nowhere.log", logs.join("gone.log")).unwrap();
    symlink(&logs, logs.join("loop.log")).unwrap();
    let told = told(&folder, &["logs", "logs/out.log"]);
    assert_eq!(told.logs, ["logs/a.log", "logs/out.log"]);
    let mut names: Vec<_> = told.diagnostics.into_iter().map(|each| each.2).collect();
    names.sort();
    assert_eq!(names, ["logs/gone.log", "logs/out.log"]);
}

#[cfg(unix)]
#[test]
fn sockets_and_devices_are_no_logs() {
    let folder = folder(&[("a.log", b"x")]);
    let socket = folder.path().join("s.log");
    let _bound = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let in_folder = told(&folder, &[""]);
    assert_eq!(in_folder.logs, ["a.log"]);
    assert_eq!(
        in_folder.diagnostics,
        [(Severity::Info, Code::LeftOut, "s.log".to_owned())]
    );
    let named = told(&folder, &["s.log", "/dev/zero"]);
    assert!(named.logs.is_empty());
    assert!(
        named
            .diagnostics
            .iter()
            .all(|each| each.0 == Severity::Error)
    );
}

#[test]
fn gzip_is_known_by_its_bytes_and_all_its_members_are_read() {
    let two_members = [gzip(b"one\n"), gzip(b"two\n")].concat();
    let folder = folder(&[
        ("a.log", &two_members),
        ("plain.gz", b"not packed\n"),
        ("short.log", b"\x1f"),
    ]);
    assert_eq!(
        contents(&[folder.path().to_owned()]),
        [
            ("a.log".to_owned(), b"one\ntwo\n".to_vec()),
            ("plain.gz".to_owned(), b"not packed\n".to_vec()),
            ("short.log".to_owned(), b"\x1f".to_vec()),
        ]
    );
}

#[test]
fn a_zip_file_is_a_folder_of_logs() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("cap.zip");
    zip_file(
        &path,
        &[
            ("east/rm.log", b"rm\n"),
            ("east/about.md", b"no log"),
            ("../../up.log", b"up\n"),
            ("inner.zip", b"PK"),
            ("sips-001.20261102_203000_123.log", b"double"),
            ("packed.log.gz", &gzip(b"packed\n")),
            ("__MACOSX/east/._rm.log", b"x"),
        ],
    );
    let told = told(&folder, &["cap.zip"]);
    assert_eq!(
        told.logs,
        [
            "cap.zip!../../up.log",
            "cap.zip!east/rm.log",
            "cap.zip!packed.log.gz"
        ]
    );
    let left_out: Vec<_> = told.diagnostics.into_iter().map(|each| each.2).collect();
    assert_eq!(
        left_out,
        [
            "cap.zip!inner.zip",
            "cap.zip!sips-001.20261102_203000_123.log"
        ]
    );
    let bytes: Vec<_> = contents(&[path]).into_iter().map(|each| each.1).collect();
    assert_eq!(bytes, [&b"up\n"[..], b"rm\n", b"packed\n"]);
}

#[test]
fn a_damaged_packed_log_gives_its_head_and_then_an_error() {
    let text: Vec<u8> = (0..200_000u32)
        .flat_map(|each| each.wrapping_mul(2_654_435_761).to_le_bytes())
        .collect();
    let folder = TempDir::new().unwrap();
    let whole = gzip(&text);
    fs::write(folder.path().join("cut.log.gz"), &whole[..whole.len() / 2]).unwrap();
    let zip = folder.path().join("bad.zip");
    zip_file(&zip, &[("a.log", &text)]);
    let mut bytes = fs::read(&zip).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x55;
    fs::write(&zip, bytes).unwrap();
    let found = find(&[folder.path().to_owned()]);
    assert_eq!(found.logs.len(), 2);
    for log in &found.logs {
        let mut read = Vec::new();
        assert!(
            log.open().unwrap().read_to_end(&mut read).is_err(),
            "{}",
            log.name
        );
        assert!(!read.is_empty(), "{}", log.name);
    }
}

#[test]
fn a_log_packed_a_thousandfold_is_read_to_its_end_in_small_portions() {
    let folder = TempDir::new().unwrap();
    let giant = vec![b'x'; 8 << 20];
    let path = folder.path().join("bomb.zip");
    zip_file(&path, &[("bomb.log.gz", &gzip(&giant))]);
    let found = find(&[path]);
    assert!(found.size().unwrap() < 1 << 20);
    let mut reader = found.logs[0].open().unwrap();
    let mut portion = vec![0; 64 * 1024];
    let mut total = 0;
    loop {
        match reader.read(&mut portion).unwrap() {
            0 => break,
            length => total += length,
        }
    }
    assert_eq!(total, giant.len());
}

#[test]
fn the_stored_bytes_are_counted_up_to_the_size() {
    let text: Vec<u8> = (0..300_000u32)
        .flat_map(|each| each.to_string().into_bytes())
        .collect();
    let folder = folder(&[("plain.log", &text), ("packed.log.gz", &gzip(&text))]);
    zip_file(&folder.path().join("cap.zip"), &[("inner.log", &text)]);
    let found = find(&[folder.path().to_owned()]);
    assert_eq!(found.logs.len(), 3);
    for log in &found.logs {
        let counted = Arc::new(AtomicU64::new(0));
        let counter = counted.clone();
        let mut reader = log
            .open_counted(Arc::new(move |bytes| {
                counter.fetch_add(bytes, Ordering::Relaxed);
            }))
            .unwrap();
        io::copy(&mut reader, &mut io::sink()).unwrap();
        assert_eq!(
            Some(counted.load(Ordering::Relaxed)),
            log.size,
            "{}",
            log.name
        );
    }
}
