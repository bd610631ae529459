-- Tickets: what stands for a token in a socket's URL, where it may be seen; one use, 30 seconds.
-- Made through the accounts program, taken by whichever sidecar is asked first: the row goes with
-- the statement that reads it, so a second one finds nothing.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- p_jti, p_iat, p_exp and p_key are the token's (of an API key: its own, and no end), so that the
-- socket ends when the token does.
create or replace function api.ticket_create(
    p_caller api.caller, p_hash text, p_jti text, p_iat bigint, p_exp bigint, p_key text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    until timestamptz;
begin
    perform feed.act_as(p_caller);
    insert into maitred.ticket as t (hash, venue, claims)
        values (p_hash, v.id, jsonb_build_object('account', p_caller.account, 'venue', v.id,
            'role', p_caller.role, 'username', p_caller.actor, 'slug', v.slug,
            'session', p_caller.session, 'order', p_caller.order_id,
            'jti', p_jti, 'iat', p_iat, 'exp', p_exp, 'key', p_key))
        returning t.expires_at into until;
    return maitred.written(p_caller, 200, json_build_object('expiresAt', maitred.iso(until))::text);
end $$;

-- Whom the ticket speaks for, as api.api_key_session says it of a key. It is no better than the
-- token that it was made with is now.
create or replace function api.ticket_redeem(p_caller api.caller, p_hash text) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    t maitred.ticket;
    c jsonb;
begin
    delete from maitred.ticket x where x.hash = p_hash and x.expires_at > clock_timestamp()
        returning * into t;
    if t.hash is null then
        perform maitred.fail(401, 'token_invalid', 'The ticket is unknown, used or too old.');
    end if;
    c := t.claims;
    perform api.session_check(((c ->> 'venue')::bigint, (c ->> 'account')::bigint, c ->> 'username',
            c ->> 'role', (c ->> 'session')::bigint, (c ->> 'order')::bigint, true)::api.caller,
        c ->> 'jti', (c ->> 'iat')::bigint);
    return maitred.ok(c::text);
end $$;
