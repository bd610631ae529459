-- The epoch also belongs to the database: a dump that is restored into the same cluster, where
-- system identifier and timeline stay what they were, is another past all the same.
set local role maitred_owner;
alter table feed.state add column database oid not null default 0;
update feed.state set database = (select d.oid from pg_catalog.pg_database d
                                  where d.datname = pg_catalog.current_database());
