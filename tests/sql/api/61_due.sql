-- What happens by itself: messages become alerts, reserved tables are free again, sessions expire; once,
-- by the venue's settings, and nothing is written when nothing is due. (Announcements: 60_snapshots.sql,
-- two at once: races.sh.)
begin;
\ir fixture.psql
select no_plan();
-- Only what this transaction makes is to be seen here.
update maitred.reservation set upcoming_sent_at = now() where upcoming_sent_at is null;
update maitred.booking set upcoming_sent_at = now() where upcoming_sent_at is null;
update maitred.notification set escalate_at = null where escalate_at is not null;
update maitred.table_session set expires_at = null where expires_at is not null;
update maitred.dining_table set reserved_until = null where reserved_until is not null;
select feed.flush();

select pg_temp.venue('bistro') as v, pg_temp.account('bistro', 'waiter') as w, pg_temp.account('bistro', 'manager') as m,
    pg_temp.tab('bistro', 1) as t1, pg_temp.tab('bistro', 2) as t2, pg_temp.tab('bistro', 3) as t3 \gset
create function pg_temp.run(most int default 100) returns text language sql volatile
as $$ select concat_ws(' ', announced, escalated, released, expired) from api.due_run($1) $$;
create function pg_temp.set(settings jsonb) returns void language sql volatile
as $$ update maitred.venue set settings = $1 where id = pg_temp.venue('bistro') $$;
create function pg_temp.ago(seconds numeric) returns timestamptz language sql volatile as $$ select clock_timestamp() - make_interval(secs => $1) $$;
create function pg_temp.head() returns bigint language sql volatile as $$ select feed.flush(); select seq from feed.counter where venue = pg_temp.venue('bistro') $$;
create function pg_temp.events(after bigint) returns text language sql stable
as $$ select string_agg(type || ' ' || actor, ', ' order by seq) from feed.log where venue = pg_temp.venue('bistro') and seq > $1 $$;
create function pg_temp.status(id bigint) returns text language sql volatile as $$ select t.status from maitred.dining_table t where t.id = $1 $$;
create function pg_temp.session(tab bigint) returns maitred.table_session language sql stable
as $$ select s from maitred.table_session s where s.table_id = $1 order by s.id desc limit 1 $$;
create function pg_temp.alert(id bigint) returns maitred.notification language sql volatile
as $$ select n from maitred.notification n where n.escalates = $1 $$;
-- A message as of so long ago.
create function pg_temp.message(kind text, seconds int default 200, priority text default 'normal', more jsonb default '{}') returns bigint language sql volatile
as $$ insert into maitred.notification (venue, kind, priority, text, created_at, waiter_id, request_id, order_id)
      values (pg_temp.venue('bistro'), $1, $3, 'Table 9 calls', pg_temp.ago($2), ($4 ->> 'waiter')::bigint, ($4 ->> 'request')::bigint, ($4 ->> 'order')::bigint) returning id $$;

-- nothing ------------------------------------------------------------------------------------------
select pg_temp.head() as h \gset
select is((select d::text from api.due_run(100) d), '(0,0,0,0,)', 'nothing due, nothing ahead');
select is(pg_temp.head(), :h::bigint, '... nothing written');

-- messages ------------------------------------------------------------------------------------------
select pg_temp.message('new_order', 0) as n \gset
select is((select escalate_at - created_at from maitred.notification where id = :n), interval '3 minutes', 'an order is to be seen to in three minutes');
select ok((select wait_ms between 170000 and 180000 from api.due_run(100)), '... the timer is told how long that is');
select count(pg_temp.message(k)) as n from unnest(array['order_ready', 'payment_completed', 'alert']) k \gset
select is((select count(*) from maitred.notification where escalate_at is not null), 1::bigint, 'what is no order and no call never escalates');
select pg_temp.message('call_waiter', 200, more => jsonb_build_object('waiter', :w)) as n \gset
select pg_temp.head() as h \gset
select is(pg_temp.run(), '0 1 0 0', 'a call that nobody saw to');
select is(maitred.notification_doc(pg_temp.alert(:n)) - 'id' - 'created_at', jsonb_build_object('kind', 'alert', 'priority', 'high', 'text', 'Not acknowledged for 200 s: Table 9 calls',
    'data', null, 'waiter_id', null, 'audience', 'managers', 'escalates', :n, 'table_id', null, 'order_id', null, 'session_id', null, 'request_id', null, 'created_by', 'system',
    'acknowledged_by', null, 'acknowledged_at', null, 'resolved_at', null), '... is an alert of higher priority to those in charge');
