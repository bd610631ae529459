#!/bin/bash
# The feed under parallel sessions, on a private cluster: storm (C, libpq), psql beside it, and
# then the upkeep that can not run inside a transaction. Prints TAP; under 40 seconds in all.
# Usage: tests/feed/run.sh [SECONDS of storm, default 5]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../lib/cluster.sh"

dir=$(mktemp -d /tmp/maitred-feed.XXXXXX)
chmod 755 "$dir"
psql_pid=
trap '[ -z "$psql_pid" ] || kill $psql_pid 2>/dev/null || true; cluster_stop "$dir" || true; rm -rf "$dir"' EXIT
cluster_start "$dir" 'fsync = on
track_commit_timestamp = on'
cluster_apply_sql maitred_storm
psql -X -q -v ON_ERROR_STOP=1 -c 'create extension pgtap' -f "$here/storm.sql" >/dev/null

${CC:-gcc} -std=c11 -O1 -g -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wpointer-arith -Wwrite-strings -Wvla \
    $(pkg-config --cflags libpq) -o "$dir/storm" "$here"/{storm,race,follow}.c $(pkg-config --libs libpq) -lpthread

# psql among the writers: its own session, its own name, one statement a transaction.
( psql -X -q -At -v ON_ERROR_STOP=1 >/dev/null <<SQL
set maitred.actor = 'psql';
select id as v from maitred.venue where slug = 'storm-2' \gset
$(for i in $(seq 1 400); do echo "update maitred.dining_table set section = 'p$i' where venue = :v and number = 17;"; done)
SQL
) & psql_pid=$!

failed=0
"$dir/storm" "${1:-5}" >"$dir/tap" || failed=1
wait $psql_pid || { echo "# psql failed"; failed=1; }
psql_pid=
cat "$dir/tap"
pg_prove --verbose -d maitred_storm "$here/after.sql" || failed=1
"$here/upkeep.sh" || failed=1
exit $failed
