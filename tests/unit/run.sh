#!/bin/bash
# Runs the unit tests of a build: tests/unit/run.sh [BUILD_DIR [NAME...]]; prints TAP.
# Those that include pgtest.h get a private cluster with the whole schema and unit.sql.
set -u
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "${1:-$here/../../build}" && pwd) || exit 1
shift
MAITRED_TOP=$(cd "$here/../.." && pwd)
export MAITRED_TOP
make -s -C "$build" test-programs >"$build/test-programs.log" 2>&1 ||
    { tail -20 "$build/test-programs.log"; echo "not ok - the unit tests do not build"; exit 1; }

names=("$@")
[ $# -gt 0 ] || mapfile -t names < <(cd "$here" && ls test_*.c | sed 's/\.c$//')
failed=0

run() { # NAME: its TAP, and one line more when it died without a word or left a sanitizer's report
    local out status=0
    [ -x "$build/tests/unit/$1" ] || { echo "not ok - $1 was not built"; failed=1; return; }
    out=$(cd / && CMOCKA_MESSAGE_OUTPUT=TAP "$build/tests/unit/$1" 2>&1) || status=$?
    echo "# $1"
    # cmocka repeats the group's name as one more line of TAP: it is no test.
    printf '%s\n' "$out" | grep -vE '^(not )?ok - '
    [ $status = 0 ] && return
    failed=1
    grep -q '^not ok' <<<"$out" || echo "not ok - $1 ended with status $status"
}

database=()
for name in "${names[@]}"; do
    if grep -q '"pgtest.h"' "$here/$name.c"; then database+=("$name"); else run "$name"; fi
done
if [ ${#database[@]} -gt 0 ]; then
    source "$here/../lib/cluster.sh"
    dir=$(mktemp -d /tmp/maitred-unit.XXXXXX) && chmod 755 "$dir"
    trap 'cluster_stop "$dir" || true; rm -rf "$dir"' EXIT
    cluster_start "$dir" && cluster_apply_sql unit &&
        psql -X -q -d unit -v ON_ERROR_STOP=1 -f "$here/unit.sql" ||
        { echo "not ok - no database for the unit tests"; exit 1; }
    for name in "${database[@]}"; do run "$name"; done
fi
exit $failed
