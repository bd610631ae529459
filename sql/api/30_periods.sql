-- What the figures of the dashboards share: the business days of a period, their sums, per cent that
-- sum to 100, and colours. Used by the files 31 to 35 and by nobody else. What each figure means is
-- written in docs/statistics.md; which sums there are, in sql/rules/rollups.sql.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- The business days first_day to last_day, each from its opening to its closing instant.
create or replace function maitred.business_days(venue bigint, first_day date, last_day date)
returns table (day date, opens timestamptz, closes timestamptz)
language sql stable parallel safe rows 60
as $$ select first_day + n,
             maitred.day_start(v.timezone, v.business_day_cutoff, first_day + n),
             maitred.day_start(v.timezone, v.business_day_cutoff, first_day + n + 1)
      from maitred.venue v, generate_series(0, last_day - first_day) n
      where v.id = venue $$;

-- First and last day of the period that ends with `today`.
create or replace function maitred.period_of(
    period text, today date, out first_day date, out last_day date, out days int)
language plpgsql immutable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    days := maitred.period_days(period);
    if days is null then
        perform maitred.fail(422, 'invalid_field', 'period must be weekly or monthly.', 'period');
    end if;
    last_day := today;
    first_day := today - days + 1;
end $$;

-- What the guests of a venue come by: a hotel's arrivals, a restaurant's reservations.
create or replace function maitred.visit_kind(v maitred.venue) returns text
language sql immutable parallel safe
as $$ select case v.kind when 'hotel' then 'arrival' else 'reservation' end $$;

-- Reservations or arrivals that count, and their guests, day by day; every day has a row.
create or replace function maitred.visits_between(venue bigint, kind text, first_day date, last_day date)
returns table (day date, reservations bigint, prepaid bigint, guests bigint)
language sql stable parallel safe rows 60
as $$
    select $3 + g, coalesce(s.n, 0)::bigint, coalesce(s.prepaid, 0)::bigint, coalesce(s.guests, 0)::bigint
    from generate_series(0, $4 - $3) g
    left join (select d.day, sum(d.n) as n, sum(d.prepaid) as prepaid, sum(d.guests) as guests
               from maitred.rollup_days($1, $2, $3, $4) d
               where maitred.it_counts(d.status) group by d.day) s on s.day = $3 + g $$;

-- The rounded percentage against the figure before: from nothing to something is 100.
create or replace function maitred.trend(figure numeric, before numeric) returns int
language sql immutable parallel safe
as $$ select case
    when coalesce(before, 0) = 0 then case when coalesce(figure, 0) = 0 then 0 else 100 end
    else round((coalesce(figure, 0) - before) * 100 / before)::int end $$;

-- Whole per cent of amounts, in their order, that sum to exactly 100 (largest remainder; equal
-- remainders: the larger amount, then the earlier). All nothing: all 0.
create or replace function maitred.percentages(amounts numeric[]) returns int[]
language sql immutable strict parallel safe
as $$
    select coalesce(array_agg(case when total > 0
               then (share + case when rank <= 100 - sum_of_shares then 1 else 0 end)::int
               else 0 end order by no), '{}')
    from (select no, total, share, sum(share) over () as sum_of_shares,
                 row_number() over (order by exact - share desc, amount desc, no) as rank
          from (select no, amount, total, exact, floor(exact) as share
                from (select no, amount, sum(amount) over () as total,
                             coalesce(amount * 100 / nullif(sum(amount) over (), 0), 0) as exact
                      from unnest(amounts) with ordinality u (amount, no)) a) b) c
$$;

-- Eight colours that people with any colour vision tell apart, each with a contrast of 3:1 at
-- least against white and against the dark pages (WCAG 1.4.11). The same thing keeps its colour:
-- the index is its place among all of its kind, not among those of the period.
create or replace function maitred.palette(no bigint) returns text
language sql immutable strict parallel safe
as $$ select (array['#0072b2', '#d55e00', '#008f68', '#b8609a', '#8a7a00', '#3d8fd1', '#a6632e',
                    '#7a6fd0'])[1 + mod(no - 1, 8)] $$;
