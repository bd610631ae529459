#!/bin/bash
# pages.sh - how soon the pages are there, and what they weigh (docs/benchmarks.md, "The pages"): each page of
# tests/www/pages/all.mjs with a cold cache in headless Chromium, at the machine itself and over a slower line. ROUNDS
# and PAGES (a list of names) shorten it. Prints TAP and the figures.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/house.sh
house_up bench-pages
echo "# before: $(uptime)"
if figures=$(node tests/bench/pages.mjs); then echo "ok - the pages were measured"; else echo "not ok - the pages were measured"; fi
sed 's/^/# /' <<<"$figures"
echo "# after: $(uptime)"
grep -q '^| ' <<<"$figures"
