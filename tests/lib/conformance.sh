# conformance.sh - runs a suite's files against one of tests/conformance. Sourced by its run.sh:
#
#   conformance PROGRAM VARIABLE [NAME...]   # tests/SUITE/NAME.test.mjs, or all of them; prints TAP
#
# VARIABLE tells the tests where the program is, unless it is set. The sanitized build is preferred: a
# leak or a stray access makes the program end with another status than 0.

conformance() {
    local suite root program=$1 variable=$2 build name files=()
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
    exec node --test --test-reporter="$root/tests/lib/tap.mjs" "${files[@]}"
}
