#!/bin/bash
# Runs the tests of the api functions on a private cluster: the pgTAP files of this folder, then
# what needs two sessions at once. Usage: tests/sql/api/run.sh [FILE.sql...]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/../../lib/cluster.sh"

dir=$(mktemp -d /tmp/maitred-sql-api.XXXXXX)
chmod 755 "$dir"
trap 'cluster_stop "$dir" || true; rm -rf "$dir"' EXIT
cluster_start "$dir"
cluster_apply_sql maitred_test
psql -X -q -v ON_ERROR_STOP=1 -c 'create extension if not exists pgtap'

races=
if [ $# = 0 ]; then set -- "$here"/*.sql; races="$here/races.sh"; fi
PGOPTIONS='-c client_min_messages=warning' pg_prove --verbose -d maitred_test "$@"
[ -z "$races" ] || prove --verbose --exec bash "$races"
