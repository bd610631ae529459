-- What a follower calls: heads, reads, masks, epoch, upkeep plan and trimming.
begin;
set local search_path = public, pg_catalog;
select plan(31);
select t.restaurant('follow') as v \gset
select t.restaurant('follow-two') as w \gset
select t.tab(:v, 1) as t1 \gset
insert into maitred.reservation (venue, customer_name, party_size, starts_at, contact_number)
    values (:v, 'John Smith', 4, '2030-07-24 19:00Z', '555 1234') returning id as r \gset
select t.flush();
select t.seq(:v) as s \gset
update maitred.dining_table set section = 'a' where id = :t1;
select t.flush();
update maitred.dining_table set section = 'b' where venue = :w and number = 1;
update maitred.reservation set customer_name = 'Jane Doe' where id = :r;
select t.flush();

grant usage on schema t, public to maitred_realtime;
grant execute on all functions in schema t to maitred_realtime;
grant execute on all functions in schema public to maitred_realtime;
set local role maitred_realtime;
select is((select row(seq, trimmed_below, cardinality(area_seq))::text from api.feed_heads() where venue = :v), format('(%s,1,10)', :s + 2), 'heads');
select is((select array_agg(venue || ':' || seq || ':' || type) from api.feed_read(array[:v, :w]::bigint[], array[:s, 0]::bigint[], array[null, null]::timestamptz[], 100) where type in ('table.updated', 'reservation.updated')),
    array[:v || ':' || :s + 1 || ':table.updated', :v || ':' || :s + 2 || ':reservation.updated', :w || ':' || (select seq from api.feed_heads() where venue = :w) || ':table.updated'], 'events after a position, by venue and seq');
