-- Placing an order, changing what it says, and its steps of status. What the tables keep by
-- themselves (totals, allowed steps, the session's table, 86'd items one by one) is in
-- sql/rules/orders.sql; these functions lock, name all that is wrong at once, and answer.
--
-- Locks are taken in one order everywhere: table, session, order, menu items.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('order_name_length', 422, 'invalid_field', 'customer_name must have no more than 100 characters.', 'customer_name'),
    ('order_phone_mask', 422, 'invalid_field', 'customer_phone must be 3 to 32 digits, blanks and + ( ) . / -', 'customer_phone'),
    ('order_estimate_range', 422, 'invalid_field', 'estimated_time must be from 0 to 1440 minutes.', 'estimated_time'),
    ('order_payment_method_length', 422, 'invalid_field', 'payment_method must have no more than 40 characters.', 'payment_method'),
    ('order_notes_length', 422, 'invalid_field', 'notes must have no more than 1000 characters.', 'notes'),
    ('order_status_known', 422, 'invalid_field', 'There is no such status.', 'status'),
    ('line_quantity_range', 422, 'invalid_field', 'quantity must be from 1 to 999.', 'items'),
    ('line_notes_length', 422, 'invalid_field', 'notes of an item must have no more than 500 characters.', 'items'),
    ('payment_method_mask', 422, 'invalid_field', 'method is a word of small letters, digits and underscores.', 'method')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

-- A guest places orders and calls; all else is the staff's.
create or replace function maitred.refuse_guest(caller api.caller) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if coalesce(caller.role, 'guest') = 'guest' then
        perform maitred.fail(403, 'forbidden', 'A guest can place orders and call, nothing else.');
    end if;
end $$;

-- The same of an order: one that is not theirs to see does not exist.
create or replace function maitred.refuse_guest(caller api.caller, order_id bigint) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if coalesce(caller.role, 'guest') = 'guest' and not maitred.order_visible(caller, order_id) then
        perform maitred.fail_no_order();
    end if;
    perform maitred.refuse_guest(caller);
end $$;

-- Locks the caller's order, or 404; with a version, refuses one that has moved on.
create or replace function maitred.take_order(
    caller api.caller, id bigint, version bigint default null)
returns maitred.customer_order language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare o maitred.customer_order;
begin
    select * into o from maitred.customer_order x
        where x.venue = caller.venue and x.id = take_order.id for no key update;
    if o.id is null then perform maitred.fail_no_order(); end if;
    if version is not null and version <> o.version then
        perform maitred.fail(409, 'version_conflict',
            format('The order has changed: it is at version %s, not %s.', o.version, version),
            'version', maitred.order_seen(caller, o.id));
    end if;
    return o;
end $$;

create or replace function maitred.refuse_closed_order(o maitred.customer_order) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if o.status in ('completed', 'cancelled') then
        perform maitred.fail(409, 'order_closed', format('The order is %s.', o.status));
    end if;
end $$;

create or replace function maitred.order_answer(
    caller api.caller, status int, id bigint, location text default null)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare a api.answer := maitred.written(caller, status, null, location);
begin
    a.body := maitred.order_seen(caller, id)::text;
    return a;
end $$;

-- ---------------------------------------------------------------- items

