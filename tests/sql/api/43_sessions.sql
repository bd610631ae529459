-- A session by its own id: guests, whose it is, its end; what a socket of one thing begins with; a broadcast.
begin;
\ir fixture.psql
select plan(31);
create function pg_temp.guest(session bigint, order_id bigint default null) returns api.caller language sql stable
as $$ select (pg_temp.venue('bistro'), null, 'guest', 'guest', $1, $2, false)::api.caller $$;
create function pg_temp.snap(kind text, id bigint, slug text default 'bistro', role text default 'admin') returns jsonb
language sql stable as $$ select pg_temp.body(api.channel_snapshot(pg_temp.caller($3, $4), $1, $2)) $$;
select pg_temp.venue('bistro') as v, pg_temp.account('bistro', 'waiter') as w, pg_temp.tab('bistro', 1) as t1, pg_temp.tab('bistro', 2) as t2 \gset

-- whose it is -------------------------------------------------------------------------------------
select is((api.table_set_status(pg_temp.caller('bistro', 'waiter'), :t1, 'occupied', null, null, null)).status, 200, 'a waiter occupies a table');
select s.id as s1 from maitred.table_session s where s.venue = :v and s.table_id = :t1 \gset
select is((select waiter_id from maitred.table_session where id = :s1), :w::bigint, '... and has its session');
select is((api.table_set_status(pg_temp.caller('bistro', 'admin'), :t2, 'occupied', null, null, null)).status, 200, 'an admin occupies one');
select s.id as s2 from maitred.table_session s where s.venue = :v and s.table_id = :t2 \gset
select is((select waiter_id from maitred.table_session where id = :s2), null, '... for nobody in particular');

-- guests ------------------------------------------------------------------------------------------
select pg_temp.body(api.session_update(pg_temp.caller('bistro', 'waiter'), :s1, 5, null)) as doc \gset
select is(:'doc'::jsonb, maitred.session_json(:v, :s1), 'answered by the session');
select is((maitred.session_json(:v, :s1) ->> 'guests_count')::int, 5, 'five guests');
select is(pg_temp.body(api.session_update(pg_temp.caller('bistro', 'admin'), :s2, null, :w)) ->> 'waiter', :'w', 'handed to a waiter');
select is(maitred.session_json(:v, :s2) ->> 'guests_count', '1', 'what is not named stays');
select is(pg_temp.says(format('select api.session_update(pg_temp.caller(''bistro'', ''admin''), %s, null, null)', :s1)), 'MD422 required guests_count', 'one of the two');
select is(pg_temp.says(format('select api.session_update(pg_temp.caller(''bistro'', ''admin''), %s, 2, -1)', :s1)), 'MD404 waiter_not_found waiter_id', 'nobody');
select is(pg_temp.says(format('select api.session_update(pg_temp.caller(''bistro'', ''admin''), %s, 2, %s)', :s1, pg_temp.account('other', 'waiter'))), 'MD404 waiter_not_found waiter_id', 'another venue''s waiter');
select is(pg_temp.says(format('select api.session_update(pg_temp.caller(''other'', ''admin''), %s, 2, null)', :s1)), 'MD404 session_not_found', 'another venue''s session');
select is(pg_temp.says('select api.session_update(pg_temp.caller(''bistro'', ''admin''), -1, 2, null)'), 'MD404 session_not_found', 'one that is not there');

-- the event says which session is over ------------------------------------------------------------
create function pg_temp.refs() returns jsonb language sql stable
as $$ select e.refs from feed.log e where e.venue = pg_temp.venue('bistro') and e.type = 'table.updated' order by e.seq desc limit 1 $$;
select is(pg_temp.refs() -> 'ended_session', null, 'none is over');
select is(pg_temp.body(api.session_close(pg_temp.caller('bistro', 'admin'), :s1)) ->> 'state', 'closed', 'closed');
select is(pg_temp.refs() ->> 'ended_session', :'s1', 'told');
select is((select status from maitred.dining_table where id = :t1), 'available', 'its table is free');
select is(pg_temp.says(format('select api.session_close(pg_temp.caller(''bistro'', ''admin''), %s)', :s1)), 'MD409 session_closed', 'only once');
select is(pg_temp.says(format('select api.session_update(pg_temp.caller(''bistro'', ''admin''), %s, 2, null)', :s1)), 'MD409 session_closed', '... and then it is as it was');
delete from maitred.rate_window;
select is((api.table_move(pg_temp.caller('bistro', 'admin'), :t2, :t1)).status, 200, 'a session moves');
select is((select bool_or(e.refs ? 'ended_session') from feed.log e where e.venue = :v and e.seq > (select max(seq) - 2 from feed.log where venue = :v)), false, '... and is not over');

-- states ------------------------------------------------------------------------------------------
select is(pg_temp.snap('session', :s2) -> 0 -> 'session', maitred.session_json(:v, :s2), 'a session in its table''s document');
select is(pg_temp.snap('session', :s1) #>> '{0,session,state}', 'closed', 'also one that is over');
select is(pg_temp.says(format('select api.channel_snapshot(pg_temp.guest(%s), ''session'', %s)', :s1, :s2)), 'MD404 not_found', 'a guest has one session');
select is(pg_temp.says(format('select pg_temp.snap(''session'', %s, ''other'')', :s1)), 'MD404 not_found', 'and a venue its own');
select is(pg_temp.snap('waiter', :w), pg_temp.body(api.waiter_tasks(pg_temp.caller('bistro', 'admin'), :w)), 'a waiter''s tasks are those of REST');
select is(pg_temp.says('select pg_temp.snap(''waiter'', -1)'), 'MD404 not_found', 'nobody''s tasks');
select is(pg_temp.snap('restaurant', null) -> 0, jsonb_build_object('id', :v, 'name', 'Bistro', 'active_orders', 0, 'occupied_tables', 1), 'a restaurant now');
select is((select count(*)::int from jsonb_object_keys(pg_temp.snap('hotel', null, 'grand') -> 0)), 7, 'a hotel now');

-- a broadcast -------------------------------------------------------------------------------------
select is(pg_temp.body(api.broadcast_create(pg_temp.caller('bistro', 'manager'), null, 'Kitchen closes', null)) - 'id' - 'created_at' - 'resolved_at',
    '{"kind": "broadcast", "priority": "normal", "text": "Kitchen closes", "data": null, "waiter_id": null, "table_id": null, "order_id": null,
      "session_id": null, "request_id": null, "audience": null, "escalates": null, "created_by": "manager", "acknowledged_by": null, "acknowledged_at": null}', 'to all');
select is(pg_temp.snap('waiter', :w), '[]', 'and nobody''s task');
select * from finish();
rollback;
