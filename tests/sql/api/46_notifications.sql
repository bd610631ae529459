-- Messages and guests' calls: those that make and end themselves, those that are sent, who sees and
-- acknowledges them, a waiter's tasks; and histories.
begin;
\ir fixture.psql
select no_plan();

create function pg_temp.act(slug text, role text) returns void language sql volatile
as $$ select feed.act_as(pg_temp.caller($1, $2)) $$;
create function pg_temp.session(number int) returns bigint language sql stable
as $$ select s.id from maitred.table_session s where s.table_id = pg_temp.tab('bistro', $1) order by s.id desc limit 1 $$;
create function pg_temp.guest(session bigint, order_id bigint default null) returns api.caller language sql stable
as $$ select (pg_temp.venue('bistro'), null, 'guest', 'guest', $1, $2, false)::api.caller $$;
-- The open messages of a waiter (null: of all), newest first, and the total.
create function pg_temp.open(waiter bigint default null, kind text[] default null, page bigint default 1, lim bigint default 50, slug text default 'bistro')
returns text language sql volatile
as $$ select coalesce((select string_agg(n ->> 'kind', ' ' order by o) from jsonb_array_elements(a.body::jsonb) with ordinality x (n, o)), '-') || ' of ' || a.total
      from api.notification_list(pg_temp.caller($5, 'waiter'), $1, $2, $3, $4) a $$;
create function pg_temp.message(kind text) returns jsonb language sql volatile
as $$ select maitred.notification_json(n.venue, n.id) from maitred.notification n where n.venue = pg_temp.venue('bistro') and n.kind = $1 order by n.id desc limit 1 $$;
create function pg_temp.step(id bigint, variadic steps text[]) returns void language plpgsql volatile
as $$ declare s text; begin foreach s in array steps loop update maitred.customer_order o set status = s where o.id = $1; end loop; end $$;

-- what makes itself -----------------------------------------------------------------------------
update maitred.dining_table set status = 'occupied' where id in (pg_temp.tab('bistro', 1), pg_temp.tab('bistro', 2));
update maitred.table_session set waiter_id = pg_temp.account('bistro', 'waiter') where id = pg_temp.session(1);
select pg_temp.venue('bistro') as v, pg_temp.account('bistro', 'waiter') as w, pg_temp.account('bistro', 'frontdesk') as f, pg_temp.tab('bistro', 1) as t1 \gset
insert into maitred.customer_order (venue, session_id, customer_name) values (:v, pg_temp.session(1), 'Canary') returning id as o \gset
select is(pg_temp.message('new_order') - 'id' - 'created_at', jsonb_build_object('kind', 'new_order', 'priority', 'normal', 'text', 'Table 1, order ORD-' || :o || ': new', 'data', null,
    'waiter_id', :w, 'table_id', :t1, 'order_id', :o, 'session_id', pg_temp.session(1), 'request_id', null, 'audience', null, 'escalates', null, 'created_by', 'system', 'acknowledged_by', null,
    'acknowledged_at', null, 'resolved_at', null), 'a new order is told to the session''s waiter, and names no guest');
select is(pg_temp.open(:w), 'new_order of 1', 'it is theirs');
select is(pg_temp.open(:f), '- of 0', '... and nobody else''s');
select pg_temp.step(:o, 'confirmed', 'preparing');
select is(pg_temp.open(), '- of 0', 'done with once confirmed');
select pg_temp.step(:o, 'ready');
select is(pg_temp.message('order_ready') ->> 'text', 'Table 1, order ORD-' || :o || ': ready to be served', 'ready');
select is(pg_temp.message('order_ready') ->> 'priority', 'high', '... is pressing');
select pg_temp.step(:o, 'served');
select is(pg_temp.open(), '- of 0', 'done with once served');
insert into maitred.payment (venue, order_id, amount, method, status) values (:v, :o, 2050, 'credit_card', 'pending') returning id as p \gset
select is(pg_temp.open(), '- of 0', 'a pending payment is none');
update maitred.payment set status = 'completed' where id = :p;
select is(pg_temp.message('payment_completed') ->> 'text', 'Table 1, order ORD-' || :o || ': 20.5 EUR paid by credit card', 'a payment that went through');
insert into maitred.payment (venue, order_id, amount, method, status) values (:v, :o, 100, 'cash', 'completed');
select is(pg_temp.open(), 'payment_completed payment_completed of 2', 'each of them');
select pg_temp.step(:o, 'completed');
select is(pg_temp.open(), '- of 0', 'done with once the order is over');
insert into maitred.customer_order (venue) values (:v) returning id as loose \gset
select is(pg_temp.message('new_order') ->> 'waiter_id', null, 'an order of no session is told to all');
select is(pg_temp.open(:f), 'new_order of 1', '... so to each');
select pg_temp.step(:loose, 'cancelled');
select is(pg_temp.open(), '- of 0', 'cancelled: nobody waits');
insert into maitred.customer_order (venue, status, external_ref) values (:v, 'pending', 'csv:1');
insert into maitred.customer_order (venue, status) values (:v, 'completed');
select is(pg_temp.open(), '- of 0', 'what is imported or past is told to nobody');