-- Locks the menu items of a list, so that none is taken off the menu meanwhile, and refuses the
-- list when some are unknown or not available: all of them in one answer, each by its place.
create or replace function maitred.check_items(caller api.caller, items jsonb) returns void
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare bad record;
begin
    if coalesce(jsonb_typeof(items), '') <> 'array' or jsonb_array_length(items) = 0 then
        perform maitred.fail(422, 'invalid_field', 'An order has one item or more.', 'items');
    end if;
    perform from maitred.menu_item m where m.venue = caller.venue and m.id in (
        select (i ->> 'menu_item_id')::bigint from jsonb_array_elements(items) i)
        order by m.id for share;
    select count(*) as n, bool_or(x.name is null) as unknown,
           string_agg(format('items[%s].menu_item_id', x.place), ',' order by x.place) as fields,
           string_agg(coalesce(x.name || ' is not available.', 'There is no such menu item.'),
                      E'\n' order by x.place) as details,
           jsonb_agg(jsonb_build_object('index', x.place, 'menu_item_id', x.id, 'name', x.name,
               'reason', case when x.name is null then 'unknown_item' else 'item_unavailable' end)
               order by x.place) as state
        into bad
        from (select i.no - 1 as place, (i.item ->> 'menu_item_id')::bigint as id, m.name,
                     m.active and m.available as good
              from jsonb_array_elements(items) with ordinality i (item, no)
              left join maitred.menu_item m
                  on m.venue = caller.venue and m.id = (i.item ->> 'menu_item_id')::bigint) x
        where x.good is not true;
    if bad.n = 0 then return; end if;
    perform maitred.fail(case when bad.unknown then 422 else 409 end,
        case when bad.unknown then 'unknown_item' else 'item_unavailable' end,
        bad.details, bad.fields, jsonb_build_object('items', bad.state));
end $$;

-- Name and price are the menu's of this moment: the line's own trigger takes them.
create or replace function maitred.add_lines(caller api.caller, order_id bigint, items jsonb)
returns void language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    insert into maitred.order_item (venue, order_id, menu_item_id, quantity, notes)
        select caller.venue, add_lines.order_id, (i.item ->> 'menu_item_id')::bigint,
               coalesce((i.item ->> 'quantity')::int, 1), nullif(i.item ->> 'notes', '')
        from jsonb_array_elements(items) with ordinality i (item, no) order by i.no;
end $$;

-- ---------------------------------------------------------------- placing

-- Which session an order is of. A guest's is the token's and nothing else exists; the staff name
-- a session, or a table, whose open session it then is.
create or replace function maitred.order_session(
    caller api.caller, table_id bigint, session_id bigint)
returns bigint language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare s maitred.table_session;
begin
    if caller.role = 'guest' and caller.session is null then
        perform maitred.fail(403, 'forbidden', 'This token is for reading one order.');
    end if;
    select * into s from maitred.table_session x where x.venue = caller.venue
        and case when caller.role = 'guest' then x.id = caller.session
                 when session_id is not null then x.id = session_id
                 else x.table_id = order_session.table_id and x.state = 'open' end;
    if session_id is not null and s.id is distinct from session_id then
        perform maitred.fail(404, 'session_not_found', 'There is no such session.', 'session_id');
    elsif caller.role = 'guest' and s.id is null then
        perform maitred.fail(404, 'session_not_found', 'There is no such session.');
    elsif caller.role = 'guest' and table_id <> s.table_id then
        perform maitred.fail(404, 'table_not_found', 'There is no such table.', 'table_id');
    end if;
    perform maitred.lock_order_table(caller, coalesce(table_id, s.table_id));
    return s.id;
end $$;

create or replace function maitred.lock_order_table(caller api.caller, table_id bigint) returns void
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if table_id is null then return; end if;
    perform from maitred.dining_table t where t.venue = caller.venue and t.id = table_id;
    if not found then
        perform maitred.fail(404, 'table_not_found', 'There is no such table.', 'table_id');
    end if;
    perform maitred.use_table(caller.venue, table_id, 'table_id');
end $$;

-- What only the staff say of a new order.
create or replace function maitred.check_guest_order(
    caller api.caller, status text, estimated_time bigint, payment_method text, notes text)
returns void language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare field text := case when status is not null then 'status'
    when estimated_time is not null then 'estimated_time'
    when payment_method is not null then 'payment_method'
    when notes is not null then 'notes' end;
begin
    if caller.role = 'guest' and field is not null then
        perform maitred.fail(403, 'forbidden', 'Only the staff may say that.', field);
    end if;
    if coalesce(status, 'pending') not in ('pending', 'confirmed') then
        perform maitred.fail(422, 'invalid_field', 'A new order is pending or confirmed.', 'status');
    end if;
end $$;

