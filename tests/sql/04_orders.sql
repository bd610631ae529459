-- Orders, lines and payments: totals, unavailable items, final lines, payment status.
begin;
set local search_path = public, pg_catalog;
select plan(31);
select t.restaurant('orders') as v \gset
select t.restaurant('others') as w \gset
select t.item(:v, 'Soup') as soup, t.item(:v, 'Roast') as roast, t.tab(:v, 1) as t1 \gset
select set_config('maitred.actor', 'wanda', true);

insert into maitred.customer_order (venue, table_id, customer_name) values (:v, :t1, 'Ann Lee') returning id as o \gset
select is((select row(order_number, table_number, created_by, status)::text from maitred.customer_order where id = :o),
    format('(ORD-%s,1,wanda,pending)', :o), 'an order gets a number and the table''s');
insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (:v, :o, :soup, 2), (:v, :o, :roast, 1);
select is((select array_agg(name || ' ' || unit_price || ' ' || created_by order by id) from maitred.order_item where order_id = :o),
    array['Soup 450 wanda', 'Roast 1999 wanda'], 'a line takes name and price of the moment');
select is((select total_price from maitred.customer_order where id = :o), 2899::bigint, 'the total is the sum');
update maitred.menu_item set price = 999, name = 'Broth' where id = :soup;
select is((select array_agg(name || ' ' || unit_price order by id) from maitred.order_item where order_id = :o),
    array['Soup 450', 'Roast 1999'], 'and keeps them when the menu changes');


select is((select version from maitred.customer_order where id = :o), 2::bigint, 'its lines change its version');
select t.flush();
-- Lines are final.
select throws_ok(format('update maitred.order_item set quantity = 5 where order_id = %s', :o), 'MD409', 'line_is_final');
select throws_ok(format('delete from maitred.order_item where order_id = %s', :o), 'MD409', 'line_is_final');
select lives_ok(format('update maitred.order_item set status = ''void'' where order_id = %s and menu_item_id = %s', :o, :roast), 'void it is');
select is((select total_price from maitred.customer_order where id = :o), 900::bigint, 'a void line does not count');
select throws_ok(format('update maitred.order_item set status = ''placed'' where order_id = %s and menu_item_id = %s', :o, :roast),
    'MD409', 'invalid_transition', 'and stays void');

-- 86'd.
update maitred.menu_item set available = false where id = :roast;
select throws_ok(format('insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (%s, %s, %s, 1)', :v, :o, :roast),
    'MD409', 'item_unavailable', 'ordering what is not available');
update maitred.menu_item set available = true, active = false where id = :roast;
select throws_ok(format('insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (%s, %s, %s, 1)', :v, :o, :roast),
    'MD409', 'item_unavailable', 'or what has been taken off the menu');
select throws_ok(format('insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (%s, %s, %s, 1)', :v, :o, t.item(:w, 'Soup')),
    'MD422', 'unknown_item', 'another venue''s item does not exist');

-- Another venue's rows do not exist anywhere.
select is(t.violates(format('insert into maitred.order_item (venue, order_id, name, quantity, unit_price) values (%s, %s, ''X'', 1, 1)', :w, :o)),
    '23503 line_order_exists', 'a line of another venue');
select is(t.violates(format('insert into maitred.payment (venue, order_id, amount, method) values (%s, %s, 1, ''cash'')', :w, :o)),
    '23503 payment_order_exists', 'a payment of another venue');
select throws_ok(format('insert into maitred.customer_order (venue, table_id) values (%s, %s)', :w, :t1),
    'MD422', 'unknown_table', 'a table of another venue');

-- Payments.
insert into maitred.payment (venue, order_id, amount, method, status) values (:v, :o, 500, 'cash', 'completed') returning id as p \gset
select is((select row(payment_status, payment_method)::text from maitred.customer_order where id = :o), '(partial,cash)', 'paid in part');
insert into maitred.payment (venue, order_id, amount, method) values (:v, :o, 400, 'card') returning id as p2 \gset
select is((select payment_status from maitred.customer_order where id = :o), 'partial', 'a pending payment is none yet');
update maitred.payment set status = 'completed' where id = :p2;
select is((select payment_status from maitred.customer_order where id = :o), 'paid', 'paid');
update maitred.payment set status = 'refunded' where id in (:p, :p2);
select is((select payment_status from maitred.customer_order where id = :o), 'refunded', 'refunded');
select throws_ok(format('update maitred.payment set amount = 1 where id = %s', :p), 'MD409', 'payment_is_final');
select throws_ok(format('delete from maitred.payment where id = %s', :p), 'MD409', 'payment_is_final');
select is(t.violates(format('insert into maitred.payment (venue, amount, method) values (%s, 1, ''cash'')', :v)),
    '23514 payment_one_target', 'a payment is of something');
select is(t.violates(format('insert into maitred.payment (venue, order_id, amount, method) values (%s, %s, 0, ''cash'')', :v, :o)),
    '23514 payment_amount_range', 'and of some amount');

-- A closed order takes no lines.
update maitred.customer_order set status = 'cancelled' where id = :o;
select throws_ok(format('insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (%s, %s, %s, 1)', :v, :o, :soup),
    'MD409', 'order_closed', 'a cancelled order');

-- Sessions of orders.
update maitred.dining_table set status = 'occupied' where id = :t1;
select id as s from maitred.table_session where table_id = :t1 and state = 'open' \gset
update maitred.table_session set last_active = now() - interval '1 hour' where id = :s;
insert into maitred.customer_order (venue, session_id) values (:v, :s);
select ok((select last_active > now() - interval '1 minute' from maitred.table_session where id = :s), 'an order makes its session active');
select throws_ok(format('insert into maitred.customer_order (venue, session_id, table_id) values (%s, %s, %s)', :v, :s, t.tab(:v, 2)),
    'MD422', 'session_of_other_table');
update maitred.dining_table set status = 'available' where id = :t1;
select throws_ok(format('insert into maitred.customer_order (venue, session_id) values (%s, %s)', :v, :s), 'MD409', 'session_closed');

-- An import inserts the past as it was.
insert into maitred.customer_order (venue, status, payment_status, total_price, external_ref, order_number)
    values (:v, 'completed', 'paid', 1999, 'x1', '4711') returning id as i \gset
select lives_ok(format('insert into maitred.order_item (venue, order_id, menu_item_id, name, quantity, unit_price, status, external_ref)
    values (%s, %s, %s, ''Roast'', 1, 1999, ''served'', ''x1-1'')', :v, :i, :roast), 'lines of items that are gone');
select lives_ok(format('insert into maitred.payment (venue, order_id, amount, method, status, external_ref) values (%s, %s, 1999, ''card'', ''completed'', ''x1'')', :v, :i),
    'and payments');
select is((select version from maitred.customer_order where id = :i), 1::bigint, 'touch the order no more than needed');
select * from finish();
rollback;
