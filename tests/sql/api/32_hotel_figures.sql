-- The hotel's figures: arrivals, occupancy, adr and revpar, breakdown, upcoming, availability.
begin;
\ir fixture.psql
select plan(43);

create function pg_temp.today() returns date language sql stable
as $$ select maitred.today(pg_temp.venue('grand')) $$;
do $$
declare v bigint := pg_temp.venue('grand'); d bigint; s bigint;
begin
    insert into maitred.room_type (venue, name, base_price) values (v, 'Double', 10000) returning id into d;
    insert into maitred.room_type (venue, name, base_price) values (v, 'Suite', 30000) returning id into s;
    insert into maitred.room (venue, room_type_id, number, floor) select v, d, '10' || n, 1 from generate_series(1, 4) n;
    insert into maitred.room (venue, room_type_id, number, floor) values (v, s, '201', 2);
    insert into maitred.room (venue, room_type_id, number, floor, out_of_order) values (v, s, '202', 2, true);
end $$;
create function pg_temp.type(name text) returns bigint language sql stable
as $$ select t.id from maitred.room_type t where t.venue = pg_temp.venue('grand') and t.name = $1 $$;
create function pg_temp.room(number text) returns bigint language sql stable
as $$ select r.id from maitred.room r where r.venue = pg_temp.venue('grand') and r.number = $1 $$;
create function pg_temp.book(type text, ci int, nights int, status text default 'confirmed', rate numeric default 100,
    paid text default 'pending', room text default null, guests int default 2, source text default 'website')
returns bigint language sql volatile
as $$ insert into maitred.booking (venue, guest_name, room_type_id, room_id, check_in, check_out, adults, status,
          nightly_rate, total_amount, payment_status, source)
      values (pg_temp.venue('grand'), 'Max Power', pg_temp.type($1), pg_temp.room($7), pg_temp.today() + $2,
          pg_temp.today() + $2 + $3, $8, $4, ($5 * 100)::bigint, ($5 * 100 * $3)::bigint, $6, $9) returning id $$;
create function pg_temp.stats() returns jsonb language sql stable
as $$ select pg_temp.body(api.dashboard_stats(pg_temp.caller('grand', 'admin'))) $$;
create function pg_temp.free(since int, until int) returns jsonb language sql stable
as $$ select pg_temp.body(api.room_availability(pg_temp.caller('grand', 'frontdesk'), pg_temp.today() + $1, pg_temp.today() + $2)) $$;
create function pg_temp.number_free(since int, until int, type text) returns int language sql stable
as $$ select (t ->> 'available')::int from jsonb_array_elements(pg_temp.free($1, $2) -> 'roomTypes') t where t ->> 'type' = $3 $$;

-- An empty house --------------------------------------------------------------------------------
select is(pg_temp.stats(), '{"reservationsToday": 0, "prepaidReservations": 0, "expectedGuests": 0, "pendingPayments": 0,
    "pendingPaymentsTrend": 0, "reservationsTrend": 0, "prepaidTrend": 0, "guestsTrend": 0,
    "occupancyRate": 0, "adr": 0, "revpar": 0}', 'nothing of anything');
select is(pg_temp.body(api.hotel_revenue_breakdown(pg_temp.caller('grand', 'admin'), 'weekly')),
    '{"roomTypes": [], "services": [], "totalRevenue": 0}', 'no revenue');
select is(pg_temp.body(api.room_availability(pg_temp.caller('grand', 'admin'), null, null)), '{"totalRooms": 5, "availableRooms": 5,
    "occupancyRate": 0, "roomTypes": [{"type": "Double", "total": 4, "available": 4}, {"type": "Suite", "total": 1, "available": 1}]}',
    'tonight: all rooms but the one that is out of order');

-- Bookings --------------------------------------------------------------------------------------
do $$
begin
    perform pg_temp.book('Double', 0, 2, 'confirmed', 100, 'pending', '101');          -- arrives today
    perform pg_temp.book('Double', 0, 1, 'checked_in', 120.50, 'paid', '102', 1, 'phone'); -- arrived today
    perform pg_temp.book('Suite', -2, 3, 'checked_in', 300, 'partial', '201');         -- in the house
    perform pg_temp.book('Double', -1, 1, 'checked_out', 80, 'paid', '103', 1, 'booking_com'); -- departs today
    perform pg_temp.book('Double', 0, 1, 'cancelled', 500);
    perform pg_temp.book('Double', 0, 1, 'no_show', 500);
    perform pg_temp.book('Double', 1, 2, 'pending', 90, 'pending', null);              -- arrives tomorrow, no room yet
    perform pg_temp.book('Double', -7, 2, 'checked_out', 70, 'paid', '101', 3);        -- a week before
end $$;
select is(pg_temp.stats() - 'pendingPaymentsTrend', jsonb_build_object('reservationsToday', 2, 'prepaidReservations', 1,
    'expectedGuests', 3, 'pendingPayments', 200, 'reservationsTrend', 100, 'prepaidTrend', 0, 'guestsTrend', 0,
    'occupancyRate', 60, 'adr', 173.5, 'revpar', 104.1), 'arrivals count as reservations; tonight''s occupancy, adr, revpar');
