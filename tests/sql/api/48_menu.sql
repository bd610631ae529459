-- The menu: categories and items, made, read, changed, taken off; who may see what; what is refused.
begin;
\ir fixture.psql
select plan(68);

create function pg_temp.category(more jsonb default '{}', slug text default 'bistro') returns api.answer language sql volatile
as $$ select api.menu_category_create(pg_temp.caller($2, 'admin'), coalesce($1 ->> 'name', 'Soups'), $1 ->> 'description',
          ($1 ->> 'sort')::bigint, $1 ->> 'color') $$;
create function pg_temp.item(cat bigint, more jsonb default '{}', slug text default 'bistro') returns api.answer language sql volatile
as $$ select api.menu_item_create(pg_temp.caller($3, 'admin'), coalesce($2 ->> 'name', 'Soup'), $2 ->> 'description',
          coalesce(($2 ->> 'price')::numeric, 4.5), $1, ($2 ->> 'popular')::boolean, $2 ->> 'image', ($2 ->> 'available')::boolean,
          ($2 ->> 'sort')::bigint) $$;
create function pg_temp.change(id bigint, more jsonb, slug text default 'bistro') returns api.answer language sql volatile
as $$ select api.menu_item_update(pg_temp.caller($3, 'manager'), $1, $2 ->> 'name', $2 ->> 'description', ($2 ->> 'price')::numeric,
          ($2 ->> 'category')::bigint, ($2 ->> 'popular')::boolean, $2 ->> 'image', ($2 ->> 'available')::boolean,
          ($2 ->> 'sort')::bigint) $$;
create function pg_temp.rename(id bigint, more jsonb, slug text default 'bistro') returns api.answer language sql volatile
as $$ select api.menu_category_update(pg_temp.caller($3, 'manager'), $1, $2 ->> 'name', $2 ->> 'description',
          ($2 ->> 'sort')::bigint, $2 ->> 'color') $$;
create function pg_temp.refused(call text, more text) returns text language sql volatile
as $$ select pg_temp.says(format('select pg_temp.%s(%s)', $1, $2)) $$;
create function pg_temp.meaning(call text, more text) returns text language plpgsql
as $$ declare broken text; begin
    execute format('select pg_temp.%s(%s)', call, more); return 'nothing was refused';
exception when integrity_constraint_violation then
    get stacked diagnostics broken = constraint_name;
    return (select status || ' ' || code || ' ' || coalesce(field, '') from maitred.constraint_error where constraint_name = broken);
end $$;
create temp table made (k text primary key, id bigint, a api.answer);
create function pg_temp.keep(k text, a api.answer) returns void language sql volatile
as $$ insert into made values ($1, ($2.body::jsonb ->> 'id')::bigint, $2) $$;
create function pg_temp.id(k text) returns bigint language sql stable as $$ select id from made where made.k = $1 $$;
create function pg_temp.last_event(slug text default 'bistro') returns feed.log language sql stable
as $$ select l from feed.log l where venue = pg_temp.venue($1) order by seq desc limit 1 $$;

-- categories ------------------------------------------------------------------------------------
do $$ begin
    perform pg_temp.keep('soups', pg_temp.category('{"description": "Hot and cold", "sort": 2, "color": "#1a2B3c"}'));
    perform pg_temp.keep('mains', pg_temp.category('{"name": "Mains", "sort": 3}'));
    perform pg_temp.keep('bread', pg_temp.category('{"name": "Bread", "sort": 2}'));
    perform pg_temp.keep('theirs', pg_temp.category('{"name": "Soups"}', 'other'));
end $$;
select is((select (a).status || ' ' || (a).location from made where k = 'soups'), '201 /api/restaurant/menu/categories/' || pg_temp.id('soups'), 'created, and where');
select is((select (a).body::jsonb from made where k = 'soups'), jsonb_build_object('id', pg_temp.id('soups'), 'name', 'Soups',
    'description', 'Hot and cold', 'sort', 2, 'color', '#1a2B3c', 'isActive', true), 'the whole category');
