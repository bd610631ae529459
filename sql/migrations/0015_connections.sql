-- Every connection has a row while it lives, not only one that is counted against a cap: the status
-- of the whole cluster is read off them. `kind` names the cap, null for one that has none. What is
-- there goes: every sidecar writes its rows anew when it joins.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

delete from maitred.connection_lease;
alter table maitred.connection_lease
    alter column kind drop not null,
    add column account text,             -- its name; null of a row that is a lease and no more yet
    add column role text,
    add column protocol text,
    add column address text,
    add column connected_at timestamptz,
    add column last_seen timestamptz,
    add column queued bigint;
drop index maitred.connection_lease_kind;
create index connection_lease_venue on maitred.connection_lease (venue, kind);

-- They take other arguments now (sql/api/96_leases.sql).
drop function if exists api.lease_give(text, bigint);
drop function if exists api.lease_restore(text, bigint[], text[], bigint[]);
