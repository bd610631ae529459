#!/bin/bash
# What needs two sessions at once: one idempotency key, a burst of guessed passwords, two sidecars
# doing what is due, an acknowledgement beside the timer, two hosts taking the last table. Prints TAP. The database comes from the environment
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

echo "1..21"

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
say g "begin; select announced from api.due_run(10);"; idle g due_run
say h "select announced from api.due_run(100);"; say h "select 'done';"
idle h done; shut h
say g "commit;"; shut g
is "$(cat "$dir/g.out") $(head -1 "$dir/h.out")" "10 10" "two sidecars share what is due"
is "$(sql -c "select count(*), count(distinct entity) from feed.log where venue = $venue and type = 'reservation.upcoming'")" "20|20" \
    "... each reservation is announced once"

# What is due otherwise, shared alike: six messages, six tables kept in vain, six sessions that nobody uses.
sql <<SQL
insert into maitred.dining_table (venue, number, label, capacity, status)
    select $venue, 10 + n, 'R-' || n, 4, 'reserved' from generate_series(1, 6) n;
insert into maitred.dining_table (venue, number, label, capacity, status)
    select $venue, 20 + n, 'S-' || n, 4, 'occupied' from generate_series(1, 6) n;
update maitred.table_session set last_active = clock_timestamp() - interval '5 hours' where venue = $venue;
update maitred.dining_table set reserved_until = clock_timestamp() - interval '1 second' where venue = $venue and status = 'reserved';
insert into maitred.notification (venue, kind, text, created_at)
    select $venue, 'call_waiter', 'Call ' || n, clock_timestamp() - interval '10 minutes' from generate_series(1, 6) n;
SQL
due="select escalated, released, expired from api.due_run"
open i; open j
say i "begin; $due(9);"; idle i due_run
say j "$due(100);"; say j "select wait_ms <= 1000 from api.due_run(100);"; say j "select 'done';"
idle j done; shut j
say i "commit;"; shut i
is "$(cat "$dir/i.out") $(sed -n 1p "$dir/j.out")" "6|3|0 0|3|6" "two sidecars share what is due otherwise"
is "$(sed -n 2p "$dir/j.out")" t "... who finds the rest taken asks again soon, in case the other fails"
is "$(sql -c "begin; $due(100); select pg_current_xact_id_if_assigned() is null; commit")" "0|0|0
t" "... then nothing is due, and nothing is written"
is "$(sql -c "select count(*), count(distinct entity) from feed.log where venue = $venue and type = 'notification.created' and data #>> '{new,kind}' = 'alert'")" "6|6" \
    "... each message is one alert"
is "$(sql -c "select count(*), count(distinct entity) from feed.log where venue = $venue and type = 'table.updated' and data #>> '{old,status}' = 'reserved'")" "6|6" \
    "... each table is released once"
is "$(sql -c "select count(*), count(distinct id) from maitred.table_session where venue = $venue and state = 'expired'")" "6|6" "... each session expires once"

# Somebody acknowledges while the timer looks: no alert. The other way round: the alert ends with it.
message() { sql -c "insert into maitred.notification (venue, kind, text, created_at)
    values ($venue, 'new_order', '$1', clock_timestamp() - interval '10 minutes') returning id"; }
first=$(message One)
open k; open l
say k "begin; select status from api.notification_acknowledge($who, $first);"; idle k acknowledge
is "$(sql -c "$due(100)")" "0|0|0" "what is being acknowledged is left alone"
say k "commit;"; shut k
second=$(message Two)
say l "begin; $due(100);"; idle l due_run
open m
say m "select status from api.notification_acknowledge($who, $second);"; waits m
say l "commit;"; shut l; shut m
is "$(head -1 "$dir/l.out")" "1|0|0" "... and then it is none; what is not is an alert"
is "$(sql -c "select string_agg(acknowledged_by, ' ') from maitred.notification where venue = $venue and $second in (id, escalates)")" "anna anna" \
    "... that ends with the acknowledgement that came too late"

sql -c "select maitred.erase_venue('$slug', '$slug')" >/dev/null
sql -c "delete from maitred.login_attempt where subject like '%$slug%' or subject like 'address:192.0.2.%'"
rm -rf "$dir"
exit $failed
