-- The feed's identity and position. feed.state is one row: the epoch's token and what it was
-- made for (system identifier and timeline of the cluster, and the database), and where partitions
-- exist.
-- Called by the api functions (act_as, flush, position) and by the triggers.
set local role maitred_owner;
set local search_path = pg_catalog, feed, maitred, pg_temp;

create or replace function feed.new_token() returns text
language sql volatile
as $$ select substr(md5(gen_random_uuid()::text), 1, 8) $$;

-- The timeline that WAL is being written on now (pg_control_checkpoint() only knows the one of
-- the last checkpoint, which lags behind a promotion).
create or replace function feed.timeline() returns text
language sql volatile
as $$ select case when pg_is_in_recovery() then null
                  else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end $$;

create or replace function feed.database() returns oid
language sql stable
as $$ select d.oid from pg_database d where d.datname = current_database() $$;

insert into feed.state (epoch, system_identifier, timeline, database, partitions_from, partitions_until)
select feed.new_token(), s.system_identifier, feed.timeline(), feed.database(),
       date_trunc('day', now(), 'UTC'), date_trunc('day', now(), 'UTC')
from pg_control_system() s
on conflict do nothing;

-- ---------------------------------------------------------------- for the api functions

-- Who acts in this transaction: read by the triggers, by the deferred firing too, and gone with
-- the transaction, so that poolers and pipelines work.
create or replace function feed.act_as(who api.caller) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('maitred.actor', coalesce(who.actor, ''), true);
end $$;

-- The last statement of every api function that writes: makes the events now, so that the
-- function can say its position. The counters stay locked from here to the commit.
create or replace function feed.flush() returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    set constraints all immediate;
    set constraints all deferred;
end $$;

create or replace function feed.position_text(epoch text, venue bigint, seq bigint) returns text
language sql immutable strict parallel safe
as $$ select epoch || 'v' || venue || '-' || seq $$;

-- 'EPOCHvVENUE-SEQ' as this statement's snapshot sees it.
create or replace function feed.position(venue bigint) returns text
language plpgsql stable security definer set search_path = pg_catalog, feed, pg_temp
as $$
begin
    return (select feed.position_text(s.epoch, c.venue, c.seq)
            from feed.counter c, feed.state s where c.venue = position.venue);
end $$;

-- Every venue has its counter from the start.
create or replace function feed.new_venue() returns trigger
language plpgsql security definer set search_path = pg_catalog, feed, pg_temp
as $$
begin
    insert into feed.counter (venue) values (new.id);
    return null;
end $$;
create or replace trigger a_counter after insert on maitred.venue
    for each row execute function feed.new_venue();
