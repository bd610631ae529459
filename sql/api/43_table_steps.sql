-- What the staff does with a table: close, disable, enable, restore, move, and one step of status.
-- Called by REST and by the sockets alike. Which step is allowed, and that a table is occupied
-- exactly while a session is open, the tables' own triggers hold (sql/rules/tables.sql); these
-- functions lock, say no in the words of S0, and answer. All count against the account's rate.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Locks the caller's table, or 404: a deleted one and another venue's do not exist. With a version,
-- refuses one that has moved on (409 with the current document).
create or replace function maitred.take_table(
    caller api.caller, id bigint, version bigint default null, field text default null)
returns maitred.dining_table language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare t maitred.dining_table;
begin
    select * into t from maitred.dining_table x
        where x.venue = caller.venue and x.id = take_table.id and x.active for no key update;
    if t.id is null then perform maitred.fail_no_table(field); end if;
    if version is not null and version <> t.version then
        perform maitred.fail(409, 'version_conflict',
            format('Table %s has changed: it is at version %s, not %s.', t.label, t.version, version),
            'version', maitred.table_json(t.venue, t.id));
    end if;
    return t;
end $$;

-- A note is the reason of a status, so a new status comes without the old one's.
create or replace function maitred.put_status(t maitred.dining_table, status text, note text default null)
returns void language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    update maitred.dining_table x set status = put_status.status, status_note = note
        where x.venue = t.venue and x.id = t.id;
end $$;

create or replace function maitred.table_info_answer(caller api.caller, id bigint)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare a api.answer := maitred.written(caller, 200, null);
begin
    a.body := maitred.table_info(caller.venue, id)::text;
    return a;
end $$;

-- ---------------------------------------------------------------- the steps of S0

