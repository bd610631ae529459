-- What real exports lack, for two venues that look alive: tables with guests, reservations of two
-- months past (a monthly figure is compared with the month before) and three weeks to come, orders
-- on their way, arrivals and departures of today.
-- Run by `maitred demo-data` in its transaction, after maitred.demo_begin. Everything is relative
-- to now in the venue's zone. A venue that was filled before is left alone (settings.demo_data).
-- What happens is chosen by import.pick, from names and numbers alone: runs are alike.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, import, pg_temp;

create function pg_temp.venue(setting text) returns maitred.venue
language sql stable
as $$ select v from maitred.venue v where v.id = current_setting('maitred.demo_' || setting)::bigint
    and not v.settings ? 'demo_data' $$;

-- One of several words, by chance: pg_temp.one_of('seed', 'a', 'a', 'b') is a twice as often as b.
create function pg_temp.one_of(seed text, variadic words text[]) returns text
language sql immutable
as $$ select words[1 + import.pick(seed, cardinality(words))] $$;

-- Guests whom the venue knows; with two visits each on average some are returning ones.
create function pg_temp.make_customers(v bigint, how_many int) returns void
language sql volatile
as $$
    insert into maitred.customer (venue, name, phone, email, external_ref, created_at)
    select v, import.guest_name('demo' || v || '/' || i), '+999 5' || v || ' ' || to_char(i, 'FM0000'),
           'guest' || i || '@example.org', 'demo:' || i, now() - (60 + i % 200) * interval '1 day'
    from generate_series(1, how_many) i
    on conflict do nothing
$$;

create function pg_temp.customer(v bigint, i int) returns maitred.customer
language sql stable
as $$ select c from maitred.customer c where c.venue = v and c.external_ref = 'demo:' || i $$;

-- ---------------------------------------------------------------- the restaurant's floor and menu

create function pg_temp.make_floor(v bigint) returns void
language plpgsql volatile
as $$
begin
    insert into maitred.floor (venue, number, name) values (v, 1, 'Ground floor'), (v, 2, 'Terrace')
        on conflict do nothing;
    -- Number, section, capacity, shape; places on a plan of 1000 by 600.
    insert into maitred.dining_table (venue, number, label, name, floor, section, capacity,
                                      min_capacity, position)
        select v, n, 'T-' || to_char(n, 'FM00'), x.name, x.floor, x.section, x.capacity, x.least,
               jsonb_build_object('x', 80 + (i - 1) % 5 * 190, 'y', 80 + (i - 1) / 5 * 180,
                   'width', case when x.capacity > 4 then 140 else 80 end, 'height', 80,
                   'rotation', 0, 'shape', case when x.capacity <= 2 then 'round' else 'rectangle' end)
        from (select f.*, row_number() over (partition by f.floor order by f.n) as i from (values
            (1, 1, 'Window', 2, 1, 'Corner window'), (2, 1, 'Window', 2, 1, null), (3, 1, 'Window', 4, 2, null),
            (4, 1, 'Main', 4, 2, null), (5, 1, 'Main', 4, 2, null), (6, 1, 'Main', 4, 2, null),
            (7, 1, 'Main', 6, 3, null), (8, 1, 'Main', 6, 3, null), (9, 1, 'Main', 8, 5, 'Long table'),
            (10, 1, 'Bar', 2, 1, null), (11, 1, 'Bar', 2, 1, null), (12, 1, 'Bar', 2, 1, null),
            (21, 2, 'Garden', 2, 1, null), (22, 2, 'Garden', 2, 1, null), (23, 2, 'Garden', 4, 2, null),
            (24, 2, 'Garden', 4, 2, null), (25, 2, 'Garden', 4, 2, null), (26, 2, 'Pergola', 6, 3, null),
            (27, 2, 'Pergola', 6, 3, null), (28, 2, 'Pergola', 10, 6, 'Family table')
        ) f (n, floor, section, capacity, least, name)) x
        on conflict do nothing;
end $$;

-- Only where nothing was imported.
create function pg_temp.make_menu(v bigint, dishes text[]) returns void
language plpgsql volatile
as $$
declare
    dish text;
    part text[];
    category bigint;
