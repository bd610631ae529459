-- Rules of the menu. A category is deleted (not active) only when nothing on the menu is in it, and
-- nothing is put into one that is deleted: the item locks its category FOR SHARE, which waits for a
-- deletion and which a deletion waits for. Rows with an external_ref are an import's.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.category_ends() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    n bigint;
    first jsonb;
begin
    select count(*) into n from maitred.menu_item i
        where i.venue = new.venue and i.category_id = new.id and i.active;
    if n = 0 then return new; end if;
    select jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name)) into first
        from (select i.id, i.name from maitred.menu_item i
              where i.venue = new.venue and i.category_id = new.id and i.active
              order by i.sort, i.name, i.id limit 20) s;
    perform maitred.fail(409, 'category_not_empty', format('%s still has %s on the menu.', new.name,
            case n when 1 then 'one item' else n || ' items' end), null,
        jsonb_build_object('count', n, 'items', first));
end $$;
create or replace trigger a_ends before update of active on maitred.menu_category
    for each row when (old.active and not new.active) execute function maitred.category_ends();

create or replace function maitred.item_category() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare there boolean;
begin
    select c.active into there from maitred.menu_category c
        where c.venue = new.venue and c.id = new.category_id for share;
    if not there then
        perform maitred.fail(409, 'category_deleted', 'The category has been deleted.', 'categoryId');
    end if;
    return new;
end $$;
create or replace trigger c_category_new before insert on maitred.menu_item
    for each row when (new.active and new.external_ref is null)
    execute function maitred.item_category();
create or replace trigger c_category_changed before update of category_id, active on maitred.menu_item
    for each row when (new.active and (not old.active or old.category_id <> new.category_id))
    execute function maitred.item_category();