-- a guest's calls -------------------------------------------------------------------------------
create function pg_temp.call(who api.caller, kind text default 'call_waiter', tab bigint default null, session bigint default null, words text default null)
returns api.answer language sql volatile as $$ select api.service_request_create($1, $2, $3, $4, null, $5) $$;
create temp table made (k text, a api.answer);
do $$ begin insert into made values ('call', pg_temp.call(pg_temp.guest(pg_temp.session(1)), words => 'more water')); end $$;
select ((a).body::jsonb ->> 'id')::bigint as q from made where k = 'call' \gset
select is((select row((a).status, (a).location)::text from made where k = 'call'), format('(201,/api/v1/service-requests/%s)', :q), 'a call, and where it is');
select is((select (a).body::jsonb - 'id' - 'created_at' from made where k = 'call'), jsonb_build_object('kind', 'call_waiter', 'priority', 'normal', 'text', 'more water', 'waiter_id', null,
    'table_id', :t1, 'order_id', null, 'session_id', pg_temp.session(1), 'created_by', null, 'acknowledged_by', null, 'acknowledged_at', null, 'resolved_at', null),
    'the session says which table; a guest does not see who waits');
select is(pg_temp.body(api.service_request_get(pg_temp.caller('bistro', 'waiter'), :q)) -> 'waiter_id', to_jsonb(:w), '... the staff does');
select is(pg_temp.message('call_waiter') ->> 'text', 'Table 1 calls: more water', 'its message');
select is((pg_temp.message('call_waiter') ->> 'request_id')::int, :q, '... names the call');
select is((select format('%s %s', (x.a).status, (x.a).body::jsonb ->> 'id') from (select pg_temp.call(pg_temp.guest(pg_temp.session(1))) as a offset 0) x), '201 ' || :q, 'the same call again is the first');
select is((pg_temp.call(pg_temp.guest(pg_temp.session(1)), 'bill_requested')).status, 201, 'another kind is another call');
select is(pg_temp.message('bill_requested') ->> 'text', 'Table 1 asks for the bill', 'in its words');
select is((pg_temp.call(pg_temp.caller('bistro', 'waiter'), tab => pg_temp.tab('bistro', 3))).status, 201, 'the staff call for a table without a session');
select is(pg_temp.says('select pg_temp.call(pg_temp.caller(''bistro'', ''waiter''))'), 'MD422 required table_id', 'from nowhere');
select is(pg_temp.says('select pg_temp.call(pg_temp.caller(''bistro'', ''waiter''), tab => pg_temp.tab(''other'', 1))'), 'MD404 table_not_found table_id', 'another venue''s table');
select is(pg_temp.says('select pg_temp.call(pg_temp.guest(pg_temp.session(1)), session => pg_temp.session(2))'), 'MD404 session_not_found session_id', 'another''s session');
select is(pg_temp.says('select pg_temp.call(pg_temp.guest(pg_temp.session(1)), tab => pg_temp.tab(''bistro'', 2))'), 'MD404 table_not_found table_id', 'another''s table');
select is(pg_temp.says(format('select pg_temp.call(pg_temp.guest(null, %s))', :loose)), 'MD409 no_session', 'an order of no table calls nobody');
select is((pg_temp.body(pg_temp.call(pg_temp.guest(null, :o))) ->> 'id')::int, :q, 'one of a table calls from there');
select is(pg_temp.says(format('select api.service_request_get(pg_temp.guest(pg_temp.session(2)), %s)', :q)), 'MD404 not_found', 'a neighbour''s call does not exist');
select is(pg_temp.says(format('select api.service_request_get(pg_temp.caller(''other'', ''admin''), %s)', :q)), 'MD404 not_found', 'nor another venue''s');
create function pg_temp.calls(who api.caller) returns text language sql volatile
as $$ select coalesce((select string_agg(n ->> 'kind', ' ' order by o) from jsonb_array_elements(a.body::jsonb) with ordinality x (n, o)), '-') || ' of ' || a.total from api.service_request_list($1, null, null) a $$;
select is(pg_temp.calls(pg_temp.caller('bistro', 'waiter')), 'call_waiter bill_requested call_waiter of 3', 'open calls, newest first');
select is(pg_temp.calls(pg_temp.guest(pg_temp.session(1))), 'bill_requested call_waiter of 2', '... a guest''s own');
select is(pg_temp.calls(pg_temp.guest(null, :o)), 'bill_requested call_waiter of 2', '... by the order too');
select is(pg_temp.calls(pg_temp.guest(null, :loose)), '- of 0', '... of no session none');
select is(pg_temp.calls(pg_temp.caller('other', 'admin')), '- of 0', '... nobody else''s');