begin
    if exists (select from maitred.menu_item m where m.venue = v) then return; end if;
    foreach dish in array dishes loop
        part := string_to_array(dish, '|');
        insert into maitred.menu_category (venue, name, sort, external_ref) values (v, part[1],
            array_position(dishes, dish), 'demo:' || part[1]) on conflict do nothing;
        select c.id into category from maitred.menu_category c where c.venue = v and c.name = part[1];
        insert into maitred.menu_item (venue, category_id, name, description, price, popular)
            values (v, category, part[2], part[3], part[4]::bigint, import.pick(part[2], 3) = 0);
    end loop;
end $$;

-- ---------------------------------------------------------------- reservations

-- The smallest table for a party that nobody has at that time, nor within a quarter of an hour.
create function pg_temp.free_table(v bigint, party int, span tstzrange) returns bigint
language sql volatile
as $$
    select t.id from maitred.dining_table t
    where t.venue = v and t.active and t.status <> 'maintenance'
      and party between t.min_capacity and t.capacity
      and not exists (select from maitred.reservation r
                      where r.venue = v and r.table_id = t.id and r.status not in ('cancelled', 'no_show')
                        and r.starts_at between lower(span) - interval '6 hours'
                                            and upper(span) + interval '15 minutes'
                        and r.during && tstzrange(lower(span) - interval '15 minutes',
                                                  upper(span) + interval '15 minutes'))
      and not exists (select from maitred.table_session s
                      where s.venue = v and s.table_id = t.id and s.state = 'open'
                        and tstzrange(s.opened_at, now() + interval '45 minutes') && span)
    order by t.capacity, t.number limit 1
$$;

create function pg_temp.reserve(v bigint, at timestamptz, seed text, party int, status text, table_id bigint)
returns bigint language plpgsql volatile
as $$
declare
    who maitred.customer := pg_temp.customer(v, 1 + import.pick(seed || '/who', 420));
    -- Walk-ins do not book ahead; the terrace does not fill by itself.
    source text := pg_temp.one_of(seed || '/source', 'website', 'website', 'website', 'website', 'mobile',
        'mobile', 'mobile', 'phone', 'phone', 'walk_in', 'walk_in', 'partner');
    booked timestamptz := least(at - case when source = 'walk_in' then interval '5 minutes'
        else (2 + import.pick(seed || '/lead', 400)) * interval '1 hour' end,
        now() - (1 + import.pick(seed || '/late', 600)) * interval '1 minute');
    prepaid boolean := source in ('website', 'mobile', 'partner') and import.pick(seed || '/paid', 3) = 0;
    made bigint;
begin
    insert into maitred.reservation (venue, customer_id, customer_name, contact_number, email, party_size,
            starts_at, duration_minutes, table_id, source, prepaid, amount_due, special_requests, status,
            created_at, updated_at, external_ref)
        values (v, who.id, coalesce(who.name, 'Guest'), who.phone, who.email, party, at,
            case when party > 4 then 150 when party > 2 then 120 else 90 end, table_id, source, prepaid,
            case when not prepaid and party > 4 then party * 1000
                 when not prepaid and import.pick(seed || '/due', 4) = 0 then 2000 else 0 end,
            case import.pick(seed || '/wish', 9) when 0 then 'A high chair, please' when 1 then 'Birthday: a candle on the dessert'
                 when 2 then 'Gluten-free' when 3 then 'A quiet corner' end,
            status, booked, booked, 'demo:' || seed)
        returning id into made;
    return made;
end $$;

-- One evening or lunch after the other. Busy: Fridays, Saturdays, Sunday lunch.
create function pg_temp.make_reservations(v maitred.venue) returns void
language plpgsql volatile
as $$
declare
    today date := maitred.today(v.id);
    day date;
    at timestamptz;
    seed text;
    status text;
    party int;
    minutes int;
