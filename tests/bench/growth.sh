#!/bin/bash
# growth.sh - what a live message costs as the house grows (docs/benchmarks.md, "As it grows"), and how long
# clients wait, beside the limits that the requirements name: with CLIENTS (a list) in one venue, then with
# VENUES (a list) that share as many clients and commits. ROUNDS and SECONDS_EACH shorten it, and no round of the
# connections begins after MOST seconds, none of a number of venues after a sixth of that; the short form in ./check only proves that it runs and that no message
# was lost. Prints TAP.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
. tests/bench/lib/up.sh
bench_up growth
export CLIENTS=${CLIENTS:-10 100 1000 10000} VENUES=${VENUES:-1 10 100 1000} SECONDS_EACH=${SECONDS_EACH:-2}
echo "# before: $(uptime)"
if figures=$(node tests/bench/growth.mjs); then echo "ok - the growth was measured"; else echo "not ok - the growth was measured"; fi
sed 's/^/# /' <<<"$figures"
echo "# after: $(uptime)"
grep -q '^1 venues' <<<"$figures"
