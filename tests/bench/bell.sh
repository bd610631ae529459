#!/bin/bash
# bell.sh - what the bell costs writers (docs/benchmarks.md, "The bell"): pgbench updates tables of VENUES
# venues, each commit one event, with each number of WRITERS, in four ways in turn, ROUNDS times:
#
#   bare    no trigger of the feed fires
#   floor   counter and event row, and nobody is rung for: no sidecar, the only follower is "awake"
#   bell    the same with a sidecar that follows, as in production
#   always  NOTIFY in each commit: without any follower everybody rings
# A figure is the median over the rounds, a ratio that of the rounds' own. CPU is what the kernel counts for
# PostgreSQL, the sidecar and pgbench together; the delay is from the event's time to its frames leaving, by
# the sidecar's own histogram. Before, what a lone commit's event takes (LONE of them, the sidecar asleep).
# Prints a table and TAP: that the sidecar published as many events as there were commits.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
source tests/lib/cluster.sh
venues=${VENUES:-100} writers=${WRITERS:-8 32} seconds=${SECONDS_EACH:-10} rounds=${ROUNDS:-3} lone=${LONE:-300}
sidecar=${MAITRED_BUILD:-$PWD/build}/maitred-realtime
dir=$(mktemp -d /tmp/maitred-bench-bell.XXXXXX)
chmod 755 "$dir"
pid=
trap '[ -z "$pid" ] || kill "$pid"; cluster_stop "$dir" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
# As ./demo has it.
cluster_start "$dir" "fsync = on
max_connections = 200
shared_buffers = 128MB
max_wal_size = 1GB
autovacuum_naptime = 1min" && cluster_apply_sql bell || exit 1
q() { psql -X -q -At -v ON_ERROR_STOP=1 -c "$1"; }
psql -X -q -v ON_ERROR_STOP=1 -v n="$venues" <<'SQL' || exit 1
insert into maitred.venue (slug, kind, name) select 'bell-' || g, 'restaurant', 'Bell' from generate_series(1, :n) g;
insert into maitred.floor select id, 1, 'Ground' from maitred.venue;
insert into maitred.dining_table (venue, number, label, capacity)
    select v.id, n, 'T-' || n, 4 from maitred.venue v, generate_series(1, 20) n;
vacuum analyze;
SQL
cat >"$dir/write.sql" <<SQL
\\set v random($(q 'select min(id) from maitred.venue'), $(q 'select max(id) from maitred.venue'))
\\set n random(1, 20)
update maitred.dining_table set status_note = 'n' || random() where venue = :v and number = :n;
SQL
mkdir "$dir/keys" && (umask 077; head -c 48 /dev/urandom >"$dir/keys/test.hs256")
cat >"$dir/maitred.conf" <<CONF
database = host=$PGHOST port=$PGPORT dbname=$PGDATABASE
key_dir = $dir/keys
positions_file = $dir/positions
state_dir = $dir
rt_port = 0
drain_seconds = 0
CONF

port() { sed -n 's/.*msg=ready port=\([0-9]*\).*/\1/p' "$dir/log"; }
sidecar_up() {
    : >"$dir/log" # the last one's port is no answer
    "$sidecar" --config "$dir/maitred.conf" >>"$dir/log" 2>&1 & pid=$!
    until [ -n "$(port)" ]; do kill -0 "$pid" || { cat "$dir/log"; return 1; }; sleep 0.05; done
    until [ "$(q "select count(*) from feed.follower where asleep")" = 1 ]; do sleep 0.05; done
}
sidecar_down() { kill -TERM "$pid"; wait "$pid"; pid=; }
metrics() { curl -fsS "http://127.0.0.1:$(port)/metrics"; }
published() { metrics | awk '$1 == "maitred_events_total" { print $2 }'; }
# Milliseconds, within the histogram's bucket by even parts: "p50 p99".
delays() {
    metrics | awk -F'[" ]' '
        /^maitred_broadcast_latency_seconds_bucket/ { edge[++n] = $2 * 1000; sum[n] = $NF }
        function at(q,  i, low) {
            for (i = 1; i < n && sum[i] < q * sum[n]; i++) low = edge[i];
            return i == n ? edge[n - 1] : low + (edge[i] - low) * (q * sum[n] - sum[i - 1]) / (sum[i] - sum[i - 1])
        }
        END { printf "%.1f %.1f\n", at(0.5), at(0.99) }'
}
ticks=$(getconf CLK_TCK)
# Of processes that have ended and were waited for, and of the one itself; microseconds.
cpu_all() { awk -v t="$ticks" '{ print int(($14 + $15 + $16 + $17) * 1e6 / t) }' "/proc/$1/stat"; }
cpu_here() { awk '{ print int($1 / 1e3) }' "/proc/$1/schedstat"; }
postmaster=$(head -1 "$dir/data/postmaster.pid")

