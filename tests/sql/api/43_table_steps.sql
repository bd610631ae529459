-- The steps of the admin dashboard: close, disable, enable, restore, move; what they refuse, what
-- they tell, and that they count against the account's rate.
begin;
\ir fixture.psql
select plan(59);

-- Only the test of the rate is about the rate.
create function pg_temp.slow() returns void language sql as $$ delete from maitred.rate_window $$;
create function pg_temp.step(what text, id bigint, slug text default 'bistro', role text default 'admin')
returns jsonb language plpgsql volatile as $$
declare a api.answer;
begin
    perform pg_temp.slow();
    execute format('select (x).* from api.table_%s(%L::api.caller, %s) x', what, pg_temp.caller(slug, role), id) into a;
    return pg_temp.body(a);
end $$;
create function pg_temp.move(a bigint, b bigint, slug text default 'bistro') returns jsonb language plpgsql volatile
as $$ begin perform pg_temp.slow(); return pg_temp.body(api.table_move(pg_temp.caller($3, 'waiter'), $1, $2)); end $$;
create function pg_temp.no(what text, id bigint, slug text default 'bistro') returns text language sql volatile
as $$ select pg_temp.says(format('select pg_temp.step(%L, %s, %L)', $1, $2, $3)) $$;
create function pg_temp.status(id bigint) returns text language sql stable
as $$ select t.status from maitred.dining_table t where t.id = $1 $$;
create function pg_temp.session(id bigint) returns bigint language sql stable
as $$ select s.id from maitred.table_session s where s.table_id = $1 and s.state = 'open' $$;
create function pg_temp.seq() returns bigint language sql stable
as $$ select c.seq from feed.counter c where c.venue = pg_temp.venue('bistro') $$;
create function pg_temp.told(since bigint) returns text language sql stable
as $$ select string_agg(type || ':' || entity || ':' || actor, ' ' order by seq) from feed.log
      where venue = pg_temp.venue('bistro') and seq > $1 $$;
select pg_temp.tab('bistro', 1) as t1, pg_temp.tab('bistro', 2) as t2, pg_temp.tab('bistro', 3) as t3,
    pg_temp.tab('bistro', 4) as t4, pg_temp.tab('other', 1) as theirs, pg_temp.venue('bistro') as v \gset

-- the list ----------------------------------------------------------------------------------------
create function pg_temp.infos(slug text default 'bistro') returns jsonb language sql stable
as $$ select pg_temp.body(api.tables_admin_list(pg_temp.caller($1, 'viewer'))) -> 'tables' $$;
select is(pg_temp.infos() -> 0, jsonb_build_object('id', :t1, 'number', 1, 'status', 'free', 'session', null), 'a free table');
update maitred.dining_table set status = 'reserved' where id = :t2;
update maitred.dining_table set status = 'maintenance' where id = :t3;
update maitred.dining_table set status = 'occupied', status_note = 'birthday' where id = :t4;
select is(pg_temp.infos() -> 1, jsonb_build_object('id', :t2, 'number', 2, 'status', 'free', 'reserved', true, 'session', null), 'a reserved one is free, with a mark');
select is(pg_temp.infos() -> 2 ->> 'status', 'disabled', 'maintenance is disabled');
select is(pg_temp.infos() -> 3 -> 'session', (select jsonb_build_object('id', s.id, 'last_active', maitred.iso(s.last_active))
    from maitred.table_session s where s.table_id = :t4), 'an occupied one with its session');
select is(jsonb_array_length(pg_temp.infos('other')), 4, 'each venue has its own');
select is(jsonb_array_length(pg_temp.body(api.tables_admin_list('(,,,,,,)'::api.caller)) -> 'tables'), 0, 'nobody has none');
select is(pg_temp.infos() -> 1, maitred.table_info(:v, :t2), 'one table alike');

-- close -------------------------------------------------------------------------------------------
insert into maitred.customer_order (venue, session_id) values (:v, pg_temp.session(:t4)) returning id as o \gset
insert into maitred.service_request (venue, session_id, table_id, kind)
    values (:v, pg_temp.session(:t4), :t4, 'bill_requested') returning id as q \gset
