-- Rules of rooms and bookings. maitred.room_type_night holds how many rooms of a type are sold
-- for each night. A statement on bookings changes it by its own difference, night by night in
-- ascending order: the row locks let only one writer at a time sell a night, and the sum after
-- that lock is checked against the rooms that can be sold plus the venue's allowance.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.is_live_booking(status text) returns boolean
language sql immutable strict parallel safe
as $$ select status in ('pending', 'confirmed', 'checked_in') $$;

-- Rooms of a type that can be sold.
create or replace function maitred.sellable_rooms(venue bigint, room_type_id bigint) returns bigint
language plpgsql stable parallel safe
as $$
begin
    return (select count(*) from maitred.room r
            where r.venue = sellable_rooms.venue and r.room_type_id = sellable_rooms.room_type_id
              and not r.out_of_order);
end $$;

create or replace function maitred.overbooking_allowance(venue bigint) returns bigint
language plpgsql stable parallel safe
as $$
begin
    return (select coalesce((v.settings ->> 'overbooking_allowance')::bigint, 0)
            from maitred.venue v where v.id = overbooking_allowance.venue);
end $$;

create or replace function maitred.refuse_oversold(venue bigint, room_type_id bigint, nights date[])
returns void language plpgsql stable
as $$
begin
    perform maitred.fail(409, 'room_type_sold_out', format(
        'No %s is left for %s.',
        (select t.name from maitred.room_type t
         where t.venue = refuse_oversold.venue and t.id = refuse_oversold.room_type_id),
        array_to_string(nights[1:5], ', ') || case when cardinality(nights) > 5 then ', ...' else '' end),
        'roomTypeId', jsonb_build_object('nights', to_jsonb(nights)));
end $$;

-- Applies differences in ascending order and refuses what would be sold beyond the rooms.
-- Only nights that got fuller are checked: cancelling is always possible, even while a room
-- that broke down leaves its type oversold.
create or replace function maitred.sell_nights(changes maitred.night_change[]) returns void
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare bad record;
begin
    -- Held against a room that is taken away from the type at the same time (see below).
    perform from maitred.room_type t
        where (t.venue, t.id) in (select c.venue, c.room_type_id from unnest(changes) c)
        order by t.venue, t.id for key share;
    insert into maitred.room_type_night as n (venue, room_type_id, night, sold)
        select c.venue, c.room_type_id, c.night, c.change
        from unnest(changes) c order by c.venue, c.room_type_id, c.night
        on conflict (venue, room_type_id, night) do update set sold = n.sold + excluded.sold;
    -- Materialized: the rooms are counted once a type, not once a night.
    with rooms as materialized (
        select k.venue, k.room_type_id, maitred.sellable_rooms(k.venue, k.room_type_id)
                                        + maitred.overbooking_allowance(k.venue) as number
        from (select distinct c.venue, c.room_type_id from unnest(changes) c where c.change > 0) k)
    select n.venue, n.room_type_id, array_agg(n.night order by n.night) as nights into bad
        from rooms r
        join unnest(changes) c using (venue, room_type_id)
        join maitred.room_type_night n using (venue, room_type_id, night)
        where c.change > 0 and n.sold > r.number
        group by n.venue, n.room_type_id limit 1;
    if found then perform maitred.refuse_oversold(bad.venue, bad.room_type_id, bad.nights); end if;
end $$;

create or replace function maitred.nights_sold() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform maitred.sell_nights(array_agg((venue, room_type_id, night, change)::maitred.night_change))
        from (select b.venue, b.room_type_id, b.check_in + g as night, count(*)::int as change
              from new_rows b, generate_series(0, b.check_out - b.check_in - 1) g
              where maitred.is_live_booking(b.status)
              group by 1, 2, 3) d
        having count(*) > 0;
    return null;
end $$;

create or replace function maitred.nights_freed() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform maitred.sell_nights(array_agg((venue, room_type_id, night, change)::maitred.night_change))
        from (select b.venue, b.room_type_id, b.check_in + g as night, -count(*)::int as change
              from old_rows b, generate_series(0, b.check_out - b.check_in - 1) g
              where maitred.is_live_booking(b.status)
              group by 1, 2, 3) d
        having count(*) > 0 and not bool_and(maitred.erasing(d.venue));
    return null;
