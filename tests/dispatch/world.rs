//! What a command finds around it: nothing of whoever started the daemon.

use std::collections::BTreeMap;

use tailswitch::dispatch::{Ended, Limits, Report};

use crate::bench::{Bench, write_file};

#[test]
fn arguments_arrive_byte_for_byte() {
    let bench = Bench::new();
    let hostile = [
        "",
        " ",
        "a b",
        "a\nb\n",
        "\"'`$HOME$(id);&|<>*?[]{}!#~\\",
        "-rf",
        "--",
        "%s%n",
        "é東\u{1F4DE}",
        "\u{1b}[2J\r\t",
    ];
    let text = "for each in \"$@\"; do printf '%s\\0' \"$each\"; done >arguments";
    let argv = [&["/bin/sh", "-c", text, "sh"], &hostile[..]].concat();
    assert_eq!(bench.run(bench.job("a", &argv)).ended, Ended::Exited(0));
    let arrived = std::fs::read(bench.path("arguments")).unwrap();
    let sent: Vec<u8> = hostile
        .iter()
        .flat_map(|each| [each.as_bytes(), b"\0"].concat())
        .collect();
    assert_eq!(arrived, sent);
}

const TELL: &str = "
    echo umask=$(umask); echo folder=$PWD; echo core=$(ulimit -c) $(ulimit -Hc)
    sed -n 's/^Sig\\(Ign\\|Blk\\):\\t/\\1=/p' /proc/self/status
    echo fds=$(cd /proc/self/fd; ls)
    echo stdin=$(readlink /proc/self/fd/0)
    set -- $(sed 's/.*) //' /proc/self/stat); echo group=$3 session=$4
    echo shim=$PPID";

fn told(report: &Report) -> BTreeMap<&str, &str> {
    let lines = report.stdout.head.lines();
    lines.filter_map(|line| line.split_once('=')).collect()
}

#[test]
fn a_hostile_world_stays_outside() {
    let folder = tempfile::tempdir().unwrap();
    let shim = format!(
        "#!/bin/bash\ntrap '' HUP INT QUIT PIPE USR1 CHLD TERM TSTP\numask 0\nexec 7</etc/hosts 9>/dev/null\n\
         export LD_PRELOAD=/no/such.so BASH_ENV=/tmp/x IFS=x PATH=/tmp LANG=xx ENV=/tmp/y\nexec {} \"$@\"\n",
        env!("CARGO_BIN_EXE_tailswitch")
    );
    let shim = write_file(&folder.path().join("shim"), shim, "755");
    let bench = Bench::in_folder(folder.path(), shim, Limits::default());
    let report = bench.run(bench.sh("a", TELL));
    let world = told(&report);
    assert_eq!(world["umask"], "0077");
    assert_eq!(world["folder"], bench.folder.display().to_string());
    assert_eq!(world["core"], "0 0");
    assert_eq!(world["stdin"], "/dev/null");
    // ls has the folder open as its third.
    assert_eq!(world["fds"], "0 1 2 3");
    // The C library keeps 32 and 33 for itself: nobody can ask for their defaults.
    let ignored = u64::from_str_radix(world["Ign"], 16).unwrap();
    assert_eq!(ignored & !(0b11 << 31), 0);
    assert_eq!(world["Blk"], "0000000000000000");
    let (group, session) = world["group"].split_once(" session=").unwrap();
    assert_eq!(session, world["shim"], "the session is the shim's");
    assert_ne!(group, session, "the group is the command's own");
    let report = bench.run(bench.job("b", &["/usr/bin/env"]));
    let own = |name| std::env::var(name).unwrap();
    let (home, path) = (own("HOME"), own("PATH"));
    let mut variables: Vec<_> = report.stdout.head.lines().collect();
    variables.sort_unstable();
    assert_eq!(
        variables,
        [
            format!("HOME={home}"),
            "LANG=C.UTF-8".into(),
            format!("PATH={path}")
        ]
    );
}

#[test]
fn a_folder_is_taken_from_where_the_daemon_stands() {
    let bench = Bench::new();
    let here = std::env::current_dir().unwrap().display().to_string() + "\n";
    for folder in ["", "."] {
        let job = bench.job(&format!("in {folder}"), &["/bin/pwd"]);
        assert_eq!(bench.run(job.in_folder(folder)).stdout.head, here);
    }
}
