-- Leases of connections: a row of each one that is open, of all sidecars. It is written when the connection
-- opens and deleted when it goes, many in one statement, and again when somebody asks how it does: an idle
-- system writes nothing. `kind` counts it against a cap that holds over all sidecars; what an account, a venue
-- and an address may hold is counted when it is written. A row lives
-- as long as its sidecar's presence, the session lock that api.sidecar_follow takes on its feed
-- connection: who counts or lists leaves out those that are gone, and who joins removes them.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- False when `most` connections of this kind are open already. Takes of one kind and venue wait for
-- each other, so the count is right; they hold the lock for this one statement.
create or replace function api.lease_take(
    p_sidecar text, p_conn bigint, p_kind text, p_venue bigint, p_most int) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(format('%s/%s', p_kind, p_venue), 5496933));
    delete from maitred.connection_lease l
        where l.kind = p_kind and l.venue = p_venue and l.sidecar <> p_sidecar
          and maitred.sidecar_gone(l.sidecar);
    insert into maitred.connection_lease (sidecar, conn, kind, venue)
        select p_sidecar, p_conn, p_kind, p_venue
        where (select count(*) from maitred.connection_lease l
               where l.kind = p_kind and l.venue = p_venue
                 and (l.sidecar, l.conn) <> (p_sidecar, p_conn)) < p_most
        on conflict (sidecar, conn) do update set kind = excluded.kind;
    return found;
end $$;

-- Those that live among the sidecars that have rows: found name by name in the index.
create or replace function maitred.sidecars_alive() returns setof text
language sql volatile
as $$
    with recursive s as (
        (select l.sidecar from maitred.connection_lease l order by l.sidecar limit 1)
        union all
        select (select l.sidecar from maitred.connection_lease l where l.sidecar > s.sidecar
                order by l.sidecar limit 1)
        from s where s.sidecar is not null)
    select s.sidecar from s where s.sidecar is not null and not maitred.sidecar_gone(s.sidecar) $$;

-- The keys of these new connections of a sidecar that are at their bound or past it: what the other
-- sidecars hold of the key, and which of the new ones, the newest first, are too many. p_most: what an account,
-- a venue and an address may hold (core/limits.h numbers them so). Who lives is a filter of the count: as a
-- condition it would have the planner, which knows little of so short-lived a table, read all of a sidecar's rows.
create or replace function maitred.leases_full(p_sidecar text, p_new bigint[], p_most int[])
returns table (bound int, key text, others int, conn bigint)
language plpgsql volatile
as $$
declare alive text[] := array(select maitred.sidecars_alive());
begin
    return query
    with mine as materialized (select l.* from maitred.connection_lease l
        where l.sidecar = p_sidecar and l.conn = any (p_new)),
    counted as (
        select 1 as bound, m.key::text, c.*, m.newest
        from (select x.account_id as key, array_agg(x.conn order by x.conn desc) as newest
              from mine x where x.account_id is not null group by 1) m,
            lateral (select count(*) filter (where l.sidecar = p_sidecar)::int as own,
                            count(*) filter (where l.sidecar <> p_sidecar and l.sidecar = any (alive))::int as others
                     from maitred.connection_lease l where l.account_id = m.key) c
        union all
        select 2, m.key::text, c.*, m.newest
        from (select x.venue as key, array_agg(x.conn order by x.conn desc) as newest from mine x group by 1) m,
            lateral (select count(*) filter (where l.sidecar = p_sidecar)::int,
                            count(*) filter (where l.sidecar <> p_sidecar and l.sidecar = any (alive))::int
                     from maitred.connection_lease l where l.venue = m.key) c
        union all
        select 3, m.key, c.*, m.newest
        from (select x.address as key, array_agg(x.conn order by x.conn desc) as newest
              from mine x where x.address <> '' group by 1) m,
            lateral (select count(*) filter (where l.sidecar = p_sidecar)::int,
                            count(*) filter (where l.sidecar <> p_sidecar and l.sidecar = any (alive))::int
                     from maitred.connection_lease l where l.address = m.key) c)
    select c.bound, c.key, c.others, r.conn
    from counted c
    left join lateral unnest(c.newest[1 : c.own + c.others - p_most[c.bound]]) r (conn) on true
    where c.own + c.others >= p_most[c.bound];
end $$;

