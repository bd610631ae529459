-- The canonical JSON of every aggregate, in the wire's own words (SPEC sections 3 and 5).
-- *_doc(row, ...) makes the document of given rows: the feed also calls it with the rows as they
-- were, so that old values carry the same names. *_json(venue, id) reads the rows and calls it;
-- the feed and the api functions use the same ones, so that an event and a GET agree.
--
-- The _doc functions have no FROM, so that they are inlined; the _json functions are PL/pgSQL,
-- because a SQL function that is not inlined is planned anew in every transaction.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- ---------------------------------------------------------------- tables and sessions

create or replace function maitred.session_doc(s maitred.table_session) returns jsonb
language sql stable parallel safe
as $$ select case when s.id is not null then jsonb_build_object(
    'id', s.id, 'session_code', s.session_code, 'guests_count', s.guest_count,
    'started_at', maitred.iso(s.opened_at), 'last_active', maitred.iso(s.last_active),
    'closed_at', maitred.iso(s.closed_at), 'state', s.state, 'waiter', s.waiter_id,
    'table_id', s.table_id) end $$;

create or replace function maitred.table_doc(t maitred.dining_table, s maitred.table_session)
returns jsonb language sql stable parallel safe
as $$ select jsonb_build_object(
    'id', t.id, 'tableNumber', t.label, 'number', t.number, 'name', t.name,
    'capacity', t.capacity, 'minCapacity', t.min_capacity, 'floor', t.floor,
    'section', t.section, 'status', t.status, 'notes', t.status_note,
    'position', t.position, 'version', t.version, 'isActive', t.active,
    'updatedBy', t.updated_by, 'updatedAt', maitred.iso(t.updated_at),
    'session', maitred.session_doc(s)) $$;

create or replace function maitred.table_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.table_doc(t, s)
    from maitred.dining_table t
    left join maitred.table_session s
        on s.venue = t.venue and s.table_id = t.id and s.state = 'open'
    where t.venue = $1 and t.id = $2); end $$;

-- A table in the words of the admin dashboard (S0): TableInfo. What is kept for a party is free
-- there, with a mark; what is in maintenance is disabled.
create or replace function maitred.table_info_doc(t maitred.dining_table, s maitred.table_session)
returns jsonb language sql stable parallel safe
as $$ select jsonb_build_object('id', t.id, 'number', t.number,
    'status', case t.status when 'occupied' then 'occupied'
                            when 'maintenance' then 'disabled' else 'free' end,
    'session', case when s.id is not null then
        jsonb_build_object('id', s.id, 'last_active', maitred.iso(s.last_active)) end)
    || case when t.status = 'reserved' then '{"reserved": true}'::jsonb else '{}' end $$;

create or replace function maitred.table_info(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.table_info_doc(t, s)
    from maitred.dining_table t
    left join maitred.table_session s
        on s.venue = t.venue and s.table_id = t.id and s.state = 'open'
    where t.venue = $1 and t.id = $2); end $$;

create or replace function maitred.session_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.session_doc(s) from maitred.table_session s where s.venue = $1 and s.id = $2); end $$;

create or replace function maitred.floor_json(venue bigint, number bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select jsonb_build_object('number', f.number, 'name', f.name)
    from maitred.floor f where f.venue = $1 and f.number = $2); end $$;

-- ---------------------------------------------------------------- orders

create or replace function maitred.item_doc(i maitred.order_item, currency text) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object(
    'id', i.id, 'menu_item_id', i.menu_item_id, 'name', i.name, 'quantity', i.quantity,
    'unit_price', maitred.major(i.unit_price, currency), 'notes', i.notes, 'status', i.status) $$;

create or replace function maitred.payment_doc(p maitred.payment, currency text) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object(
    'id', p.id, 'amount', maitred.major(p.amount, currency), 'method', p.method,
    'status', p.status, 'created_by', p.created_by, 'created_at', maitred.iso(p.created_at)) $$;

create or replace function maitred.order_doc(
    o maitred.customer_order, items jsonb, payments jsonb, waiter bigint, currency text)
returns jsonb language sql stable parallel safe
as $$ select jsonb_build_object(
    'id', o.id, 'order_number', o.order_number, 'restaurant_id', o.venue,
    'table_id', o.table_id, 'table_number', o.table_number, 'session_id', o.session_id,
    'waiter_id', waiter, 'customer_name', o.customer_name, 'customer_phone', o.customer_phone,
    'order_status', o.status, 'payment_status', o.payment_status,
    'payment_method', o.payment_method, 'total_price', maitred.major(o.total_price, currency),
    'estimated_time', o.estimated_time, 'notes', o.notes, 'version', o.version,
    'updated_by', o.updated_by, 'created_at', maitred.iso(o.created_at),
    'updated_at', maitred.iso(o.updated_at)) || jsonb_build_object(
    'items', coalesce(items, '[]'), 'payments', coalesce(payments, '[]')) $$;

