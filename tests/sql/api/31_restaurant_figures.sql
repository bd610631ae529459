-- The restaurant's figures: cards and trends, chart, today, customers, sources, revenue, orders.
begin;
\ir fixture.psql
select plan(47);

create function pg_temp.book(at timestamptz, guests int default 2, status text default 'confirmed',
    prepaid boolean default false, due numeric default 0, source text default 'phone', customer bigint default null)
returns bigint language sql volatile
as $$ insert into maitred.reservation (venue, customer_id, customer_name, party_size, starts_at, source, status,
          prepaid, amount_due, external_ref)
      values (pg_temp.venue('bistro'), $7, 'Ann Lee', $2, $1, $6, $3, $4, ($5 * 100)::bigint,
              'x' || nextval('maitred.reservation_id_seq')) returning id $$;
create function pg_temp.stats(slug text default 'bistro', role text default 'admin') returns jsonb language sql stable
as $$ select pg_temp.body(api.dashboard_stats(pg_temp.caller($1, $2))) $$;

-- An empty house --------------------------------------------------------------------------------
select is(pg_temp.stats(), '{"reservationsToday": 0, "prepaidReservations": 0, "expectedGuests": 0, "pendingPayments": 0,
    "pendingPaymentsTrend": 0, "reservationsTrend": 0, "prepaidTrend": 0, "guestsTrend": 0}', 'nothing of anything');
select is(pg_temp.body(api.revenue_by_category(pg_temp.caller('bistro', 'admin'), 'weekly')), '{"categories": []}', 'no revenue');
select is(pg_temp.body(api.reservation_sources(pg_temp.caller('bistro', 'admin'), 'monthly')), '{"website": 0, "mobile": 0,
    "walkIn": 0, "phone": 0, "partner": 0, "total": 0,
    "counts": {"website": 0, "mobile": 0, "walkIn": 0, "phone": 0, "partner": 0, "total": 0}}', 'no sources');
select is(pg_temp.body(api.customers_frequency(pg_temp.caller('bistro', 'admin'), 'weekly')),
    '{"newCustomers": 0, "returningCustomers": 0, "totalCustomers": 0}', 'no customers');
select is(pg_temp.body(api.order_stats(pg_temp.caller('bistro', 'admin'))), '{"revenue": 0, "orders": 0,
    "averageOrderValue": 0, "customers": 0, "byStatus": {"pending": 0, "confirmed": 0, "preparing": 0, "ready": 0,
    "served": 0, "completed": 0, "cancelled": 0}}', 'no orders');
select is(pg_temp.body(api.dashboard_today(pg_temp.caller('bistro', 'admin'))), '[]', 'nobody today');
select is(jsonb_array_length(pg_temp.body(api.dashboard_trends(pg_temp.caller('bistro', 'admin'), 'weekly')) -> 'chartData'), 7,
    'a chart has its days all the same');
select is(jsonb_array_length(pg_temp.body(api.dashboard_trends(pg_temp.caller('bistro', 'admin'), 'monthly')) -> 'chartData'), 30, '... thirty');

-- Reservations ----------------------------------------------------------------------------------
do $$
declare ann bigint; bob bigint; old bigint;
begin
    insert into maitred.customer (venue, name, phone) values (pg_temp.venue('bistro'), 'Ann', '111') returning id into ann;
    insert into maitred.customer (venue, name, phone) values (pg_temp.venue('bistro'), 'Bob', '222') returning id into bob;
    insert into maitred.customer (venue, name, phone) values (pg_temp.venue('bistro'), 'Old', '333') returning id into old;
    perform pg_temp.book(pg_temp.hour('bistro', 0, 0), 2, 'confirmed', true, 0, 'website', ann);     -- the day's first moment
    perform pg_temp.book(pg_temp.hour('bistro', 0, 10), 3, 'seated', false, 30.50, 'mobile', bob);
    perform pg_temp.book(pg_temp.hour('bistro', 1, 0) - interval '1 second', 4, 'pending', false, 10, 'walk_in', old); -- its last
    perform pg_temp.book(pg_temp.hour('bistro', 0, 11), 50, 'cancelled', true, 99, 'partner');
    perform pg_temp.book(pg_temp.hour('bistro', 0, 12), 50, 'no_show', true, 99, 'partner');
    perform pg_temp.book(pg_temp.hour('bistro', 1, 0), 50, 'confirmed', true, 99);                     -- tomorrow's first
    perform pg_temp.book(pg_temp.hour('bistro', -1, 2), 6, 'completed', false, 0, 'website', ann);     -- yesterday
    perform pg_temp.book(pg_temp.hour('bistro', -7, 1), 2, 'completed', false, 5, 'website');          -- a week before
    perform pg_temp.book(pg_temp.hour('bistro', -7, 12), 1, 'completed', false, 15, 'website', old);
    perform pg_temp.book(pg_temp.hour('bistro', -8, 12), 1, 'completed', true, 0, 'phone');
    perform pg_temp.book(pg_temp.hour('bistro', -40, 12), 1, 'completed', false, 0, 'phone', bob);