select pg_temp.session(:t4) as s4, feed.flush() as f \gset
select pg_temp.seq() as n \gset
select is(pg_temp.step('close', :t4), jsonb_build_object('id', :t4, 'number', 4, 'status', 'free', 'session', null), 'closed: the table is free');
select is((select state from maitred.table_session where id = :s4), 'closed', '... its session closed');
select isnt((select resolved_at from maitred.service_request where id = :q), null, '... its open calls resolved');
select is((select status || ' ' || table_id from maitred.customer_order where id = :o), 'pending ' || :t4, '... its orders stay');
select is((select status_note from maitred.dining_table where id = :t4), null, '... and the note of the old status is gone');
select is(pg_temp.told(:n), format('service_request.updated:%s:admin notification.updated:%s:admin table.updated:%s:admin', :q, (select id from maitred.notification where request_id = :q), :t4), 'events say who');
select is(pg_temp.no('close', :t4), 'MD409 no_active_session', 'twice');
select is((select state from pg_temp.refusal(format('select pg_temp.step(''close'', %s)', :t4))), maitred.table_json(:v, :t4), '... with the current table');
select is(pg_temp.no('close', :t3), 'MD409 no_active_session', 'a disabled one');

-- disable, enable ---------------------------------------------------------------------------------
select is(pg_temp.step('disable', :t1) ->> 'status', 'disabled', 'disabled');
select is(pg_temp.no('disable', :t1), 'MD409 already_disabled', 'twice');
select is(pg_temp.step('enable', :t1) ->> 'status', 'free', 'enabled');
select is(pg_temp.no('enable', :t1), 'MD409 not_disabled', 'twice');
select is(pg_temp.step('disable', :t2) ->> 'status', 'disabled', 'a reserved one can be disabled');
select is(pg_temp.step('enable', :t2) ->> 'reserved', null, '... and is no longer reserved then');
update maitred.dining_table set status = 'occupied' where id = :t1;
select is(pg_temp.no('disable', :t1), 'MD409 table_occupied', 'an occupied one can not');
select is(pg_temp.no('enable', :t1), 'MD409 not_disabled', 'nor is it disabled');