-- What has opened, gone or changed at a sidecar since it wrote last. p_gone null: these rows are all
-- that it has (others may have removed them while its presence was lost, or one too many is left).
-- Answers which keys are full now, and which of the new connections are refused: their rows are gone
-- again. Those who write new rows wait for each other, so each counts what all before it have left.
create or replace function api.lease_write(p_sidecar text, p_gone bigint[], p_rows jsonb, p_most int[])
returns table (bound int, key text, others int, refused bigint)
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare fresh bigint[];
begin
    delete from maitred.connection_lease l
        where l.sidecar = p_sidecar and case when p_gone is not null then l.conn = any (p_gone)
            else l.conn <> all (select (r ->> 'conn')::bigint from jsonb_array_elements(p_rows) r) end;
    -- A row without a protocol is a lease and no more yet.
    fresh := array(select r.conn from jsonb_to_recordset(p_rows) r (conn bigint)
        where not exists (select from maitred.connection_lease l
            where l.sidecar = p_sidecar and l.conn = r.conn and l.protocol is not null));
    if fresh <> '{}' then perform pg_advisory_xact_lock(5496934); end if;
    insert into maitred.connection_lease (sidecar, conn, venue, kind, account_id, account, role, protocol,
                                          address, connected_at, last_seen, queued)
        select p_sidecar, r.conn, r.venue, r.kind, r.account_id, r.account, r.role, r.protocol, r.address,
               to_timestamp(r.opened), to_timestamp(r.seen), r.queued
        from jsonb_to_recordset(p_rows) r (conn bigint, venue bigint, kind text, account_id bigint,
            account text, role text, protocol text, address text, opened bigint, seen bigint, queued bigint)
        on conflict (sidecar, conn) do update set (venue, kind, account_id, account, role, protocol, address,
                connected_at, last_seen, queued) = (excluded.venue, excluded.kind, excluded.account_id,
                excluded.account, excluded.role, excluded.protocol, excluded.address,
                excluded.connected_at, excluded.last_seen, excluded.queued);
    if fresh = '{}' then return; end if;
    return query
        with told as (select * from maitred.leases_full(p_sidecar, fresh, p_most)),
        gone as (delete from maitred.connection_lease l using told t
                 where l.sidecar = p_sidecar and l.conn = t.conn)
        select t.bound, t.key, t.others, t.conn from told t;
end $$;

-- Who joins removes the rows of those that died without a word.
create or replace function maitred.leases_clean(sidecar text) returns void
language sql volatile
as $$
    delete from maitred.connection_lease l using (
        select x.sidecar from (select distinct o.sidecar from maitred.connection_lease o) x
        where x.sidecar <> $1 and maitred.sidecar_gone(x.sidecar)) gone
    where l.sidecar = gone.sidecar $$;

-- Asks the other sidecars how a venue's connections do: each writes it down. Whoever lists them next sees it.
create or replace function api.lease_ask(p_sidecar text, p_venue bigint) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ select pg_notify('maitred_feed', 'leases:' || p_venue || ':' || p_sidecar) $$;

-- ---------------------------------------------------------------- /api/v1/ws/orders/live/...

-- The open connections of all sidecars that live.
create or replace function maitred.connections_now() returns setof maitred.connection_lease
language sql stable
as $$
    select l.* from maitred.connection_lease l
    join maitred.sidecars_alive() alive (sidecar) on alive.sidecar = l.sidecar
    where l.protocol is not null $$;

create or replace function api.live_status(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    mine bigint;
    everybodys bigint;
begin
    perform maitred.refuse_guest(p_caller);
    select count(*) filter (where c.venue = p_caller.venue), count(*) into mine, everybodys
        from maitred.connections_now() c;
    return maitred.ok(json_build_object('restaurant_id', p_caller.venue, 'active_connections', mine,
        'realtime_service_running', true, 'total_system_connections', everybodys)::text);
end $$;

create or replace function api.live_connections(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    return maitred.ok(json_build_object('connections', (
        select coalesce(json_agg(json_build_object('id', c.sidecar || ':' || c.conn,
                'account', c.account, 'role', c.role, 'protocol', c.protocol,
                'connected_at', maitred.iso(c.connected_at), 'last_seen', maitred.iso(c.last_seen),
                'address', c.address, 'sidecar', c.sidecar, 'queued', c.queued)
            order by c.connected_at, c.sidecar, c.conn), '[]')
        from maitred.connections_now() c where c.venue = p_caller.venue))::text);
end $$;

revoke execute on function api.lease_take(text, bigint, text, bigint, int), api.lease_ask(text, bigint),
    api.lease_write(text, bigint[], jsonb, int[]), api.live_status(api.caller), api.live_connections(api.caller)
    from maitred_rest, maitred_job;
