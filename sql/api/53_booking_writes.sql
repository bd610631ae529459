-- Taking and changing bookings. That no night is sold beyond the rooms, that no room holds two
-- bookings of one night, and which steps are allowed are rules of the tables (sql/rules/rooms.sql);
-- these functions lock, reckon what was not said, and say no in words. The steps into the house and
-- out of it are in 54_stays.sql. Rows are locked in one order everywhere: booking, room, type, nights.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('booking_name_length', 422, 'invalid_field', 'guestName must have 1 to 100 characters.', 'guestName'),
    ('booking_adults_range', 422, 'invalid_field', 'adults must be from 0 to 60.', 'adults'),
    ('booking_children_range', 422, 'invalid_field', 'children must be from 0 to 60.', 'children'),
    ('booking_status_known', 422, 'invalid_field', 'There is no such status.', 'status'),
    ('booking_rate_range', 422, 'invalid_field', 'nightlyRate must not be negative.', 'nightlyRate'),
    ('booking_total_range', 422, 'invalid_field', 'totalAmount must not be negative.', 'totalAmount'),
    ('booking_source_mask', 422, 'invalid_field', 'source must be website, mobile, phone, walk_in or partner.', 'source'),
    ('booking_requests_length', 422, 'invalid_field', 'specialRequests must have no more than 1000 characters.', 'specialRequests'),
    ('booking_phone_mask', 422, 'invalid_field', 'contactNumber must be 3 to 32 digits, blanks and + ( ) . / -', 'contactNumber'),
    ('booking_email_mask', 422, 'invalid_field', 'email must be an address.', 'email')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

-- Locks the caller's booking, or 404; with a version, refuses one that has moved on.
create or replace function maitred.take_booking(
    caller api.caller, id bigint, version bigint default null)
returns maitred.booking language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare b maitred.booking;
begin
    select * into b from maitred.booking x
        where x.venue = caller.venue and x.id = take_booking.id for no key update;
    if b.id is null then perform maitred.fail_no_booking(); end if;
    if version is not null and version <> b.version then
        perform maitred.fail(409, 'version_conflict',
            format('The booking has changed: it is at version %s, not %s.', b.version, version),
            'version', maitred.booking_seen(caller, b.id));
    end if;
    return b;
end $$;

create or replace function maitred.booking_answer(
    caller api.caller, status int, id bigint, location text default null)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare a api.answer := maitred.written(caller, status, null, location);
begin
    a.body := maitred.booking_seen(caller, id)::text;
    return a;
end $$;

-- The range of nights would not even make a row.
create or replace function maitred.check_nights(check_in date, check_out date) returns void
language plpgsql stable
as $$
begin
    if check_out <= check_in or check_out - check_in > 400 then
        perform maitred.fail(422, 'invalid_field',
            'checkOut must be after checkIn, and no more than 400 nights.', 'checkOut');
    end if;
end $$;

-- Who comes: `guests` alone are adults beside the children that are known of.
create or replace function maitred.party(
    guests bigint, adults bigint, children bigint, known_adults bigint, known_children bigint,
    out grown bigint, out small bigint)
language plpgsql stable
as $$
begin
    small := coalesce(children, known_children, 0);
    grown := coalesce(adults, guests - small, known_adults, 0);
    if grown < 0 or guests <> grown + small then
        perform maitred.fail(422, 'invalid_field',
            format('guests must be adults (%s) and children (%s) together.', greatest(grown, 0), small), 'guests');
    elsif grown + small = 0 then
        perform maitred.fail(422, 'missing_field', 'Say guests, or adults and children.', 'guests');
    end if;
end $$;

-- A room that somebody names: the venue's, locked, and of the type that is sold.
create or replace function maitred.use_room(caller api.caller, room_id bigint, type_id bigint)
returns maitred.room language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare r maitred.room := maitred.take_room(caller, room_id, null, 'roomId');
begin
    if r.room_type_id <> type_id then
        perform maitred.fail(422, 'room_of_other_type',
            format('Room %s is of another type than the one booked; change roomTypeId too.', r.number), 'roomId');
    end if;
    return r;
end $$;