select is(pg_temp.stats() -> 'pendingPaymentsTrend', '100', 'a trend of what arrivals owe');
do $$ begin
    insert into maitred.payment (venue, booking_id, amount, method, status) select venue, id, 5000, 'card', 'completed'
        from maitred.booking where venue = pg_temp.venue('grand') and check_in = pg_temp.today() and status = 'confirmed';
end $$;
select is(pg_temp.stats() -> 'pendingPayments', '150', 'less what was paid');
select is((select array_agg(c ->> 'id') from jsonb_array_elements(pg_temp.body(api.dashboard_today(pg_temp.caller('grand', 'admin')))) c),
    (select array_agg('bkg' || id order by id) from maitred.booking where venue = pg_temp.venue('grand')
        and check_in = pg_temp.today() and status in ('confirmed', 'checked_in')), 'today''s arrivals');
select is((pg_temp.body(api.dashboard_today(pg_temp.caller('grand', 'admin'))) -> 0) - 'id' - 'date', '{"customerName": "Max Power",
    "customerInitials": "MP", "time": "3:00 PM", "guests": 2, "status": "Confirmed"}', 'their time is the check-in time');
select is(pg_temp.body(api.dashboard_today(pg_temp.caller('grand', 'viewer'))) #>> '{0,customerName}', 'M. P.', 'a viewer sees no names');

-- the chart
create function pg_temp.day(period text, ago int) returns jsonb language sql stable
as $$ select pg_temp.body(api.dashboard_trends(pg_temp.caller('grand', 'viewer'), $1)) -> 'chartData' -> (-1 - $2) $$;
select is(pg_temp.day('weekly', 0) - 'day', '{"value1": 2, "value2": 1, "value3": 1, "reservations": 2, "revenue": 520.5, "guests": 3}',
    'arrivals of today and the room revenue of tonight');
select is(pg_temp.day('weekly', 1) - 'day', '{"value1": 1, "value2": 0, "value3": 1, "reservations": 1, "revenue": 380, "guests": 1}', 'yesterday');
select is(pg_temp.day('weekly', 2) -> 'revenue', '300', 'a stay earns each night');
select is(pg_temp.day('weekly', 6) -> 'revenue', '70', 'also one that began before the period');

-- revenue
do $$
declare v bigint := pg_temp.venue('grand'); c bigint; m bigint; o bigint;
begin
    insert into maitred.menu_category (venue, name) values (v, 'Spa') returning id into c;
    insert into maitred.menu_item (venue, category_id, name, price) values (v, c, 'Massage', 5950) returning id into m;
    insert into maitred.customer_order (venue, created_at) values (v, clock_timestamp()) returning id into o;
    insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (v, o, m, 1);
end $$;
select is(pg_temp.body(api.hotel_revenue_breakdown(pg_temp.caller('grand', 'admin'), 'weekly')),
    '{"roomTypes": [{"type": "Suite", "revenue": 900, "percentage": 68}, {"type": "Double", "revenue": 370.5, "percentage": 28}],
      "services": [{"type": "Spa", "revenue": 59.5, "percentage": 4}], "totalRevenue": 1330}', 'nights of the week by room type, and services');
select is((pg_temp.body(api.hotel_revenue_breakdown(pg_temp.caller('grand', 'admin'), 'monthly')) ->> 'totalRevenue')::numeric, 1400::numeric,
    'the month has one night more');
select is((select jsonb_agg(c -> 'name') from jsonb_array_elements(pg_temp.body(
    api.revenue_by_category(pg_temp.caller('grand', 'admin'), 'weekly')) -> 'categories') c), '["Suite", "Double", "Spa"]', 'the same by category');
select is(pg_temp.day('weekly', 0) -> 'revenue', '580', 'the chart has the services too');

-- sources and customers
select is(pg_temp.body(api.reservation_sources(pg_temp.caller('grand', 'admin'), 'weekly')) -> 'counts', '{"website": 2, "mobile": 0,
    "walkIn": 0, "phone": 1, "partner": 0, "booking_com": 1, "total": 4}', 'an import''s sources by their own name');
select is((pg_temp.body(api.reservation_sources(pg_temp.caller('grand', 'admin'), 'weekly')) ->> 'booking_com')::int, 25, '... in per cent');
select is(pg_temp.body(api.customers_frequency(pg_temp.caller('grand', 'admin'), 'weekly')) -> 'newCustomers', '4', 'guests nobody knows are new');
do $$
declare c bigint;
begin
    insert into maitred.customer (venue, name, phone) values (pg_temp.venue('grand'), 'Max', '111') returning id into c;
    update maitred.booking set customer_id = c where venue = pg_temp.venue('grand') and check_in in (pg_temp.today() - 7, pg_temp.today())
        and status in ('checked_out', 'confirmed');
end $$;
select is(pg_temp.body(api.customers_frequency(pg_temp.caller('grand', 'admin'), 'weekly')),
    '{"newCustomers": 3, "returningCustomers": 1, "totalCustomers": 4}', 'who came a week before returns');

-- upcoming
select is(jsonb_array_length(maitred.upcoming_cards(pg_temp.v('grand'),
    maitred.arrival(pg_temp.today(), '{}', 'Europe/Berlin') - interval '30 minutes', false)::jsonb), 1, 'arrivals come up half an hour before check-in');
select is(jsonb_array_length(maitred.upcoming_cards(pg_temp.v('grand'),
    maitred.arrival(pg_temp.today(), '{}', 'Europe/Berlin') - interval '31 minutes', false)::jsonb), 0, '... not before');
update maitred.venue set settings = '{"check_in_time": "23:50"}' where slug = 't-grand';
select is(jsonb_array_length(maitred.upcoming_cards(pg_temp.v('grand'),
    maitred.arrival(pg_temp.today(), '{"check_in_time": "23:50"}', 'Europe/Berlin') - interval '1 minute', false)::jsonb), 1,
    'the venue says when check-in is; a half hour over midnight');
update maitred.venue set settings = '{}' where slug = 't-grand';

-- Availability ----------------------------------------------------------------------------------
select is(pg_temp.free(0, 1) - 'roomTypes', '{"totalRooms": 5, "availableRooms": 2, "occupancyRate": 60}', 'tonight');
select is(pg_temp.body(api.room_availability(pg_temp.caller('grand', 'frontdesk'), null, null)) - 'roomTypes',
    pg_temp.free(0, 1) - 'roomTypes', '... without saying so');
select is(pg_temp.number_free(0, 1, 'Double'), 2, 'of a type');
select is(pg_temp.number_free(1, 2, 'Double'), 2, 'a booking without a room takes one of its type');
select is(pg_temp.number_free(2, 3, 'Double'), 3, 'the day of departure is free');
select is(pg_temp.number_free(0, 3, 'Double'), 2, 'what one night leaves, the next may take: two are free throughout');
select is(pg_temp.number_free(-2, 5, 'Suite'), 0, 'free on every night of the range');
select is(pg_temp.number_free(1, 5, 'Suite'), 1, '... after the departure');
do $$ begin
    perform pg_temp.book('Double', 10, 1, 'confirmed', 100, 'pending', '101');
    perform pg_temp.book('Double', 11, 1, 'confirmed', 100, 'pending', '102');
    perform pg_temp.book('Double', 12, 1, 'confirmed', 100, 'pending', '103');
end $$;
select is(pg_temp.number_free(10, 13, 'Double'), 1, 'three rooms busy on one night each: one is free on all');
select is(pg_temp.number_free(10, 11, 'Double'), 3, '... three on the first');
update maitred.room set out_of_order = true where venue = pg_temp.venue('grand') and number = '104';
select is(pg_temp.free(10, 13) - 'roomTypes', '{"totalRooms": 4, "availableRooms": 1, "occupancyRate": 75}', 'a broken room leaves the base');
select is(pg_temp.says($$select pg_temp.free(1, 1)$$), 'MD422 invalid_field endDate', 'no night at all');
select is(pg_temp.says($$select pg_temp.free(0, 401)$$), 'MD422 invalid_field endDate', 'too many');
select is(pg_temp.body(api.room_availability(pg_temp.caller('grand', 'admin'), pg_temp.today() + 10, null)),
    pg_temp.free(10, 11), 'a start without an end is one night');
select is(pg_temp.body(api.room_availability(pg_temp.caller('bistro', 'admin'), null, null)),
    '{"totalRooms": 0, "availableRooms": 0, "occupancyRate": 0, "roomTypes": []}', 'another venue has none of these rooms');
select is(pg_temp.says($$select api.room_availability('(0,1,x,admin,,,f)', null, null)$$), 'MD404 not_found', 'nor one that is not there');
-- The calendar --------------------------------------------------------------------------------------
create function pg_temp.calendar(since int, until int) returns jsonb language sql stable
as $$ select pg_temp.body(api.room_calendar(pg_temp.caller('grand', 'frontdesk'), pg_temp.today() + $1, pg_temp.today() + $2)) -> 'nights' $$;
select is(jsonb_array_length(pg_temp.body(api.room_calendar(pg_temp.caller('grand', 'admin'), null, null)) -> 'nights'), 30,
    'without dates: thirty nights');
select is((select count(*) from jsonb_array_elements(pg_temp.calendar(-2, 8)) with ordinality c(night, n)
    where night - 'date' = pg_temp.free(n::int - 3, n::int - 2) and (night ->> 'date')::date = pg_temp.today() + n::int - 3), 10::bigint,
    'each night is what the availability of that night says');
select is(pg_temp.says($$select pg_temp.calendar(0, 93)$$), 'MD422 invalid_field endDate', '92 nights at most');
select * from finish();
rollback;
