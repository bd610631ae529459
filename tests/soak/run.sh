#!/bin/bash
# run.sh - the live soak: a whole house of its own with a second sidecar whose state is its own, full of
# clients, in which parts are killed (soak.mjs). What ./check runs is a minute of it; MINUTES, CLIENTS, STORM and SPEED make
# it longer (make soak-live). Prints TAP.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
export MINUTES=${MINUTES:-0.6} CLIENTS=${CLIENTS:-100} STORM=${STORM:-300} SPEED=${SPEED:-60}
status=0
expect() { # expect NAME COMMAND... : one TAP line
    local name=$1
    shift
    if "$@"; then echo "ok - $name"; else echo "not ok - $name"; status=1; return 1; fi
}
. tests/lib/house.sh
MAITRED_SETTINGS="max_connections = 15000
max_per_account = 20000
max_per_venue = 20000
max_per_address = 20000
ping_interval_ms = 3000" house_up soak
export RT_PORT_B
RT_PORT_B=$(free_ports 1)
mkdir -p "$house/state-b"
b_down() { stop realtime-b; rm -f "$PAGE-b"; }
trap 'b_down; house_down >/dev/null' EXIT
start realtime-b TERM env MAITRED_RT_PORT="$RT_PORT_B" MAITRED_STATE_DIR="$house/state-b" MAITRED_POSITIONS_FILE="$PAGE-b" \
    "$BIN/maitred-realtime" --config "$CONF"
expect "the house is up, with a second sidecar" wait_for 20 curl -fsS -m 2 "http://127.0.0.1:$RT_PORT_B/readyz" || exit 1

node tests/soak/soak.mjs || status=1
# What it would find, it shows on a small book.
[ "$CLIENTS" -gt 400 ] || node tests/soak/prove-checker.mjs "$house/books/book-0" || status=1

pids=$(cat "$RUN"/*.pid)
b_down
house_down
left=$(for pid in $pids; do kill -0 "$pid" 2>/dev/null && echo "$pid"; done)
expect "down leaves nothing running" test -z "$left"
[ -n "${MAITRED_KEEP:-}" ] || rm -rf "$house/books"
exit $status