create or replace function maitred.order_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.order_doc(o,
        (select jsonb_agg(maitred.item_doc(i, v.currency) order by i.id)
         from maitred.order_item i where i.venue = o.venue and i.order_id = o.id),
        (select jsonb_agg(maitred.payment_doc(p, v.currency) order by p.id)
         from maitred.payment p where p.venue = o.venue and p.order_id = o.id),
        (select s.waiter_id from maitred.table_session s
         where s.venue = o.venue and s.id = o.session_id), v.currency)
    from maitred.customer_order o join maitred.venue v on v.id = o.venue
    where o.venue = $1 and o.id = $2); end $$;

-- ---------------------------------------------------------------- reservations

create or replace function maitred.reservation_doc(
    r maitred.reservation, payments jsonb, timezone text, currency text)
returns jsonb language sql stable parallel safe
as $$ select jsonb_build_object(
    'id', 'res' || r.id, 'customerName', r.customer_name,
    'customerInitials', maitred.initials(r.customer_name), 'customerId', r.customer_id,
    'date', maitred.iso(r.starts_at), 'time', maitred.clock_text(r.starts_at, timezone),
    'guests', r.party_size, 'partySize', r.party_size, 'status', r.status,
    'statusText', maitred.status_text(r.status), 'specialRequests', r.special_requests,
    'contactNumber', r.contact_number, 'email', r.email, 'tableId', r.table_id,
    'durationMinutes', r.duration_minutes, 'source', r.source, 'prepaid', r.prepaid,
    'amountDue', maitred.major(r.amount_due, currency), 'version', r.version,
    'createdAt', maitred.iso(r.created_at), 'updatedAt', maitred.iso(r.updated_at))
    || jsonb_build_object('payments', coalesce(payments, '[]')) $$;

create or replace function maitred.reservation_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.reservation_doc(r,
        (select jsonb_agg(maitred.payment_doc(p, v.currency) order by p.id)
         from maitred.payment p where p.venue = r.venue and p.reservation_id = r.id),
        v.timezone, v.currency)
    from maitred.reservation r join maitred.venue v on v.id = r.venue
    where r.venue = $1 and r.id = $2); end $$;

-- ---------------------------------------------------------------- rooms and bookings

create or replace function maitred.room_type_doc(t maitred.room_type, currency text) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object(
    'id', t.id, 'name', t.name, 'description', t.description,
    'basePrice', maitred.major(t.base_price, currency), 'capacity', t.capacity,
    'amenities', to_jsonb(t.amenities), 'isActive', t.active) $$;

create or replace function maitred.room_type_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.room_type_doc(t, v.currency)
    from maitred.room_type t join maitred.venue v on v.id = t.venue
    where t.venue = $1 and t.id = $2); end $$;

create or replace function maitred.room_doc(r maitred.room, type_name text) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object(
    'id', r.id, 'number', r.number, 'floor', r.floor, 'roomTypeId', r.room_type_id,
    'roomType', type_name, 'housekeeping', r.housekeeping, 'outOfOrder', r.out_of_order,
    'notes', r.note, 'version', r.version, 'updatedBy', r.updated_by,
    'updatedAt', maitred.iso(r.updated_at)) $$;

create or replace function maitred.room_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.room_doc(r, t.name)
    from maitred.room r join maitred.room_type t on t.venue = r.venue and t.id = r.room_type_id
    where r.venue = $1 and r.id = $2); end $$;

-- A hotel's arrival as an instant: the venue's check-in time on the first day.
create or replace function maitred.arrival(check_in date, settings jsonb, timezone text)
returns timestamptz language sql stable parallel safe
as $$ select (check_in + coalesce(settings ->> 'check_in_time', '15:00')::time) at time zone timezone $$;

-- A booking also carries the words of a reservation (customerName, date, time, guests), so that
-- the dashboards of S3 can show either.
create or replace function maitred.booking_doc(
    b maitred.booking, payments jsonb, type_name text, room_number text, v maitred.venue)
returns jsonb language sql stable parallel safe
as $$ select jsonb_build_object(
    'id', 'bkg' || b.id, 'guestName', b.guest_name, 'customerName', b.guest_name,
    'customerInitials', maitred.initials(b.guest_name), 'customerId', b.customer_id,
    'checkIn', b.check_in, 'checkOut', b.check_out, 'nights', b.check_out - b.check_in,
    'date', maitred.iso(maitred.arrival(b.check_in, v.settings, v.timezone)),
    'time', maitred.clock_text(maitred.arrival(b.check_in, v.settings, v.timezone), v.timezone),
    'roomTypeId', b.room_type_id, 'roomType', type_name, 'roomId', b.room_id,
    'room', room_number, 'guests', b.adults + b.children, 'adults', b.adults,
    'children', b.children, 'status', b.status, 'statusText', maitred.status_text(b.status),
    'nightlyRate', maitred.major(b.nightly_rate, v.currency),
    'totalAmount', maitred.major(b.total_amount, v.currency))
    || jsonb_build_object('paymentStatus', b.payment_status, 'source', b.source,
    'contactNumber', b.contact_number, 'email', b.email,
    'specialRequests', b.special_requests, 'version', b.version,
    'createdAt', maitred.iso(b.created_at), 'updatedAt', maitred.iso(b.updated_at),
    'payments', coalesce(payments, '[]')) $$;

