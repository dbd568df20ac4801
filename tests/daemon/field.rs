//! What the daemon finds on its machine: a configuration, the logs of a pair, and the commands that change the pair.
//!
//! Host 1 leads. A command first notes its start in the ledger, and then does what is laid for it in `acts`, which is
//! by default what the field does.

/// The commands: `act ACTION TARGET STEP`.
pub const ACT: &str = r#"#!/bin/sh
# One write, so lines of commands that start at once do not mix.
echo "$1 $2 $3" >>ledger
say() { echo "$(date -u +%FT%T.%3N) Std $2" >>"logs/$1.log"; }
primary() {
    case $1 in
        151) say sips1 "04563 Hot Standby (Primary) mode activated" ;;
        152) say sips2 "04563 Hot Standby (Primary) mode activated" ;;
        153) say vms1 "04563 Hot Standby (Primary) mode activated" ;;
        154) say vms2 "04563 Hot Standby (Primary) mode activated" ;;
    esac
}
effect() {
    case $1 in
        switch) primary "$2" ;;
        up) : >"vip/$2" ;;
        down) rm -f "vip/$2" ;;
    esac
}
if test -e "acts/$1-$2"; then . "acts/$1-$2"; else effect "$1" "$2"; fi
"#;

/// What differs from test to test.
pub struct Settings {
    /// The VIP steps have probes.
    pub probes: bool,
    /// Of every command.
    pub timeout: &'static str,
    /// For further events of an incident.
    pub window: &'static str,
    /// There is an API, on a port of its own.
    pub api: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            probes: true,
            timeout: "5s",
            window: "300ms",
            api: false,
        }
    }
}

const HEAD: &str = "\
state: ./state
token_file: token
poll: 20ms
solutions:
  east:
    mode: active
    hosts: { vmhost1: { address: 10.0.0.11 }, vmhost2: { address: 10.0.0.12 } }
    vip: 10.0.0.10
    confirm: 100ms
    verify: 2s
";

const APPLICATIONS: &str = "    applications:
      VM_SIPServer_1: { dbid: 151, component: vm-sip-server, host: vmhost1 }
      VM_SIPServer_2: { dbid: 152, component: vm-sip-server, host: vmhost2 }
      VM_Server_1: { dbid: 153, component: vm-server, host: vmhost1 }
      VM_Server_2: { dbid: 154, component: vm-server, host: vmhost2 }
      RM_1: { dbid: 155, component: resource-manager, host: vmhost1 }
      RM_2: { dbid: 156, component: resource-manager, host: vmhost2 }
sources:
  - { path: logs/sips1.log, application: VM_SIPServer_1, host: vmhost1 }
  - { path: logs/sips2.log, application: VM_SIPServer_2, host: vmhost2 }
  - { path: logs/vms1.log, application: VM_Server_1, host: vmhost1 }
  - { path: logs/vms2.log, application: VM_Server_2, host: vmhost2 }
  - { path: logs/rm1.log, application: RM_1, host: vmhost1 }
  - { path: logs/scs.log, pack: scs }
alerts:
  - { file: alerts.jsonl, on: [incident, step, hold, owed, source, daemon, redundancy, clock] }
";

/// The file `tailswitch.yaml`.
pub fn configuration(settings: &Settings, listen: &str) -> String {
    let timeout = settings.timeout;
    let probe = |test: &str| match settings.probes {
        true => format!(
            ", probe: {{ command: [/usr/bin/test, {test}, \"vip/{{host}}\"], timeout: 2s }}"
        ),
        false => String::new(),
    };
    let act = |action: &str, verb: &str, target: &str, probe: &str| {
        format!(
            "  {action}: {{ command: [./act, {verb}, \"{{{target}}}\", \"{{step}}\"], timeout: {timeout}{probe} }}\n"
        )
    };
    [
        &format!("listen: {listen}\n"),
        HEAD,
        &format!("    window: {}\n", settings.window),
        APPLICATIONS,
        "actions:\n",
        &act("switch-to-primary", "switch", "dbid", ""),
        &act("vip-enable", "up", "host", &probe("-e")),
        &act("vip-disable", "down", "host", &probe("\"!\", -e")),
        &act("vip-announce", "announce", "host", ""),
    ]
    .concat()
}
