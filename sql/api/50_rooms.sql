-- GET /api/hotel/rooms/availability, the same night by night (/calendar), and the availability message of the hotel channels. What each
-- figure means is written in docs/statistics.md. Its cost does not grow with history: live bookings
-- are found by their nights, in the index of the constraint booking_room_free, which holds no others,
-- and the rooms sold a night are sums (maitred.room_type_night).
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Types with their rooms; the range is [start_day, end_day), so the day of departure is no night.
create or replace function maitred.rooms_free(venue bigint, start_day date, end_day date)
returns table (room_type_id bigint, type text, total bigint, available bigint)
language sql stable parallel safe rows 20
as $$
    select t.id, t.name, coalesce(r.total, 0),
           greatest(least(coalesce(r.untouched, 0), coalesce(r.total, 0) - coalesce(n.sold, 0)), 0)
    from maitred.room_type t
    left join (
        select x.room_type_id, count(*) as total, count(*) filter (where taken.room_id is null) as untouched
        from maitred.room x
        left join (
            select distinct b.room_id from maitred.booking b
            where b.venue = $1 and b.room_id is not null
              and b.nights && daterange($2, $3) and b.status in ('pending', 'confirmed', 'checked_in')) taken on taken.room_id = x.id
        where x.venue = $1 and not x.out_of_order
        group by x.room_type_id) r on r.room_type_id = t.id
    left join (
        select s.room_type_id, max(s.sold) as sold from maitred.room_type_night s
        where s.venue = $1 and s.night >= $2 and s.night < $3
        group by s.room_type_id) n on n.room_type_id = t.id
    where t.venue = $1 and (t.active or r.total > 0)
    order by t.id $$;

create or replace function maitred.availability(v maitred.venue, start_day date, end_day date)
returns json language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    types json;
    total bigint;
    free bigint;
begin
    select json_agg(json_build_object('type', f.type, 'total', f.total, 'available', f.available)
                    order by f.room_type_id), coalesce(sum(f.total), 0), coalesce(sum(f.available), 0)
        into types, total, free from maitred.rooms_free(v.id, start_day, end_day) f;
    return json_build_object('totalRooms', total, 'availableRooms', free,
        'occupancyRate', coalesce(round((total - free) * 100.0 / nullif(total, 0)), 0),
        'roomTypes', coalesce(types, '[]'));
end $$;

-- Without a start: tonight. Without an end: one night.
create or replace function api.room_availability(p_caller api.caller, p_start date, p_end date)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    first_night date := coalesce(p_start, least(maitred.today(v.id), p_end - 1));
    departure date := coalesce(p_end, first_night + 1);
begin
    if departure <= first_night then
        perform maitred.fail(422, 'invalid_field', 'endDate must be after startDate.', 'endDate');
    elsif departure - first_night > 400 then
        perform maitred.fail(422, 'invalid_field', 'The range is 400 nights at most.', 'endDate');
    end if;
    return maitred.ok(maitred.availability(v, first_night, departure)::text);
end $$;

-- The same of each night by itself; without an end: thirty nights. A night's figures are those that
-- room_availability gives for that night alone, because both ask maitred.availability().
create or replace function api.room_calendar(p_caller api.caller, p_start date, p_end date)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    first_night date := coalesce(p_start, least(maitred.today(v.id), p_end - 1));
    departure date := coalesce(p_end, first_night + 30);
    nights json;
begin
    if departure <= first_night then
        perform maitred.fail(422, 'invalid_field', 'endDate must be after startDate.', 'endDate');
    elsif departure - first_night > 92 then
        perform maitred.fail(422, 'invalid_field', 'The range is 92 nights at most.', 'endDate');
    end if;
    select json_agg(jsonb_build_object('date', n.night) || maitred.availability(v, n.night, n.night + 1)::jsonb order by n.night)
        into nights from (select d::date as night from generate_series(first_night, departure - 1, interval '1 day') d) n;
    return maitred.ok(json_build_object('nights', nights)::text);
end $$;