writing() { # pgbench's arguments
    pgbench -n -M prepared -f "$dir/write.sql" "$@" >"$dir/out" 2>&1 || { cat "$dir/out"; return 1; }
}
all_published() { for _ in $(seq 200); do [ "$(published)" -lt "$1" ] || break; sleep 0.05; done; }
# NAME WRITERS: one line "commits/s CPU-us/commit sidecar's-CPU-share p50 p99" to a file of its own.
variant() {
    local name=$1 n=$2 before cpu own=0 delay="- -" commits tps t0 took
    q "delete from feed.follower"
    export PGOPTIONS=
    [ "$name" = bare ] && PGOPTIONS='-c session_replication_role=replica'
    [ "$name" = floor ] && q "insert into feed.follower (name, asleep) values ('bench', false)"
    q checkpoint
    cpu=$(($(cpu_all "$postmaster") + $(cpu_all $$)))
    [ "$name" = bell ] && { sidecar_up || return 1; own=$(cpu_here "$pid"); before=$(published); }
    t0=$(date +%s%N)
    writing -c "$n" -j 2 -T "$seconds" || return 1
    took=$((($(date +%s%N) - t0) / 1000))
    tps=$(awk '/^tps/ { print $3 }' "$dir/out") commits=$(awk '/actually processed/ { print $6 + 0 }' "$dir/out")
    if [ "$name" = bell ]; then
        all_published $((before + commits))
        echo "$(($(published) - before)) $commits" >>"$dir/counts"
        own=$(awk -v us=$(($(cpu_here "$pid") - own)) -v of="$took" 'BEGIN { printf "%.2f", us / of }')
        delay=$(delays)
        sidecar_down
    fi
    cpu=$(($(cpu_all "$postmaster") + $(cpu_all $$) - cpu))
    awk -v tps="$tps" -v cpu=$cpu -v n="$commits" -v more="$own $delay" \
        'BEGIN { printf "%.0f %.1f %s\n", tps, cpu / n, more }' >>"$dir/$name-$n"
}
# One commit after the other, far enough apart that the sidecar stays asleep.
lone_commits() {
    sidecar_up || return 1
    writing -c 1 -R 20 -t "$lone" || return 1
    all_published "$lone"
    echo "# a lone commit, the sidecar asleep: p50 / p99 $(delays | sed 's/ / \/ /') ms"
    sidecar_down
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
column() { awk -v c="$2" '{ print $c }' "$dir/$1" | median; }
row() { # NAME WRITERS
    local of
    of=$(paste "$dir/$1-$2" "$dir/floor-$2" | awk '{ printf "%.2f\n", $1 / $6 }' | median)
    printf '# %s venues, %s writers, %s: %s commits/s, %s of floor, %s us of CPU each' "$venues" "$2" "$1" \
        "$(column "$1-$2" 1)" "$of" "$(column "$1-$2" 2)"
    [ "$1" = bell ] && printf '; sidecar %s of a core, delay p50 / p99 %s / %s ms' \
        "$(column "$1-$2" 3)" "$(column "$1-$2" 4)" "$(column "$1-$2" 5)"
    echo
}

q "delete from feed.follower"
lone_commits || exit 1
for n in $writers; do
    for _ in $(seq "$rounds"); do
        for name in bare floor bell always; do variant $name "$n" || exit 1; done
    done
    for name in bare floor bell always; do row $name "$n"; done
done
if awk '$1 != $2 { bad = 1 } END { exit bad || !NR }' "$dir/counts"; then echo "ok - each commit was published once"
else
    echo "not ok - each commit was published once"
    sed 's/^/# published, commits: /' "$dir/counts"
    exit 1
fi
