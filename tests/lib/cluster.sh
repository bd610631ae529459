# A private PostgreSQL 15 cluster for one test run, on a unix socket only.
# Sourced by the runners of every suite that needs a database:
#
#   source tests/lib/cluster.sh
#   cluster_start DIR            # new cluster in DIR; exports PGHOST PGPORT PGUSER PGDATA_DIR
#   cluster_resume DIR           # one that was stopped and kept
#   cluster_createdb NAME        # empty database
#   cluster_apply_sql NAME       # creates it if missing, applies sql/ in deploy order
#   cluster_env NAME             # exports PGDATABASE, prints the three settings
#   cluster_stop DIR             # stops what cluster_start began
#
# As root the server runs as user postgres. fsync is off, because no test pulls the plug;
# where the order or the price of commits is what counts (feed, realtime, bell) it is on.

CLUSTER_BIN=${CLUSTER_BIN:-/usr/lib/postgresql/15/bin}
# psql itself, which tests start thousands of times: Debian's in /usr/bin is a script in Perl before it.
export PATH="$CLUSTER_BIN:$PATH"
CLUSTER_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# Order of application; migrations once, the others at each deploy.
CLUSTER_SQL_DIRS="migrations rules feed api import"

cluster_as() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups -- env HOME=/tmp "$@"
    else
        "$@"
    fi
}

# cluster_start DIR [extra postgresql.conf lines]
cluster_start() {
    local dir=$1
    mkdir -p "$dir/data" "$dir/sock"
    [ "$(id -u)" = 0 ] && chown -R postgres:postgres "$dir"
    (cd / && cluster_as "$CLUSTER_BIN/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 \
        --locale=C.UTF-8 -N >"$dir/initdb.log" 2>&1) || { cat "$dir/initdb.log" >&2; return 1; }
    cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir/sock'
port = 5432
max_connections = 120
shared_buffers = 256MB
fsync = off
synchronous_commit = on
shared_preload_libraries = 'pg_stat_statements'
autovacuum_naptime = 10s
max_wal_size = 2GB
timezone = 'UTC'
log_min_messages = warning
log_line_prefix = '%m [%p] %u '
${2:-}
CONF
    cluster_resume "$dir"
}

cluster_resume() {
    (cd / && cluster_as "$CLUSTER_BIN/pg_ctl" -D "$1/data" -l "$1/data/server.log" \
        -w -t 60 start >/dev/null) || { tail -20 "$1/data/server.log" >&2; return 1; }
    export PGHOST=$1/sock PGPORT=5432 PGUSER=postgres
}

cluster_createdb() {
    psql -X -q -d postgres -v ON_ERROR_STOP=1 -c "create database \"$1\""
}

# cluster_apply_sql DB: what `maitred migrate` does, with nothing but psql.
cluster_apply_sql() {
    local db=$1 dir file
    [ -n "$(psql -X -At -d postgres -c "select 1 from pg_database where datname = '$db'")" ] ||
        cluster_createdb "$db" || return 1
    for dir in $CLUSTER_SQL_DIRS; do
        for file in "$CLUSTER_ROOT/sql/$dir"/*.sql; do
            [ -e "$file" ] || continue
            # A second call is a second deploy: migrations that are recorded stay as they are.
            if [ "$dir" = migrations ] && cluster_migrated "$db" "$file"; then continue; fi
            PGOPTIONS='-c client_min_messages=warning' psql -X -q -1 -d "$db" \
                -v ON_ERROR_STOP=1 -o /dev/null -f "$file" || { echo "failed: $file" >&2; return 1; }
        done
    done
    cluster_env "$db" >/dev/null
}

# Remembers per database which migrations ran; true when this one has run already.
cluster_migrated() {
    local name
    name=$(basename "$2")
    psql -X -q -d "$1" -v ON_ERROR_STOP=1 -c \
        'create table if not exists public.test_migration (name text primary key)' 2>/dev/null
    [ -z "$(psql -X -q -At -d "$1" -c \
        "insert into public.test_migration values ('$name') on conflict do nothing returning 1")" ]
}

cluster_env() {
    export PGDATABASE=$1
    echo "PGHOST=$PGHOST PGPORT=$PGPORT PGDATABASE=$PGDATABASE PGUSER=$PGUSER"
}

cluster_stop() {
    (cd / && cluster_as "$CLUSTER_BIN/pg_ctl" -D "$1/data" -m fast -w -t 60 stop >/dev/null)
}
