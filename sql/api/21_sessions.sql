-- Is a token still good, who is its account now, and how it ends. Called for every request whose
-- program has no fresh positions page, by the accounts program, and by the sidecar at its start.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- The second from which a token's iat counts as made after the account's last change. Rounded up:
-- a token from the same second, but before the change, must not survive it.
create or replace function maitred.not_before_second(at timestamptz) returns bigint
language sql immutable strict parallel safe
as $$ select case when isfinite(at) then ceil(extract(epoch from at))::bigint else 0 end $$;

create or replace function maitred.refuse_changed() returns void
language sql volatile
as $$ select maitred.fail(401, 'role_changed', 'The account has changed; log in again.') $$;

-- The caller's account and venue, both active, or 401.
create or replace function maitred.account_of(
    caller api.caller, out a maitred.account, out v maitred.venue)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    select * into v from maitred.venue x where x.id = caller.venue and x.active;
    select * into a from maitred.account x
        where x.venue = caller.venue and x.id = caller.account and x.active;
    if v.id is null or a.id is null then perform maitred.refuse_changed(); end if;
end $$;

create or replace function maitred.refuse_revoked(jti text) returns void
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform from maitred.revoked_token t where t.jti = refuse_revoked.jti;
    if found then perform maitred.fail(401, 'token_revoked', 'The token has been revoked.'); end if;
end $$;

-- The account of a token that was made at `iat`, as it is now; 401 when it has changed since.
create or replace function maitred.token_account(
    caller api.caller, iat bigint, out a maitred.account, out v maitred.venue)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare who record;
begin
    select * into who from maitred.account_of(caller);
    a := who.a;
    v := who.v;
    if iat < maitred.not_before_second(a.not_before) then perform maitred.refuse_changed(); end if;
end $$;

-- Neither revoked nor older than its account's last change. A guest has no account: the venue
-- must be open for business, that is all.
create or replace function api.session_check(p_caller api.caller, p_jti text, p_iat bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare who record;
begin
    perform maitred.refuse_revoked(p_jti);
    if p_caller.role = 'guest' then
        perform from maitred.venue x where x.id = p_caller.venue and x.active;
        if not found then perform maitred.refuse_changed(); end if;
    else
        select * into who from maitred.token_account(p_caller, p_iat);
        if (who.a).role is distinct from p_caller.role then perform maitred.refuse_changed(); end if;
    end if;
    return (204, null, null, null, null)::api.answer;
end $$;

-- Whom a token of an outside provider speaks for: it names an account and its venue, and what that
-- account may do stands here, whatever else the token says. Revoked or too old: 401 as above.
create or replace function api.session_account(p_caller api.caller, p_jti text, p_iat bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare who record;
begin
    perform maitred.refuse_revoked(p_jti);
    select * into who from maitred.token_account(p_caller, p_iat);
    return maitred.ok(json_build_object('account', (who.a).id, 'venue', (who.v).id,
        'role', (who.a).role, 'username', (who.a).username, 'slug', (who.v).slug)::text);
end $$;

-- The account as it is now, for a new token.
create or replace function api.session_user(p_caller api.caller) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare who record;
begin
    select * into who from maitred.account_of(p_caller);
    perform maitred.wait_out_change((who.a).not_before);
    return maitred.ok(maitred.user_json(who.a, who.v)::text);
end $$;

-- S3's profile of whoever is logged in. A guest sees the venue and no account. The venue's
-- settings may say that it is not onboarded yet and where its picture is.
create or replace function api.user_profile(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    a maitred.account;
begin
    select * into a from maitred.account x where x.venue = v.id and x.id = p_caller.account;
    return maitred.ok(json_build_object(
        'id', a.id, 'username', a.username, 'name', a.display_name,
        'businessName', v.name, 'role', coalesce(a.role, p_caller.role),
        'email', a.email,
        'businessType', v.kind,
        'onboarded', coalesce(v.settings -> 'onboarded', 'true') <> 'false',
        'profileImage', v.settings ->> 'profile_image',
        'venue', maitred.user_json(a, v) -> 'venue')::text);
end $$;

-- Ends a token. Every sidecar reads the event and closes the sockets opened with it; the row is
-- what a program without a fresh page asks. An API key has no jti: nothing to end.
create or replace function api.logout(p_caller api.caller, p_jti text, p_exp bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    if coalesce(p_jti, '') <> '' and p_caller.venue is not null then
        insert into maitred.revoked_token (jti, venue, account_id, expires_at)
            values (p_jti, p_caller.venue, nullif(p_caller.account, 0),
                    to_timestamp(greatest(p_exp, extract(epoch from clock_timestamp())::bigint)))
            on conflict (jti) do nothing;
    end if;
    return maitred.written(p_caller, 204, null);
end $$;

-- What every sidecar and the positions page must know at start, kept up by events afterwards:
-- revoked tokens that have not run out, accounts changed within a token's longest life, and
-- accounts that may do nothing. Closed venues are api.sidecar_venues' business: theirs open again.
create or replace function api.session_state()
returns table (kind text, key text, value bigint)
language sql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
    select 'jti', t.jti, ceil(extract(epoch from t.expires_at))::bigint
        from maitred.revoked_token t where t.expires_at > clock_timestamp()
    union all
    select 'account', a.id::text, maitred.not_before_second(a.not_before)
        from maitred.account a
        where a.not_before > clock_timestamp() - interval '31 days' and isfinite(a.not_before)
    union all
    select 'inactive', a.id::text, 0
        from maitred.account a where not a.active
$$;
