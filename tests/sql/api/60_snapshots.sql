-- What a channel's snapshot holds, masked, and of one venue only; and the timer of announcements.
begin;
\ir fixture.psql
select plan(57);

create function pg_temp.snap(kind text, id bigint default null, slug text default 'bistro', role text default 'admin') returns jsonb
language sql stable as $$ select pg_temp.body(api.channel_snapshot(pg_temp.caller($3, $4), $1, $2)) $$;
create function pg_temp.ids(kind text, id bigint default null, slug text default 'bistro', key text default 'id') returns text
language sql stable as $$ select string_agg(d ->> $4, ' ' order by n) from jsonb_array_elements(pg_temp.snap($1, $2, $3)) with ordinality x (d, n) $$;
create function pg_temp.book(at timestamptz, status text default 'confirmed') returns bigint language sql volatile
as $$ insert into maitred.reservation (venue, customer_name, contact_number, party_size, starts_at, status)
      values (pg_temp.venue('bistro'), 'Ann Lee', '555-0100', 2, $1, $2) returning id $$;

-- tables ----------------------------------------------------------------------------------------
select is(pg_temp.ids('restaurant_tables', null, 'bistro', 'tableNumber'), 'T-01 T-02 T-03 T-04', 'all tables, by number');
select is(pg_temp.snap('restaurant_tables') -> 0, maitred.table_json(pg_temp.venue('bistro'), pg_temp.tab('bistro', 1)), 'the canonical table');
select is(pg_temp.ids('floor', 1, 'bistro', 'tableNumber'), 'T-02 T-04', 'of a floor');
select is(pg_temp.ids('floor', 2, 'bistro', 'tableNumber'), 'T-01 T-03', 'of another');
select is(pg_temp.says($$select pg_temp.snap('floor', 3)$$), 'MD404 not_found', 'a floor that is not there');
select is(pg_temp.says($$select pg_temp.snap('floor')$$), 'MD404 not_found', 'no floor at all');
update maitred.dining_table set status = 'occupied' where id = pg_temp.tab('bistro', 2);
select is(pg_temp.snap('table', pg_temp.tab('bistro', 2)) #>> '{0,session,state}', 'open', 'one table, with its session');
select is(pg_temp.says(format($$select pg_temp.snap('table', %s, 'other')$$, pg_temp.tab('bistro', 2))), 'MD404 not_found', 'another venue''s table does not exist');
select is(pg_temp.says($$select pg_temp.snap('table')$$), 'MD404 not_found', 'no table at all');
select is(pg_temp.ids('restaurant_tables', null, 'other', 'tableNumber'), 'T-01 T-02 T-03 T-04', 'each venue has its own');
update maitred.dining_table set active = false where id = pg_temp.tab('bistro', 4);
select is(pg_temp.ids('restaurant_tables', null, 'bistro', 'tableNumber'), 'T-01 T-02 T-03', 'a deleted one is gone');

-- orders ----------------------------------------------------------------------------------------
create temp table o (k text, id bigint);
create function pg_temp.o(k text) returns bigint language sql stable as $$ select id from o where o.k = $1 $$;
with new as (insert into maitred.customer_order (venue, status, created_at, customer_name, customer_phone, session_id)
    select pg_temp.venue('bistro'), s, pg_temp.hour('bistro', d, 1), 'Ann Lee', '555-0100',
           case when s = 'ready' then (select x.id from maitred.table_session x where x.table_id = pg_temp.tab('bistro', 2)) end
    from (values ('ready', -3), ('completed', -3), ('completed', 0), ('cancelled', 0)) x (s, d) returning id, status, created_at)
insert into o select status || case when created_at < pg_temp.hour('bistro', 0, 0) then '-old' else '' end, id from new;
select is((select array_agg(d ->> 'id' order by n) from jsonb_array_elements(pg_temp.snap('restaurant_orders')) with ordinality x (d, n)),
    (select array_agg(id::text order by id) from o where k <> 'completed-old'), 'open orders of any day, all of today''s');
select is(pg_temp.snap('order', pg_temp.o('ready-old')) #>> '{0,customer_phone}', '555-0100', 'one order');
select is(pg_temp.snap('order', pg_temp.o('ready-old'), 'bistro', 'kitchen') #>> '{0,customer_phone}', '***-**00', 'the kitchen sees no number');
select is(pg_temp.snap('order', pg_temp.o('ready-old'), 'bistro', 'kitchen') #>> '{0,customer_name}', 'A. L.', '... nor a name');
select is(pg_temp.says(format($$select pg_temp.snap('order', %s, 'other')$$, pg_temp.o('ready-old'))), 'MD404 not_found', 'another venue''s order does not exist');
insert into maitred.order_item (venue, order_id, name, unit_price, quantity) select pg_temp.venue('bistro'), pg_temp.o('ready-old'), 'Soup', 450, n from generate_series(1, 3) n;
insert into maitred.payment (venue, order_id, amount, method, status) values (pg_temp.venue('bistro'), pg_temp.o('ready-old'), 500, 'cash', 'completed');
select is(pg_temp.snap('restaurant_orders'), (select jsonb_agg(maitred.order_json(pg_temp.venue('bistro'), id) order by id) from o where k <> 'completed-old'),
    'many orders have the same documents as one');
create function pg_temp.guest(session bigint, order_id bigint) returns api.caller language sql stable
as $$ select (pg_temp.venue('bistro'), null, 'guest', 'guest', $1, $2, false)::api.caller $$;
select is(pg_temp.says(format('select api.channel_snapshot(pg_temp.guest(null, %s), ''order'', %s)', pg_temp.o('ready-old'), pg_temp.o('ready-old'))),
    'nothing was refused', 'a guest sees the own order');
select is(pg_temp.body(api.channel_snapshot(pg_temp.guest(null, pg_temp.o('ready-old')), 'order', pg_temp.o('ready-old'))) -> 0,
    pg_temp.body(api.order_get(pg_temp.guest(null, pg_temp.o('ready-old')), pg_temp.o('ready-old'))), '... as REST shows it: without what is the staff''s');
select is(pg_temp.says(format('select api.channel_snapshot(pg_temp.guest((select session_id from maitred.customer_order where id = %s), null), ''order'', %1$s)', pg_temp.o('ready-old'))),
    'nothing was refused', '... and those of the own session');
select is(pg_temp.says(format('select api.channel_snapshot(pg_temp.guest(-1, %s), ''order'', %s)', pg_temp.o('completed'), pg_temp.o('ready-old'))),
    'MD404 not_found', '... and no other');

select is(pg_temp.ids('hotel_orders', null, 'grand'), null, 'a hotel''s orders are its own');
-- the menu --------------------------------------------------------------------------------------
select is(pg_temp.snap('restaurant_menu'), (select (api.menu_category_list(pg_temp.caller('bistro', 'admin'), null, null)).body::jsonb
    || (api.menu_item_list(pg_temp.caller('bistro', 'admin'), null, null, null, null, null)).body::jsonb), 'categories, then items, as REST lists them');
update maitred.menu_item set active = false where venue = pg_temp.venue('bistro');
select is(pg_temp.snap('restaurant_menu'), (api.menu_category_list(pg_temp.caller('bistro', 'admin'), null, null)).body::jsonb, '... without what is deleted');
select is(pg_temp.snap('hotel_menu', null, 'grand'), '[]', 'nothing of it elsewhere');

-- reservations, notifications ---------------------------------------------------------------------
create temp table r as select k, pg_temp.book(at, s) as id from (values
    ('yesterday', pg_temp.hour('bistro', 0, 0) - interval '1 second', 'completed'), ('today', pg_temp.hour('bistro', 0, 0), 'cancelled'),
    ('later', pg_temp.hour('bistro', 20, 0), 'pending'), ('tonight', pg_temp.hour('bistro', 0, 15), 'confirmed')) x (k, at, s);
select is(pg_temp.ids('restaurant_reservations'), (select string_agg('res' || id, ' ' order by case k when 'today' then 1 when 'tonight' then 2 else 3 end)
    from r where k <> 'yesterday'), 'today''s and later, cancelled ones too, by time');
insert into maitred.payment (venue, reservation_id, amount, method, status) select pg_temp.venue('bistro'), id, 500, 'cash', 'pending' from r where k = 'tonight';
select is(pg_temp.snap('restaurant_reservations') -> 1, (select maitred.reservation_json(pg_temp.venue('bistro'), id) from r where k = 'tonight'), 'the canonical reservation');
select is(pg_temp.snap('restaurant_reservations', null, 'bistro', 'viewer') #>> '{0,contactNumber}', '***-**00', 'masked for a viewer');
select is(pg_temp.snap('restaurant_reservations', null, 'other'), '[]', 'nothing of it elsewhere');
insert into maitred.notification (venue, kind, text, acknowledged_at, resolved_at)
    values (pg_temp.venue('bistro'), 'alert', 'one', null, null), (pg_temp.venue('bistro'), 'alert', 'two', now(), null),
           (pg_temp.venue('bistro'), 'alert', 'three', null, now()), (pg_temp.venue('bistro'), 'order_ready', 'four', null, null);
select is(pg_temp.ids('restaurant_notifications', null, 'bistro', 'text'), 'Table 2, order ORD-' || pg_temp.o('ready-old') || ': 5 EUR paid by cash one four', 'what nobody has seen to');
select is(pg_temp.snap('hotel_notifications', null, 'grand'), '[]', 'nothing of it elsewhere');

-- hotel -----------------------------------------------------------------------------------------
do $$
declare v bigint := pg_temp.venue('grand'); t bigint;
begin
    insert into maitred.room_type (venue, name) values (v, 'Double') returning id into t;
    insert into maitred.room (venue, room_type_id, number, floor) select v, t, n::text, n / 100 from unnest(array[201, 101, 102]) n;
    insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)
        select v, name, t, maitred.today(v) + ci, maitred.today(v) + co, s from (values ('departed', -3, -1, 'checked_out'),
            ('departs', -3, 0, 'checked_out'), ('stays', -3, 2, 'checked_in'), ('arrives', 0, 1, 'confirmed'),
            ('later', 5, 6, 'pending'), ('was expected', -1, 2, 'no_show')) x (name, ci, co, s);
end $$;
select is(pg_temp.ids('hotel_reservations', null, 'grand', 'guestName'), 'departs stays arrives later', 'who departs, stays, arrives or will');
update maitred.booking set room_id = (select id from maitred.room where venue = pg_temp.venue('grand') and number = '101')
    where venue = pg_temp.venue('grand') and guest_name = 'stays';
select is(pg_temp.snap('hotel_reservations', null, 'grand') -> 1, (select maitred.booking_json(venue, id) from maitred.booking
    where venue = pg_temp.venue('grand') and guest_name = 'stays'), 'the canonical booking');
select is(pg_temp.snap('hotel_reservations', null, 'grand', 'viewer') #>> '{0,guestName}', 'D.', 'masked for a viewer');
select is(pg_temp.ids('hotel_rooms', null, 'grand', 'number'), '101 102 201', 'all rooms');
select is(pg_temp.snap('hotel_rooms', null, 'grand') #>> '{0,roomType}', 'Double', 'the canonical room');
select is(pg_temp.snap('hotel_rooms'), '[]', 'a restaurant has none');
select is(pg_temp.says($$select pg_temp.snap('everything')$$), 'MD404 unknown_channel kind', 'an unknown kind');
select is(pg_temp.says($$select pg_temp.snap(null)$$), 'MD404 unknown_channel kind', 'none');
select is(pg_temp.says($$select api.channel_snapshot('(0,1,x,admin,,,f)', 'restaurant_tables', null)$$), 'MD404 not_found', 'a venue that is not there');

-- several channels in one statement -----------------------------------------------------------------
create temp table several as select row_number() over () as n, s.* from api.channel_snapshots(pg_temp.caller('bistro', 'viewer'),
    array['restaurant_tables', 'table', 'restaurant_reservations'], array[null, 0, null]::bigint[]) s;
select is((select array_agg(body::jsonb order by n) from several), array[pg_temp.snap('restaurant_tables', null, 'bistro', 'viewer'), '[]',
    pg_temp.snap('restaurant_reservations', null, 'bistro', 'viewer')], 'each as by itself, one that is gone empty');
select is((select count(distinct "position")::int from several), 1, '... at one position');
select is((select min("position") from several), (select "position" from api.position(pg_temp.caller('bistro', 'viewer'))), '... of that snapshot');

-- the timer ---------------------------------------------------------------------------------------
-- Only this transaction's reservations are to be seen here.
update maitred.reservation set upcoming_sent_at = now() where upcoming_sent_at is null;
update maitred.booking set upcoming_sent_at = now() where upcoming_sent_at is null;
update maitred.notification set escalate_at = null where escalate_at is not null;
update maitred.table_session set expires_at = null where expires_at is not null;
select feed.flush();
create temp table before as select venue, seq from feed.counter;
select is((select d::text from api.due_run(100) d), '(0,0,0,0,)', 'nothing due, nothing ahead');
select feed.flush();
select results_eq('select venue, seq from feed.counter order by 1', 'select venue, seq from before order by 1', '... nothing written');
create temp table due (k text, id bigint);
insert into due select k, pg_temp.book(clock_timestamp() + m * interval '1 minute', s) from (values ('started', -1, 'confirmed'),
    ('soon', 10, 'pending'), ('half', 29, 'confirmed'), ('far', 31, 'confirmed'), ('gone', 10, 'cancelled'), ('seated', 10, 'seated')) x (k, m, s);
select feed.flush();
create function pg_temp.sent() returns text language sql stable
as $$ select string_agg(d.k, ' ' order by d.id) from due d join maitred.reservation r on r.id = d.id where r.upcoming_sent_at is not null $$;
select is((select announced from api.due_run(1)), 1, 'one at a time, when that is asked');
select is(pg_temp.sent(), 'soon', '... the earliest first');
select feed.flush();
select is((select (type, actor, entity)::text from feed.log where venue = pg_temp.venue('bistro') order by seq desc limit 1),
    format('(reservation.upcoming,system,%s)', (select id from due where k = 'soon')), '... its event, from the system');
create temp table run as select * from api.due_run(100);
select is((select announced from run), 1, 'then the others that are due');
select is(pg_temp.sent(), 'soon half', 'none that has begun, was cancelled, sits, or is further off');
select ok((select wait_ms between 50000 and 60000 from run), 'the next one is due in a minute');
select is((select announced from api.due_run(100)), 0, 'each once');
select is((select version from maitred.reservation where id = (select id from due where k = 'half')), 1::bigint, 'an announcement is no change of the reservation');

-- arrivals of a hotel: a venue whose check-in time is in a quarter of an hour
do $$
declare v bigint := pg_temp.venue('grand'); at timestamp := (clock_timestamp() + interval '15 minutes') at time zone 'Europe/Berlin';
begin
    update maitred.venue set settings = jsonb_build_object('check_in_time', to_char(at, 'HH24:MI:SS')) where id = v;
    insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)
        select v, name, (select id from maitred.room_type where venue = v), at::date + d, at::date + d + 1, s
        from (values ('today', 0, 'confirmed'), ('tomorrow', 1, 'confirmed'), ('not coming', 0, 'cancelled')) x (name, d, s);
end $$;
update maitred.reservation set upcoming_sent_at = now() where upcoming_sent_at is null;
select feed.flush();
create temp table hotel_run as select * from api.due_run(100);
select is((select announced from hotel_run), 1, 'arrivals are announced before check-in');
select is((select string_agg(guest_name, ' ') from maitred.booking where venue = pg_temp.venue('grand')
    and upcoming_sent_at is not null and guest_name in ('today', 'tomorrow', 'not coming')), 'today', '... today''s');
select ok((select wait_ms between 22 * 3600000 and 25 * 3600000 from hotel_run), '... and tomorrow''s are next');
select feed.flush();
select is((select type from feed.log where venue = pg_temp.venue('grand') and area = 'bookings' order by seq desc limit 1), 'booking.upcoming', '... with an event');
select * from finish();
rollback;
