-- What a connection counts for in the limits over all sidecars (sql/api/96_leases.sql), each to be found by
-- an index. Rows that stand are written anew when their sidecars join, which a deploy makes them do.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

alter table maitred.connection_lease add column account_id bigint; -- null: a guest
create index connection_lease_account on maitred.connection_lease (account_id);
create index connection_lease_address on maitred.connection_lease (address);

-- It takes the bounds now, and answers.
drop function if exists api.lease_write(text, bigint[], jsonb);
