-- What happens to the sums beside the writers' triggers (rollups.sql): the fold, which moves the
-- changes into the sums; the rebuild, for a venue whose days have moved or whose rows came in past
-- the triggers; and the check, which compares every sum with the rows.
--
-- The fold belongs to whoever holds the venue's counter (sql/feed/d_emit.sql): a commit in
-- every 128 of a venue, and every bulk. So no two of a venue meet, and it takes no lock that
-- another transaction would not have to take anyway. Day '-infinity' is filled here alone.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, feed, pg_temp;

-- Kinds whose total by state over all days is asked for (lists).
create or replace function maitred.has_total(kind text) returns boolean
language sql immutable parallel safe
as $$ select kind in ('reservation', 'arrival', 'order') $$;

-- The counter's row is locked by the caller.
create or replace function maitred.rollup_fold(venue bigint) returns void
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    with taken as (
        delete from maitred.rollup_change c where c.venue = rollup_fold.venue returning *
    ), changes as (
        select t.kind, t.day, t.status, t.part, sum(t.n) as n, sum(t.prepaid) as prepaid,
               sum(t.guests) as guests, sum(t.amount) as amount
        from (select c.kind, c.day, c.status, c.part, c.n, c.prepaid, c.guests, c.amount from taken c
              union all
              select c.kind, '-infinity', c.status, '', c.n, c.prepaid, c.guests, c.amount
              from taken c where maitred.has_total(c.kind)) t
        group by t.kind, t.day, t.status, t.part
        having sum(t.n) <> 0 or sum(t.prepaid) <> 0 or sum(t.guests) <> 0 or sum(t.amount) <> 0
    )
    insert into maitred.rollup as r (venue, kind, day, status, part, n, prepaid, guests, amount)
        select rollup_fold.venue, c.* from changes c
        on conflict on constraint rollup_pkey do update
            set n = r.n + excluded.n, prepaid = r.prepaid + excluded.prepaid,
                guests = r.guests + excluded.guests, amount = r.amount + excluded.amount;
end $$;

-- Called with the counter locked, for the events seq `before` to `after` (feed.emit_venue).
create or replace function maitred.rollup_fold_some(venue bigint, before bigint, after bigint, bulk boolean)
returns void language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if bulk or before / 128 <> after / 128 then perform maitred.rollup_fold(venue); end if;
end $$;

-- ---------------------------------------------------------------- rebuild

-- Which rows of which table a kind is made of.
create or replace function maitred.rollup_source(kind text, venue bigint) returns text
language sql immutable
as $$ select format('(select * from maitred.%I t where t.venue = %s)', case kind
    when 'reservation' then 'reservation' when 'arrival' then 'booking' when 'night' then 'booking'
    when 'order' then 'customer_order' when 'table' then 'customer_order' when 'line' then 'order_item' end, venue) $$;

-- The sums of a venue as its rows say, all days and the totals.
create or replace function maitred.rollup_reckoned(venue bigint) returns setof maitred.rollup
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    k text;
    days text;
begin
    foreach k in array array['reservation', 'arrival', 'night', 'order', 'line', 'table'] loop
        days := maitred.rollup_sums(array[maitred.rollup_query(k, maitred.rollup_source(k, venue))]);
        return query execute format(
            'with days as materialized (%s)
             select venue, kind, day, status, part, n::bigint, prepaid::bigint, guests::bigint, amount::bigint
             from days
             union all
             select venue, kind, ''-infinity'', status, '''', sum(n)::bigint, sum(prepaid)::bigint,
                    sum(guests)::bigint, sum(amount)::bigint
             from days where maitred.has_total(kind) group by venue, kind, status', days);
    end loop;
end $$;

-- Makes a venue's sums anew. Waits for its writers, who then wait for this; takes its counter,
-- so that nobody folds meanwhile.
create or replace function maitred.rollup_rebuild(venue bigint) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, maitred, feed, pg_temp
as $$
declare made bigint;
begin
    perform pg_advisory_xact_lock(maitred.rollup_key(venue));
    perform from feed.counter c where c.venue = rollup_rebuild.venue for no key update;
    delete from maitred.rollup_change c where c.venue = rollup_rebuild.venue;
    delete from maitred.rollup r where r.venue = rollup_rebuild.venue;
    insert into maitred.rollup select * from maitred.rollup_reckoned(venue);
    get diagnostics made = row_count;
    insert into maitred.rollup_state as s (venue) values (venue)
        on conflict on constraint rollup_state_pkey do update set made_at = clock_timestamp();
    return made;
end $$;

-- A new venue has nothing to sum up. One whose zone or cutoff changes has other days: everybody who
-- writes there is waited for before the change, and the sums are made anew after it.
create or replace function maitred.rollup_venue() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if tg_op = 'INSERT' then
        insert into maitred.rollup_state (venue) values (new.id) on conflict do nothing;
    elsif tg_when = 'BEFORE' then
        perform pg_advisory_xact_lock(maitred.rollup_key(new.id));
        return new;
    else
        perform maitred.rollup_rebuild(new.id);
    end if;
    return null;
end $$;
create or replace trigger r_rollup_new after insert on maitred.venue
    for each row execute function maitred.rollup_venue();
create or replace trigger r_rollup_wait before update on maitred.venue for each row
    when ((old.timezone, old.business_day_cutoff) is distinct from (new.timezone, new.business_day_cutoff))
    execute function maitred.rollup_venue();
create or replace trigger r_rollup_days after update on maitred.venue for each row
    when ((old.timezone, old.business_day_cutoff) is distinct from (new.timezone, new.business_day_cutoff))
    execute function maitred.rollup_venue();

-- ---------------------------------------------------------------- check

-- Every sum that is not what the rows say: none, if all is well. One snapshot, no lock.
create or replace function maitred.rollup_check(venue bigint)
returns table (kind text, day date, status text, part text, kept bigint[], reckoned bigint[])
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
#variable_conflict use_column
begin
    return query
    with kept as (
        select s.kind, s.day, s.status, s.part, array[sum(s.n), sum(s.prepaid), sum(s.guests), sum(s.amount)]::bigint[] as sums
        from (select * from maitred.rollup r where r.venue = rollup_check.venue
              union all
              select * from maitred.rollup_change c where c.venue = rollup_check.venue
              union all
              select c.venue, c.kind, '-infinity', c.status, '', c.n, c.prepaid, c.guests, c.amount
              from maitred.rollup_change c where c.venue = rollup_check.venue and maitred.has_total(c.kind)) s
        group by 1, 2, 3, 4
    ), said as (
        select r.kind, r.day, r.status, r.part, array[r.n, r.prepaid, r.guests, r.amount] as sums
        from maitred.rollup_reckoned(rollup_check.venue) r
    )
    select kind, day, status, part, coalesce(k.sums, '{0,0,0,0}'), coalesce(s.sums, '{0,0,0,0}')
        from kept k full join said s using (kind, day, status, part)
        where coalesce(k.sums, '{0,0,0,0}') <> coalesce(s.sums, '{0,0,0,0}')
        order by kind, day, status, part;
end $$;
