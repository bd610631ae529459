-- Hotel bookings: room types, rooms, guests and bookings out of one staged file. Set-based; every
-- step works on the temporary table import_stays, a row a booking that is worth keeping.
-- The file has no ids: the external reference is the hotel's name and the line.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, import, pg_temp;

-- Reads every row once (materialized: else each use of a word would read it again), notes why it can't be kept, and leaves the good ones in import_stays.
create or replace function import.read_stays(hotel_wanted text, minor_digits int) returns void
language plpgsql volatile
as $$
begin
    create temp table import_stays on commit drop as
    with words as materialized (
        select b.line, b.problem, import.clean(b.hotel) as hotel,
               import.to_date(import.to_int(b.year), import.month_number(b.month),
                              import.to_int(b.day)) as arrival,
               import.to_int(b.weekend_nights) + import.to_int(b.week_nights) as nights,
               import.to_int(b.adults) as adults,
               import.to_int(coalesce(import.clean(b.children), '0'))
                   + import.to_int(coalesce(import.clean(b.babies), '0')) as children,
               coalesce(import.to_int(b.lead_time), 0) as lead_days,
               import.clean(b.segment) as segment, import.clean(b.channel) as channel,
               b.repeated = '1' as repeated, import.clean(b.deposit) as deposit,
               import.to_number(b.adr) as adr, upper(import.clean(b.reserved_type)) as reserved,
               upper(import.clean(b.assigned_type)) as assigned,
               case lower(import.clean(b.status)) when 'check-out' then 'checked_out'
                   when 'canceled' then 'cancelled' when 'cancelled' then 'cancelled'
                   when 'no-show' then 'no_show' end as status,
               import.read_date(b.status_date, 'mdy') as status_date,
               b.year, b.month, b.day, b.status as status_word, b.status_date as status_date_word
        from pg_temp.import_bookings b
    ), typed as materialized (
        -- A guest who came is counted where they slept, all others where they had booked.
        select w.*, case when status = 'checked_out' then coalesce(assigned, reserved)
                         else coalesce(reserved, assigned) end as letter
        from words w
        where hotel_wanted is null or problem is not null or lower(hotel) = lower(hotel_wanted)
    )
    select t.*, hotel || ':' || line as ref, null::text as guest_ref, null::bigint as room_id,
           round(adr * power(10, minor_digits))::bigint as rate, arrival as check_in,
           arrival + nights as check_out,
           import.reasons(case when problem is not null then problem end,
               case when problem is null and hotel is null then 'no hotel' end,
               case when problem is null and arrival is null
                    then format('no such arrival date: %s-%s-%s', year, month, day) end,
               case when problem is null and nights is null then 'nights are no number' end,
               case when nights = 0 then 'a stay of no nights' end,
               case when nights < 0 or nights > 400 then 'nights out of range: ' || nights end,
               case when problem is null and (adults is null or children is null)
                    then 'guests are no number' end,
               case when adults + children = 0 then 'no guests' end,
               case when adults not between 0 and 60 or children not between 0 and 60
                    then 'guests out of range' end,
               case when problem is null and adr is null then 'the rate is no number' end,
               case when adr < 0 then 'a negative rate: ' || adr end,
               case when adr > 5000 then 'an absurd rate: ' || adr end,
               case when problem is null and coalesce(letter, '') !~ '^[A-Z0-9]{1,3}$'
                    then 'no room type' end,
               case when problem is null and status is null
                    then 'unknown status: ' || coalesce(status_word, '') end,
               case when problem is null and status_date is null
                    then 'no such status date: ' || coalesce(status_date_word, '') end) as reason
    from typed t;
    insert into pg_temp.import_rejects
        select 'import_bookings', s.line, s.reason from pg_temp.import_stays s where s.reason is not null;
    delete from pg_temp.import_stays s where s.reason is not null;
    create unique index on pg_temp.import_stays (line);
end $$;

