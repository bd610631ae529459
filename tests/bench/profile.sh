#!/bin/bash
# profile.sh - where the sidecar's time goes while messages leave (docs/benchmarks.md, "Where the rest goes"):
# samples of perf, the kernel's among them, with CLIENTS WebSockets (make bench-profile). Prints TAP.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
command -v perf >/dev/null || { echo "not ok - there is perf (apt-get install linux-perf)"; exit 1; }
. tests/bench/lib/up.sh
bench_up profile
if figures=$(CLIENTS=${CLIENTS:-1000} node tests/bench/profile.mjs); then echo "ok - the sidecar was profiled"; else echo "not ok - the sidecar was profiled"; fi
sed 's/^/# /' <<<"$figures"
