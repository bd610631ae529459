-- The venue's business day: local time in its zone, after its cutoff, right across DST changes.
-- A day is the half-open span between two starts; the starts are computed, never a length.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.day_start(timezone text, cutoff time, day date)
returns timestamptz language sql stable strict parallel safe
as $$ select (day + cutoff) at time zone timezone $$;

-- The local clock may pass the cutoff twice (or never) in the night of a DST change, so the
-- candidate from the local clock is moved until it lies between its own start and the next.
create or replace function maitred.business_day(timezone text, cutoff time, at timestamptz)
returns date language plpgsql stable strict parallel safe
as $$
declare day date := ((at at time zone timezone) - cutoff)::date;
begin
    while maitred.day_start(timezone, cutoff, day) > at loop day := day - 1; end loop;
    while maitred.day_start(timezone, cutoff, day + 1) <= at loop day := day + 1; end loop;
    return day;
end $$;

create or replace function maitred.today(venue bigint) returns date
language sql stable parallel safe
as $$ select maitred.business_day(v.timezone, v.business_day_cutoff, clock_timestamp())
    from maitred.venue v where v.id = $1 $$;

-- First and last instant of business day `day`.
create or replace function maitred.day_span(venue bigint, day date) returns tstzrange
language sql stable parallel safe
as $$ select tstzrange(maitred.day_start(v.timezone, v.business_day_cutoff, day),
                       maitred.day_start(v.timezone, v.business_day_cutoff, day + 1), '[)')
    from maitred.venue v where v.id = $1 $$;

-- Days of a period that ends today, and of the period of the same length before it.
create or replace function maitred.period_days(period text) returns int
language sql immutable strict parallel safe
as $$ select case period when 'weekly' then 7 when 'monthly' then 30 when 'daily' then 1 end $$;

-- First day, last day, and the span of instants between; ago 1 is the period before.
create or replace function maitred.period_span(
    venue bigint, period text, ago int default 0,
    out first_day date, out last_day date, out span tstzrange)
language sql stable parallel safe
as $$ select p.last - p.days + 1, p.last,
        tstzrange(maitred.day_start(p.timezone, p.cutoff, p.last - p.days + 1),
                  maitred.day_start(p.timezone, p.cutoff, p.last + 1), '[)')
    from (select v.timezone, v.business_day_cutoff as cutoff, maitred.period_days(period) as days,
                 maitred.business_day(v.timezone, v.business_day_cutoff, clock_timestamp())
                     - ago * maitred.period_days(period) as last
          from maitred.venue v where v.id = $1) p $$;