-- A first-time guest of a hotel is a customer of their own; one marked as returning is one of
-- those who came before, chosen by the line, the same in every run.
create or replace function import.name_guests() returns void
language plpgsql volatile
as $$
begin
    update pg_temp.import_stays s
        set guest_ref = g.hotel || ':guest:' || case when g.repeated
            then 1 + (g.line::bigint * 7919) % greatest(g.firsts, 1) else g.firsts end
        from (select line, hotel, repeated,
                     count(*) filter (where not repeated) over (partition by hotel order by line) as firsts
              from pg_temp.import_stays) g
        where g.line = s.line;
end $$;

-- Moves the history, and lets what now lies ahead not have happened yet: who had come by then
-- is expected (confirmed), half of today's arrivals are still on their way, whoever is between
-- arrival and departure is in the house, and every third departure of today has yet to leave.
create or replace function import.shift_stays(days int, today date) returns void
language plpgsql volatile
as $$
begin
    update pg_temp.import_stays s set
        check_in = s.check_in + days, check_out = s.check_out + days,
        status_date = s.status_date + days;
    update pg_temp.import_stays s set status = case
        when s.check_in > today or (s.check_in = today and s.line % 2 = 0) then 'confirmed'
        when s.status = 'no_show' then 'confirmed'
        when s.check_out > today or s.line % 3 = 0 then 'checked_in'
        else s.status end
        where (s.status = 'checked_out' and s.check_out >= today)
           or (s.status = 'no_show' and s.check_in >= today);
end $$;

-- 'A=40,B=3' as rows.
create or replace function import.room_counts(option text) returns table (letter text, rooms int)
language plpgsql immutable
as $$
declare part text;
begin
    foreach part in array coalesce(string_to_array(option, ','), '{}') loop
        if part !~ '^\s*[A-Za-z0-9]{1,3}\s*=\s*[0-9]{1,4}\s*$' then
            perform maitred.fail(422, 'invalid_field', 'Rooms are written TYPE=NUMBER,TYPE=NUMBER.');
        end if;
        letter := upper(btrim(split_part(part, '=', 1)));
        rooms := btrim(split_part(part, '=', 2))::int;
        return next;
    end loop;
end $$;

create or replace function import.add_room_types(v bigint) returns bigint
language plpgsql volatile
as $$
declare n bigint;
begin
    insert into maitred.room_type (venue, name, description, base_price, capacity, external_ref)
        select v, 'Room type ' || s.letter, '',
               coalesce(percentile_disc(0.5) within group (order by s.rate) filter (where s.rate > 0), 0),
               least(20, greatest(2, percentile_disc(0.95) within group (order by s.adults + s.children))),
               'type:' || s.letter
        from pg_temp.import_stays s group by s.letter order by s.letter
        on conflict do nothing;
    get diagnostics n = row_count;
    return n;
end $$;

-- The id of each letter's type: ours, or one that the venue had by that name.
create or replace function import.room_type_of(v bigint, letter text) returns bigint
language sql stable
as $$ select t.id from maitred.room_type t
    where t.venue = v and (t.external_ref = 'type:' || letter or (t.active and t.name = 'Room type ' || letter))
    order by (t.external_ref is null) limit 1 $$;

