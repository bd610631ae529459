-- Into the house and out of it: POST /api/hotel/bookings/{id}/check-in, /check-out, /cancel, /no-show.
--
-- A guest is given the room that is named, else the booking's, else one of the type that is ready and
-- free for the whole stay, inspected ones first. A dirty room is refused (409 room_not_ready) unless
-- the desk says allowDirty; one that is out of order, or that somebody is still in, is refused always.
-- Checking out leaves the room dirty (a rule of the table). Dates and amounts stay as agreed.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.refuse_unready(r maitred.room, allow_dirty boolean) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if r.out_of_order then
        perform maitred.fail(409, 'room_out_of_order', format('Room %s is out of order.', r.number),
                             'roomId', maitred.room_json(r.venue, r.id));
    elsif r.housekeeping = 'dirty' and not coalesce(allow_dirty, false) then
        perform maitred.fail(409, 'room_not_ready',
            format('Room %s is dirty; allowDirty gives it all the same.', r.number),
            'roomId', maitred.room_json(r.venue, r.id));
    end if;
end $$;

-- Free on all nights of this booking, and nobody in it who should have left.
create or replace function maitred.room_is_free(b maitred.booking, room_id bigint) returns boolean
language sql stable parallel safe
as $$ select not exists (select from maitred.booking x where x.venue = b.venue and x.room_id = $2
                         and x.id <> b.id and x.nights && b.nights
                         and x.status in ('pending', 'confirmed', 'checked_in'))
          and not maitred.in_room(b.venue, $2, b.id) $$;

create or replace function maitred.rooms_ready(b maitred.booking, housekeeping text[])
returns setof maitred.room language sql stable parallel safe
as $$ select r.* from maitred.room r
    where r.venue = b.venue and r.room_type_id = b.room_type_id and not r.out_of_order
      and r.housekeeping = any ($2) and maitred.room_is_free(b, r.id)
    order by r.housekeeping <> 'inspected', r.floor, length(r.number), r.number $$;

-- First whatever nobody else is about to take; only when that gives nothing, waits for the others.
-- What is seen behind the lock decides.
create or replace function maitred.pick_room(b maitred.booking) returns bigint
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    patient boolean;
    candidate bigint;
    r maitred.room;
begin
    foreach patient in array array[false, true] loop
        for candidate in select x.id from maitred.rooms_ready(b, '{clean,inspected}') x loop
            if patient then
                select * into r from maitred.room x
                    where x.venue = b.venue and x.id = candidate for no key update;
            else
                select * into r from maitred.room x
                    where x.venue = b.venue and x.id = candidate for no key update skip locked;
            end if;
            if r.room_type_id = b.room_type_id and not r.out_of_order and r.housekeeping <> 'dirty'
               and maitred.room_is_free(b, candidate) then
                return candidate;
            end if;
        end loop;
    end loop;
    return null;
end $$;

-- The rooms that would do but for the cleaning.
create or replace function maitred.refuse_no_room(b maitred.booking) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform maitred.fail(409, 'no_room_ready', format('No %s is clean and free for the whole stay.',
            (select t.name from maitred.room_type t where t.venue = b.venue and t.id = b.room_type_id)),
        'roomId', jsonb_build_object('dirty', (
            select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'number', r.number)), '[]')
            from maitred.rooms_ready(b, '{dirty}') r)));
end $$;

-- Not before the day of arrival (of the business day or of the calendar: nights are short), not
-- when the stay is over.
create or replace function maitred.refuse_day(caller api.caller, v maitred.venue, b maitred.booking) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare today date := maitred.today(v.id);
begin
    if b.check_in > greatest(today, (clock_timestamp() at time zone v.timezone)::date) then
        perform maitred.fail(409, 'arrives_later',
            format('The booking is for %s; change checkIn if the guest is here already.', b.check_in),
            'checkIn', maitred.booking_seen(caller, b.id));
    elsif b.check_out <= today then
        perform maitred.fail(409, 'stay_over', format('The stay was over on %s.', b.check_out),
            'checkOut', maitred.booking_seen(caller, b.id));
    end if;
end $$;

-- The arrival itself. `b` is locked.
create or replace function maitred.arrive(
    caller api.caller, v maitred.venue, b maitred.booking, wanted bigint, allow_dirty boolean)
returns void language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare place bigint := coalesce(wanted, b.room_id);
begin
    perform from maitred.transition x
        where x.kind = 'booking' and x.from_status = b.status and x.to_status = 'checked_in';
    if not found then perform maitred.refuse_step('booking', b.status, 'checked_in'); end if;
    perform maitred.refuse_day(caller, v, b);
    if place is null then
        place := maitred.pick_room(b);
        if place is null then perform maitred.refuse_no_room(b); end if;
    elsif place is distinct from b.room_id then
        perform maitred.refuse_unready(maitred.use_room(caller, place, b.room_type_id), allow_dirty);
    else
        perform maitred.refuse_unready(maitred.take_room(caller, place), allow_dirty);
    end if;
    update maitred.booking x set status = 'checked_in', room_id = place
        where x.venue = b.venue and x.id = b.id;
end $$;

create or replace function api.booking_check_in(
    p_caller api.caller, p_id bigint, p_room_id bigint, p_allow_dirty boolean, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    perform feed.act_as(p_caller);
    perform maitred.arrive(p_caller, v, maitred.take_booking(p_caller, p_id, p_version), p_room_id, p_allow_dirty);
    return maitred.booking_answer(p_caller, 200, p_id);
end $$;

-- One other step; the reason goes to the history. The step itself is checked by the table.
create or replace function maitred.booking_step(
    caller api.caller, id bigint, status text, reason text, version bigint)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare b maitred.booking;
begin
    perform feed.act_as(caller);
    b := maitred.take_booking(caller, id, version);
    if b.status = booking_step.status then
        perform maitred.refuse_step('booking', b.status, booking_step.status);
    end if;
    perform set_config('maitred.note', coalesce(reason, ''), true);
    update maitred.booking x set status = booking_step.status
        where x.venue = caller.venue and x.id = b.id;
    perform set_config('maitred.note', '', true);
    return maitred.booking_answer(caller, 200, b.id);
end $$;

create or replace function api.booking_check_out(p_caller api.caller, p_id bigint, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$ begin return maitred.booking_step(p_caller, p_id, 'checked_out', null, p_version); end $$;

create or replace function api.booking_cancel(
    p_caller api.caller, p_id bigint, p_reason text, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$ begin return maitred.booking_step(p_caller, p_id, 'cancelled', p_reason, p_version); end $$;

create or replace function api.booking_no_show(p_caller api.caller, p_id bigint, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$ begin return maitred.booking_step(p_caller, p_id, 'no_show', null, p_version); end $$;