end $$;

create or replace function maitred.nights_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform maitred.sell_nights(array_agg((venue, room_type_id, night, change)::maitred.night_change))
        from (select venue, room_type_id, b.check_in + g as night, sum(sign)::int as change
              from (select venue, room_type_id, check_in, check_out, 1 as sign from new_rows
                        where maitred.is_live_booking(status)
                    union all
                    select venue, room_type_id, check_in, check_out, -1 from old_rows
                        where maitred.is_live_booking(status)) b,
                   generate_series(0, b.check_out - b.check_in - 1) g
              group by 1, 2, 3 having sum(sign) <> 0) d
        having count(*) > 0;
    return null;
end $$;

create or replace trigger n_sold after insert on maitred.booking
    referencing new table as new_rows
    for each statement execute function maitred.nights_sold();
create or replace trigger n_freed after delete on maitred.booking
    referencing old table as old_rows
    for each statement execute function maitred.nights_freed();
create or replace trigger n_changed after update on maitred.booking
    referencing old table as old_rows new table as new_rows
    for each statement execute function maitred.nights_changed();

-- ---------------------------------------------------------------- the room of a booking

-- Is another guest in the room, whatever nights were booked?
create or replace function maitred.in_room(venue bigint, room_id bigint, but bigint) returns boolean
language sql stable parallel safe
as $$ select exists (select from maitred.booking b where b.venue = $1 and b.status = 'checked_in'
                     and b.room_id = $2 and b.id <> $3) $$;

-- Whoever puts a live booking into a room locks the room first: two inserts that only met in the
-- exclusion constraint would wait for each other.
create or replace function maitred.booking_room() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare r maitred.room;
begin
    select * into r from maitred.room x
        where x.venue = new.venue and x.id = new.room_id for no key update;
    if r.out_of_order and (tg_op = 'INSERT' or old.room_id is distinct from new.room_id) then
        perform maitred.fail(409, 'room_out_of_order', format('Room %s is out of order.', r.number),
                             'roomId', maitred.room_json(r.venue, r.id));
    end if;
    -- Whoever has overstayed is no longer in the way of the nights, but of the guest.
    if new.status = 'checked_in'
       and (tg_op = 'INSERT' or old.status <> 'checked_in' or old.room_id is distinct from new.room_id)
       and maitred.in_room(new.venue, new.room_id, new.id) then
        perform maitred.fail(409, 'room_occupied', format('There is still a guest in room %s.', r.number),
                             'roomId', maitred.room_json(r.venue, r.id));
    end if;
    return new;
end $$;
create or replace trigger c_room_new before insert on maitred.booking
    for each row when (new.room_id is not null and new.external_ref is null
                       and new.status in ('pending', 'confirmed', 'checked_in'))
    execute function maitred.booking_room();
create or replace trigger c_room_changed
    before update of room_id, check_in, check_out, status on maitred.booking
    for each row when (new.room_id is not null and new.status in ('pending', 'confirmed', 'checked_in')
        and (old.room_id, old.check_in, old.check_out, old.status) is distinct from
            (new.room_id, new.check_in, new.check_out, new.status))
    execute function maitred.booking_room();

-- Whoever leaves a room leaves it dirty: by checking out, or by moving to another.
create or replace function maitred.room_left() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    update maitred.room r set housekeeping = 'dirty'
        where r.venue = old.venue and r.id = old.room_id and r.housekeeping <> 'dirty';
    return null;
end $$;
create or replace trigger f_checkout after update of status on maitred.booking
    for each row when (old.status = 'checked_in' and new.status = 'checked_out'
                       and old.room_id is not null)
    execute function maitred.room_left();
create or replace trigger f_moved after update of room_id on maitred.booking
    for each row when (old.status = 'checked_in' and new.status = 'checked_in'
                       and old.room_id is distinct from new.room_id and old.room_id is not null)
    execute function maitred.room_left();
drop function if exists maitred.room_after_checkout();

