-- GET /api/dashboard/customers/frequency and /reservations/sources. What each figure means is
-- written in docs/statistics.md. Sources come from the days' sums. Different customers are no sum: a
-- period's are looked up among its visits, and each one's first visit in an index.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Who came in a period, a row a visit (null: unknown).
create or replace function maitred.visitors(v maitred.venue, first_day date, last_day date)
returns table (customer_id bigint)
language plpgsql stable rows 1000 set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    opens timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, first_day);
    closes timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, last_day + 1);
begin
    if v.kind = 'hotel' then
        return query select b.customer_id from maitred.booking b
            where b.venue = v.id and b.check_in between first_day and last_day
              and maitred.it_counts(b.status);
    else
        return query select r.customer_id from maitred.reservation r
            where r.venue = v.id and r.starts_at >= opens and r.starts_at < closes
              and maitred.it_counts(r.status);
    end if;
end $$;

create or replace function maitred.customer_frequency(v maitred.venue, period text, today date)
returns json language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    p record;
    opens timestamptz;
    unknown bigint;
    known bigint;
    back bigint;
begin
    select * into p from maitred.period_of(period, today);
    opens := maitred.day_start(v.timezone, v.business_day_cutoff, p.first_day);
    -- Two descents of an index a customer (reservation_visit, booking_visit), each to the first
    -- visit that counts. LIMIT keeps the planner from reading the whole history into a hash.
    with visit as materialized (
        select customer_id, count(*) as visits
        from maitred.visitors(v, p.first_day, p.last_day) group by customer_id
    )
    select coalesce(sum(visits) filter (where i.customer_id is null), 0), count(i.customer_id),
           count(i.customer_id) filter (where coalesce(r.was, b.was))
        into unknown, known, back
        from visit i
        left join lateral (
            select true as was from maitred.reservation x
            where x.venue = v.id and x.customer_id = i.customer_id and maitred.it_counts(x.status)
              and x.starts_at < opens limit 1) r on true
        left join lateral (
            select true as was from maitred.booking x
            where x.venue = v.id and x.customer_id = i.customer_id and maitred.it_counts(x.status)
              and x.check_in < p.first_day limit 1) b on true;
    return json_build_object('newCustomers', unknown + known - back,
        'returningCustomers', back, 'totalCustomers', unknown + known);
end $$;

create or replace function api.customers_frequency(p_caller api.caller, p_period text)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    return maitred.ok(maitred.customer_frequency(v, p_period, maitred.today(v.id))::text);
end $$;

-- walk_in -> walkIn; the others are one word or an import's own.
create or replace function maitred.source_key(source text) returns text
language sql immutable strict parallel safe
as $$ select case source when 'walk_in' then 'walkIn' else source end $$;

create or replace function maitred.source_shares(v maitred.venue, period text, today date)
returns jsonb language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    p record;
    names text[];
    numbers bigint[];
    shares int[];
    counts jsonb;
    percents jsonb;
begin
    select * into p from maitred.period_of(period, today);
    with known as (
        select name, no from unnest(array['website', 'mobile', 'walkIn', 'phone', 'partner'])
            with ordinality k (name, no)
    ), found as (
        select maitred.source_key(s.part) as name, sum(s.n)::bigint as n
        from maitred.rollup_days(v.id, maitred.visit_kind(v), p.first_day, p.last_day) s
        where maitred.it_counts(s.status) group by 1
    )
    select array_agg(name order by no nulls last, name), array_agg(coalesce(n, 0) order by no nulls last, name)
        into names, numbers from known full join found using (name);
    shares := maitred.percentages(numbers::numeric[]);
    select jsonb_object_agg(name, n), jsonb_object_agg(name, share) into counts, percents
        from unnest(names, numbers, shares) u (name, n, share);
    return percents || jsonb_build_object(
        'total', (select sum(s) from unnest(shares) s),
        'counts', counts || jsonb_build_object('total', (select sum(n) from unnest(numbers) n)));
end $$;

create or replace function api.reservation_sources(p_caller api.caller, p_period text)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    return maitred.ok(maitred.source_shares(v, p_period, maitred.today(v.id))::text);
end $$;