-- acknowledging and resolving -------------------------------------------------------------------
create function pg_temp.ack(id bigint, role text, slug text default 'bistro') returns jsonb language sql volatile
as $$ select pg_temp.body(api.notification_acknowledge(pg_temp.caller($3, $2), $1)) $$;
select (pg_temp.message('bill_requested') ->> 'id')::bigint as n \gset
select is(pg_temp.ack(:n, 'waiter') ->> 'acknowledged_by', 'waiter', 'acknowledged');
select is(pg_temp.ack(:n, 'admin') ->> 'acknowledged_by', 'waiter', 'who came first stays');
select is(pg_temp.says(format('select pg_temp.ack(%s, ''admin'', ''other'')', :n)), 'MD404 not_found', 'another venue''s');
select is((select acknowledged_by from maitred.service_request where kind = 'bill_requested' and venue = :v), 'waiter', 'the guest''s call too');
select is(pg_temp.open(kind => '{bill_requested,call_waiter}'), 'call_waiter call_waiter of 2', 'and is no longer open');
create function pg_temp.resolve(id bigint, who api.caller) returns jsonb language sql volatile as $$ select pg_temp.body(api.service_request_resolve($2, $1)) $$;
select isnt(pg_temp.resolve(:q, pg_temp.caller('bistro', 'waiter')) ->> 'resolved_at', null, 'resolved');
select is(pg_temp.resolve(:q, pg_temp.caller('bistro', 'admin')) ->> 'resolved_at', maitred.iso((select resolved_at from maitred.service_request where id = :q)), 'once');
select is((select resolved_at from maitred.notification where request_id = :q), (select resolved_at from maitred.service_request where id = :q), '... with its message');
select is(pg_temp.says(format('select pg_temp.resolve(%s, pg_temp.guest(pg_temp.session(1)))', :q)), 'MD403 forbidden', 'a guest resolves nothing');
select is(pg_temp.says(format('select pg_temp.resolve(%s, pg_temp.caller(''other'', ''admin''))', :q)), 'MD404 not_found', 'nor another venue');
select is((pg_temp.call(pg_temp.guest(pg_temp.session(1)))).status, 201, 'what is resolved can be asked for again');
update maitred.dining_table set status = 'available' where id = :t1;
select is(pg_temp.calls(pg_temp.guest(pg_temp.session(1))), '- of 0', 'a table that is left waits for nobody');
select is(pg_temp.says('select pg_temp.call(pg_temp.guest(pg_temp.session(1)))'), 'MD409 session_closed session_id', '... and calls nobody');

-- sending ---------------------------------------------------------------------------------------
create function pg_temp.send(waiter bigint, kind text default null, priority text default null, words text default 'Fire drill', data jsonb default null, slug text default 'bistro')
returns api.answer language sql volatile as $$ select api.notification_create(pg_temp.caller($6, 'manager'), $1, $2, $3, $4, $5) $$;
do $$ begin insert into made values ('sent', pg_temp.send(pg_temp.account('bistro', 'waiter'), 'alert', 'urgent', data => '{"exit": [1, 2]}')); end $$;
select ((a).body::jsonb ->> 'id')::bigint as s from made where k = 'sent' \gset
select is((select row((a).status, (a).location)::text from made where k = 'sent'), format('(201,/api/v1/notifications/%s)', :s), 'sent');
select is((select (a).body::jsonb from made where k = 'sent'), pg_temp.body(api.notification_get(pg_temp.caller('bistro', 'kitchen'), :s)), '... and read');
select is((select concat_ws(' ', b ->> 'kind', b ->> 'priority', b ->> 'text', b ->> 'data', b ->> 'created_by') from (select (a).body::jsonb as b from made where k = 'sent') x),
    'alert urgent Fire drill {"exit": [1, 2]} manager', 'as it was said, by whom');
