#!/bin/bash
# rest.sh - the polling benchmark of docs/benchmarks.md: unchanged polls, kept answers and queries
# behind lighttpd and nginx, each beside floors taken in the same run. `make bench-rest`; under five
# minutes. SECONDS_EACH, ROUNDS and CONNECTIONS (a list) shorten it: the short form in ./check only
# proves, by counting queries, that what should cost none costs none. Prints TAP and the figures.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/house.sh
house_up bench-rest
export HELLO=$MAITRED_BUILD/tests/bench/hello_fcgi PATH="$PATH:/usr/sbin:/sbin"
node tests/bench/rest.mjs
