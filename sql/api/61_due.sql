-- The one timer of everything that happens by itself: reservations and a hotel's arrivals are announced
-- half an hour before, messages that nobody acknowledged become alerts, tables that were kept in vain are
-- free again, sessions that nobody uses end. The sidecar asks what is due and in how many milliseconds the
-- next will be; it asks again then, or when something changed. `maitred maintain` asks where none runs.
--
-- Several may ask at once: SKIP LOCKED shares the work, and what is done is not due any more, so each is
-- done once. The only clock is the database's. Writes nothing when nothing is due.
-- When the last three are due, sql/rules/timers.sql says, row by row. What was not announced before it
-- started (every sidecar was down) is not announced any more; the others are done late.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- ---------------------------------------------------------------- announcements

-- Days of arrival that a hotel may have to announce at `at`: the local days around the half hour.
create or replace function maitred.mark_arrivals(at timestamptz, most int) returns int
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    until timestamptz := at + interval '30 minutes';
    n int;
begin
    -- Materialized: planned as the inner side of a loop, the limit would count anew each time.
    with due as materialized (
            select x.venue, x.id
            from maitred.venue v
            join maitred.booking x on x.venue = v.id
                and x.check_in between (at at time zone v.timezone)::date
                                   and (until at time zone v.timezone)::date
            where v.kind = 'hotel' and v.active and x.upcoming_sent_at is null
              and x.status in ('pending', 'confirmed')
              and maitred.arrival(x.check_in, v.settings, v.timezone) > at
              and maitred.arrival(x.check_in, v.settings, v.timezone) <= until
            order by x.venue, x.check_in, x.id
            limit greatest(most, 0) for no key update of x skip locked)
        update maitred.booking b set upcoming_sent_at = at
        from due where b.venue = due.venue and b.id = due.id;
    get diagnostics n = row_count;
    return n;
end $$;

create or replace function maitred.mark_reservations(at timestamptz, most int) returns int
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare n int;
begin
    with due as materialized (
            select x.venue, x.id from maitred.reservation x
            join maitred.venue v on v.id = x.venue and v.active
            where x.upcoming_sent_at is null and x.status in ('pending', 'confirmed')
              and x.starts_at > at and x.starts_at <= at + interval '30 minutes'
            order by x.starts_at, x.venue, x.id
            limit greatest(most, 0) for no key update of x skip locked)
        update maitred.reservation r set upcoming_sent_at = at
        from due where r.venue = due.venue and r.id = due.id;
    get diagnostics n = row_count;
    return n;
end $$;

-- ---------------------------------------------------------------- messages

-- An alert to those in charge, more pressing than the message and about the same things.
create or replace function maitred.escalate_messages(at timestamptz, most int) returns int
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare n int;
begin
    with due as materialized (
            select x.venue, x.id from maitred.notification x where x.escalate_at <= at
            order by x.escalate_at
            limit greatest(most, 0) for no key update skip locked),
        told as (
            update maitred.notification m set escalate_at = null
            from due where m.venue = due.venue and m.id = due.id returning m.*)
        insert into maitred.notification (venue, kind, priority, audience, escalates, text,
                                          table_id, order_id, session_id, request_id)
            select t.venue, 'alert', case when t.priority in ('low', 'normal') then 'high' else 'urgent' end,
                   'managers', t.id, left(format('Not acknowledged for %s s: %s',
                       round(extract(epoch from at - t.created_at)), t.text), 500),
                   t.table_id, t.order_id, t.session_id, t.request_id
            from told t order by t.venue, t.id
        on conflict (venue, escalates) where escalates is not null do nothing;
    get diagnostics n = row_count;
    return n;
end $$;

-- ---------------------------------------------------------------- tables and sessions

-- The reservation itself stays: whether a late party is still seated is for people to say.
create or replace function maitred.release_tables(at timestamptz, most int) returns int
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare n int;
begin
    with due as materialized (
            select x.venue, x.id from maitred.dining_table x where x.reserved_until <= at
            order by x.reserved_until
            limit greatest(most, 0) for no key update skip locked)
        update maitred.dining_table t set status = 'available', status_note = null
        from due where t.venue = due.venue and t.id = due.id;
    get diagnostics n = row_count;
    return n;
end $$;

