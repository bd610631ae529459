-- What a connection holds over all sidecars, one row a connection: the five admin connections of a
-- restaurant. Unlogged: a crash of the server ends the sidecars' presence too, and they write their
-- rows anew when they are back.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

create unlogged table maitred.connection_lease (
    sidecar text not null,
    conn bigint not null,
    kind text not null,
    venue bigint not null,
    taken_at timestamptz not null default clock_timestamp(),
    primary key (sidecar, conn)
);
create index connection_lease_kind on maitred.connection_lease (kind, venue);