begin
    for day in select today + d from generate_series(-60, 21) d loop
        for i in 1 .. (case extract(isodow from day) when 5 then 26 when 6 then 28 when 7 then 20 else 14 end)
                      - greatest(day - today, (today - day) / 6, 0) / 2 loop
            seed := 'r' || (day - today) || '/' || i;
            -- Two thirds in the evening; triangles around 13:00 and 19:30, on the quarter hour.
            minutes := case when import.pick(seed || '/meal', 3) = 0
                then 720 + 15 * (import.pick(seed || '/a', 4) + import.pick(seed || '/b', 5))
                else 1065 + 15 * (import.pick(seed || '/a', 8) + import.pick(seed || '/b', 8)) end;
            at := (day + minutes * interval '1 minute') at time zone v.timezone;
            -- The present has guests of its own (make_present).
            continue when at between now() - interval '150 minutes' and now() + interval '40 minutes';
            party := pg_temp.one_of(seed || '/party', '1', '2', '2', '2', '2', '2', '3', '3', '4', '4',
                                    '4', '5', '6', '8')::int;
            status := case when at < now()
                then pg_temp.one_of(seed || '/end', 'completed', 'completed', 'completed', 'completed',
                    'completed', 'completed', 'completed', 'completed', 'cancelled', 'no_show')
                else pg_temp.one_of(seed || '/end', 'confirmed', 'confirmed', 'confirmed', 'confirmed',
                    'confirmed', 'confirmed', 'pending', 'pending', 'pending', 'cancelled') end;
            perform pg_temp.reserve(v.id, at, seed, party, status, case when status in ('cancelled', 'no_show')
                then null else pg_temp.free_table(v.id, party, tstzrange(at, at + interval '150 minutes')) end);
        end loop;
    end loop;
end $$;

-- ---------------------------------------------------------------- the present

-- An order of a table, `minutes` ago or when the business day began, with lines in the state that goes with the order's.
create function pg_temp.make_order(v bigint, table_id bigint, session_id bigint, seed text, status text,
                                   minutes int, lines int)
returns bigint language plpgsql volatile
as $$
declare
    made bigint;
    n bigint := (select count(*) from maitred.menu_item m where m.venue = v and m.active and m.available);
    at timestamptz := (select greatest(now() - minutes * interval '1 minute', maitred.day_start(
        x.timezone, x.business_day_cutoff, maitred.today(x.id))) from maitred.venue x where x.id = v);
begin
    insert into maitred.customer_order (venue, table_id, session_id, status, estimated_time, notes,
                                        created_at, updated_at)
        values (v, table_id, session_id, status, case when status in ('confirmed', 'preparing') then 10 + import.pick(seed, 15) end,
                case when import.pick(seed || '/note', 5) = 0 then 'Starters first' end, at, greatest(at, now() - minutes / 2 * interval '1 minute'))
        returning id into made;
    insert into maitred.order_item (venue, order_id, menu_item_id, name, quantity, unit_price, notes, status,
                                    created_at)
        select v, made, m.id, m.name, 1 + import.pick(seed || '/n' || i, 5) / 4, m.price,
               case when import.pick(seed || '/w' || i, 8) = 0 then 'no onions' end,
               case status when 'preparing' then case when i = 1 then 'ready' else 'preparing' end
                    when 'ready' then 'ready' when 'served' then 'served' else 'placed' end,
               at
        from generate_series(1, lines) i
        join lateral (select x.* from maitred.menu_item x where x.venue = v and x.active and x.available
                      order by x.id offset import.pick(seed || '/dish' || i, n::int) limit 1) m on true;
    return made;
end $$;

create function pg_temp.pay(v bigint, order_id bigint, share numeric, method text, status text) returns void
language sql volatile
as $$
    insert into maitred.payment (venue, order_id, amount, method, status, created_at)
    select v, o.id, greatest(round(o.total_price * pay.share), 1), pay.method, pay.status, now() - interval '3 minutes'
    from maitred.customer_order o where o.venue = v and o.id = $2 and o.total_price > 0
$$;

-- Guests sit down: a session, then the table (its trigger finds the session that is there).
create function pg_temp.seat(v bigint, table_no int, guests int, minutes int, waiter bigint) returns bigint
language plpgsql volatile
as $$
declare
    made bigint;
    seat_at bigint := (select t.id from maitred.dining_table t
                       where t.venue = v and t.number = table_no and t.active and t.status = 'available');
