-- GET /api/restaurant/reservations and /{id}: the canonical reservation documents, masked for the
-- roles that do not need names and numbers.
--
-- Order of the list: of one business day by time; else what is still to come first, today's
-- business day included, by time, and then the past backwards. So the first page is what a house
-- works with, whatever its history, and each half is read off an index.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Documents of many reservations at once: what maitred.reservation_json gives for one, but planned
-- once for all of them (a tenth of the cost). Inlined, so that the caller's conditions reach the
-- index and only the rows that are left get a document. A test holds the two together.
create or replace function maitred.reservation_docs(v maitred.venue)
returns table (id bigint, starts_at timestamptz, doc jsonb)
language sql stable parallel safe
as $$
    select r.id, r.starts_at, maitred.reservation_doc(r,
        (select jsonb_agg(maitred.payment_doc(p, v.currency) order by p.id)
         from maitred.payment p where p.venue = r.venue and p.reservation_id = r.id),
        v.timezone, v.currency)
    from maitred.reservation r where r.venue = v.id $$;

create or replace function maitred.reservation_seen(caller api.caller, id bigint) returns jsonb
language sql stable parallel safe
as $$ select case when coalesce(caller.masked, true) then maitred.mask('reservation', d) else d end
    from maitred.reservation_json(caller.venue, id) d $$;

-- Ids of one page from `since` on, forwards, or before it, backwards. `rows` says how many to expect:
-- with more in mind the planner would read a whole small venue to join them.
create or replace function maitred.reservation_ids(
    venue bigint, wanted text[], since timestamptz, until timestamptz, forwards boolean,
    skip bigint, take bigint)
returns table (id bigint, ahead bigint)
language plpgsql stable rows 4 set search_path = pg_catalog, maitred, pg_temp set plan_cache_mode = auto
as $$
begin
    if take <= 0 then return; end if;
    if forwards then
        return query select r.id, row_number() over (order by r.starts_at, r.id) from maitred.reservation r
            where r.venue = reservation_ids.venue and r.starts_at >= since and r.starts_at < until
              and (wanted is null or r.status = any (wanted))
            order by r.starts_at, r.id offset skip limit take;
    else
        return query select r.id, row_number() over (order by r.starts_at desc, r.id desc)
            from maitred.reservation r
            where r.venue = reservation_ids.venue and r.starts_at < since
              and (wanted is null or r.status = any (wanted))
            order by r.starts_at desc, r.id desc offset skip limit take;
    end if;
end $$;

-- Planned once: that takes longer than to run it. What depends on how much history there is stands in
-- functions of its own, which say so.
create or replace function maitred.reservation_page(
    caller api.caller, v maitred.venue, wanted text[], day date, page bigint, lim bigint)
returns api.answer language plpgsql stable set search_path = pg_catalog, maitred, pg_temp set plan_cache_mode = force_generic_plan
as $$
declare
    first_day date := coalesce(day, maitred.today(v.id));
    since timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, first_day);
    until timestamptz := case when day is null then 'infinity'
                              else maitred.day_start(v.timezone, v.business_day_cutoff, day + 1) end;
    skip bigint := maitred.page_skip(page, lim);
    coming bigint := maitred.rollup_count(v.id, 'reservation', wanted, first_day, day);
    gone bigint := case when day is null
        then maitred.rollup_count(v.id, 'reservation', wanted, null, null) - coming else 0 end;
    items json;
begin
    select json_agg(case when coalesce(caller.masked, true) then maitred.mask('reservation', d.doc)
                         else d.doc end order by p.half, p.ahead) into items
        from (select 1 as half, f.* from maitred.reservation_ids(v.id, wanted, since, until, true,
                         skip, least(lim, coming - skip)) f
              union all
              select 2, b.* from maitred.reservation_ids(v.id, wanted, since, until, false,
                         greatest(skip - coming, 0),
                         least(lim, lim - (coming - skip), gone)) b) p
        join maitred.reservation_docs(v) d on d.id = p.id;
    return maitred.ok(coalesce(items, '[]')::text, coming + gone);
end $$;

create or replace function api.reservation_list(
    p_caller api.caller, p_status text[], p_date date, p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    return maitred.reservation_page(p_caller, maitred.venue_of(p_caller), nullif(p_status, '{}'),
                                    p_date, coalesce(p_page, 1), coalesce(p_lim, 50));
end $$;

create or replace function maitred.fail_no_reservation() returns void
language sql volatile
as $$ select maitred.fail(404, 'not_found', 'There is no such reservation.') $$;

create or replace function api.reservation_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare doc jsonb := maitred.reservation_seen(p_caller, p_id);
begin
    if doc is null then perform maitred.fail_no_reservation(); end if;
    return maitred.ok(doc::text);
end $$;
