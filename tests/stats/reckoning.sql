-- What every sum and every figure has to be, reckoned from the rows alone and in another way than
-- the house does it: a day is a span of instants that rows are looked up in, nothing is kept, each
-- figure is its own scan. Schema t; loaded by run.sh. Used by storm.sql's checks and bench.
create schema if not exists t;

-- The day that each reservation and each order lies in, looked for among the days around it. Reckoned
-- once for many figures: t.look() is called again after any change.
create table t.lies (kind text, venue bigint, id bigint, day date);
create index on t.lies (venue, kind, day);

create or replace function t.look() returns void language sql volatile
as $$
    delete from t.lies;
    insert into t.lies
        select x.kind, x.venue, x.id, near.day
        from (select 'reservation' as kind, venue, id, starts_at as at from maitred.reservation
              union all select 'order', venue, id, created_at from maitred.customer_order) x
        join maitred.venue v on v.id = x.venue
        cross join lateral (select (x.at at time zone 'UTC')::date + g as day from generate_series(-2, 2) g) near
        where x.at >= (near.day + v.business_day_cutoff) at time zone v.timezone
          and x.at < (near.day + 1 + v.business_day_cutoff) at time zone v.timezone;
    analyze t.lies $$;

create or replace function t.day_of_reservations(v bigint)
returns table (day date, r maitred.reservation) language sql stable
as $$ select l.day, r from t.lies l join maitred.reservation r on r.venue = l.venue and r.id = l.id
      where l.venue = v and l.kind = 'reservation' $$;

create or replace function t.day_of_orders(v bigint)
returns table (day date, o maitred.customer_order) language sql stable
as $$ select l.day, o from t.lies l join maitred.customer_order o on o.venue = l.venue and o.id = l.id
      where l.venue = v and l.kind = 'order' $$;

create or replace function t.nights(v bigint)
returns table (day date, b maitred.booking) language sql stable
as $$ select g::date, b from maitred.booking b, generate_series(b.check_in::timestamp, b.check_out - 1, '1 day') g
      where b.venue = v and b.status <> 'cancelled' and b.status <> 'no_show' $$;

create or replace function t.lines(v bigint)
returns table (day date, i maitred.order_item) language sql stable
as $$ select d.day, i from t.day_of_orders(v) d
      join maitred.order_item i on i.venue = v and i.order_id = (d.o).id
      where i.status <> 'void' and (d.o).status <> 'cancelled' $$;

-- ---------------------------------------------------------------- every sum

create or replace function t.sums(v bigint)
returns table (kind text, day date, status text, part text, n bigint, prepaid bigint, guests bigint, amount bigint)
language sql stable
as $$
    with s as (
        select 'reservation' as kind, day, (r).status, (r).source as part, count(*) as n,
               count(*) filter (where (r).prepaid) as prepaid, sum((r).party_size) as guests, 0::bigint as amount
        from t.day_of_reservations(v) group by 1, 2, 3, 4
        union all
        select 'arrival', b.check_in, b.status, b.source, count(*), count(*) filter (where b.payment_status = 'paid'),
               sum(b.adults) + sum(b.children), 0
        from maitred.booking b where b.venue = v group by 1, 2, 3, 4
        union all
        select 'night', day, '', ((b).room_type_id)::text, count(*), 0, 0, sum((b).nightly_rate)::bigint
        from t.nights(v) group by 1, 2, 3, 4
        union all
        select 'order', day, (o).status, '', count(*), 0, 0, sum((o).total_price)::bigint
        from t.day_of_orders(v) group by 1, 2, 3, 4
        union all
        select 'table', '-infinity'::date, status, coalesce(table_id::text, ''), count(*), 0, 0, 0::bigint
        from maitred.customer_order where venue = v group by 3, 4
        union all
        select 'line', day, '', coalesce(((i).menu_item_id)::text, ''), sum((i).quantity), 0, 0,
               sum((i).quantity * (i).unit_price)::bigint
        from t.lines(v) group by 1, 2, 3, 4)
    select * from s
    union all
    select kind, '-infinity'::date, status, '', sum(n), sum(prepaid), sum(guests), sum(amount)
    from s where kind in ('reservation', 'arrival', 'order') group by 1, 2, 3, 4 $$;

-- The kept sums that differ from these; lines of nothing are nothing.
create or replace function t.wrong_sums(v bigint) returns setof text language sql stable
as $$
    with kept as (
        select kind, day, status, part, sum(n) as n, sum(prepaid) as prepaid, sum(guests) as guests, sum(amount) as amount
        from (select * from maitred.rollup where venue = v
              union all select * from maitred.rollup_change where venue = v
              union all select venue, kind, '-infinity', status, '', n, prepaid, guests, amount
                        from maitred.rollup_change where venue = v and kind in ('reservation', 'arrival', 'order')) k
        group by 1, 2, 3, 4),
    both_of_them as (
        select 1 as sign, kind, day, status, part, n, prepaid, guests, amount from kept
        union all select -1, * from t.sums(v))
    select format('%s %s %s %s', kind, day, status, part) from both_of_them
    group by kind, day, status, part
    having sum(sign * n) <> 0 or sum(sign * prepaid) <> 0 or sum(sign * guests) <> 0 or sum(sign * amount) <> 0 $$;

