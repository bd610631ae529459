#!/bin/bash
# run.sh - a whole house of its own on free ports, as ./demo brings it up, and what must hold in it:
# the pages in a real browser, live by psql and REST; faults in turn; the checker and its proof.
# FAULTS and CLIENTS make it longer (make faults). Prints TAP.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
work=${MAITRED_WORK:-$(mktemp -d /tmp/maitred-house.XXXXXX)}/house
chmod 755 "$(dirname "$work")"
free_port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }
export MAITRED_DIR=$work MAITRED_PORT MAITRED_RT_PORT MAITRED_BUILD=${MAITRED_BUILD:-$root/build}
MAITRED_PORT=$(free_port) MAITRED_RT_PORT=$(free_port)
export MAITRED_URL=http://127.0.0.1:$MAITRED_PORT MAITRED_PASSWORD=maitred-demo
status=0
expect() { # expect NAME COMMAND... : one TAP line
    local name=$1
    shift
    if "$@"; then echo "ok - $name"; else echo "not ok - $name"; status=1; fi
}
. deploy/setup/stack.sh
trap 'stack_down >/dev/null' EXIT
stack_up | sed 's/^/# /'
expect "the house is up and each part answers" stack_status || exit 1
places

node --test --test-reporter="$root/tests/lib/tap.mjs" tests/www/e2e/*.test.mjs || status=1
FAULTS=${FAULTS:-4} CLIENTS=${CLIENTS:-60} LOGS=$work/logs-of-clients node tests/house/faults.mjs || status=1
node tests/house/prove-checker.mjs "$work"/logs-of-clients/*.jsonl || status=1

pids=$(cat "$RUN"/*.pid)
stack_down | sed 's/^/# /'
left=$(for pid in $pids; do kill -0 "$pid" 2>/dev/null && echo "$pid"; done)
expect "down leaves nothing running" test -z "$left"
exit $status
