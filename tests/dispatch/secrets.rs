//! A secret is in the command's own arguments and nowhere else.

use std::path::Path;

use tailswitch::config::{self, InMemory, Secrets};
use tailswitch::dispatch::Ended;

use crate::bench::{Bench, not_run};

const CANARY: &str = "Kanarienvogel/7 ü";

const CONFIG: &str = "
solutions:
  east:
    hosts: { vmhost1: {}, vmhost2: {} }
    applications:
      VM_SIPServer_1: { dbid: 151, component: vm-sip-server, host: vmhost1 }
      VM_SIPServer_2: { dbid: 152, component: vm-sip-server, host: vmhost2 }
sources: [{ path: '*.log' }]
secrets: { password: { env: PW } }
";

fn secrets() -> Secrets {
    let files = InMemory::default()
        .file("c.yaml", CONFIG, 0o600)
        .with_variable("PW", CANARY);
    let loaded = config::load(&files, Path::new("c.yaml"), &[]);
    let faults = loaded.faults;
    let mut secrets = loaded
        .config
        .unwrap_or_else(|| panic!("{faults:?}"))
        .secrets;
    assert_eq!(secrets.read(&files), []);
    secrets
}

/// Every file below a folder, as bytes.
fn all_bytes(folder: &Path, bytes: &mut Vec<u8>) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            all_bytes(&entry.path(), bytes);
        } else {
            bytes.extend(std::fs::read(entry.path()).unwrap());
        }
    }
}

fn assert_not_in(bytes: &[u8], what: &str) {
    let canary = CANARY.as_bytes();
    let parts = [canary, &canary[..8], &canary[canary.len() - 6..]];
    for part in parts {
        assert!(
            !bytes.windows(part.len()).any(|window| window == part),
            "{what}"
        );
    }
}

#[test]
fn a_secret_is_in_nothing_that_is_kept_or_said() {
    let bench = Bench::new();
    let secrets = secrets();
    let text = "test \"$1\" = \"$2\" || exit 9
        grep -c -F -e \"$1\" /proc/$PPID/cmdline /proc/$PPID/environ >seen
        printf '<%s>' \"$1\"; printf '<%s>' \"$1\" >&2; printf %s \"$1\" | iconv -t UTF-16LE; exit 4";
    let job = bench.job("a", &["/bin/sh", "-c", text, "sh", CANARY, CANARY]);
    let job = job.masking(&secrets);
    assert_not_in(format!("{job:?}").as_bytes(), "the job");
    let report = bench.run(job);
    assert_eq!(report.ended, Ended::Exited(4));
    assert!(report.stdout.head.starts_with("<***>"));
    assert_eq!(report.stderr.head, "<***>");
    assert_not_in(
        format!("{report:?} {:?}", report.outcome()).as_bytes(),
        "the report",
    );
    let seen = bench.written("seen");
    assert_eq!(
        seen.matches(":0\n").count(),
        2,
        "the shim's arguments and environment: {seen}"
    );
    let mut kept = Vec::new();
    all_bytes(&bench.path("state"), &mut kept);
    assert!(!kept.is_empty());
    assert_not_in(&kept, "the state folder");
}

#[test]
fn a_secret_in_the_name_of_a_program_is_not_told_by_the_error() {
    let bench = Bench::new();
    let job = bench
        .job("a", &[&format!("/no/{CANARY}"), "x"])
        .masking(&secrets());
    let report = bench.run(job);
    assert!(
        not_run(&report).contains("cannot run /no/***"),
        "{report:?}"
    );
}

#[test]
fn a_secret_over_the_cut_is_masked() {
    let bench = Bench::new();
    let text = "head -c 65530 /dev/zero | tr '\\0' x; printf %s \"$1\"; head -c 99999 /dev/zero | tr '\\0' y
        printf %s \"$1\"; head -c 65530 /dev/zero | tr '\\0' z";
    let job = bench.job("a", &["/bin/sh", "-c", text, "sh", CANARY]);
    let report = bench.run(job.masking(&secrets()));
    assert!(report.stdout.head.ends_with("x***"));
    assert!(report.stdout.tail.starts_with("***z"));
}