-- As many rooms a type as its fullest night held, one at least: guests who stayed, are here or
-- are to come, with what the venue holds already. Departures of a day come before arrivals.
create or replace function import.add_rooms(v bigint, option text) returns bigint
language plpgsql volatile
as $$
declare n bigint;
begin
    create temp table import_room_need on commit drop as
    with kinds as (
        select s.letter, import.room_type_of(v, s.letter) as type_id
        from pg_temp.import_stays s group by s.letter
    ), held as (
        select k.letter, s.check_in, s.check_out from pg_temp.import_stays s join kinds k using (letter)
            where s.status not in ('cancelled', 'no_show')
        union all
        select k.letter, b.check_in, b.check_out from maitred.booking b join kinds k on k.type_id = b.room_type_id
            where b.venue = v and b.status not in ('cancelled', 'no_show')
    ), steps as (
        select letter, day, sum(step) over (partition by letter order by day, step) as level
        from (select letter, check_in as day, 1 as step from held
              union all select letter, check_out, -1 from held) e
    )
    select k.letter, k.type_id,
           greatest(coalesce(max(o.rooms), max(s.level), 1), 1)::int as wanted,
           (select count(*) from maitred.room r where r.venue = v and r.room_type_id = k.type_id)::int as present
    from kinds k left join steps s using (letter)
    left join import.room_counts(option) o using (letter)
    group by k.letter, k.type_id;
    -- Twenty rooms on a floor: A101 .. A120, A201 ..
    insert into maitred.room (venue, room_type_id, number, floor)
        select v, r.type_id, r.letter || 1 + (i - 1) / 20 || to_char((i - 1) % 20 + 1, 'FM00'),
               1 + (i - 1) / 20
        from pg_temp.import_room_need r, generate_series(r.present + 1, r.wanted) i
        order by r.letter, i
        on conflict do nothing;
    get diagnostics n = row_count;
    return n;
end $$;

-- A room for everybody who stayed or will: in order of arrival, the first that is free by then.
-- That needs no more rooms than the fullest night. A room that holds bookings already counts as
-- free after the last of them.
create or replace function import.assign_rooms(v bigint) returns void
language plpgsql volatile
as $$
declare
    kind record;
    stay record;
    rooms bigint[];
    free_from date[];
begin
    create temp table import_room_taken (line int, room_id bigint) on commit drop;
    for kind in select * from pg_temp.import_room_need loop
        select array_agg(r.id order by r.number), array_agg(coalesce(h.until, date '1900-01-01') order by r.number)
            into rooms, free_from
            from maitred.room r left join lateral (
                select max(b.check_out) as until from maitred.booking b
                where b.venue = v and b.room_id = r.id and b.status not in ('cancelled', 'no_show')) h on true
            where r.venue = v and r.room_type_id = kind.type_id and not r.out_of_order;
        continue when rooms is null;
        for stay in select s.line, s.check_in, s.check_out from pg_temp.import_stays s
                    where s.letter = kind.letter and s.status not in ('cancelled', 'no_show')
                    order by s.check_in, s.line
        loop
            for i in 1 .. cardinality(rooms) loop
                if free_from[i] <= stay.check_in then
                    free_from[i] := stay.check_out;
                    insert into pg_temp.import_room_taken values (stay.line, rooms[i]);
                    exit;
                end if;
            end loop;
        end loop;
    end loop;
    update pg_temp.import_stays s set room_id = t.room_id
        from pg_temp.import_room_taken t where t.line = s.line;
end $$;

-- Phone numbers stand under +999, a country code that nobody has.
create or replace function import.add_guests(v bigint) returns bigint
language plpgsql volatile
as $$
declare n bigint;
begin
    insert into maitred.customer (venue, name, phone, email, external_ref, created_at)
        select v, import.guest_name(g.guest_ref),
               '+999 ' || 100 + import.pick(g.hotel, 900) || ' ' || to_char(g.no, 'FM000000'),
               case when import.pick(g.guest_ref || '/mail', 3) > 0
                    then 'guest' || g.no || '.' || import.pick(g.hotel, 900) || '@example.org' end,
               g.guest_ref, g.since
        from (select s.guest_ref, s.hotel, split_part(s.guest_ref, ':guest:', 2)::int as no,
                     min(least((s.check_in - s.lead_days)::timestamptz, now())) as since
              from pg_temp.import_stays s group by 1, 2, 3) g
        order by g.hotel, g.no
        on conflict do nothing;
    get diagnostics n = row_count;
    return n;
end $$;