end $$;
select is(pg_temp.stats() - 'pendingPayments', jsonb_build_object('reservationsToday', 3, 'prepaidReservations', 1,
    'expectedGuests', 9, 'pendingPaymentsTrend', 103, 'reservationsTrend', 50, 'prepaidTrend', 100, 'guestsTrend', 200),
    'what counts today, against the same weekday a week before');
select is(pg_temp.stats() -> 'pendingPayments', '40.5', 'what is still due, in major units');
select is(pg_temp.stats('other'), (select jsonb_object_agg(k, 0) from jsonb_object_keys(pg_temp.stats()) k), 'nothing of it elsewhere');
select ok(not pg_temp.stats() ? 'occupancyRate', 'a restaurant has no occupancy');

-- pending payments: as it stood at this time of the day a week before
do $$
declare r bigint := (select id from maitred.reservation where venue = pg_temp.venue('bistro') and amount_due = 1500);
begin
    insert into maitred.payment (venue, reservation_id, amount, method, status, created_at)
        values (pg_temp.venue('bistro'), r, 1500, 'card', 'completed', clock_timestamp() - interval '2 days');
end $$;
select is((select amount_due from maitred.reservation where venue = pg_temp.venue('bistro')
    and starts_at = pg_temp.hour('bistro', -7, 12)), 0::bigint, 'a payment lowers what is due');
select is(pg_temp.stats() -> 'pendingPaymentsTrend', '103', '... but a week before it had not been made');
do $$
begin
    insert into maitred.payment (venue, reservation_id, amount, method, status)
        select venue, id, 7000, 'card', 'pending' from maitred.reservation
        where venue = pg_temp.venue('bistro') and starts_at = pg_temp.hour('bistro', 0, 10);
end $$;
select is(pg_temp.stats() -> 'pendingPayments', '80', 'a payment begun is pending, also beyond what is said to be due');

-- the chart
create function pg_temp.day(period text, ago int) returns jsonb language sql stable
as $$ select pg_temp.body(api.dashboard_trends(pg_temp.caller('bistro', 'viewer'), $1)) -> 'chartData' -> (-1 - $2) $$;
select is(pg_temp.day('weekly', 0) - 'day', '{"value1": 3, "value2": 2, "value3": 1, "reservations": 3, "revenue": 0, "guests": 9}', 'today');
select is(pg_temp.day('weekly', 1) - 'day', '{"value1": 1, "value2": 1, "value3": 0, "reservations": 1, "revenue": 0, "guests": 6}', 'yesterday');
select is(pg_temp.day('weekly', 0) ->> 'day', to_char(maitred.today(pg_temp.venue('bistro')), 'Dy'), 'named by its weekday');
select is(pg_temp.day('monthly', 7) - 'day', '{"value1": 2, "value2": 0, "value3": 0, "reservations": 2, "revenue": 0, "guests": 3}', 'a month knows last week');
select is(pg_temp.day('monthly', 10) -> 'value2', '1', '... and the period before');

-- today
select is(pg_temp.body(api.dashboard_today(pg_temp.caller('bistro', 'admin'))) #> '{0}', (select jsonb_build_object(
    'id', 'res' || id, 'customerName', 'Ann Lee', 'customerInitials', 'AL', 'date', maitred.iso(starts_at), 'time', '4:00 AM',
    'guests', 2, 'status', 'Confirmed') from maitred.reservation where venue = pg_temp.venue('bistro')
    and starts_at = pg_temp.hour('bistro', 0, 0)), 'the words of S3, the venue''s clock');
