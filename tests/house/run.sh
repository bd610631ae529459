#!/bin/bash
# run.sh - a whole house of its own on free ports, as ./demo brings it up, and what must hold in it:
# the import; faults in turn; the checker and its proof. The pages have one too: tests/www/e2e.sh.
# FAULTS and CLIENTS make it longer (make faults). Prints TAP.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
status=0
expect() { # expect NAME COMMAND... : one TAP line
    local name=$1
    shift
    if "$@"; then echo "ok - $name"; else echo "not ok - $name"; status=1; return 1; fi
}
. tests/lib/house.sh
house_up house
expect "the house is up and each part answers" stack_status || exit 1

node --test --test-reporter="$root/tests/lib/tap.mjs" tests/house/*.test.mjs || status=1
FAULTS=${FAULTS:-4} CLIENTS=${CLIENTS:-60} LOGS=$house/logs-of-clients node tests/house/faults.mjs || status=1
node tests/house/prove-checker.mjs "$house"/logs-of-clients/*.jsonl || status=1

pids=$(cat "$RUN"/*.pid)
kill -USR2 "$(cat "$RUN/realtime.pid")" # a successor that has just begun goes, too
house_down
left=$(for pid in $pids; do kill -0 "$pid" 2>/dev/null && echo "$pid"; done; pgrep -f -- "--config $CONF")
expect "down leaves nothing running" test -z "$left"
exit $status
