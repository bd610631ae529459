#!/bin/bash
# run.sh - the property test of the sums and figures (docs/statistics.md): thousands of random
# operations in several sessions at once on venues in several zones, around the days on which clocks
# change; then every sum and every figure against a direct reckoning, and proof that a sum that is
# wrong is found. SEED repeats a storm (each session's own order, not the sessions' interleaving);
# STEPS makes it longer. Prints TAP.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../lib/cluster.sh"
seed=${SEED:-$((RANDOM % 1000))} steps=${STEPS:-600}

dir=$(mktemp -d /tmp/maitred-stats.XXXXXX)
chmod 755 "$dir"
trap 'cluster_stop "$dir" || true; rm -rf "$dir"' EXIT
# Sessions that get in each other's way by a deadlock go on at once; the disk is no part of this.
cluster_start "$dir" "deadlock_timeout = 20ms
synchronous_commit = off
autovacuum_naptime = 2s"
cluster_apply_sql maitred_test
psql -X -q -v ON_ERROR_STOP=1 -c 'create extension if not exists pgtap' \
    -f "$here/reckoning.sql" -f "$here/storm.sql" -c 'select t.venues()' -o /dev/null

echo "# seed $seed"
sessions=()
for i in 1 2 3 4; do
    PGOPTIONS='-c client_min_messages=error' psql -X -q -v ON_ERROR_STOP=1 \
        -c "call t.storm($i, $steps, 0.$(printf '%03d' "$seed")$i)" &
    sessions+=($!)
done
for pid in "${sessions[@]}"; do wait "$pid"; done
PGOPTIONS='-c client_min_messages=warning' pg_prove --verbose -d maitred_test "$here/after.sql"
