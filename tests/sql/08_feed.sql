-- The feed: one event an aggregate and transaction, whole documents and old values, actor,
-- several venues, savepoints, resync, missing partitions, flush and position.
begin;
set local search_path = public, pg_catalog;
select plan(59);
select t.restaurant('feed') as v \gset
select t.restaurant('feed-two') as w \gset
select t.hotel('feed-inn') as h \gset
select t.tab(:v, 1) as t1, t.tab(:v, 2) as t2, t.tab(:w, 1) as w1 \gset
select set_config('maitred.actor', 'wanda', true);

-- ---- one event an aggregate
select t.seq(:v) as s \gset
update maitred.dining_table set status = 'occupied' where id = :t1;
update maitred.table_session set guest_count = 3 where table_id = :t1 and state = 'open';
update maitred.dining_table set section = 'bar' where id = :t1;
select is(t.types(:v, :s), '', 'nothing before the commit');
select t.flush();
select is(t.types(:v, :s), 'table.updated', 'three statements, two rows, one event');
select is((t.last_event(:v)).seq, (:s + 1)::bigint, 'the next seq');
select is((select data -> 'new' from t.last_event(:v)), maitred.table_json(:v, :t1), 'new is the whole aggregate as it is read');
select is((select data -> 'old' from t.last_event(:v)) - 'updatedAt' - 'updatedBy',
    '{"status": "available", "session": null, "section": null, "version": 1}'::jsonb, 'old is what changed, as it was before the transaction');
select is((select refs from t.last_event(:v)), (select jsonb_build_object('table', :t1, 'floor', 1,
    'session', s.id, 'waiter', s.waiter_id) from maitred.table_session s where s.table_id = :t1), 'refs');
select is((select actor from t.last_event(:v)), 'wanda', 'the acting account');
select is((select entity from t.last_event(:v)), (:t1)::bigint, 'entity');
select is((select area_seq[1] from feed.counter where venue = :v), (:s + 1)::bigint, 'the area''s position');
select ok((select area_seq[2] from feed.counter where venue = :v) < :s + 1, 'the others'' stay');
select is(feed.position(:v), (select epoch from feed.state) || 'v' || :v || '-' || (:s + 1), 'position');

-- ---- nothing changed, nothing told
select t.seq(:v) as s \gset
update maitred.dining_table set capacity = capacity where id = :t1;
update maitred.account set last_login_at = now() where venue = :v;
select t.flush();
select is(t.seq(:v), :s::bigint, 'no change, no event');
savepoint a;
update maitred.dining_table set section = 'terrace' where id = :t1;
rollback to a;
select t.flush();
select is(t.seq(:v), :s::bigint, 'what is rolled back is not told');
update maitred.dining_table set section = 'x' where id = :t2;
savepoint b;
update maitred.dining_table set section = 'terrace' where id = :t1;
rollback to b;
update maitred.dining_table set section = 'y' where id = :t2;
select t.flush();
select is(t.types(:v, :s) || ' ' || (t.last_event(:v)).entity, 'table.updated ' || :t2, 'only what is left of the transaction');
select is((select data -> 'old' ->> 'section' from t.last_event(:v)), null, 'with the first old value');
-- The first change of the transaction is rolled back: the next one arms the firing again.
select t.seq(:v) as s \gset
savepoint c;
update maitred.dining_table set section = 'q' where id = :t1;
rollback to c;
update maitred.dining_table set section = 'z' where id = :t2;
select t.flush();
select is(t.types(:v, :s), 'table.updated', 'a rolled-back first change does not silence the rest');

-- ---- orders with lines and payments
select t.seq(:v) as s \gset
insert into maitred.customer_order (venue, table_id) values (:v, :t2) returning id as o \gset
insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (:v, :o, t.item(:v, 'Soup'), 2);
select t.flush();
select is(t.types(:v, :s), 'order.created notification.created', 'an order with its lines, then the message that it makes');
select is((select data -> 'old' from t.last_event(:v, 'orders')), 'null'::jsonb, 'a creation has no old values');
select is((select data -> 'new' from t.last_event(:v, 'orders')), maitred.order_json(:v, :o), 'the order object');
select is((select data -> 'new' -> 'total_price' from t.last_event(:v, 'orders')), '9'::jsonb, 'in major units');
insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (:v, :o, t.item(:v, 'Roast'), 1);
update maitred.order_item set status = 'preparing' where venue = :v and order_id = :o and name = 'Soup';
select t.flush();
select is((select jsonb_path_query_array(data, '$.old.items[*].name') || jsonb_path_query_array(data, '$.old.items[*].status') from t.last_event(:v, 'orders')),
    '["Soup", "placed"]', 'the lines as they were: one, not yet in preparation');