select is((pg_temp.last_event()).type || ' ' || (pg_temp.last_event()).actor, 'menu_category.created admin', 'an event says who');
select is((select (a).body::jsonb - 'id' from made where k = 'mains'), '{"name": "Mains", "description": "", "sort": 3, "color": null, "isActive": true}', 'what was not said');
select is(pg_temp.meaning('category', ''), '409 name_taken name', 'a name twice');
select is(pg_temp.meaning('category', $$'{"name": ""}'$$), '422 invalid_field name', 'no name');
select is(pg_temp.meaning('category', $$'{"name": "X", "color": "red"}'$$), '422 invalid_field color', 'a color that is none');
select is(pg_temp.meaning('category', $$jsonb_build_object('name', 'X', 'description', repeat('x', 2001))$$), '422 invalid_field description', 'too much said');
create function pg_temp.categories(page bigint, lim bigint, slug text default 'bistro', role text default 'viewer') returns text language sql stable
as $$ select coalesce((select string_agg(c ->> 'name', ', ' order by n) from jsonb_array_elements(a.body::jsonb) with ordinality x (c, n)), '') || ' of ' || a.total
      from api.menu_category_list(pg_temp.caller($3, $4), $1, $2) a $$;
select is(pg_temp.categories(null, null), 'Bread, Soups, Mains of 3', 'in their order, then by name');
select is(pg_temp.categories(2, 2), 'Mains of 3', 'a page');
select is(pg_temp.categories(3, 2), ' of 3', '... past the end');
select is(pg_temp.categories(1, 200, 'grand'), ' of 0', 'a hotel without a menu');
select is(pg_temp.says($$select pg_temp.categories(0, 1)$$), 'MD422 invalid_field page', 'no page 0');
select is(pg_temp.says($$select pg_temp.categories(1, 201)$$), 'MD422 invalid_field limit', 'not more than 200');
select is(pg_temp.body(api.menu_category_get(pg_temp.caller('bistro', 'kitchen'), pg_temp.id('soups'))), (select (a).body::jsonb from made where k = 'soups'), 'one');
select is(pg_temp.says(format('select api.menu_category_get(pg_temp.caller(''bistro'', ''admin''), %s)', pg_temp.id('theirs'))), 'MD404 not_found', 'another venue''s does not exist');
select is(pg_temp.body(pg_temp.rename(pg_temp.id('soups'), '{"name": "Soup", "color": ""}')) - 'id',
    '{"name": "Soup", "description": "Hot and cold", "sort": 2, "color": null, "isActive": true}', 'what is named changes; an empty color is none');
select is((pg_temp.last_event()).data -> 'old', '{"name": "Soups", "color": "#1a2B3c"}', '... and the event says what was');
select is(pg_temp.meaning('rename', pg_temp.id('soups') || $$, '{"name": "Bread"}'$$), '409 name_taken name', 'a name that another has');
select is(pg_temp.refused('rename', pg_temp.id('theirs') || $$, '{"name": "Mine"}'$$), 'MD404 not_found', 'another venue''s can not be changed');
select is(pg_temp.says($$select api.menu_category_create('(0,1,x,admin,,,f)', 'A', null, null, null)$$), 'MD404 not_found', 'a venue that is not there');

