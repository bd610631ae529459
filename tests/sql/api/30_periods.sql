-- Business days across both DST switches, periods, percentages, trends, colours.
begin;
\ir fixture.psql
select plan(40);

create function pg_temp.times(slug text, first date, last date) returns text[] language sql stable
as $$ select array_agg(to_char(opens, 'DD HH24:MI') || ' ' || closes - opens order by day)
      from maitred.business_days(pg_temp.venue($1), $2, $3) $$;

-- Europe/Berlin, cutoff 04:00. Clocks go forward on 2026-03-29 at 02:00, back on 2026-10-25 at 03:00.
select is(pg_temp.times('bistro', '2026-03-27', '2026-03-30'),
    array['27 03:00 1 day', '28 03:00 23:00:00', '29 02:00 1 day', '30 02:00 1 day'],
    'spring: the business day before the switch is an hour short');
select is(pg_temp.times('bistro', '2026-10-23', '2026-10-26'),
    array['23 02:00 1 day', '24 02:00 1 day 01:00:00', '25 03:00 1 day', '26 03:00 1 day'],
    'autumn: it is an hour longer');
select is((select count(*)::int from maitred.business_days(pg_temp.venue('bistro'), '2026-01-01', '2026-12-31')), 365,
    'a year has 365 business days');
select is((select count(*)::int from (select opens, lag(closes) over (order by day) as before
    from maitred.business_days(pg_temp.venue('bistro'), '2026-01-01', '2026-12-31')) d where before <> opens), 0,
    '... without gap or overlap');
-- New York switches on other dates.
select is(pg_temp.times('other', '2026-03-06', '2026-03-08'),
    array['06 10:00 1 day', '07 10:00 23:00:00', '08 09:00 1 day'], 'spring in New York');
select is(pg_temp.times('other', '2026-10-30', '2026-11-01'),
    array['30 09:00 1 day', '31 09:00 1 day 01:00:00', '01 10:00 1 day'], 'autumn in New York');

-- Reservations at the edges of those days belong to the right one.
create function pg_temp.book(slug text, at timestamptz, guests int default 2, source text default 'phone',
    status text default 'confirmed', prepaid boolean default false, due numeric default 0, customer bigint default null)
returns bigint language sql volatile
as $$ insert into maitred.reservation (venue, customer_id, customer_name, party_size, starts_at, source, status,
          prepaid, amount_due, external_ref)
      values (pg_temp.venue($1), $8, 'Ann Lee', $3, $2, $4, $5, $6, ($7 * 100)::bigint,
              'x' || nextval('maitred.reservation_id_seq')) returning id $$;
do $$
begin
    perform pg_temp.book('bistro', '2026-03-28 03:00+00', 1);       -- 04:00 CET: opens the 28th
    perform pg_temp.book('bistro', '2026-03-29 01:59:59+00', 2);    -- 03:59:59 CEST: still the 28th
    perform pg_temp.book('bistro', '2026-03-29 02:00+00', 4);       -- 04:00 CEST: the 29th
    perform pg_temp.book('bistro', '2026-10-24 02:00+00', 1);       -- 04:00 CEST: opens the 24th
    perform pg_temp.book('bistro', '2026-10-25 00:30+00', 2);       -- 02:30 CEST, the first time
    perform pg_temp.book('bistro', '2026-10-25 01:30+00', 4);       -- 02:30 CET, the second time
    perform pg_temp.book('bistro', '2026-10-25 02:59:59+00', 8);    -- 03:59:59 CET: still the 24th
    perform pg_temp.book('bistro', '2026-10-25 03:00+00', 16);      -- 04:00 CET: the 25th
end $$;
create function pg_temp.guests(day date) returns int language sql stable
as $$ select (maitred.dashboard_figures(pg_temp.v('bistro'), $1, $1::timestamp at time zone 'UTC') ->> 'expectedGuests')::int $$;
select is(pg_temp.guests('2026-03-28'), 3, 'spring: the last second of the short day');
select is(pg_temp.guests('2026-03-29'), 4, 'spring: the first of the next');
select is(pg_temp.guests('2026-10-24'), 15, 'autumn: the doubled hour and the last second of the long day');
select is(pg_temp.guests('2026-10-25'), 16, 'autumn: the first of the next');
create function pg_temp.chart(period text, today date) returns jsonb language sql stable
as $$ select maitred.chart_data(pg_temp.v('bistro'), $1, $2)::jsonb -> 'chartData' $$;
select is((select array_agg(d ->> 'guests' order by n) from jsonb_array_elements(pg_temp.chart('weekly', '2026-03-31'))
    with ordinality x (d, n)), array['0', '0', '0', '3', '4', '0', '0'], 'a week over the spring switch');
select is((select array_agg(d ->> 'guests' order by n) from jsonb_array_elements(pg_temp.chart('weekly', '2026-10-27'))
    with ordinality x (d, n)), array['0', '0', '0', '15', '16', '0', '0'], 'a week over the autumn switch');
select is(jsonb_array_length(maitred.todays_cards(pg_temp.v('bistro'), '2026-10-24', false)::jsonb), 4, 'a list of the long day');
select is((select array_agg(d ->> 'time' order by n) from jsonb_array_elements(
    maitred.todays_cards(pg_temp.v('bistro'), '2026-10-24', false)::jsonb) with ordinality x (d, n)),
    array['4:00 AM', '2:30 AM', '2:30 AM', '3:59 AM'], '... in the order of time, each as the clock shows it');
