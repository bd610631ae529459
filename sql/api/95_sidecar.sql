-- What only the sidecar asks beside the feed's readers: the table of venues, and the snapshots of
-- several channels in one statement, so that they share one position.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function api.sidecar_venues()
returns table (venue bigint, kind text, active boolean)
language sql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$ select v.id, v.kind, v.active from maitred.venue v $$;

-- A channel whose floor, table or order is gone by now is empty: the others are sent all the same.
create or replace function maitred.channel_body(caller api.caller, kind text, id bigint) returns text
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    return (api.channel_snapshot(caller, kind, id)).body;
exception when sqlstate 'MD404' then
    return '[]';
end $$;

-- One row a channel, in the order asked; `position` is the same in all.
create or replace function api.channel_snapshots(p_caller api.caller, p_kinds text[], p_ids bigint[])
returns table (body text, "position" text)
language sql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
    select maitred.channel_body(p_caller, w.kind, w.id), feed.position((p_caller).venue)
    from unnest(p_kinds, p_ids) with ordinality as w (kind, id, place)
    order by w.place
$$;

-- The key of a sidecar's presence. Any number for a seed: keys of other locks are elsewhere.
create or replace function maitred.presence_key(sidecar text) returns bigint
language sql immutable strict parallel safe
as $$ select hashtextextended(sidecar, 5496932) $$;

-- Shared, so that two who look at once don't take each other for the one they look for.
create or replace function maitred.sidecar_gone(sidecar text) returns boolean
language sql volatile
as $$ select pg_try_advisory_xact_lock_shared(maitred.presence_key(sidecar)) $$;

-- Joins the followers that want the bell (sql/feed/g_followers.sql). A lock of the session says that
-- this one lives; those whose lock nobody holds died without a word, and would be rung for for ever.
create or replace function api.sidecar_follow(p_name text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, feed, pg_temp
as $$
begin
    perform pg_advisory_lock(maitred.presence_key(p_name));
    delete from feed.follower f
        where f.name like 'sidecar-%' and f.name <> p_name and maitred.sidecar_gone(f.name);
    perform maitred.leases_clean(p_name);
    perform api.feed_follow(p_name);
end $$;

revoke execute on function api.sidecar_follow(text), api.sidecar_venues(),
    api.channel_snapshots(api.caller, text[], bigint[]) from maitred_rest, maitred_job;
