-- How the sums a business day are read (sql/rules/rollups.sql says what they are), and what their
-- upkeep looks like from outside: api.rollup_* is for `maitred maintain`. Used by the files from
-- 30 on, and by every list for its total.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- What a venue had from first_day to last_day: sums, and what changed since they were made. A key
-- may come several times: whoever reads it adds up.
create or replace function maitred.rollup_days(venue bigint, kind text, first_day date, last_day date)
returns table (day date, status text, part text, n bigint, prepaid bigint, guests bigint, amount bigint)
language sql stable parallel safe rows 200
as $$
    select r.day, r.status, r.part, r.n, r.prepaid, r.guests, r.amount from maitred.rollup r
        where r.venue = $1 and r.kind = $2 and r.day between $3 and $4
    union all
    select c.day, c.status, c.part, c.n, c.prepaid, c.guests, c.amount from maitred.rollup_change c
        where c.venue = $1 and c.kind = $2 and c.day between $3 and $4 $$;

-- How many of a kind (reservation, arrival, order) there are in some states (null: all) from
-- first_day to last_day; null is without end. The cost does not grow with history: everything
-- before a day is the total without what comes from that day on.
create or replace function maitred.rollup_count(
    venue bigint, kind text, states text[], first_day date, last_day date)
returns bigint language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if first_day is not null then
        return (select coalesce(sum(d.n), 0)
                from maitred.rollup_days(venue, kind, first_day, coalesce(last_day, 'infinity')) d
                where states is null or d.status = any (states));
    end if;
    return (select coalesce(sum(t.n), 0) from (
                select r.status, r.n from maitred.rollup r
                    where r.venue = rollup_count.venue and r.kind = rollup_count.kind
                      and r.day = '-infinity'
                union all
                select c.status, c.n from maitred.rollup_change c
                    where c.venue = rollup_count.venue and c.kind = rollup_count.kind) t
            where states is null or t.status = any (states))
        - case when last_day is null then 0
               else maitred.rollup_count(venue, kind, states, last_day + 1, null) end;
end $$;

-- ---------------------------------------------------------------- for `maitred maintain`

-- How many sums of each venue are not what its rows say, and the first of them in words.
create or replace function api.rollup_verify()
returns table (venue text, wrong bigint, example text)
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    return query select v.slug, count(c.kind),
            min(case when c.kind is not null then format('%s of %s %s: kept %s, reckoned %s', c.kind,
                       case when isfinite(c.day) then c.day::text else 'all days' end,
                       concat_ws(' ', nullif(c.status, ''), nullif(c.part, '')), c.kept, c.reckoned) end)
        from maitred.venue v left join lateral maitred.rollup_check(v.id) c on true
        group by v.slug order by v.slug;
end $$;

-- Makes the sums anew of the venues where something is wrong; of one by name in any case.
create or replace function api.rollup_rebuild(p_slug text default null)
returns table (venue text, sums bigint)
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare v maitred.venue;
begin
    for v in select * from maitred.venue x where p_slug is null or x.slug = p_slug order by x.id loop
        continue when p_slug is null and not exists (select from maitred.rollup_check(v.id));
        venue := v.slug;
        sums := maitred.rollup_rebuild(v.id);
        return next;
    end loop;
    if p_slug is not null and venue is null then
        perform maitred.fail(404, 'venue_not_found', format('There is no venue %s.', p_slug));
    end if;
end $$;

revoke execute on function api.rollup_verify(), api.rollup_rebuild(text) from maitred_rest, maitred_realtime;

-- A deploy that brings the sums to a database makes those of the venues that are there already.
select maitred.rollup_rebuild(v.id) from maitred.venue v
    where not exists (select from maitred.rollup_state s where s.venue = v.id) order by v.id;
