-- /api/accounts: the venue's accounts, for its administrators. What a change means for open tokens,
-- and that a venue keeps an administrator, is the tables' own (sql/rules/guards.sql, accounts.sql).
-- A password comes as the hash that the accounts program has made of it, and never leaves.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('account_username_mask', 422, 'invalid_field', 'username must have 1 to 64 letters, digits and . _ @ - and begin with a letter or digit.', 'username'),
    ('account_display_name_length', 422, 'invalid_field', 'displayName must have 1 to 100 characters.', 'displayName'),
    ('account_email_mask', 422, 'invalid_field', 'email must be an address.', 'email'),
    ('account_role_known', 422, 'invalid_field', 'There is no such role.', 'role'),
    ('api_key_label_length', 422, 'invalid_field', 'label must have no more than 100 characters.', 'label')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

-- The account as its administrator sees it.
create or replace function maitred.account_seen(a maitred.account) returns json
language sql stable parallel safe
as $$ select json_build_object('id', a.id, 'username', a.username, 'displayName', a.display_name,
    'email', a.email, 'role', a.role, 'active', a.active, 'hasPassword', a.password_hash is not null,
    'apiKeys', (select count(*) from maitred.api_key k
                where k.venue = a.venue and k.account_id = a.id and k.revoked_at is null),
    'lastLoginAt', maitred.iso(a.last_login_at), 'createdAt', maitred.iso(a.created_at)) $$;

create or replace function maitred.fail_no_account() returns void
language sql volatile
as $$ select maitred.fail(404, 'not_found', 'There is no such account.') $$;

create or replace function maitred.account_like(
    a maitred.account, roles text[], active boolean, search text)
returns boolean language sql immutable parallel safe
as $$ select (roles is null or a.role = any (roles))
    and (account_like.active is null or a.active = account_like.active)
    and (search is null or position(lower(search) in
            lower(a.username || ' ' || a.display_name || ' ' || coalesce(a.email, ''))) > 0) $$;

create or replace function api.account_list(
    p_caller api.caller, p_role text[], p_active boolean, p_search text, p_page int, p_lim int)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    roles text[] := nullif(p_role, '{}');
    total bigint;
    items json;
begin
    select count(*) into total from maitred.account a
        where a.venue = v.id and maitred.account_like(a, roles, p_active, p_search);
    select json_agg(maitred.account_seen(a) order by lower(a.username)) into items
        from (select * from maitred.account x
              where x.venue = v.id and maitred.account_like(x, roles, p_active, p_search)
              order by lower(x.username)
              offset maitred.page_skip(p_page, p_lim) limit p_lim) a;
    return maitred.ok(coalesce(items, '[]')::text, total);
end $$;

create or replace function api.account_get(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare a maitred.account;
begin
    select * into a from maitred.account x where x.venue = p_caller.venue and x.id = p_id;
    if a.id is null then perform maitred.fail_no_account(); end if;
    return maitred.ok(maitred.account_seen(a)::text);
end $$;

create or replace function api.account_create(
    p_caller api.caller, p_username text, p_display_name text, p_email text, p_role text,
    p_password_hash text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    a maitred.account;
begin
    perform feed.act_as(p_caller);
    insert into maitred.account (venue, username, display_name, email, role, password_hash)
        values (v.id, p_username, coalesce(p_display_name, p_username), nullif(p_email, ''), p_role,
                p_password_hash)
        returning * into a;
    return maitred.written(p_caller, 201, maitred.account_seen(a)::text, '/api/accounts/' || a.id);
end $$;

-- Null leaves a value as it is; an empty e-mail takes it away.
create or replace function api.account_update(
    p_caller api.caller, p_id bigint, p_display_name text, p_email text, p_role text,
    p_password_hash text, p_active boolean)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare a maitred.account;
begin
    perform feed.act_as(p_caller);
    update maitred.account x set
        display_name = coalesce(p_display_name, x.display_name),
        email = case when p_email is null then x.email else nullif(p_email, '') end,
        role = coalesce(p_role, x.role),
        password_hash = coalesce(p_password_hash, x.password_hash),
        active = coalesce(p_active, x.active)
        where x.venue = p_caller.venue and x.id = p_id
        returning * into a;
    if a.id is null then perform maitred.fail_no_account(); end if;
    return maitred.written(p_caller, 200, maitred.account_seen(a)::text);
end $$;
