#!/bin/bash
# run.sh [NAME...] - Engine.IO against engine.io-client and raw sockets, on sio-conformance (no database).
# Prints TAP.
set -u
. "$(dirname "$0")/../lib/conformance.sh"
conformance sio-conformance SIO_CONFORMANCE "$@"