-- Like closing, but for the word: calls are resolved, guests' tokens end, orders stay. Once the row is
-- locked it is looked at again: who used it meanwhile keeps it.
create or replace function maitred.expire_session(s maitred.table_session, at timestamptz) returns int
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare until timestamptz := maitred.session_used(s) + maitred.timer_after(s.venue, 'session_idle_s');
begin
    if until is null or until > at then
        update maitred.table_session x set expires_at = until where x.venue = s.venue and x.id = s.id;
        return 0;
    end if;
    update maitred.table_session x set state = 'expired' where x.venue = s.venue and x.id = s.id;
    update maitred.dining_table t set status = 'available', status_note = null
        where t.venue = s.venue and t.id = s.table_id;
    return 1;
end $$;

-- One that still owes something stays open. The table is locked too, as whoever opens or closes one does.
create or replace function maitred.expire_sessions(at timestamptz, most int) returns int
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    s maitred.table_session;
    n int := 0;
begin
    for s in select x.* from maitred.table_session x
             join maitred.dining_table t on t.venue = x.venue and t.id = x.table_id
             where x.expires_at <= at and not maitred.session_owes(x.venue, x.id)
             order by x.expires_at
             limit greatest(most, 0) for no key update of t, x skip locked loop
        n := n + maitred.expire_session(s, at);
    end loop;
    return n;
end $$;

-- ---------------------------------------------------------------- the next

-- Half an hour before the first start that is further off.
create or replace function maitred.next_announcement(at timestamptz) returns timestamptz
language sql stable
as $$
    select least(
        (select min(r.starts_at) from maitred.reservation r
         where r.upcoming_sent_at is null and r.status in ('pending', 'confirmed')
           and r.starts_at > at + interval '30 minutes'),
        (select min(maitred.arrival(b.check_in, v.settings, v.timezone))
         from maitred.venue v
         cross join lateral (
             select x.check_in from maitred.booking x
             where x.venue = v.id and x.check_in >= (at at time zone v.timezone)::date
               and x.upcoming_sent_at is null and x.status in ('pending', 'confirmed')
               and maitred.arrival(x.check_in, v.settings, v.timezone) > at + interval '30 minutes'
             order by x.check_in limit 1) b
         where v.kind = 'hotel' and v.active)) - interval '30 minutes' $$;

-- What is due already and still there is held by somebody else just now: soon it is done, or due again.
create or replace function maitred.due_again(moment timestamptz, at timestamptz) returns timestamptz
language sql immutable
as $$ select case when moment <= at then at + interval '1 second' else moment end $$;

-- Each is the first of an index, however many rows there are. Sessions that owe something may long be due.
create or replace function maitred.next_due(at timestamptz) returns timestamptz
language sql stable
as $$
    select least(maitred.next_announcement(at),
        maitred.due_again((select min(n.escalate_at) from maitred.notification n), at),
        maitred.due_again((select min(t.reserved_until) from maitred.dining_table t), at),
        (select min(s.expires_at) from maitred.table_session s where s.expires_at > at),
        maitred.due_again((select s.expires_at from maitred.table_session s
            where s.expires_at <= at and not maitred.session_owes(s.venue, s.id)
            order by s.expires_at limit 1), at)) $$;

-- How many of each kind were done; how long until the next is due, null when nothing is ahead.
create or replace function api.due_run(p_max int)
returns table (announced int, escalated int, released int, expired int, wait_ms bigint)
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    at timestamptz := clock_timestamp();
    most int := least(greatest(coalesce(p_max, 100), 1), 100);   -- no bulk change: each has its event
    few constant int := 20;   -- each session brings calls, messages and tokens along
    was_full boolean;
begin
    perform feed.act_as(null::api.caller);
    announced := maitred.mark_reservations(at, most);
    announced := announced + maitred.mark_arrivals(at, most - announced);
    escalated := maitred.escalate_messages(at, most - announced);
    released := maitred.release_tables(at, most - announced - escalated);
    expired := maitred.expire_sessions(at, least(few, most - announced - escalated - released));
    was_full := expired >= few or announced + escalated + released + expired >= most;
    -- Full: there may be more, so call again at once.
    wait_ms := case when was_full then 0 else
        ceil(extract(epoch from maitred.next_due(at) - clock_timestamp()) * 1000) end;
    return next;
end $$;

revoke execute on function api.due_run(int), api.session_state(),
    api.channel_snapshot(api.caller, text, bigint) from maitred_rest, maitred_job;
