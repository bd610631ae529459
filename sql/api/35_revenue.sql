-- GET /api/dashboard/revenue/by-category, /hotel/revenue-breakdown and /api/v1/orders/stats.
--
-- Definitions
--   category revenue   quantity x price of the lines, voided ones left out, of the orders placed
--                      in the period and not cancelled, by the menu category that the item is in
--                      today; lines of no item are "Other". A hotel's room types are categories
--                      too, before those of its menu.
--   room revenue       the nightly rate of every night of the period, of bookings that count
--   services           a hotel's orders, by menu category
--   order stats        of the business day: revenue and number of the orders that are not
--                      cancelled, their average value, how many customers placed them
--                      (by customer, else phone, else table session, else each order is one), and
--                      all of them, cancelled too, by status
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.category_revenue(venue bigint, since timestamptz, until timestamptz)
returns table (category_id bigint, amount bigint)
language sql stable parallel safe rows 20
as $$
    select m.category_id, sum(i.quantity * i.unit_price)::bigint
    from maitred.customer_order o
    join maitred.order_item i on i.venue = o.venue and i.order_id = o.id and i.status <> 'void'
    left join maitred.menu_item m on m.venue = i.venue and m.id = i.menu_item_id
    where o.venue = $1 and o.created_at >= $2 and o.created_at < $3 and o.status <> 'cancelled'
    group by m.category_id $$;

create or replace function maitred.room_type_revenue(venue bigint, first_day date, last_day date)
returns table (room_type_id bigint, amount bigint)
language sql stable parallel safe rows 20
as $$
    select b.room_type_id, sum(b.nightly_rate
               * (least(b.check_out, $3 + 1) - greatest(b.check_in, $2)))::bigint
    from maitred.booking b
    where b.venue = $1 and b.check_in <= $3 and b.check_in > $2 - 400 and b.check_out > $2
      and maitred.it_counts(b.status)
    group by b.room_type_id $$;

-- All revenue of a period, an entry a room type or menu category that had any; `no` is the
-- thing's fixed place, for its colour.
create or replace function maitred.revenue_entries(v maitred.venue, first_day date, last_day date)
returns table (rooms boolean, name text, color text, amount bigint, no bigint)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    opens timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, first_day);
    closes timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, last_day + 1);
begin
    return query
        select true, t.name, null::text, r.amount, t.no
        from maitred.room_type_revenue(v.id, first_day, last_day) r
        join (select x.id, x.name, row_number() over (order by x.id) as no
              from maitred.room_type x where x.venue = v.id) t on t.id = r.room_type_id
        where r.amount > 0
        union all
        select false, coalesce(c.name, 'Other'), c.color, r.amount, coalesce(c.no, 8)
        from maitred.category_revenue(v.id, opens, closes) r
        left join (select x.id, x.name, x.color, row_number() over (order by x.id)
                       + (select count(*) from maitred.room_type y where y.venue = v.id) as no
                   from maitred.menu_category x where x.venue = v.id) c on c.id = r.category_id
        where r.amount > 0;
end $$;

create or replace function maitred.revenue_categories(v maitred.venue, period text, today date)
returns json language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    p record;
    entries json;
begin
    select * into p from maitred.period_of(period, today);
    with e as materialized (
        select *, row_number() over (order by amount desc, name) as place
        from maitred.revenue_entries(v, p.first_day, p.last_day)
    ), s as materialized (
        select maitred.percentages(array_agg(amount::numeric order by place)) as shares from e
    )
    select json_agg(json_build_object('name', e.name, 'percentage', s.shares[e.place],
               'amount', maitred.major(e.amount, v.currency),
               'color', coalesce(e.color, maitred.palette(e.no))) order by e.place)
        into entries from e, s;
    return json_build_object('categories', coalesce(entries, '[]'));
end $$;

create or replace function api.revenue_by_category(p_caller api.caller, p_period text)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    return maitred.ok(maitred.revenue_categories(v, p_period, maitred.today(v.id))::text);
end $$;

create or replace function maitred.hotel_breakdown(v maitred.venue, period text, today date)
returns json language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    p record;
    total bigint;
    of_rooms json;
    of_services json;
begin
    select * into p from maitred.period_of(period, today);
    with e as materialized (
        select *, row_number() over (order by rooms desc, amount desc, name) as place
        from maitred.revenue_entries(v, p.first_day, p.last_day)
    ), s as materialized (
        select maitred.percentages(array_agg(amount::numeric order by place)) as shares from e
    ), j as (
        select e.rooms, e.place, e.amount, json_build_object('type', e.name,
                   'revenue', maitred.major(e.amount, v.currency),
                   'percentage', s.shares[e.place]) as entry
        from e, s
    )
    select coalesce(sum(amount), 0), json_agg(entry order by place) filter (where rooms),
           json_agg(entry order by place) filter (where not rooms)
        into total, of_rooms, of_services from j;
    return json_build_object('roomTypes', coalesce(of_rooms, '[]'),
        'services', coalesce(of_services, '[]'), 'totalRevenue', maitred.major(total, v.currency));
end $$;

create or replace function api.hotel_revenue_breakdown(p_caller api.caller, p_period text)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    return maitred.ok(maitred.hotel_breakdown(v, p_period, maitred.today(v.id))::text);
end $$;

create or replace function maitred.order_figures(v maitred.venue, today date) returns json
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    opens timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, today);
    closes timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, today + 1);
    figures json;
begin
    with o as materialized (
        select x.id, x.status, x.total_price, x.customer_id, x.customer_phone, x.session_id
        from maitred.customer_order x
        where x.venue = v.id and x.created_at >= opens and x.created_at < closes
    ), sums as (
        select count(*) as orders, coalesce(sum(total_price), 0)::bigint as revenue,
               count(distinct coalesce('c' || customer_id, 'p' || customer_phone, 's' || session_id,
                                       'o' || id)) as customers
        from o where status <> 'cancelled'
    )
    select json_build_object(
        'revenue', maitred.major(s.revenue, v.currency), 'orders', s.orders,
        'averageOrderValue', maitred.major(
            coalesce(round(s.revenue::numeric / nullif(s.orders, 0)), 0)::bigint, v.currency),
        'customers', s.customers,
        'byStatus', (select json_object_agg(k.status, coalesce(n.n, 0) order by k.no)
                     from unnest(array['pending', 'confirmed', 'preparing', 'ready', 'served',
                                       'completed', 'cancelled']) with ordinality k (status, no)
                     left join (select status, count(*) as n from o group by status) n
                         on n.status = k.status))
        into figures from sums s;
    return figures;
end $$;

create or replace function api.order_stats(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    return maitred.ok(maitred.order_figures(v, maitred.today(v.id))::text);
end $$;
