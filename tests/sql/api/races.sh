#!/bin/bash
# What needs two sessions at once: one idempotency key, a burst of guessed passwords, two sidecars
# announcing, two hosts taking the last table. Prints TAP. The database comes from the environment
# (PGHOST, PGPORT, PGUSER, PGDATABASE); the venue that it makes is erased at the end.
#
# No sleeps: a session that must wait is seen waiting in pg_stat_activity before the other goes on.
set -u
trap '' PIPE   # a session that was refused is gone before it is told to go
n=0
failed=0
dir=$(mktemp -d)
slug=race-$$
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$@"; }
is() { # got wanted name
    n=$((n + 1))
    if [ "$1" = "$2" ]; then echo "ok $n - $3"; else
        echo "not ok $n - $3"; printf '#   got: %s\n#   wanted: %s\n' "$1" "$2"; failed=1; fi
}
wait_for() { # condition in SQL, five seconds at most
    local i
    for i in $(seq 500); do
        [ "$(sql -c "select $1")" = t ] && return 0
        read -r -t 0.01 <>"$dir/never" || true
    done
    echo "# never became true: $1"; return 1
}
mkfifo "$dir/never"

# A session that is fed line by line: open NAME, say NAME sql, shut NAME.
open() { mkfifo "$dir/$1"; PGAPPNAME=$slug-$1 sql <"$dir/$1" >"$dir/$1.out" 2>&1 & eval "pid_$1=\$!"; eval "exec {fd_$1}>\"$dir/$1\""; }
say() { local fd=fd_$1; printf '%s\n' "$2" >&"${!fd}" 2>/dev/null; }
# \q rather than the end of the pipe: sessions opened later hold its other end too.
shut() { local fd=fd_$1 pid=pid_$1; say "$1" "\\q"; eval "exec {fd_$1}>&-"; wait "${!pid}"; }
waits() { wait_for "exists (select from pg_stat_activity where application_name = '$slug-$1' and wait_event_type = 'Lock')"; }
idle() { wait_for "exists (select from pg_stat_activity where application_name = '$slug-$1' and state like 'idle%' and query like '%$2%')"; }

venue=$(sql -c "insert into maitred.venue (slug, kind, name, timezone) values ('$slug', 'restaurant', 'Race', 'UTC') returning id")
account=$(sql -c "insert into maitred.account (venue, username, display_name, role) values ($venue, 'anna', 'Anna', 'admin') returning id")
sql -c "insert into maitred.floor values ($venue, 1, 'One')"
table=$(sql -c "insert into maitred.dining_table (venue, number, label, capacity) values ($venue, 1, 'T-1', 4) returning id")
who="'($venue,$account,anna,admin,,,f)'::api.caller"
create() { # key hash name minutes-from-now table
    echo "select (x.a).status, (x.a).body::jsonb ->> 'id' from (select case when t.fresh then api.idempotency_keep($who, '$1',
        api.reservation_create($who, '$3', date_trunc('hour', now()) + interval '$4 minutes', 2, null, null, null, null, ${5:-null}, null, null, null, null))
        else t.answer end as a from api.idempotency_take($who, '$1', 'reservation_create', '$2') t offset 0) x;"
}
count() { sql -c "select count(*) from maitred.reservation where venue = $venue and customer_name = '$1'"; }

echo "1..12"

# One key, two requests at once: the second waits and is given the answer of the first.
open a; open b
say a "begin; $(create key1 h1 Twin 600)"; idle a Twin
say b "$(create key1 h1 Twin 600)"; waits b
say a "commit;"
shut a; shut b
is "$(cat "$dir/b.out")" "$(cat "$dir/a.out")" "one key, two requests at once: one answer"
is "$(cut -d'|' -f1 "$dir/b.out")" 201 "... a creation"
is "$(count Twin)" 1 "... and one reservation"

# The first fails: its claim goes with it, and the second does the work.
open c; open d
say c "begin; $(create key2 h2 Retry 700)"; idle c Retry
say d "$(create key2 h2 Retry 700)"; waits d
say c "rollback;"
shut c; shut d
is "$(cut -d'|' -f1 "$dir/d.out")" 201 "the first rolled back: the second goes on"
is "$(count Retry)" 1 "... once"

# One table, two hosts: the second waits for the first and is refused.
open e; open f
say e "begin; $(create key3 h3 First 900 "$table")"; idle e First
say f "$(create key4 h4 Second 960 "$table")"; waits f
say e "commit;"
shut e; shut f
is "$(grep -c reservation_table_free "$dir/f.out")" 1 "one table, two hosts: the second is refused"
is "$(count First)$(count Second)" 10 "... and has no reservation"

# Twelve wrong passwords side by side, then the right one: refused, because the limit is reached.
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    sql -c "select (api.login_done('(,,,,,,)'::api.caller, $account, '192.0.2.$i', false)).status" >>"$dir/guesses" &
done
wait
is "$(sort -u "$dir/guesses")" 401 "twelve guesses at once"
is "$(sql -c "select failures from maitred.login_attempt where subject = 'account:$slug/anna'")" 12 "... are all counted"
is "$(sql -c "select (api.login_done('(,,,,,,)'::api.caller, $account, '192.0.2.99', true)).status" 2>&1 | grep -c 'ERROR: *rate_limited')" 1 "... and the right one comes too late"

# Two sidecars at once: each reservation is announced once, and neither waits for the other.
sql -c "insert into maitred.reservation (venue, customer_name, party_size, starts_at, status)
        select $venue, 'Due', 2, clock_timestamp() + interval '10 minutes', 'confirmed' from generate_series(1, 20)"
open g; open h
say g "begin; select fired from api.reservations_due(10);"; idle g reservations_due
say h "select fired from api.reservations_due(1000);"; say h "select 'done';"
idle h done; shut h
say g "commit;"; shut g
is "$(cat "$dir/g.out") $(head -1 "$dir/h.out")" "10 10" "two sidecars share what is due"
is "$(sql -c "select count(*), count(distinct entity) from feed.log where venue = $venue and type = 'reservation.upcoming'")" "20|20" \
    "... each reservation is announced once"

sql -c "select maitred.erase_venue('$slug', '$slug')" >/dev/null
sql -c "delete from maitred.login_attempt where subject like '%$slug%' or subject like 'address:192.0.2.%'"
rm -rf "$dir"
exit $failed
