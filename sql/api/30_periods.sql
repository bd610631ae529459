-- What the figures of the dashboards share: the business days of a period, what counts, per cent
-- that sum to 100, and colours. Used by the files 31 to 35 and by nobody else.
--
-- Definitions (docs/statistics.md is made from these comments)
--   business day   from the venue's cutoff to its next one, in its time zone; a day of a DST
--                  change has 23 or 25 hours. "Today" is the business day of this moment.
--   period         weekly: the seven business days that end with today; monthly: thirty. Today
--                  counts in full, with what is still to come. The period before is the same
--                  number of days before the first of them.
--   it counts      a reservation or booking in any state but cancelled and no_show.
--   a reservation  belongs to the business day that it starts in; a booking's arrival belongs to
--                  its check_in date; a night of a booking belongs to its own date.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Not strict: a strict function with this body could not be inlined.
create or replace function maitred.it_counts(status text) returns boolean
language sql immutable parallel safe
as $$ select status not in ('cancelled', 'no_show') $$;

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