select is((select array_agg(c ->> 'status' order by n) from jsonb_array_elements(
    pg_temp.body(api.dashboard_today(pg_temp.caller('bistro', 'admin')))) with ordinality x (c, n)),
    array['Confirmed', 'Seated', 'Pending'], 'by time, without cancelled ones and no-shows');
select is(pg_temp.body(api.dashboard_today(pg_temp.caller('bistro', 'viewer'))) #>> '{0,customerName}', 'A. L.', 'a viewer sees no names');

-- customers: Ann and (of the week) Bob and Old; Bob and Old have been here before the week
select is(pg_temp.body(api.customers_frequency(pg_temp.caller('bistro', 'admin'), 'weekly')),
    '{"newCustomers": 1, "returningCustomers": 2, "totalCustomers": 3}', 'new ones and those who came before the period');
select is(pg_temp.body(api.customers_frequency(pg_temp.caller('bistro', 'admin'), 'monthly')),
    '{"newCustomers": 4, "returningCustomers": 1, "totalCustomers": 5}', 'who left no number is new each time');

-- sources: today 1 website, 1 mobile, 1 walk-in; yesterday 1 website
select is(pg_temp.body(api.reservation_sources(pg_temp.caller('bistro', 'admin'), 'weekly')), '{"website": 50, "mobile": 25,
    "walkIn": 25, "phone": 0, "partner": 0, "total": 100,
    "counts": {"website": 2, "mobile": 1, "walkIn": 1, "phone": 0, "partner": 0, "total": 4}}', 'whole per cent and counts');

-- Orders ----------------------------------------------------------------------------------------
do $$
declare
    v bigint := pg_temp.venue('bistro');
    pizza bigint; wine bigint; margherita bigint; red bigint; o bigint;
begin
    insert into maitred.menu_category (venue, name) values (v, 'Pizza') returning id into pizza;
    insert into maitred.menu_category (venue, name, color) values (v, 'Wine', '#123456') returning id into wine;
    insert into maitred.menu_item (venue, category_id, name, price) values (v, pizza, 'Margherita', 1000) returning id into margherita;
    insert into maitred.menu_item (venue, category_id, name, price) values (v, wine, 'Red', 500) returning id into red;
    -- today: 20.00 of pizza and 5.00 of wine, with a voided line, unpaid
    insert into maitred.customer_order (venue, created_at, customer_phone, status) values (v, clock_timestamp(), '111', 'ready') returning id into o;
    insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (v, o, margherita, 2), (v, o, red, 1), (v, o, red, 10);
    update maitred.order_item set status = 'void' where order_id = o and quantity = 10;
    -- today: 5.00 of no item, the same customer, half paid
    insert into maitred.customer_order (venue, created_at, customer_phone, status) values (v, clock_timestamp(), '111', 'pending') returning id into o;
    insert into maitred.order_item (venue, order_id, name, unit_price, quantity) values (v, o, 'Candle', 500, 1);
    insert into maitred.payment (venue, order_id, amount, method, status) values (v, o, 250, 'cash', 'completed');
    -- today: cancelled
    insert into maitred.customer_order (venue, created_at, status) values (v, clock_timestamp(), 'pending') returning id into o;
    insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (v, o, margherita, 9);
    update maitred.customer_order set status = 'cancelled' where venue = v and id = o;
    -- yesterday: 10.00, paid
    insert into maitred.customer_order (venue, created_at, status) values (v, pg_temp.hour('bistro', -1, 3), 'ready') returning id into o;
    insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (v, o, margherita, 1);
    insert into maitred.payment (venue, order_id, amount, method, status) values (v, o, 1000, 'cash', 'completed');
    -- 10 days ago: only in the month
    insert into maitred.customer_order (venue, created_at, status) values (v, pg_temp.hour('bistro', -10, 3), 'ready') returning id into o;
    insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (v, o, red, 5);
end $$;
select is(pg_temp.body(api.order_stats(pg_temp.caller('bistro', 'admin'))), '{"revenue": 30, "orders": 2,
    "averageOrderValue": 15, "customers": 1, "byStatus": {"pending": 1, "confirmed": 0, "preparing": 0, "ready": 1,
    "served": 0, "completed": 0, "cancelled": 1}}', 'orders of the business day; cancelled ones only by status');
select is(pg_temp.body(api.revenue_by_category(pg_temp.caller('bistro', 'admin'), 'weekly')), jsonb_build_object('categories',
    jsonb_build_array(
        jsonb_build_object('name', 'Pizza', 'percentage', 75, 'amount', 30, 'color', maitred.palette(1)),
        jsonb_build_object('name', 'Other', 'percentage', 13, 'amount', 5, 'color', maitred.palette(8)),
        jsonb_build_object('name', 'Wine', 'percentage', 12, 'amount', 5, 'color', '#123456'))), 'revenue by category, without voided lines');
select is((select sum((c -> 'amount')::numeric) from jsonb_array_elements(pg_temp.body(
    api.revenue_by_category(pg_temp.caller('bistro', 'admin'), 'monthly')) -> 'categories') c), 65::numeric, 'the month has more');
select is((select sum((c -> 'percentage')::int) from jsonb_array_elements(pg_temp.body(
    api.revenue_by_category(pg_temp.caller('bistro', 'admin'), 'monthly')) -> 'categories') c), 100::bigint, '... and 100 per cent');
select is(pg_temp.day('weekly', 0) -> 'revenue', '30', 'the chart''s revenue of today');
select is(pg_temp.day('weekly', 1) -> 'revenue', '10', '... and of yesterday');
select is(pg_temp.stats() -> 'pendingPayments', '107.5', 'what orders still owe is pending too');
select is(pg_temp.body(api.order_stats(pg_temp.caller('other', 'admin'))) -> 'orders', '0', 'nothing of it elsewhere');

-- Upcoming --------------------------------------------------------------------------------------
select is(maitred.upcoming_cards(pg_temp.v('bistro'), pg_temp.hour('bistro', 1, -0.5), false)::jsonb #>> '{0,status}', 'Upcoming',
    'half an hour before, to the second');
select is(jsonb_array_length(maitred.upcoming_cards(pg_temp.v('bistro'), pg_temp.hour('bistro', 1, -0.5) - interval '2 seconds', false)::jsonb), 0,
    'a moment before that, not yet');
select is((select array_agg(c ->> 'guests' order by n) from jsonb_array_elements(
    maitred.upcoming_cards(pg_temp.v('bistro'), pg_temp.hour('bistro', 1, -0.5), false)::jsonb) with ordinality x (c, n)),
    array['4', '50'], 'by time');
select is(jsonb_array_length(maitred.upcoming_cards(pg_temp.v('bistro'), pg_temp.hour('bistro', 0, 11), false)::jsonb), 0,
    'neither cancelled ones nor those who sit already');
do $$ begin perform pg_temp.book(clock_timestamp() + interval '20 minutes', 7); end $$;
select is(pg_temp.body(api.reservations_upcoming(pg_temp.caller('bistro', 'frontdesk'))) #>> '{0,customerName}', 'Ann Lee', 'upcoming of now');
select is(pg_temp.body(api.reservations_upcoming(pg_temp.caller('bistro', 'viewer'))) #>> '{0,customerName}', 'A. L.', '... masked');
select is(pg_temp.body(api.reservations_upcoming(pg_temp.caller('other', 'admin'))), '[]', '... and not elsewhere');

-- Refusals --------------------------------------------------------------------------------------
select is(pg_temp.says($$select api.dashboard_stats('(0,1,x,admin,,,f)')$$), 'MD404 not_found', 'a venue that is not there');
select is(pg_temp.says($$select api.dashboard_trends(pg_temp.caller('bistro', 'admin'), 'daily_')$$), 'MD422 invalid_field period', 'trends: period');
select is(pg_temp.says($$select api.customers_frequency(pg_temp.caller('bistro', 'admin'), 'x')$$), 'MD422 invalid_field period', 'frequency: period');
select is(pg_temp.says($$select api.revenue_by_category(pg_temp.caller('bistro', 'admin'), 'x')$$), 'MD422 invalid_field period', 'revenue: period');
select is(pg_temp.says($$select api.reservation_sources(pg_temp.caller('bistro', 'admin'), 'x')$$), 'MD422 invalid_field period', 'sources: period');
select is(pg_temp.says($$select api.hotel_revenue_breakdown(pg_temp.caller('bistro', 'admin'), 'x')$$), 'MD422 invalid_field period', 'breakdown: period');
select * from finish();
rollback;
