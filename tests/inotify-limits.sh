#!/bin/sh
# The tailer under tiny limits of inotify: it says so, polls, and loses nothing. It needs root, changes the whole
# machine's limits for some seconds, and puts them back; so it is no part of `cargo test`.
# (The daemon with limits of its own, in a namespace: `cargo test --test disk watches`.)
set -eu
cd "$(dirname "$0")/.."
test "$(id -u)" = 0 || { echo "needs root" >&2; exit 2; }

watches=$(sysctl -n fs.inotify.max_user_watches)
instances=$(sysctl -n fs.inotify.max_user_instances)
events=$(sysctl -n fs.inotify.max_queued_events)
restore() {
    sysctl -q "fs.inotify.max_user_watches=$watches" "fs.inotify.max_user_instances=$instances" \
        "fs.inotify.max_queued_events=$events"
}
trap restore EXIT INT TERM

run() {
    EXPECTED=$1 cargo test --lib -- --ignored --exact --nocapture \
        tail::tests::threads::tiny_limits_make_it_slower_and_lose_nothing
}

cargo test --lib --no-run
sysctl -q fs.inotify.max_user_watches=0
run polling
restore
sysctl -q fs.inotify.max_user_instances=0
run polling
restore
sysctl -q fs.inotify.max_queued_events=2
run rescans
