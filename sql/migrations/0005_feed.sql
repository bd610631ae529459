-- Tables of the feed (SPEC section 4): the counter of each venue, the event log in day
-- partitions, and the one row of state. The machinery that writes them is in sql/feed.

create schema if not exists feed_days authorization maitred_feed_keeper;
grant usage on schema feed to maitred_feed_keeper;

set local role maitred_owner;
set local search_path = pg_catalog, feed, maitred, pg_temp;

-- The fixed list of areas; counter.area_seq is indexed by no.
create table feed.area (
    no smallint primary key,
    name text not null unique
);
insert into feed.area values
    (1, 'tables'), (2, 'orders'), (3, 'reservations'), (4, 'bookings'), (5, 'rooms'),
    (6, 'menu'), (7, 'customers'), (8, 'notifications'), (9, 'accounts'), (10, 'venue');

-- The last position of a venue, in all and per area. Updated once a transaction, as the last
-- lock it takes: the row lock is what makes seq gapless and puts it in commit order.
-- Room on the page keeps the updates HOT.
create table feed.counter (
    venue bigint primary key references maitred.venue,
    seq bigint not null default 0,
    at timestamptz not null default clock_timestamp(),
    trimmed_below bigint not null default 1,
    area_seq bigint[] not null default array_fill(0::bigint, array[10])
) with (fillfactor = 20);

create table feed.state (
    only_row boolean primary key default true check (only_row),
    epoch text not null check (epoch ~ '^[0-9a-f]{8}$'),
    system_identifier bigint not null,
    timeline text not null,
    -- A dump that is restored into the same cluster is another past all the same.
    database oid not null,
    partitions_from timestamptz not null,
    partitions_until timestamptz not null,
    resync_after int not null default 500 check (resync_after > 0),
    keep interval not null default '3 days' check (keep >= '1 hour'),
    ahead int not null default 14 check (ahead between 1 and 60),
    -- Set before a planned failover that loses nothing: the next timeline keeps the epoch.
    planned_failover boolean not null default false
);

-- The owner role writes through functions; the keeper owns, so that partitions can be detached
-- concurrently by whoever is its member (a DEFAULT partition would forbid that).
create table feed.event (
    venue bigint not null,
    seq bigint not null,
    at timestamptz not null,
    area text not null,
    type text not null,
    entity bigint not null,
    refs jsonb not null,
    actor text not null,
    data jsonb not null,
    primary key (venue, seq, at)
) partition by range (at);

-- Where an event goes when no partition is there for its day: a commit must never fail for it.
create table feed.event_overflow (
    like feed.event including all
);

-- One change that a row trigger noted, and what the deferred firing makes of an aggregate.
create type feed.note as (
    ord int, venue bigint, kind text, id bigint, rel text, row_id bigint, op text, old text
);
create type feed.made as (area text, type text, refs jsonb, new jsonb, old jsonb);

-- Followers that want the bell, and whether they are asleep (sql/feed/d_emit.sql).
create table feed.follower (
    name text primary key,
    asleep boolean not null default true,
    since timestamptz not null default clock_timestamp()
) with (fillfactor = 20);

create view feed.log as
    select venue, seq, at, area, type, entity, refs, actor, data from feed.event
    union all
    select venue, seq, at, area, type, entity, refs, actor, data from feed.event_overflow;

reset role;
alter table feed.event owner to maitred_feed_keeper;
grant select, insert, update, delete on feed.event to maitred_owner;