select pg_temp.head();
select is(pg_temp.events(:h), 'notification.created system', '... one event');
select is(pg_temp.run(), '0 0 0 0', '... once');
select is((pg_temp.alert(:n)).escalate_at, null, '... and goes no further itself');
select pg_temp.message('bill_requested', 200, 'high') as u \gset
select is(pg_temp.run() || ' ' || (pg_temp.alert(:u)).priority, '0 1 0 0 urgent', 'what was high is urgent') ;

-- who gets it
create function pg_temp.tasks(role text) returns text language sql volatile as $$ select coalesce(string_agg(n ->> 'text', ', ' order by o), '-')
    from jsonb_array_elements((api.waiter_tasks(pg_temp.caller('bistro', 'manager'), pg_temp.account('bistro', $1))).body::jsonb) with ordinality x (n, o) where n ->> 'kind' = 'alert' and n ->> 'audience' is not null $$;
select is(pg_temp.tasks('manager'), 'Not acknowledged for 200 s: Table 9 calls, Not acknowledged for 200 s: Table 9 calls', 'the manager has them to do');
select is(pg_temp.tasks('admin'), pg_temp.tasks('manager'), '... the admin too');
select is(pg_temp.tasks('waiter'), '-', '... and no waiter');
create function pg_temp.listed(role text) returns bigint language sql volatile as $$ select count(*) from jsonb_array_elements((api.notification_list(pg_temp.caller('bistro', 'waiter'),
    pg_temp.account('bistro', $1), '{alert}', 1, 50)).body::jsonb) n where n ->> 'audience' = 'managers' $$;
select is(array[pg_temp.listed('admin'), pg_temp.listed('manager'), pg_temp.listed('waiter'), pg_temp.listed('nobody')], array[2, 2, 0, 2]::bigint[], 'of a list alike; who asks for nobody''s gets all');

-- both end together
create function pg_temp.ack(id bigint, role text) returns jsonb language sql volatile as $$ select pg_temp.body(api.notification_acknowledge(pg_temp.caller('bistro', $2), $1)) $$;
select is(pg_temp.ack(:n, 'waiter') ->> 'acknowledged_by', 'waiter', 'the call is acknowledged');
select is((pg_temp.alert(:n)).acknowledged_by, 'waiter', '... so is its alert');
select is(pg_temp.ack((pg_temp.alert(:n)).id, 'manager') ->> 'acknowledged_by', 'waiter', '... who came first stays');
select is(pg_temp.ack((pg_temp.alert(:u)).id, 'manager') ->> 'acknowledged_by', 'manager', 'the alert is acknowledged');
select is((select acknowledged_by from maitred.notification where id = :u), 'manager', '... so is the call');
select pg_temp.message('new_order') as a, pg_temp.message('new_order') as r \gset
update maitred.notification set acknowledged_at = now(), acknowledged_by = 'x' where id = :a;
update maitred.notification set resolved_at = now() where id = :r;
select is(pg_temp.run(), '0 0 0 0', 'what is acknowledged or resolved in time is no alert');
insert into maitred.customer_order (venue) values (:v) returning id as o \gset
update maitred.notification set escalate_at = pg_temp.ago(1) where order_id = :o returning id as on \gset
select is(pg_temp.run(), '0 1 0 0', 'an order that nobody saw');
select is((pg_temp.alert(:on)).order_id, :o::bigint, '... the alert says which');
update maitred.customer_order set status = 'confirmed' where id = :o;
select isnt((pg_temp.alert(:on)).resolved_at, null, 'an order that goes on ends it');
select is(pg_temp.ack((pg_temp.alert(:on)).id, 'manager') ->> 'acknowledged_by', 'manager', 'it can still be acknowledged');
insert into maitred.service_request (venue, table_id, kind) values (:v, :t1, 'call_waiter') returning id as q \gset
update maitred.notification set escalate_at = pg_temp.ago(1) where request_id = :q returning id as qn \gset
select is(pg_temp.run(), '0 1 0 0', 'a guest''s call');
select is((pg_temp.alert(:qn)).request_id, :q::bigint, '... the alert says which');
select is(pg_temp.ack((pg_temp.alert(:qn)).id, 'admin') ->> 'acknowledged_by', 'admin', 'the alert is acknowledged');
select is((select acknowledged_by from maitred.service_request where id = :q), 'admin', '... and the call with it');
update maitred.service_request set resolved_at = now() where id = :q;
select is((select count(*) from maitred.notification where request_id = :q and resolved_at is not null), 2::bigint, 'resolving it ends both');