select is((select l.data #> '{new,data}' from feed.log l where l.venue = :v and l.type = 'notification.created' order by seq desc limit 1), '{"exit": [1, 2]}', 'its event holds the data as it is');
select is(pg_temp.says('select pg_temp.send(pg_temp.account(''other'', ''waiter''))'), 'MD404 waiter_not_found waiter_id', 'another venue''s waiter');
select is(pg_temp.says(format('select api.notification_get(pg_temp.caller(''other'', ''admin''), %s)', :s)), 'MD404 not_found', 'another venue''s message');
select is(split_part(pg_temp.says('select pg_temp.send(null, words => '''')'), ' ', 1), '23514', 'nothing said');
do $$ begin insert into made values ('low', pg_temp.send(null, 'alert', 'low', 'Tidy up')), ('mine', pg_temp.send(pg_temp.account('bistro', 'frontdesk'), 'alert', 'high', 'Phone')); end $$;
create function pg_temp.tasks(who api.caller, id bigint) returns text language sql volatile
as $$ select coalesce(string_agg(n ->> 'text', ', ' order by o), '-') from jsonb_array_elements((api.waiter_tasks($1, $2)).body::jsonb) with ordinality x (n, o) $$;
select is(pg_temp.tasks(pg_temp.caller('bistro', 'waiter'), :w), 'Fire drill, Table 3 calls, Tidy up', 'a waiter''s tasks: own and everybody''s, the most pressing first');
select is(pg_temp.tasks(pg_temp.caller('bistro', 'waiter'), :f), 'Phone, Table 3 calls, Tidy up', 'and another''s');
select is(pg_temp.says(format('select api.waiter_tasks(pg_temp.caller(''other'', ''admin''), %s)', :w)), 'MD404 not_found', 'nor another venue');
select is(pg_temp.open(page => 2, lim => 3), 'call_waiter of 4', 'pages');
select is(pg_temp.says('select pg_temp.open(lim => 0)'), 'MD422 invalid_field limit', 'no page');

-- history ---------------------------------------------------------------------------------------
create function pg_temp.past(kind text, id bigint, page bigint default null, lim bigint default null, slug text default 'bistro') returns text language plpgsql volatile
as $$
declare a api.answer;
begin
    execute format('select (x).* from api.%s_history(%L::api.caller, %s, %L, %L) x', kind, pg_temp.caller(slug, 'manager'), id, page, lim) into a;
    return coalesce((select string_agg(h ->> 'new_status', ' ' order by o) from jsonb_array_elements(a.body::jsonb) with ordinality x (h, o)), '-') || ' of ' || a.total;
end $$;
select is(pg_temp.past('order', :o), 'completed served ready preparing confirmed of 5', 'an order''s steps, newest first');
select is(pg_temp.past('order', :o, 2, 4), 'confirmed of 5', 'in pages');
select is(pg_temp.says(format('select pg_temp.past(''order'', %s, lim => 201)', :o)), 'MD422 invalid_field limit', 'not too many');
select is(pg_temp.past('table', :t1), 'available occupied of 2', 'a table''s');
insert into maitred.reservation (venue, customer_name, party_size, starts_at, status) values (:v, 'R', 2, pg_temp.hour('bistro', 1, 8), 'pending') returning id as r \gset
update maitred.reservation set status = 'cancelled' where id = :r;
select is(pg_temp.past('reservation', :r), 'cancelled of 1', 'a reservation''s');
insert into maitred.room_type (venue, name) values (pg_temp.venue('grand'), 'Double') returning id as rt \gset
insert into maitred.room (venue, room_type_id, number) values (pg_temp.venue('grand'), :rt, '1');
insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)
    values (pg_temp.venue('grand'), 'G', :rt, maitred.today(pg_temp.venue('grand')) + 1, maitred.today(pg_temp.venue('grand')) + 2, 'confirmed') returning id as b \gset
update maitred.booking set status = 'cancelled' where id = :b;
select is(pg_temp.past('booking', :b, slug => 'grand'), 'cancelled of 1', 'a booking''s');
select is(pg_temp.says(format('select pg_temp.past(%L, %s, slug => ''other'')', k, id)), 'MD404 not_found', 'another venue''s ' || k)
    from (values ('order', :o), ('table', :t1), ('reservation', :r), ('booking', :b)) x (k, id);
select * from finish();
rollback;
