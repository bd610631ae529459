-- Upkeep of the event table: day partitions attached ahead, old ones detached and dropped.
--
-- Whoever gets to it first (a sidecar, `maitred maintain`) asks api.feed_maintenance_plan() and
-- runs its statements one by one, each on its own, because DETACH CONCURRENTLY refuses to run
-- inside a transaction. The plan holds a session advisory lock, which its last statement gives
-- back; a session that dies gives it back as well. No rows: nothing to do, or somebody is at it.
-- A statement that fails (a lock not to be had in time) is left to the next plan.
set local role maitred_owner;
set local search_path = pg_catalog, feed, maitred, pg_temp;

create or replace function feed.day_name(day date) returns text
language sql immutable strict parallel safe
as $$ select 'event_' || to_char(day, 'YYYYMMDD') $$;

create or replace function feed.day_begin(day date) returns timestamptz
language sql immutable strict parallel safe
as $$ select day::timestamp at time zone 'UTC' $$;

create or replace function feed.utc_today() returns date
language sql stable
as $$ select (clock_timestamp() at time zone 'UTC')::date $$;

create or replace view feed.partition as
    select c.relname::text as name, to_date(substr(c.relname, 7), 'YYYYMMDD') as day,
           i.inhparent is not null as attached, coalesce(i.inhdetachpending, false) as pending
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'feed_days'
    left join pg_inherits i on i.inhrelid = c.oid
    where c.relkind = 'r' and c.relname ~ '^event_[0-9]{8}$';

-- Makes the days from today to state.ahead. The table is made on its own and then attached:
-- CREATE ... PARTITION OF would wait for, and then hold up, every writer. Events that had to go
-- to the overflow of those days move in.
create or replace function api.feed_extend() returns int
language plpgsql volatile security definer
set search_path = pg_catalog, feed, pg_temp set lock_timeout = '2s'
as $$
declare
    st feed.state;
    d date;
    made int := 0;
