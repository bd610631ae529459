#!/bin/bash
# run.sh [NAME...] - the REST suite on a database cluster of its own: REST over a web server and FastCGI,
# plain CGI, and what happens when parts die. Prints TAP. Needs the built programs in MAITRED_BIN
# (default: the top of the tree). MAITRED_FRONT is the web server that every test goes through:
# lighttpd (the default), nginx, apache or apache-cgi (see deploy/setup/web.sh). With MAITRED_PRISM=1
# some files go through Prism as well, which holds each answer against /api/openapi.json.
set -u
# What has no web server in it runs once, with the first: cgi speaks FastCGI and CGI itself (and starts
# lighttpd's mod_cgi), openapi reads one document. Nor does a web server change what programs make of a
# request that has reached them; that each of their routes is reached, every-route shows behind all.
# A new file runs behind all, unless its name is here.
ONCE="cgi openapi accounts fifty kept matrix menu notifications orders rooms routes table-writes tables"
# These are about load: they run when they are named, and in a suite of their own.
LOAD="limits soak"
# A process a request is slow: behind plain CGI only what is about the web server, and each route once.
AS_CGI="every-route front front-live"
# What Prism has a say in: not what is written raw, or kills parts.
WITH_PRISM="accounts fifty idempotency login menu orders rooms routes table-writes tables"
# These stop the database, change its epoch, count its queries or the logins of an address.
ALONE="cache faults kept login"
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
cluster_start "$MAITRED_TEST_DIR/pg" "pg_stat_statements.track = all
max_connections = 200" &&
    cluster_apply_sql rest &&
    psql -X -q -d rest -c 'create extension pg_stat_statements' || exit 1
export MAITRED_TEST_DIR PGDATABASE=rest MAITRED_BIN=${MAITRED_BIN:-$top}
export PATH="$PATH:/usr/sbin:/sbin"
status=0

among() { case " $2 " in *" $1 "*) return 0 ;; *) return 1 ;; esac; }
wanted() { # wanted NAME : behind this web server
    ! among "$1" "$LOAD" || return
    case ${MAITRED_FRONT:-lighttpd} in
    lighttpd) return 0 ;;
    apache-cgi) among "$1" "$AS_CGI" ;;
    *) ! among "$1" "$ONCE" ;;
    esac
}
one() { # one NAME : its lines together, when it has ended
    local tap=$MAITRED_TEST_DIR/$1.tap status=0 began=$SECONDS
    among "$1" "$WITH_PRISM" || local -x MAITRED_PRISM=
    node --test --test-reporter="$top/tests/lib/tap.mjs" --test-timeout="${MAITRED_TEST_MS:-120000}" "$here/$1.test.mjs" \
        >"$tap" 2>&1 || status=1
    { cat "$tap"; echo "# $1: $((SECONDS - began)) s"; } | flock "$MAITRED_TEST_DIR" cat
    return $status
}
export -f one among
export here top WITH_PRISM

if [ $# != 0 ]; then
    for name in "$@"; do one "$name" || status=1; done
    exit $status
fi
alone=() together=()
for file in "$here"/*.test.mjs; do
    name=$(basename "$file" .test.mjs)
    wanted "$name" || continue
    if among "$name" "$ALONE"; then alone+=("$name"); else together+=("$name"); fi
done
printf '%s\n' "${together[@]}" | xargs -P 2 -I{} bash -c 'one {}' || status=1
for name in "${alone[@]}"; do one "$name" || status=1; done
[ -z "${MAITRED_PRISM:-}" ] || node "$here/lib/prism-verdict.mjs" "$MAITRED_TEST_DIR/prism.jsonl" || status=1
exit $status
