-- GET /api/dashboard/stats and the stats channels: the four cards of S3 and their trends. What each
-- figure means is written in docs/statistics.md. Counts come from the day's sums; what was owed at
-- a moment is no sum of a day, and is reckoned from the rows of the two days.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Payments of one order, reservation or booking: completed at all, completed after `as_of`, and
-- begun before it but not completed. One function a kind, so that each is inlined to its index.
do $$
declare kind text;
begin
    foreach kind in array array['order', 'reservation', 'booking'] loop
        execute format($f$
            create or replace function maitred.%1$s_payments(venue bigint, id bigint, as_of timestamptz)
            returns table (paid bigint, later bigint, pending bigint)
            language sql stable parallel safe rows 1
            as $q$ select
                coalesce(sum(p.amount) filter (where p.status = 'completed'), 0)::bigint,
                coalesce(sum(p.amount) filter (where p.status = 'completed'
                                                 and p.created_at > as_of), 0)::bigint,
                coalesce(sum(p.amount) filter (where p.status = 'pending'
                                                 and p.created_at <= as_of), 0)::bigint
            from maitred.payment p where p.venue = $1 and p.%1$s_id = $2 $q$ $f$, kind);
    end loop;
end $$;

-- What is owed now plus what was paid after `as_of` was owed then.
create or replace function maitred.owed(unpaid bigint, later bigint, pending bigint) returns bigint
language sql immutable parallel safe
as $$ select greatest(greatest(unpaid, 0) + later, pending) $$;

-- Planned once a session: the plan is the same few descents whatever the day, and beside a long
-- history PostgreSQL would else plan each call anew, which costs more than the call.

-- What was owed at `as_of` for the reservations of a day and the orders placed in it.
create or replace function maitred.restaurant_owed(v maitred.venue, day date, as_of timestamptz)
returns bigint language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
    opens timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, day);
    closes timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, day + 1);
begin
    return (select coalesce(sum(maitred.owed(r.amount_due, p.later, p.pending)), 0)
            from maitred.reservation r
            cross join lateral maitred.reservation_payments(r.venue, r.id, as_of) p
            where r.venue = v.id and r.starts_at >= opens and r.starts_at < closes
              and maitred.it_counts(r.status))
        + (select coalesce(sum(maitred.owed(
                case when o.payment_status in ('pending', 'partial') then o.total_price - p.paid else 0 end,
                p.later, p.pending)), 0)
           from maitred.customer_order o
           cross join lateral maitred.order_payments(o.venue, o.id, as_of) p
           where o.venue = v.id and o.created_at >= opens and o.created_at < least(closes, as_of)
             and o.status <> 'cancelled');
end $$;

create or replace function maitred.hotel_owed(v maitred.venue, day date, as_of timestamptz)
returns bigint language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
    return (select coalesce(sum(maitred.owed(
                case when b.payment_status in ('pending', 'partial') then b.total_amount - p.paid else 0 end,
                p.later, p.pending)), 0)
            from maitred.booking b
            cross join lateral maitred.booking_payments(b.venue, b.id, as_of) p
            where b.venue = v.id and b.check_in = day and maitred.it_counts(b.status));
end $$;

create or replace function maitred.card_day(
    v maitred.venue, day date, as_of timestamptz,
    out reservations bigint, out prepaid bigint, out guests bigint, out pending bigint)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
set plan_cache_mode = force_generic_plan
as $$
begin
    select c.reservations, c.prepaid, c.guests into reservations, prepaid, guests
        from maitred.visits_between(v.id, maitred.visit_kind(v), day, day) c;
    pending := case v.kind when 'hotel' then maitred.hotel_owed(v, day, as_of)
                           else maitred.restaurant_owed(v, day, as_of) end;
end $$;

-- Nights sold and their revenue on each of some days.
create or replace function maitred.nights_between(venue bigint, first_day date, last_day date)
returns table (day date, nights bigint, revenue bigint)
language sql stable parallel safe rows 60
as $$
    select d.day, sum(d.n)::bigint, sum(d.amount)::bigint
    from maitred.rollup_days($1, 'night', $2, $3) d group by d.day $$;

create or replace function maitred.rooms_in_order(venue bigint) returns bigint
language sql stable parallel safe
as $$ select count(*) from maitred.room r where r.venue = $1 and not r.out_of_order $$;

create or replace function maitred.hotel_night(v maitred.venue, night date) returns jsonb
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    rooms bigint := maitred.rooms_in_order(v.id);
    sold bigint;
    revenue bigint;
begin
    select n.nights, n.revenue into sold, revenue from maitred.nights_between(v.id, night, night) n;
    return jsonb_build_object(
        'occupancyRate', coalesce(least(round(coalesce(sold, 0) * 100.0 / nullif(rooms, 0)), 100), 0),
        'adr', coalesce(maitred.major(round(revenue::numeric / nullif(sold, 0))::bigint, v.currency), 0),
        'revpar', coalesce(maitred.major(round(revenue::numeric / nullif(rooms, 0))::bigint, v.currency), 0));
end $$;

-- The cards for the business day `today`; apart from the wrapper so that any day can be asked.
create or replace function maitred.dashboard_figures(v maitred.venue, today date, at timestamptz)
returns jsonb language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    -- The same local time seven days before, whatever the clocks did in between.
    week_ago timestamptz := ((at at time zone v.timezone) - interval '7 days') at time zone v.timezone;
    d record;
    b record;
begin
    d := maitred.card_day(v, today, at);
    b := maitred.card_day(v, today - 7, week_ago);
    return jsonb_build_object(
        'reservationsToday', d.reservations, 'prepaidReservations', d.prepaid,
        'expectedGuests', d.guests, 'pendingPayments', maitred.major(d.pending, v.currency),
        'pendingPaymentsTrend', maitred.trend(d.pending, b.pending),
        'reservationsTrend', maitred.trend(d.reservations, b.reservations),
        'prepaidTrend', maitred.trend(d.prepaid, b.prepaid),
        'guestsTrend', maitred.trend(d.guests, b.guests))
        || case when v.kind = 'hotel' then maitred.hotel_night(v, today) else '{}' end;
end $$;

create or replace function api.dashboard_stats(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    return maitred.ok(maitred.dashboard_figures(v, maitred.today(v.id), clock_timestamp())::text);
end $$;
