#!/bin/sh
# Reading a captured log: tailswitch beside cat and ripgrep, turn by turn in one run.
#
#     bench/reading.sh [MIB] [ROUNDS]
#
# Needs python3 and a release build (`cargo build --release`). `rg` and `grep` take part where they are installed.
# Prints, for each program, the least user + system time of all rounds and the ratio to `events`. Least, and processor time
# rather than the clock's, because other programs on the machine take turns too.
set -eu
cd "$(dirname "$0")/.."
mib=${1:-512}
rounds=${2:-7}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/sips1.log
python3 bench/corpus.py "$log" --mib "$mib"
cat > "$work/tailswitch.yaml" <<'YAML'
state: state
listen: "off"
solutions:
  east:
    hosts: { vmhost1: { address: 10.0.0.11 }, vmhost2: { address: 10.0.0.12 } }
    vip: 10.0.0.10
    applications:
      VM_SIPServer_1: { dbid: 151, component: vm-sip-server, host: vmhost1 }
      VM_SIPServer_2: { dbid: 152, component: vm-sip-server, host: vmhost2 }
      VM_Server_1: { dbid: 153, component: vm-server, host: vmhost1 }
      VM_Server_2: { dbid: 154, component: vm-server, host: vmhost2 }
sources: [{ path: "*.log" }]
actions:
  switch-to-primary: { command: [/bin/true], timeout: 5s }
  vip-enable: { command: [/bin/true], timeout: 5s }
  vip-disable: { command: [/bin/true], timeout: 5s }
YAML
exec python3 bench/turns.py "$log" "$work/tailswitch.yaml" "$rounds"
