-- The house itself: GET, POST, PATCH and DELETE of /api/hotel/room-types and /api/hotel/rooms.
--
-- A room type is deleted softly, when it has no rooms and no bookings to come; bookings of the past
-- keep it. A room that was ever booked is history and stays: it is put out of order instead. The rules
-- are in sql/rules/rooms.sql. A restaurant has no rooms: its lists are empty, and it gets none.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('room_type_name_length', 422, 'invalid_field', 'name must have 1 to 100 characters.', 'name'),
    ('room_type_description_length', 422, 'invalid_field', 'description must have no more than 2000 characters.', 'description'),
    ('room_type_price_range', 422, 'invalid_field', 'basePrice must not be negative.', 'basePrice'),
    ('room_type_capacity_range', 422, 'invalid_field', 'capacity must be from 1 to 20.', 'capacity'),
    ('room_type_amenities_number', 422, 'invalid_field', 'There can be no more than 50 amenities.', 'amenities'),
    ('room_type_amenities_length', 422, 'invalid_field', 'Each of the amenities must have 1 to 100 characters.', 'amenities'),
    ('room_number_mask', 422, 'invalid_field', 'number must be 1 to 20 letters, digits and hyphens.', 'number'),
    ('room_floor_range', 422, 'invalid_field', 'floor must be from -5 to 200.', 'floor'),
    ('room_housekeeping_known', 422, 'invalid_field', 'housekeeping must be dirty, clean or inspected.', 'housekeeping'),
    ('room_note_length', 422, 'invalid_field', 'notes must have no more than 500 characters.', 'notes')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

create or replace function maitred.hotel_of(caller api.caller) returns maitred.venue
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$ begin
    return maitred.venue_of(caller, 'hotel', 'This venue is a restaurant: it has no rooms.');
end $$;

-- ---------------------------------------------------------------- room types

-- Another venue's type does not exist here, nor does one that is deleted.
create or replace function maitred.known_type(caller api.caller, id bigint, field text default null)
returns maitred.room_type language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare t maitred.room_type;
begin
    select * into t from maitred.room_type x
        where x.venue = caller.venue and x.id = known_type.id and x.active;
    if t.id is null then
        perform maitred.fail(404, case when field is null then 'not_found' else 'room_type_not_found' end,
                             'There is no such room type.', field);
    end if;
    return t;
end $$;

