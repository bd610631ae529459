-- Guest tokens: staff make one for a table session or for an order; whoever holds it may do what a
-- guest may with that one thing. The token is signed by the accounts program before it calls.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- The session is held until the commit: closing it then finds the token and revokes it.
create or replace function maitred.guest_of_session(
    caller api.caller, session bigint, jti text, until timestamptz)
returns void language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare s maitred.table_session;
begin
    select * into s from maitred.table_session x
        where x.venue = caller.venue and x.id = session for share;
    if s.id is null then
        perform maitred.fail(404, 'not_found', 'There is no such session.', 'session_id');
    elsif s.state <> 'open' then
        perform maitred.fail(409, 'session_closed', 'The session is over.', 'session_id');
    end if;
    insert into maitred.guest_token (jti, venue, session_id, expires_at)
        values (guest_of_session.jti, s.venue, s.id, until);
end $$;

create or replace function api.guest_token_create(
    p_caller api.caller, p_session_id bigint, p_order_id bigint, p_jti text, p_exp bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare until timestamptz := to_timestamp(p_exp);
begin
    perform feed.act_as(p_caller);
    if num_nonnulls(p_session_id, p_order_id) <> 1 then
        perform maitred.fail(422, 'invalid_field', 'Name a session or an order.', 'session_id');
    elsif p_session_id is not null then
        perform maitred.guest_of_session(p_caller, p_session_id, p_jti, until);
    else
        perform from maitred.customer_order o where o.venue = p_caller.venue and o.id = p_order_id;
        if not found then
            perform maitred.fail(404, 'not_found', 'There is no such order.', 'order_id');
        end if;
    end if;
    return maitred.written(p_caller, 200, json_build_object('expiresAt', maitred.iso(until))::text);
end $$;
