-- Makes the event of one aggregate from its notes: the whole aggregate as it is now, and the old
-- values of the fields that changed, both in the wire's words (the documents of sql/rules). The
-- old aggregate is built from the rows as they were, through the same document functions.
-- Called by feed.emit() only, under the venue's counter lock: what it reads is final.
set local role maitred_owner;
set local search_path = pg_catalog, feed, maitred, pg_temp;

-- The fields of `old` that `new` has otherwise.
create or replace function feed.diff(old jsonb, new jsonb) returns jsonb
language plpgsql immutable parallel safe
as $$
begin
    return (select coalesce(jsonb_object_agg(o.key, o.value), '{}')
            from jsonb_each(old) o where o.value is distinct from new -> o.key);
end $$;

-- Null when nothing is to be told. A soft delete is a delete for those who look on.
create or replace function feed.made(
    area text, kind text, refs jsonb, was jsonb, doc jsonb, created boolean)
returns feed.made language plpgsql immutable
as $$
declare changed jsonb;
begin
    if doc is null then
        if created or was is null then return null; end if;
        return (area, kind || '.deleted', jsonb_strip_nulls(refs), null, was)::feed.made;
    elsif created then
        return (area, kind || '.created', jsonb_strip_nulls(refs), doc, null)::feed.made;
    end if;
    changed := feed.diff(was, doc);
    if changed = '{}' then return null; end if;
    return (area, kind || case
            when changed -> 'isActive' = 'true' then '.deleted'
            when changed -> 'isActive' = 'false' then '.created'
            else '.updated' end, jsonb_strip_nulls(refs), doc, changed)::feed.made;
end $$;

-- The session that a table had, if it is over: one that has gone to another table is not.
create or replace function feed.ended_session(was maitred.table_session) returns bigint
language plpgsql stable
as $$
begin
    if was.id is null then return null; end if;
    return (select s.id from maitred.table_session s
            where s.venue = was.venue and s.id = was.id and s.state <> 'open');
end $$;

create or replace function feed.make_table(v bigint, id bigint, notes feed.note[])
returns feed.made language plpgsql stable
as $$
declare
    row_note feed.note;
    now_t maitred.dining_table;
    was_t maitred.dining_table;
    now_s maitred.table_session;
    was_s maitred.table_session;
    n feed.note;
    seen boolean := false;
begin
    select * into now_t from maitred.dining_table t where t.venue = v and t.id = make_table.id;
    select * into now_s from maitred.table_session s
        where s.venue = v and s.table_id = make_table.id and s.state = 'open';
    was_t := now_t;
    foreach n in array notes loop
        if n.rel = 'dining_table' then
            row_note := n;
            if n.op <> 'I' then was_t := n.old::maitred.dining_table; end if;
        else
            seen := seen or n.row_id = now_s.id;
            -- The session it had: noted as open, and at this table (it may have moved here).
            if n.op <> 'I' and (n.old::maitred.table_session).state = 'open'
               and (n.old::maitred.table_session).table_id = make_table.id then
                was_s := n.old::maitred.table_session;
            end if;
        end if;
    end loop;
    if was_s.id is null and not seen then was_s := now_s; end if;
    return feed.made('tables', 'table', jsonb_build_object(
            'table', id, 'floor', coalesce(now_t.floor, was_t.floor),
            'old_floor', nullif(was_t.floor, now_t.floor),
            'session', coalesce(now_s.id, was_s.id),
            'old_session', case when was_s.id <> now_s.id then was_s.id end,
            'ended_session', feed.ended_session(was_s),
            'waiter', coalesce(now_s.waiter_id, was_s.waiter_id)),
        case when was_t.id is not null then maitred.table_doc(was_t, was_s) end,
        case when now_t.id is not null then maitred.table_doc(now_t, now_s) end,
        coalesce(row_note.op = 'I', false));
end $$;

-- Lines and payments as they were: what was inserted is left out, what was noted is put back.
create or replace function feed.old_items(v bigint, order_id bigint, notes feed.note[], currency text)
returns jsonb language sql stable
as $$ select jsonb_agg(d.doc order by d.id) from (
        select i.id, maitred.item_doc(i, currency) as doc from maitred.order_item i
        where i.venue = v and i.order_id = $2
          and not exists (select from unnest($3) n where n.rel = 'order_item' and n.row_id = i.id)
        union all
        select n.row_id, maitred.item_doc(n.old::maitred.order_item, currency) from unnest($3) n
        where n.rel = 'order_item' and n.op <> 'I' and (n.old::maitred.order_item).order_id = $2) d $$;