-- settings
select pg_temp.message('new_order', 60) as s \gset
select is(pg_temp.run(), '0 0 0 0', 'one minute is not too long');
select pg_temp.set('{"escalate_after_s": 30}');
select is(pg_temp.run(), '0 1 0 0', '... until the venue says so: what is open follows');
select pg_temp.set('{"escalate_after_s": 31}');
select is(pg_temp.run(), '0 0 0 0', 'what has its alert gets no other');
select pg_temp.message('new_order', 25) as s \gset
select pg_temp.set('{"escalate_after_s": 0}');
select is((select escalate_at from maitred.notification where id = :s), null, 'zero: never');
select pg_temp.set('{}');
update maitred.venue set active = false where id = :v;
select is((select escalate_at from maitred.notification where id = :s), null, 'nothing of a venue that is not active');
select pg_temp.message('new_order', 0) as s2 \gset
select is((select escalate_at from maitred.notification where id = :s2), null, '... nor of what comes meanwhile');
update maitred.venue set active = true where id = :v;
select is((select count(*) from maitred.notification where id in (:s, :s2) and escalate_at > now()), 2::bigint, '... when it is again');
select is(pg_temp.run(), '0 0 0 0', '... in their time');
select is(pg_temp.says(format('select pg_temp.set(%L)', s)), '23514 new row for relation "venue" violates check constraint "venue_' || c || '_range"', s || ' is refused')
    from (values ('{"escalate_after_s": -1}', 'escalate_after'), ('{"escalate_after_s": 86401}', 'escalate_after'), ('{"escalate_after_s": "soon"}', 'escalate_after'),
        ('{"reservation_grace_s": 1.5}', 'reservation_grace'), ('{"session_idle_s": 604801}', 'session_idle'), ('{"session_idle_s": [1]}', 'session_idle')) x (s, c);
update maitred.notification set resolved_at = now() where venue = :v and resolved_at is null;

-- reserved tables -----------------------------------------------------------------------------------
create function pg_temp.book(tab bigint, minutes numeric, status text default 'confirmed') returns bigint language sql volatile
as $$ insert into maitred.reservation (venue, customer_name, party_size, starts_at, table_id, status, upcoming_sent_at, duration_minutes)
      values (pg_temp.venue('bistro'), 'Ann Lee', 2, clock_timestamp() + $2 * interval '1 minute', $1, $3, now(), 30) returning id $$;
