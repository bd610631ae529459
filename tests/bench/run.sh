#!/bin/bash
# run.sh - the benchmarks of docs/benchmarks.md, each figure beside a floor taken in the same run.
# SECONDS_EACH and CLIENTS (a list) shorten it: the short form in ./check only proves that every
# benchmark runs and that no message was lost in it; its figures mean nothing. Prints TAP.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
. tests/bench/lib/up.sh
bench_up bench
if figures=$(node tests/bench/run.mjs); then echo "ok - the benchmarks ran"; else echo "not ok - the benchmarks ran"; fi
sed 's/^/# /' <<<"$figures"
grep -q commits/s <<<"$figures"