create or replace function api.booking_create(
    p_caller api.caller, p_guest_name text, p_room_type_id bigint, p_room_id bigint, p_check_in date,
    p_check_out date, p_guests bigint, p_adults bigint, p_children bigint, p_nightly_rate numeric,
    p_total_amount numeric, p_source text, p_contact_number text, p_email text,
    p_special_requests text, p_status text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    t maitred.room_type := maitred.known_type(p_caller, p_room_type_id, 'roomTypeId');
    rate bigint := coalesce(maitred.minor(p_nightly_rate, v.currency), t.base_price);
    who record := maitred.party(p_guests, p_adults, p_children, null, null);
    new_id bigint;
begin
    perform feed.act_as(p_caller);
    perform maitred.check_nights(p_check_in, p_check_out);
    if coalesce(p_status, 'pending') not in ('pending', 'confirmed') then
        perform maitred.fail(422, 'invalid_field', 'A new booking is pending or confirmed.', 'status');
    end if;
    if p_room_id is not null then perform maitred.use_room(p_caller, p_room_id, t.id); end if;
    insert into maitred.booking as b (
            venue, guest_name, customer_id, room_type_id, room_id, check_in, check_out, adults, children,
            nightly_rate, total_amount, source, contact_number, email, special_requests, status)
        values (v.id, p_guest_name,
            maitred.customer_for(p_caller, p_guest_name, p_contact_number, p_email), t.id, p_room_id,
            p_check_in, p_check_out, who.grown, who.small, rate,
            coalesce(maitred.minor(p_total_amount, v.currency), rate * (p_check_out - p_check_in)),
            coalesce(p_source, 'website'), p_contact_number, p_email, nullif(p_special_requests, ''),
            coalesce(p_status, 'pending'))
        returning b.id into new_id;
    return maitred.booking_answer(p_caller, 201, new_id, '/api/hotel/bookings/bkg' || new_id);
end $$;

-- ---------------------------------------------------------------- changing

-- What is over keeps its facts: only its status may still change, where a step allows it.
create or replace function maitred.refuse_change_of_stay(b maitred.booking, arrival date) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if b.status in ('checked_out', 'cancelled', 'no_show') then
        perform maitred.fail(409, 'booking_closed', format('The booking is %s.', b.status));
    elsif b.status = 'checked_in' and arrival <> b.check_in then
        perform maitred.fail(409, 'booking_checked_in', 'The guest has arrived already.', 'checkIn');
    end if;
end $$;

-- The room after the change: the one that is named; none when it is released, or when the type
-- becomes another and no room of that is named. A guest in the house is never without one.
create or replace function maitred.next_room(
    caller api.caller, b maitred.booking, type_id bigint, wanted bigint, release boolean, allow_dirty boolean)
returns bigint language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare r maitred.room;
begin
    if wanted is not null and wanted is distinct from b.room_id then
        r := maitred.use_room(caller, wanted, type_id);
        if b.status = 'checked_in' then perform maitred.refuse_unready(r, allow_dirty); end if;
        return r.id;
    elsif (coalesce(release, false) and wanted is null) or type_id <> b.room_type_id then
        if b.status = 'checked_in' then
            perform maitred.fail(409, 'booking_checked_in', 'A guest in the house needs a room; name one.', 'roomId');
        end if;
        return null;
    end if;
    return b.room_id;
end $$;

-- Other nights or another rate make another total, unless one is named.
create or replace function maitred.next_total(
    b maitred.booking, rate bigint, nights int, named bigint) returns bigint
language sql immutable parallel safe
as $$ select coalesce(named, case when rate <> b.nightly_rate or nights <> b.check_out - b.check_in
                                  then rate * nights else b.total_amount end) $$;

create or replace function api.booking_update(
    p_caller api.caller, p_id bigint, p_guest_name text, p_room_type_id bigint, p_room_id bigint,
    p_release_room boolean, p_check_in date, p_check_out date, p_guests bigint, p_adults bigint,
    p_children bigint, p_nightly_rate numeric, p_total_amount numeric, p_source text,
    p_contact_number text, p_email text, p_special_requests text, p_status text,
    p_allow_dirty boolean, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    b maitred.booking;
    type_id bigint;
    place bigint;
    rate bigint;
    first_day date;
    departure date;
    who record;
    arrives boolean;
begin
    perform feed.act_as(p_caller);
    b := maitred.take_booking(p_caller, p_id, p_version);
    first_day := coalesce(p_check_in, b.check_in);
    departure := coalesce(p_check_out, b.check_out);
    rate := coalesce(maitred.minor(p_nightly_rate, v.currency), b.nightly_rate);
    arrives := p_status = 'checked_in' and b.status <> 'checked_in';
    -- A room named with the arrival is the arrival's.
    place := case when not coalesce(arrives, false) or p_room_type_id is not null then p_room_id end;
    if num_nonnulls(p_guest_name, p_room_type_id, place, p_release_room, p_check_in, p_check_out,
                    p_guests, p_adults, p_children, p_nightly_rate, p_total_amount, p_source,
                    p_contact_number, p_email, p_special_requests) > 0 then
        perform maitred.refuse_change_of_stay(b, first_day);
    end if;
    perform maitred.check_nights(first_day, departure);
    type_id := case when p_room_type_id is null then b.room_type_id
                    else (maitred.known_type(p_caller, p_room_type_id, 'roomTypeId')).id end;
    place := maitred.next_room(p_caller, b, type_id, place, p_release_room, p_allow_dirty);
    who := maitred.party(p_guests, p_adults, p_children, b.adults, b.children);
    update maitred.booking x set
            customer_id = case when p_contact_number is null then x.customer_id else
                maitred.customer_for(p_caller, coalesce(p_guest_name, x.guest_name),
                                     p_contact_number, coalesce(p_email, x.email)) end,
            guest_name = coalesce(p_guest_name, x.guest_name),
            contact_number = coalesce(p_contact_number, x.contact_number),
            email = coalesce(p_email, x.email), room_type_id = type_id, room_id = place,
            check_in = first_day, check_out = departure,
            -- Moved to a later day, it is announced again.
            upcoming_sent_at = case when first_day > x.check_in then null else x.upcoming_sent_at end,
            adults = who.grown, children = who.small, nightly_rate = rate,
            total_amount = maitred.next_total(b, rate, departure - first_day,
                                              maitred.minor(p_total_amount, v.currency)),
            source = coalesce(p_source, x.source),
            special_requests = case when p_special_requests is null then x.special_requests
                                    else nullif(p_special_requests, '') end,
            status = case when arrives then x.status else coalesce(p_status, x.status) end
        where x.venue = v.id and x.id = b.id
        returning * into b;
    if arrives then
        perform maitred.arrive(p_caller, v, b, p_room_id, p_allow_dirty);
    end if;
    return maitred.booking_answer(p_caller, 200, p_id);
end $$;