create function pg_temp.put(id bigint, status text) returns void language sql volatile as $$ update maitred.dining_table t set status = $2 where t.id = $1 $$;
create function pg_temp.left(id bigint) returns int language sql volatile as $$ select round(extract(epoch from t.reserved_until - clock_timestamp()) / 60)::int from maitred.dining_table t where t.id = $1 $$;
select pg_temp.put(:t1, 'reserved');
select is(pg_temp.left(:t1), null, 'a table that is kept for nobody who is known is kept');
select pg_temp.book(:t1, 120) as r2, pg_temp.book(:t1, 20) as r1 \gset
select is(pg_temp.left(:t1), 35, 'one with a reservation is kept a quarter of an hour longer: the first that comes');
select version as ver from maitred.dining_table where id = :t1 \gset
select pg_temp.head() as h \gset
update maitred.reservation set starts_at = starts_at + interval '10 minutes' where id = :r1;
select is(pg_temp.left(:t1), 45, 'a later party, a later end');
select is((select version from maitred.dining_table where id = :t1), :ver::bigint, '... which is no change of the table');
select pg_temp.head();
select is(pg_temp.events(:h), 'reservation.updated system', '... nor an event of it');
select ok((select wait_ms between 44 * 60000 and 45 * 60000 from api.due_run(100)), '... but a later call of the timer');
update maitred.reservation set starts_at = pg_temp.ago(880) where id = :r1;
select is(pg_temp.run(), '0 0 0 0', 'within its grace it is kept');
update maitred.reservation set starts_at = pg_temp.ago(901) where id = :r1;
select pg_temp.put(:t1, 'available'); select pg_temp.put(:t1, 'reserved');
select is(pg_temp.left(:t1), 135, 'reserved again after its grace it is kept for the next');
update maitred.reservation set starts_at = pg_temp.ago(600) where id = :r1;
update maitred.dining_table set reserved_until = pg_temp.ago(1), status_note = 'Birthday' where id = :t1;
select pg_temp.head() as h \gset
select is(pg_temp.run(), '0 0 1 0', 'nobody was seated in time: the table is free');
select is(pg_temp.run(), '0 0 0 0', '... once');
select is((select (status, status_note, updated_by, reserved_until)::text from maitred.dining_table where id = :t1), '(available,,system,)', '... as such');
select pg_temp.head();
select is(pg_temp.events(:h), 'table.updated system', '... one event of the table');
select is((select (actor, old_status, new_status)::text from maitred.status_history where kind = 'table' and entity_id = :t1 order by id desc limit 1), '(system,reserved,available)', '... its history');
select is((select status from maitred.reservation where id = :r1), 'confirmed', 'a late party can still be seated');
select pg_temp.body(api.reservation_seat(pg_temp.caller('bistro', 'waiter'), :r1, null, null)) ->> 'status' as s \gset
select is(pg_temp.status(:t1), 'occupied', '... and is');
select pg_temp.put(:t2, 'reserved'), pg_temp.book(:t2, 5) as r3 \gset
select pg_temp.body(api.reservation_seat(pg_temp.caller('bistro', 'waiter'), :r3, null, null)) ->> 'status' as s \gset
select is((select (status, reserved_until)::text from maitred.dining_table where id = :t2), '(occupied,)', 'the party came: nothing is due');
select pg_temp.put(:t3, 'reserved'), pg_temp.book(:t3, 5) as r4 \gset
select pg_temp.body(api.reservation_cancel(pg_temp.caller('bistro', 'waiter'), :r4, null)) ->> 'status' as s \gset
select is(pg_temp.run() || ' ' || pg_temp.status(:t3), '0 0 1 0 available', 'one whose reservation is cancelled is free at once');
select pg_temp.put(:t3, 'reserved'), pg_temp.book(:t3, 5) as r5 \gset
update maitred.reservation set table_id = pg_temp.tab('bistro', 4) where id = :r5;
select is(pg_temp.run() || ' ' || pg_temp.status(:t3), '0 0 1 0 available', '... or has another table');
select pg_temp.put(:t3, 'reserved'), pg_temp.book(:t3, 5, 'pending') as r6 \gset
delete from maitred.reservation where id = :r6;
select is(pg_temp.run() || ' ' || pg_temp.status(:t3), '0 0 1 0 available', '... or is gone');
select pg_temp.put(:t3, 'reserved'), pg_temp.book(:t3, 5) as r7 \gset
select pg_temp.set('{"reservation_grace_s": 60}');
select is(pg_temp.left(:t3), 6, 'the venue''s own grace');
select pg_temp.set('{"reservation_grace_s": 0}');
select is(pg_temp.left(:t3), null, 'zero: kept');
select pg_temp.set('{}');
select is(pg_temp.left(:t3), 20, 'and the default again');
update maitred.reservation set status = 'no_show' where id = :r7;
select is(pg_temp.run(), '0 0 1 0', 'a no-show frees it');