begin
    if seat_at is null then return null; end if;
    insert into maitred.table_session (venue, table_id, guest_count, waiter_id, opened_at, last_active)
        values (v, seat_at, guests, waiter, now() - minutes * interval '1 minute',
                now() - minutes / 3 * interval '1 minute') returning id into made;
    update maitred.dining_table t set status = 'occupied' where t.venue = v and t.id = seat_at;
    return made;
end $$;

create function pg_temp.make_present(v maitred.venue) returns void
language plpgsql volatile
as $$
declare
    waiter bigint := (select a.id from maitred.account a where a.venue = v.id and a.username = 'waiter');
    g record;
    s bigint;
    t bigint;
    o bigint;
begin
    -- Table, guests, minutes seated, state of the order, lines, came with a reservation?
    for g in select * from (values
        (2, 2, 95, 'served', 4, true), (3, 3, 72, 'served', 5, false), (5, 4, 48, 'ready', 5, true),
        (7, 5, 35, 'preparing', 6, true), (10, 1, 25, 'preparing', 2, false), (6, 3, 18, 'confirmed', 4, false),
        (21, 2, 12, 'pending', 3, false), (26, 6, 55, 'served', 7, true), (23, 4, 6, null, 0, true)
    ) x (table_no, guests, minutes, state, lines, booked) loop
        s := pg_temp.seat(v.id, g.table_no, g.guests, g.minutes, case when g.table_no < 20 then waiter end);
        continue when s is null;
        select x.table_id into t from maitred.table_session x where x.venue = v.id and x.id = s;
        perform pg_temp.reserve(v.id, date_trunc('minute', now()) - g.minutes * interval '1 minute',
                                'now/' || g.table_no, g.guests, 'seated', t) where g.booked;
        continue when g.state is null;
        o := pg_temp.make_order(v.id, t, s, 'now/' || g.table_no, g.state, g.minutes - 4, g.lines);
        case g.table_no
            when 2 then
                perform pg_temp.pay(v.id, o, 1, 'card', 'pending');
                insert into maitred.service_request (venue, session_id, table_id, order_id, waiter_id, kind,
                        priority, text, created_by, created_at)
                    values (v.id, s, t, o, waiter, 'bill_requested', 'high', 'Card, please', 'guest',
                            now() - interval '2 minutes');
            when 26 then perform pg_temp.pay(v.id, o, 0.5, 'cash', 'completed');
            when 7 then
                insert into maitred.service_request (venue, session_id, table_id, waiter_id, kind, text,
                        created_by, created_at)
                    values (v.id, s, t, waiter, 'call_waiter', 'More water', 'guest', now() - interval '4 minutes');
            when 5 then
                insert into maitred.notification (venue, waiter_id, kind, priority, text, table_id, order_id,
                        session_id, created_at)
                    values (v.id, waiter, 'order_ready', 'high', 'Table 5: the order is ready', t, o, s,
                            now() - interval '1 minute');
            else null;
        end case;
    end loop;
    insert into maitred.notification (venue, kind, priority, text, data, created_at)
        values (v.id, 'alert', 'normal', 'Only a few portions of the soup are left', '{"portions": 4}',
                now() - interval '20 minutes');
    -- Guests of the next half hour; a table is kept for those who come first.
    for g in select * from (values (8, 2), (17, 4), (26, 6)) x (minutes, party) loop
        t := pg_temp.free_table(v.id, g.party, tstzrange(now(), now() + interval '150 minutes'));
        perform pg_temp.reserve(v.id, date_trunc('minute', now()) + g.minutes * interval '1 minute',
            'soon/' || g.minutes, g.party, case when g.minutes = 17 then 'pending' else 'confirmed' end, t);
        update maitred.dining_table x set status = 'reserved'
            where x.venue = v.id and x.id = t and x.status = 'available' and g.minutes < 20;
    end loop;
    update maitred.dining_table x set status = 'maintenance', status_note = 'A leg is loose'
        where x.venue = v.id and x.number = 11 and x.status = 'available';
    -- Gone for today: something that is not in one of the open orders.
    update maitred.menu_item m set available = false where m.venue = v.id and m.id = (
        select x.id from maitred.menu_item x where x.venue = v.id and x.active and not x.popular
            and not exists (select from maitred.order_item i join maitred.customer_order c
                on c.venue = i.venue and c.id = i.order_id
                where i.venue = v.id and i.menu_item_id = x.id and c.status not in ('completed', 'cancelled'))
        order by x.id desc limit 1);
