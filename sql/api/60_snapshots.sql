-- The full current state of a log channel, as the same canonical documents that its events carry,
-- masked per caller. The sidecar calls it for a fresh subscription and whenever a replay is not
-- possible; snapshot and position come from the calling statement's one MVCC snapshot.
--
-- What a channel holds (kind: the channel's name, without the number of floor, table or order)
--   restaurant_tables, floor, table    tables that are not deleted, with their open session
--   *_orders                           open orders and those placed in the business day
--   order                              one order
--   restaurant_reservations            those of today's business day and later
--   hotel_reservations                 bookings that arrive or depart today, or are in the house
--                                      (checked in), or arrive later; then its reservations
--   *_notifications                    notifications neither acknowledged nor resolved
--   hotel_rooms                        all rooms
--   *_menu                             the categories, then the items, as REST lists them
-- and of the sockets of one thing (docs/entity-ws.md; functions in 62_entities.sql)
--   session                            its table, with this session
--   waiter                             the open messages to this account or to all
--   restaurant, hotel                  what there is now, in figures
-- State channels (stats, metrics) have no snapshot here: their figures are functions of their own.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.tables_snapshot(v maitred.venue, floor bigint, id bigint)
returns table (place bigint, doc jsonb) language sql stable parallel safe
as $$
    select t.number, maitred.table_doc(t, s)
    from maitred.dining_table t
    left join maitred.table_session s
        on s.venue = t.venue and s.table_id = t.id and s.state = 'open'
    where t.venue = v.id and t.active and t.floor = coalesce($2, t.floor) and t.id = coalesce($3, t.id) $$;

-- Documents of many rows at once: what *_json(venue, id) of sql/rules gives for one, but planned
-- once for all of them (a tenth of the cost). Inlined, so that the caller's conditions reach the
-- index and only the rows that are left get a document. A test holds the two together.
create or replace function maitred.order_docs(v maitred.venue)
returns table (id bigint, status text, created_at timestamptz, doc jsonb)
language sql stable parallel safe
as $$
    select o.id, o.status, o.created_at, maitred.order_doc(o,
        (select jsonb_agg(maitred.item_doc(i, v.currency) order by i.id)
         from maitred.order_item i where i.venue = o.venue and i.order_id = o.id),
        (select jsonb_agg(maitred.payment_doc(p, v.currency) order by p.id)
         from maitred.payment p where p.venue = o.venue and p.order_id = o.id),
        (select s.waiter_id from maitred.table_session s
         where s.venue = o.venue and s.id = o.session_id), v.currency)
    from maitred.customer_order o where o.venue = v.id $$;

create or replace function maitred.booking_docs(v maitred.venue)
returns table (id bigint, status text, check_in date, check_out date, doc jsonb)
language sql stable parallel safe
as $$
    select b.id, b.status, b.check_in, b.check_out, maitred.booking_doc(b,
        (select jsonb_agg(maitred.payment_doc(p, v.currency) order by p.id)
         from maitred.payment p where p.venue = b.venue and p.booking_id = b.id),
        (select t.name from maitred.room_type t where t.venue = b.venue and t.id = b.room_type_id),
        (select r.number from maitred.room r where r.venue = b.venue and r.id = b.room_id), v)
    from maitred.booking b where b.venue = v.id $$;

-- Open ones through their own index, today's through the other.
create or replace function maitred.orders_snapshot(v maitred.venue, opens timestamptz)
returns table (place bigint, doc jsonb) language sql stable parallel safe
as $$
    select o.id, o.doc from maitred.order_docs(v) o
    where o.status not in ('completed', 'cancelled') and o.created_at < opens
    union all
    select o.id, o.doc from maitred.order_docs(v) o where o.created_at >= opens $$;

create or replace function maitred.reservations_snapshot(v maitred.venue, opens timestamptz)
returns table (place bigint, doc jsonb) language sql stable parallel safe
as $$
    select row_number() over (order by r.starts_at, r.id), r.doc
    from maitred.reservation_docs(v) r where r.starts_at >= opens $$;

-- Three disjoint parts, each with an index of its own.
create or replace function maitred.bookings_snapshot(v maitred.venue, today date)
returns table (place bigint, doc jsonb) language sql stable parallel safe
as $$
    select row_number() over (order by x.check_in, x.id), x.doc
    from (select b.id, b.check_in, b.doc from maitred.booking_docs(v) b where b.check_in >= today
          union all
          select b.id, b.check_in, b.doc from maitred.booking_docs(v) b
          where b.check_out = today and b.check_in < today
          union all
          select b.id, b.check_in, b.doc from maitred.booking_docs(v) b
          where b.check_in < today and b.check_out <> today and b.status = 'checked_in') x $$;

create or replace function maitred.notifications_snapshot(v maitred.venue)
returns table (place bigint, doc jsonb) language sql stable parallel safe
as $$
    select row_number() over (order by n.created_at, n.id), maitred.notification_doc(n)
    from maitred.notification n
    where n.venue = v.id and n.acknowledged_at is null and n.resolved_at is null $$;

create or replace function maitred.rooms_snapshot(v maitred.venue)
returns table (place bigint, doc jsonb) language sql stable parallel safe
as $$
    select row_number() over (order by r.floor, r.number), maitred.room_doc(r, t.name)
    from maitred.room r join maitred.room_type t on t.venue = r.venue and t.id = r.room_type_id
    where r.venue = v.id $$;

create or replace function maitred.menu_snapshot(v maitred.venue)
returns table (what text, place bigint, doc jsonb) language sql stable parallel safe
as $$
    select 'menu_category', row_number() over (order by c.sort, c.name, c.id), maitred.menu_category_doc(c)
    from maitred.menu_category c where c.venue = v.id and c.active
    union all
    select 'menu_item', m.place + 1000000000, maitred.menu_item_doc(m.item, v.currency)
    from maitred.menu_items(v.id, null, null, null) m $$;

-- A guest sees the orders of the own session, or the one order that the token names.
create or replace function maitred.order_visible(caller api.caller, order_id bigint) returns boolean
language sql stable parallel safe
as $$
    select exists (select from maitred.customer_order o
        where o.venue = caller.venue and o.id = $2
          and (caller.role is distinct from 'guest' or o.id = caller.order_id
               or o.session_id = caller.session)) $$;

create or replace function maitred.channel_documents(
    caller api.caller, v maitred.venue, kind text, id bigint)
returns table (what text, place bigint, doc jsonb)
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    today date := maitred.today(v.id);
    opens timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, today);
