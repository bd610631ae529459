-- The one deferred firing of a transaction: makes the events of everything that was noted.
--
-- Venues in ascending order, and per venue: lock the counter row, then make the documents (so
-- that they show everything that was committed before this seq, and nothing after), insert the
-- events, move the counter on, ring the bell. The counter is locked last of all, after every row
-- of the transaction, so writers that touch two venues in opposite order can not deadlock here,
-- and writers of different venues never wait for each other.
set local role maitred_owner;
set local search_path = pg_catalog, feed, maitred, pg_temp;

-- A missing partition must never fail a commit.
create or replace function feed.has_partition(st feed.state, at timestamptz) returns boolean
language sql stable
as $$ select at >= st.partitions_from and at < st.partitions_until
    and to_regclass('feed_days.event_' || to_char(at at time zone 'UTC', 'YYYYMMDD')) is not null $$;

create or replace function feed.area_no(name text) returns int
language sql immutable parallel safe
as $$ select array_position(array['tables', 'orders', 'reservations', 'bookings', 'rooms', 'menu',
                                  'customers', 'notifications', 'accounts', 'venue'], name) $$;

create or replace function feed.put_event(
    c feed.counter, id bigint, m feed.made, partitioned boolean) returns void
language plpgsql
as $$
declare
    data jsonb := jsonb_build_object('new', m.new, 'old', m.old);
    who text := maitred.actor();
begin
    if partitioned then
        insert into feed.event (venue, seq, at, area, type, entity, refs, actor, data)
            values (c.venue, c.seq, c.at, m.area, m.type, id, m.refs, who, data);
    else
        insert into feed.event_overflow (venue, seq, at, area, type, entity, refs, actor, data)
            values (c.venue, c.seq, c.at, m.area, m.type, id, m.refs, who, data);
    end if;
end $$;

-- Is the bell needed? (g_followers.sql says when not.)
create or replace function feed.somebody_sleeps() returns boolean
language plpgsql stable
as $$
begin
    return (select coalesce(bool_or(f.asleep), true) from feed.follower f);
end $$;

-- Rings, and says by a '!' whether another who rings has not ended yet: NOTIFY makes commits wait for each
-- other, so a rush that waits for the bell is a slow one, and can't be told by its pace.
create or replace function feed.ring(venue bigint, seq bigint) returns void
language plpgsql volatile
as $$
declare ringing constant bigint := 5496933;   -- any number: held until the commit
begin
    perform pg_notify('maitred_feed', venue || ':' || seq
        || case when pg_try_advisory_xact_lock(ringing) then '' else '!' end);
end $$;

-- One aggregate's event, if there is anything to tell; the counter moves on with it.
create or replace function feed.emit_one(
    c feed.counter, kind text, id bigint, notes feed.note[], partitioned boolean)
returns feed.counter language plpgsql
as $$
declare m feed.made := feed.make(c.venue, kind, id, notes);
begin
    if m.type is not null then
        c.seq := c.seq + 1;
        c.area_seq[feed.area_no(m.area)] := c.seq;
        perform feed.put_event(c, id, m, partitioned);
    end if;
    return c;
end $$;

-- The events of one venue. Without notes (null) everything changed: one `resync`.
create or replace function feed.emit_venue(v bigint, notes feed.note[]) returns void
language plpgsql
as $$
declare
    c feed.counter;
    st feed.state;
    m feed.made;
    g record;
    first_seq bigint;
    partitioned boolean;
begin
    select * into c from feed.counter x where x.venue = v for no key update;
    if not found then return; end if;   -- the venue went in this very transaction
    select * into st from feed.state;
    c.at := greatest(clock_timestamp(), c.at);
    partitioned := feed.has_partition(st, c.at);
    first_seq := c.seq;
    if notes is null or cardinality(notes) > st.resync_after then
        c.seq := c.seq + 1;
        c.area_seq := array_fill(c.seq, array[10]);
        m := ('venue', 'resync', jsonb_build_object('venue', v), null, null);
        perform feed.put_event(c, v, m, partitioned);
    elsif cardinality(notes) = 1 then   -- most transactions: not worth a query
        c := feed.emit_one(c, notes[1].kind, notes[1].id, notes, partitioned);
    else
        -- In the order in which the aggregates were touched first.
        for g in select n.kind, n.id, array_agg(n order by n.ord) as notes
                 from unnest(notes) n group by n.kind, n.id order by min(n.ord) loop
            c := feed.emit_one(c, g.kind, g.id, g.notes, partitioned);
        end loop;
    end if;
    if c.seq > first_seq then
        perform maitred.rollup_fold_some(v, first_seq, c.seq,
            notes is null or cardinality(notes) > st.resync_after);
        update feed.counter x set seq = c.seq, at = c.at, area_seq = c.area_seq where x.venue = v;
        if feed.somebody_sleeps() then
            perform feed.ring(v, c.seq);
        end if;
    end if;
