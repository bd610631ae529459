-- Making, changing and deleting tables, many at once, and saving a floor's layout. Numbers, labels,
-- capacities and what forbids a deletion are the table's own rules (sql/migrations/0002_house.sql,
-- sql/rules/tables.sql); maitred.constraint_error says what a broken one means.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('table_number_range', 422, 'invalid_field', 'number must be from 1 to 9999.', 'number'),
    ('table_name_length', 422, 'invalid_field', 'name must have no more than 50 characters.', 'name'),
    ('table_section_length', 422, 'invalid_field', 'section must have no more than 50 characters.', 'section'),
    ('table_note_length', 422, 'invalid_field', 'notes must have no more than 500 characters.', 'notes'),
    ('table_status_known', 422, 'invalid_field', 'There is no such status.', 'status'),
    ('table_position_object', 422, 'invalid_field', 'position must be an object of no more than 2 KiB.', 'position')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

-- ---------------------------------------------------------------- one table

create or replace function api.table_create(
    p_caller api.caller, p_number bigint, p_label text, p_name text, p_capacity bigint,
    p_min_capacity bigint, p_floor bigint, p_section text, p_position jsonb)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare new_id bigint;
begin
    perform feed.act_as(p_caller);
    insert into maitred.dining_table as t (
            venue, number, label, name, capacity, min_capacity, floor, section, position)
        values (p_caller.venue, p_number, p_label, nullif(p_name, ''), p_capacity,
            coalesce(p_min_capacity, 1), p_floor, nullif(p_section, ''), coalesce(p_position, '{}'))
        returning t.id into new_id;
    return maitred.table_answer(p_caller, 201, new_id, '/api/tables/' || new_id);
end $$;

-- What is null stays; an empty name or section is none.
create or replace function maitred.change_table(
    t maitred.dining_table, new_number bigint, new_label text, new_name text, new_capacity bigint,
    new_min bigint, new_floor bigint, new_section text, place jsonb)
returns void language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    update maitred.dining_table x set
            number = coalesce(new_number, x.number), label = coalesce(new_label, x.label),
            name = nullif(coalesce(new_name, x.name), ''),
            capacity = coalesce(new_capacity, x.capacity),
            min_capacity = coalesce(new_min, x.min_capacity), floor = coalesce(new_floor, x.floor),
            section = nullif(coalesce(new_section, x.section), ''),
            position = coalesce(place, x.position)
        where x.venue = t.venue and x.id = t.id;
end $$;