begin
    case kind
    when 'restaurant_tables' then
        return query select 'table', s.* from maitred.tables_snapshot(v, null, null) s;
    when 'floor' then
        perform from maitred.floor f where f.venue = v.id and f.number = channel_documents.id;
        if not found then perform maitred.fail(404, 'not_found', 'There is no such floor.'); end if;
        return query select 'table', s.* from maitred.tables_snapshot(v, channel_documents.id, null) s;
    when 'table' then
        return query select 'table', s.* from maitred.tables_snapshot(v, null, coalesce(channel_documents.id, 0)) s;
        if not found then perform maitred.fail(404, 'not_found', 'There is no such table.'); end if;
    when 'restaurant_orders', 'hotel_orders' then
        return query select 'order', s.* from maitred.orders_snapshot(v, opens) s;
    when 'order' then
        if not maitred.order_visible(caller, channel_documents.id) then
            perform maitred.fail(404, 'not_found', 'There is no such order.');
        end if;
        return query select 'order', channel_documents.id, case
            when caller.role = 'guest' then maitred.order_seen(caller, channel_documents.id)
            else maitred.order_json(v.id, channel_documents.id) end;
    when 'restaurant_reservations' then
        return query select 'reservation', s.* from maitred.reservations_snapshot(v, opens) s;
    when 'hotel_reservations' then
        return query select 'booking', s.* from maitred.bookings_snapshot(v, today) s
            union all select 'reservation', s.place + 1000000000, s.doc
                from maitred.reservations_snapshot(v, opens) s;
    when 'restaurant_notifications', 'hotel_notifications' then
        return query select 'notification', s.* from maitred.notifications_snapshot(v) s;
    when 'hotel_rooms' then
        return query select 'room', s.* from maitred.rooms_snapshot(v) s;
    when 'restaurant_menu', 'hotel_menu' then
        return query select s.* from maitred.menu_snapshot(v) s;
    when 'session' then
        return query select 'table', s.* from maitred.session_snapshot(caller, channel_documents.id) s;
        if not found then perform maitred.fail(404, 'not_found', 'There is no such session.'); end if;
    when 'waiter' then
        perform from maitred.account a where a.venue = v.id and a.id = channel_documents.id;
        if not found then perform maitred.fail(404, 'not_found', 'There is no such account.'); end if;
        return query select 'notification', s.* from maitred.tasks_of(v.id, channel_documents.id) s;
    when 'restaurant' then
        return query select 'venue', 1::bigint, maitred.restaurant_now(v);
    when 'hotel' then
        return query select 'venue', 1::bigint, maitred.hotel_now(v, today);
    else
        perform maitred.fail(404, 'unknown_channel', 'There is no such channel.', 'kind');
    end case;
end $$;

create or replace function api.channel_snapshot(p_caller api.caller, p_kind text, p_id bigint)
returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    masked boolean := coalesce(p_caller.masked, true);
    docs jsonb;
begin
    select jsonb_agg(case when masked then maitred.mask(d.what, d.doc) else d.doc end order by d.place)
        into docs from maitred.channel_documents(p_caller, v, coalesce(p_kind, ''), p_id) d;
    return maitred.ok(coalesce(docs, '[]')::text);
end $$;
