-- What followers of the feed call: the heads of all venues, the events after a position, and the
-- epoch. Executable by the sidecar's role only.
set local role maitred_owner;
set local search_path = pg_catalog, feed, maitred, pg_temp;

-- The heads that may have moved since the look whose `horizon` this is; 0: all. Whatever that look could
-- not see was written by a transaction not older than the oldest that ran then, so a follower that
-- looks every few milliseconds is answered with the busy venues and not with all of them. No row:
-- nothing moved, and the old horizon still holds.
drop function if exists api.feed_heads();
create or replace function api.feed_heads(since xid8 default '0')
returns table (venue bigint, epoch text, seq bigint, at timestamptz, trimmed_below bigint,
               area_seq bigint[], horizon xid8)
language plpgsql stable security definer set search_path = pg_catalog, feed, pg_temp
as $$
declare oldest int := age(since::xid);   -- of 0: larger than any
begin
    return query select c.venue, s.epoch, c.seq, c.at, c.trimmed_below, c.area_seq,
                        pg_snapshot_xmin(pg_current_snapshot())
        from feed.counter c, feed.state s where age(c.xmin) <= oldest order by c.venue;
end $$;

-- Does masking change events of this type at all?
create or replace function feed.is_masked(type text) returns boolean
language plpgsql stable
as $$
begin
    return exists (select from maitred.mask_rule r
                   where r.kind = split_part(is_masked.type, '.', 1));
end $$;

-- An event's data for the roles that do not see names, phones and e-mails.
create or replace function feed.masked_data(type text, data jsonb) returns jsonb
language sql stable
as $$ select jsonb_build_object(
    'new', nullif(maitred.mask(split_part($1, '.', 1), data -> 'new'), 'null'),
    'old', nullif(maitred.mask(split_part($1, '.', 1), data -> 'old'), 'null')) $$;

-- The events of each venue after the seq that the caller knows, at most max_rows a venue, and
-- never more than max_rows in all: the rest is for the next call. `ats` are the times of those
-- positions: `at` never runs backwards against seq, so that days before them are not looked at; nor
-- are those after the counters' own `at`, which is that of their last events. (Pruned when the plan is begun, so
-- that sixteen partitions cost no more than the one; the plan itself, over all of them, is kept.)
create or replace function api.feed_read(
    venues bigint[], seqs bigint[], ats timestamptz[], max_rows int)
returns table (venue bigint, seq bigint, at timestamptz, area text, type text, entity bigint,
               refs text, actor text, data text, masked text)
language plpgsql stable security definer set search_path = pg_catalog, feed, maitred, pg_temp
    set plan_cache_mode = force_generic_plan
as $$
declare
    first timestamptz := (select min(coalesce(w, '-infinity')) from unnest(ats) w);
    last timestamptz := (select max(c.at) from feed.counter c where c.venue = any (venues));
begin
    return query
    select e.venue, e.seq, e.at, e.area, e.type, e.entity, e.refs::text, e.actor, e.data::text,
           case when feed.is_masked(e.type)
                then nullif(feed.masked_data(e.type, e.data), e.data)::text end
    from unnest(venues, seqs, ats) as w (venue, seq, at)
    cross join lateral (
        select * from feed.log l
        where l.venue = w.venue and l.seq > w.seq and l.at >= coalesce(w.at, '-infinity')
          and l.at between first and last
        order by l.seq limit max_rows) e
    order by e.venue, e.seq limit max_rows;
end $$;

-- ---------------------------------------------------------------- epoch

-- Is this still the database that the positions were made in? After a restore of a dump the system
-- identifier or the database differs; after point-in-time recovery or a promotion the timeline
-- does, and the epoch is renewed unless the failover was planned and lost nothing. Writes only then.
create or replace function api.feed_epoch_check() returns text
language plpgsql volatile security definer set search_path = pg_catalog, feed, pg_temp
as $$
declare
    st feed.state;
    here bigint := (select s.system_identifier from pg_control_system() s);
    db oid := feed.database();
    line text := feed.timeline();
begin
    select * into st from feed.state;
    if line is null or (st.system_identifier, st.database, st.timeline) = (here, db, line) then
        return st.epoch;
    end if;
    select * into st from feed.state for update;
    if (st.system_identifier, st.database) <> (here, db)
       or (st.timeline <> line and not st.planned_failover) then
        st.epoch := feed.new_token();
    end if;
    update feed.state set epoch = st.epoch, system_identifier = here, database = db,
                          timeline = line, planned_failover = false
        where (system_identifier, database, timeline) is distinct from (here, db, line);
    perform pg_notify('maitred_feed', '0:0');   -- every follower reads the heads again
    return st.epoch;
end $$;

-- A sidecar has seen an event that is not there any more: whatever restored the database, the
-- positions that clients hold are of another past. Only true while the counter is behind, and
-- only once: a second sidecar that saw the same names the epoch that it saw it in.
create or replace function api.feed_epoch_renew(
    seen_venue bigint, seen_seq bigint, seen_epoch text default null)
returns text language plpgsql volatile security definer set search_path = pg_catalog, feed, pg_temp
as $$
declare st feed.state;
begin
    select * into st from feed.state for update;
    if seen_epoch is distinct from st.epoch and seen_epoch is not null then return st.epoch; end if;
    perform from feed.counter c where c.venue = seen_venue and c.seq < seen_seq;
    if not found then return st.epoch; end if;
    update feed.state set epoch = feed.new_token() returning * into st;
    perform pg_notify('maitred_feed', '0:0');
    return st.epoch;
end $$;

-- ---------------------------------------------------------------- does LISTEN work?

-- Rings once on a channel of the caller's choice: a follower that does not hear it is behind a
-- pooler that has taken its LISTEN away.
create or replace function api.feed_probe(token text) returns void
language sql volatile security definer set search_path = pg_catalog, pg_temp
as $$ select pg_notify('maitred_feed', 'probe:' || left(token, 64)) $$;

revoke execute on function api.feed_heads(xid8), api.feed_epoch_check(), api.feed_probe(text),
    api.feed_read(bigint[], bigint[], timestamptz[], int),
    api.feed_epoch_renew(bigint, bigint, text) from maitred_rest;
revoke execute on function api.feed_read(bigint[], bigint[], timestamptz[], int),
    api.feed_epoch_renew(bigint, bigint, text) from maitred_job;