end $$;

-- ---------------------------------------------------------------- the hotel

create function pg_temp.make_rooms(v bigint) returns void
language plpgsql volatile
as $$
begin
    if exists (select from maitred.room r where r.venue = v) then
        update maitred.room_type t set
            description = 'As it was booked under this letter; ' || t.capacity || ' guests',
            amenities = case when t.capacity > 3 then array['wifi', 'tv', 'balcony', 'sea view', 'minibar']
                             when t.capacity > 2 then array['wifi', 'tv', 'balcony'] else array['wifi', 'tv'] end
            where t.venue = v and t.description = '' and t.amenities = '{}';
        -- An import makes no more rooms than the fullest night needs. A new wing leaves some free,
        -- and a few that are not ready yet.
        insert into maitred.room (venue, room_type_id, number, floor, out_of_order, note)
            select v, t.id, 'W' || to_char(n, 'FM00'), 1, n % 5 = 0, case when n % 5 = 0 then 'Not furnished yet' end
            from generate_series(1, 15) n
            join lateral (select x.id from maitred.room_type x where x.venue = v and x.active order by x.id
                          offset (n - 1) % (select count(*) from maitred.room_type y
                                            where y.venue = v and y.active) limit 1) t on true
            on conflict do nothing;
        return;
    end if;
    insert into maitred.room_type (venue, name, description, base_price, capacity, amenities) values
        (v, 'Single', 'A quiet room to the courtyard', 7900, 1, array['wifi', 'tv']),
        (v, 'Double', 'A double room with a balcony', 11900, 2, array['wifi', 'tv', 'balcony']),
        (v, 'Family', 'Two rooms with a door between', 16900, 4, array['wifi', 'tv', 'balcony', 'cot']),
        (v, 'Suite', 'Top floor, sea view', 24900, 3, array['wifi', 'tv', 'balcony', 'sea view', 'minibar']);
    insert into maitred.room (venue, room_type_id, number, floor, out_of_order)
        select v, t.id, (f * 100 + n)::text, f, f = 4 and n = 12
        from generate_series(1, 4) f, generate_series(1, 12) n
        join maitred.room_type t on t.venue = v
            and t.name = (array['Single', 'Double', 'Double', 'Double', 'Family', 'Suite'])[1 + n % 6];
end $$;

-- A room type with a room that is free on all these nights, and the room. Live bookings only need
-- the type; who is in the house needs the room as well.
create function pg_temp.free_room(v bigint, seed text, first_night date, last_night date,
                                  out type_id bigint, out room_id bigint)
language sql volatile
as $$
    select r.room_type_id, r.id from maitred.room r
    where r.venue = v and not r.out_of_order
      and not exists (select from maitred.booking b where b.venue = v and b.room_id = r.id
                      and b.status not in ('cancelled', 'no_show')
                      and b.nights && daterange(first_night, last_night, '[]'))
      and not exists (select from maitred.room_type_night n
                      where n.venue = v and n.room_type_id = r.room_type_id
                        and n.night between first_night and last_night
                        and n.sold >= maitred.sellable_rooms(v, r.room_type_id) - 1)
    order by md5(seed || r.id) limit 1
$$;

create function pg_temp.book(v maitred.venue, seed text, check_in date, nights int, status text)
returns bigint language plpgsql volatile
as $$
declare
    who maitred.customer := pg_temp.customer(v.id, 1 + import.pick(seed || '/who', 90));
    place record;
    rate bigint;
    paid text := pg_temp.one_of(seed || '/paid', 'pending', 'pending', 'partial', 'paid');
    booked timestamptz := least((check_in - 1 - import.pick(seed || '/lead', 40)) + time '11:00'
        + import.pick(seed || '/min', 600) * interval '1 minute', (now() at time zone v.timezone)
        - interval '10 minutes' - import.pick(seed || '/min', 600) * interval '1 minute') at time zone v.timezone;
    made bigint;
