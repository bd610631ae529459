-- Reading tables and floors: a page of tables, one, the figures, the floors, and the list of the
-- admin dashboard. Called by REST; the documents are the feed's own (sql/rules/documents.sql).
-- Deleted tables are in none of them.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.fail_no_table(field text default null) returns void
language sql volatile
as $$ select maitred.fail(404, 'table_not_found', 'There is no such table.', field) $$;

-- ---------------------------------------------------------------- the list

-- "T-2" stands before "T-10": the first number of a label counts as a number.
create or replace function maitred.label_key(label text) returns text
language sql immutable parallel safe
as $$ select substring(label from '^[^0-9]*')
        || lpad(coalesce(substring(label from '[0-9]+'), ''), 20, '0') || label $$;

-- How a page is sorted, as SQL; the number, which no two tables share, makes every order one order.
create or replace function maitred.table_order(sort_by text, direction text) returns text
language sql immutable parallel safe
as $$ select replace(case sort_by
        when 'tableNumber' then 'maitred.label_key(t.label) <>'
        when 'name' then 'lower(t.name) <> nulls last, t.number'
        when 'capacity' then 't.capacity <>, t.number'
        when 'floor' then 't.floor <>, t.number'
        when 'section' then 'lower(t.section) <> nulls last, t.number'
        when 'status' then 't.status <>, t.number'
        when 'updatedAt' then 't.updated_at <>, t.number'
        else 't.number <>' end, '<>', case direction when 'desc' then 'desc' else 'asc' end) $$;

-- Inlined, so that the conditions that are null fall away.
create or replace function maitred.tables_found(
    venue bigint, wanted text[], floor bigint, section text, search text)
returns setof maitred.dining_table language sql stable parallel safe
as $$ select * from maitred.dining_table t
    where t.venue = $1 and t.active and ($2 is null or t.status = any ($2))
      and ($3 is null or t.floor = $3) and ($4 is null or t.section = $4)
      and ($5 is null or position(lower($5) in
             lower(concat_ws(chr(31), t.label, t.number, t.name, t.section))) > 0) $$;

-- Planned for the given filters each time, because what one filter needs another must not pay for.
create or replace function maitred.table_page(
    venue bigint, wanted text[], floor bigint, section text, search text, sorting text,
    skip bigint, take bigint, out total bigint, out items jsonb)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare ids bigint[];
begin
    execute 'select count(*) from maitred.tables_found($1, $2, $3, $4, $5) t'
        into total using venue, wanted, floor, section, search;
    execute 'select array(select t.id from maitred.tables_found($1, $2, $3, $4, $5) t order by '
            || sorting || ' offset $6 limit $7)'
        into ids using venue, wanted, floor, section, search, skip, take;
    select jsonb_agg(maitred.table_doc(t, s) order by p.place) into items
        from unnest(ids) with ordinality p (id, place)
        join maitred.dining_table t on t.venue = table_page.venue and t.id = p.id
        left join maitred.table_session s
            on s.venue = t.venue and s.table_id = t.id and s.state = 'open';
end $$;

create or replace function api.table_list(
    p_caller api.caller, p_status text[], p_floor bigint, p_section text, p_search text,
    p_sort_by text, p_sort_order text, p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    page bigint := coalesce(p_page, 1);
    lim bigint := coalesce(p_lim, 50);
    found record;
begin
    select * into found from maitred.table_page(p_caller.venue, nullif(p_status, '{}'), p_floor,
        p_section, p_search, maitred.table_order(p_sort_by, p_sort_order),
        maitred.page_skip(page, lim), lim);
    return maitred.ok(jsonb_build_object('items', coalesce(found.items, '[]'), 'total', found.total,
        'page', page, 'limit', lim)::text, found.total);
end $$;

create or replace function api.table_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare doc jsonb := maitred.table_json(p_caller.venue, p_id);
begin
    if doc is null or not (doc -> 'isActive')::boolean then perform maitred.fail_no_table(); end if;
    return maitred.ok(doc::text);
end $$;

-- ---------------------------------------------------------------- figures, floors

-- Definitions
--   total           tables; available, occupied, reserved, maintenance: of each status
--   occupancyRate   whole per cent of the tables that are not in maintenance which are occupied
--   seats, guests   capacity of all tables; guests of the open sessions
create or replace function maitred.table_figures(venue bigint)
returns table (floor int, figures jsonb) language sql stable parallel safe rows 10
as $$
    select t.floor, jsonb_build_object('total', count(*),
        'available', count(*) filter (where t.status = 'available'),
        'occupied', count(*) filter (where t.status = 'occupied'),
        'reserved', count(*) filter (where t.status = 'reserved'),
        'maintenance', count(*) filter (where t.status = 'maintenance'),
        'occupancyRate', coalesce(round(count(*) filter (where t.status = 'occupied') * 100.0
            / nullif(count(*) filter (where t.status <> 'maintenance'), 0)), 0),
        'seats', coalesce(sum(t.capacity), 0), 'guests', coalesce(sum(s.guest_count), 0))
    from maitred.dining_table t
    left join maitred.table_session s
        on s.venue = t.venue and s.table_id = t.id and s.state = 'open'
    where t.venue = $1 and t.active
    group by grouping sets ((), (t.floor)) $$;

create or replace function api.table_stats(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    whole jsonb;
    floors jsonb;
begin
    select (array_agg(f.figures) filter (where f.floor is null))[1],
           jsonb_agg(jsonb_build_object('floor', x.number, 'name', x.name) || f.figures
                     order by x.number) filter (where x.number is not null)
        into whole, floors
        from maitred.table_figures(p_caller.venue) f
        left join maitred.floor x on x.venue = p_caller.venue and x.number = f.floor;
    return maitred.ok((whole || jsonb_build_object('floors', coalesce(floors, '[]')))::text);
end $$;

create or replace function api.floor_list(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare docs jsonb;
begin
    select jsonb_agg(jsonb_build_object('number', f.number, 'name', f.name, 'tables', t.tables,
               'sections', coalesce(t.sections, '{}')) order by f.number) into docs
        from maitred.floor f,
             lateral (select count(*) as tables, array_agg(distinct d.section order by d.section)
                          filter (where d.section is not null) as sections
                      from maitred.dining_table d
                      where d.venue = f.venue and d.floor = f.number and d.active) t
        where f.venue = p_caller.venue;
    return maitred.ok(coalesce(docs, '[]')::text);
end $$;

-- ---------------------------------------------------------------- the admin dashboard's list

-- GET /admin/api/tables: what the admin dashboard's socket sends on connecting, for those without.
create or replace function maitred.table_infos(venue bigint) returns jsonb
language plpgsql stable parallel safe set search_path = pg_catalog, maitred, pg_temp
as $$ begin return (select coalesce(jsonb_agg(maitred.table_info_doc(t, s) order by t.number), '[]')
    from maitred.dining_table t
    left join maitred.table_session s
        on s.venue = t.venue and s.table_id = t.id and s.state = 'open'
    where t.venue = $1 and t.active); end $$;

create or replace function api.tables_admin_list(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$ begin
    return maitred.ok(jsonb_build_object('tables', maitred.table_infos(p_caller.venue))::text);
end $$;
