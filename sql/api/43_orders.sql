-- GET /api/v1/orders and /{id}: the order objects, newest first, masked for the kitchen.
--
-- A guest sees the orders of the own table session, or the one order that the token names, and of
-- those not what is the staff's: notes, who waits, who did what.
-- The cost of a page does not grow with the history: the newest of each wanted status are read off
-- an index and merged; the exact total comes from the tally (sql/rules/order_tally.sql), or, for
-- one business day or one session, from what there is of it.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.order_statuses() returns text[]
language sql immutable parallel safe
as $$ select array['pending', 'confirmed', 'preparing', 'ready', 'served', 'completed', 'cancelled'] $$;

-- What a caller gets to see of a document.
create or replace function maitred.order_for(caller api.caller, doc jsonb) returns jsonb
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if caller.role is not distinct from 'guest' then
        return doc || jsonb_build_object('waiter_id', null, 'notes', null, 'updated_by', null,
            'payments', (select coalesce(jsonb_agg(p || '{"created_by": null}' order by n), '[]')
                         from jsonb_array_elements(doc -> 'payments') with ordinality x (p, n)));
    elsif coalesce(caller.masked, true) then
        return maitred.mask('order', doc);
    end if;
    return doc;
end $$;

create or replace function maitred.order_seen(caller api.caller, id bigint) returns jsonb
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    return maitred.order_for(caller, maitred.order_json(caller.venue, id));
end $$;

create or replace function maitred.fail_no_order() returns void
language sql volatile
as $$ select maitred.fail(404, 'not_found', 'There is no such order.') $$;

create or replace function api.order_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    if not maitred.order_visible(p_caller, p_id) then perform maitred.fail_no_order(); end if;
    return maitred.ok(maitred.order_seen(p_caller, p_id)::text);
end $$;

-- ---------------------------------------------------------------- a page

-- The newest `most` of each wanted status between two instants; of a table when one is named.
create or replace function maitred.newest_orders(
    v bigint, wanted text[], of_table bigint, since timestamptz, until timestamptz, most bigint)
returns table (id bigint, created_at timestamptz)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if of_table is null then
        return query select o.id, o.created_at from unnest(wanted) w (status) cross join lateral (
            select x.id, x.created_at from maitred.customer_order x
            where x.venue = v and x.status = w.status and x.created_at >= since and x.created_at < until
            order by x.created_at desc, x.id desc limit most) o;
    else
        return query select o.id, o.created_at from unnest(wanted) w (status) cross join lateral (
            select x.id, x.created_at from maitred.customer_order x
            where x.venue = v and x.table_id = of_table and x.status = w.status
              and x.created_at >= since and x.created_at < until
            order by x.created_at desc, x.id desc limit most) o;
    end if;
end $$;

-- Orders of one session, and for a guest's token of one order that one.
create or replace function maitred.session_orders(
    v bigint, wanted text[], of_session bigint, of_table bigint, since timestamptz, until timestamptz,
    one_order bigint)
returns table (id bigint, created_at timestamptz)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    return query select o.id, o.created_at from maitred.customer_order o
        where o.venue = v and (o.session_id = of_session or o.id = one_order)
          and o.status = any (wanted) and (of_table is null or o.table_id = of_table)
          and o.created_at >= since and o.created_at < until;
end $$;

create or replace function maitred.count_orders(
    v bigint, wanted text[], of_table bigint, since timestamptz, until timestamptz)
returns bigint language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if since = '-infinity' and of_table is null then
        return maitred.rollup_count(v, 'order', wanted, null, null);
    elsif since = '-infinity' then
        return (select coalesce(sum(d.n), 0) from maitred.rollup_days(v, 'table', '-infinity', '-infinity') d
                where d.part = of_table::text and d.status = any (wanted));
    end if;
    return (select count(*) from maitred.customer_order o
            where o.venue = v and o.created_at >= since and o.created_at < until
              and o.status = any (wanted) and (of_table is null or o.table_id = of_table));
end $$;

-- The ids of a page in order, and how many there are in all.
create or replace function maitred.order_page(
    caller api.caller, wanted text[], of_table bigint, of_session bigint,
    since timestamptz, until timestamptz, skip bigint, take bigint, out ids bigint[], out total bigint)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp set plan_cache_mode = auto
as $$
begin
    if caller.role is not distinct from 'guest' or of_session is not null then
        select array_agg(o.id order by o.created_at desc, o.id desc), count(*) into ids, total
            from maitred.session_orders(caller.venue, wanted,
                case when caller.role = 'guest' then caller.session else of_session end,
                of_table, since, until, case when caller.role = 'guest' then caller.order_id end) o
            where of_session is null or caller.role <> 'guest' or of_session = caller.session;
        ids := ids[skip + 1 : skip + take];
        return;
    end if;
    select array_agg(o.id order by o.created_at desc, o.id desc) into ids from (
        select * from maitred.newest_orders(caller.venue, wanted, of_table, since, until, skip + take) n
        order by n.created_at desc, n.id desc offset skip limit take) o;
    total := maitred.count_orders(caller.venue, wanted, of_table, since, until);
end $$;

-- The documents' statement is planned once: that takes longer than to run it.
create or replace function api.order_list(
    p_caller api.caller, p_status text[], p_date date, p_table bigint, p_session bigint,
    p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    page bigint := coalesce(p_page, 1);
    lim bigint := coalesce(p_lim, 50);
    found_page record;
    items jsonb;
begin
    found_page := maitred.order_page(p_caller, coalesce(nullif(p_status, '{}'), maitred.order_statuses()),
        p_table, p_session,
        case when p_date is null then '-infinity'
             else maitred.day_start(v.timezone, v.business_day_cutoff, p_date) end,
        case when p_date is null then 'infinity'
             else maitred.day_start(v.timezone, v.business_day_cutoff, p_date + 1) end,
        maitred.page_skip(page, lim), lim);
    select jsonb_agg(maitred.order_for(p_caller, d.doc) order by x.place) into items
        from unnest(found_page.ids) with ordinality x (id, place)
        join maitred.order_docs(v) d on d.id = x.id;
    return maitred.ok(coalesce(items, '[]')::text, found_page.total);
end $$;
