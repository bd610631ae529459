-- What the staff does with a table's session by its own id: how many sit there, whose it is, its end.
-- Called by the sockets of sessions and by REST. Locks are taken in one order: table, then session.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('session_guest_count_range', 422, 'invalid_field', 'guests_count must be from 1 to 100.', 'guests_count'),
    ('session_waiter_exists', 404, 'waiter_not_found', 'There is no such account.', 'waiter_id')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

-- The open session with its table locked. It may move while the table is waited for: then the
-- other table is locked too, and looked at again.
create or replace function maitred.take_session(caller api.caller, id bigint)
returns maitred.table_session language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    s maitred.table_session;
    held bigint;
begin
    loop
        select * into s from maitred.table_session x
            where x.venue = caller.venue and x.id = take_session.id;
        if s.id is null then
            perform maitred.fail(404, 'session_not_found', 'There is no such session.');
        elsif s.state <> 'open' then
            perform maitred.fail(409, 'session_closed', 'The session is over.', null, maitred.session_doc(s));
        end if;
        exit when s.table_id = held;
        held := s.table_id;
        perform from maitred.dining_table t where t.venue = s.venue and t.id = held for no key update;
    end loop;
    return s;
end $$;

create or replace function maitred.session_answer(caller api.caller, id bigint)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare a api.answer := maitred.written(caller, 200, null);
begin
    a.body := maitred.session_json(caller.venue, id)::text;
    return a;
end $$;

create or replace function api.session_update(
    p_caller api.caller, p_id bigint, p_guests_count bigint, p_waiter_id bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare s maitred.table_session;
begin
    perform feed.act_as(p_caller);
    s := maitred.take_session(p_caller, p_id);
    if p_guests_count is null and p_waiter_id is null then
        perform maitred.fail(422, 'required', 'Say how many guests there are, or whose the session is.',
                             'guests_count');
    end if;
    perform maitred.known_waiter(p_caller, p_waiter_id, 'waiter_id');
    update maitred.table_session x set guest_count = coalesce(p_guests_count, x.guest_count),
            waiter_id = coalesce(p_waiter_id, x.waiter_id), last_active = clock_timestamp()
        where x.venue = s.venue and x.id = s.id;
    return maitred.session_answer(p_caller, s.id);
end $$;

-- The table is left, which ends its session: as table_close, by the other id.
create or replace function api.session_close(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare s maitred.table_session;
begin
    perform feed.act_as(p_caller);
    perform maitred.rate_take(p_caller);
    s := maitred.take_session(p_caller, p_id);
    perform maitred.put_status(maitred.take_table(p_caller, s.table_id), 'available');
    return maitred.session_answer(p_caller, s.id);
end $$;
