#!/bin/bash
# Runs the pgTAP files of this folder on a private cluster. Usage: tests/sql/run.sh [FILE...]
# Environment: MAITRED_TEST_DIR keeps the cluster in that folder's place instead of a temporary one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../lib/cluster.sh"

dir=${MAITRED_TEST_DIR:-$(mktemp -d /tmp/maitred-sql.XXXXXX)}
chmod 755 "$dir"
trap 'cluster_stop "$dir" || true; [ -n "${MAITRED_TEST_DIR:-}" ] || rm -rf "$dir"' EXIT
cluster_start "$dir"
cluster_apply_sql maitred_test
cluster_apply_sql maitred_test   # a second deploy must change nothing and break nothing
psql -X -q -v ON_ERROR_STOP=1 -c 'create extension if not exists pgtap' -f "$here/fixtures.psql"

if [ $# = 0 ]; then set -- "$here"/*.sql; fi
PGOPTIONS='-c client_min_messages=warning' pg_prove --verbose -d maitred_test "$@"
