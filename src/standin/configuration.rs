//! The pair's `tailswitch.yaml`: what the daemon is told of the simulated pair.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::cast::{Host, SOLUTION, VIP, Who};

/// What the configuration of a folder is made for.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program whose `stand-in` the commands are.
    pub program: PathBuf,
    /// Where the daemon's page and API listen.
    pub listen: SocketAddr,
    /// Settings of the pair, put over the short ones that are used otherwise: `("confirm", "200ms")`.
    pub settings: Vec<(String, String)>,
    /// Lines added at the end of the file.
    pub more: String,
}

/// Short enough to see a whole incident in a few seconds.
const SETTINGS: [(&str, &str); 7] = [
    ("mode", "active"),
    ("window", "3s"),
    ("window_max", "10s"),
    ("confirm", "1s"),
    ("block", "10s"),
    ("verify", "5s"),
    ("event_age_max", "60s"),
];

impl Options {
    pub fn new(program: impl Into<PathBuf>, listen: SocketAddr) -> Options {
        Options {
            program: program.into(),
            listen,
            settings: Vec::new(),
            more: String::new(),
        }
    }

    /// With one setting of the pair.
    pub fn with(mut self, key: &str, value: &str) -> Options {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }
}

/// The whole file.
pub(super) fn configuration(options: &Options) -> String {
    let head = "\
# A simulated pair: its logs are written by a stand-in for the field, and its commands change that field.
# `world.json` is what is so, `ledger.jsonl` what was started, `said.jsonl` what the logs said of it.";
    let program = quoted(&options.program.display().to_string());
    let mlcmd = format!(
        r#"{program}, stand-in, mlcmd, "-csuser", tailswitch, "-cspassword", "{{secret:password}}""#
    );
    let vip =
        |verb: &str| format!(r#"[{program}, stand-in, vip, {verb}, "{{vip}}", on, "{{address}}"]"#);
    let probe = |state: &str| vip(&format!("probe, {state}"));
    format!(
        r#"{head}
state: state
listen: {listen}
token_file: token
poll: 100ms
solutions:
{solution}sources:
  - {{ path: "logs/*.log" }}
actions:
  switch-to-primary: {{ command: [{mlcmd}, "-switch", "{{dbid}}"], timeout: 5s }}
  vip-enable:
    command: {up}
    timeout: 3s
    probe: {{ command: {is_up}, timeout: 2s }}
  vip-disable:
    command: {down}
    timeout: 2s
    probe: {{ command: {is_down}, timeout: 2s }}
  vip-announce: {{ command: {announce}, timeout: 2s }}
status: {{ command: [{mlcmd}, "-getallappstatus"], every: 2s, timeout: 2s }}
secrets: {{ password: {{ file: mlcmd.pw }} }}
alerts:
  - {{ file: alerts.jsonl }}
{more}"#,
        listen = options.listen,
        solution = solution(options),
        up = vip("up"),
        down = vip("down"),
        announce = vip("announce"),
        is_up = probe("up"),
        is_down = probe("down"),
        more = options.more,
    )
}

fn solution(options: &Options) -> String {
    let mut lines = vec![format!("  {SOLUTION}:"), "    hosts:".to_owned()];
    for host in Host::ALL {
        lines.push(format!("      {host}: {{ address: {} }}", host.address()));
    }
    lines.push(format!("    vip: {VIP}"));
    lines.push("    applications:".to_owned());
    for who in Who::applications() {
        let host = who.host().map(|host| format!(", host: {host}"));
        lines.push(format!(
            "      {:<15} {{ dbid: {}, component: {}{} }}",
            format!("{who}:"),
            who.dbid(),
            who.kind().component(),
            host.unwrap_or_default()
        ));
    }
    let over = |key: &str| options.settings.iter().any(|(name, _)| name == key);
    let short = SETTINGS.iter().filter(|(key, _)| !over(key));
    let short = short.map(|(key, value)| (*key, *value));
    let given = options.settings.iter();
    let given = given.map(|(key, value)| (key.as_str(), value.as_str()));
    lines.extend(
        short
            .chain(given)
            .map(|(key, value)| format!("    {key}: {value}")),
    );
    lines.join("\n") + "\n"
}

/// As a text of YAML, whatever a path holds.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
