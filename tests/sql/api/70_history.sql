-- Years of history cost nothing: with 60,000 old reservations, orders and bookings beside a few of
-- today, every read touches only what its period holds. Counted in rows, not in time.
begin;
\ir fixture.psql
select plan(40);

set local session_replication_role = replica;   -- the past is there; no events, no totals
insert into maitred.customer (venue, name, phone) select pg_temp.venue('bistro'), 'C' || g, (100000 + g)::text from generate_series(1, 2000) g;
create temp table base as select (select min(id) from maitred.customer where venue = pg_temp.venue('bistro')) as customer, pg_temp.hour('bistro', 0, 12) as noon;
insert into maitred.reservation (venue, customer_id, customer_name, party_size, starts_at, status, amount_due)
    select pg_temp.venue('bistro'), customer + g % 2000, 'C', 2, noon - interval '70 days' - g * interval '20 minutes', 'completed', 100
    from base, generate_series(1, 60000) g;
insert into maitred.customer_order (venue, order_number, status, payment_status, total_price, created_at)
    select pg_temp.venue('bistro'), 'H' || g, 'completed', 'paid', 1000, noon - interval '70 days' - g * interval '20 minutes'
    from base, generate_series(1, 60000) g;
insert into maitred.order_item (venue, order_id, name, quantity, unit_price)
    select venue, id, 'Soup', 1, 1000 from maitred.customer_order where venue = pg_temp.venue('bistro');
insert into maitred.payment (venue, order_id, amount, method, status, created_at)
    select venue, id, 1000, 'cash', 'completed', created_at from maitred.customer_order where venue = pg_temp.venue('bistro');
insert into maitred.room_type (venue, name) values (pg_temp.venue('grand'), 'Double');
insert into maitred.room (venue, room_type_id, number) select venue, id, n::text from maitred.room_type t, generate_series(1, 50) n where venue = pg_temp.venue('grand');
insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status, nightly_rate, total_amount)
    select t.venue, 'G', t.id, d, d + 2, 'checked_out', 100, 200
    from maitred.room_type t, generate_series(1, 60000) g, lateral (select maitred.today(t.venue) - 70 - g / 20 as d) x
    where t.venue = pg_temp.venue('grand');
-- Ten a day from thirty days back to five ahead.
insert into maitred.reservation (venue, customer_id, customer_name, party_size, starts_at, status)
    select pg_temp.venue('bistro'), customer + g % 2000, 'C', 2, noon - interval '30 days' + g * interval '144 minutes', 'confirmed'
    from base, generate_series(1, 350) g;
insert into maitred.customer_order (venue, order_number, status, total_price, created_at)
    select pg_temp.venue('bistro'), 'N' || g, 'completed', 1000, noon - interval '30 days' + g * interval '144 minutes'
    from base, generate_series(1, 300) g;
insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)
    select t.venue, 'G', t.id, maitred.today(t.venue) - 30 + g / 10, maitred.today(t.venue) - 28 + g / 10,
           case when g < 300 then 'checked_out' else 'confirmed' end
    from maitred.room_type t, generate_series(1, 350) g where t.venue = pg_temp.venue('grand');
set local session_replication_role = origin;
analyze maitred.customer; analyze maitred.reservation; analyze maitred.customer_order; analyze maitred.order_item;
analyze maitred.payment; analyze maitred.booking; analyze maitred.room;

-- Rows read from tables one after the other, and entries read from their indexes.
create function pg_temp.touched() returns bigint language sql volatile
as $$ select sum(pg_stat_get_xact_tuples_returned(c.oid))::bigint
      from unnest(array['maitred.reservation', 'maitred.customer_order', 'maitred.order_item', 'maitred.payment',
                        'maitred.booking', 'maitred.customer']::regclass[]) t
      join pg_class c on c.oid = t or c.oid in (select indexrelid from pg_index where indrelid = t) $$;
create function pg_temp.cost(statement text) returns bigint language plpgsql volatile
as $$
declare before bigint := pg_temp.touched();
begin
    execute statement;
    return pg_temp.touched() - before;
end $$;
select cmp_ok(pg_temp.cost('select count(*) from maitred.reservation'), '>=', 60000::bigint, 'the count sees a scan of all');
select cmp_ok(pg_temp.cost(format('select count(*) from maitred.reservation where venue = %s and starts_at >= %L',
    pg_temp.venue('bistro'), pg_temp.hour('bistro', 0, 0))), '>=', 50::bigint, '... and one of an index');
create temp table reads (call text, most bigint);
insert into reads values ('dashboard_stats(%s)', 100), ('dashboard_trends(%s, ''weekly'')', 400), ('dashboard_trends(%s, ''monthly'')', 1500),
    ('dashboard_today(%s)', 50), ('customers_frequency(%s, ''weekly'')', 400), ('customers_frequency(%s, ''monthly'')', 1500),
    ('revenue_by_category(%s, ''weekly'')', 400), ('revenue_by_category(%s, ''monthly'')', 1500),
    ('reservation_sources(%s, ''weekly'')', 400), ('reservation_sources(%s, ''monthly'')', 1500),
    ('reservations_upcoming(%s)', 50), ('order_stats(%s)', 50), ('order_list(%s, null, null, null, null, null, null)', 600), ('order_list(%s, ''{completed}'', null, null, null, 3, 20)', 300), ('hotel_revenue_breakdown(%s, ''monthly'')', 1500),
    ('room_availability(%s, null, null)', 700), ('channel_snapshot(%s, ''restaurant_orders'', null)', 100),
    ('channel_snapshot(%s, ''restaurant_reservations'', null)', 200), ('channel_snapshot(%s, ''hotel_reservations'', null)', 300);
select cmp_ok(pg_temp.cost(format('select api.' || call, 'pg_temp.caller(''bistro'', ''admin'')')), '<=', most, 'bistro: ' || call) from reads;
select cmp_ok(pg_temp.cost(format('select api.' || call, 'pg_temp.caller(''grand'', ''admin'')')), '<=', most, 'grand: ' || call) from reads;
select * from finish();
rollback;
