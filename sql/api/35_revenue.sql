-- GET /api/dashboard/revenue/by-category, /hotel/revenue-breakdown and /api/v1/orders/stats, from
-- the days' sums. What each figure means is written in docs/statistics.md.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- By the category that an item is in today: the sums are kept an item.
create or replace function maitred.category_revenue(venue bigint, first_day date, last_day date)
returns table (category_id bigint, amount bigint)
language sql stable parallel safe rows 20
as $$
    select m.category_id, sum(i.amount)::bigint
    from (select nullif(d.part, '')::bigint as id, sum(d.amount) as amount
          from maitred.rollup_days($1, 'line', $2, $3) d group by d.part) i
    left join maitred.menu_item m on m.venue = $1 and m.id = i.id
    group by m.category_id $$;

create or replace function maitred.room_type_revenue(venue bigint, first_day date, last_day date)
returns table (room_type_id bigint, amount bigint)
language sql stable parallel safe rows 20
as $$
    select d.part::bigint, sum(d.amount)::bigint
    from maitred.rollup_days($1, 'night', $2, $3) d group by d.part $$;

-- All revenue of a period, an entry a room type or menu category that had any; `no` is the
-- thing's fixed place, for its colour.
create or replace function maitred.revenue_entries(v maitred.venue, first_day date, last_day date)
returns table (rooms boolean, name text, color text, amount bigint, no bigint)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    return query
        select true, t.name, null::text, r.amount, t.no
        from maitred.room_type_revenue(v.id, first_day, last_day) r
        join (select x.id, x.name, row_number() over (order by x.id) as no
              from maitred.room_type x where x.venue = v.id) t on t.id = r.room_type_id
        where r.amount > 0
        union all
        select false, coalesce(c.name, 'Other'), c.color, r.amount, coalesce(c.no, 8)
        from maitred.category_revenue(v.id, first_day, last_day) r
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

-- Who placed the day's orders: by customer, else phone, else table session, else each order is one.
-- Different people are no sum of anything: the day's orders are read for it.
create or replace function maitred.order_customers(v maitred.venue, today date) returns bigint
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    opens timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, today);
    closes timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, today + 1);
begin
    return (select count(distinct coalesce('c' || o.customer_id, 'p' || o.customer_phone,
                                           's' || o.session_id, 'o' || o.id))
            from maitred.customer_order o
            where o.venue = v.id and o.created_at >= opens and o.created_at < closes
              and o.status <> 'cancelled');
end $$;

create or replace function maitred.order_figures(v maitred.venue, today date) returns json
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    orders bigint;
    revenue bigint;
    by_status json;
begin
    with s as materialized (
        select d.status, sum(d.n)::bigint as n, sum(d.amount)::bigint as amount
        from maitred.rollup_days(v.id, 'order', today, today) d group by d.status
    )
    select coalesce(sum(s.n) filter (where k.status <> 'cancelled'), 0),
           coalesce(sum(s.amount) filter (where k.status <> 'cancelled'), 0),
           json_object_agg(k.status, coalesce(s.n, 0) order by k.no)
        into orders, revenue, by_status
        from unnest(array['pending', 'confirmed', 'preparing', 'ready', 'served', 'completed',
                          'cancelled']) with ordinality k (status, no)
        left join s on s.status = k.status;
    return json_build_object('revenue', maitred.major(revenue, v.currency), 'orders', orders,
        'averageOrderValue', maitred.major(
            coalesce(round(revenue::numeric / nullif(orders, 0)), 0)::bigint, v.currency),
        'customers', maitred.order_customers(v, today), 'byStatus', by_status);
end $$;

create or replace function api.order_stats(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    return maitred.ok(maitred.order_figures(v, maitred.today(v.id))::text);
end $$;