create or replace function feed.payments(v bigint, kind text, id bigint, notes feed.note[], currency text)
returns jsonb language sql stable
as $$ select jsonb_agg(d.doc order by d.id) from (
        select p.id, maitred.payment_doc(p, currency) as doc from maitred.payment p
        where p.venue = v and case kind when 'order' then p.order_id = $3
                when 'booking' then p.booking_id = $3 else p.reservation_id = $3 end
          and not exists (select from unnest($4) n where n.rel = 'payment' and n.row_id = p.id)
        union all
        select n.row_id, maitred.payment_doc(n.old::maitred.payment, currency) from unnest($4) n
        where n.rel = 'payment' and n.op <> 'I') d $$;

-- The payments of the old document: taken from the new one unless one was noted.
create or replace function feed.old_payments(
    v bigint, kind text, id bigint, notes feed.note[], currency text, doc jsonb)
returns jsonb language plpgsql stable
as $$
begin
    if doc is not null and (feed.note_of(notes, 'payment')).rel is null then
        return doc -> 'payments';
    end if;
    return feed.payments(v, kind, id, notes, currency);
end $$;

create or replace function feed.note_of(notes feed.note[], rel text) returns feed.note
language plpgsql immutable
as $$
declare n feed.note;
begin
    foreach n in array notes loop
        if n.rel = note_of.rel then return n; end if;
    end loop;
    return null;
end $$;

create or replace function feed.make_order(v bigint, id bigint, notes feed.note[])
returns feed.made language plpgsql stable
as $$
declare
    doc jsonb := maitred.order_json(v, id);
    row_note feed.note := feed.note_of(notes, 'customer_order');
    was maitred.customer_order;
    currency text;
    items jsonb := doc -> 'items';
begin
    if row_note.op = 'I' then was := null;
    elsif row_note.op is not null then was := row_note.old::maitred.customer_order;
    else select * into was from maitred.customer_order o where o.venue = v and o.id = make_order.id; end if;
    if was.id is not null then
        select x.currency into currency from maitred.venue x where x.id = v;
        if (feed.note_of(notes, 'order_item')).rel is not null then
            items := feed.old_items(v, id, notes, currency);
        end if;
    end if;
    return feed.made('orders', 'order', jsonb_build_object(
            'order', id, 'table', coalesce(doc -> 'table_id', to_jsonb(was.table_id)),
            'session', coalesce(doc -> 'session_id', to_jsonb(was.session_id)),
            'waiter', doc -> 'waiter_id',
            'old_table', case when was.table_id::text <> doc ->> 'table_id' then was.table_id end,
            'old_session', case when was.session_id::text <> doc ->> 'session_id' then was.session_id end),
        case when was.id is not null then maitred.order_doc(was, items,
            feed.old_payments(v, 'order', id, notes, currency, doc),
            (doc ->> 'waiter_id')::bigint, currency) end,
        doc, coalesce(row_note.op = 'I', false));
end $$;

create or replace function feed.make_reservation(v bigint, id bigint, notes feed.note[])
returns feed.made language plpgsql stable
as $$
declare
    doc jsonb := maitred.reservation_json(v, id);
    row_note feed.note := feed.note_of(notes, 'reservation');
    r maitred.reservation;
    was maitred.reservation;
    venue maitred.venue;
    refs jsonb;
    m feed.made;
begin
    select * into venue from maitred.venue x where x.id = v;
    select * into r from maitred.reservation x where x.venue = v and x.id = make_reservation.id;
    was := r;
    if row_note.op <> 'I' then was := row_note.old::maitred.reservation; end if;
    refs := jsonb_build_object('reservation', id, 'table', coalesce(r.table_id, was.table_id),
        'old_table', case when was.table_id <> r.table_id then was.table_id end,
        'customer', coalesce(r.customer_id, was.customer_id));
    m := feed.made('reservations', 'reservation', refs,
        case when was.id is not null then maitred.reservation_doc(was,
            feed.old_payments(v, 'reservation', id, notes, venue.currency, doc),
            venue.timezone, venue.currency) end,
        doc, coalesce(row_note.op = 'I', false));
    if row_note.op = 'U' and was.upcoming_sent_at is null and r.upcoming_sent_at is not null then
        return ('reservations', 'reservation.upcoming', jsonb_strip_nulls(refs), doc,
                coalesce(m.old, '{}'))::feed.made;
    end if;
    return m;
