-- Reading tables: the list with its filters and orders, one table, the figures, the floors.
begin;
\ir fixture.psql
select plan(47);
select pg_temp.venue('bistro') as v, pg_temp.tab('bistro', 1) as t1, pg_temp.tab('bistro', 2) as t2,
    pg_temp.tab('bistro', 3) as t3, pg_temp.tab('bistro', 4) as t4, pg_temp.tab('other', 1) as theirs \gset
-- Twelve more: T-10 to T-21, half of them in a section, named at random.
insert into maitred.dining_table (venue, number, label, name, floor, section, capacity)
    select :v, n, 'T-' || n, case n % 3 when 0 then 'Window ' || n end, 1, case n % 2 when 0 then 'Bar' end, 2
    from generate_series(10, 21) n;

create function pg_temp.page(more jsonb default '{}', slug text default 'bistro') returns jsonb language sql stable
as $$ select pg_temp.body(api.table_list(pg_temp.caller($2, 'viewer'),
    (select array_agg(x) from jsonb_array_elements_text($1 -> 'status') x), ($1 ->> 'floor')::bigint,
    $1 ->> 'section', $1 ->> 'search', $1 ->> 'by', $1 ->> 'order', ($1 ->> 'page')::bigint, ($1 ->> 'limit')::bigint)) $$;
create function pg_temp.found(more jsonb default '{}', key text default 'number') returns text language sql stable
as $$ select coalesce(string_agg(i ->> $2, ' ' order by n), '') from jsonb_array_elements(pg_temp.page($1) -> 'items') with ordinality x (i, n) $$;
create function pg_temp.refused(more jsonb) returns text language sql stable
as $$ select pg_temp.says(format('select pg_temp.page(%L)', $1)) $$;

