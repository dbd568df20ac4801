use super::*;
use crate::config::InMemory;

const SAMPLE: &str = include_str!("../config/sample.yaml");

/// A machine on which the sample lacks nothing.
fn machine(text: &str) -> InMemory {
    InMemory::default()
        .file("/etc/ts/tailswitch.yaml", text, 0o640)
        .file("/etc/ts/mlcmd.pw", "geheim\n", 0o600)
        .file("/etc/ts/logs/sip.log", "", 0o644)
        .file("/etc/ts/scs/SCS_P.20261102.log", "", 0o644)
        .file("/etc/ts/sips2/app.log", "", 0o644)
        .file("/usr/bin/ssh", "", 0o755)
        .file("/usr/bin/notify", "", 0o755)
        .file("/opt/gcti/mlcmd_64", "", 0o755)
        .with_variable("MLCMD_USER", "operator")
        .with_variable("PATH", "/usr/bin:/opt/gcti")
}

fn report(files: &InMemory) -> Report {
    check(files, Path::new("/etc/ts/tailswitch.yaml"), &[])
}

fn texts(report: &Report) -> Vec<String> {
    let short = |fault: &Fault| fault.to_string().replace("/etc/ts/tailswitch.yaml:", "");
    report.faults.iter().map(short).collect()
}

#[test]
fn a_machine_that_has_everything_has_no_faults() {
    assert_eq!(texts(&report(&machine(SAMPLE))), [""; 0]);
}

#[test]
fn an_authority_is_a_file_with_certificates() {
    let text = format!(
        "{SAMPLE}  - {{ webhook: {{ url: https://hook, ca: ca.pem }} }}\n  - {{ webhook: {{ url: https://hook, ca: key.pem }} }}\n"
    );
    let files = machine(&text).file("/etc/ts/key.pem", "no certificate", 0o644);
    assert_eq!(
        texts(&report(&files)),
        [
            "39:41: error: alerts.2.webhook.ca: cannot read /etc/ts/ca.pem: entity not found",
            "40:41: error: alerts.3.webhook.ca: /etc/ts/key.pem holds no certificates as PEM",
        ]
    );
}

#[test]
fn what_the_machine_lacks_is_told_at_the_value_that_asks_for_it() {
    let bare = InMemory::default()
        .file("/etc/ts/tailswitch.yaml", SAMPLE, 0o666)
        .file("/etc/ts/mlcmd.pw", "geheim\n", 0o644)
        .file("/usr/bin/ssh", "", 0o644)
        .with_variable("PATH", "/usr/bin");
    let report = report(&bare);
    assert_eq!(
        texts(&report),
        [
            " warning: /etc/ts/tailswitch.yaml can be changed by other users (mode 0666) (chmod 0644 /etc/ts/tailswitch.yaml)",
            "26:13: warning: sources.0.path: no file fits `/etc/ts/logs/*.log`",
            "27:13: warning: sources.1.path: no file fits `/etc/ts/scs/SCS_P*.log`",
            "28:13: warning: sources.2.path: no file fits `/etc/ts/sips2/app.log`",
            "30:33: warning: actions.switch-to-primary.command: no program `mlcmd_64` in PATH (/usr/bin)",
            "31:33: warning: actions.vip-enable.command: no program `ssh` in PATH (/usr/bin)",
            "31:104: warning: actions.vip-enable.probe.command: no program `ssh` in PATH (/usr/bin)",
            "32:33: warning: actions.vip-disable.command: no program `ssh` in PATH (/usr/bin)",
            "33:33: warning: actions.vip-announce.command: no program `ssh` in PATH (/usr/bin)",
            "34:20: warning: status.command: no program `mlcmd_64` in PATH (/usr/bin)",
            "35:22: warning: secrets.password: /etc/ts/mlcmd.pw can be read by other users (mode 0644) (chmod 0600 /etc/ts/mlcmd.pw)",
            "35:48: error: secrets.user: the environment variable `MLCMD_USER` is not set",
            "37:16: warning: alerts.0.command: no program `notify` in PATH (/usr/bin)",
        ]
    );
    assert_eq!(
        (
            report.count(Severity::Error),
            report.count(Severity::Warning)
        ),
        (1, 12)
    );
}

#[test]
fn the_machine_is_looked_at_even_where_the_text_is_wrong() {
    let text = SAMPLE
        .replace("window: 30s", "window: soon")
        .replace("[notify,", "[./notify,")
        .replace("listen:", "token_file: token\nlisten:");
    assert_eq!(
        texts(&report(&machine(&text))),
        [
            "3:13: error: token_file: cannot read /etc/ts/token: entity not found",
            "22:13: error: solutions.east.window: found `soon`, expected a duration (as in 250ms, 5s, 2m, 1h30m)",
            "38:16: warning: alerts.0.command: no program at /etc/ts/./notify",
        ]
    );
}

#[test]
fn a_pack_that_does_not_keep_its_samples_is_told() {
    let pack = "pack: site\nrules:\n  - { id: '09999', kind: failed }\nsamples:\n  - line: '2026-11-02T20:31:07.412 Std 09998 Gone'\n    event: { id: '09999', kind: failed }\n";
    let files = machine(&SAMPLE.replace("listen:", "packs: [site.yaml]\nlisten:")).file(
        "/etc/ts/site.yaml",
        pack,
        0o644,
    );
    let report = report(&files);
    let files: Vec<&str> = report
        .faults
        .iter()
        .map(|fault| &*fault.place.file)
        .collect();
    assert_eq!(files, ["/etc/ts/site.yaml"], "{report:?}");
}

#[test]
fn a_pack_for_which_logs_are_read_line_by_line_is_told() {
    let pack = "pack: site\nrules:\n  - { name: Any, line: '[0-9]+ x', kind: noted }\n";
    let files = machine(&SAMPLE.replace("listen:", "packs: [site.yaml]\nlisten:")).file(
        "/etc/ts/site.yaml",
        pack,
        0o644,
    );
    let report = report(&files);
    assert_eq!(
        report.count(Severity::Error) + report.count(Severity::Warning),
        0
    );
    let told: Vec<String> = report.faults.iter().map(ToString::to_string).collect();
    assert!(
        told.len() == 1 && told[0].contains("read line by line"),
        "{told:?}"
    );
}

#[test]
fn a_fault_is_shown_with_its_line_and_a_mark_below_its_column() {
    let text = SAMPLE.replace("    window: 30s", "    window: soon\t# a tab");
    let files = machine(&text).file("/etc/ts/mlcmd.pw", "geheim", 0o640);
    assert_eq!(
        report(&files).annotated(&files),
        "/etc/ts/tailswitch.yaml:21:13: error: solutions.east.window: found `soon`, expected a duration (as in 250ms, 5s, 2m, 1h30m)
   21 |     window: soon # a tab
      |             ^
/etc/ts/tailswitch.yaml:35:22: warning: secrets.password: /etc/ts/mlcmd.pw can be read by other users (mode 0640) (chmod 0600 /etc/ts/mlcmd.pw)
   35 | secrets: { password: { file: mlcmd.pw }, user: { env: MLCMD_USER } }
      |                      ^
"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_one_fault_without_a_line() {
    let files = InMemory::default();
    let report = check(&files, Path::new("t.yaml"), &[]);
    assert_eq!(
        report.annotated(&files),
        "t.yaml: error: cannot read it: entity not found\n"
    );
}