select is((select jsonb_path_query_array(data, '$.new.items[*].status') from t.last_event(:v, 'orders')), '["preparing", "placed"]', 'and as they are');
insert into maitred.payment (venue, order_id, amount, method, status) values (:v, :o, 1000, 'cash', 'completed');
select t.flush();
select is((select row(type, data #>> '{old,payment_status}', data #>> '{new,payment_status}', data #>> '{old,payments}', data #>> '{new,payments,0,amount}')::text from t.last_event(:v, 'orders')),
    '(order.updated,pending,partial,[],10)', 'a payment is of its order');
select is(t.types(:v, :s), 'order.created notification.created order.updated order.updated notification.created', 'nothing else was told');

-- ---- a move: two events, source first
update maitred.customer_order set status = 'cancelled' where id = :o;
select t.flush();
select t.seq(:v) as s \gset
select id as sess from maitred.table_session where table_id = :t1 and state = 'open' \gset
update maitred.table_session set table_id = :t2 where id = :sess;
update maitred.dining_table set status = 'available' where id = :t1;
update maitred.dining_table set status = 'occupied' where id = :t2;
select t.flush();
select is((select array_agg(entity || ' ' || (data #>> '{new,status}') order by seq) from feed.log where venue = :v and seq > :s),
    array[:t1 || ' available', :t2 || ' occupied'], 'both tables are told, the one that was left first');
select is((select data #>> '{old,session,id}' from feed.log where venue = :v and seq > :s and entity = :t1), :'sess', 'the one had the session');
select is((select data #>> '{old,session}' from feed.log where venue = :v and seq > :s and entity = :t2), null, 'the other had none');
select is((select data #>> '{new,session,id}' from feed.log where venue = :v and seq > :s and entity = :t2), :'sess', 'and has it now');
update maitred.dining_table set status = 'available' where id = :t2;
select t.flush();
select is((select row(refs ->> 'session', data #> '{new,session}', data #>> '{old,session,state}')::text from t.last_event(:v)),
    row(:'sess'::text, 'null', 'open')::text, 'a closed session can be found by its id');

-- ---- floors and soft deletes
update maitred.dining_table set floor = 2 where id = :t1;
select t.flush();
select is((select (refs ->> 'old_floor') || (refs ->> 'floor') from t.last_event(:v)), '12', 'both floors of a table that changes floor');
update maitred.dining_table set active = false where id = :t1;
select t.flush();
select is((t.last_event(:v)).type, 'table.deleted', 'a soft delete is a delete');
update maitred.dining_table set active = true where id = :t1;
select t.flush();
select is((t.last_event(:v)).type, 'table.created', 'and back a creation');
delete from maitred.dining_table where id = t.tab(:v, 3);
select t.flush();
select is((select row(type, data -> 'new', data #>> '{old,tableNumber}')::text from t.last_event(:v)), '(table.deleted,null,T-3)', 'a hard delete tells what was');
insert into maitred.dining_table (venue, number, label, capacity) values (:v, 77, 'T-77', 2) returning id as t77 \gset
delete from maitred.dining_table where id = :t77;
select t.seq(:v) as s \gset
select t.flush();
select is(t.seq(:v), :s::bigint, 'what came and went in one transaction was never there');

-- ---- every other kind
select t.seq(:v) as s, t.seq(:h) as hs \gset
insert into maitred.reservation (venue, customer_name, party_size, starts_at) values (:v, 'John Smith', 4, '2030-07-24 19:00Z') returning id as r \gset
select t.flush();
update maitred.reservation set upcoming_sent_at = now() where id = :r;
select t.flush();
update maitred.menu_item set available = false where id = t.item(:v, 'Soup');
insert into maitred.notification (venue, kind, text) values (:v, 'alert', 'Fire drill') returning id as n \gset
insert into maitred.service_request (venue, table_id, kind) values (:v, :t2, 'call_waiter');
insert into maitred.customer (venue, name) values (:v, 'Ann');
insert into maitred.revoked_token (venue, jti, account_id, expires_at) select venue, 'j1', id, now() from maitred.account where venue = :v;
update maitred.account set role = 'viewer' where venue = :v;
insert into maitred.api_key (venue, account_id, hash) select venue, id, 'h1' from maitred.account where venue = :v;
update maitred.venue set name = 'Renamed' where id = :v;
update maitred.floor set name = 'Attic' where venue = :v and number = 2;
insert into maitred.menu_category (venue, name) values (:v, 'Wine');
select t.flush();
select is(t.types(:v, :s), 'reservation.created reservation.upcoming menu_item.updated notification.created service_request.created notification.created '
    || 'customer.created token.revoked account.updated api_key.created venue.updated floor.updated menu_category.created', 'each in the order of its first change');
select is((select data -> 'new' from feed.log where venue = :v and type = 'reservation.created'), maitred.reservation_json(:v, :r), 'a reservation');
select is((select data #>> '{new,jti}' from feed.log where venue = :v and type = 'token.revoked'), 'j1', 'the jti that is revoked');
select is((select array_agg(distinct area order by area) from feed.log where venue = :v),
    array['accounts', 'customers', 'menu', 'notifications', 'orders', 'reservations', 'tables', 'venue'], 'areas');
insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status) values (:h, 'Bob Ray', t.type_id(:h, 'Suite'), '2030-01-01', '2030-01-03', 'confirmed') returning id as b \gset
select t.flush();
update maitred.booking set room_id = t.room_id(:h, '201'), status = 'checked_in' where id = :b;
update maitred.room set housekeeping = 'inspected' where id = t.room_id(:h, '102');
insert into maitred.payment (venue, booking_id, amount, method) values (:h, :b, 100, 'card');
select t.flush();
select is(t.types(:h, :hs), 'booking.created booking.updated room.updated', 'bookings and rooms');
select is((select row(data #>> '{old,room}', data #>> '{new,room}', data #>> '{old,status}', data #>> '{new,payments,0,amount}')::text from feed.log where venue = :h and type = 'booking.updated'),
    '(,201,confirmed,1)', 'with old and new');
select is((select refs from feed.log where venue = :h and type = 'booking.updated'), jsonb_build_object('booking', :b, 'room', t.room_id(:h, '201'), 'room_type', t.type_id(:h, 'Suite')), 'refs of a booking');

-- ---- several venues
select t.seq(:v) as s, t.seq(:w) as ws \gset
update maitred.dining_table set section = 'w' where id = :w1;
update maitred.dining_table set section = 'v' where id = :t1;
select t.flush();
select is(t.seq(:v) - :s || ' ' || t.seq(:w) - :ws, '1 1', 'each venue has its own');

-- ---- too many changes: one resync a venue
select t.seq(:v) as s, t.seq(:w) as ws \gset
insert into maitred.customer (venue, name) select :v, 'C' || g from generate_series(1, 500) g;
update maitred.dining_table set section = 'w2' where id = :w1;
select t.flush();
select is(t.seq(:v) - :s, 500::bigint, 'five hundred changes are told one by one');
select t.seq(:v) as s, t.seq(:w) as ws \gset
insert into maitred.customer (venue, name) select :v, 'C' || g from generate_series(1, 501) g;
update maitred.dining_table set section = 'w3' where id = :w1;
select t.flush();
select is(t.types(:v, :s), 'resync', 'one more is one resync');
select is(t.types(:w, :ws), 'table.updated', 'for that venue only');
select is((select area_seq from feed.counter where venue = :v), array_fill((:s + 1)::bigint, array[10]), 'which moves every area on');
select t.seq(:v) as s, t.seq(:w) as ws \gset
insert into maitred.customer (venue, name) select :v, 'C' || g from generate_series(1, 5000) g;
update maitred.dining_table set section = 'w4' where id = :w1;
select t.flush();
select is(t.types(:v, :s) || ' ' || t.types(:w, :ws), 'resync resync', 'past the bound of the notes, every venue of the transaction');
update maitred.dining_table set section = 'after' where id = :w1;
select t.flush();
select is((t.last_event(:w)).type, 'table.updated', 'and then single events again');
update feed.state set resync_after = 3;
select t.seq(:v) as s \gset
insert into maitred.customer (venue, name) select :v, 'D' || g from generate_series(1, 4) g;
select t.flush();
select is(t.types(:v, :s), 'resync', 'the number is a setting');
update feed.state set resync_after = 500;

-- ---- text that looks like our separators, and a session with another DateStyle
set local datestyle = 'SQL, DMY';
update maitred.reservation set special_requests = E'a\x1eb\x1fc"\\,(' where id = :r;
select t.flush();
update maitred.reservation set starts_at = '24/12/2030 19:00+00' where id = :r;
select t.flush();
set local datestyle = 'ISO';
select is((select row(data #>> '{old,date}', data #>> '{new,date}')::text from t.last_event(:v)), '(2030-07-24T19:00:00.000Z,2030-12-24T19:00:00.000Z)', 'dates survive any DateStyle');
update maitred.reservation set special_requests = null where id = :r;
select t.flush();
select is((select data #>> '{old,specialRequests}' from t.last_event(:v)), 'a b c"\,(', 'control characters do not break the notes');

-- ---- no partition: the overflow takes it, a commit never fails
update feed.state set partitions_until = partitions_from;
select t.seq(:v) as s \gset
update maitred.dining_table set section = 'o' where id = :t1;
select lives_ok('select t.flush()', 'no partition for today');
select is((select count(*)::int from feed.event_overflow where venue = :v and seq = :s + 1), 1, 'the event is in the overflow');
select is(t.types(:v, :s), 'table.updated', 'and in the log');
select lives_ok('select api.feed_extend()', 'partitions again');
update feed.state set partitions_until = now() + interval '1 day';
select is(feed.move_overflow(), 1::bigint, 'the overflow moves in');
select is(t.types(:v, :s), 'table.updated', 'and is there once');

-- ---- time and order
select is((select count(*)::int from (select seq, at, lag(seq) over w as s0, lag(at) over w as a0 from feed.log where venue in (:v, :w, :h)
    window w as (partition by venue order by seq)) x where seq <> s0 + 1 or at < a0), 0, 'gapless, and time never runs backwards');
update feed.counter set at = now() + interval '2 hours' where venue = :v;
update maitred.dining_table set section = 'later' where id = :t1;
select t.flush();
select ok((t.last_event(:v)).at > now() + interval '1 hour', 'not even after the clock was set back');
select * from finish();
rollback;