create or replace function maitred.booking_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.booking_doc(b,
        (select jsonb_agg(maitred.payment_doc(p, v.currency) order by p.id)
         from maitred.payment p where p.venue = b.venue and p.booking_id = b.id),
        t.name, r.number, v)
    from maitred.booking b
    join maitred.venue v on v.id = b.venue
    join maitred.room_type t on t.venue = b.venue and t.id = b.room_type_id
    left join maitred.room r on r.venue = b.venue and r.id = b.room_id
    where b.venue = $1 and b.id = $2); end $$;

-- ---------------------------------------------------------------- menu, customers

create or replace function maitred.menu_category_doc(c maitred.menu_category) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object('id', c.id, 'name', c.name, 'description', c.description,
    'sort', c.sort, 'color', c.color, 'isActive', c.active) $$;

create or replace function maitred.menu_category_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.menu_category_doc(c)
    from maitred.menu_category c where c.venue = $1 and c.id = $2); end $$;

create or replace function maitred.menu_item_doc(i maitred.menu_item, currency text) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object('id', i.id, 'name', i.name, 'description', i.description,
    'price', maitred.major(i.price, currency), 'categoryId', i.category_id, 'sort', i.sort,
    'popular', i.popular, 'image', i.image, 'available', i.available, 'isActive', i.active) $$;

create or replace function maitred.menu_item_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.menu_item_doc(i, v.currency)
    from maitred.menu_item i join maitred.venue v on v.id = i.venue
    where i.venue = $1 and i.id = $2); end $$;

create or replace function maitred.customer_doc(c maitred.customer) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object('id', c.id, 'name', c.name, 'phone', c.phone, 'email', c.email,
    'createdAt', maitred.iso(c.created_at)) $$;

create or replace function maitred.customer_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.customer_doc(c) from maitred.customer c where c.venue = $1 and c.id = $2); end $$;

-- ---------------------------------------------------------------- calls and messages

create or replace function maitred.notification_doc(n maitred.notification) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object('id', n.id, 'kind', n.kind, 'priority', n.priority,
    'text', n.text, 'data', n.data, 'waiter_id', n.waiter_id, 'table_id', n.table_id,
    'order_id', n.order_id, 'session_id', n.session_id, 'request_id', n.request_id,
    'audience', n.audience, 'escalates', n.escalates,
    'created_by', n.created_by, 'created_at', maitred.iso(n.created_at),
    'acknowledged_by', n.acknowledged_by, 'acknowledged_at', maitred.iso(n.acknowledged_at),
    'resolved_at', maitred.iso(n.resolved_at)) $$;

create or replace function maitred.notification_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.notification_doc(n)
    from maitred.notification n where n.venue = $1 and n.id = $2); end $$;

create or replace function maitred.service_request_doc(r maitred.service_request) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object('id', r.id, 'kind', r.kind, 'priority', r.priority,
    'text', r.text, 'waiter_id', r.waiter_id, 'table_id', r.table_id, 'order_id', r.order_id,
    'session_id', r.session_id, 'created_by', r.created_by,
    'created_at', maitred.iso(r.created_at), 'acknowledged_by', r.acknowledged_by,
    'acknowledged_at', maitred.iso(r.acknowledged_at),
    'resolved_at', maitred.iso(r.resolved_at)) $$;

create or replace function maitred.service_request_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.service_request_doc(r)
    from maitred.service_request r where r.venue = $1 and r.id = $2); end $$;

-- ---------------------------------------------------------------- accounts, venue

create or replace function maitred.account_doc(a maitred.account) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object('id', a.id, 'username', a.username,
    'displayName', a.display_name, 'email', a.email, 'role', a.role, 'active', a.active,
    'notBefore', case when isfinite(a.not_before) then maitred.iso(a.not_before) end,
    'createdAt', maitred.iso(a.created_at)) $$;

create or replace function maitred.account_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.account_doc(a) from maitred.account a where a.venue = $1 and a.id = $2); end $$;

create or replace function maitred.api_key_doc(k maitred.api_key) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object('id', k.id, 'account', k.account_id, 'label', k.label,
    'createdAt', maitred.iso(k.created_at), 'revokedAt', maitred.iso(k.revoked_at)) $$;

create or replace function maitred.api_key_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.api_key_doc(k) from maitred.api_key k where k.venue = $1 and k.id = $2); end $$;

create or replace function maitred.venue_doc(v maitred.venue) returns jsonb
language sql stable parallel safe
as $$ select jsonb_build_object('id', v.id, 'slug', v.slug, 'kind', v.kind, 'name', v.name,
    'timezone', v.timezone, 'currency', v.currency,
    'businessDayCutoff', to_char(v.business_day_cutoff, 'HH24:MI'),
    'settings', v.settings, 'active', v.active) $$;

create or replace function maitred.venue_json(venue bigint, id bigint) returns jsonb
language plpgsql stable parallel safe
as $$ begin return (select maitred.venue_doc(v) from maitred.venue v where v.id = $1); end $$;