create or replace function api.room_type_list(p_caller api.caller, p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    skip bigint := maitred.page_skip(coalesce(p_page, 1), coalesce(p_lim, 200));
    types json;
begin
    select json_agg(maitred.room_type_doc(t, v.currency) order by t.id) into types
        from (select x.* from maitred.room_type x where x.venue = v.id and x.active
              order by x.id offset skip limit coalesce(p_lim, 200)) t;
    return maitred.ok(coalesce(types, '[]')::text,
        (select count(*) from maitred.room_type x where x.venue = v.id and x.active));
end $$;

create or replace function api.room_type_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform maitred.known_type(p_caller, p_id);
    return maitred.ok(maitred.room_type_json(p_caller.venue, p_id)::text);
end $$;

create or replace function api.room_type_create(
    p_caller api.caller, p_name text, p_description text, p_base_price numeric, p_capacity bigint,
    p_amenities text[])
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.hotel_of(p_caller);
    new_id bigint;
begin
    perform feed.act_as(p_caller);
    insert into maitred.room_type as t (venue, name, description, base_price, capacity, amenities)
        values (v.id, p_name, coalesce(p_description, ''), maitred.minor(p_base_price, v.currency),
                coalesce(p_capacity, 2), coalesce(p_amenities, '{}'))
        returning t.id into new_id;
    return maitred.written(p_caller, 201, maitred.room_type_json(v.id, new_id)::text,
                           '/api/hotel/room-types/' || new_id);
end $$;

create or replace function api.room_type_update(
    p_caller api.caller, p_id bigint, p_name text, p_description text, p_base_price numeric,
    p_capacity bigint, p_amenities text[])
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    perform feed.act_as(p_caller);
    perform maitred.known_type(p_caller, p_id);
    update maitred.room_type t set name = coalesce(p_name, t.name),
            description = coalesce(p_description, t.description),
            base_price = coalesce(maitred.minor(p_base_price, v.currency), t.base_price),
            capacity = coalesce(p_capacity, t.capacity), amenities = coalesce(p_amenities, t.amenities)
        where t.venue = v.id and t.id = p_id and t.active;
    return maitred.written(p_caller, 200, maitred.room_type_json(v.id, p_id)::text);
end $$;

create or replace function api.room_type_delete(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    perform maitred.known_type(p_caller, p_id);
    update maitred.room_type t set active = false
        where t.venue = p_caller.venue and t.id = p_id and t.active;
    return maitred.written(p_caller, 204, null);
end $$;

-- ---------------------------------------------------------------- rooms

create or replace function maitred.fail_no_room(field text default null) returns void
language sql volatile
as $$ select maitred.fail(404, case when field is null then 'not_found' else 'room_not_found' end,
                          'There is no such room.', field) $$;

-- By floor, then by number as people count: 9 before 10.
create or replace function api.room_list(
    p_caller api.caller, p_housekeeping text[], p_room_type_id bigint, p_floor bigint,
    p_out_of_order boolean, p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    skip bigint := maitred.page_skip(coalesce(p_page, 1), coalesce(p_lim, 200));
    rooms json;
    total bigint;
begin
    if p_room_type_id is not null then perform maitred.known_type(p_caller, p_room_type_id, 'roomTypeId'); end if;
    select json_agg(maitred.room_doc(r.room, r.type_name) order by r.place)
               filter (where r.place > skip and r.place <= skip + coalesce(p_lim, 200)),
           count(*) into rooms, total
        from (select x as room, t.name as type_name,
                     row_number() over (order by x.floor, length(x.number), x.number) as place
              from maitred.room x join maitred.room_type t on t.venue = x.venue and t.id = x.room_type_id
              where x.venue = p_caller.venue
                and (p_housekeeping is null or p_housekeeping = '{}' or x.housekeeping = any (p_housekeeping))
                and (p_room_type_id is null or x.room_type_id = p_room_type_id)
                and (p_floor is null or x.floor = p_floor)
                and (p_out_of_order is null or x.out_of_order = p_out_of_order)) r;
    return maitred.ok(coalesce(rooms, '[]')::text, total);
end $$;

create or replace function api.room_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare doc jsonb := maitred.room_json(p_caller.venue, p_id);
begin
    if doc is null then perform maitred.fail_no_room(); end if;
    return maitred.ok(doc::text);
end $$;

create or replace function api.room_create(
    p_caller api.caller, p_number text, p_room_type_id bigint, p_floor bigint, p_housekeeping text,
    p_out_of_order boolean, p_notes text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.hotel_of(p_caller);
    new_id bigint;
begin
    perform feed.act_as(p_caller);
    perform maitred.known_type(p_caller, p_room_type_id, 'roomTypeId');
    insert into maitred.room as r (venue, room_type_id, number, floor, housekeeping, out_of_order, note)
        values (v.id, p_room_type_id, p_number, coalesce(p_floor, 1), coalesce(p_housekeeping, 'clean'),
                coalesce(p_out_of_order, false), nullif(p_notes, ''))
        returning r.id into new_id;
    return maitred.written(p_caller, 201, maitred.room_json(v.id, new_id)::text, '/api/hotel/rooms/' || new_id);
end $$;

-- Locks the caller's room, or 404; with a version, refuses one that has moved on.
create or replace function maitred.take_room(
    caller api.caller, id bigint, version bigint default null, field text default null)
returns maitred.room language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare r maitred.room;
begin
    select * into r from maitred.room x
        where x.venue = caller.venue and x.id = take_room.id for no key update;
    if r.id is null then perform maitred.fail_no_room(field); end if;
    if version is not null and version <> r.version then
        perform maitred.fail(409, 'version_conflict',
            format('The room has changed: it is at version %s, not %s.', r.version, version),
            'version', maitred.room_json(r.venue, r.id));
    end if;
    return r;
end $$;

create or replace function api.room_update(
    p_caller api.caller, p_id bigint, p_housekeeping text, p_out_of_order boolean, p_notes text,
    p_number text, p_floor bigint, p_room_type_id bigint, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare r maitred.room;
begin
    perform feed.act_as(p_caller);
    r := maitred.take_room(p_caller, p_id, p_version);
    if p_room_type_id is not null then perform maitred.known_type(p_caller, p_room_type_id, 'roomTypeId'); end if;
    update maitred.room x set housekeeping = coalesce(p_housekeeping, x.housekeeping),
            out_of_order = coalesce(p_out_of_order, x.out_of_order),
            note = case when p_notes is null then x.note else nullif(p_notes, '') end,
            number = coalesce(p_number, x.number), floor = coalesce(p_floor, x.floor),
            room_type_id = coalesce(p_room_type_id, x.room_type_id)
        where x.venue = r.venue and x.id = r.id;
    return maitred.written(p_caller, 200, maitred.room_json(r.venue, r.id)::text);
end $$;

create or replace function api.room_delete(p_caller api.caller, p_id bigint, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare r maitred.room;
begin
    perform feed.act_as(p_caller);
    r := maitred.take_room(p_caller, p_id, p_version);
    perform from maitred.booking b where b.venue = r.venue and b.room_id = r.id limit 1;
    if found then
        perform maitred.fail(409, 'room_in_use', format(
            'Room %s has bookings, of the past or to come; it can be put out of order instead.', r.number),
            null, maitred.room_json(r.venue, r.id));
    end if;
    delete from maitred.room x where x.venue = r.venue and x.id = r.id;
    return maitred.written(p_caller, 204, null);
end $$;
