-- The rooms of the tables application on Socket.IO (SPEC 5.5): which floors a session has joined, and
-- whether all_tables. They outlive the sidecar, so that connection state recovery works on another one.
-- Called by the sidecar, which gives the session's id; a session is its owner's alone, and another's
-- does not exist. A live one is renewed a few times a day; upkeep removes those that are silent for longer
-- than events are kept (sql/feed/f_maintain.sql), and one that its client ends goes at once.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.room_answer(caller api.caller, floor int) returns api.answer
language sql volatile
as $$ select maitred.written(caller, 200, json_build_object('floor', floor)::text) $$;

-- A floor, or with null the room of all tables. What was joined before stays joined.
create or replace function api.socket_join(p_caller api.caller, p_session text, p_floor int)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of(p_caller, 'restaurant', 'This venue is a hotel: it has no floor plan.');
begin
    perform feed.act_as(p_caller);
    perform from maitred.floor f where f.venue = v.id and f.number = p_floor;
    if not found and p_floor is not null then
        perform maitred.fail(404, 'floor_not_found', 'There is no such floor.', 'floor');
    end if;
    insert into maitred.socket_session as s (session, venue, owner, all_tables, floors)
        values (p_session, v.id, maitred.key_owner(p_caller), p_floor is null,
                array_remove(array[p_floor], null))
        on conflict (session) do update set renewed_at = excluded.renewed_at,
            all_tables = s.all_tables or excluded.all_tables,
            floors = array(select distinct f from unnest(s.floors || excluded.floors) f order by f)
        where (s.venue, s.owner) = (excluded.venue, excluded.owner);
    if not found then
        perform maitred.fail(404, 'session_not_found', 'There is no such session.');
    end if;
    return maitred.room_answer(p_caller, p_floor);
end $$;

-- What was not joined, a floor that is gone and another's session are left just as well.
create or replace function api.socket_leave(p_caller api.caller, p_session text, p_floor int)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    update maitred.socket_session s set renewed_at = clock_timestamp(),
            all_tables = s.all_tables and p_floor is not null,
            floors = array_remove(s.floors, p_floor)
        where s.session = p_session and s.venue = p_caller.venue and s.owner = maitred.key_owner(p_caller);
    delete from maitred.socket_session s
        where s.session = p_session and s.venue = p_caller.venue and s.owner = maitred.key_owner(p_caller)
          and not s.all_tables and s.floors = '{}';
    return maitred.room_answer(p_caller, p_floor);
end $$;

-- Its client has left for good. That it had rooms must not be forgotten with them: who says the session
-- again is to begin anew, not to come back to no room at all. One row an account tells it of all that
-- have begun by then.
create or replace function api.socket_end(p_caller api.caller, p_session text) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    delete from maitred.socket_session s
        where s.session = p_session and s.venue = p_caller.venue and s.owner = maitred.key_owner(p_caller);
    insert into maitred.socket_leaver as l (venue, owner, seq)
        select c.venue, maitred.key_owner(p_caller), c.seq from feed.counter c where c.venue = p_caller.venue
        on conflict (venue, owner) do update set seq = excluded.seq where l.seq < excluded.seq;
    return maitred.written(p_caller, 200, '{}');
end $$;

-- For who comes back, to a session that began at the position p_begun: the rooms that are still there,
-- how far it had heard, or that it was ended.
create or replace function api.socket_rooms(p_caller api.caller, p_session text, p_begun bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    s maitred.socket_session;
    numbers json;
    ended boolean;
begin
    select * into s from maitred.socket_session x
        where x.session = p_session and x.venue = p_caller.venue and x.owner = maitred.key_owner(p_caller);
    numbers := (select json_agg(f.number order by f.number) from maitred.floor f
        where f.venue = s.venue and f.number = any (s.floors));
    ended := s.session is null and exists (select from maitred.socket_leaver l
        where l.venue = p_caller.venue and l.owner = maitred.key_owner(p_caller) and l.seq >= p_begun);
    return maitred.ok(json_build_object('all', coalesce(s.all_tables, false), 'floors', coalesce(numbers, '[]'),
        'told', s.told, 'heard', s.heard, 'ended', ended)::text);
end $$;

-- Those that are connected to a sidecar, all in one statement, with how far they have heard (null: not
-- known now); what is fresh is not written again.
create or replace function api.socket_renew(p_sessions text[], p_told text[], p_heard text[]) returns void
language sql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
    update maitred.socket_session s set renewed_at = clock_timestamp(),
        told = coalesce(n.told, s.told), heard = coalesce(n.heard, s.heard)
    from unnest(p_sessions, p_told, p_heard) n (session, told, heard)
    where s.session = n.session
      and s.renewed_at < clock_timestamp() - (select least(interval '6 hours', st.keep / 4) from feed.state st) $$;

revoke execute on function api.socket_join(api.caller, text, int), api.socket_leave(api.caller, text, int),
    api.socket_end(api.caller, text), api.socket_rooms(api.caller, text, bigint),
    api.socket_renew(text[], text[], text[]) from maitred_rest, maitred_job;
