//! `replay` on the command line: options that name something, and what comes of a name that is not there.

use std::process::{Command, Output};

use tempfile::TempDir;

const CONFIG: &str = "
solutions:
  east:
    hosts: { vmhost1: { aliases: [10.0.0.11] }, vmhost2: {} }
    vip: 10.0.0.10
    applications:
      VM_SIPServer_1: { dbid: 151, component: vm-sip-server, host: vmhost1 }
      VM_SIPServer_2: { dbid: 152, component: vm-sip-server, host: vmhost2 }
";

/// Of VM_SIPServer_2, which becomes primary.
const LOG: &str = "Application name: VM_SIPServer_2
Host name: vmhost2
Time zone: 0

2026-11-02T20:31:07.412 Std 04563 Hot Standby (Primary) mode activated
";

/// A replay in a folder with the configuration and the log.
fn replay(options: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("tailswitch.yaml"), CONFIG).unwrap();
    std::fs::write(folder.path().join("sips2.log"), LOG).unwrap();
    Command::new(assert_cmd::cargo::cargo_bin!("tailswitch"))
        .current_dir(folder.path())
        .env_remove("TAILSWITCH_CONFIG")
        .args(["replay", "sips2.log", "--format", "json"])
        .args(options)
        .output()
        .unwrap()
}

#[test]
fn a_step_that_no_solution_can_have_cannot_be_made_to_fail() {
    for (target, code) in [("vmhost2", 0), ("VM_SIPServer_2", 0), ("vmhost3", 2)] {
        let output = replay(&["--fail", &format!("vip-enable@{target}=error")]);
        assert_eq!(output.status.code(), Some(code), "{target}");
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(message.contains(target), code == 2, "{message}");
    }
}

#[test]
fn a_host_whose_time_is_moved_and_that_wrote_no_log_is_told() {
    for (host, told) in [
        ("vmhost2", false),
        ("VMHOST2", false),
        ("vmhost1", true),
        ("nobody", true),
    ] {
        for option in ["--shift", "--delay"] {
            let output = replay(&[option, &format!("{host}=5s")]);
            assert_eq!(output.status.code(), Some(0), "{option} {host}");
            let lines = String::from_utf8(output.stdout).unwrap();
            let diagnostic = format!(r#""code":"unknown-host","file":"{host}""#);
            assert_eq!(lines.contains(&diagnostic), told, "{lines}");
        }
    }
}

#[test]
fn an_active_pair_is_replayed_like_one_that_only_alerts() {
    let actions = ["switch-to-primary", "vip-enable", "vip-disable"]
        .map(|action| format!("actions.{action}={{command: [none]}}"));
    let replayed = |mode: &str| {
        let mode = format!("solutions.east.mode={mode}");
        let mut options = vec!["--set", &mode];
        options.extend(actions.iter().flat_map(|action| ["--set", action]));
        let output = replay(&options);
        assert_eq!(output.status.code(), Some(0), "{mode}");
        String::from_utf8(output.stdout).unwrap()
    };
    let active = replayed("active");
    assert!(active.contains(r#""state":"would-run""#), "{active}");
    assert_eq!(active, replayed("alert-only"));
}
