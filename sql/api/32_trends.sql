-- GET /api/dashboard/trends: a period day by day.
--
-- Definitions
--   value1 = reservations   reservations (a hotel: arrivals) of the day that count
--   value2                  those of the day in the same place of the period before
--   value3                  those of value1 that are prepaid
--   guests                  their guests
--   revenue                 a restaurant: the totals of the orders placed in the business day,
--                           cancelled ones left out; a hotel: the room revenue of the night plus
--                           its orders. Money paid in advance is revenue when the day has come.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Orders placed from first_day to last_day and their totals; every day has a row.
create or replace function maitred.orders_between(venue bigint, first_day date, last_day date)
returns table (day date, orders bigint, revenue bigint)
language sql stable parallel safe rows 60
as $$
    select d.day, o.orders, o.revenue
    from maitred.business_days($1, $2, $3) d
    cross join lateral (
        select count(*) as orders, coalesce(sum(x.total_price), 0)::bigint as revenue
        from maitred.customer_order x
        where x.venue = $1 and x.created_at >= d.opens and x.created_at < d.closes
          and x.status <> 'cancelled') o $$;

create or replace function maitred.reservations_between(venue bigint, first_day date, last_day date)
returns table (day date, reservations bigint, prepaid bigint, guests bigint)
language sql stable parallel safe rows 60
as $$
    select d.day, r.reservations, r.prepaid, r.guests
    from maitred.business_days($1, $2, $3) d
    cross join lateral (
        select count(*) as reservations, count(*) filter (where x.prepaid) as prepaid,
               coalesce(sum(x.party_size), 0)::bigint as guests
        from maitred.reservation x
        where x.venue = $1 and x.starts_at >= d.opens and x.starts_at < d.closes
          and maitred.it_counts(x.status)) r $$;

create or replace function maitred.arrivals_between(venue bigint, first_day date, last_day date)
returns table (day date, reservations bigint, prepaid bigint, guests bigint)
language sql stable parallel safe rows 60
as $$
    select d.day, r.reservations, r.prepaid, r.guests
    from (select $2 + n as day from generate_series(0, $3 - $2) n) d
    cross join lateral (
        select count(*) as reservations, count(*) filter (where b.payment_status = 'paid') as prepaid,
               coalesce(sum(b.adults + b.children), 0)::bigint as guests
        from maitred.booking b
        where b.venue = $1 and b.check_in = d.day and maitred.it_counts(b.status)) r $$;

-- Weekly charts name the weekday, monthly ones the day of the month.
create or replace function maitred.day_label(period text, day date) returns text
language sql immutable strict parallel safe
as $$ select case period when 'weekly'
    then (array['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'])[extract(isodow from day)::int]
    else extract(day from day)::int::text end $$;

create or replace function maitred.chart_data(v maitred.venue, period text, today date) returns json
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    p record;
    chart json;
begin
    select * into p from maitred.period_of(period, today);
    with figures as materialized (
        select * from maitred.arrivals_between(v.id, p.first_day - p.days, p.last_day)
            where v.kind = 'hotel'
        union all
        select * from maitred.reservations_between(v.id, p.first_day - p.days, p.last_day)
            where v.kind <> 'hotel'
    ), rooms as materialized (
        select * from maitred.nights_between(v.id, p.first_day, p.last_day) where v.kind = 'hotel'
    )
    select json_agg(json_build_object(
               'day', maitred.day_label(period, o.day),
               'value1', f.reservations, 'value2', b.reservations, 'value3', f.prepaid,
               'reservations', f.reservations,
               'revenue', maitred.major(o.revenue + coalesce(r.revenue, 0), v.currency),
               'guests', f.guests) order by o.day)
        into chart
        from maitred.orders_between(v.id, p.first_day, p.last_day) o
        join figures f on f.day = o.day
        join figures b on b.day = o.day - p.days
        left join rooms r on r.day = o.day;
    return json_build_object('chartData', coalesce(chart, '[]'));
end $$;

create or replace function api.dashboard_trends(p_caller api.caller, p_period text) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    return maitred.ok(maitred.chart_data(v, p_period, maitred.today(v.id))::text);
end $$;
