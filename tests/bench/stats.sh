#!/bin/bash
# stats.sh - what figures and lists cost as history grows (docs/benchmarks.md): one database a size of
# SIZES (rows of each kind), each call measured in turns on all of them, SECONDS_EACH at a time in ROUNDS.
# The present is the same in every size, so every answer must be, too. Prints a table and TAP.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
source tests/lib/cluster.sh
sizes=${SIZES:-10000 1000000 10000000} seconds=${SECONDS_EACH:-4} rounds=${ROUNDS:-5}
dir=$(mktemp -d "${BENCH_DIR:-/tmp}/maitred-bench-stats.XXXXXX")
chmod 755 "$dir"
trap 'cluster_stop "$dir/pg" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
# Nothing here outlives the run, so nothing is made to last.
cluster_start "$dir/pg" "fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 16GB
shared_buffers = 2GB
autovacuum = off" || exit 1

calls="stats trends by-category hotel-stats availability order-stats reservations orders bookings"
call() { # NAME: its statement
    local me="('(1,1,admin,admin,,,f)'::api.caller" hotel="('(2,1,admin,admin,,,f)'::api.caller"
    case $1 in
    stats) echo "dashboard_stats$me)" ;;
    trends) echo "dashboard_trends$me, 'monthly')" ;;
    by-category) echo "revenue_by_category$me, 'monthly')" ;;
    hotel-stats) echo "dashboard_stats$hotel)" ;;
    availability) echo "room_availability$hotel, current_date, current_date + 2)" ;;
    reservations) echo "reservation_list$me, null, null, 1, 50)" ;;
    order-stats) echo "order_stats$me)" ;;
    orders) echo "order_list$me, null, null, null, null, 1, 50)" ;;
    bookings) echo "booking_list$hotel, null, null, null, null, 1, 50)" ;;
    esac
}
percentile() { sort -n | awk -v p="$1" '{ v[NR] = $1 } END { i = int(NR * p / 100); print v[i < 1 ? 1 : i] }'; }

status=0
for n in $sizes; do
    began=$SECONDS
    cluster_apply_sql "s$n" && psql -X -q -d "s$n" -v n="$n" -o /dev/null -f tests/bench/stats.sql || exit 1
    echo "# $n rows of each kind made in $((SECONDS - began)) s, $(psql -X -At -d "s$n" -c 'select pg_size_pretty(pg_database_size(current_database()))')"
done
for name in $calls; do
    echo "select status, body from api.$(call "$name")" >"$dir/$name.sql"
    for _ in $(seq "$rounds"); do
        for n in $sizes; do
            (cd "$dir" && pgbench -n -M prepared -c 1 -T "$seconds" -l --log-prefix="$name-$n" -f "$name.sql" "s$n" >"out-$name-$n" 2>&1) ||
                { cat "$dir/out-$name-$n"; echo "not ok - $name at $n rows"; status=1; }
        done
    done
    # Ids differ between sizes, and a list's total is what grows: figures are compared, lists counted.
    answers=$(for n in $sizes; do psql -X -At -d "s$n" -c "select case when body like '[%' then json_array_length(body::json)::text else body end from api.$(call "$name")"; done | sort -u | wc -l)
    if [ "$answers" = 1 ]; then echo "ok - $name: the same answer at every size"; else echo "not ok - $name: the same answer at every size"; status=1; fi
done
set -- $sizes
echo "# | call | $(for n in $sizes; do printf 'p50 / p99 ms at %s | ' "$n"; done)p50 largest to smallest |"
for name in $calls; do
    row="# | $name |" first='' last=''
    for n in $sizes; do
        p50=$(cat "$dir/$name-$n".* 2>/dev/null | awk 'NF >= 6 { print $3 }' | percentile 50)
        p99=$(cat "$dir/$name-$n".* 2>/dev/null | awk 'NF >= 6 { print $3 }' | percentile 99)
        row+=" $(awk -v a="$p50" -v b="$p99" 'BEGIN { printf "%.2f / %.2f", a / 1000, b / 1000 }') |"
        first=${first:-$p50} last=$p50
    done
    echo "$row $(awk -v a="$first" -v b="$last" 'BEGIN { printf "%.2f", b / a }') |"
done
exit $status