begin
    select * into place from pg_temp.free_room(v.id, seed, check_in, check_in + nights - 1);
    if place.type_id is null then return null; end if;
    select t.base_price into rate from maitred.room_type t where t.venue = v.id and t.id = place.type_id;
    if rate = 0 then rate := 9000; end if;
    insert into maitred.booking (venue, guest_name, customer_id, room_type_id, room_id, check_in, check_out,
            adults, children, status, nightly_rate, total_amount, payment_status, source, special_requests,
            created_at, updated_at, external_ref)
        values (v.id, coalesce(who.name, 'Guest'), who.id, place.type_id, place.room_id, check_in,
            check_in + nights, 1 + import.pick(seed || '/adults', 2), import.pick(seed || '/kids', 5) / 4, status,
            rate, rate * nights,
            case when status = 'checked_out' then 'paid' when status = 'cancelled' then 'refunded' else paid end,
            pg_temp.one_of(seed || '/source', 'website', 'website', 'website', 'mobile', 'mobile', 'phone',
                           'walk_in', 'partner'),
            case import.pick(seed || '/wish', 8) when 0 then 'Late arrival' when 1 then 'Two beds, please' end,
            booked, booked, 'demo:' || seed)
        returning id into made;
    if status <> 'cancelled' and (paid = 'partial' or status = 'checked_out') then
        insert into maitred.payment (venue, booking_id, amount, method, status, created_at)
            values (v.id, made, case when status = 'checked_out' then rate * nights else rate end,
                    pg_temp.one_of(seed || '/method', 'card', 'card', 'transfer', 'cash'), 'completed',
                    greatest(booked, now() - interval '20 days'));
    elsif status in ('confirmed', 'checked_in') and import.pick(seed || '/open', 3) = 0 and paid = 'pending' then
        insert into maitred.payment (venue, booking_id, amount, method, status)
            values (v.id, made, rate * nights, 'card', 'pending');
    end if;
    return made;
end $$;

create function pg_temp.make_bookings(v maitred.venue) returns void
language plpgsql volatile
as $$
declare
    today date := maitred.today(v.id);
    g record;
    i int;
begin
    -- From arrival (days from today), to how many nights, how many, in which state.
    for g in select * from (values
        (-5, 5, 3, 'checked_in'), (-2, 2, 4, 'checked_in'), (-3, 3, 3, 'checked_out'), (-3, 7, 4, 'checked_in'),
        (-1, 3, 5, 'checked_in'), (0, 2, 2, 'checked_in'), (0, 3, 4, 'confirmed'), (0, 1, 2, 'pending'),
        (0, 5, 1, 'cancelled')
    ) x (arrives, nights, how_many, state) loop
        for i in 1 .. g.how_many loop
            perform pg_temp.book(v, 'b' || g.arrives || '/' || g.nights || '/' || i, today + g.arrives, g.nights, g.state);
        end loop;
    end loop;
    -- Two months of guests who have left, three weeks of guests to come.
    for d in 1 .. 60 loop
        for i in 1 .. 3 - d / 29 loop
            perform pg_temp.book(v, 'p' || d || '/' || i, today - d, 1 + import.pick('p' || d || i, least(d, 4)),
                case when i = 1 then 'checked_out' else pg_temp.one_of('p' || d || i || '/end', 'checked_out',
                    'checked_out', 'checked_out', 'cancelled', 'no_show') end);
        end loop;
    end loop;
    for d in 1 .. 21 loop
        for i in 1 .. 2 loop
            perform pg_temp.book(v, 'f' || d || '/' || i, today + d, 1 + import.pick('f' || d || i, 6),
                pg_temp.one_of('f' || d || i || '/end', 'confirmed', 'confirmed', 'confirmed', 'pending', 'cancelled'));
        end loop;
    end loop;
end $$;

-- Rooms that guests left today are dirty; the others are in any state.
create function pg_temp.make_housekeeping(v maitred.venue) returns void
language sql volatile
as $$
    update maitred.room r set housekeeping = case
        when exists (select from maitred.booking b where b.venue = v.id and b.room_id = r.id
                     and b.check_out = maitred.today(v.id) and b.status = 'checked_out') then 'dirty'
        else (array['clean', 'clean', 'inspected', 'dirty'])[1 + import.pick(r.number, 4)] end
        where r.venue = v.id