select is((select count(*)::int from api.feed_read(array[:v]::bigint[], array[:s]::bigint[], array['-infinity']::timestamptz[], 1)), 1, 'no more than asked for');
select is((select count(*)::int from api.feed_read(array[:v]::bigint[], array[:s + 2]::bigint[], array[now()]::timestamptz[], 10)), 0, 'nothing after the head');
select is((select masked from api.feed_read(array[:v]::bigint[], array[:s]::bigint[], array[null]::timestamptz[], 1)), null, 'a table has nothing to mask');
select is((select masked::jsonb #>> '{new,customerName}' || ' ' || (masked::jsonb #>> '{old,customerName}') || ' ' || (masked::jsonb #>> '{new,contactNumber}') from api.feed_read(array[:v]::bigint[], array[:s + 1]::bigint[], array[null]::timestamptz[], 1)),
    'J. D. J. S. *** **34', 'a reservation has, new and old');
select is((select data::jsonb #>> '{new,customerName}' from api.feed_read(array[:v]::bigint[], array[:s + 1]::bigint[], array[null]::timestamptz[], 1)), 'Jane Doe', 'beside the plain data');
select is((select min(seq)::text from api.feed_read(array[:v]::bigint[], array[:s - 1]::bigint[], array[null]::timestamptz[], 100) where refs::jsonb ? 'reservation'), :s::text, 'refs are JSON');

-- Epoch: the same cluster keeps it, without writing.
select is(api.feed_epoch_check(), (select epoch from api.feed_heads() limit 1), 'the same cluster, the same epoch');
reset role;
select epoch as e from feed.state \gset
select ok((select xmin <> pg_current_xact_id()::xid from feed.state), 'and nothing is written for it');
update feed.state set timeline = '00000000', planned_failover = true;
select is(api.feed_epoch_check(), :'e', 'a planned failover keeps it');
select is((select row(planned_failover, timeline <> '00000000')::text from feed.state), '(f,t)', 'once');
update feed.state set timeline = '00000000';
select isnt(api.feed_epoch_check(), :'e', 'another timeline renews it');
select epoch as e from feed.state \gset
update feed.state set system_identifier = 1, planned_failover = true;
select isnt(api.feed_epoch_check(), :'e', 'another cluster renews it, whatever was planned');
select epoch as e from feed.state \gset
select is(api.feed_epoch_renew(:v, :s, :'e'), :'e', 'a seq that is there renews nothing');
select isnt(api.feed_epoch_renew(:v, :s + 1000, :'e'), :'e', 'a seq that was seen and is gone does');
select is(api.feed_epoch_renew(:v, :s + 1000, :'e'), (select epoch from feed.state), 'once for all who saw it in that epoch');
select matches(feed.position(:v), '^[0-9a-f]{8}v' || :v || '-[0-9]+$', 'the form of a position');

-- Upkeep.
select is((select count(*)::int from feed.partition where attached and day between feed.utc_today() and feed.utc_today() + 14), 15, 'fourteen days ahead');
select is((select count(*)::int from api.feed_maintenance_plan()), 0, 'nothing to do, nothing planned');
update feed.state set ahead = 16;
select is((select array_agg(statement) from api.feed_maintenance_plan()), array['select api.feed_extend()', 'select pg_advisory_unlock(5496931)'], 'a plan ends by giving the lock back');
select is(api.feed_extend(), 2, 'two more days');
select is(api.feed_extend(), 0, 'done');
select pg_advisory_unlock_all();

-- An old day: planned for detaching, trimmed before.
create table feed_days.event_20200101 (like feed.event including defaults including constraints);
alter table feed_days.event_20200101 owner to maitred_feed_keeper;
alter table feed.event attach partition feed_days.event_20200101 for values from ('2020-01-01 00:00Z') to ('2020-01-02 00:00Z');
insert into maitred.venue (slug, kind, name) values ('old', 'hotel', 'Old') returning id as o \gset
insert into feed.event values (:o, 1, '2020-01-01 10:00Z', 'rooms', 'room.updated', 1, '{}', 'system', '{}'), (:o, 2, '2020-01-01 11:00Z', 'rooms', 'room.updated', 1, '{}', 'system', '{}');
update feed.counter set seq = 2 where venue = :o;
select is((select array_agg(statement order by step) from api.feed_maintenance_plan()), array[
    'select api.feed_trim(''2020-01-01'')', 'set role maitred_feed_keeper', 'set lock_timeout = ''2s''',
    'alter table feed.event detach partition feed_days.event_20200101 concurrently',
    'drop table feed_days.event_20200101', 'reset lock_timeout', 'reset role', 'select pg_advisory_unlock(5496931)'], 'the steps');
select is(api.feed_trim('2020-01-01'), 1::bigint, 'trimmed');
select is((select trimmed_below from feed.counter where venue = :o), 3::bigint, 'a venue knows below which seq');
select is((select trimmed_below from feed.counter where venue = :v), 1::bigint, 'the others keep all');
select throws_ok('select api.feed_trim((now() at time zone ''UTC'')::date)', '55000', null, 'today is not trimmed');
insert into maitred.idempotency (venue, account, key, op, request_hash, expires_at) values (:v, 1, 'k', 'o', 'h', now() - interval '1 s');
insert into maitred.ticket (hash, venue, claims, expires_at) values ('x', :v, '{}', now() - interval '1 s'), ('y', :v, '{}', now() + interval '1 h');
insert into maitred.socket_session (session, venue, owner, renewed_at) select x.s, :v, 1, now() - x.ago - (select keep from feed.state)
    from (values ('silent', interval '25 h'), ('soon', interval '23 h')) x (s, ago);
select is(api.feed_sweep(), 3::bigint, 'what has expired is swept');

-- The plan for run-time pruning: of all the days only those from the position on are looked at.
create function pg_temp.plan_of(sql text) returns setof text language plpgsql as $$
begin return query execute 'explain (analyze, costs off, timing off, summary off) ' || sql; end $$;
select is((select count(*)::int from pg_temp.plan_of(format($$
    select e.seq from unnest(array[%s]::bigint[], array[0]::bigint[], array[now()]::timestamptz[]) w (venue, seq, at),
    lateral (select * from feed.log l where l.venue = w.venue and l.seq > w.seq and l.at >= w.at order by l.seq limit 10) e $$, :v)) p
    where p ~ 'event_20200101' and p !~ 'never executed'), 0, 'days before the position are pruned');
set local role maitred_rest;
select throws_ok('select * from api.feed_maintenance_plan()', '42501', null, 'upkeep is not for everybody');
reset role;
select * from finish();
rollback;