end $$;

-- The notes and the flag are cleared first, so that changes made after `set constraints all
-- immediate` are noted, and told, anew.
create or replace function feed.emit_notes() returns void
language plpgsql
as $$
declare
    notes text := coalesce(current_setting('maitred.notes', true), '');
    found_notes feed.note[];
    v bigint;
begin
    perform set_config('maitred.notes', '', true), set_config('maitred.noted', '', true),
            set_config('maitred.armed', '', true);
    if notes = '' then
        return;
    elsif notes like '!%' then
        for v in select x::bigint from string_to_table(notes, '!') x where x <> '' order by 1 loop
            perform feed.emit_venue(v, null);
        end loop;
        return;
    end if;
    found_notes := feed.read_notes(notes);
    if cardinality(found_notes) = 1 then
        perform feed.emit_venue(found_notes[1].venue, found_notes);
        return;
    end if;
    for v in select distinct n.venue from unnest(found_notes) n order by 1 loop
        perform feed.emit_venue(v, array(select n from unnest(found_notes) n where n.venue = v
                                         order by n.ord));
    end loop;
end $$;

-- The deferred firing itself.
create or replace function feed.emit() returns trigger
language plpgsql security definer
set search_path = pg_catalog, feed, maitred, pg_temp set datestyle = 'ISO'
as $$ begin perform feed.emit_notes(); return null; end $$;

create or replace function feed.emit_now() returns void
language plpgsql security definer
set search_path = pg_catalog, feed, maitred, pg_temp set datestyle = 'ISO'
as $$ begin perform feed.emit_notes(); end $$;

-- Somebody said `set constraints all immediate` and goes on writing: the firing then comes in
-- the middle of the statement, before the rows are noted, and has nothing to tell. Whatever it
-- left behind is told at the statement's end. In every other transaction it is still to come,
-- which the flag says, and this is two comparisons a statement.
create or replace function feed.emit_late() returns trigger
language plpgsql
as $$
begin
    if current_setting('maitred.armed', true) = '1' then return null; end if;
    if current_setting('maitred.notes', true) <> '' then perform feed.emit_now(); end if;
    return null;
end $$;

-- Which tables tell, and which aggregate each row belongs to.
do $$
begin
    perform feed.create_note_trigger('venue', '{{venue, id}}', venue => 'id');
    perform feed.create_note_trigger('floor', '{{floor, number}}', row_id => 'number');
    perform feed.create_note_trigger('dining_table', '{{table, id}}', ignored => 'reserved_until');
    perform feed.create_note_trigger('table_session', '{{table, table_id}}', ignored => 'expires_at');
    perform feed.create_note_trigger('customer_order', '{{order, id}}');
    perform feed.create_note_trigger('order_item', '{{order, order_id}}');
    perform feed.create_note_trigger('payment',
        '{{order, order_id}, {reservation, reservation_id}, {booking, booking_id}}');
    perform feed.create_note_trigger('reservation', '{{reservation, id}}');
    perform feed.create_note_trigger('booking', '{{booking, id}}');
    perform feed.create_note_trigger('room', '{{room, id}}');
    perform feed.create_note_trigger('room_type', '{{room_type, id}}');
    perform feed.create_note_trigger('menu_item', '{{menu_item, id}}');
    perform feed.create_note_trigger('menu_category', '{{menu_category, id}}');
    perform feed.create_note_trigger('customer', '{{customer, id}}');
    perform feed.create_note_trigger('notification', '{{notification, id}}', ignored => 'escalate_at');
    perform feed.create_note_trigger('service_request', '{{service_request, id}}');
    perform feed.create_note_trigger('account', '{{account, id}}', ignored => 'last_login_at');
    perform feed.create_note_trigger('api_key', '{{api_key, id}}', ignored => 'last_used_at');
    perform feed.create_note_trigger('revoked_token', '{{token, id}}');
end $$;
