-- stats.sql - a restaurant and a hotel with :n reservations, bookings, orders and lines each. The present
-- (sixty days to today and three to come) is the same whatever :n is; the rest is history, spread
-- over the ten years before. Rows are made past the triggers, with their indexes put up afterwards;
-- the sums are then made by the product's own rebuild. Nothing is random: the same :n, the same rows.
\set ON_ERROR_STOP 1
set client_min_messages = warning;
set maintenance_work_mem = '1GB';
set session_replication_role = replica;
insert into maitred.venue (slug, kind, name, business_day_cutoff) values
    ('bistro', 'restaurant', 'Bistro', '04:00'), ('grand', 'hotel', 'Grand', '04:00');
insert into maitred.rollup_state (venue) select id from maitred.venue;
select id as bistro from maitred.venue where slug = 'bistro' \gset
select id as grand from maitred.venue where slug = 'grand' \gset
insert into maitred.menu_category (venue, name) select :bistro, 'Category ' || g from generate_series(1, 12) g;
insert into maitred.menu_item (venue, category_id, name, price)
    select :bistro, c.id, c.name || ' item ' || g, 500 + 100 * g from maitred.menu_category c, generate_series(1, 10) g;
insert into maitred.customer (venue, name) select v, 'Guest ' || g from unnest(array[:bistro, :grand]) v, generate_series(1, 20000) g;
insert into maitred.room_type (venue, name, base_price) select :grand, 'Type ' || g, 8000 + 1000 * g from generate_series(1, 8) g;
insert into maitred.room (venue, room_type_id, number) select :grand, t.id, t.id || '-' || g from maitred.room_type t, generate_series(1, 40) g;

create temp table put_up as
    select i.indexrelid::regclass as name, pg_get_indexdef(i.indexrelid) as definition from pg_index i
    where i.indrelid in ('maitred.reservation'::regclass, 'maitred.booking'::regclass, 'maitred.customer_order'::regclass, 'maitred.order_item'::regclass)
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid);
select format('drop index %s', name) from put_up \gexec

-- Day of row g: 150 rows a day of the present, the rest evenly over the ten years before it.
create function pg_temp.day_of(g bigint, n bigint) returns date language sql stable
as $$ select case when g <= 9450 then current_date + 3 - (g / 150)::int
                  else current_date - 61 - ((g - 9450) * 3650 / greatest(n - 9450, 1))::int end $$;

insert into maitred.reservation (venue, customer_id, customer_name, party_size, starts_at, source, prepaid, status)
    select :bistro, c.first + g % 20000, 'Guest', 1 + g % 8, pg_temp.day_of(g, :n) + interval '11 hours' + (g % 600) * interval '1 minute',
        (array['website', 'mobile', 'phone', 'walk_in', 'partner'])[1 + g % 5], g % 4 = 0,
        case when pg_temp.day_of(g, :n) >= current_date then 'confirmed' else (array['completed', 'completed', 'completed', 'cancelled', 'no_show'])[1 + g % 5] end
    from generate_series(1::bigint, :n) g, (select min(id) as first from maitred.customer where venue = :bistro) c;
insert into maitred.customer_order (venue, order_number, customer_id, status, payment_status, total_price, created_at, updated_at)
    select :bistro, 'ORD-' || g, c.first + g % 20000, case when g % 20 = 0 then 'cancelled' else 'completed' end, 'paid', 1000 + g % 5000,
        pg_temp.day_of(g, :n) + interval '11 hours' + (g % 600) * interval '1 minute', pg_temp.day_of(g, :n) + interval '13 hours'
    from generate_series(1::bigint, :n) g, (select min(id) as first from maitred.customer where venue = :bistro) c;
insert into maitred.order_item (venue, order_id, menu_item_id, name, quantity, unit_price, status)
    select o.venue, o.id, m.first + o.id % 120, 'Item', 1 + o.id % 3, 500 + o.id % 1500, case when o.id % 30 = 0 then 'void' else 'served' end
    from maitred.customer_order o, (select min(id) as first from maitred.menu_item where venue = :bistro) m where o.venue = :bistro;
insert into maitred.booking (venue, guest_name, customer_id, room_type_id, check_in, check_out, adults, status, nightly_rate, total_amount, payment_status)
    select :grand, 'Guest', c.first + g % 20000, t.first + g % 8, pg_temp.day_of(g, :n), pg_temp.day_of(g, :n) + 1 + (g % 3)::int, 2,
        case when pg_temp.day_of(g, :n) + 1 + (g % 3)::int <= current_date then (array['checked_out', 'checked_out', 'checked_out', 'cancelled'])[1 + g % 4] else 'confirmed' end,
        8000 + g % 5000, 16000, 'paid'
    from generate_series(1::bigint, :n) g, (select min(id) as first from maitred.customer where venue = :grand) c,
         (select min(id) as first from maitred.room_type where venue = :grand) t;
insert into maitred.room_type_night (venue, room_type_id, night, sold)
    select b.venue, b.room_type_id, b.check_in + d, count(*) from maitred.booking b, generate_series(0, b.check_out - b.check_in - 1) d
    where b.venue = :grand and b.status in ('pending', 'confirmed', 'checked_in') group by 1, 2, 3;

select definition from put_up \gexec
set session_replication_role = origin;
select maitred.rollup_rebuild(id) from maitred.venue;
vacuum analyze;
