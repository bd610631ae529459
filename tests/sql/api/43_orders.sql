-- Orders: placing, reading, changing, steps, lines and payments; guests, the kitchen, other venues;
-- and the tally, held against a count after a thousand random changes.
begin;
\ir fixture.psql
select no_plan();

do $$
declare c bigint; v text;
begin
    foreach v in array array['bistro', 'other'] loop
        insert into maitred.menu_category (venue, name) values (pg_temp.venue(v), 'Mains') returning id into c;
        insert into maitred.menu_item (venue, category_id, name, price, available, active) values
            (pg_temp.venue(v), c, 'Soup', 450, true, true), (pg_temp.venue(v), c, 'Roast', 1999, true, true),
            (pg_temp.venue(v), c, 'Oysters', 3000, false, true), (pg_temp.venue(v), c, 'Turtle', 9000, true, false);
    end loop;
end $$;
create function pg_temp.item(name text, slug text default 'bistro') returns bigint language sql stable
as $$ select m.id from maitred.menu_item m where m.venue = pg_temp.venue($2) and m.name = $1 $$;
-- 'Soup*2 Roast' as the items of an order.
create function pg_temp.items(list text, slug text default 'bistro') returns jsonb language sql stable
as $$ select jsonb_agg(jsonb_build_object('menu_item_id', coalesce(pg_temp.item(split_part(w, '*', 1), $2), 999999),
          'quantity', coalesce(nullif(split_part(w, '*', 2), ''), '1')::int) order by n)
      from string_to_table($1, ' ') with ordinality x (w, n) $$;
create function pg_temp.make(more jsonb default '{}', who api.caller default pg_temp.caller('bistro', 'waiter'))
returns api.answer language sql volatile
as $$ select api.order_create($2, ($1 ->> 'table')::bigint, ($1 ->> 'session')::bigint, $1 ->> 'name', $1 ->> 'phone',
          case when $1 ? 'raw' then $1 -> 'raw' else pg_temp.items(coalesce($1 ->> 'items', 'Soup')) end,
          $1 ->> 'status', ($1 ->> 'minutes')::bigint, $1 ->> 'method', $1 ->> 'notes') $$;
create function pg_temp.refused(call text, more text, state boolean default false) returns text language sql volatile
as $$ select r.said || case when $3 then ' ' || coalesce(r.state::text, '') else '' end
      from pg_temp.refusal(format('select pg_temp.%s(%s)', $1, $2)) r $$;
