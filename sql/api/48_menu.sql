-- The menu: GET, POST, PATCH and DELETE of /api/restaurant/menu/categories and /items, and the one
-- thing that the kitchen may change of an item: whether there is any of it today.
--
-- Deleting is soft: orders of the past keep the item that they name. What is deleted is not there for
-- any of these functions. The rules (no category goes while items are in it) are in sql/rules/menu.sql.
-- Nothing here is private, so nothing is masked. Order: categories by sort and name, items by their
-- category's place, then sort and name.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('category_name_length', 422, 'invalid_field', 'name must have 1 to 100 characters.', 'name'),
    ('category_description_length', 422, 'invalid_field', 'description must have no more than 2000 characters.', 'description'),
    ('category_color_mask', 422, 'invalid_field', 'color must be # and six hexadecimal digits.', 'color'),
    ('item_name_length', 422, 'invalid_field', 'name must have 1 to 150 characters.', 'name'),
    ('item_description_length', 422, 'invalid_field', 'description must have no more than 2000 characters.', 'description'),
    ('item_price_range', 422, 'invalid_field', 'price must not be negative.', 'price'),
    ('item_image_length', 422, 'invalid_field', 'image must have no more than 500 characters.', 'image'),
    ('item_image_scheme', 422, 'invalid_field', 'image must be an http or https address, or a path that begins with one slash.', 'image')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

-- ---------------------------------------------------------------- categories

create or replace function maitred.fail_no_category(field text default null) returns void
language sql volatile
as $$ select maitred.fail(404, case when field is null then 'not_found' else 'category_not_found' end,
                          'There is no such category.', field) $$;

-- Another venue's category does not exist here, nor does one that is deleted.
create or replace function maitred.known_category(caller api.caller, id bigint, field text default null)
returns void language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform from maitred.menu_category c
        where c.venue = caller.venue and c.id = known_category.id and c.active;
    if not found then perform maitred.fail_no_category(field); end if;
end $$;

