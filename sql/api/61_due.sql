-- The timer that announces reservations (and a hotel's arrivals) half an hour before: the sidecar
-- asks when the next one is due and calls again then, or when a reservation changed. Several
-- sidecars may call at once: SKIP LOCKED shares the work, and each is announced once.
--
-- What was not announced before it started (every sidecar was down) is not announced any more.
-- Writes nothing when nothing is due.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

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

-- When the next announcement is due: half an hour before the first start that is further off.
create or replace function maitred.next_due(at timestamptz) returns timestamptz
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

create or replace function api.reservations_due(p_max int)
returns table (fired int, next_at timestamptz)
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    at timestamptz := clock_timestamp();
    most int := least(greatest(coalesce(p_max, 500), 1), 10000);
begin
    perform feed.act_as(null::api.caller);
    fired := maitred.mark_reservations(at, most);
    fired := fired + maitred.mark_arrivals(at, most - fired);
    -- Full: there may be more, so call again at once.
    next_at := case when fired >= most then at else maitred.next_due(at) end;
    return next;
end $$;

revoke execute on function api.reservations_due(int), api.session_state(),
    api.channel_snapshot(api.caller, text, bigint) from maitred_rest, maitred_job;
