-- After the storm: what only the database itself can say about order. pgTAP.
begin;
set local search_path = public, pg_catalog;
select plan(9);
select is((select count(*)::int from feed.event_overflow), 0, 'every event is in its day''s partition');
select is((select string_agg(c.venue::text, ' ') from feed.counter c
    where c.seq <> (select count(*) from feed.log l where l.venue = c.venue)
       or c.seq <> (select coalesce(max(seq), 0) from feed.log l where l.venue = c.venue)), null, 'seq is gapless in every venue');
select is((select count(*)::int from (select pg_xact_commit_timestamp(xmin) as t,
    lag(pg_xact_commit_timestamp(xmin)) over (partition by venue order by seq) as before from feed.event) x where t < before), 0,
    'seq is in commit order in every venue');
select is((select count(*)::int from (select at, lag(at) over (partition by venue order by seq) as before from feed.event) x where at < before), 0,
    'at never runs backwards against it');
select is((select count(*)::int from feed.event where type = 'resync'), 1, 'the import was one resync');
select is((select count(*)::int from (select venue, (m)[1] as writer, (m)[2]::int as n,
        lag((m)[2]::int) over (partition by venue, (m)[1] order by seq) as before
    from (select venue, seq, regexp_match(data #>> '{new,text}', '^m(\d+)-(\d+)$') as m from feed.event where type = 'notification.created') e) x
    where n <= before), 0, 'what one writer committed first comes first');
select ok((select count(*) > 100 from feed.event where actor = 'psql'), 'psql was among them');
select is((select count(*)::int from maitred.booking a join maitred.booking b on b.venue = a.venue and b.room_id = a.room_id and b.id > a.id and b.nights && a.nights
    where a.status = 'confirmed' and b.status = 'confirmed'), 0, 'no room was booked twice');
select is((select count(*)::int from (select b.venue, b.room_type_id, b.check_in + g as night, count(*) as n from maitred.booking b, generate_series(0, b.check_out - b.check_in - 1) g
        where maitred.is_live_booking(b.status) group by 1, 2, 3) x
    full join (select * from maitred.room_type_night where sold <> 0) s using (venue, room_type_id, night)
    where x.n is distinct from s.sold or s.sold > 4), 0, 'the inventory is what the bookings say, and nothing is oversold');
select * from finish();
rollback;
