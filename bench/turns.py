#!/usr/bin/env python3
"""Runs programs over one log, turn by turn, and prints what each cost beside `tailswitch events`. See reading.sh."""

import os
import shutil
import subprocess
import sys

# What `events` finds in a log with a header of a SIP Server, as one regular expression.
EVENT = (
    r"^@?(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])?[0-9]{2}:[0-9]{2}:[0-9]{2}[.,][0-9]{3,6}:? +"
    r"(?:Std|Int|Trc|Dbg|Alr|Non|Unk)[ \t]+(?:GCTI-)?(?:[0-9]{2}-)?"
    r"0?(?:456[0-3]|506[0134]|509[01]|515[01]|52029|52030)(?:[ \t]|$)"
)


def programs(log, config):
    tailswitch = "target/release/tailswitch"
    tsv = ["--format", "tsv", "--columns", "line,id"]
    yield "events, 1 thread", [tailswitch, "events", "--threads", "1", *tsv, log]
    yield "replay", [tailswitch, "replay", "-c", config, log]
    yield "cat", ["cat", log]
    if shutil.which("rg"):
        yield "ripgrep, mmap", ["rg", "--mmap", "-j1", "-n", "--no-unicode", EVENT, log]
        yield "ripgrep, read", ["rg", "--no-mmap", "-j1", "-n", "--no-unicode", EVENT, log]
    if shutil.which("grep"):
        yield "grep -F, digits only", ["grep", "-nF", "-e", " 04563 ", "-e", " 05064 ", "-e", " 05091 ", log]


def run(command):
    """(seconds of the processor, most memory in KiB, lines of output)"""
    with subprocess.Popen(command, stdout=subprocess.PIPE if command[0] != "cat" else subprocess.DEVNULL) as process:
        lines = process.stdout.read().count(b"\n") if process.stdout else 0
        _, _, used = os.wait4(process.pid, 0)
        process.returncode = 0
    return used.ru_utime + used.ru_stime, used.ru_maxrss, lines


def main():
    log, config, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    taken = {}
    for _ in range(rounds):
        for name, command in programs(log, config):
            taken.setdefault(name, []).append(run(command))
    size = os.path.getsize(log)
    base = min(seconds for seconds, _, _ in taken["events, 1 thread"])
    print(f"{'':24} {'s':>7} {'GB/s':>6} {'of events':>9} {'MiB':>6} {'lines':>6}")
    for name, runs in taken.items():
        seconds, memory, lines = min(runs)
        print(
            f"{name:24} {seconds:7.3f} {size / seconds / 1e9:6.2f} {base / seconds:9.2f} "
            f"{memory / 1024:6.0f} {lines:6}"
        )


if __name__ == "__main__":
    main()