create or replace function api.menu_category_list(p_caller api.caller, p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    skip bigint := maitred.page_skip(coalesce(p_page, 1), coalesce(p_lim, 200));
    items json;
begin
    select json_agg(maitred.menu_category_doc(c) order by c.sort, c.name, c.id) into items
        from (select x.* from maitred.menu_category x where x.venue = p_caller.venue and x.active
              order by x.sort, x.name, x.id offset skip limit coalesce(p_lim, 200)) c;
    return maitred.ok(coalesce(items, '[]')::text,
        (select count(*) from maitred.menu_category x where x.venue = p_caller.venue and x.active));
end $$;

create or replace function api.menu_category_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform maitred.known_category(p_caller, p_id);
    return maitred.ok(maitred.menu_category_json(p_caller.venue, p_id)::text);
end $$;

create or replace function api.menu_category_create(
    p_caller api.caller, p_name text, p_description text, p_sort bigint, p_color text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare new_id bigint;
begin
    perform feed.act_as(p_caller);
    insert into maitred.menu_category as c (venue, name, description, sort, color)
        values ((maitred.venue_of(p_caller)).id, p_name, coalesce(p_description, ''),
                coalesce(p_sort, 0), nullif(p_color, ''))
        returning c.id into new_id;
    return maitred.written(p_caller, 201, maitred.menu_category_json(p_caller.venue, new_id)::text,
                           '/api/restaurant/menu/categories/' || new_id);
end $$;

create or replace function api.menu_category_update(
    p_caller api.caller, p_id bigint, p_name text, p_description text, p_sort bigint, p_color text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    update maitred.menu_category c set name = coalesce(p_name, c.name),
            description = coalesce(p_description, c.description), sort = coalesce(p_sort, c.sort),
            color = case when p_color is null then c.color else nullif(p_color, '') end
        where c.venue = p_caller.venue and c.id = p_id and c.active;
    if not found then perform maitred.fail_no_category(); end if;
    return maitred.written(p_caller, 200, maitred.menu_category_json(p_caller.venue, p_id)::text);
end $$;

create or replace function api.menu_category_delete(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    update maitred.menu_category c set active = false
        where c.venue = p_caller.venue and c.id = p_id and c.active;
    if not found then perform maitred.fail_no_category(); end if;
    return maitred.written(p_caller, 204, null);
end $$;

-- ---------------------------------------------------------------- items

create or replace function maitred.fail_no_item() returns void
language sql volatile
as $$ select maitred.fail(404, 'not_found', 'There is no such menu item.') $$;

-- What is on the menu, of one category or all, with the place it has there.
create or replace function maitred.menu_items(
    venue bigint, category bigint, available boolean, popular boolean)
returns table (item maitred.menu_item, place bigint)
language sql stable parallel safe
as $$
    select i, row_number() over (order by c.sort, c.name, c.id, i.sort, i.name, i.id)
    from maitred.menu_item i
    join maitred.menu_category c on c.venue = i.venue and c.id = i.category_id
    where i.venue = $1 and i.active and i.category_id = coalesce($2, i.category_id)
      and i.available = coalesce($3, i.available) and i.popular = coalesce($4, i.popular) $$;

create or replace function api.menu_item_list(
    p_caller api.caller, p_category_id bigint, p_available boolean, p_popular boolean,
    p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    skip bigint := maitred.page_skip(coalesce(p_page, 1), coalesce(p_lim, 200));
    items json;
    total bigint;
begin
    if p_category_id is not null then
        perform maitred.known_category(p_caller, p_category_id, 'categoryId');
    end if;
    select json_agg(maitred.menu_item_doc(m.item, v.currency) order by m.place)
               filter (where m.place > skip and m.place <= skip + coalesce(p_lim, 200)),
           count(*) into items, total
        from maitred.menu_items(v.id, p_category_id, p_available, p_popular) m;
    return maitred.ok(coalesce(items, '[]')::text, total);
end $$;

create or replace function api.menu_item_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare doc jsonb := maitred.menu_item_json(p_caller.venue, p_id);
begin
    if doc is null or doc -> 'isActive' = 'false' then perform maitred.fail_no_item(); end if;
    return maitred.ok(doc::text);
end $$;

create or replace function api.menu_item_create(
    p_caller api.caller, p_name text, p_description text, p_price numeric, p_category_id bigint,
    p_popular boolean, p_image text, p_available boolean, p_sort bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    new_id bigint;
begin
    perform feed.act_as(p_caller);
    perform maitred.known_category(p_caller, p_category_id, 'categoryId');
    insert into maitred.menu_item as i (
            venue, category_id, name, description, price, sort, popular, image, available)
        values (v.id, p_category_id, p_name, coalesce(p_description, ''),
            maitred.minor(p_price, v.currency), coalesce(p_sort, 0), coalesce(p_popular, false),
            nullif(p_image, ''), coalesce(p_available, true))
        returning i.id into new_id;
    return maitred.written(p_caller, 201, maitred.menu_item_json(v.id, new_id)::text,
                           '/api/restaurant/menu/items/' || new_id);
end $$;

create or replace function api.menu_item_update(
    p_caller api.caller, p_id bigint, p_name text, p_description text, p_price numeric,
    p_category_id bigint, p_popular boolean, p_image text, p_available boolean, p_sort bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller);
begin
    perform feed.act_as(p_caller);
    if p_category_id is not null then
        perform maitred.known_category(p_caller, p_category_id, 'categoryId');
    end if;
    update maitred.menu_item i set name = coalesce(p_name, i.name),
            description = coalesce(p_description, i.description),
            price = coalesce(maitred.minor(p_price, v.currency), i.price),
            category_id = coalesce(p_category_id, i.category_id),
            popular = coalesce(p_popular, i.popular),
            image = case when p_image is null then i.image else nullif(p_image, '') end,
            available = coalesce(p_available, i.available), sort = coalesce(p_sort, i.sort)
        where i.venue = v.id and i.id = p_id and i.active;
    if not found then perform maitred.fail_no_item(); end if;
    return maitred.written(p_caller, 200, maitred.menu_item_json(v.id, p_id)::text);
end $$;

create or replace function api.menu_item_availability(
    p_caller api.caller, p_id bigint, p_available boolean)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    update maitred.menu_item i set available = p_available
        where i.venue = p_caller.venue and i.id = p_id and i.active;
    if not found then perform maitred.fail_no_item(); end if;
    return maitred.written(p_caller, 200, maitred.menu_item_json(p_caller.venue, p_id)::text);
end $$;

create or replace function api.menu_item_delete(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    update maitred.menu_item i set active = false
        where i.venue = p_caller.venue and i.id = p_id and i.active;
    if not found then perform maitred.fail_no_item(); end if;
    return maitred.written(p_caller, 204, null);
end $$;
