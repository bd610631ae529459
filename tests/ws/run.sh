#!/bin/bash
# run.sh [NAME...] - the WebSocket link against real clients and raw sockets, on ws-echo (no database).
# Prints TAP.
set -u
. "$(dirname "$0")/../lib/conformance.sh"
conformance ws-echo WS_ECHO "$@"
