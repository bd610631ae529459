-- Accounts and API keys, as the operator sees them. Called by `maitred user`, `api-key` and
-- `token`; owner only. What a change of role, password or active means for open tokens is the
-- business of a trigger (rules/guards.sql).
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.account_named(venue bigint, username text) returns bigint
language plpgsql stable
as $$
declare found_id bigint;
begin
    select a.id into found_id from maitred.account a
        where a.venue = account_named.venue and lower(a.username) = lower(account_named.username);
    if found_id is null then
        perform maitred.fail(404, 'account_not_found', format('There is no account %s.', username));
    end if;
    return found_id;
end $$;

create or replace function maitred.account_create(
    slug text, username text, display_name text, email text, role text, password_hash text,
    if_missing boolean, out id bigint, out made boolean)
language plpgsql volatile
as $$
declare v bigint := maitred.venue_named(slug);
begin
    insert into maitred.account (venue, username, display_name, email, role, password_hash)
        values (v, username, coalesce(display_name, username), email, role, password_hash)
        on conflict do nothing returning account.id into id;
    made := id is not null;
    if made then return; end if;
    if not coalesce(if_missing, false) then
        perform maitred.fail(409, 'username_taken',
            format('Venue %s has an account %s already.', slug, username), 'username');
    end if;
    id := maitred.account_named(v, username);
end $$;

create or replace function maitred.account_list(slug text)
returns table (id bigint, username text, role text, name text, email text, active boolean,
               password boolean, api_keys bigint, last_login_at timestamptz)
language sql stable
as $$
    select a.id, a.username, a.role, a.display_name, a.email, a.active, a.password_hash is not null,
           (select count(*) from maitred.api_key k where k.venue = a.venue and k.account_id = a.id
                and k.revoked_at is null), a.last_login_at
    from maitred.account a where a.venue = maitred.venue_named(slug) order by a.username
$$;

-- Null leaves a value as it is.
create or replace function maitred.account_set(
    slug text, username text, display_name text, email text, role text, password_hash text,
    active boolean) returns void
language plpgsql volatile
as $$
declare
    v bigint := maitred.venue_named(slug);
    who bigint := maitred.account_named(v, username);
begin
    update maitred.account a set
        display_name = coalesce(account_set.display_name, a.display_name),
        email = coalesce(account_set.email, a.email),
        role = coalesce(account_set.role, a.role),
        password_hash = coalesce(account_set.password_hash, a.password_hash),
        active = coalesce(account_set.active, a.active)
        where a.venue = v and a.id = who;
end $$;

create or replace function maitred.api_key_create(slug text, username text, hash text, label text)
returns bigint language plpgsql volatile
as $$
declare
    v bigint := maitred.venue_named(slug);
    made bigint;
begin
    insert into maitred.api_key (venue, account_id, hash, label)
        values (v, maitred.account_named(v, username), hash, coalesce(label, ''))
        returning id into made;
    return made;
end $$;

create or replace function maitred.api_key_list(slug text)
returns table (number bigint, account text, label text, created_at timestamptz,
               last_used_at timestamptz, revoked_at timestamptz)
language sql stable
as $$
    select k.id, a.username, k.label, k.created_at, k.last_used_at, k.revoked_at
    from maitred.api_key k
    join maitred.account a on a.venue = k.venue and a.id = k.account_id
    where k.venue = maitred.venue_named(slug) order by k.id
$$;

create or replace function maitred.api_key_revoke(slug text, number bigint) returns void
language plpgsql volatile
as $$
begin
    update maitred.api_key k set revoked_at = clock_timestamp()
        where k.venue = maitred.venue_named(slug) and k.id = number and k.revoked_at is null;
    if not found then
        perform maitred.fail(404, 'api_key_not_found',
                             format('Venue %s has no key %s that is good.', slug, number));
    end if;
end $$;

-- Whom a token speaks for; refused where it would be refused at once.
create or replace function maitred.token_subject(slug text, username text)
returns table (venue bigint, account bigint, name text, role text)
language plpgsql stable
as $$
declare
    v bigint := maitred.venue_named(slug);
    who bigint := maitred.account_named(v, username);
begin
    perform from maitred.account a join maitred.venue x on x.id = a.venue
        where a.venue = v and a.id = who and a.active and x.active;
    if not found then
        perform maitred.fail(409, 'account_inactive',
                             format('Account %s or venue %s is not active.', username, slug));
    end if;
    return query select a.venue, a.id, a.username, a.role from maitred.account a
        where a.venue = v and a.id = who;
end $$;
