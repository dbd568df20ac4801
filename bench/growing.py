#!/usr/bin/env python3
"""What following a log that grows costs: tailswitch run beside `tail -F | grep`, turn by turn in one run.

    python3 bench/growing.py CORPUS CONFIG [--mb-a-second 20] [--seconds 10] [--rounds 3]

CONFIG's source must take `*.log` in its own folder; a copy of CORPUS grows there. Linux. Prints the share of one core.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
WRITES_A_SECOND = 50


def used(pids):
    """Seconds of the processor that these processes have taken so far."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def grow(log, corpus, rate, seconds):
    """Appends at an even rate; how long it really took."""
    begun = time.monotonic()
    with open(corpus, "rb") as source, open(log, "ab", buffering=0) as out:
        for turn in range(int(seconds * WRITES_A_SECOND)):
            out.write(source.read(rate // WRITES_A_SECOND))
            time.sleep(max(0, begun + (turn + 1) / WRITES_A_SECOND - time.monotonic()))
    return time.monotonic() - begun


def ours(folder, log):
    command = ["target/release/tailswitch", "run", "-c", str(folder / "tailswitch.yaml")]
    return [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]


def tail_grep(folder, log):
    tail = subprocess.Popen(["tail", "-n0", "-F", str(log)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    ids = [part for each in ("04563", "05064", "05091") for part in ("-e", f" {each} ")]
    return [tail, subprocess.Popen(["grep", "-F", *ids], stdin=tail.stdout, stdout=subprocess.DEVNULL)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus")
    parser.add_argument("config")
    parser.add_argument("--mb-a-second", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for _ in range(arguments.rounds):
        for name, start in (("tailswitch run", ours), ("tail -F | grep", tail_grep)):
            with tempfile.TemporaryDirectory() as made:
                folder = pathlib.Path(made)
                shutil.copy(arguments.config, folder / "tailswitch.yaml")
                log = folder / "sips1.log"
                with open(arguments.corpus, "rb") as source:
                    log.write_bytes(source.read(100_000))
                processes = start(folder, log)
                time.sleep(2)
                pids = [process.pid for process in processes]
                before = used(pids)
                took = grow(log, arguments.corpus, arguments.mb_a_second * 1_000_000, arguments.seconds)
                time.sleep(0.5)
                print(f"{name:16} {100 * (used(pids) - before) / took:5.1f} % of a core at {log.stat().st_size / took / 1e6:.1f} MB/s")
                for process in processes:
                    process.terminate()
                    process.wait()


if __name__ == "__main__":
    main()
