#!/bin/bash
# run.sh [NAME] - the realtime suite: the real sidecar on a database cluster of its own, real WebSocket
# clients. Prints TAP. MAITRED_SIDECAR is the program under test (default: the sanitized build, where
# there is one, else the plain one).
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
source "$top/tests/lib/cluster.sh"
for program in "${ASAN_BUILD:-$top/build-asan}" "${MAITRED_BUILD:-$top/build}" "$top"; do
    [ -x "$program/maitred-realtime" ] && export MAITRED_SIDECAR=${MAITRED_SIDECAR:-$program/maitred-realtime}
done
export MAITRED_TEST_DIR ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
MAITRED_TEST_DIR=$(mktemp -d /tmp/maitred-realtime.XXXXXX)
chmod 755 "$MAITRED_TEST_DIR"
export MAITRED_PG_DIR=$MAITRED_TEST_DIR/pg
cleanup() {
    cluster_stop "$MAITRED_PG_DIR" 2>/dev/null
    [ -n "${MAITRED_KEEP:-}" ] && echo "# kept: $MAITRED_TEST_DIR" || rm -rf "$MAITRED_TEST_DIR"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
mkdir "$MAITRED_TEST_DIR/keys"
(umask 077; head -c 48 /dev/urandom >"$MAITRED_TEST_DIR/keys/test.hs256")
cluster_start "$MAITRED_PG_DIR" "fsync = on
pg_stat_statements.track = all" && cluster_apply_sql realtime &&
    psql -X -q -d realtime -c 'create extension pg_stat_statements' || exit 1
export PGDATABASE=realtime
status=0
# One file after the other: some of them stop the database under everybody's feet.
for file in "$here"/${1:-*}.test.mjs; do
    node --test --test-reporter="$top/tests/lib/tap.mjs" --test-timeout=100000 "$file" || status=1
done
exit $status