begin
    select * into st from feed.state for update;
    for d in select x::date from generate_series(feed.utc_today()::timestamp,
                 feed.utc_today()::timestamp + st.ahead * interval '1 day', interval '1 day') x loop
        continue when exists (select from feed.partition p where p.day = d and p.attached);
        execute format('create table if not exists feed_days.%I
                        (like feed.event including defaults including constraints)', feed.day_name(d));
        execute format('alter table feed_days.%I owner to maitred_feed_keeper', feed.day_name(d));
        execute format('grant select, insert, update, delete on feed_days.%I to maitred_owner',
                       feed.day_name(d));
        execute format('alter table feed.event attach partition feed_days.%I
                        for values from (%L) to (%L)',
                       feed.day_name(d), feed.day_begin(d), feed.day_begin(d + 1));
        made := made + 1;
    end loop;
    update feed.state set
        partitions_until = feed.day_begin(feed.utc_today() + st.ahead + 1),
        partitions_from = (select feed.day_begin(min(p.day)) from feed.partition p
                           where p.attached and not p.pending)
        where made > 0;
    perform feed.move_overflow();
    return made;
end $$;

-- Reads take feed.log, the union of both, so that an event is always there exactly once.
create or replace function feed.move_overflow() returns bigint
language plpgsql volatile
as $$
declare
    st feed.state;
    n bigint;
begin
    select * into st from feed.state;
    with moved as (delete from feed.event_overflow o
                   where o.at >= st.partitions_from and o.at < st.partitions_until
                     and feed.has_partition(st, o.at) returning *)
    insert into feed.event select * from moved;
    get diagnostics n = row_count;
    return n;
end $$;

-- Says, before a day goes, below which seq each venue has been trimmed. In ascending order, like
-- every other writer of counters.
create or replace function api.feed_trim(day date) returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, feed, pg_temp set lock_timeout = '2s'
as $$
declare
    last_ones record;
    n bigint := 0;
    until timestamptz := feed.day_begin(day + 1);
begin
    if until > clock_timestamp() - (select s.keep from feed.state s) then
        raise exception 'events of % are still to be kept', day using errcode = 'object_not_in_prerequisite_state';
    end if;
    for last_ones in
        select l.venue, max(l.seq) + 1 as below from feed.log l where l.at < until
        group by l.venue order by l.venue
    loop
        update feed.counter c set trimmed_below = last_ones.below
            where c.venue = last_ones.venue and c.trimmed_below < last_ones.below;
        n := n + 1;
    end loop;
    update feed.state set partitions_from = until where partitions_from < until;
    delete from feed.event_overflow o where o.at < until;
    return n;
end $$;

-- A socket whose session has been silent for longer can't be resumed any more: the events are gone,
-- and so is a day in which whoever is connected would have renewed it.
create or replace function feed.silent_since() returns timestamptz
language sql stable
as $$ select clock_timestamp() - s.keep - interval '1 day' from feed.state s $$;

-- Rows whose time is over; each is only asked for when there are some.
create or replace function api.feed_sweep() returns bigint
language plpgsql volatile security definer
set search_path = pg_catalog, feed, maitred, pg_temp set lock_timeout = '2s'
as $$
declare
    n bigint;
    total bigint := feed.move_overflow();
    at timestamptz := clock_timestamp();
begin
    delete from maitred.ticket t where t.expires_at < at;
    get diagnostics n = row_count; total := total + n;
    delete from maitred.guest_token g where g.expires_at < at;
    get diagnostics n = row_count; total := total + n;
    delete from maitred.idempotency i where i.expires_at < at;
    get diagnostics n = row_count; total := total + n;
    delete from maitred.revoked_token r where r.expires_at < at;
    get diagnostics n = row_count; total := total + n;
    delete from maitred.socket_session s where s.renewed_at < feed.silent_since();
    get diagnostics n = row_count; total := total + n;
    delete from maitred.login_attempt l
        where l.last_at < at - interval '1 day' and coalesce(l.blocked_until, at) <= at;
    get diagnostics n = row_count;
    return total + n;
end $$;

create or replace function feed.needs_sweep() returns boolean
language sql stable
as $$ select exists (select from feed.event_overflow)
    or exists (select from maitred.ticket t where t.expires_at < clock_timestamp())
    or exists (select from maitred.guest_token g where g.expires_at < clock_timestamp())
    or exists (select from maitred.idempotency i where i.expires_at < clock_timestamp())
    or exists (select from maitred.revoked_token r where r.expires_at < clock_timestamp())
    or exists (select from maitred.socket_session s where s.renewed_at < feed.silent_since())
    or exists (select from maitred.login_attempt l where l.last_at < clock_timestamp() - interval '1 day') $$;

create or replace function feed.maintenance_steps() returns table (statement text)
language plpgsql stable
as $$
declare
    st feed.state;
    p record;
begin
    select * into st from feed.state;
    if exists (select from generate_series(0, st.ahead) g where not exists (
            select from feed.partition x where x.attached and x.day = feed.utc_today() + g)) then
        statement := 'select api.feed_extend()'; return next;
    end if;
    for p in select * from feed.partition x
             where feed.day_begin(x.day + 1) <= clock_timestamp() - st.keep order by x.day loop
        if p.attached and not p.pending then
            statement := format('select api.feed_trim(%L)', p.day); return next;
        end if;
        statement := 'set role maitred_feed_keeper'; return next;
        statement := 'set lock_timeout = ''2s'''; return next;
        if p.attached then
            statement := format('alter table feed.event detach partition feed_days.%I %s', p.name,
                                case when p.pending then 'finalize' else 'concurrently' end);
            return next;
        end if;
        statement := format('drop table feed_days.%I', p.name); return next;
        statement := 'reset lock_timeout'; return next;
        statement := 'reset role'; return next;
    end loop;
    if feed.needs_sweep() then statement := 'select api.feed_sweep()'; return next; end if;
end $$;

create or replace function api.feed_maintenance_plan()
returns table (step int, statement text)
language plpgsql volatile security definer set search_path = pg_catalog, feed, maitred, pg_temp
as $$
declare lock constant bigint := 5496931;   -- any number: the feed's upkeep
begin
    if not exists (select from feed.maintenance_steps()) then return; end if;
    if not pg_try_advisory_lock(lock) then return; end if;
    return query select row_number() over ()::int, s.statement from (
        select m.statement from feed.maintenance_steps() m
        union all select format('select pg_advisory_unlock(%s)', lock)) s;
end $$;

revoke execute on function api.feed_maintenance_plan(), api.feed_extend(), api.feed_sweep(),
    api.feed_trim(date) from maitred_rest;

-- A new installation can take events at once.
select api.feed_extend();