-- sessions ------------------------------------------------------------------------------------------
select pg_temp.put(:t1, 'available'), pg_temp.put(:t2, 'available');
select pg_temp.put(:t1, 'occupied');
select (pg_temp.session(:t1)).id as s1 \gset
create function pg_temp.idle(id bigint, seconds int) returns void language sql volatile as $$ update maitred.table_session s set last_active = pg_temp.ago($2) where s.id = $1 $$;
select is((pg_temp.session(:t1)).expires_at - (pg_temp.session(:t1)).last_active, interval '4 hours', 'four hours of nothing');
select pg_temp.idle(:s1, 14300);
select is(pg_temp.run(), '0 0 0 0', 'not yet');
insert into maitred.guest_token (jti, venue, session_id, expires_at, made_at) values ('expiring', :v, :s1, now() + interval '1 day', pg_temp.ago(20000));
insert into maitred.service_request (venue, session_id, kind, created_at) values (:v, :s1, 'call_waiter', pg_temp.ago(20000)) returning id as q \gset
update maitred.notification set escalate_at = null where request_id = :q;
select pg_temp.idle(:s1, 14401);
select pg_temp.head() as h \gset
select is(pg_temp.run(), '0 0 0 1', 'nobody was there: the session expires');
select is(pg_temp.run(), '0 0 0 0', '... once');
select is((select (state, closed_at is not null, expires_at)::text from maitred.table_session where id = :s1), '(expired,t,)', '... as such');
select is(pg_temp.status(:t1), 'available', 'its table is free');
select is((select count(*) from maitred.guest_token where session_id = :s1), 0::bigint, 'its guests'' tokens end');
select is((select count(*) from maitred.revoked_token where jti = 'expiring'), 1::bigint, '... everywhere');
select isnt((select resolved_at from maitred.service_request where id = :q), null, 'its calls are resolved');
select pg_temp.head();
select is((select count(*) from feed.log where venue = :v and seq > :h and type = 'table.updated'), 1::bigint, 'one event of the table');
select is((select (data #>> '{old,session,id}')::bigint from feed.log where venue = :v and seq > :h and type = 'table.updated'), :s1::bigint, '... with the session that it had');
select is(pg_temp.body(api.table_restore(pg_temp.caller('bistro', 'manager'), :t1)) #>> '{session,id}', :'s1', 'restore opens it again');
select is(pg_temp.run(), '0 0 0 0', '... and that is activity');

-- what is activity, and what is owed
create function pg_temp.order(session bigint, price int default 0, done text[] default '{}') returns bigint language plpgsql volatile as $$
declare o bigint; s text;
begin
    insert into maitred.customer_order (venue, session_id) values (pg_temp.venue('bistro'), session) returning id into o;
    if price > 0 then insert into maitred.order_item (venue, order_id, name, unit_price, quantity) values (pg_temp.venue('bistro'), o, 'Soup', price, 1); end if;
    foreach s in array done loop update maitred.customer_order set status = s where id = o; end loop;
    update maitred.notification set escalate_at = null where order_id = o;
    return o;
end $$;
-- The past is not written through the triggers that stamp the present.
create function pg_temp.long_ago(session bigint) returns void language plpgsql volatile as $$
begin
    set constraints all immediate;
    alter table maitred.customer_order disable trigger user;
    update maitred.customer_order o set updated_at = pg_temp.ago(20000) where o.session_id = $1;
    alter table maitred.customer_order enable trigger user;
    set constraints all deferred;
    perform pg_temp.idle($1, 20000);
end $$;
select pg_temp.order(:s1) as o1 \gset
select pg_temp.idle(:s1, 20000);
select is(pg_temp.run(), '0 0 0 0', 'an order went on meanwhile: the session stays');
select ok((pg_temp.session(:t1)).expires_at > now() + interval '3 hours', '... until four hours after that');
select pg_temp.long_ago(:s1);
insert into maitred.service_request (venue, session_id, kind) values (:v, :s1, 'call_waiter') returning id as q \gset
select is(pg_temp.run(), '0 0 0 0', 'a guest called meanwhile');
update maitred.service_request set created_at = pg_temp.ago(20000) where id = :q;
select pg_temp.idle(:s1, 20000);
select pg_temp.order(:s1, 450) as o2 \gset
select pg_temp.long_ago(:s1);
select pg_temp.head() as h \gset
select is((select concat_ws(' ', expired, coalesce(wait_ms, 9999) > 1000) from api.due_run(100)), '0 t', 'a table that still owes something stays open, and nobody asks for it again and again');
select is(pg_temp.head(), :h::bigint, '... nothing is written');
insert into maitred.payment (venue, order_id, amount, method, status) values (:v, :o2, 450, 'cash', 'completed');
select is(pg_temp.run(), '0 0 0 0', 'paid: four hours from then');
select pg_temp.long_ago(:s1);
select is(pg_temp.run() || ' ' || pg_temp.status(:t1), '0 0 0 1 available', '... and it expires');
select is((select status from maitred.customer_order where id = :o2), 'pending', '... orders stay as they are');
select pg_temp.put(:t2, 'occupied');
select (pg_temp.session(:t2)).id as s2 \gset
select pg_temp.order(:s2, 450, '{confirmed,preparing,ready,served,completed}'), pg_temp.order(:s2, 450, '{cancelled}');
select pg_temp.long_ago(:s2);
select is(pg_temp.run(), '0 0 0 1', 'what is completed or cancelled owes nothing');
select pg_temp.put(:t3, 'occupied');
select pg_temp.set('{"session_idle_s": 60}');
select is((pg_temp.session(:t3)).expires_at - (pg_temp.session(:t3)).last_active, interval '1 minute', 'the venue''s own time');
select pg_temp.set('{"session_idle_s": 0}');
select is((pg_temp.session(:t3)).expires_at, null, 'zero: never');
select pg_temp.set('{}');
select pg_temp.put(:t3, 'available');
select is((pg_temp.session(:t3)).expires_at, null, 'what is closed is due no more');

-- many ------------------------------------------------------------------------------------------------
select count(pg_temp.message('new_order', 300 + n)) as many from generate_series(1, 130) n \gset
create temp table runs as select * from api.due_run(1000);
select is((select concat_ws(' ', escalated, wait_ms) from runs), '100 0', 'a hundred at once, so that each has its event, and then the next at once');
select is(pg_temp.run(), '0 30 0 0', '... the rest');
select is((select count(distinct escalates) from maitred.notification where venue = :v and escalates is not null and created_at >= (select max(created_at) - interval '1 minute' from maitred.notification where venue = :v)
    and text like 'Not acknowledged for 3__ s%' or text like 'Not acknowledged for 4__ s%' and venue = :v), 130::bigint, '... each once');
select feed.flush();
select is((select count(*) from feed.log where venue = :v and type = 'resync'), 0::bigint, '... and no bulk change');
select * from finish();
rollback;
