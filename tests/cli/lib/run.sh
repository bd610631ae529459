#!/bin/bash
# run.sh SUITE [NAME] - runs tests/SUITE/NAME.test.mjs (default: all) on a cluster of its own.
# Sourced by tests/cli/run.sh and tests/import/run.sh. Prints TAP. The tool is $MAITRED_TOOL, else
# the one of MAITRED_BIN, MAITRED_BUILD, build/ or the top of the tree.
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
source "$top/tests/lib/cluster.sh"

for candidate in "${MAITRED_TOOL:-}" "${MAITRED_BIN:-none}/maitred" "${MAITRED_BUILD:-none}/maitred" \
    "$top/build/maitred" "$top/maitred"; do
    [ -x "$candidate" ] && break
done
[ -x "$candidate" ] || { echo "not ok - the tool is not built"; exit 1; }

# tool_suite FOLDER [NAME]
tool_suite() {
    local status=0 file
    MAITRED_TEST_DIR=$(mktemp -d /tmp/maitred-tool.XXXXXX)
    chmod 755 "$MAITRED_TEST_DIR"
    trap 'cluster_stop "$MAITRED_TEST_DIR/pg" 2>/dev/null; rm -rf "$MAITRED_TEST_DIR"' EXIT
    trap 'exit 1' INT TERM
    cluster_start "$MAITRED_TEST_DIR/pg" || exit 1
    export MAITRED_TEST_DIR MAITRED_TOOL=$candidate MAITRED_SQL=$top/sql MAITRED_TOP=$top
    unset MAITRED_CONFIG
    for file in "$1"/${2:-*}.test.mjs; do
        node --test --test-reporter="$top/tests/lib/tap.mjs" --test-timeout=120000 "$file" || status=1
    done
    cat "$MAITRED_TEST_DIR/notes" 2>/dev/null
    return $status
}