-- ---------------------------------------------------------------- every figure, for a day as today

create or replace function t.money(amount numeric) returns numeric language sql immutable
as $$ select trim_scale(coalesce(amount, 0) / 100) $$;

-- Guests of a day as (visits, prepaid ones, people), by the venue's kind.
create or replace function t.guests(v maitred.venue, of_day date) returns bigint[] language sql stable
as $$ select case when v.kind = 'hotel' then
        (select array[count(*), count(*) filter (where payment_status = 'paid'), coalesce(sum(adults + children), 0)]
         from maitred.booking where venue = v.id and check_in = of_day and status not in ('cancelled', 'no_show'))
    else
        (select array[count(*), count(*) filter (where (r).prepaid), coalesce(sum((r).party_size), 0)]
         from t.day_of_reservations(v.id) where day = of_day and (r).status not in ('cancelled', 'no_show')) end $$;

create or replace function t.owed_of(v bigint, kind text, of_id bigint, unpaid bigint, at timestamptz) returns bigint
language plpgsql stable as $$
declare p maitred.payment; owed bigint := greatest(unpaid, 0); begun bigint := 0;
begin
    for p in select * from maitred.payment x where x.venue = v and of_id = case kind
                 when 'order' then x.order_id when 'booking' then x.booking_id else x.reservation_id end loop
        if p.status = 'completed' and p.created_at > at then owed := owed + p.amount; end if;
        if p.status = 'pending' and p.created_at <= at then begun := begun + p.amount; end if;
    end loop;
    return greatest(owed, begun);
end $$;

create or replace function t.unpaid(v bigint, kind text, of_id bigint, word text, total bigint) returns bigint
language sql stable
as $$ select case when word in ('pending', 'partial') then total - coalesce((
        select sum(x.amount) from maitred.payment x where x.venue = v and x.status = 'completed'
          and of_id = case kind when 'order' then x.order_id else x.booking_id end), 0)::bigint else 0 end $$;

create or replace function t.owed(v maitred.venue, of_day date, at timestamptz) returns bigint language sql stable
as $$ select coalesce(sum(owed), 0)::bigint from (
        select t.owed_of(v.id, 'booking', id, t.unpaid(v.id, 'booking', id, payment_status, total_amount), at) as owed
        from maitred.booking where v.kind = 'hotel' and venue = v.id and check_in = of_day
          and status not in ('cancelled', 'no_show')
        union all
        select t.owed_of(v.id, 'reservation', (r).id, (r).amount_due, at) from t.day_of_reservations(v.id)
        where v.kind <> 'hotel' and day = of_day and (r).status not in ('cancelled', 'no_show')
        union all
        select t.owed_of(v.id, 'order', (o).id, t.unpaid(v.id, 'order', (o).id, (o).payment_status, (o).total_price), at)
        from t.day_of_orders(v.id)
        where v.kind <> 'hotel' and day = of_day and (o).status <> 'cancelled' and (o).created_at < at) s $$;

create or replace function t.trend(now bigint, before bigint) returns int language sql immutable
as $$ select case when before <> 0 then round((now - before) * 100.0 / before) when now = 0 then 0 else 100 end::int $$;

create or replace function t.stats(v maitred.venue, today date, at timestamptz) returns jsonb language plpgsql stable
as $$
declare
    week timestamptz := (at at time zone v.timezone - interval '7 days') at time zone v.timezone;
    a bigint[] := t.guests(v, today) || t.owed(v, today, at);
    b bigint[] := t.guests(v, today - 7) || t.owed(v, today - 7, week);
    doc jsonb;
    rooms numeric;
begin
    doc := jsonb_build_object('reservationsToday', a[1], 'prepaidReservations', a[2], 'expectedGuests', a[3],
        'pendingPayments', t.money(a[4]), 'reservationsTrend', t.trend(a[1], b[1]), 'prepaidTrend', t.trend(a[2], b[2]),
        'guestsTrend', t.trend(a[3], b[3]), 'pendingPaymentsTrend', t.trend(a[4], b[4]));
    if v.kind <> 'hotel' then return doc; end if;
    select count(*) into rooms from maitred.room where venue = v.id and not out_of_order;
    return doc || (select jsonb_build_object(
            'occupancyRate', coalesce(least(round(count(*) * 100 / nullif(rooms, 0)), 100), 0),
            'adr', t.money(round(sum((n.b).nightly_rate) / nullif(count(*), 0))),
            'revpar', t.money(round(coalesce(sum((n.b).nightly_rate), 0) / nullif(rooms, 0))))
        from t.nights(v.id) n where day = today);
end $$;