$$;

-- What guests consume beside the room: a month of paid orders, and a few of today.
create function pg_temp.make_services(v maitred.venue) returns void
language plpgsql volatile
as $$
declare
    total bigint;
    made bigint;
    at timestamptz;
    seed text;
    m maitred.menu_item;
    n int;
begin
    select count(*) into n from maitred.menu_item x where x.venue = v.id and x.active and x.available;
    for i in 1 .. 150 loop
        seed := 's' || i;
        at := now() - i * interval '5 hours' + import.pick(seed, 200) * interval '1 minute';
        select x.* into m from maitred.menu_item x where x.venue = v.id and x.active and x.available
            order by x.id offset import.pick(seed || '/item', n) limit 1;
        total := m.price * (1 + import.pick(seed || '/n', 3));
        insert into maitred.customer_order (venue, order_number, customer_name, status, payment_status,
                payment_method, total_price, created_at, updated_at, external_ref)
            values (v.id, 'S' || i, import.guest_name(seed), 'completed', 'paid', 'room', total, at, at, 'demo:' || seed)
            returning id into made;
        insert into maitred.order_item (venue, order_id, menu_item_id, name, quantity, unit_price, status,
                created_at, external_ref)
            values (v.id, made, m.id, m.name, total / m.price, m.price, 'served', at, 'demo:' || seed);
        insert into maitred.payment (venue, order_id, amount, method, status, created_at, updated_at, external_ref)
            values (v.id, made, total, 'room', 'completed', at, at, 'demo:' || seed);
    end loop;
    perform pg_temp.make_order(v.id, null, null, 'room/1', 'pending', 4, 2);
    perform pg_temp.make_order(v.id, null, null, 'room/2', 'preparing', 15, 3);
    perform pg_temp.make_order(v.id, null, null, 'room/3', 'served', 50, 2);
    insert into maitred.notification (venue, kind, priority, text, created_at)
        values (v.id, 'alert', 'high', 'A group of twelve arrives at the station at seven', now() - interval '30 minutes');
end $$;

-- ---------------------------------------------------------------- the whole

do $$
declare
    r maitred.venue := pg_temp.venue('restaurant');
    h maitred.venue := pg_temp.venue('hotel');
begin
    if r.id is not null then
        perform pg_temp.make_customers(r.id, 420);
        perform pg_temp.make_floor(r.id);
        perform pg_temp.make_menu(r.id, array[
            'Starters|Soup of the day|With bread|690', 'Starters|Beef tartare|Capers, egg yolk|1450',
            'Starters|Burrata|Tomatoes, basil|1190', 'Mains|Wiener schnitzel|Potato salad|2350',
            'Mains|Mushroom risotto|Parmesan|1690', 'Mains|Trout|Almonds, parsley potatoes|2190',
            'Mains|Steak frites|Café de Paris butter|2890', 'Desserts|Crème brûlée|Bourbon vanilla|790',
            'Desserts|Apple strudel|Vanilla sauce|750', 'Drinks|Riesling, 0.2 l|Mosel|850',
            'Drinks|Pilsner, 0.4 l||490', 'Drinks|Espresso||290']);
        perform pg_temp.make_present(r);
        perform pg_temp.make_reservations(r);
    end if;
    if h.id is not null then
        perform pg_temp.make_customers(h.id, 90);
        perform pg_temp.make_rooms(h.id);
        perform pg_temp.make_menu(h.id, array[
            'Breakfast|Breakfast buffet||1800', 'Breakfast|Breakfast in the room||2400',
            'Room service|Club sandwich||1450', 'Room service|Caldo verde||950',
            'Bar|Port tonic||900', 'Bar|Glass of Douro||750', 'Spa|Massage, 50 minutes||7500',
            'Spa|Day pass||2500', 'Parking|Garage, a night||1800']);
        perform pg_temp.make_bookings(h);
        perform pg_temp.make_housekeeping(h);
        perform pg_temp.make_services(h);
    end if;
    update maitred.venue v set settings = v.settings || jsonb_build_object('demo_data', maitred.iso(now()))
        where v.id in (r.id, h.id);
end $$;
reset role;
reset search_path;