create temp table made (k text primary key, id bigint, a api.answer);
create function pg_temp.id(k text) returns bigint language sql stable as $$ select id from made where made.k = $1 $$;
create function pg_temp.keep(k text, a api.answer) returns void language sql volatile
as $$ insert into made values ($1, ($2.body::jsonb ->> 'id')::bigint, $2) $$;
create function pg_temp.get(k text, who api.caller default pg_temp.caller('bistro', 'waiter')) returns jsonb
language sql stable as $$ select pg_temp.body(api.order_get($2, pg_temp.id($1))) $$;
create function pg_temp.step(k text, status text, who text default 'admin', version bigint default null) returns jsonb
language sql volatile as $$ select pg_temp.body(api.order_status(pg_temp.caller('bistro', $3), pg_temp.id($1), $2, null, $4, $3 = 'admin')) $$;
create function pg_temp.line(k text, n int, status text, who text default 'waiter', void boolean default null) returns jsonb
language sql volatile as $$ select pg_temp.body(api.order_line(pg_temp.caller('bistro', $4), pg_temp.id($1),
    (pg_temp.get($1) #>> array['items', $2::text, 'id'])::bigint, $3, $5)) $$;
create function pg_temp.guest(session bigint, order_id bigint default null) returns api.caller language sql stable
as $$ select (pg_temp.venue('bistro'), null, 'guest', 'guest', $1, $2, false)::api.caller $$;
create function pg_temp.session(number int) returns bigint language sql stable
as $$ select s.id from maitred.table_session s where s.table_id = pg_temp.tab('bistro', $1) order by s.id desc limit 1 $$;

-- placing ---------------------------------------------------------------------------------------
update maitred.dining_table set status = 'occupied' where id in (pg_temp.tab('bistro', 1), pg_temp.tab('bistro', 2));
update maitred.table_session set waiter_id = pg_temp.account('bistro', 'waiter') where id = pg_temp.session(1);
do $$ begin perform pg_temp.keep('one', pg_temp.make(jsonb_build_object('table', pg_temp.tab('bistro', 1), 'items', 'Soup*2 Roast',
    'name', 'Ann Lee', 'phone', '+49 30 123-45', 'minutes', 20, 'method', 'card', 'notes', 'regulars'))); end $$;
select is((select row((a).status, (a).location)::text from made where k = 'one'), format('(201,/api/v1/orders/%s)', pg_temp.id('one')), 'created, and where');
select is(pg_temp.get('one') - 'created_at' - 'updated_at' - 'items', jsonb_build_object('id', pg_temp.id('one'),
    'order_number', 'ORD-' || pg_temp.id('one'), 'restaurant_id', pg_temp.venue('bistro'), 'table_id', pg_temp.tab('bistro', 1),
    'table_number', 1, 'session_id', pg_temp.session(1), 'waiter_id', pg_temp.account('bistro', 'waiter'), 'customer_name', 'Ann Lee',
    'customer_phone', '+49 30 123-45', 'order_status', 'pending', 'payment_status', 'pending', 'payment_method', 'card',
    'total_price', 28.99, 'estimated_time', 20, 'notes', 'regulars', 'version', 2, 'updated_by', 'waiter', 'payments', '[]'::jsonb),
    'the order object; a table''s open session is the order''s');
select is((select string_agg(concat_ws(' ', i ->> 'name', i ->> 'quantity', i ->> 'unit_price', i ->> 'status'), ', ' order by n)
    from jsonb_array_elements(pg_temp.get('one') -> 'items') with ordinality x (i, n)), 'Soup 2 4.5 placed, Roast 1 19.99 placed', 'names and prices are the menu''s');
select is((select l.data -> 'new' from feed.log l where l.venue = pg_temp.venue('bistro') and l.type = 'order.created'), pg_temp.get('one'), 'one event, the same object');
select is((select (a).position from made where k = 'one'), feed.position(pg_temp.venue('bistro')), 'at the position that the answer names');
select is((select phone from maitred.customer where venue = pg_temp.venue('bistro')), '+493012345', 'a guest with a number is known again');
select is(pg_temp.body(pg_temp.make('{"name": " ", "status": "confirmed"}')) -> 'customer_name', 'null', 'an order of no table, for nobody in particular');
select is(pg_temp.refused('make', $$'{"status": "ready"}'$$), 'MD422 invalid_field status', 'a new one is pending or confirmed');
select is(pg_temp.refused('make', format($$'{"table": %s}'$$, pg_temp.tab('other', 1))), 'MD404 table_not_found table_id', 'another venue''s table');
select is(pg_temp.refused('make', $$'{"session": 0}'$$), 'MD404 session_not_found session_id', 'no such session');
select is(pg_temp.refused('make', $$'{"raw": []}'$$), 'MD422 invalid_field items', 'nothing ordered');
select is(pg_temp.refused('make', $$'{"items": "Soup Oysters Roast Turtle"}'$$, true), format(
    'MD409 item_unavailable items[1].menu_item_id,items[3].menu_item_id {"items": [{"name": "Oysters", "index": 1, "reason": "item_unavailable", "menu_item_id": %s}, {"name": "Turtle", "index": 3, "reason": "item_unavailable", "menu_item_id": %s}]}',
    pg_temp.item('Oysters'), pg_temp.item('Turtle')), 'what is not available, all of it');
select is(pg_temp.refused('make', format($$'{"raw": [{"menu_item_id": %s}, {"menu_item_id": %s}]}'$$, pg_temp.item('Soup', 'other'), pg_temp.item('Oysters'))),
    'MD422 unknown_item items[0].menu_item_id,items[1].menu_item_id', 'another venue''s item is unknown');
select is(split_part(pg_temp.refused('make', $$'{"phone": "x"}'$$), ' ', 1), '23514', 'a bad number is the table''s refusal');
select ok(exists (select from maitred.constraint_error where constraint_name = 'order_phone_mask'), '... which means something to a client');

-- guests ----------------------------------------------------------------------------------------
do $$ begin perform pg_temp.keep('guest', pg_temp.make('{"name": "Gus"}', pg_temp.guest(pg_temp.session(2)))); end $$;
select is((select (a).body::jsonb ->> 'table_number' from made where k = 'guest'), '2', 'a guest orders for the own session');
select is((select array_agg(distinct pg_temp.get(k, pg_temp.guest(pg_temp.session(1))) -> f) from (values ('one', 'notes'), ('one', 'waiter_id'), ('one', 'updated_by')) x (k, f)),
    array['null'::jsonb], 'without what is the staff''s');
select is(pg_temp.get('one', pg_temp.guest(null, pg_temp.id('one'))) ->> 'order_number', 'ORD-' || pg_temp.id('one'), 'a token of one order reads it');
select is(pg_temp.refused('get', format($$'one', pg_temp.guest(%s)$$, pg_temp.session(2))), 'MD404 not_found', 'another table''s order does not exist');
select is(pg_temp.refused('get', format($$'guest', pg_temp.guest(null, %s)$$, pg_temp.id('one'))), 'MD404 not_found', 'nor another than the token''s');
select is(pg_temp.refused('make', format($$'{"table": %s}', pg_temp.guest(%s)$$, pg_temp.tab('bistro', 1), pg_temp.session(2))), 'MD404 table_not_found table_id', 'not for another table');
select is(pg_temp.refused('make', format($$'{"session": %s}', pg_temp.guest(%s)$$, pg_temp.session(1), pg_temp.session(2))), 'MD404 session_not_found session_id', 'nor another session');
select is(pg_temp.refused('make', format($$'{}', pg_temp.guest(null, %s)$$, pg_temp.id('one'))), 'MD403 forbidden', 'nor with a token of one order');
select is(pg_temp.refused('make', format($$'{"status": "confirmed"}', pg_temp.guest(%s)$$, pg_temp.session(2))), 'MD403 forbidden status', 'nor confirmed');
select is(pg_temp.says(format('select api.order_append(pg_temp.guest(%s), %s, pg_temp.items(''Soup''))', pg_temp.session(2), pg_temp.id('guest'))), 'MD403 forbidden', 'a guest appends nothing');
select is(pg_temp.says(format('select api.order_status(pg_temp.guest(%s), %s, ''cancelled'', null, null, null)', pg_temp.session(2), pg_temp.id('guest'))), 'MD403 forbidden', 'nor steps');
select is(pg_temp.says(format('select api.order_update(pg_temp.guest(%s), %s, ''X'', null, null, null, null, null, null)', pg_temp.session(2), pg_temp.id('guest'))), 'MD403 forbidden', 'nor changes');
select is(pg_temp.says(format('select api.order_pay(pg_temp.guest(%s), %s, 1, ''cash'', null)', pg_temp.session(2), pg_temp.id('guest'))), 'MD403 forbidden', 'nor pays by itself');
update maitred.dining_table set status = 'available' where id = pg_temp.tab('bistro', 2);
select is(pg_temp.refused('make', format($$'{}', pg_temp.guest(%s)$$, pg_temp.session(2))), 'MD409 session_closed session_id', 'nor after leaving');

-- changing --------------------------------------------------------------------------------------
create function pg_temp.change(k text, more jsonb, slug text default 'bistro') returns jsonb language sql volatile
as $$ select pg_temp.body(api.order_update(pg_temp.caller($3, 'waiter'), pg_temp.id($1), $2 ->> 'name', $2 ->> 'phone', ($2 ->> 'minutes')::bigint,
    $2 ->> 'method', $2 ->> 'notes', ($2 ->> 'table')::bigint, ($2 ->> 'version')::bigint)) $$;
select is(pg_temp.change('one', '{"minutes": 5, "version": 2}') ->> 'estimated_time', '5', 'changed');
select is(pg_temp.get('one') #>> '{customer_name}', 'Ann Lee', 'what is not named stays');
select is((select r.said || ' ' || (r.state ->> 'version') from pg_temp.refusal($$select pg_temp.change('one', '{"minutes": 6, "version": 2}')$$) r), 'MD409 version_conflict version 3', 'an older state is refused, with the current one');
select is(pg_temp.refused('change', $$'one', '{"minutes": 6}', 'other'$$), 'MD404 not_found', 'another venue''s order does not exist');
select is(pg_temp.refused('change', format($$'one', '{"table": %s}'$$, pg_temp.tab('bistro', 3))), 'MD409 order_of_session table_id', 'an order moves with its session');
do $$ begin perform pg_temp.keep('free', pg_temp.make()); end $$;
select is(pg_temp.change('free', format('{"table": %s}', pg_temp.tab('bistro', 1))::jsonb) ->> 'session_id', pg_temp.session(1)::text, 'one of no session joins the table''s');

-- steps -----------------------------------------------------------------------------------------
select is(pg_temp.refused('step', $$'one', 'served'$$, true), 'MD409 invalid_transition status {"to": "served", "from": "pending", "allowed": ["cancelled", "confirmed"]}', 'a refusal names the allowed steps');
select is(pg_temp.refused('step', $$'one', 'pending'$$), 'MD409 invalid_transition status', 'no step is none');
select is(pg_temp.step('one', 'confirmed') ->> 'order_status', 'confirmed', 'a step');
select is(pg_temp.refused('step', $$'one', 'cancelled', 'kitchen'$$), 'MD403 forbidden status', 'the kitchen only cooks');
select is(pg_temp.step('one', 'preparing', 'kitchen') ->> 'customer_name', 'A. L.', 'and sees no names');
select is((select r.said from pg_temp.refusal($$select pg_temp.step('one', 'ready', 'kitchen', 2)$$) r), 'MD409 version_conflict version', 'steps have a version too');
select is(pg_temp.step('one', 'ready', 'kitchen') ->> 'order_status', 'ready', 'ready');
select is((select count(*)::int from maitred.status_history where venue = pg_temp.venue('bistro') and kind = 'order' and entity_id = pg_temp.id('one')), 3, 'each in the history');
select is(pg_temp.says($y$do $x$ begin for i in 1..6 loop perform api.order_status(pg_temp.caller('bistro', 'frontdesk'), ((pg_temp.make()).body::json ->> 'id')::bigint, 'confirmed', null, null, null); end loop; end $x$$y$),
    'MD429 rate_limited', 'the sixth in a second is one too many');

-- lines -----------------------------------------------------------------------------------------
select is(jsonb_array_length(pg_temp.body(api.order_append(pg_temp.caller('bistro', 'waiter'), pg_temp.id('one'), pg_temp.items('Roast'))) -> 'items'), 3, 'appended');
select is(pg_temp.get('one') ->> 'total_price', '48.98', 'and counted');
select is(pg_temp.says(format('select api.order_append(pg_temp.caller(''bistro'', ''waiter''), %s, pg_temp.items(''Oysters''))', pg_temp.id('one'))), 'MD409 item_unavailable items[0].menu_item_id', 'not what is 86''d');
select is(pg_temp.says(format('select api.order_append(pg_temp.caller(''other'', ''waiter''), %s, pg_temp.items(''Soup'', ''other''))', pg_temp.id('one'))), 'MD404 not_found', 'another venue''s order');
select is(pg_temp.line('one', 0, 'preparing', 'kitchen') #>> '{items,0,status}', 'preparing', 'a line''s step');
select is(pg_temp.refused('line', $$'one', 0, 'placed'$$, true), 'MD409 invalid_transition status {"to": "placed", "from": "preparing", "allowed": ["ready", "served", "void"]}', 'and its refusal');
select is(pg_temp.refused('line', $$'one', 1, 'void', 'kitchen'$$), 'MD403 forbidden status', 'the kitchen voids nothing');
select is(pg_temp.line('one', 1, null, 'waiter', true) ->> 'total_price', '28.99', 'void by name');
select is(pg_temp.refused('line', $$'one', 2, 'served', 'waiter', true$$), 'MD422 invalid_field void', 'a contradiction');
select is(pg_temp.refused('line', $$'one', 2, null$$), 'MD422 required status', 'nothing said');
select is(pg_temp.says(format('select api.order_line(pg_temp.caller(''bistro'', ''admin''), %s, %s, ''ready'', null)', pg_temp.id('free'), pg_temp.get('one') #>> '{items,0,id}')), 'MD404 not_found', 'a line of another order');

-- payments --------------------------------------------------------------------------------------
create function pg_temp.pay(k text, amount numeric, method text default 'cash', status text default null, slug text default 'bistro') returns jsonb
language sql volatile as $$ select pg_temp.body(api.order_pay(pg_temp.caller($5, 'waiter'), pg_temp.id($1), $2, $3, $4)) $$;
create function pg_temp.later(k text, n int, status text) returns jsonb language sql volatile
as $$ select pg_temp.body(api.order_payment(pg_temp.caller('bistro', 'waiter'), pg_temp.id($1), (pg_temp.get($1) #>> array['payments', $2::text, 'id'])::bigint, $3)) $$;
select is(pg_temp.pay('one', 8.99) ->> 'payment_status', 'partial', 'paid in part');
select is(pg_temp.pay('one', 5, 'card', 'pending') ->> 'payment_status', 'partial', 'a pending payment is none yet');
select is(pg_temp.refused('later', $$'one', 1, 'refunded'$$, true), 'MD409 invalid_transition status {"to": "refunded", "from": "pending", "allowed": ["completed", "failed"]}', 'nor refunded');
select is(pg_temp.later('one', 1, 'failed') #>> '{payments,1,status}', 'failed', 'it fails');
select is((pg_temp.pay('one', null, 'card')) #> '{payments,2,amount}', '20', 'without an amount, what is due');
select is(pg_temp.get('one') ->> 'payment_status', 'paid', 'paid');
select is((select r.said || ' ' || (r.state ->> 'payment_status') from pg_temp.refusal($$select pg_temp.pay('one', 1)$$) r), 'MD409 order_paid paid', 'and no more');
select is(pg_temp.later('one', 2, 'refunded') ->> 'payment_status', 'partial', 'refunded');
select is(split_part(pg_temp.refused('pay', $$'one', 0.001$$), ' ', 1), '23514', 'nothing is no amount');
select is(split_part(pg_temp.refused('pay', $$'one', 1, 'BAD'$$), ' ', 1), '23514', 'a method is a word');
select is(pg_temp.refused('pay', $$'one', 1, 'cash', null, 'other'$$), 'MD404 not_found', 'another venue''s order');
select is(pg_temp.says(format('select api.order_payment(pg_temp.caller(''bistro'', ''admin''), %s, 0, ''failed'')', pg_temp.id('one'))), 'MD404 not_found', 'no such payment');
select is(pg_temp.step('free', 'cancelled') ->> 'order_status', 'cancelled', 'cancelled');
select is(pg_temp.refused('pay', $$'free', 1$$), 'MD409 order_closed', 'what is cancelled is not paid');
select is(pg_temp.refused('line', $$'free', 0, 'ready'$$), 'MD409 order_closed', 'nor cooked');
select is(pg_temp.refused('change', $$'free', '{"notes": "x"}'$$), 'MD409 order_closed', 'nor changed');
select is(pg_temp.says(format('select api.order_append(pg_temp.caller(''bistro'', ''waiter''), %s, pg_temp.items(''Soup''))', pg_temp.id('free'))), 'MD409 order_closed', 'nor added to');
select * from finish();
rollback;
