#!/bin/bash
# Upkeep as a sidecar does it: the plan's statements one by one, each in its own transaction, as
# the sidecar's role, while a reader and a writer are busy. Called by run.sh, which has the cluster.
set -euo pipefail
failed=0 count=0
ok() { count=$((count + 1)); if [ "$1" = "$2" ]; then echo "ok $count - $3"; else echo "not ok $count - $3 (have: $1, want: $2)"; failed=1; fi; }
q() { psql -X -q -At -v ON_ERROR_STOP=1 -c "$1"; }
partitions() { q "select count(*) from feed.partition where attached and day < feed.utc_today()"; }

# Two old days with an event each; the feed knows of them as it would in life.
q "do \$\$ declare d date; begin
    foreach d in array array[feed.utc_today() - 6, feed.utc_today() - 5] loop
        execute format('create table feed_days.%I (like feed.event including defaults including constraints)', feed.day_name(d));
        execute format('alter table feed_days.%I owner to maitred_feed_keeper', feed.day_name(d));
        execute format('alter table feed.event attach partition feed_days.%I for values from (%L) to (%L)', feed.day_name(d), feed.day_begin(d), feed.day_begin(d + 1));
    end loop; end \$\$"
v=$(q "insert into maitred.venue (slug, kind, name) values ('upkeep', 'hotel', 'Upkeep') returning id")
q "insert into feed.event values ($v, 0, feed.day_begin(feed.utc_today() - 5), 'rooms', 'room.updated', 1, '{}', 'system', '{}')"

# A reader in the middle of a long transaction holds the old days: DETACH CONCURRENTLY must wait
# for it, give up in time, and hold up nobody meanwhile.
coproc READER { psql -X -q -At; }
reader=$READER_PID # unset as soon as it has ended
echo "begin; select count(*) from feed.log;" >&"${READER[1]}"
read -r _ <&"${READER[0]}"
plan_run() {
    local plan=$1 out
    # One psql session runs the plan line by line, going on after a statement that failed.
    out=$(PGUSER=maitred_realtime psql -X -q -At -f - <<<"$plan" 2>&1) && echo "$out" || echo "$out"
}
plan=$(PGUSER=maitred_realtime psql -X -q -At -c "select statement || ';' from api.feed_maintenance_plan() order by step")
plan_run "$plan" >/dev/null &
pid=$!
began=$(date +%s%N)
q "insert into maitred.room_type (venue, name) values ($v, 'Busy')"
took=$((($(date +%s%N) - began) / 1000000))
[ "$took" -lt 1000 ] && ok 1 1 "a writer did not wait for the detaching ($took ms)" || ok "$took ms" "under 1000" "a writer did not wait"
wait $pid || true
echo "commit;" >&"${READER[1]}"
exec {READER[1]}>&-
wait "$reader" || true
# What was left half done is finished by the next plan.
for _ in 1 2 3; do
    plan=$(PGUSER=maitred_realtime psql -X -q -At -c "select statement || ';' from api.feed_maintenance_plan() order by step")
    [ -n "$plan" ] || break
    plan_run "$plan" >/dev/null
done
ok "$(partitions)" 0 "old days are detached and dropped"
ok "$(q "select count(*) from feed.partition")" 15 "none is left behind"
ok "$(q "select trimmed_below from feed.counter where venue = $v")" 1 "the venue knows below which seq it was trimmed"
ok "$(q "select count(*) from pg_locks where locktype = 'advisory'")" 0 "the lock was given back"
ok "$(PGUSER=maitred_realtime psql -X -q -At -c "select count(*) from api.feed_maintenance_plan()" -c "select count(*) > 0 from api.feed_heads()" -c "select api.feed_epoch_check() is not null" | tr '\n' ' ')" "0 t t " "nothing more to do"
# A look at the heads since the last one: those that moved, also by a writer that the last one could not see.
since() { q "select count(*) filter (where venue = $1), count(*), max(horizon::text) from api.feed_heads('$2')"; }
touch() { echo "update maitred.room_type set name = name || '+' where venue = $1;"; }
w=$(q "select venue from maitred.room_type where venue <> $v limit 1")
until [ "$(q "select pg_snapshot_xmin(s) = pg_snapshot_xmax(s) from pg_current_snapshot() s")" = t ]; do sleep 0.1; done
IFS='|' read -r _ all h <<<"$(since "$v" 0)"
ok "$all" "$(q "select count(*) from feed.counter")" "a first look is at all venues"
ok "$(since "$v" "$h")" "0|0|" "where nothing moved the next one brings nothing"
coproc WRITER { psql -X -q -At; }
writer=$WRITER_PID
echo "begin; $(touch "$w") set constraints all immediate; select 1;" >&"${WRITER[1]}"
read -r _ <&"${WRITER[0]}"
q "$(touch "$v")"
IFS='|' read -r own all h <<<"$(since "$v" "$h")"
ok "$own $all" "1 1" "then the venue that moved, alone"
echo "commit;" >&"${WRITER[1]}"
exec {WRITER[1]}>&-
wait "$writer" || true
ok "$(since "$w" "$h" | cut -d'|' -f1)" 1 "and the one whose writer was still open at the last look"
# A dump restored into the same cluster: system identifier and timeline are the same, the past is not.
before=$(q "select api.feed_epoch_check()")
psql -X -q -d postgres -c 'create database maitred_restored'
# Without the storm's bulk, which proves nothing here and takes its time.
pg_dump -Fc -f "$PGHOST/../dump" --exclude-table-data='maitred.(customer_order|order_item|payment|notification)'
pg_restore --exit-on-error --single-transaction -d maitred_restored "$PGHOST/../dump"
ok "$?" 0 "a dump restores"
ok "$([ "$(q "select api.feed_epoch_check()")" = "$before" ] && echo same)" same "here the epoch stays"
export PGDATABASE=maitred_restored
ok "$([ "$(q "select epoch from feed.state")" = "$before" ] && echo same)" same "the dump brings the old epoch along"
ok "$([ "$(q "select api.feed_epoch_check()")" != "$before" ] && echo other)" other "and the first who looks renews it"
seq=$(q "select seq from feed.counter where venue = $v")
q "update maitred.room_type set name = 'Restored' where venue = $v"
ok "$(q "select seq - $seq from feed.counter where venue = $v") $(q "select type from feed.log where venue = $v order by seq desc limit 1")" "1 room_type.updated" "the feed goes on in it"
echo "1..$count"
exit $failed