select is(maitred.business_day('Europe/Berlin', '04:00', '2026-03-29 01:59:59+00'), '2026-03-28', 'the day of a moment, spring');
select is(maitred.business_day('Europe/Berlin', '04:00', '2026-03-29 02:00:00+00'), '2026-03-29', '... and its next');
select is(maitred.business_day('Europe/Berlin', '04:00', '2026-10-25 02:59:59+00'), '2026-10-24', 'the day of a moment, autumn');
select is(maitred.business_day('Europe/Berlin', '04:00', '2026-10-25 03:00:00+00'), '2026-10-25', '... and its next');
-- A cutoff inside the hour that is left out, or comes twice: still one start a day.
update maitred.venue set business_day_cutoff = '02:30' where slug = 't-bistro';
select is((select count(*)::int from (select opens, closes, lag(closes) over (order by day) as before
    from maitred.business_days(pg_temp.venue('bistro'), '2026-01-01', '2026-12-31')) d
    where before <> opens or closes <= opens), 0, 'a cutoff in the hour of the switch leaves no gap either');
update maitred.venue set business_day_cutoff = '04:00' where slug = 't-bistro';

-- periods -----------------------------------------------------------------------------------
select results_eq($$select first_day, last_day, days from maitred.period_of('weekly', '2026-03-04')$$,
    $$values (date '2026-02-26', date '2026-03-04', 7)$$, 'weekly: seven days that end today');
select results_eq($$select first_day, last_day, days from maitred.period_of('monthly', '2026-03-04')$$,
    $$values (date '2026-02-03', date '2026-03-04', 30)$$, 'monthly: thirty');
select is(pg_temp.says($$select maitred.period_of('yearly', '2026-03-04')$$), 'MD422 invalid_field period', 'no other');
select is(pg_temp.says($$select maitred.period_of(null, '2026-03-04')$$), 'MD422 invalid_field period', 'nor none');
select is((select array_agg(d ->> 'day' order by n) from jsonb_array_elements(pg_temp.chart('weekly', '2026-03-31'))
    with ordinality x (d, n)), array['Wed', 'Thu', 'Fri', 'Sat', 'Sun', 'Mon', 'Tue'], 'weekly charts name the days, today last');
select is((select array_agg(d ->> 'day' order by n) from jsonb_array_elements(pg_temp.chart('monthly', '2026-03-04'))
    with ordinality x (d, n)), (select array_agg(extract(day from date '2026-02-03' + n)::text order by n)
    from generate_series(0, 29) n), 'monthly ones the day of the month');

-- percentages and trends --------------------------------------------------------------------
select is(maitred.percentages('{1,1,1}'), '{34,33,33}', 'equal remainders: the earlier');
select is(maitred.percentages('{1,2}'), '{33,67}', 'the largest remainder');
select is(maitred.percentages('{2,1,1,1,1,1}'), '{29,15,14,14,14,14}', 'several missing points');
select is(maitred.percentages('{5}'), '{100}', 'one is all');
select is(maitred.percentages('{0,0}'), '{0,0}', 'nothing is nothing');
select is(maitred.percentages('{}'), '{}', 'of nobody');
select is(maitred.percentages('{1,99999}'), '{0,100}', 'a trace is zero per cent');
select is((select count(*)::int from generate_series(1, 200) g where (select sum(s) from unnest(
    maitred.percentages((select array_agg((g * n * 37) % 101 + 1) from generate_series(1, 1 + g % 12) n))) s) <> 100), 0,
    'they sum to 100, whatever the amounts');
select is(array[maitred.trend(0, 0), maitred.trend(5, 0), maitred.trend(0, 5), maitred.trend(5, 5), maitred.trend(3, 2),
    maitred.trend(2, 3), maitred.trend(null, null), maitred.trend(1, 400)], array[0, 100, -100, 0, 50, -33, 0, -100],
    'trends: nothing to something is 100');

-- colours -----------------------------------------------------------------------------------
create function pg_temp.luminance(color text) returns numeric language sql immutable
as $$ select sum(w * case when c <= 0.03928 then c / 12.92 else power((c + 0.055) / 1.055, 2.4) end)
      from (select w, get_byte(decode(substr($1, 2), 'hex'), i) / 255.0 as c
            from (values (0, 0.2126), (1, 0.7152), (2, 0.0722)) v (i, w)) x $$;
select is((select count(*)::int from generate_series(1, 8) n where 1.05 / (pg_temp.luminance(maitred.palette(n)) + 0.05) < 3), 0,
    'every colour has 3:1 against white');
select is((select count(*)::int from generate_series(1, 8) n
    where (pg_temp.luminance(maitred.palette(n)) + 0.05) / (pg_temp.luminance('#111827') + 0.05) < 3), 0,
    '... and against a dark page');
select is((select count(distinct maitred.palette(n))::int from generate_series(1, 8) n), 8, 'eight different ones');
select is(maitred.palette(9), maitred.palette(1), 'and then again');
select is(maitred.minor(maitred.major(12345, 'JPY'), 'JPY'), 12345::bigint, 'money has the units of its currency');
select is(maitred.major(2499, 'EUR')::text, '24.99', 'and leaves in major ones');
select * from finish();
rollback;
