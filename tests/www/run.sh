#!/bin/bash
# run.sh - the unit tests of www/lib, without a browser and without a stack. Prints TAP.
# The pages themselves are tested in a real browser by tests/www/e2e.sh.
set -u
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
exec node --test --test-reporter="$root/tests/lib/tap.mjs" tests/www/unit/*.test.mjs
