-- Making, changing, deleting tables; a step of status; many at once; a floor's layout: answers,
-- refusals, versions, events, and that another venue's tables do not exist.
begin;
\ir fixture.psql
select plan(92);
select pg_temp.venue('bistro') as v, pg_temp.tab('bistro', 1) as t1, pg_temp.tab('bistro', 2) as t2,
    pg_temp.tab('bistro', 3) as t3, pg_temp.tab('bistro', 4) as t4, pg_temp.tab('other', 1) as theirs,
    pg_temp.caller('bistro', 'admin') as admin \gset

create function pg_temp.put(what text, id bigint, more jsonb, slug text default 'bistro') returns jsonb language plpgsql volatile as $$
declare a api.answer; who api.caller := pg_temp.caller(slug, 'admin');
begin
    delete from maitred.rate_window;
    if what = 'create' then
        a := api.table_create(who, (more ->> 'number')::bigint, more ->> 'label', more ->> 'name', (more ->> 'capacity')::bigint,
            (more ->> 'min')::bigint, (more ->> 'floor')::bigint, more ->> 'section', more -> 'position');
    elsif what = 'status' then
        a := api.table_set_status(who, id, more ->> 'status', more ->> 'notes', (more ->> 'version')::bigint, (more ->> 'emergency')::boolean);
    elsif what = 'delete' then
        a := api.table_delete(who, id, (more ->> 'version')::bigint);
    elsif what = 'layout' then
        a := api.floor_layout_save(who, id, more);
    else
        execute format('select (x).* from api.table_%s($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) x', what) into a
            using who, id, (more ->> 'number')::bigint, more ->> 'label', more ->> 'name', (more ->> 'capacity')::bigint,
                (more ->> 'min')::bigint, (more ->> 'floor')::bigint, more ->> 'section', more -> 'position', (more ->> 'version')::bigint;
    end if;
    return jsonb_build_object('status', a.status, 'at', a.location, 'position', a.position) || coalesce(jsonb_build_object('doc', a.body::jsonb), '{}');
end $$;
create function pg_temp.bulk(ids bigint[], updates jsonb, role text default 'admin') returns jsonb language plpgsql volatile
as $$ begin delete from maitred.rate_window; return pg_temp.body(api.table_bulk(pg_temp.caller('bistro', $3), $1, $2, null)); end $$;
create function pg_temp.no(what text, id bigint, more jsonb, slug text default 'bistro') returns text language sql volatile
as $$ select pg_temp.says(format('select pg_temp.put(%L, %s, %L, %L)', $1, $2, $3, $4)) $$;
create function pg_temp.meaning(what text, id bigint, more jsonb) returns text language plpgsql
as $$ declare broken text; begin
    perform pg_temp.put(what, id, more); return 'nothing was refused';
exception when integrity_constraint_violation then
    get stacked diagnostics broken = constraint_name;
    return (select status || ' ' || code || ' ' || coalesce(field, '') from maitred.constraint_error where constraint_name = broken);
end $$;
create function pg_temp.t(id bigint) returns jsonb language sql stable as $$ select maitred.table_json(t.venue, t.id) from maitred.dining_table t where t.id = $1 $$;
create function pg_temp.seq() returns bigint language sql stable as $$ select c.seq from feed.counter c where c.venue = pg_temp.venue('bistro') $$;
create function pg_temp.told(since bigint) returns text language sql stable
as $$ select coalesce(string_agg(type || ':' || entity, ' ' order by seq), '') from feed.log where venue = pg_temp.venue('bistro') and seq > $1 $$;
create function pg_temp.event() returns feed.log language sql stable
as $$ select l from feed.log l where venue = pg_temp.venue('bistro') order by seq desc limit 1 $$;

-- create ------------------------------------------------------------------------------------------
select pg_temp.put('create', null, '{"number": 7, "label": "T-07", "name": "Round", "capacity": 6, "min": 2, "floor": 1,
    "section": "Bar", "position": {"x": 10, "shape": "round"}}') as made \gset
