-- Followers of the feed that want the bell, and whether they are asleep. See sql/feed/d_emit.sql.
set local role maitred_owner;
create table feed.follower (
    name text primary key,
    asleep boolean not null default true,
    since timestamptz not null default clock_timestamp()
) with (fillfactor = 20);