end $$;

create or replace function feed.make_booking(v bigint, id bigint, notes feed.note[])
returns feed.made language plpgsql stable
as $$
declare
    doc jsonb := maitred.booking_json(v, id);
    row_note feed.note := feed.note_of(notes, 'booking');
    b maitred.booking;
    was maitred.booking;
    venue maitred.venue;
    refs jsonb;
    m feed.made;
begin
    select * into venue from maitred.venue x where x.id = v;
    select * into b from maitred.booking x where x.venue = v and x.id = make_booking.id;
    was := b;
    if row_note.op <> 'I' then was := row_note.old::maitred.booking; end if;
    refs := jsonb_build_object('booking', id, 'room', coalesce(b.room_id, was.room_id),
        'old_room', case when was.room_id <> b.room_id then was.room_id end,
        'room_type', coalesce(b.room_type_id, was.room_type_id),
        'old_room_type', case when was.room_type_id <> b.room_type_id then was.room_type_id end,
        'customer', coalesce(b.customer_id, was.customer_id));
    m := feed.made('bookings', 'booking', refs,
        case when was.id is not null then maitred.booking_doc(was,
            feed.old_payments(v, 'booking', id, notes, venue.currency, doc),
            (select t.name from maitred.room_type t where t.venue = v and t.id = was.room_type_id),
            (select x.number from maitred.room x where x.venue = v and x.id = was.room_id),
            venue) end,
        doc, coalesce(row_note.op = 'I', false));
    if row_note.op = 'U' and was.upcoming_sent_at is null and b.upcoming_sent_at is not null then
        return ('bookings', 'booking.upcoming', jsonb_strip_nulls(refs), doc,
                coalesce(m.old, '{}'))::feed.made;
    end if;
    return m;
end $$;

-- Aggregates of one row.
create or replace function feed.make_room(v bigint, id bigint, n feed.note)
returns feed.made language plpgsql stable
as $$
declare
    doc jsonb := maitred.room_json(v, id);
    was maitred.room;
begin
    if n.op <> 'I' then was := n.old::maitred.room; end if;
    return feed.made('rooms', 'room', jsonb_build_object('room', id,
            'room_type', coalesce(doc -> 'roomTypeId', to_jsonb(was.room_type_id)),
            'old_room_type', case when was.room_type_id::text <> doc ->> 'roomTypeId'
                                  then was.room_type_id end),
        case when n.op <> 'I' then maitred.room_doc(was, (select t.name from maitred.room_type t
            where t.venue = v and t.id = was.room_type_id)) end,
        doc, n.op = 'I');
end $$;

create or replace function feed.make_message(v bigint, kind text, id bigint, n feed.note)
returns feed.made language plpgsql stable
as $$
declare
    doc jsonb := case kind when 'notification' then maitred.notification_json(v, id)
                           else maitred.service_request_json(v, id) end;
    was jsonb := case when n.op = 'I' then null
        when kind = 'notification' then maitred.notification_doc(n.old::maitred.notification)
        else maitred.service_request_doc(n.old::maitred.service_request) end;
    d jsonb := coalesce(doc, was);
begin
    return feed.made('notifications', kind, jsonb_build_object(kind, id,
            'waiter', d -> 'waiter_id', 'table', d -> 'table_id', 'order', d -> 'order_id',
            'session', d -> 'session_id', 'request', d -> 'request_id',
            -- Rooms without a number: of every waiter, and of those in charge.
            'everybody', case when d ->> 'waiter_id' is null and d ->> 'audience' is null then 0 end,
            'managers', case when d ->> 'audience' = 'managers' then 0 end),
        was, doc, n.op = 'I');
end $$;

create or replace function feed.make_menu(v bigint, kind text, id bigint, n feed.note)
returns feed.made language plpgsql stable
as $$
declare
    currency text := (select x.currency from maitred.venue x where x.id = v);
    doc jsonb := case kind when 'menu_item' then maitred.menu_item_json(v, id)
                           else maitred.menu_category_json(v, id) end;
    was jsonb := case when n.op = 'I' then null
        when kind = 'menu_item' then maitred.menu_item_doc(n.old::maitred.menu_item, currency)
        else maitred.menu_category_doc(n.old::maitred.menu_category) end;