-- items -----------------------------------------------------------------------------------------
do $$ begin
    perform pg_temp.keep('leek', pg_temp.item(pg_temp.id('soups'), '{"name": "Leek soup", "description": "Leek, cream", "price": 24.99, "popular": true,
        "image": "https://img.example/leek.jpg?w=200", "sort": 1}'));
    perform pg_temp.keep('beet', pg_temp.item(pg_temp.id('soups'), '{"name": "Beet soup", "available": false, "image": "/img/beet.png"}'));
    perform pg_temp.keep('roast', pg_temp.item(pg_temp.id('mains'), '{"name": "Roast", "price": 0}'));
    perform pg_temp.keep('stew', pg_temp.item(pg_temp.id('theirs'), '{"name": "Stew"}', 'other'));
end $$;
select is((select (a).status || ' ' || (a).location from made where k = 'leek'), '201 /api/restaurant/menu/items/' || pg_temp.id('leek'), 'created, and where');
select is((select (a).body::jsonb from made where k = 'leek'), jsonb_build_object('id', pg_temp.id('leek'), 'name', 'Leek soup', 'description', 'Leek, cream',
    'price', 24.99, 'categoryId', pg_temp.id('soups'), 'sort', 1, 'popular', true, 'image', 'https://img.example/leek.jpg?w=200',
    'available', true, 'isActive', true), 'the whole item, its price in major units');
select is((select price from maitred.menu_item where id = pg_temp.id('leek')), 2499::bigint, '... stored in minor ones');
select is((select (a).position from made where k = 'roast'), feed.position(pg_temp.venue('bistro')), 'at the position of its event');
select is(pg_temp.refused('item', pg_temp.id('theirs')::text), 'MD404 category_not_found categoryId', 'a category of another venue');
select is(pg_temp.meaning('item', pg_temp.id('soups') || $$, '{"price": -1}'$$), '422 invalid_field price', 'less than nothing');
select is((select array_agg(pg_temp.meaning('item', pg_temp.id('soups') || ', ' || quote_literal(jsonb_build_object('image', i))))
    from unnest(array['javascript:alert(1)', 'JaVaScRiPt:x', 'data:image/svg+xml,x', '//evil.example/x', '/\evil.example', 'img/x.png', 'ftp://x/y', 'https://a b', 'http:///x', 'https://x/"onerror=']) i),
    array_fill('422 invalid_field image'::text, array[10]), 'images that are no address and no path');
select is((select array_agg(pg_temp.body(pg_temp.item(pg_temp.id('mains'), jsonb_build_object('name', 'Img', 'image', i))) ->> 'image')
    from unnest(array['/', '/a/b.png', 'http://x.example', 'https://x.example:8443/a?b=c#d']) i),
    array['/', '/a/b.png', 'http://x.example', 'https://x.example:8443/a?b=c#d'], 'and those that are');
update maitred.menu_item set active = false where venue = pg_temp.venue('bistro') and name = 'Img';
create function pg_temp.items(category bigint default null, available boolean default null, popular boolean default null, page bigint default null, lim bigint default null,
    slug text default 'bistro', role text default 'viewer') returns text language sql stable
as $$ select coalesce((select string_agg(c ->> 'name', ', ' order by n) from jsonb_array_elements(a.body::jsonb) with ordinality x (c, n)), '') || ' of ' || a.total
      from api.menu_item_list(pg_temp.caller($6, $7), $1, $2, $3, $4, $5) a $$;
select is(pg_temp.items(), 'Beet soup, Leek soup, Roast of 3', 'by category, then in their order; deleted ones are gone');
select is(pg_temp.items(pg_temp.id('soups')), 'Beet soup, Leek soup of 2', 'of one category');
select is(pg_temp.items(pg_temp.id('bread')), ' of 0', '... that is empty');
select is(pg_temp.says(format('select pg_temp.items(%s)', pg_temp.id('theirs'))), 'MD404 category_not_found categoryId', '... of another venue');
select is(pg_temp.items(null, true), 'Leek soup, Roast of 2', 'what there is');
select is(pg_temp.items(null, false), 'Beet soup of 1', 'what there is none of');
select is(pg_temp.items(null, null, true), 'Leek soup of 1', 'popular ones');
select is(pg_temp.items(null, null, null, 2, 2), 'Roast of 3', 'a page');
select is(pg_temp.body(api.menu_item_list(pg_temp.caller('bistro', 'viewer'), null, null, null, null, null)) -> 1, (select (a).body::jsonb from made where k = 'leek'),
    'an item of the list is the item that a GET gives');
select is(pg_temp.items(null, null, null, null, null, 'other'), 'Stew of 1', 'another venue has its own');
-- A guest has no account.
select is((api.menu_item_list((pg_temp.venue('bistro'), null, null, 'guest', 5, null, false)::api.caller, null, null, null, null, null)).total, 3::bigint, 'guests read it');
select is(pg_temp.body(api.menu_item_get(pg_temp.caller('bistro', 'viewer'), pg_temp.id('leek'))), (select (a).body::jsonb from made where k = 'leek'), 'one');
select is(pg_temp.says(format('select api.menu_item_get(pg_temp.caller(''bistro'', ''admin''), %s)', pg_temp.id('stew'))), 'MD404 not_found', 'another venue''s does not exist');
select is(pg_temp.body(pg_temp.change(pg_temp.id('leek'), '{"price": 5.1, "image": "", "popular": false}')) - 'id',
    (select (a).body::jsonb - 'id' || '{"price": 5.1, "image": null, "popular": false}' from made where k = 'leek'), 'what is named changes; an empty image is none');
select is((pg_temp.last_event()).data -> 'old', '{"price": 24.99, "image": "https://img.example/leek.jpg?w=200", "popular": true}', '... and the event says what was');
select is(pg_temp.body(pg_temp.change(pg_temp.id('leek'), jsonb_build_object('category', pg_temp.id('mains')))) -> 'categoryId', to_jsonb(pg_temp.id('mains')), 'into another category');
select is(pg_temp.refused('change', pg_temp.id('leek') || ', ' || quote_literal(jsonb_build_object('category', pg_temp.id('theirs')))), 'MD404 category_not_found categoryId', '... but not another venue''s');
select is(pg_temp.refused('change', pg_temp.id('stew') || $$, '{"price": 1}'$$), 'MD404 not_found', 'another venue''s can not be changed');
select is(pg_temp.refused('change', pg_temp.id('leek') || $$, '{"price": 1}', 'other'$$), 'MD404 not_found', '... from either side');

-- what there is today -----------------------------------------------------------------------------
create function pg_temp.there(id bigint, yes boolean, slug text default 'bistro') returns api.answer language sql volatile
as $$ select api.menu_item_availability(pg_temp.caller($3, 'kitchen'), $1, $2) $$;
select is(pg_temp.body(pg_temp.there(pg_temp.id('leek'), false)) -> 'available', 'false', '86''d by the kitchen');
select is((pg_temp.last_event()).type || ' ' || (pg_temp.last_event()).actor || ' ' || ((pg_temp.last_event()).data -> 'old'), 'menu_item.updated kitchen {"available": true}', 'told');
select is((pg_temp.there(pg_temp.id('leek'), false)).status, 200, 'twice is once');
insert into maitred.customer_order (venue, customer_name) values (pg_temp.venue('bistro'), 'Ann');
create function pg_temp.ordered(item bigint) returns text language sql volatile
as $$ select pg_temp.says(format('insert into maitred.order_item (venue, order_id, menu_item_id, name, quantity, unit_price)
    select o.venue, o.id, %s, ''x'', 1, 1 from maitred.customer_order o where o.venue = %s', $1, pg_temp.venue('bistro'))) $$;
select is(pg_temp.ordered(pg_temp.id('leek')), 'MD409 item_unavailable menu_item_id', 'nobody can order it');
select is(pg_temp.body(pg_temp.there(pg_temp.id('leek'), true)) -> 'available', 'true', 'and back');
select is(pg_temp.ordered(pg_temp.id('leek')), 'nothing was refused', '... and ordered');
select is(pg_temp.refused('there', pg_temp.id('stew') || ', false'), 'MD404 not_found', 'another venue''s');

-- taking off --------------------------------------------------------------------------------------
create function pg_temp.drop_category(id bigint, slug text default 'bistro') returns api.answer language sql volatile
as $$ select api.menu_category_delete(pg_temp.caller($2, 'admin'), $1) $$;
create function pg_temp.drop_item(id bigint, slug text default 'bistro') returns api.answer language sql volatile
as $$ select api.menu_item_delete(pg_temp.caller($2, 'admin'), $1) $$;
select is(pg_temp.refused('drop_category', pg_temp.id('soups')::text), 'MD409 category_not_empty', 'not while something is in it');
select is((select state from pg_temp.refusal(format('select pg_temp.drop_category(%s)', pg_temp.id('soups')))),
    jsonb_build_object('count', 1, 'items', jsonb_build_array(jsonb_build_object('id', pg_temp.id('beet'), 'name', 'Beet soup'))), '... which it names');
select is(pg_temp.refused('drop_item', pg_temp.id('stew')::text), 'MD404 not_found', 'another venue''s item stays');
select is((pg_temp.drop_item(pg_temp.id('beet'))).status, 204, 'an item is taken off');
select is((pg_temp.last_event()).type, 'menu_item.deleted', '... and that is told');
select is(pg_temp.refused('drop_item', pg_temp.id('beet')::text) || ' ' || pg_temp.refused('change', pg_temp.id('beet') || $$, '{"price": 1}'$$) || ' '
    || pg_temp.refused('there', pg_temp.id('beet') || ', true') || ' ' || pg_temp.says(format('select api.menu_item_get(pg_temp.caller(''bistro'', ''admin''), %s)', pg_temp.id('beet'))),
    'MD404 not_found MD404 not_found MD404 not_found MD404 not_found', 'what is off is not there');
select is((select (active, name)::text from maitred.menu_item where id = pg_temp.id('beet')), '(f,"Beet soup")', '... but for the orders of the past');
select is((pg_temp.drop_category(pg_temp.id('soups'))).status, 204, 'an empty category goes');
select is(pg_temp.refused('item', pg_temp.id('soups')::text) || ' ' || pg_temp.refused('drop_category', pg_temp.id('soups')::text),
    'MD404 category_not_found categoryId MD404 not_found', 'and nothing can be put into it');
select is(pg_temp.says(format('update maitred.menu_item set active = true where id = %s', pg_temp.id('beet'))), 'MD409 category_deleted categoryId', 'in psql neither');
select is(pg_temp.says(format('update maitred.menu_category set active = false where id = %s', pg_temp.id('mains'))), 'MD409 category_not_empty', '... nor the other way round');
select is((pg_temp.category('{"name": "Soup"}')).status, 201, 'its name is free again');
select is((select count(*)::int from feed.log where venue = pg_temp.venue('other') and actor <> 'admin' and area = 'menu'), 0, 'none of it is told elsewhere');
select * from finish();
rollback;