-- Ends the open session: its trigger resolves its open calls; its orders stay.
create or replace function api.table_close(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare t maitred.dining_table;
begin
    perform feed.act_as(p_caller);
    perform maitred.rate_take(p_caller);
    t := maitred.take_table(p_caller, p_id);
    if t.status <> 'occupied' then
        perform maitred.fail(409, 'no_active_session',
            format('Table %s has no open session.', t.label), null, maitred.table_json(t.venue, t.id));
    end if;
    perform maitred.put_status(t, 'available');
    return maitred.table_info_answer(p_caller, t.id);
end $$;

create or replace function api.table_disable(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare t maitred.dining_table;
begin
    perform feed.act_as(p_caller);
    perform maitred.rate_take(p_caller);
    t := maitred.take_table(p_caller, p_id);
    if t.status = 'maintenance' then
        perform maitred.fail(409, 'already_disabled',
            format('Table %s is disabled already.', t.label), null, maitred.table_json(t.venue, t.id));
    elsif t.status = 'occupied' then
        perform maitred.fail(409, 'table_occupied',
            format('Table %s is occupied.', t.label), null, maitred.table_json(t.venue, t.id));
    end if;
    perform maitred.put_status(t, 'maintenance');
    return maitred.table_info_answer(p_caller, t.id);
end $$;

create or replace function api.table_enable(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare t maitred.dining_table;
begin
    perform feed.act_as(p_caller);
    perform maitred.rate_take(p_caller);
    t := maitred.take_table(p_caller, p_id);
    if t.status <> 'maintenance' then
        perform maitred.fail(409, 'not_disabled',
            format('Table %s is not disabled.', t.label), null, maitred.table_json(t.venue, t.id));
    end if;
    perform maitred.put_status(t, 'available');
    return maitred.table_info_answer(p_caller, t.id);
end $$;

-- The session that ended last, closed or expired, is open again, with its orders; that somebody
-- reopens it is activity, so it does not expire at once. A disabled table refuses the step itself.
create or replace function api.table_restore(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    t maitred.dining_table;
    last_session bigint;
begin
    perform feed.act_as(p_caller);
    perform maitred.rate_take(p_caller);
    t := maitred.take_table(p_caller, p_id);
    if t.status = 'occupied' then
        perform maitred.fail(409, 'table_occupied',
            format('Table %s is occupied.', t.label), null, maitred.table_json(t.venue, t.id));
    end if;
    select s.id into last_session from maitred.table_session s
        where s.venue = t.venue and s.table_id = t.id and s.state <> 'open'
        order by s.closed_at desc, s.id desc limit 1;
    if last_session is null then
        perform maitred.fail(409, 'no_session_to_restore',
            format('Table %s has had no session.', t.label), null, maitred.table_json(t.venue, t.id));
    end if;
    update maitred.table_session s set state = 'open', last_active = clock_timestamp()
        where s.venue = t.venue and s.id = last_session;
    perform maitred.put_status(t, 'occupied');
    return maitred.table_info_answer(p_caller, t.id);
end $$;

-- ---------------------------------------------------------------- moving a party

-- Locks tables in the order of their ids: two moves the other way round wait, no more.
create or replace function maitred.lock_tables(caller api.caller, ids bigint[]) returns void
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform from maitred.dining_table t
        where t.venue = caller.venue and t.id = any (ids) order by t.id for no key update;
end $$;

create or replace function maitred.refuse_move(source maitred.dining_table, target maitred.dining_table)
returns void language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if target.status not in ('available', 'reserved') then
        perform maitred.fail(409, 'target_unavailable', format('Table %s is %s.', target.label,
            target.status), 'to', maitred.table_json(target.venue, target.id));
    elsif source.status <> 'occupied' then
        perform maitred.fail(409, 'no_session_to_move', format('Table %s has no open session.',
            source.label), 'from', maitred.table_json(source.venue, source.id));
    end if;
end $$;

-- The session goes first, so that leaving the source closes none; its orders and open calls follow.
create or replace function api.table_move(p_caller api.caller, p_from bigint, p_to bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    source maitred.dining_table;
    target maitred.dining_table;
    a api.answer;
begin
    perform feed.act_as(p_caller);
    perform maitred.rate_take(p_caller);
    if p_from = p_to then
        perform maitred.fail(422, 'same_table', 'A party moves to another table.', 'to');
    end if;
    perform maitred.lock_tables(p_caller, array[p_from, p_to]);
    source := maitred.take_table(p_caller, p_from, null, 'from');
    target := maitred.take_table(p_caller, p_to, null, 'to');
    perform maitred.refuse_move(source, target);
    update maitred.table_session s set table_id = target.id
        where s.venue = source.venue and s.table_id = source.id and s.state = 'open';
    perform maitred.put_status(source, 'available');
    perform maitred.put_status(target, 'occupied');
    a := maitred.written(p_caller, 200, null);
    a.body := jsonb_build_object('tables', jsonb_build_array(
        maitred.table_info(source.venue, source.id), maitred.table_info(target.venue, target.id)))::text;
    return a;
end $$;

-- ---------------------------------------------------------------- one step of status

create or replace function maitred.table_answer(
    caller api.caller, status int, id bigint, location text default null)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare a api.answer := maitred.written(caller, status, null, location);
begin
    a.body := maitred.table_json(caller.venue, id)::text;
    return a;
end $$;

-- The status that it has already is no step: only a note that is given replaces the old one.
create or replace function maitred.step_status(t maitred.dining_table, status text, note text)
returns void language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if coalesce(status, t.status) <> t.status then
        perform maitred.put_status(t, status, nullif(note, ''));
    elsif note is not null then
        perform maitred.put_status(t, t.status, nullif(note, ''));
    end if;
end $$;

create or replace function api.table_set_status(
    p_caller api.caller, p_id bigint, p_status text, p_notes text, p_version bigint,
    p_emergency boolean)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    perform maitred.rate_take(p_caller, p_emergency);
    perform maitred.step_status(maitred.take_table(p_caller, p_id, p_version), p_status, p_notes);
    return maitred.table_answer(p_caller, 200, p_id);
end $$;