create or replace function api.table_update(
    p_caller api.caller, p_id bigint, p_number bigint, p_label text, p_name text, p_capacity bigint,
    p_min_capacity bigint, p_floor bigint, p_section text, p_position jsonb, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    perform maitred.change_table(maitred.take_table(p_caller, p_id, p_version), p_number, p_label,
        p_name, p_capacity, p_min_capacity, p_floor, p_section, p_position);
    return maitred.table_answer(p_caller, 200, p_id);
end $$;

-- PUT: what is not said is as in a new table. Status and note are no part of it.
create or replace function api.table_replace(
    p_caller api.caller, p_id bigint, p_number bigint, p_label text, p_name text, p_capacity bigint,
    p_min_capacity bigint, p_floor bigint, p_section text, p_position jsonb, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$ begin
    return api.table_update(p_caller, p_id, p_number, p_label, coalesce(p_name, ''), p_capacity,
        coalesce(p_min_capacity, 1), p_floor, coalesce(p_section, ''), coalesce(p_position, '{}'),
        p_version);
end $$;

-- Soft: number and label are free again. What forbids it says a trigger.
create or replace function api.table_delete(p_caller api.caller, p_id bigint, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare t maitred.dining_table;
begin
    perform feed.act_as(p_caller);
    t := maitred.take_table(p_caller, p_id, p_version);
    update maitred.dining_table x set active = false where x.venue = t.venue and x.id = t.id;
    return maitred.written(p_caller, 204, null);
end $$;

-- ---------------------------------------------------------------- many at once

-- The change of one of them; null, or why not. What is refused is taken back, its events with it.
create or replace function maitred.bulk_one(caller api.caller, id bigint, updates jsonb) returns jsonb
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    t maitred.dining_table;
    state text; code text; detail text; broken text;
begin
    t := maitred.take_table(caller, id);
    perform maitred.step_status(t, updates ->> 'status', updates ->> 'notes');
    perform maitred.change_table(t, null, null, null, (updates ->> 'capacity')::bigint,
        (updates ->> 'minCapacity')::bigint, (updates ->> 'floor')::bigint, updates ->> 'section', null);
    return null;
exception when others then
    get stacked diagnostics state = returned_sqlstate, code = message_text,
        detail = pg_exception_detail, broken = constraint_name;
    if state not like 'MD%' then
        select e.code, e.detail into code, detail from maitred.constraint_error e
            where e.constraint_name = broken;
        if not found then raise; end if;
    end if;
    return jsonb_build_object('tableId', id, 'code', code, 'detail', detail);
end $$;

-- Locked in the order of ids, changed in the order given, each once. One update for the rate.
create or replace function api.table_bulk(
    p_caller api.caller, p_table_ids bigint[], p_updates jsonb, p_emergency boolean)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    id bigint;
    done bigint := 0;
    errors jsonb := '[]';
    problem jsonb;
    a api.answer;
begin
    perform feed.act_as(p_caller);
    if p_updates = '{}' then
        perform maitred.fail(422, 'missing_field', 'Say what to change.', 'updates');
    end if;
    perform maitred.rate_take(p_caller, p_emergency);
    perform maitred.lock_tables(p_caller, p_table_ids);
    for id in select x.id from unnest(p_table_ids) with ordinality x (id, n)
              group by x.id order by min(x.n) loop
        problem := maitred.bulk_one(p_caller, id, p_updates);
        if problem is null then done := done + 1;
        else errors := errors || problem; end if;
    end loop;
    a := maitred.written(p_caller, 200, null);
    a.body := jsonb_build_object('success', done, 'failed', jsonb_array_length(errors),
                                 'errors', errors)::text;
    return a;
end $$;

-- ---------------------------------------------------------------- the layout of a floor

create or replace function maitred.layout_rows(places jsonb)
returns table (place bigint, id bigint, "position" jsonb, version bigint)
language sql immutable parallel safe
as $$ select p.place, p.id, p."position", p.version
    from rows from (jsonb_to_recordset($1) as (id bigint, "position" jsonb, version bigint))
        with ordinality p (id, "position", version, place) $$;

-- A layout names each table once, and tables of this floor only.
create or replace function maitred.check_layout(caller api.caller, floor bigint, places jsonb)
returns void language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare bad record;
begin
    select format('tables[%s].id', r.place - 1) as field, t.id, t.label, t.floor as other into bad
        from maitred.layout_rows(places) r
        left join maitred.dining_table t on t.venue = caller.venue and t.id = r.id and t.active
        where t.id is null or t.floor <> check_layout.floor order by r.place limit 1;
    if found and bad.id is null then perform maitred.fail_no_table(bad.field);
    elsif found then
        perform maitred.fail(409, 'table_on_other_floor',
            format('Table %s is on floor %s.', bad.label, bad.other), bad.field);
    end if;
    perform from maitred.layout_rows(places) r group by r.id having count(*) > 1;
    if found then
        perform maitred.fail(422, 'duplicate', 'A layout names a table once.', 'tables');
    end if;
end $$;

-- Versions that were given and are old: 409, with all the tables that have changed.
create or replace function maitred.check_layout_versions(caller api.caller, places jsonb)
returns void language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare changed jsonb;
begin
    select jsonb_agg(maitred.table_json(t.venue, t.id) order by r.place) into changed
        from maitred.layout_rows(places) r
        join maitred.dining_table t on t.venue = caller.venue and t.id = r.id
        where r.version <> t.version;
    if changed is not null then
        perform maitred.fail(409, 'version_conflict',
            format('%s of these tables have changed.', jsonb_array_length(changed)), 'tables', changed);
    end if;
end $$;

-- All or nothing; a table that stays where it is is not touched, so only those that moved are told.
create or replace function api.floor_layout_save(p_caller api.caller, p_floor bigint, p_tables jsonb)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    moved bigint;
    a api.answer;
begin
    perform feed.act_as(p_caller);
    perform from maitred.floor f where f.venue = p_caller.venue and f.number = p_floor;
    if not found then perform maitred.fail(404, 'floor_not_found', 'There is no such floor.'); end if;
    perform maitred.lock_tables(p_caller, array(select r.id from maitred.layout_rows(p_tables) r));
    perform maitred.check_layout(p_caller, p_floor, p_tables);
    perform maitred.check_layout_versions(p_caller, p_tables);
    update maitred.dining_table t set position = r.position from maitred.layout_rows(p_tables) r
        where t.venue = p_caller.venue and t.id = r.id and t.position <> r.position;
    get diagnostics moved = row_count;
    a := maitred.written(p_caller, 200, null);
    a.body := (select jsonb_build_object('floor', p_floor, 'moved', moved, 'tables',
                   jsonb_agg(maitred.table_json(p_caller.venue, r.id) order by r.place))
               from maitred.layout_rows(p_tables) r)::text;
    return a;
end $$;