-- the list ----------------------------------------------------------------------------------------
select is(pg_temp.page() - 'items', '{"total": 16, "page": 1, "limit": 50}', 'what a page says of itself');
select is(pg_temp.found(), '1 2 3 4 10 11 12 13 14 15 16 17 18 19 20 21', 'by number');
select is((api.table_list(pg_temp.caller('bistro', 'viewer'), null, null, null, null, null, null, 2, 5)).total, 16::bigint, 'the total stands beside the body too');
select is(pg_temp.page() #> '{items,0}', maitred.table_json(:v, :t1), 'the canonical table');
select is(pg_temp.found('{"page": 2, "limit": 5}'), '11 12 13 14 15', 'a page');
select is(pg_temp.found('{"page": 4, "limit": 5}'), '21', 'the last one');
select is(pg_temp.page('{"page": 5, "limit": 5}'), '{"items": [], "total": 16, "page": 5, "limit": 5}', 'behind it');
select is(pg_temp.refused('{"page": 0}') || pg_temp.refused('{"limit": 201}') || pg_temp.refused('{"limit": 0}'),
    'MD422 invalid_field pageMD422 invalid_field limitMD422 invalid_field limit', 'bounds');
-- Filters.
update maitred.dining_table set status = 'occupied' where id in (:t1, :t2);
update maitred.dining_table set status = 'reserved' where id = :t3;
select is(pg_temp.found('{"status": ["occupied"]}'), '1 2', 'of a state');
select is(pg_temp.found('{"status": ["occupied", "reserved"]}'), '1 2 3', 'of two');
select is(pg_temp.found('{"status": []}'), pg_temp.found(), 'of none: of all');
select is(pg_temp.found('{"status": ["maintenance"]}'), '', 'of a state that none has');
select is(pg_temp.page('{"status": ["occupied"], "limit": 1}') - 'items', '{"total": 2, "page": 1, "limit": 1}', 'the total is of what was asked for');
select is(pg_temp.page('{"status": ["occupied"]}') #>> '{items,0,session,state}', 'open', 'with the open session');
select is(pg_temp.found('{"floor": 2}'), '1 3', 'of a floor');
select is(pg_temp.found('{"floor": 9}'), '', 'of a floor that is not there');
select is(pg_temp.found('{"section": "Bar", "floor": 1}'), '10 12 14 16 18 20', 'of a section');
select is(pg_temp.found('{"section": "bar"}'), '', 'which has its very name');
select is(pg_temp.found('{"search": "wIN"}'), '12 15 18 21', 'by part of a name, in any case');
select is(pg_temp.found('{"search": "t-1"}'), '10 11 12 13 14 15 16 17 18 19', '... of a label');
select is(pg_temp.found('{"search": "bar", "status": ["available"]}'), '10 12 14 16 18 20', '... of a section');
select is(pg_temp.found('{"search": "21"}'), '21', '... of a number');
select is(pg_temp.found('{"search": "%"}') || pg_temp.found('{"search": "_"}') || pg_temp.found('{"search": "\\"}'), '', 'a wildcard is a character');
select is(pg_temp.found('{"search": "''); drop table x; --"}'), '', 'a quote too');
-- Orders.
select is(pg_temp.found('{"order": "desc"}'), '21 20 19 18 17 16 15 14 13 12 11 10 4 3 2 1', 'backwards');
select is(pg_temp.found('{"by": "tableNumber"}', 'tableNumber'), 'T-01 T-02 T-03 T-04 T-10 T-11 T-12 T-13 T-14 T-15 T-16 T-17 T-18 T-19 T-20 T-21', 'by label');
insert into maitred.dining_table (venue, number, label, capacity, name) values (:v, 99, 'T-5', 20, 'aisle'), (:v, 98, 'A', 20, 'Zoo');
select is(pg_temp.found('{"by": "tableNumber", "limit": 6}', 'tableNumber'), 'A T-01 T-02 T-03 T-04 T-5', 'by label, as people count');
select is(pg_temp.found('{"by": "name", "limit": 7}'), '99 12 15 18 21 98 1', 'by name, in any case; those without come last');
select is(pg_temp.found('{"by": "name", "order": "desc", "limit": 7}'), '98 21 18 15 12 99 1', '... backwards too');
select is(pg_temp.found('{"by": "capacity", "order": "desc", "limit": 4}'), '98 99 1 2', 'by capacity, then number');
select is(pg_temp.found('{"by": "floor", "order": "desc", "limit": 3}'), '1 3 2', 'by floor');
select is(pg_temp.found('{"by": "section", "limit": 7}'), '10 12 14 16 18 20 1', 'by section');
select is(pg_temp.found('{"by": "status", "order": "desc", "limit": 4}'), '3 1 2 4', 'by state');
update maitred.dining_table set section = 'Bar' where id = :t4;
select is(pg_temp.found('{"by": "updatedAt", "order": "desc", "limit": 1}'), '4', 'by the last change');
select is((select count(*)::int from unnest(array['number', 'tableNumber', 'name', 'capacity', 'floor', 'section', 'status', 'updatedAt']) b, unnest(array['asc', 'desc']) d
    where (select string_agg(x, ' ' order by x) from generate_series(1, 6) p, string_to_table(pg_temp.found(jsonb_build_object('by', b, 'order', d, 'page', p, 'limit', 3)), ' ') x)
        <> (select string_agg(number::text, ' ' order by number::text) from maitred.dining_table where venue = :v)), 0, 'in each order every table is on one page');
-- Whose.
select is(pg_temp.page('{}', 'other') -> 'total', '4', 'each venue has its own');
select is(pg_temp.body(api.table_list('(,,,,,,)'::api.caller, null, null, null, null, null, null, null, null)) -> 'total', '0', 'nobody has none');
update maitred.dining_table set active = false where id = :t4;
select is(pg_temp.found('{"limit": 4}'), '1 2 3 10', 'a deleted one is gone');

-- one ---------------------------------------------------------------------------------------------
create function pg_temp.one(id bigint) returns text language sql stable
as $$ select pg_temp.says(format('select api.table_get(%L::api.caller, %s)', pg_temp.caller('bistro', 'kitchen'), $1)) $$;
select is(pg_temp.body(api.table_get(pg_temp.caller('bistro', 'kitchen'), :t1)), maitred.table_json(:v, :t1), 'the canonical table');
select is(pg_temp.one(:theirs), 'MD404 table_not_found', 'another venue''s');
select is(pg_temp.one(:t4), 'MD404 table_not_found', 'a deleted one');
select is(pg_temp.one(0), 'MD404 table_not_found', 'none');

-- figures, floors -----------------------------------------------------------------------------------
update maitred.dining_table set status = 'maintenance' where venue = :v and number between 10 and 13;
update maitred.table_session set guest_count = 3 where table_id = :t1;
select is(pg_temp.body(api.table_stats(pg_temp.caller('bistro', 'viewer'))) - 'floors', '{"total": 17, "available": 10,
    "occupied": 2, "reserved": 1, "maintenance": 4, "occupancyRate": 15, "seats": 76, "guests": 4}', 'in all: 2 of 13 that are in use');
select is(pg_temp.body(api.table_stats(pg_temp.caller('bistro', 'viewer'))) #> '{floors,1}', '{"floor": 2, "name": "Floor 2", "total": 2, "available": 0,
    "occupied": 1, "reserved": 1, "maintenance": 0, "occupancyRate": 50, "seats": 8, "guests": 3}', 'of a floor');
select is(pg_temp.body(api.table_stats(pg_temp.caller('grand', 'viewer'))), '{"total": 0, "available": 0, "occupied": 0, "reserved": 0,
    "maintenance": 0, "occupancyRate": 0, "seats": 0, "guests": 0, "floors": []}', 'a house without tables');
select is(pg_temp.body(api.floor_list(pg_temp.caller('bistro', 'viewer'))),
    '[{"number": 1, "name": "Floor 1", "tables": 15, "sections": ["Bar"]}, {"number": 2, "name": "Floor 2", "tables": 2, "sections": []}]', 'floors');
select is(pg_temp.body(api.floor_list('(,,,,,,)'::api.caller)), '[]', 'nobody''s');
select * from finish();
rollback;
