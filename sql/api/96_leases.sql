-- Leases of connections: a cap that holds over all sidecars. A row lives as long as its sidecar's
-- presence, the session lock that api.sidecar_follow takes on its feed connection; whoever asks
-- for a lease first removes the rows of those that are gone. Written on connect and disconnect only.
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
        on conflict (sidecar, conn) do nothing;
    return found or exists (select from maitred.connection_lease l
        where l.sidecar = p_sidecar and l.conn = p_conn);
end $$;

create or replace function api.lease_give(p_sidecar text, p_conn bigint) returns void
language sql volatile security definer set search_path = pg_catalog, maitred, pg_temp
as $$ delete from maitred.connection_lease l where l.sidecar = $1 and l.conn = $2 $$;

-- What a sidecar holds, whole: after its feed connection was lost, others may have removed its rows.
create or replace function api.lease_restore(
    p_sidecar text, p_conns bigint[], p_kinds text[], p_venues bigint[]) returns void
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    delete from maitred.connection_lease l
        where l.sidecar = p_sidecar and l.conn <> all (p_conns);
    insert into maitred.connection_lease (sidecar, conn, kind, venue)
        select p_sidecar, h.conn, h.kind, h.venue
        from unnest(p_conns, p_kinds, p_venues) as h (conn, kind, venue)
        on conflict (sidecar, conn) do nothing;
end $$;

revoke execute on function api.lease_take(text, bigint, text, bigint, int), api.lease_give(text, bigint),
    api.lease_restore(text, bigint[], text[], bigint[]) from maitred_rest, maitred_job;
