-- Tables and sessions: occupied exactly while a session is open, versions, soft deletes.
begin;
set local search_path = public, pg_catalog;
select plan(42);
select t.restaurant('tables') as v \gset
select t.tab(:v, 1) as t1, t.tab(:v, 2) as t2, t.tab(:v, 3) as t3 \gset
select set_config('maitred.actor', 'wanda', true);

-- Occupying opens, leaving closes: also by plain SQL.
update maitred.dining_table set status = 'occupied' where id = :t1;
select is((select count(*)::int from maitred.table_session where table_id = :t1 and state = 'open'), 1,
    'occupied opens a session');
select lives_ok('select t.flush()', 'and agrees with it at commit');
select is((select row(version, updated_by)::text from maitred.dining_table where id = :t1), '(2,wanda)',
    'version and updated_by follow');
update maitred.dining_table set capacity = capacity where id = :t1;
select is((select version from maitred.dining_table where id = :t1), 2::bigint,
    'a write that changes nothing is no version');
update maitred.dining_table set version = 99, updated_by = 'mallory', capacity = 5 where id = :t1;
select is((select row(version, updated_by)::text from maitred.dining_table where id = :t1), '(3,wanda)',
    'version and updated_by can not be chosen');
update maitred.dining_table set status = 'available' where id = :t1;
select is((select state from maitred.table_session where table_id = :t1), 'closed', 'leaving closes it');
select isnt((select closed_at from maitred.table_session where table_id = :t1), null, 'with the time');
select lives_ok('select t.flush()', 'both agree again');

-- An operation may open the session itself, with its own guests and waiter.
insert into maitred.table_session (venue, table_id, guest_count) values (:v, :t1, 3) returning id as s \gset
update maitred.dining_table set status = 'occupied' where id = :t1;
select is((select array_agg(guest_count) from maitred.table_session where table_id = :t1 and state = 'open'),
    array[3], 'a session that is there already is kept');
select t.flush();
select is(t.violates(format('insert into maitred.table_session (venue, table_id) values (%s, %s)', :v, :t1)),
    '23505 session_one_open', 'one open session a table');

-- Only one of the two: caught at commit.
savepoint a;
insert into maitred.table_session (venue, table_id) values (:v, :t2);
select throws_ok('set constraints all immediate', 'MD409', 'table_session_mismatch');
rollback to a;
update maitred.table_session set state = 'closed' where id = :s;
select throws_ok('set constraints all immediate', 'MD409', 'table_session_mismatch');
rollback to a;
insert into maitred.dining_table (venue, number, label, capacity, status)
    values (:v, 50, 'T-50', 2, 'occupied') returning id as t50 \gset
select is((select count(*)::int from maitred.table_session where table_id = :t50 and state = 'open'), 1,
    'a table that is inserted as occupied has a session as well');
select lives_ok('select t.flush()', 'and commits');

-- A session moves to another table and takes its orders along.
insert into maitred.customer_order (venue, session_id) values (:v, :s) returning id as o \gset
select is((select row(table_id, table_number)::text from maitred.customer_order where id = :o),
    format('(%s,1)', :t1), 'an order of a session is at its table');
update maitred.table_session set table_id = :t2 where id = :s;
update maitred.dining_table set status = 'available' where id = :t1;
update maitred.dining_table set status = 'occupied' where id = :t2;
select lives_ok('select t.flush()', 'a move agrees at commit');
select is((select row(state, table_id)::text from maitred.table_session where id = :s),
    format('(open,%s)', :t2), 'the session is still open, at the other table');
select is((select row(table_id, table_number)::text from maitred.customer_order where id = :o),
    format('(%s,2)', :t2), 'its orders moved with it');
update maitred.dining_table set number = 22 where id = :t2;
select is((select table_number from maitred.customer_order where id = :o), 22,
    'open orders follow a new table number');

-- Closing resolves the session's calls; restoring opens it again with its orders.
insert into maitred.service_request (venue, session_id, table_id, kind)
    values (:v, :s, :t2, 'call_waiter') returning id as q \gset
update maitred.dining_table set status = 'available' where id = :t2;
select isnt((select resolved_at from maitred.service_request where id = :q), null,
    'closing resolves the open calls of the session');
update maitred.table_session set state = 'open' where id = :s;
update maitred.dining_table set status = 'occupied' where id = :t2;
select lives_ok('select t.flush()', 'a restored session');
select is((select closed_at from maitred.table_session where id = :s), null, 'is open again');
select is((select count(*)::int from maitred.customer_order where session_id = :s), 1, 'with its orders');

-- Maintenance only once the session is closed.
select throws_ok(format('update maitred.dining_table set status = ''maintenance'' where id = %s', :t2),
    'MD409', 'invalid_transition', 'occupied to maintenance');

-- Deleting is soft and refused while something needs the table.
select throws_ok(format('update maitred.dining_table set active = false where id = %s', :t2),
    'MD409', 'table_occupied', 'deleting an occupied table');
update maitred.dining_table set status = 'available' where id = :t2;
select throws_ok(format('update maitred.dining_table set active = false where id = %s', :t2),
    'MD409', 'table_has_orders', 'deleting a table with an open order');
update maitred.customer_order set status = 'cancelled' where id = :o;
insert into maitred.reservation (venue, customer_name, party_size, starts_at, table_id)
    values (:v, 'Ann Lee', 2, now() + interval '1 day', :t2) returning id as r \gset
select throws_ok(format('update maitred.dining_table set active = false where id = %s', :t2),
    'MD409', 'table_has_reservations', 'deleting a table with an upcoming reservation');
update maitred.reservation set status = 'cancelled' where id = :r;
select lives_ok(format('update maitred.dining_table set active = false where id = %s', :t2), 'then it goes');
select throws_ok(format('insert into maitred.customer_order (venue, table_id) values (%s, %s)', :v, :t2),
    'MD409', 'table_deleted', 'no order at a deleted table');
select throws_ok(format('insert into maitred.reservation (venue, customer_name, party_size, starts_at, table_id)
    values (%s, ''A'', 2, now(), %s)', :v, :t2), 'MD409', 'table_deleted', 'no reservation of one');
select throws_ok(format('insert into maitred.table_session (venue, table_id) values (%s, %s)', :v, :t2),
    'MD409', 'table_deleted', 'no session at one');
select lives_ok(format('insert into maitred.dining_table (venue, number, label, capacity)
    values (%s, 22, ''T-2'', 4)', :v), 'its label and number are free again');

-- Masks and ranges.
select is(t.violates(format('insert into maitred.dining_table (venue, number, label, capacity) values (%s, %s)', :v, x.row)), x.wants)
from (values ('60, ''T-1'', 4', '23505 table_label_unique'), ('1, ''T-60'', 4', '23505 table_number_unique'),
    ('61, ''T 61'', 4', '23514 table_label_mask'), ('61, repeat(''x'', 21), 4', '23514 table_label_mask'),
    ('61, ''T-61'', 21', '23514 table_capacity_range'), ('61, ''T-61'', 0', '23514 table_capacity_range'),
    ('61, ''T-61'', 20', 'none')) x (row, wants);
select is(t.violates(format('update maitred.dining_table set min_capacity = 5, capacity = 4 where id = %s', :t3)),
    '23514 table_min_capacity_range');
select is(t.violates(format('update maitred.dining_table set floor = 9 where id = %s', :t3)), '23503 table_floor_exists');
select is(t.violates(format('insert into maitred.floor values (%s, 11, ''x'')', :v)), '23514 floor_number_range');
select * from finish();
rollback;