-- Where a booking came from, in the venue's own words. Travel agents, online or not, are
-- partners; a direct guest without notice walked in.
create or replace function import.source_of(segment text, channel text, lead_days int) returns text
language plpgsql immutable parallel safe
as $$ begin return case
    when segment = 'Direct' and lead_days = 0 then 'walk_in'
    when segment in ('Online TA', 'Offline TA/TO') then 'partner'
    when segment in ('Groups', 'Corporate', 'Complementary') then 'phone'
    when segment = 'Direct' then 'website'
    when channel in ('TA/TO', 'GDS') then 'partner'
    when channel = 'Corporate' then 'phone'
    else 'website' end; end $$;

create or replace function import.add_bookings(v bigint) returns bigint
language plpgsql volatile
as $$
declare n bigint;
begin
    insert into maitred.booking (venue, guest_name, customer_id, room_type_id, room_id, check_in,
            check_out, adults, children, status, nightly_rate, total_amount, payment_status, source,
            created_at, updated_at, external_ref)
        select v, import.guest_name(s.guest_ref), c.id, r.type_id, s.room_id, s.check_in, s.check_out,
               s.adults, s.children, s.status, s.rate, s.rate * s.nights,
               case when s.status = 'cancelled' and s.deposit = 'Refundable' then 'refunded'
                    when s.status = 'checked_out' or s.deposit = 'Non Refund' then 'paid'
                    -- An agency has its guests' money before they come.
                    when s.status in ('confirmed', 'checked_in')
                         and import.source_of(s.segment, s.channel, s.lead_days) = 'partner' then 'paid'
                    else 'pending' end,
               import.source_of(s.segment, s.channel, s.lead_days),
               -- The file knows the day of booking only; nobody books in the future.
               least(b.booked, now() - s.line % 28 * interval '1 day'),
               greatest(least(b.booked, now() - s.line % 28 * interval '1 day'),
                        least(s.status_date + time '12:00', now() at time zone x.timezone)
                            at time zone x.timezone),
               s.ref
        from pg_temp.import_stays s
        join maitred.venue x on x.id = v
        join pg_temp.import_room_need r using (letter)
        left join maitred.customer c on c.venue = v and c.external_ref = s.guest_ref,
             lateral (select (s.check_in - s.lead_days + time '08:00'
                              + s.line * 37 % 720 * interval '1 minute') at time zone x.timezone as booked) b
        order by s.line;
    get diagnostics n = row_count;
    return n;
end $$;

create or replace function import.bookings(slug text, options jsonb)
returns table (what text, n bigint)
language plpgsql volatile security definer set search_path = pg_catalog, maitred, import, pg_temp
as $$
declare
    v bigint := import.ready('bookings', slug);
    days int;
    types bigint := 0;
    rooms bigint := 0;
    guests bigint := 0;
    added bigint := 0;
    present bigint;
begin
    perform import.read_stays(options ->> 'hotel', maitred.currency_digits(x.currency))
        from maitred.venue x where x.id = v;
    perform import.name_guests();
    select import.shift_days(options ->> 'shift', max(s.check_in), maitred.today(v)) into days
        from pg_temp.import_stays s;
    delete from pg_temp.import_stays s using maitred.booking b
        where b.venue = v and b.external_ref = s.ref;
    get diagnostics present = row_count;
    if exists (select from pg_temp.import_stays) then
        perform import.shift_stays(coalesce(days, 0), maitred.today(v));
        types := import.add_room_types(v);
        rooms := import.add_rooms(v, options ->> 'rooms');
        perform import.assign_rooms(v);
        guests := import.add_guests(v);
        added := import.add_bookings(v);
        -- So that the first questions after the commit are not planned for an empty venue.
        analyze maitred.booking, maitred.customer, maitred.room, maitred.room_type_night;
    end if;
    return query values ('room types added', types), ('rooms added', rooms),
        ('guests added', guests), ('bookings added', added), ('bookings there already', present),
        ('days shifted', coalesce(days, 0)::bigint);
end $$;
