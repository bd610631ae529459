-- GET /api/dashboard/trends: a period day by day, from the days' sums. What each figure means is
-- written in docs/statistics.md.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Orders placed from first_day to last_day that are not cancelled, and their totals.
create or replace function maitred.orders_between(venue bigint, first_day date, last_day date)
returns table (day date, orders bigint, revenue bigint)
language sql stable parallel safe rows 60
as $$
    select d.day, sum(d.n)::bigint, sum(d.amount)::bigint
    from maitred.rollup_days($1, 'order', $2, $3) d
    where d.status <> 'cancelled' group by d.day $$;

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
        select * from maitred.visits_between(v.id, maitred.visit_kind(v), p.first_day - p.days, p.last_day)
    ), money as materialized (
        select m.day, sum(m.revenue)::bigint as revenue
        from (select o.day, o.revenue from maitred.orders_between(v.id, p.first_day, p.last_day) o
              union all
              select n.day, n.revenue from maitred.nights_between(v.id, p.first_day, p.last_day) n
              where v.kind = 'hotel') m
        group by m.day
    )
    select json_agg(json_build_object(
               'day', maitred.day_label(period, f.day),
               'value1', f.reservations, 'value2', b.reservations, 'value3', f.prepaid,
               'reservations', f.reservations,
               'revenue', maitred.major(coalesce(m.revenue, 0), v.currency),
               'guests', f.guests) order by f.day)
        into chart
        from figures f
        join figures b on b.day = f.day - p.days
        left join money m on m.day = f.day
        where f.day >= p.first_day;
    return json_build_object('chartData', coalesce(chart, '[]'));
end $$;

create or replace function api.dashboard_trends(p_caller api.caller, p_period text) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    return maitred.ok(maitred.chart_data(v, p_period, maitred.today(v.id))::text);
end $$;