create or replace function api.order_create(
    p_caller api.caller, p_table_id bigint, p_session_id bigint, p_customer_name text,
    p_customer_phone text, p_items jsonb, p_status text, p_estimated_time bigint,
    p_payment_method text, p_notes text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    new_id bigint;
begin
    perform feed.act_as(p_caller);
    perform maitred.check_guest_order(p_caller, p_status, p_estimated_time, p_payment_method, p_notes);
    p_session_id := maitred.order_session(p_caller, p_table_id, p_session_id);
    perform maitred.check_items(p_caller, p_items);
    insert into maitred.customer_order (venue, table_id, session_id, customer_name, customer_phone,
            customer_id, status, estimated_time, payment_method, notes)
        values (v.id, p_table_id, p_session_id, nullif(btrim(p_customer_name), ''), p_customer_phone,
                case when btrim(p_customer_name) <> '' and p_customer_phone is not null
                    then maitred.customer_for(p_caller, p_customer_name, p_customer_phone, null) end,
                coalesce(p_status, 'pending'), p_estimated_time, p_payment_method, p_notes)
        returning id into new_id;
    perform maitred.add_lines(p_caller, new_id, p_items);
    return maitred.order_answer(p_caller, 201, new_id, '/api/v1/orders/' || new_id);
end $$;

-- ---------------------------------------------------------------- changing

-- What is null stays. A table is named only for an order that has no session: an order of a session
-- goes where the session goes.
create or replace function api.order_update(
    p_caller api.caller, p_id bigint, p_customer_name text, p_customer_phone text,
    p_estimated_time bigint, p_payment_method text, p_notes text, p_table_id bigint, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    o maitred.customer_order;
    joined bigint;
begin
    perform feed.act_as(p_caller);
    perform maitred.refuse_guest(p_caller, p_id);
    if p_table_id is not null then
        perform from maitred.customer_order x where x.venue = p_caller.venue and x.id = p_id;
        if not found then perform maitred.fail_no_order(); end if;
        joined := maitred.order_session(p_caller, p_table_id, null);
    end if;
    o := maitred.take_order(p_caller, p_id, p_version);
    perform maitred.refuse_closed_order(o);
    if p_table_id <> coalesce(o.table_id, 0) and o.session_id is not null then
        perform maitred.fail(409, 'order_of_session',
            'The order belongs to a table''s session and moves with it.', 'table_id');
    end if;
    update maitred.customer_order x set
            customer_name = coalesce(p_customer_name, x.customer_name),
            customer_phone = coalesce(p_customer_phone, x.customer_phone),
            estimated_time = coalesce(p_estimated_time, x.estimated_time),
            payment_method = coalesce(p_payment_method, x.payment_method),
            notes = coalesce(p_notes, x.notes),
            table_id = coalesce(p_table_id, x.table_id),
            session_id = coalesce(x.session_id, joined)
        where x.venue = o.venue and x.id = o.id;
    return maitred.order_answer(p_caller, 200, p_id);
end $$;

-- The kitchen cooks: preparing and ready, of orders and of lines alike.
create or replace function maitred.check_cook(caller api.caller, status text) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform maitred.refuse_guest(caller);
    if caller.role = 'kitchen' and coalesce(status, '') not in ('preparing', 'ready') then
        perform maitred.fail(403, 'forbidden', 'The kitchen sets preparing and ready.', 'status',
                             '{"allowed": ["preparing", "ready"]}');
    end if;
end $$;

-- One step. Which are allowed the table itself knows; the note goes to the history.
create or replace function api.order_status(
    p_caller api.caller, p_id bigint, p_status text, p_note text, p_version bigint, p_emergency boolean)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare o maitred.customer_order;
begin
    perform feed.act_as(p_caller);
    perform maitred.rate_take(p_caller, p_emergency);
    o := maitred.take_order(p_caller, p_id, p_version);
    perform maitred.check_cook(p_caller, p_status);
    if o.status = p_status then perform maitred.refuse_step('order', o.status, p_status); end if;
    perform set_config('maitred.note', coalesce(p_note, ''), true);
    update maitred.customer_order x set status = p_status where x.venue = o.venue and x.id = o.id;
    perform set_config('maitred.note', '', true);
    return maitred.order_answer(p_caller, 200, p_id);
end $$;
