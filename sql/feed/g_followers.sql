-- Who wants the bell. pg_notify takes a lock of the whole instance that is held through the
-- commit's fsync, so that no two commits share one: ringing every time costs most of the write
-- throughput. A busy follower needs no bell, because it reads on at a short interval anyway:
--
--   feed_follow(name)   once at start, before the first read: from now on the bell rings for it
--   feed_awake(name)    "I read every few milliseconds": while every follower is awake, nobody rings
--   feed_asleep(name)   "I stop". Then take feed_horizon_now() once, and read on until
--                       feed_horizon() has reached it and one more read came back empty: a
--                       writer that still saw the follower awake has ended by then, its events read.
--                       (A grace time instead would be unsound: such a writer may commit late.)
--   feed_unfollow(name) at the end. A follower that died awake leaves a row that hinders nobody,
--                       as long as its successor has a row of its own.
--
-- A follower that never says awake gets every bell; with no follower at all, every commit rings.
-- Whoever LISTENs without a row here must poll, since bells may be left out.
set local role maitred_owner;
set local search_path = pg_catalog, feed, pg_temp;

create or replace function api.feed_follow(follower text) returns void
language sql volatile security definer set search_path = pg_catalog, feed, pg_temp
as $$ insert into feed.follower (name) values ($1)
    on conflict (name) do update set asleep = true, since = clock_timestamp() $$;

create or replace function api.feed_awake(follower text) returns void
language sql volatile security definer set search_path = pg_catalog, feed, pg_temp
as $$ update feed.follower set asleep = false, since = clock_timestamp() where name = $1 and asleep $$;

-- The horizon must be taken after the commit of this: the caller runs feed_horizon_now() as its
-- next statement, and feed_horizon() until that has reached it.
create or replace function api.feed_asleep(follower text) returns void
language sql volatile security definer set search_path = pg_catalog, feed, pg_temp
as $$ update feed.follower set asleep = true, since = clock_timestamp() where name = $1 and not asleep $$;

create or replace function api.feed_horizon_now() returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ select pg_snapshot_xmax(pg_current_snapshot())::text::bigint $$;

create or replace function api.feed_horizon() returns bigint
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ select pg_snapshot_xmin(pg_current_snapshot())::text::bigint $$;

create or replace function api.feed_unfollow(follower text) returns void
language sql volatile security definer set search_path = pg_catalog, feed, pg_temp
as $$ delete from feed.follower where name = $1 $$;

revoke execute on function api.feed_follow(text), api.feed_awake(text), api.feed_asleep(text),
    api.feed_horizon_now(), api.feed_horizon(), api.feed_unfollow(text) from maitred_rest, maitred_job;
