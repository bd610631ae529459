#!/bin/bash
# run.sh [NAME] - the REST suite on a database cluster of its own: REST over a web server and FastCGI,
# plain CGI, and what happens when parts die. Prints TAP. Needs the built programs in MAITRED_BIN
# (default: the top of the tree). MAITRED_FRONT is the web server that every test goes through:
# lighttpd (the default), nginx, apache or apache-cgi (see deploy/setup/web.sh). With MAITRED_PRISM=1
# each answer passes through Prism, which holds it against /api/openapi.json.
set -u
# Files that say nothing about the web server (they speak FastCGI themselves, kill parts, or are heavy)
# run behind the first one only. A new file runs behind all, unless its name is here.
ONCE="cgi faults fifty matrix openapi"
# A process a request is slow: behind plain CGI only what is about the web server, and each route once.
AS_CGI="every-route front front-params"
# What Prism has a say in: not what is written raw, or kills parts.
WITH_PRISM="accounts fifty idempotency login menu orders rooms routes table-writes tables"
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
source "$top/tests/lib/cluster.sh"
MAITRED_TEST_DIR=$(mktemp -d /tmp/maitred-rest.XXXXXX)
chmod 755 "$MAITRED_TEST_DIR"
cleanup() {
    cluster_stop "$MAITRED_TEST_DIR/pg" 2>/dev/null
    [ -n "${MAITRED_KEEP:-}" ] || rm -rf "$MAITRED_TEST_DIR"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
cluster_start "$MAITRED_TEST_DIR/pg" "pg_stat_statements.track = all" &&
    cluster_apply_sql rest &&
    psql -X -q -d rest -c 'create extension pg_stat_statements' || exit 1
export MAITRED_TEST_DIR PGDATABASE=rest MAITRED_BIN=${MAITRED_BIN:-$top}
export PATH="$PATH:/usr/sbin:/sbin"
status=0
# One file after the other: some of them stop the database under everybody's feet.
for file in "$here"/${1:-*}.test.mjs; do
    name=$(basename "$file" .test.mjs)
    if [ $# = 0 ]; then
        case ${MAITRED_FRONT:-lighttpd} in
        lighttpd) [ -z "${MAITRED_PRISM:-}" ] || case " $WITH_PRISM " in *" $name "*) ;; *) continue ;; esac ;;
        apache-cgi) case " $AS_CGI " in *" $name "*) ;; *) continue ;; esac ;;
        *) case " $ONCE " in *" $name "*) continue ;; esac ;;
        esac
    fi
    node --test --test-reporter="$top/tests/lib/tap.mjs" --test-timeout=120000 "$file" || status=1
done
[ -z "${MAITRED_PRISM:-}" ] || node "$here/lib/prism-verdict.mjs" "$MAITRED_TEST_DIR/prism.jsonl" || status=1
exit $status