-- A room is not removed from its type (deleted, or given to another type) while the nights to
-- come are sold beyond what would be left. That it breaks down (out_of_order) is a fact.
create or replace function maitred.room_leaves_type() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare nights date[];
begin
    if maitred.erasing(old.venue) then return null; end if;
    -- Waits for bookings of the type that are under way, and they for this.
    perform from maitred.room_type t
        where t.venue = old.venue and t.id = old.room_type_id for update;
    select array_agg(n.night order by n.night) into nights from maitred.room_type_night n
        where n.venue = old.venue and n.room_type_id = old.room_type_id
          and n.night >= maitred.today(old.venue)
          and n.sold > maitred.sellable_rooms(old.venue, old.room_type_id)
                       + maitred.overbooking_allowance(old.venue);
    if nights is not null then
        perform maitred.refuse_oversold(old.venue, old.room_type_id, nights);
    end if;
    return null;
end $$;
create or replace trigger m_type_changed after update of room_type_id on maitred.room
    for each row when (old.room_type_id <> new.room_type_id)
    execute function maitred.room_leaves_type();
create or replace trigger m_type_deleted after delete on maitred.room
    for each row execute function maitred.room_leaves_type();

-- ---------------------------------------------------------------- a type that ends

-- A type is deleted (not active) only when it has no rooms and no live bookings. The lock waits for
-- bookings and rooms of the type that are under way, and they for this. The trigger's letter puts it
-- behind the room's own lock: rooms are locked before types everywhere.
create or replace function maitred.type_ends() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    numbers text[];
    n bigint;
begin
    perform from maitred.room_type t where t.venue = new.venue and t.id = new.id for update;
    select array_agg(r.number order by r.floor, r.number) into numbers from maitred.room r
        where r.venue = new.venue and r.room_type_id = new.id;
    select count(*) into n from maitred.booking b
        where b.venue = new.venue and b.room_type_id = new.id
          and b.status in ('pending', 'confirmed', 'checked_in');
    if numbers is null and n = 0 then return null; end if;
    perform maitred.fail(409, 'room_type_in_use',
        format('%s still has %s rooms and %s bookings to come.', new.name, coalesce(cardinality(numbers), 0), n),
        null, jsonb_build_object('rooms', to_jsonb(coalesce(numbers[1:20], '{}')), 'bookings', n));
end $$;
create or replace trigger m_type_ends after update of active on maitred.room_type
    for each row when (old.active and not new.active) execute function maitred.type_ends();

create or replace function maitred.type_is_there() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare there boolean;
begin
    select t.active into there from maitred.room_type t
        where t.venue = new.venue and t.id = new.room_type_id for key share;
    if not there then
        perform maitred.fail(409, 'room_type_deleted', 'The room type has been deleted.', 'roomTypeId');
    end if;
    return new;
end $$;
create or replace trigger d_type_new before insert on maitred.room
    for each row execute function maitred.type_is_there();
create or replace trigger d_type_changed before update of room_type_id on maitred.room
    for each row when (old.room_type_id <> new.room_type_id) execute function maitred.type_is_there();
create or replace trigger d_type_new before insert on maitred.booking
    for each row when (new.external_ref is null) execute function maitred.type_is_there();
create or replace trigger d_type_changed before update of room_type_id on maitred.booking
    for each row when (old.room_type_id <> new.room_type_id) execute function maitred.type_is_there();

-- ---------------------------------------------------------------- what is paid of a booking

-- Another total, another word for what was paid. Without payments the word is whoever's set it.
create or replace function maitred.booking_total() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    new.payment_status := coalesce((
        select maitred.paid_word(new.total_amount,
                   coalesce(sum(p.amount) filter (where p.status = 'completed'), 0)::bigint,
                   coalesce(sum(p.amount) filter (where p.status = 'refunded'), 0)::bigint)
        from maitred.payment p where p.venue = new.venue and p.booking_id = new.id having count(*) > 0),
        new.payment_status);
    return new;
end $$;
create or replace trigger d_total before update of total_amount on maitred.booking
    for each row when (old.total_amount <> new.total_amount) execute function maitred.booking_total();