create or replace function t.revenue(v maitred.venue, of_day date) returns bigint language sql stable
as $$ select coalesce((select sum((o).total_price) from t.day_of_orders(v.id) where day = of_day and (o).status <> 'cancelled'), 0)::bigint
    + coalesce((select sum((b).nightly_rate) from t.nights(v.id) where day = of_day and v.kind = 'hotel'), 0)::bigint $$;

create or replace function t.trends(v maitred.venue, days int, today date) returns jsonb language sql stable
as $$
    select jsonb_agg(jsonb_build_object('reservations', a[1], 'value1', a[1], 'value2', b[1], 'value3', a[2], 'guests', a[3],
               'revenue', t.money(t.revenue(v, d)), 'day', case days when 7 then to_char(d, 'Dy') else to_char(d, 'FMDD') end) order by d)
    from (select d, t.guests(v, d) as a, t.guests(v, d - days) as b
          from (select today - g as d from generate_series(0, days - 1) g) x) y $$;

-- Every visit that counts, of either kind.
create or replace function t.visits(v bigint) returns table (kind text, day date, customer bigint, source text)
language sql stable
as $$ select 'restaurant', day, (r).customer_id, (r).source from t.day_of_reservations(v) where (r).status not in ('cancelled', 'no_show')
    union all
    select 'hotel', check_in, customer_id, source from maitred.booking where venue = v and status not in ('cancelled', 'no_show') $$;

create or replace function t.frequency(v maitred.venue, days int, today date) returns jsonb language sql stable
as $$
    with x as materialized (select * from t.visits(v.id)),
    now_here as (select distinct customer from x where kind = v.kind and day between today - days + 1 and today and customer is not null),
    n as (select (select count(*) from x where kind = v.kind and day between today - days + 1 and today and customer is null) as unknown,
                 (select count(*) from now_here) as known,
                 (select count(*) from now_here h where exists (
                      select from x where x.customer = h.customer and x.day <= today - days)) as back)
    select jsonb_build_object('newCustomers', unknown + known - back, 'returningCustomers', back,
                              'totalCustomers', unknown + known) from n $$;

create or replace function t.sources(v maitred.venue, days int, today date) returns jsonb language sql stable
as $$ select coalesce(jsonb_object_agg(source, n), '{}') from (
        select source, count(*) as n from t.visits(v.id)
        where kind = v.kind and day between today - days + 1 and today group by source) s $$;

-- Revenue by name, of rooms and of the menu; what brought nothing has no entry.
create or replace function t.by_name(v maitred.venue, days int, today date) returns jsonb language sql stable
as $$ select coalesce(jsonb_object_agg(what || name, t.money(amount)), '{}') from (
        select 'menu ' as what, coalesce(c.name, 'Other') as name, sum((l.i).quantity * (l.i).unit_price) as amount
        from t.lines(v.id) l
        left join maitred.menu_item m on m.venue = v.id and m.id = (l.i).menu_item_id
        left join maitred.menu_category c on c.venue = v.id and c.id = m.category_id
        where l.day between today - days + 1 and today group by 2
        union all
        select 'room ', rt.name, sum((n.b).nightly_rate) from t.nights(v.id) n
        join maitred.room_type rt on rt.venue = v.id and rt.id = (n.b).room_type_id
        where n.day between today - days + 1 and today group by 2) s where amount > 0 $$;

create or replace function t.order_stats(v maitred.venue, today date) returns jsonb language sql stable
as $$
    with o as (select (o).* from t.day_of_orders(v.id) where day = today)
    select jsonb_build_object('orders', count(*) filter (where status <> 'cancelled'),
        'revenue', t.money(sum(total_price) filter (where status <> 'cancelled')),
        'averageOrderValue', t.money(round(avg(total_price) filter (where status <> 'cancelled'))),
        'customers', (select count(distinct case when customer_id is not null then 'c' || customer_id
                          when customer_phone is not null then 'p' || customer_phone
                          when session_id is not null then 's' || session_id else 'o' || id end)
                      from o where status <> 'cancelled'),
        'byStatus', (select jsonb_object_agg(s, (select count(*) from o where status = s))
                     from unnest('{pending,confirmed,preparing,ready,served,completed,cancelled}'::text[]) s))
    from o $$;

create or replace function t.availability(v bigint, first_night date, departure date) returns jsonb language sql stable
as $$
    with live as (select * from maitred.booking b where b.venue = v and b.status in ('pending', 'confirmed', 'checked_in')),
    types as (
        select rt.name, (select count(*) from maitred.room r where r.venue = v and r.room_type_id = rt.id and not r.out_of_order) as total,
               (select count(*) from maitred.room r where r.venue = v and r.room_type_id = rt.id and not r.out_of_order
                  and not exists (select from live b where b.room_id = r.id and b.check_in < departure and b.check_out > first_night)) as free,
               (select max((select count(*) from live b where b.room_type_id = rt.id and b.check_in <= n and b.check_out > n))
                from (select first_night + g as n from generate_series(0, departure - first_night - 1) g) x) as sold
        from maitred.room_type rt where rt.venue = v)
    select jsonb_object_agg(name, jsonb_build_array(total, greatest(least(free, total - sold), 0))) from types $$;
