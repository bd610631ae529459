#!/bin/bash
# run.sh - the WebSocket link against real clients and raw sockets, on ws-echo (no database). Prints TAP.
# The sanitized build is preferred: a leak or a stray access makes ws-echo end with another status than 0.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
for build in "${ASAN_BUILD:-}" "${MAITRED_BUILD:-}" build-asan build; do
    [ -n "$build" ] && [ -x "$build/tests/conformance/ws-echo" ] && export WS_ECHO="${WS_ECHO:-$build/tests/conformance/ws-echo}" && break
done
exec node --test --test-reporter="$root/tests/lib/tap.mjs" tests/ws/*.test.mjs