select (:'made'::jsonb #>> '{doc,id}')::bigint as new \gset
select is(:'made'::jsonb - 'doc' - 'position', jsonb_build_object('status', 201, 'at', '/api/tables/' || :new), 'created, with its place');
select is(:'made'::jsonb -> 'doc', pg_temp.t(:new), 'the canonical table');
select is(pg_temp.t(:new) - 'updatedAt' - 'id', '{"tableNumber": "T-07", "number": 7, "name": "Round", "capacity": 6, "minCapacity": 2, "floor": 1, "section": "Bar",
    "status": "available", "notes": null, "position": {"x": 10, "shape": "round"}, "version": 1, "isActive": true, "updatedBy": "admin", "session": null}', 'as it was given');
select is((pg_temp.event()).type || ' ' || (pg_temp.event()).actor || ' ' || ((pg_temp.event()).data -> 'new' = pg_temp.t(:new)), 'table.created admin true', 'an event with the whole table');
select is((pg_temp.put('create', null, '{"number": 8, "label": "8", "capacity": 2, "floor": 2, "name": "", "section": ""}') -> 'doc') - 'id' - 'updatedAt' - 'updatedBy' - 'isActive' - 'session' - 'status' - 'version',
    '{"tableNumber": "8", "number": 8, "name": null, "capacity": 2, "minCapacity": 1, "floor": 2, "section": null, "notes": null, "position": {}}', 'what is not said');
select is(pg_temp.meaning('create', null, '{"number": 1, "label": "X", "capacity": 2, "floor": 1}'), '409 number_taken number', 'a number twice');
select is(pg_temp.meaning('create', null, '{"number": 9, "label": "T-01", "capacity": 2, "floor": 1}'), '409 label_taken tableNumber', 'a label twice');
select is(pg_temp.meaning('create', null, '{"number": 9, "label": "T 9", "capacity": 2, "floor": 1}'), '422 invalid_field tableNumber', 'a label of other characters');
select is(pg_temp.meaning('create', null, '{"number": 9, "label": "T-9", "capacity": 2, "floor": 3}'), '422 unknown_floor floor', 'a floor that is not there');
select is(pg_temp.meaning('create', null, '{"number": 9, "label": "T-9", "capacity": 2, "min": 3, "floor": 1}'), '422 invalid_field minCapacity', 'a smallest party over the seats');
select is(pg_temp.meaning('create', null, jsonb_build_object('number', 9, 'label', 'T-9', 'capacity', 2, 'floor', 1, 'position', jsonb_build_object('a', repeat('x', 2040)))), '422 invalid_field position', 'a place of more than 2 KiB');
select is(pg_temp.meaning('create', null, '{"number": 9, "label": "T-9", "capacity": 2, "floor": 1, "position": [1]}'), '422 invalid_field position', 'a place that is no object');
select is((select count(*)::int from (values ('table_number_range'), ('table_name_length'), ('table_section_length'), ('table_note_length'), ('table_status_known'), ('table_capacity_range')) x (n)
    where not exists (select from maitred.constraint_error e where e.constraint_name = x.n)), 0, 'every rule of the table has words');

-- change ------------------------------------------------------------------------------------------
select pg_temp.seq() as n \gset
select pg_temp.put('update', :new, '{"capacity": 8}') -> 'doc' as changed \gset
select is(:'changed'::jsonb, pg_temp.t(:new), 'changed: the table as it is');
select is(pg_temp.t(:new) - 'updatedAt' - 'id' - 'updatedBy' - 'isActive' - 'session' - 'status' - 'notes', '{"tableNumber": "T-07", "number": 7, "name": "Round", "capacity": 8, "minCapacity": 2,
    "floor": 1, "section": "Bar", "position": {"x": 10, "shape": "round"}, "version": 2}', '... what was not named stayed');
select is(pg_temp.told(:n), 'table.updated:' || :new, '... one event');
select is(((pg_temp.event()).data -> 'old') - 'updatedAt' - 'updatedBy', '{"capacity": 6, "version": 1}', '... with the old value');
select pg_temp.seq() as n \gset
select is(pg_temp.put('update', :new, '{"capacity": 8}') #>> '{doc,version}', '2', 'a change that changes nothing');
select is(pg_temp.told(:n), '', '... is not told');
select is(pg_temp.put('update', :new, '{"name": "", "section": ""}') -> 'doc' @> '{"name": null, "section": null}', true, 'an empty name or section removes it');
select is(pg_temp.put('update', :new, '{"floor": 2}') #>> '{doc,floor}', '2', 'to another floor');
select is((pg_temp.event()).refs, jsonb_build_object('table', :new, 'floor', 2, 'old_floor', 1), '... both floors hear of it');
select is((pg_temp.event()).data #> '{old,floor}', '1', '... and what it was');
select is(pg_temp.put('update', :new, '{"position": {"x": 11}}') #> '{doc,position}', '{"x": 11}', 'to another place');
select is((pg_temp.event()).data #> '{old,position}', '{"x": 10, "shape": "round"}', '... and what it was');
select is((pg_temp.put('replace', :new, '{"number": 17, "label": "T-17", "capacity": 4, "floor": 1}') -> 'doc') - 'updatedAt' - 'id' - 'updatedBy' - 'isActive' - 'session' - 'status' - 'version',
    '{"tableNumber": "T-17", "number": 17, "name": null, "capacity": 4, "minCapacity": 1, "floor": 1, "section": null, "notes": null, "position": {}}', 'replaced: what was not said is as in a new one');
select is(pg_temp.meaning('update', :new, '{"number": 1}'), '409 number_taken number', 'another table''s number');
select is(pg_temp.meaning('replace', :new, '{"number": 17, "label": "T-01", "capacity": 4, "floor": 1}'), '409 label_taken tableNumber', 'another table''s label');
select is(pg_temp.meaning('update', :new, '{"min": 5}'), '422 invalid_field minCapacity', 'a smallest party over the seats');
select is(pg_temp.meaning('update', :new, '{"floor": 5}'), '422 unknown_floor floor', 'a floor that is not there');

-- versions ----------------------------------------------------------------------------------------
select (pg_temp.t(:new) ->> 'version')::bigint as ver \gset
select is(pg_temp.put('update', :new, jsonb_build_object('capacity', 5, 'version', :ver)) #>> '{doc,version}', (:ver + 1)::text, 'by the version that it is at');
select is(pg_temp.no(w, :new, jsonb_build_object('capacity', 6, 'number', 17, 'label', 'T-17', 'floor', 1, 'status', 'reserved', 'version', :ver)), 'MD409 version_conflict version', w || ' by an older one')
    from unnest(array['update', 'replace', 'status', 'delete']) w;
select is((select state from pg_temp.refusal(format('select pg_temp.put(''update'', %s, ''{"capacity": 6, "version": %s}'')', :new, :ver))), pg_temp.t(:new), '... with the current table');
select is(pg_temp.no('update', :new, jsonb_build_object('capacity', 6, 'version', :ver + 9)), 'MD409 version_conflict version', 'by one that is not there yet');

-- status ------------------------------------------------------------------------------------------
select is(pg_temp.put('status', :t1, '{"status": "maintenance", "notes": "leg broken"}') -> 'doc' @> '{"status": "maintenance", "notes": "leg broken"}', true, 'a step with its reason');
select is((pg_temp.event()).data -> 'old' @> '{"status": "available", "notes": null}', true, '... told with what was');
select is((select actor || ' ' || old_status || ' ' || new_status || ' ' || note from maitred.status_history where venue = :v order by id desc limit 1), 'admin available maintenance leg broken', '... and kept');
select is(pg_temp.put('status', :t1, '{"status": "maintenance", "notes": "leg and top"}') #>> '{doc,notes}', 'leg and top', 'the same status with another reason');
select pg_temp.seq() as n \gset
select is(pg_temp.put('status', :t1, '{"status": "maintenance"}') #>> '{doc,notes}', 'leg and top', 'the same status again');
select is(pg_temp.told(:n), '', '... is no news');
select is(pg_temp.put('status', :t1, '{"status": "maintenance", "notes": ""}') #>> '{doc,notes}', null, 'an empty note removes it');
select is(pg_temp.no('status', :t1, '{"status": "occupied"}'), 'MD409 invalid_transition status', 'a step that there is not');
select is((select state from pg_temp.refusal(format('select pg_temp.put(''status'', %s, ''{"status": "reserved"}'')', :t1))),
    '{"from": "maintenance", "to": "reserved", "allowed": ["available"]}', '... with those that there are');
select is(pg_temp.put('status', :t2, '{"status": "occupied", "notes": "birthday"}') #>> '{doc,session,state}', 'open', 'occupied opens a session');
select is(pg_temp.no('status', :t2, '{"status": "maintenance"}'), 'MD409 invalid_transition status', 'not from an open session into maintenance');
select is(pg_temp.put('status', :t2, '{"status": "available"}') -> 'doc' @> '{"session": null, "notes": null}', true, 'leaving it closes the session; the reason goes with it');
select is(pg_temp.says(format('select api.table_set_status(%L::api.caller, %s, ''reserved'', null, null, true)', pg_temp.caller('bistro', 'waiter'), :t2)), 'MD403 forbidden emergency', 'an emergency is for those in charge');

-- delete ------------------------------------------------------------------------------------------
select is(pg_temp.put('delete', :new, '{}') ->> 'status', '204', 'deleted');
select is((select active from maitred.dining_table where id = :new), false, '... softly');
select is((pg_temp.event()).type || ' ' || (pg_temp.event()).actor || ' ' || ((pg_temp.event()).data #>> '{new,tableNumber}') || ' ' || (pg_temp.event()).refs::text, 'table.deleted admin T-17 ' || jsonb_build_object('table', :new, 'floor', 1)::text, '... told with all that a client needs');
select is(pg_temp.no(w, :new, '{"number": 17, "label": "T-17", "capacity": 2, "floor": 1, "status": "reserved"}'), 'MD404 table_not_found', w || ' of a deleted one') from unnest(array['update', 'replace', 'status', 'delete']) w;
select is(pg_temp.put('create', null, '{"number": 17, "label": "T-17", "capacity": 4, "floor": 1}') ->> 'status', '201', 'number and label are free again');
update maitred.dining_table set status = 'occupied' where id = :t3;
select is(pg_temp.no('delete', :t3, '{}'), 'MD409 table_occupied', 'not while occupied');
insert into maitred.customer_order (venue, table_id) values (:v, :t4) returning id as o \gset
select is(pg_temp.no('delete', :t4, '{}'), 'MD409 table_has_orders', 'nor with an open order');
update maitred.customer_order set status = 'cancelled' where id = :o;
insert into maitred.reservation (venue, customer_name, party_size, starts_at, table_id) values (:v, 'Ann', 2, now() + interval '1 day', :t4);
select is(pg_temp.no('delete', :t4, '{}'), 'MD409 table_has_reservations', 'nor with an upcoming reservation');
select is(pg_temp.no(w, :theirs, '{"number": 30, "label": "T-30", "capacity": 2, "floor": 1, "status": "reserved"}'), 'MD404 table_not_found', w || ' of another venue''s') from unnest(array['update', 'replace', 'status', 'delete']) w;

-- bulk --------------------------------------------------------------------------------------------
-- T-01 in maintenance, T-02 available, T-03 occupied, T-04 available with a reservation.
select feed.flush() as f \gset
select pg_temp.seq() as n \gset
select is(pg_temp.bulk(array[:t3, :t1, :theirs, :t2, :t2, 0], '{"status": "reserved", "notes": "wedding", "section": "Hall"}'), jsonb_build_object('success', 1, 'failed', 4, 'errors', jsonb_build_array(
    jsonb_build_object('tableId', :t3, 'code', 'invalid_transition', 'detail', 'A table that is occupied can not become reserved; allowed: available.'),
    jsonb_build_object('tableId', :t1, 'code', 'invalid_transition', 'detail', 'A table that is maintenance can not become reserved; allowed: available.'),
    jsonb_build_object('tableId', :theirs, 'code', 'table_not_found', 'detail', 'There is no such table.'),
    jsonb_build_object('tableId', 0, 'code', 'table_not_found', 'detail', 'There is no such table.'))), 'one that is refused does not undo the others');
select is(pg_temp.t(:t2) @> '{"status": "reserved", "notes": "wedding", "section": "Hall"}', true, 'what could be changed is');
select is(pg_temp.t(:t3) ->> 'section', null, 'what could not is as it was, in whole');
select is(pg_temp.told(:n), 'table.updated:' || :t2, 'an event for each that changed, and for no other');
select is(pg_temp.bulk(array[:t1, :t4], '{"floor": 9}') -> 'errors' -> 1, jsonb_build_object('tableId', :t4, 'code', 'unknown_floor', 'detail', 'There is no such floor.'), 'a rule of the table is named too');
select is(pg_temp.bulk(array[:t1, :t2, :t4], '{"capacity": 2, "minCapacity": 2, "floor": 2, "section": ""}') - 'errors', '{"success": 3, "failed": 0}', 'all of them');
select is((select string_agg(distinct concat_ws('/', capacity, min_capacity, floor, coalesce(section, 'none')), ' ') from maitred.dining_table where id in (:t1, :t2, :t4)), '2/2/2/none', '... all of it');
select is(pg_temp.says(format('select pg_temp.bulk(array[%s], ''{}'')', :t1)), 'MD422 missing_field updates', 'nothing to change');
select is(pg_temp.bulk(array[:t3], '{"notes": "soup"}'), '{"success": 1, "failed": 0, "errors": []}', 'only a note');
select is(pg_temp.t(:t3) ->> 'notes', 'soup', '... is changed');
delete from maitred.rate_window;
do $$ begin for i in 1..5 loop
    perform api.table_bulk(pg_temp.caller('bistro', 'admin'), array[pg_temp.tab('bistro', 1), pg_temp.tab('bistro', 4)], jsonb_build_object('capacity', 2 + i), null); end loop; end $$;
select is(pg_temp.says(format('select api.table_bulk(%L::api.caller, array[%s], ''{"capacity": 9}'', null)', :'admin', :t1)), 'MD429 rate_limited', 'many at once count as one: the sixth is too many');
select is(pg_temp.body(api.table_bulk(:'admin', array[:t1], '{"capacity": 9}', true)) -> 'success', '1', '... an emergency passes');

-- layout ------------------------------------------------------------------------------------------
-- Floor 2: T-01, T-02, T-03, T-04; T-17 is on floor 1.
select pg_temp.tab('bistro', 17) as t17 \gset
update maitred.dining_table set position = '{"x": 1}' where id in (:t1, :t2);
select feed.flush() as f \gset
select pg_temp.seq() as n \gset
create function pg_temp.at(id bigint, x int, version bigint default null) returns jsonb language sql immutable
as $$ select jsonb_strip_nulls(jsonb_build_object('id', $1, 'position', jsonb_build_object('x', $2), 'version', $3)) $$;
select pg_temp.put('layout', 2, jsonb_build_array(pg_temp.at(:t2, 1), pg_temp.at(:t3, 7), pg_temp.at(:t1, 2))) as saved \gset
select is(:'saved'::jsonb -> 'doc', jsonb_build_object('floor', 2, 'moved', 2, 'tables', jsonb_build_array(pg_temp.t(:t2), pg_temp.t(:t3), pg_temp.t(:t1))), 'a layout is saved: its tables as they are');
select is((select string_agg(entity::text, ' ' order by entity) from feed.log where venue = :v and seq > :n), :t1 || ' ' || :t3, 'those that moved are told, and no other');
select is((select string_agg(distinct type || ' ' || array_to_string(array(select jsonb_object_keys(data -> 'old') order by 1), ','), ' ') from feed.log where venue = :v and seq > :n), 'table.updated position,updatedAt,version', '... each with its old place');
select pg_temp.seq() as n \gset
select is(pg_temp.put('layout', 2, jsonb_build_array(pg_temp.at(:t2, 1), pg_temp.at(:t3, 7))) #> '{doc,moved}', '0', 'the same again');
select is(pg_temp.told(:n), '', '... tells nobody');
select (pg_temp.t(:t1) ->> 'version')::bigint as v1, (pg_temp.t(:t2) ->> 'version')::bigint as v2, (pg_temp.t(:t3) ->> 'version')::bigint as v3 \gset
select is(pg_temp.put('layout', 2, jsonb_build_array(pg_temp.at(:t1, 3, :v1), pg_temp.at(:t2, 3, :v2))) #> '{doc,moved}', '2', 'by the versions that they are at');
select is((select said || ' ' || state::text from pg_temp.refusal(format('select pg_temp.put(''layout'', 2, %L)', jsonb_build_array(pg_temp.at(:t3, 4, :v3), pg_temp.at(:t2, 4, :v2), pg_temp.at(:t1, 4, :v1))))),
    'MD409 version_conflict tables ' || jsonb_build_array(pg_temp.t(:t2), pg_temp.t(:t1))::text, 'by older ones: those that have changed');
select is(pg_temp.t(:t3) -> 'position', '{"x": 7}', '... and nothing is half saved');
select is(pg_temp.no('layout', 2, jsonb_build_array(pg_temp.at(:t1, 5), pg_temp.at(:theirs, 5))), 'MD404 table_not_found tables[1].id', 'another venue''s table');
select is(pg_temp.no('layout', 2, jsonb_build_array(pg_temp.at(:new, 5))), 'MD404 table_not_found tables[0].id', 'a deleted one');
select is(pg_temp.no('layout', 2, jsonb_build_array(pg_temp.at(:t1, 5), pg_temp.at(:t17, 5))), 'MD409 table_on_other_floor tables[1].id', 'one of another floor');
select is(pg_temp.no('layout', 2, jsonb_build_array(pg_temp.at(:t1, 5), pg_temp.at(:t1, 6))), 'MD422 duplicate tables', 'one twice');
select is(pg_temp.no('layout', 3, jsonb_build_array(pg_temp.at(:t1, 5))), 'MD404 floor_not_found', 'a floor that is not there');
select is(pg_temp.meaning('layout', 2, jsonb_build_array(jsonb_build_object('id', :t1, 'position', jsonb_build_object('a', repeat('x', 2040))))), '422 invalid_field position', 'a place of more than 2 KiB');
select is((select string_agg(position ->> 'x', ' ' order by number) from maitred.dining_table where id in (:t1, :t2, :t3)), '3 3 7', 'none of these has moved anything');
select * from finish();
rollback;
