#!/bin/bash
# stats.sh - what figures and lists cost as history grows (docs/benchmarks.md): one database a size of
# SIZES (rows of each kind), each call measured on all of them in turns, ROUNDS times a second; a figure
# is the median over the rounds, a ratio that of the rounds' own. The present is the same in every
# size, so every answer must be, too. With BENCH_DIR the databases are made there once and kept, so
# that a quiet hour can be waited for. Prints a table and TAP.
set -u -o pipefail
cd "$(dirname "$0")/../.." || exit 1
source tests/lib/cluster.sh
sizes=${SIZES:-10000 1000000 10000000} rounds=${ROUNDS:-11}
dir=$(mktemp -d /tmp/maitred-bench-stats.XXXXXX)
pg=${BENCH_DIR:-$dir}/pg
chmod 755 "$dir"
trap 'cluster_stop "$pg" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
# Nothing here outlives a crash, so nothing is made to last.
if [ -d "$pg/data" ]; then cluster_resume "$pg"; else
    mkdir -p "$pg" && chmod 755 "${BENCH_DIR:-$dir}" && cluster_start "$pg" "full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 16GB
shared_buffers = 2GB
autovacuum = off"
fi || exit 1

calls="stats trends by-category hotel-stats availability order-stats reservations orders bookings"
call() { # NAME: its statement
    local me="('(1,1,admin,admin,,,f)'::api.caller" hotel="('(2,1,admin,admin,,,f)'::api.caller"
    case $1 in
    stats) echo "dashboard_stats$me)" ;;
    trends) echo "dashboard_trends$me, 'monthly')" ;;
    by-category) echo "revenue_by_category$me, 'monthly')" ;;
    hotel-stats) echo "dashboard_stats$hotel)" ;;
    availability) echo "room_availability$hotel, current_date, current_date + 2)" ;;
    order-stats) echo "order_stats$me)" ;;
    reservations) echo "reservation_list$me, null, null, 1, 50)" ;;
    orders) echo "order_list$me, null, null, null, null, 1, 50)" ;;
    bookings) echo "booking_list$hotel, null, null, null, null, 1, 50)" ;;
    esac
}
# p50 and p99 of a second of calls, in microseconds.
measure() { # NAME SIZE
    rm -f "$dir"/log.*
    (cd "$dir" && pgbench -n -M prepared -c 1 -T 1 -l --log-prefix=log -f "$1.sql" "s$2" >out 2>&1) || { cat "$dir/out" >&2; return 1; }
    cat "$dir"/log.* | awk '{ print $3 }' | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)], v[int(NR * 0.99) < 1 ? 1 : int(NR * 0.99)] }'
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

status=0
verdict() { if [ "$1" = 0 ]; then echo "ok - $2"; else echo "not ok - $2"; status=1; fi; }
for n in $sizes; do
    [ -z "$(psql -X -At -d postgres -c "select 1 from pg_database where datname = 's$n'")" ] || continue
    began=$SECONDS
    cluster_apply_sql "s$n" && psql -X -q -d "s$n" -v n="$n" -o /dev/null -f tests/bench/stats.sql || exit 1
    echo "# $n rows of each kind made in $((SECONDS - began)) s, $(psql -X -At -d "s$n" -c 'select pg_size_pretty(pg_database_size(current_database()))')"
done
[ -z "${MAKE_ONLY:-}" ] || exit 0
for name in $calls; do
    echo "select status, body from api.$(call "$name")" >"$dir/$name.sql"
    # Ids differ between sizes, and a list's total is what grows: figures are compared, lists counted.
    answers=$(for n in $sizes; do psql -X -At -d "s$n" -c "select case when body like '[%' then json_array_length(body::json)::text else body end from api.$(call "$name")"; done | sort -u | wc -l)
    verdict $((answers != 1)) "$name: the same answer at every size"
done
smallest=${sizes%% *} largest=${sizes##* }
echo "# | call | $(for n in $sizes; do printf 'p50 / p99 ms at %s | ' "$n"; done)largest to smallest, p50 |"
for name in $calls; do
    for round in $(seq "$rounds"); do
        for n in $sizes; do measure "$name" "$n" >>"$dir/$name-$n" || exit 1; done
    done
    row="# | $name |"
    for n in $sizes; do
        row+=$(awk -v a="$(awk '{ print $1 }' "$dir/$name-$n" | median)" -v b="$(awk '{ print $2 }' "$dir/$name-$n" | median)" \
            'BEGIN { printf " %.2f / %.2f |", a / 1000, b / 1000 }')
    done
    echo "$row $(paste "$dir/$name-$smallest" "$dir/$name-$largest" | awk '{ printf "%.2f\n", $3 / $1 }' | median) |"
done
exit $status
