# conformance.sh - runs a suite's files against one of tests/conformance. Sourced by its run.sh:
#
#   conformance PROGRAM VARIABLE [NAME...]   # tests/SUITE/NAME.test.mjs, or all of them; prints TAP
#
# VARIABLE tells the tests where the program is, unless it is set. The sanitized build is preferred: a
# leak or a stray access makes the program end with another status than 0. MAITRED_FRONT names the web server that
# the tests go through, as deploy/ configures it (default: none); then one file runs after the other.

front_stop() {
    kill "$front_pid" 2>/dev/null && wait "$front_pid" 2>/dev/null
    rm -rf "$MAITRED_RUN"
}
front_start() {
    . "$root/tests/lib/house.sh"
    MAITRED_RUN=$(mktemp -d /tmp/maitred-front.XXXXXX)
    chmod 755 "$MAITRED_RUN"
    read -r MAITRED_PORT MAITRED_RT_PORT < <(free_ports)
    export MAITRED_PORT MAITRED_RT_PORT MAITRED_RUN MAITRED_WWW=$root/www MAITRED_WEB=$MAITRED_FRONT
    deploy/setup/web.sh >&2 &
    front_pid=$!
    trap front_stop EXIT
    trap 'exit 1' INT TERM
    for _ in $(seq 200); do
        curl -sf -o /dev/null "http://127.0.0.1:$MAITRED_PORT/login/" && return
        sleep 0.05
    done
    echo "not ok - $MAITRED_FRONT does not serve"
    exit 1
}

conformance() {
    local suite root program=$1 variable=$2 build name files=() one_by_one=()
    suite=$(cd "$(dirname "$0")" && pwd)
    root=$(cd "$suite/../.." && pwd)
    shift 2
    cd "$root" || exit 1
    for build in "${ASAN_BUILD:-}" "${MAITRED_BUILD:-}" build-asan build; do
        [ -n "$build" ] && [ -x "$build/tests/conformance/$program" ] || continue
        [ -n "${!variable:-}" ] || export "$variable=$build/tests/conformance/$program"
        break
    done
    for name in "$@"; do files+=("$suite/$name.test.mjs"); done
    [ $# -gt 0 ] || files=("$suite"/*.test.mjs)
    [ -z "${MAITRED_FRONT:-}" ] || { front_start; one_by_one=(--test-concurrency=1); }
    node --test "${one_by_one[@]}" --test-reporter="$root/tests/lib/tap.mjs" "${files[@]}"
}
