-- Messages to waiters, guests' calls, and what a waiter still has to see to. Most messages make
-- themselves (sql/rules/messages.sql); these functions send others, acknowledge and resolve.
-- An acknowledgement is stored once: who came first stays.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('notification_kind_known', 422, 'invalid_field', 'There is no such kind.', 'kind'),
    ('notification_priority_known', 422, 'invalid_field', 'priority must be low, normal, high or urgent.', 'priority'),
    ('notification_text_length', 422, 'invalid_field', 'text must have 1 to 500 characters.', 'text'),
    ('request_kind_known', 422, 'invalid_field', 'kind must be call_waiter or bill_requested.', 'kind'),
    ('request_priority_known', 422, 'invalid_field', 'priority must be low, normal, high or urgent.', 'priority'),
    ('request_text_length', 422, 'invalid_field', 'text must have no more than 500 characters.', 'text')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

create or replace function maitred.known_waiter(caller api.caller, id bigint, field text) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform from maitred.account a where a.venue = caller.venue and a.id = known_waiter.id and a.active;
    if not found and id is not null then
        perform maitred.fail(404, 'waiter_not_found', 'There is no such account.', field);
    end if;
end $$;

-- Those in charge also get what is for them alone: alerts of what nobody acknowledged.
create or replace function maitred.in_charge(v bigint, account bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (select from maitred.account a
        where a.venue = v and a.id = account and a.role in ('admin', 'manager'));
end $$;

-- ---------------------------------------------------------------- reading

create or replace function api.notification_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare doc jsonb := maitred.notification_json(p_caller.venue, p_id);
begin
    if doc is null then perform maitred.fail(404, 'not_found', 'There is no such notification.'); end if;
    return maitred.ok(doc::text);
end $$;

-- The open ones, newest first; of a waiter those to everybody, or to those in charge, too.
create or replace function api.notification_list(
    p_caller api.caller, p_waiter bigint, p_kind text[], p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    lim bigint := coalesce(p_lim, 50);
    skip bigint := maitred.page_skip(coalesce(p_page, 1), lim);
    boss boolean := maitred.in_charge(p_caller.venue, p_waiter);
    items jsonb;
    total bigint;
begin
    with open as materialized (
        select n.id, n.created_at from maitred.notification n
        where n.venue = v.id and n.acknowledged_at is null and n.resolved_at is null
          and (p_waiter is null or n.waiter_id = p_waiter
               or n.waiter_id is null and (n.audience is null or boss))
          and (coalesce(p_kind, '{}') = '{}' or n.kind = any (p_kind))
    ), page as (
        select o.* from open o order by o.created_at desc, o.id desc
        offset skip limit lim
    )
    select (select count(*) from open),
           (select jsonb_agg(maitred.notification_doc(n) order by p.created_at desc, p.id desc)
            from page p join maitred.notification n on n.venue = v.id and n.id = p.id)
        into total, items;
    return maitred.ok(coalesce(items, '[]')::text, total);
end $$;

-- What is for a waiter or for all and still open, the most pressing first, then the oldest.
create or replace function maitred.tasks_of(v bigint, waiter bigint)
returns table (place bigint, doc jsonb) language sql stable
as $$
    select row_number() over (order by
               array_position(array['urgent', 'high', 'normal', 'low'], n.priority), n.id),
           maitred.notification_doc(n)
    from maitred.notification n, maitred.in_charge(v, waiter) boss
    where n.venue = v and n.acknowledged_at is null and n.resolved_at is null
      and (n.waiter_id = waiter or n.waiter_id is null and (n.audience is null or boss)) $$;

-- Whoever reads messages may ask for anybody's tasks: one takes over another's tables.
create or replace function api.waiter_tasks(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    items jsonb;
begin
    perform from maitred.account a where a.venue = v.id and a.id = p_id;
    if not found then perform maitred.fail(404, 'not_found', 'There is no such account.'); end if;
    select jsonb_agg(t.doc order by t.place) into items from maitred.tasks_of(v.id, p_id) t;
    return maitred.ok(coalesce(items, '[]')::text);
end $$;

-- ---------------------------------------------------------------- sending and acknowledging

create or replace function maitred.notification_answer(
    caller api.caller, status int, id bigint, location text default null)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare a api.answer := maitred.written(caller, status, null, location);
begin
    a.body := maitred.notification_json(caller.venue, id)::text;
    return a;
end $$;

create or replace function api.notification_create(
    p_caller api.caller, p_waiter_id bigint, p_kind text, p_priority text, p_text text, p_data jsonb)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    new_id bigint;
begin
    perform feed.act_as(p_caller);
    perform maitred.known_waiter(p_caller, p_waiter_id, 'waiter_id');
    insert into maitred.notification (venue, waiter_id, kind, priority, text, data)
        values (v.id, p_waiter_id, coalesce(p_kind, 'alert'), coalesce(p_priority, 'normal'), p_text, p_data)
        returning id into new_id;
    return maitred.notification_answer(p_caller, 201, new_id, '/api/v1/notifications/' || new_id);
end $$;

-- To everybody at once. It asks for nothing, so it is resolved as it is made and nobody's task.
create or replace function api.broadcast_create(
    p_caller api.caller, p_priority text, p_text text, p_data jsonb)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    new_id bigint;
begin
    perform feed.act_as(p_caller);
    insert into maitred.notification (venue, kind, priority, text, data, resolved_at)
        values (v.id, 'broadcast', coalesce(p_priority, 'normal'), p_text, p_data, clock_timestamp())
        returning id into new_id;
    return maitred.notification_answer(p_caller, 201, new_id, '/api/v1/notifications/' || new_id);
end $$;

-- The call behind a message is locked before the message, as whoever resolves the call does; a message
-- before the alert that stands for it, since both end together (sql/rules/timers.sql).
create or replace function api.notification_acknowledge(p_caller api.caller, p_id bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    perform from maitred.service_request r where r.venue = p_caller.venue and r.id = (
        select n.request_id from maitred.notification n where n.venue = p_caller.venue and n.id = p_id)
        for no key update;
    perform from maitred.notification n where n.venue = p_caller.venue
        and (n.id = p_id or n.escalates = p_id or n.id = (
            select a.escalates from maitred.notification a where a.venue = p_caller.venue and a.id = p_id))
        order by n.id for no key update;
    if not found then perform maitred.fail(404, 'not_found', 'There is no such notification.'); end if;
    update maitred.notification n set acknowledged_by = p_caller.actor, acknowledged_at = clock_timestamp()
        where n.venue = p_caller.venue and n.id = p_id and n.acknowledged_at is null;
    return maitred.notification_answer(p_caller, 200, p_id);
end $$;

-- ---------------------------------------------------------------- a guest's calls

-- A guest sees the own table's calls, without the staff's names.
create or replace function maitred.request_seen(caller api.caller, id bigint) returns jsonb
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare doc jsonb := maitred.service_request_json(caller.venue, id);
begin
    if caller.role is distinct from 'guest' then return doc; end if;
    if (doc -> 'session_id') is distinct from to_jsonb(maitred.guest_session(caller)) then return null; end if;
    return doc || '{"waiter_id": null, "acknowledged_by": null, "created_by": null}';
end $$;

-- The session that a guest's token is about: the one it names, or that of its order.
create or replace function maitred.guest_session(caller api.caller) returns bigint
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    return coalesce(caller.session, (select o.session_id from maitred.customer_order o
        where o.venue = caller.venue and o.id = caller.order_id));
end $$;

create or replace function maitred.request_answer(
    caller api.caller, status int, id bigint, location text default null)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare a api.answer := maitred.written(caller, status, null, location);
begin
    a.body := maitred.request_seen(caller, id)::text;
    return a;
end $$;

create or replace function api.service_request_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare doc jsonb := maitred.request_seen(p_caller, p_id);
begin
    if doc is null then perform maitred.fail(404, 'not_found', 'There is no such request.'); end if;
    return maitred.ok(doc::text);
end $$;

-- Where a call comes from, locked (table, then session), or the refusal.
create or replace function maitred.request_place(
    caller api.caller, table_id bigint, session_id bigint, out place bigint, out seated bigint)
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare mine bigint := maitred.guest_session(caller);
begin
    if caller.role = 'guest' then
        if session_id is not null and session_id is distinct from mine then
            perform maitred.fail(404, 'session_not_found', 'There is no such session.', 'session_id');
        elsif mine is null then
            perform maitred.fail(409, 'no_session', 'The order was not placed at a table.');
        end if;
    elsif table_id is null and session_id is null then
        perform maitred.fail(422, 'required', 'Say which table, or which session.', 'table_id');
    end if;
    seated := maitred.order_session(
        (caller.venue, caller.account, caller.actor, caller.role, mine, null, caller.masked)::api.caller,
        table_id, session_id);
    select coalesce(request_place.table_id, s.table_id) into place
        from (values (1)) one left join maitred.table_session s
            on s.venue = caller.venue and s.id = seated;
    perform from maitred.table_session s where s.venue = caller.venue and s.id = seated for no key update;
end $$;

-- The same call again, while the first is open, is the first: pressing twice calls once.
create or replace function api.service_request_create(
    p_caller api.caller, p_kind text, p_table_id bigint, p_session_id bigint, p_priority text, p_text text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    at record;
    new_id bigint;
begin
    perform feed.act_as(p_caller);
    at := maitred.request_place(p_caller, p_table_id, p_session_id);
    select r.id into new_id from maitred.service_request r
        where r.venue = v.id and r.resolved_at is null and r.kind = p_kind
          and r.session_id is not distinct from at.seated and r.table_id is not distinct from at.place
        order by r.id limit 1;
    if new_id is null then
        insert into maitred.service_request (venue, session_id, table_id, order_id, kind, priority, text)
            values (v.id, at.seated, at.place, p_caller.order_id, p_kind,
                    coalesce(p_priority, 'normal'), coalesce(p_text, ''))
            returning id into new_id;
    end if;
    return maitred.request_answer(p_caller, 201, new_id, '/api/v1/service-requests/' || new_id);
end $$;

create or replace function api.service_request_resolve(p_caller api.caller, p_id bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    perform maitred.refuse_guest(p_caller);
    perform from maitred.service_request r where r.venue = p_caller.venue and r.id = p_id for no key update;
    if not found then perform maitred.fail(404, 'not_found', 'There is no such request.'); end if;
    update maitred.service_request r set resolved_at = clock_timestamp()
        where r.venue = p_caller.venue and r.id = p_id and r.resolved_at is null;
    return maitred.request_answer(p_caller, 200, p_id);
end $$;

create or replace function api.service_request_list(
    p_caller api.caller, p_page bigint, p_lim bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    mine bigint := maitred.guest_session(p_caller);
    lim bigint := coalesce(p_lim, 50);
    skip bigint := maitred.page_skip(coalesce(p_page, 1), lim);
    items jsonb;
    total bigint;
begin
    with open as materialized (
        select r.id from maitred.service_request r
        where r.venue = v.id and r.resolved_at is null
          and (p_caller.role is distinct from 'guest' or r.session_id = mine)
    ), page as (
        select o.id from open o order by o.id desc offset skip limit lim
    )
    select (select count(*) from open),
           (select jsonb_agg(maitred.request_seen(p_caller, p.id) order by p.id desc) from page p)
        into total, items;
    return maitred.ok(coalesce(items, '[]')::text, total);
end $$;
