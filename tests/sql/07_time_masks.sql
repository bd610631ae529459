-- Business days across DST changes, money, and what viewers do not see.
begin;
set local search_path = public, pg_catalog;
select plan(25);

-- Vienna: summer time ends 2026-10-25 03:00 CEST, begins 2026-03-29 02:00 CET.
select is(maitred.business_day('Europe/Vienna', '04:00', x.at::timestamptz), x.day::date, x.at)
from (values ('2026-10-24 03:59+02', '2026-10-23'), ('2026-10-24 04:00+02', '2026-10-24'),
    ('2026-10-25 02:30+02', '2026-10-24'), ('2026-10-25 02:30+01', '2026-10-24'),
    ('2026-10-25 03:59:59+01', '2026-10-24'), ('2026-10-25 04:00+01', '2026-10-25'),
    ('2026-03-29 03:59+02', '2026-03-28'), ('2026-03-29 04:00+02', '2026-03-29')) x (at, day);
-- A cutoff in the hour that is there twice, and in the one that is missing: no day twice.
select is((select bool_and(d >= before) from (select maitred.business_day('Europe/Vienna', '02:30', g) as d,
        lag(maitred.business_day('Europe/Vienna', '02:30', g)) over (order by g) as before
    from generate_series('2026-10-24 20:00Z'::timestamptz, '2026-10-25 06:00Z', '1 minute') g) s), true,
    'days never run backwards in the doubled hour');
select is((select count(distinct maitred.business_day('Europe/Vienna', '02:30', g))::int
    from generate_series('2026-03-28 20:00Z'::timestamptz, '2026-03-29 06:00Z', '1 minute') g), 2,
    'two days around the missing hour');
select t.restaurant('tz', 'Europe/Vienna') as v \gset
select is((select upper(s) - lower(s) from maitred.day_span(:v, '2026-10-24') s), '25 hours', 'the long day');
select is((select upper(s) - lower(s) from maitred.day_span(:v, '2026-03-28') s), '23 hours', 'the short day');
select is((select row(last_day - first_day, last_day)::text from maitred.period_span(:v, 'weekly')),
    (select row(6, maitred.today(:v))::text), 'weekly: seven business days ending today');
select is((select upper(span) from maitred.period_span(:v, 'monthly', 1)), (select lower(span) from maitred.period_span(:v, 'monthly')),
    'the period before ends where this one begins');

select is(maitred.major(2499, 'EUR')::text, '24.99', 'euros');
select is(maitred.major(2500, 'JPY')::text, '2500', 'yen have no cents');
select is(maitred.minor(24.99, 'EUR'), 2499::bigint, 'and back');
select is(maitred.iso('2026-01-02 03:04:05.678999+00'), '2026-01-02T03:04:05.678Z', 'instants');
select is(maitred.clock_text('2026-07-24 17:00Z', 'Europe/Vienna'), '7:00 PM', 'time as people read it');
select is(maitred.initials('John Ronald Smith') || maitred.initials('Anna') || maitred.initials(''), 'JSA', 'initials');

select is(maitred.mask('reservation', '{"customerName": "John Smith", "contactNumber": "+43 660 123", "email": "js@example.com", "guests": 2, "specialRequests": "cake"}'),
    '{"customerName": "J. S.", "contactNumber": "+** *** *23", "email": "j***@***.com", "guests": 2, "specialRequests": null}'::jsonb, 'a reservation');
select is(maitred.mask('order', '{"customer_name": null, "customer_phone": "12", "total_price": 3}'),
    '{"customer_name": null, "customer_phone": "12", "total_price": 3}'::jsonb, 'nothing to hide is left alone');
select is(maitred.mask('reservation', '{"status": "pending"}'), '{"status": "pending"}'::jsonb, 'old values: only what is there');
select is(maitred.mask('table', '{"name": "Window"}'), '{"name": "Window"}'::jsonb, 'a table''s name is no secret');
-- Whatever is masked must be a member of the documents; else a renamed key would leak.
insert into maitred.reservation (venue, customer_name, party_size, starts_at) values (:v, 'A', 2, now()) returning id as r \gset
insert into maitred.customer_order (venue) values (:v) returning id as o \gset
insert into maitred.customer (venue, name) values (:v, 'A') returning id as c \gset
select t.hotel('masks') as h \gset
insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out) values (:h, 'B', t.type_id(:h, 'Suite'), '2030-01-01', '2030-01-03') returning id as b \gset
select is_empty(format($$ select m.kind, m.key from maitred.mask_rule m where not case m.kind
    when 'reservation' then maitred.reservation_json(%1$s, %2$s) ? m.key
    when 'order' then maitred.order_json(%1$s, %3$s) ? m.key
    when 'customer' then maitred.customer_json(%1$s, %4$s) ? m.key
    when 'booking' then maitred.booking_json(%5$s, %6$s) ? m.key
    when 'account' then maitred.account_json(%1$s, (select min(id) from maitred.account where venue = %1$s)) ? m.key
    else false end $$, :v, :r, :o, :c, :h, :b), 'every mask rule hits a member of its document');
select * from finish();
rollback;
