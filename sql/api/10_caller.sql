-- What every op stands on: the venue of a caller, the position beside an answer, idempotency.
-- The statements that C builds (shared/data/op_sql.c) call position, position_after,
-- idempotency_take and idempotency_keep; the other functions of this folder call the rest.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- The caller's venue, or 404: without a venue there is nothing to read or write.
create or replace function maitred.venue_of(caller api.caller) returns maitred.venue
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare v maitred.venue;
begin
    select * into v from maitred.venue x where x.id = caller.venue;
    if v.id is null then perform maitred.fail(404, 'not_found', 'There is no such venue.'); end if;
    return v;
end $$;

-- ... which must be of this kind; `otherwise` says what it lacks.
create or replace function maitred.venue_of(caller api.caller, kind text, otherwise text)
returns maitred.venue language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare v maitred.venue := maitred.venue_of(caller);
begin
    if v.kind <> venue_of.kind then
        perform maitred.fail(409, 'not_a_' || venue_of.kind, otherwise);
    end if;
    return v;
end $$;

create or replace function maitred.ok(body text, total bigint default null) returns api.answer
language sql immutable parallel safe
as $$ select (200, body, total, null, null)::api.answer $$;

-- Rows to skip before a page; pages and their size are bounded here for those who do not come through C.
create or replace function maitred.page_skip(page bigint, lim bigint) returns bigint
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if page < 1 then
        perform maitred.fail(422, 'invalid_field', 'page must be 1 or more.', 'page');
    elsif lim not between 1 and 200 then
        perform maitred.fail(422, 'invalid_field', 'limit must be from 1 to 200.', 'limit');
    end if;
    return (page - 1) * lim;
end $$;

-- The end of every write: events are made now, while a refusal at commit can still be answered,
-- and the answer names the position at which it can be read.
create or replace function maitred.written(
    caller api.caller, status int, body text, location text default null)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform feed.flush();
    return (status, body, null, location, feed.position(caller.venue))::api.answer;
end $$;

-- ---------------------------------------------------------------- position

-- Of the calling statement's snapshot, so that it belongs to the body read in the same statement.
-- A venue without a counter has had no event yet. No venue (a login): nulls, but one row.
create or replace function api.position(p_caller api.caller, out "position" text, out areas bigint[])
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    if p_caller.venue is null then return; end if;
    "position" := feed.position(p_caller.venue);
    areas := coalesce((select c.area_seq from feed.counter c where c.venue = p_caller.venue),
                      array_fill(0::bigint, array[10]));
end $$;

-- After a write: what the write itself said, else (it made no event, or is replayed from before
-- positions were kept) the counter as it is now.
create or replace function api.position_after(
    p_caller api.caller, p_position text, out "position" text, out areas bigint[])
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    select p."position", p.areas into "position", areas from api.position(p_caller) p;
    "position" := coalesce(p_position, "position");
end $$;

-- ---------------------------------------------------------------- idempotency

-- Whose keys these are: the account; a guest's are kept apart below zero, by table session or,
-- for a token of one order, further below.
create or replace function maitred.key_owner(caller api.caller) returns bigint
language sql immutable parallel safe
as $$ select case
    when coalesce(caller.account, 0) <> 0 then caller.account
    when coalesce(caller.session, 0) <> 0 then -caller.session
    else -4611686018427387904 - coalesce(caller.order_id, 0) end $$;

-- Claims a key for this transaction, or gives what was answered the first time. Two requests with
-- one key at once: the second waits for the first's commit here and then replays it; if the first
-- fails, its claim is rolled back with it and the second goes on.
create or replace function api.idempotency_take(
    p_caller api.caller, p_key text, p_op text, p_hash text,
    out fresh boolean, out answer api.answer)
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    owner bigint := maitred.key_owner(p_caller);
    was maitred.idempotency;
begin
    if p_caller.venue is null then   -- a login: nothing to keep, and no token may be stored
        fresh := true;
        return;
    end if;
    if p_key is null or length(p_key) not between 1 and 200 then
        perform maitred.fail(422, 'invalid_field', 'A key is 1 to 200 characters.', 'Idempotency-Key');
    end if;
    insert into maitred.idempotency as i (venue, account, key, op, request_hash)
        values (p_caller.venue, owner, p_key, p_op, p_hash)
        on conflict (venue, account, key) do update
            set op = excluded.op, request_hash = excluded.request_hash, status = null, body = null,
                location = null, position = null, created_at = clock_timestamp(),
                expires_at = clock_timestamp() + interval '24 hours'
            where i.expires_at <= clock_timestamp();
    fresh := found;
    if fresh then return; end if;
    select * into was from maitred.idempotency i
        where i.venue = p_caller.venue and i.account = owner and i.key = p_key;
    if was.op <> p_op or was.request_hash <> p_hash then
        perform maitred.fail(422, 'idempotency_key_reused',
            'This key was used for another request in the last 24 hours.', 'Idempotency-Key');
    end if;
    answer := (was.status, was.body, null, was.location, was.position)::api.answer;
end $$;

create or replace function api.idempotency_keep(p_caller api.caller, p_key text, p_answer api.answer)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    update maitred.idempotency i
        set status = p_answer.status, body = p_answer.body, location = p_answer.location,
            position = p_answer.position
        where i.venue = p_caller.venue and i.account = maitred.key_owner(p_caller) and i.key = p_key;
    return p_answer;
end $$;
