-- GET /api/hotel/bookings and /{id}: the canonical booking documents, masked for the roles that do
-- not need names and numbers.
--
-- Order of the list: what the front desk works with first, whatever the hotel's history.
--   1  who is in the house, and who should be (expected before today, stay not over), by departure
--   2  the others that arrive today or later, by arrival
--   3  the past, backwards
-- Each part is read off an index. The total is exact, from the sums a day (sql/rules/rollups.sql).
--
-- Filters: states; `date`: who arrives, stays or leaves on that day; first and last day of arrival.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.booking_seen(caller api.caller, id bigint) returns jsonb
language sql stable parallel safe
as $$ select case when coalesce(caller.masked, true) then maitred.mask('booking', d) else d end
    from maitred.booking_json(caller.venue, id) d $$;

-- What is asked for. first_day and last_day of arrival are always set, perhaps infinite.
do $$
begin
    if to_regtype('maitred.booking_filter') is null then
        create type maitred.booking_filter as (
            venue bigint, wanted text[], first_day date, last_day date, on_day date, today date);
    end if;
end $$;

-- Part 1, whole: it is never more than a full house and its late guests.
create or replace function maitred.bookings_at_hand(f maitred.booking_filter)
returns table (id bigint, check_out date)
language plpgsql stable rows 50 set search_path = pg_catalog, maitred, pg_temp set plan_cache_mode = force_custom_plan
as $$
begin
    return query
        select b.id, b.check_out from maitred.booking b
        where b.venue = f.venue and b.status = 'checked_in'
          and (f.wanted is null or b.status = any (f.wanted))
          and b.check_in between f.first_day and f.last_day
          and (f.on_day is null or b.check_out >= f.on_day)
        union all
        select b.id, b.check_out from maitred.booking b
        where b.venue = f.venue and b.status in ('pending', 'confirmed')
          and (f.wanted is null or b.status = any (f.wanted))
          and b.check_in between greatest(f.first_day, f.today - 400) and least(f.last_day, f.today - 1)
          and b.check_out > f.today
          and (f.on_day is null or b.check_out >= f.on_day);
end $$;

-- Parts 2 and 3. A custom plan each time: which states are asked for decides which index is best.
create or replace function maitred.bookings_ahead(f maitred.booking_filter, skip bigint, take bigint)
returns table (id bigint, place bigint)
language plpgsql stable rows 20 set search_path = pg_catalog, maitred, pg_temp set plan_cache_mode = force_custom_plan
as $$
begin
    return query select b.id, row_number() over (order by b.check_in, b.id) from maitred.booking b
        where b.venue = f.venue and b.check_in between greatest(f.first_day, f.today) and f.last_day
          and b.status <> 'checked_in' and (f.wanted is null or b.status = any (f.wanted))
          and (f.on_day is null or b.check_out >= f.on_day)
        order by b.check_in, b.id offset skip limit take;
end $$;

create or replace function maitred.bookings_past(f maitred.booking_filter, skip bigint, take bigint)
returns table (id bigint, place bigint)
language plpgsql stable rows 20 set search_path = pg_catalog, maitred, pg_temp set plan_cache_mode = force_custom_plan
as $$
begin
    return query select b.id, row_number() over (order by b.check_in desc, b.id desc) from maitred.booking b
        where b.venue = f.venue and b.check_in between f.first_day and least(f.last_day, f.today - 1)
          and b.status <> 'checked_in' and (f.wanted is null or b.status = any (f.wanted))
          and (b.status not in ('pending', 'confirmed') or b.check_out <= f.today)
          and (f.on_day is null or b.check_out >= f.on_day)
        order by b.check_in desc, b.id desc offset skip limit take;
end $$;

-- A range of arrivals is summed up by days; who is there on one day is counted, 400 days at most.
create or replace function maitred.bookings_count(f maitred.booking_filter, out everything bigint, out ahead bigint)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp set plan_cache_mode = force_custom_plan
as $$
declare
    first_day date := nullif(f.first_day, '-infinity');
    last_day date := nullif(f.last_day, 'infinity');
    ahead_states text[] := array(select w from unnest(coalesce(f.wanted,
        '{pending,confirmed,checked_out,cancelled,no_show}')) w where w <> 'checked_in');
begin
    if f.on_day is null then
        everything := maitred.rollup_count(f.venue, 'arrival', f.wanted, first_day, last_day);
        ahead := maitred.rollup_count(f.venue, 'arrival', ahead_states, greatest(first_day, f.today), last_day);
        return;
    end if;
    select count(*), count(*) filter (where b.check_in >= f.today and b.status <> 'checked_in')
        into everything, ahead from maitred.booking b
        where b.venue = f.venue and b.check_in between f.first_day and f.last_day
          and (f.wanted is null or b.status = any (f.wanted)) and b.check_out >= f.on_day;
end $$;

create or replace function maitred.booking_page(
    caller api.caller, v maitred.venue, f maitred.booking_filter, skip bigint, lim bigint)
returns api.answer language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    n record := maitred.bookings_count(f);
    at_hand bigint := (select count(*) from maitred.bookings_at_hand(f));
    left_over bigint;   -- of the page, when a part has given what it has
    items json;
begin
    left_over := skip + lim - greatest(skip, at_hand);
    select json_agg(case when coalesce(caller.masked, true) then maitred.mask('booking', d.doc)
                         else d.doc end order by p.part, p.place) into items
        from (select 1 as part, h.id, row_number() over (order by h.check_out, h.id) as place
                  from (select * from maitred.bookings_at_hand(f) x
                        order by x.check_out, x.id offset skip limit lim) h
              union all
              select 2, a.* from maitred.bookings_ahead(f, greatest(skip - at_hand, 0), greatest(left_over, 0)) a
              union all
              select 3, b.* from maitred.bookings_past(f, greatest(skip - at_hand - n.ahead, 0),
                  greatest(skip + lim - greatest(skip, at_hand + n.ahead), 0)) b) p
        join maitred.booking_docs(v) d on d.id = p.id;
    return maitred.ok(coalesce(items, '[]')::text, n.everything);
end $$;

create or replace function api.booking_list(
    p_caller api.caller, p_status text[], p_date date, p_arrival_from date, p_arrival_to date,
    p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    skip bigint := maitred.page_skip(coalesce(p_page, 1), coalesce(p_lim, 50));
begin
    if p_arrival_from > p_arrival_to then
        perform maitred.fail(422, 'invalid_field', 'arrivalTo must not be before arrivalFrom.', 'arrivalTo');
    end if;
    -- No stay is longer than 400 nights.
    return maitred.booking_page(p_caller, v, (v.id, nullif(p_status, '{}'),
            greatest(coalesce(p_arrival_from, '-infinity'), p_date - 400),
            least(coalesce(p_arrival_to, 'infinity'), p_date), p_date, maitred.today(v.id)),
        skip, coalesce(p_lim, 50));
end $$;

create or replace function maitred.fail_no_booking() returns void
language sql volatile
as $$ select maitred.fail(404, 'not_found', 'There is no such booking.') $$;

create or replace function api.booking_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare doc jsonb := maitred.booking_seen(p_caller, p_id);
begin
    if doc is null then perform maitred.fail_no_booking(); end if;
    return maitred.ok(doc::text);
end $$;
