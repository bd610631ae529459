-- GET /api/v1/history/{tables|orders|reservations|bookings}/{id}: who changed a status, when, from
-- what to what, and why; newest first. Being made is no change. What is deleted softly keeps its
-- history.
-- Each function looks for its own subject, so that its answer depends on that area alone.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.history_doc(h maitred.status_history) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object('id', h.id, 'at', maitred.iso(h.at), 'actor', h.actor,
    'old_status', h.old_status, 'new_status', h.new_status, 'note', h.note) $$;

create or replace function maitred.history_page(
    caller api.caller, subject text, id bigint, there boolean, page bigint, lim bigint)
returns api.answer language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    take bigint := coalesce(lim, 50);
    skip bigint := maitred.page_skip(coalesce(page, 1), take);
    items jsonb;
    total bigint;
begin
    if not there then
        perform maitred.fail(404, 'not_found', format('There is no such %s.', subject));
    end if;
    select jsonb_agg(maitred.history_doc(h) order by h.at desc, h.id desc) into items
        from (select x.* from maitred.status_history x
              where x.venue = caller.venue and x.kind = subject and x.entity_id = history_page.id
              order by x.at desc, x.id desc offset skip limit take) h;
    select count(*) into total from maitred.status_history x
        where x.venue = caller.venue and x.kind = subject and x.entity_id = history_page.id;
    return maitred.ok(coalesce(items, '[]')::text, total);
end $$;

create or replace function api.table_history(p_caller api.caller, p_id bigint, p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    return maitred.history_page(p_caller, 'table', p_id, exists (select from maitred.dining_table x
        where x.venue = p_caller.venue and x.id = p_id), p_page, p_lim);
end $$;

create or replace function api.order_history(p_caller api.caller, p_id bigint, p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    return maitred.history_page(p_caller, 'order', p_id, exists (select from maitred.customer_order x
        where x.venue = p_caller.venue and x.id = p_id), p_page, p_lim);
end $$;

create or replace function api.reservation_history(p_caller api.caller, p_id bigint, p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    return maitred.history_page(p_caller, 'reservation', p_id, exists (select from maitred.reservation x
        where x.venue = p_caller.venue and x.id = p_id), p_page, p_lim);
end $$;

create or replace function api.booking_history(p_caller api.caller, p_id bigint, p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    return maitred.history_page(p_caller, 'booking', p_id, exists (select from maitred.booking x
        where x.venue = p_caller.venue and x.id = p_id), p_page, p_lim);
end $$;