-- restore -----------------------------------------------------------------------------------------
select is(pg_temp.no('restore', :t1), 'MD409 table_occupied', 'restore: occupied');
select is(pg_temp.no('restore', :t2), 'MD409 no_session_to_restore', 'restore: no session ever');
update maitred.table_session set last_active = now() - interval '3 hours' where id = :s4;
select is(pg_temp.step('restore', :t4) #>> '{session,id}', :'s4', 'the latest session is open again');
select is((select closed_at from maitred.table_session where id = :s4), null, '... not closed');
select ok((select last_active > now() - interval '1 minute' from maitred.table_session where id = :s4), '... active from now on');
select is((select session_id from maitred.customer_order where id = :o), :s4::bigint, '... with its orders');
select is(pg_temp.status(:t4), 'occupied', '... and the table occupied');
-- The one that ended last, not the one that was opened last.
insert into maitred.table_session (venue, table_id, opened_at, state, closed_at)
    values (:v, :t2, now() - interval '9 hours', 'closed', now() - interval '1 hour') returning id as late \gset
insert into maitred.table_session (venue, table_id, opened_at, state, closed_at)
    values (:v, :t2, now() - interval '5 hours', 'expired', now() - interval '2 hours') returning id as early \gset
select is(pg_temp.step('restore', :t2) #>> '{session,id}', :'late', 'of several the one that ended last');
do $$ begin perform pg_temp.step('close', pg_temp.tab('bistro', 2)); end $$;
delete from maitred.table_session where id = :late;
select is(pg_temp.step('restore', :t2) #>> '{session,id}', :'early', 'an expired one as well');
do $$ begin perform pg_temp.step('close', pg_temp.tab('bistro', 2)); perform pg_temp.step('disable', pg_temp.tab('bistro', 2)); end $$;
select is(pg_temp.no('restore', :t2), 'MD409 invalid_transition status', 'a disabled table is enabled first');
select is((select state -> 'allowed' from pg_temp.refusal(format('select pg_temp.step(''restore'', %s)', :t2))), '["available"]', '... the refusal says so');
select is((select state from maitred.table_session where id = :early), 'closed', '... and nothing was half done');

-- move --------------------------------------------------------------------------------------------
do $$ begin perform pg_temp.step('enable', pg_temp.tab('bistro', 2)); end $$;
insert into maitred.service_request (venue, session_id, table_id, kind)
    values (:v, :s4, :t4, 'call_waiter') returning id as call \gset
select feed.flush() as f \gset
select pg_temp.seq() as n \gset
select pg_temp.move(:t4, :t2) as moved \gset
select is(:'moved'::jsonb, jsonb_build_object('tables', jsonb_build_array(maitred.table_info(:v, :t4), maitred.table_info(:v, :t2))), 'both tables, source first');
select is(pg_temp.session(:t2), :s4::bigint, 'the session is at the target');
select is(pg_temp.status(:t4) || ' ' || pg_temp.status(:t2), 'available occupied', '... the source free, the target occupied');
select is((select table_id || ' ' || table_number from maitred.customer_order where id = :o), :t2 || ' 2', '... its orders came along');
select is((select table_id || ' ' || coalesce(resolved_at::text, 'open') from maitred.service_request where id = :call), :t2 || ' open', '... and its open calls');
select is((select table_id from maitred.service_request where id = :q), :t4::bigint, '... a call that was answered stays where it was');
select is((select string_agg(entity::text, ' ' order by seq) from feed.log where venue = :v and seq > :n and type = 'table.updated'), :t4 || ' ' || :t2, 'two events, source first');
select is((select string_agg(coalesce(data #>> '{old,session,id}', 'none') || '>' || coalesce(data #>> '{new,session,id}', 'none'), ' ' order by seq)
    from feed.log where venue = :v and seq > :n and type = 'table.updated'), format('%s>none none>%1$s', :s4), '... each with its session before and after');
select is((select string_agg(old_status || '>' || new_status, ' ' order by id) from (select * from maitred.status_history
    where venue = :v and kind = 'table' order by id desc limit 2) h), 'occupied>available available>occupied', 'history of both');
create function pg_temp.no_move(a bigint, b bigint) returns text language sql volatile
as $$ select pg_temp.says(format('select pg_temp.move(%s, %s)', $1, $2)) $$;
select is(pg_temp.no_move(:t2, :t2), 'MD422 same_table to', 'to itself');
select is(pg_temp.no_move(:t2, 0), 'MD404 table_not_found to', 'to nowhere');
select is(pg_temp.no_move(0, :t2), 'MD404 table_not_found from', 'from nowhere');
select is(pg_temp.no_move(:t2, :theirs), 'MD404 table_not_found to', 'to another venue''s');
select is(pg_temp.no_move(:theirs, :t4), 'MD404 table_not_found from', 'from another venue''s');
select is(pg_temp.no_move(:t2, :t1), 'MD409 target_unavailable to', 'to an occupied one');
select is(pg_temp.no_move(:t2, :t3), 'MD409 target_unavailable to', 'to a disabled one');
select is(pg_temp.no_move(:t4, :t3), 'MD409 target_unavailable to', 'the target is looked at first');
update maitred.dining_table set status = 'reserved' where id = :t4;
select is(pg_temp.move(:t2, :t4) #>> '{tables,1,status}', 'occupied', 'to a reserved one: the party that it was kept for');
select is(pg_temp.no_move(:t2, :t4), 'MD409 target_unavailable to', '... once');
do $$ begin perform pg_temp.step('close', pg_temp.tab('bistro', 4)); end $$;
select is(pg_temp.no_move(:t2, :t4), 'MD409 no_session_to_move from', 'nobody sits there');

-- other venues, deleted tables, the rate ------------------------------------------------------------
select is((select string_agg(distinct pg_temp.no(w, :theirs), ', ') from unnest(array['close', 'disable', 'enable', 'restore']) w), 'MD404 table_not_found', 'another venue''s table does not exist');
update maitred.dining_table set active = false where id = :t3;
select is((select string_agg(distinct pg_temp.no(w, :t3), ', ') from unnest(array['close', 'disable', 'enable', 'restore']) w), 'MD404 table_not_found', 'nor does a deleted one');
select pg_temp.slow();
do $$ begin
    for i in 1..3 loop
        perform api.table_disable(pg_temp.caller('bistro', 'manager'), pg_temp.tab('bistro', 2));
        exit when i = 3;
        perform api.table_enable(pg_temp.caller('bistro', 'manager'), pg_temp.tab('bistro', 2));
    end loop;
end $$;
select is(pg_temp.says(format('select api.table_enable(%L::api.caller, %s)', pg_temp.caller('bistro', 'manager'), :t2)), 'MD429 rate_limited', 'the sixth within a second');
select * from finish();
rollback;