begin
    return feed.made('menu', kind, jsonb_build_object(kind, id,
        'menu_category', coalesce(doc, was) -> 'categoryId'), was, doc, n.op = 'I');
end $$;

create or replace function feed.make_room_type(v bigint, id bigint, n feed.note)
returns feed.made language plpgsql stable
as $$
begin
    return feed.made('rooms', 'room_type', jsonb_build_object('room_type', id),
        case when n.op <> 'I' then maitred.room_type_doc(n.old::maitred.room_type,
            (select x.currency from maitred.venue x where x.id = v)) end,
        maitred.room_type_json(v, id), n.op = 'I');
end $$;

create or replace function feed.make_floor(v bigint, id bigint, n feed.note)
returns feed.made language plpgsql stable
as $$
declare was maitred.floor;
begin
    if n.op <> 'I' then was := n.old::maitred.floor; end if;
    return feed.made('tables', 'floor', jsonb_build_object('floor', id),
        case when n.op <> 'I' then
            jsonb_build_object('number', was.number, 'name', was.name) end,
        maitred.floor_json(v, id), n.op = 'I');
end $$;

create or replace function feed.make_person(v bigint, kind text, id bigint, n feed.note)
returns feed.made language plpgsql stable
as $$
declare
    doc jsonb := case kind when 'customer' then maitred.customer_json(v, id)
        when 'account' then maitred.account_json(v, id) else maitred.api_key_json(v, id) end;
    was jsonb := case when n.op = 'I' then null
        when kind = 'customer' then maitred.customer_doc(n.old::maitred.customer)
        when kind = 'account' then maitred.account_doc(n.old::maitred.account)
        else maitred.api_key_doc(n.old::maitred.api_key) end;
begin
    return feed.made(case kind when 'customer' then 'customers' else 'accounts' end, kind,
        jsonb_build_object(kind, id, 'account', coalesce(doc, was) -> 'account'),
        was, doc, n.op = 'I');
end $$;

-- A revoked token; the jti that every program must refuse is in the document.
create or replace function feed.make_token(v bigint, id bigint, n feed.note)
returns feed.made language plpgsql stable
as $$
begin
    return (select case when n.op = 'I' then ('accounts', 'token.revoked',
        jsonb_strip_nulls(jsonb_build_object('account', t.account_id, 'jti', t.jti)),
        jsonb_build_object('jti', t.jti, 'account', t.account_id,
            'revokedAt', maitred.iso(t.revoked_at), 'expiresAt', maitred.iso(t.expires_at)),
        null)::feed.made end
        from maitred.revoked_token t where t.venue = v and t.id = make_token.id);
end $$;

create or replace function feed.make_venue(v bigint, n feed.note)
returns feed.made language plpgsql stable
as $$
begin
    return feed.made('venue', 'venue', jsonb_build_object('venue', v),
        case when n.op <> 'I' then maitred.venue_doc(n.old::maitred.venue) end,
        maitred.venue_json(v, v), n.op = 'I');
end $$;

create or replace function feed.make(v bigint, kind text, id bigint, notes feed.note[])
returns feed.made language plpgsql stable
as $$
begin
    return case kind
        when 'table' then feed.make_table(v, id, notes)
        when 'order' then feed.make_order(v, id, notes)
        when 'reservation' then feed.make_reservation(v, id, notes)
        when 'booking' then feed.make_booking(v, id, notes)
        when 'room' then feed.make_room(v, id, notes[1])
        when 'room_type' then feed.make_room_type(v, id, notes[1])
        when 'menu_item' then feed.make_menu(v, kind, id, notes[1])
        when 'menu_category' then feed.make_menu(v, kind, id, notes[1])
        when 'notification' then feed.make_message(v, kind, id, notes[1])
        when 'service_request' then feed.make_message(v, kind, id, notes[1])
        when 'floor' then feed.make_floor(v, id, notes[1])
        when 'token' then feed.make_token(v, id, notes[1])
        when 'venue' then feed.make_venue(v, notes[1])
        else feed.make_person(v, kind, id, notes[1]) end;
end $$;
