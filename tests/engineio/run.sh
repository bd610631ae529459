#!/bin/bash
# run.sh [NAME...] - Engine.IO against engine.io-client and raw sockets, on sio-conformance (no database).
# Prints TAP. The sanitized build is preferred: a leak or a stray access makes the server end with another
# status than 0.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
for build in "${ASAN_BUILD:-}" "${MAITRED_BUILD:-}" build-asan build; do
    [ -n "$build" ] && [ -x "$build/tests/conformance/sio-conformance" ] && export SIO_CONFORMANCE="${SIO_CONFORMANCE:-$build/tests/conformance/sio-conformance}" && break
done
files=()
for name in "$@"; do files+=("tests/engineio/$name.test.mjs"); done
[ $# -gt 0 ] || files=(tests/engineio/*.test.mjs)
exec node --test --test-reporter="$root/tests/lib/tap.mjs" "${files[@]}"
