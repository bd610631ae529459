-- What only the sidecar asks beside the feed's readers: the table of venues, and the snapshots of
-- several channels in one statement, so that they share one position.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function api.sidecar_venues()
returns table (venue bigint, kind text, active boolean)
language sql stable security definer set search_path = pg_catalog, maitred, pg_temp
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
language sql stable security definer set search_path = pg_catalog, maitred, pg_temp
as $$
    select maitred.channel_body(p_caller, w.kind, w.id), feed.position((p_caller).venue)
    from unnest(p_kinds, p_ids) with ordinality as w (kind, id, place)
    order by w.place
$$;

revoke execute on function api.sidecar_venues(),
    api.channel_snapshots(api.caller, text[], bigint[]) from maitred_rest, maitred_job;
