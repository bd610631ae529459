# stack.sh - the demo's parts: what runs, in which order, and how each one's health is asked.
#
# Sourced by ./demo and by the tests that want a whole house of their own. Reads MAITRED_DIR,
# MAITRED_PORT, MAITRED_RT_PORT (and MAITRED_DATA, MAITRED_WEB); owns everything under MAITRED_DIR.

: "${MAITRED_DIR:?}" "${MAITRED_PORT:?}" "${MAITRED_RT_PORT:?}"
root=${root:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
BIN=${MAITRED_BUILD:-$root/build}
RUN=$MAITRED_DIR/run LOG=$MAITRED_DIR/log CONF=$MAITRED_DIR/maitred.conf
PGBIN=/usr/lib/postgresql/15/bin
DB=maitred PASSWORD=maitred-demo
WEB_SERVERS="lighttpd nginx apache" WEB_SERVER=${MAITRED_WEB:-lighttpd}
PROGRAMS="stats reservations rooms menu tables orders accounts"
WEB=http://127.0.0.1:$MAITRED_PORT SIDECAR=http://127.0.0.1:$MAITRED_RT_PORT

say() { printf '%s\n' "$*"; }
step() { # step WHAT COMMAND... : one line of progress with the seconds that it took
    local what=$1 began=$SECONDS
    shift
    printf '%-46s' "$what ..."
    if "$@"; then printf ' ok (%d s)\n' $((SECONDS - began)); else printf ' failed\n'; return 1; fi
}
wait_for() { # wait_for SECONDS COMMAND... : until the command succeeds
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.1
    done
}
alive() { # alive PIDFILE : the process it names lives
    local pid
    pid=$(cat "$RUN/$1" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null
}
gone() { ! kill -0 "$1" 2>/dev/null; }

start() { # start NAME SIGNAL COMMAND... : under a supervisor, unless it runs
    alive "$1.supervisor" && return 0
    setsid "$root/deploy/setup/supervise.sh" "$RUN" "$@" >>"$LOG/$1.log" 2>&1 </dev/null &
}
stop() { # stop NAME : the supervisor and through it the service; one that does not go is killed
    local which pid
    for which in supervisor pid; do
        alive "$1.$which" || continue
        pid=$(cat "$RUN/$1.$which")
        kill -TERM "$pid"
        wait_for 15 gone "$pid" || kill -KILL "$pid"
    done
    rm -f "$RUN/$1.pid" "$RUN/$1.supervisor"
}

# As root PostgreSQL runs as its package's own user, who must be able to walk to the cluster; and a
# socket's path must be short (107 bytes). Where MAITRED_DIR does not allow either, both move out.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && exec setpriv --reuid=postgres --regid=postgres --clear-groups env HOME=/ "$@")
    else "$@"; fi
}
places() {
    mkdir -p "$MAITRED_DIR" "$RUN" "$LOG"
    if [ ${#MAITRED_DIR} -lt 70 ] && as_postgres test -x "$MAITRED_DIR" 2>/dev/null; then
        SHORT=$MAITRED_DIR
    else
        SHORT=/var/tmp/maitred-$(id -u)-$(printf %s "$MAITRED_DIR" | cksum | cut -d' ' -f1)
        mkdir -p "$SHORT"
    fi
    SOCK=$SHORT/sock PGDATA=$SHORT/pgdata
    # The page's heartbeat must not reach a disk.
    PAGE=/dev/shm/maitred-$(id -u)-$(printf %s "$MAITRED_DIR" | cksum | cut -d' ' -f1)
    [ -w /dev/shm ] || PAGE=$MAITRED_DIR/state/positions
    mkdir -p "$SOCK" "$SHORT/run"
    export PGHOST=$SOCK PGPORT=5432 PGDATABASE=$DB
    if [ "$(id -u)" = 0 ]; then export PGUSER=postgres; else PGUSER=$(id -un); export PGUSER; fi
}

cluster_make() {
    [ -e "$PGDATA/PG_VERSION" ] && return 0
    mkdir -p "$PGDATA"
    if [ "$(id -u)" = 0 ]; then chown postgres:postgres "$PGDATA" "$SOCK"; fi
    as_postgres "$PGBIN/initdb" -D "$PGDATA" -U "$PGUSER" -A trust -E UTF8 --locale=C.UTF-8 \
        >"$LOG/initdb.log" 2>&1 || { tail -5 "$LOG/initdb.log" >&2; return 1; }
    as_postgres tee -a "$PGDATA/postgresql.conf" >/dev/null <<CONF
listen_addresses = ''
unix_socket_directories = '$SOCK'
unix_socket_permissions = 0777
max_connections = 200
shared_buffers = 128MB
shared_preload_libraries = 'pg_stat_statements'
timezone = 'UTC'
log_timezone = 'UTC'
${MAITRED_PG_SETTINGS:-}
CONF
}
cluster_up() {
    local runner=
    if [ "$(id -u)" = 0 ]; then runner="setpriv --reuid=postgres --regid=postgres --clear-groups"; fi
    start postgres INT $runner "$PGBIN/postgres" -D "$PGDATA"
    wait_for 60 psql -X -q -d postgres -c 'select 1' || { tail -5 "$LOG/postgres.log" >&2; return 1; }
}

config_write() {
    mkdir -p "$MAITRED_DIR/state"
    cat >"$CONF" <<CONF
# Written by ./demo at each start.
database = host=$SOCK port=5432 dbname=$DB
owner_role = $PGUSER
key_dir = $MAITRED_DIR/keys
positions_file = $PAGE
state_dir = $MAITRED_DIR/state
rt_port = $MAITRED_RT_PORT
sql_dir = $root/sql
# Here one address and a few accounts are everybody.
requests_per_second_account = 0
requests_per_second_address = 0
${MAITRED_SETTINGS:-}
CONF
}
maitred() { MAITRED_CONFIG=$CONF "$BIN/maitred" "$@"; }
logged() { "$@" >>"$LOG/setup.log" 2>&1 || { tail -5 "$LOG/setup.log" >&2; return 1; }; }
schema_up() {
    psql -X -At -d postgres -c "select 1 from pg_database where datname = '$DB'" | grep -q 1 ||
        createdb "$DB" || return 1
    logged maitred init && logged maitred migrate
}

data_dir() {
    if [ -n "${MAITRED_DATA:-}" ]; then echo "$MAITRED_DATA"
    elif [ -d "$root/../shared/data" ]; then echo "$root/../shared/data"
    else echo "$root/tests/fixture"; fi
}
data_file() { ls "$1/$2.csv.gz" "$1/$2.csv" 2>/dev/null | head -1; }
# Importing again would add nothing, but it takes its time: the stamp says which data is in.
data_import() {
    local d=$1 stamp=$MAITRED_DIR/imported
    [ "$(cat "$stamp" 2>/dev/null)" = "$d" ] && return 0
    logged maitred import bookings --venue grand --shift-to-today=2015-09-18 --encoding auto \
        --rejects "$MAITRED_DIR/rejects-bookings.csv" "$(data_file "$d" hotel_bookings)" &&
    logged maitred import orders --venue bistro --shift-to-today --encoding auto \
        --rejects "$MAITRED_DIR/rejects-orders.csv" \
        --orders "$(data_file "$d" pizza_orders)" --details "$(data_file "$d" pizza_order_details)" \
        --pizzas "$(data_file "$d" pizza_pizzas)" --types "$(data_file "$d" pizza_pizza_types)" &&
    echo "$d" >"$stamp"
}
data_up() {
    logged maitred venue create bistro --if-missing --kind restaurant --name "Bistro am Kanal" \
        --timezone Europe/Berlin --currency EUR &&
    logged maitred venue create grand --if-missing --kind hotel --name "Grand Hotel" \
        --timezone Europe/Lisbon --currency EUR &&
    data_import "$(data_dir)" &&
    logged maitred demo-data --password-stdin <<<"$PASSWORD"
}

programs_up() {
    local p
    for p in $PROGRAMS; do
        start "$p" TERM env MAITRED_CONFIG="$CONF" "$BIN/maitred-$p" --socket "$SHORT/run/$p.sock"
    done
    wait_for 20 programs_listen
}
programs_listen() {
    local p
    for p in $PROGRAMS; do [ -S "$SHORT/run/$p.sock" ] || return 1; done
}
sidecar_up() {
    start realtime TERM "$BIN/maitred-realtime" --config "$CONF"
    wait_for 20 curl -fsS -m 2 "$SIDECAR/readyz" || { tail -5 "$LOG/realtime.log" >&2; return 1; }
}
answers() { # answers STATUS URL
    [ "$(curl -s -m 2 -o /dev/null -w '%{http_code}' "$2")" = "$1" ]
}
web_healthy() { # each program answers through the web server; 401 is the answer without a token
    answers 200 "$WEB/login/" && answers 401 "$WEB/api/dashboard/stats" &&
        answers 401 "$WEB/api/restaurant/reservations" && answers 401 "$WEB/api/user/profile" &&
        answers 401 "$WEB/api/hotel/rooms/availability" && answers 426 "$WEB/ws"
}
web_up() { # one at a time: another one that was asked for before gives up the port
    local name
    for name in $WEB_SERVERS; do [ "$name" = "$WEB_SERVER" ] || stop "$name"; done
    start "$WEB_SERVER" TERM env MAITRED_WEB="$WEB_SERVER" MAITRED_WWW="$root/www" MAITRED_RUN="$SHORT/run" \
        MAITRED_PORT="$MAITRED_PORT" MAITRED_RT_PORT="$MAITRED_RT_PORT" "$root/deploy/setup/web.sh"
    wait_for 20 web_healthy || { tail -5 "$LOG/$WEB_SERVER.log" >&2; return 1; }
}

web_known() {
    case " $WEB_SERVERS " in *" $WEB_SERVER "*) return 0 ;; esac
    say "MAITRED_WEB=$WEB_SERVER: it is one of $WEB_SERVERS" >&2
    return 1
}
stack_up() {
    web_known || return 1
    places
    step "making the PostgreSQL cluster" cluster_make &&
    step "starting PostgreSQL" cluster_up &&
    config_write &&
    step "schema, functions, roles, keys" schema_up &&
    step "venues, accounts, data of $(basename "$(data_dir)")" data_up &&
    step "starting the REST programs" programs_up &&
    step "starting the sidecar" sidecar_up &&
    step "starting $WEB_SERVER, asking each part's health" web_up
}
stack_down() {
    local name
    places
    for name in $WEB_SERVERS realtime $PROGRAMS postgres; do stop "$name"; done
    rm -f "$PAGE"
    say "nothing of $MAITRED_DIR is running"
}
stack_status() {
    local name state=0
    places
    # Whatever web server was started, or that there is none.
    for name in $WEB_SERVERS; do if alive "$name.supervisor"; then WEB_SERVER=$name; fi; done
    for name in postgres $PROGRAMS realtime "$WEB_SERVER"; do
        if alive "$name.pid"; then say "$name: up (pid $(cat "$RUN/$name.pid"))"
        else say "$name: down"; state=1; fi
    done
    return $state
}
stack_print() {
    cat <<TEXT

maitred is live (logs in $LOG):
  restaurant  $WEB/   venue bistro
  hotel       $WEB/   venue grand
  sidecar     ws://127.0.0.1:$MAITRED_PORT/ws   (direct: $MAITRED_RT_PORT; metrics: $SIDECAR/metrics)
  accounts    admin manager waiter kitchen frontdesk viewer   password $PASSWORD
  a token     ./demo token bistro admin
  psql        psql -h $SOCK -U $PGUSER $DB
  stop it     ./demo down
TEXT
}
