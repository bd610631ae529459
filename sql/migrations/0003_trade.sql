-- The trade: reservations, rooms and bookings, orders and money, calls and messages.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

-- ---------------------------------------------------------------- reservations

create table maitred.reservation (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    customer_id bigint,
    -- Name and contact as they were given: renaming a customer does not rewrite the past.
    customer_name text not null
        constraint reservation_name_length check (length(customer_name) between 1 and 100),
    contact_number text constraint reservation_phone_mask check (contact_number ~ '^[0-9+() ./-]{3,32}$'),
    email text constraint reservation_email_mask check (email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
    party_size int not null constraint reservation_party_range check (party_size between 1 and 100),
    starts_at timestamptz not null
        constraint reservation_start_finite check (isfinite(starts_at)),
    duration_minutes int not null default 120
        constraint reservation_duration_range check (duration_minutes between 15 and 1440),
    during tstzrange generated always as
        (tstzrange(starts_at, maitred.minutes_after(starts_at, duration_minutes), '[)')) stored,
    table_id bigint,
    source text not null default 'website' constraint reservation_source_known
        check (source in ('website', 'mobile', 'phone', 'walk_in', 'partner')),
    prepaid boolean not null default false,
    amount_due bigint not null default 0 constraint reservation_amount_range check (amount_due >= 0),
    special_requests text constraint reservation_requests_length check (length(special_requests) <= 1000),
    status text not null default 'pending' constraint reservation_status_known check (status in
        ('pending', 'confirmed', 'seated', 'completed', 'cancelled', 'no_show')),
    -- Set once by the timer that announces it 30 minutes before.
    upcoming_sent_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    external_ref text,
    primary key (venue, id),
    constraint reservation_customer_exists foreign key (venue, customer_id) references maitred.customer,
    constraint reservation_table_exists foreign key (venue, table_id) references maitred.dining_table,
    constraint reservation_table_free exclude using gist
        (venue with =, table_id with =, during with &&)
        where (table_id is not null and status in ('pending', 'confirmed', 'seated'))
);
create index reservation_starts on maitred.reservation (venue, starts_at);
create index reservation_created on maitred.reservation (venue, created_at);
create index reservation_customer on maitred.reservation (venue, customer_id);
create index reservation_due on maitred.reservation (starts_at)
    where upcoming_sent_at is null and status in ('pending', 'confirmed');
create unique index reservation_external_ref_unique on maitred.reservation (venue, external_ref)
    where external_ref is not null;

-- ---------------------------------------------------------------- rooms and bookings

create table maitred.room_type (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    name text not null constraint room_type_name_length check (length(name) between 1 and 100),
    description text not null default '',
    base_price bigint not null default 0 constraint room_type_price_range check (base_price >= 0),
    capacity int not null default 2 constraint room_type_capacity_range check (capacity between 1 and 20),
    amenities text[] not null default '{}',
    active boolean not null default true,
    external_ref text,
    primary key (venue, id)
);
create unique index room_type_name_unique on maitred.room_type (venue, name) where active;
create unique index room_type_external_ref_unique on maitred.room_type (venue, external_ref)
    where external_ref is not null;

create table maitred.room (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    room_type_id bigint not null,
    number text not null constraint room_number_mask check (number ~ '^[A-Za-z0-9-]{1,20}$'),
    floor int not null default 1 constraint room_floor_range check (floor between -5 and 200),
    housekeeping text not null default 'clean' constraint room_housekeeping_known
        check (housekeeping in ('dirty', 'clean', 'inspected')),
    out_of_order boolean not null default false,
    note text constraint room_note_length check (length(note) <= 500),
    version bigint not null default 1,
    updated_by text not null default 'system',
    updated_at timestamptz not null default clock_timestamp(),
    primary key (venue, id),
    constraint room_number_unique unique (venue, number),
    constraint room_type_of_room_exists foreign key (venue, room_type_id) references maitred.room_type
);
create index room_of_type on maitred.room (venue, room_type_id);

create table maitred.booking (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    guest_name text not null constraint booking_name_length check (length(guest_name) between 1 and 100),
    customer_id bigint,
    room_type_id bigint not null,
    room_id bigint,
    check_in date not null,
    check_out date not null,
    nights daterange generated always as (daterange(check_in, check_out, '[)')) stored,
    adults int not null default 1 constraint booking_adults_range check (adults between 0 and 60),
    children int not null default 0 constraint booking_children_range check (children between 0 and 60),
    status text not null default 'pending' constraint booking_status_known check (status in
        ('pending', 'confirmed', 'checked_in', 'checked_out', 'cancelled', 'no_show')),
    nightly_rate bigint not null default 0 constraint booking_rate_range check (nightly_rate >= 0),
    total_amount bigint not null default 0 constraint booking_total_range check (total_amount >= 0),
    payment_status text not null default 'pending' constraint booking_payment_status_known
        check (payment_status in ('pending', 'partial', 'paid', 'refunded')),
    source text not null default 'website' constraint booking_source_mask
        check (source ~ '^[a-z][a-z0-9_]{0,39}$'),
    special_requests text constraint booking_requests_length check (length(special_requests) <= 1000),
    -- Announced once as upcoming, like a reservation.
    upcoming_sent_at timestamptz,
    version bigint not null default 1,
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    external_ref text,
    primary key (venue, id),
    constraint booking_nights_range check (check_out > check_in and check_out - check_in <= 400),
    constraint booking_somebody check (adults + children > 0),
    constraint booking_customer_exists foreign key (venue, customer_id) references maitred.customer,
    constraint booking_room_type_exists foreign key (venue, room_type_id) references maitred.room_type,
    constraint booking_room_exists foreign key (venue, room_id) references maitred.room,
    constraint booking_room_free exclude using gist
        (venue with =, room_id with =, nights with &&)
        where (room_id is not null and status in ('pending', 'confirmed', 'checked_in'))
);
create index booking_check_in on maitred.booking (venue, check_in);
create index booking_check_out on maitred.booking (venue, check_out);
create index booking_created on maitred.booking (venue, created_at);
create index booking_customer on maitred.booking (venue, customer_id);
create index booking_live on maitred.booking (venue, room_type_id, check_in)
    where status in ('pending', 'confirmed', 'checked_in');
create unique index booking_external_ref_unique on maitred.booking (venue, external_ref)
    where external_ref is not null;

-- How many rooms of a type are sold for a night (live bookings). Kept by triggers on booking;
-- its row locks are what stops two writers from selling the last room twice.
create table maitred.room_type_night (
    venue bigint not null references maitred.venue,
    room_type_id bigint not null,
    night date not null,
    sold int not null,
    primary key (venue, room_type_id, night),
    constraint room_type_night_type_exists foreign key (venue, room_type_id)
        references maitred.room_type on delete cascade
) with (fillfactor = 70);

-- A difference to it, as the triggers reckon it.
create type maitred.night_change as (venue bigint, room_type_id bigint, night date, change int);

-- ---------------------------------------------------------------- orders and money

create table maitred.customer_order (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    order_number text not null,          -- a trigger fills in ORD-<id> where none is given
    table_id bigint,
    table_number int,                    -- of table_id, kept by triggers
    session_id bigint,
    customer_id bigint,
    customer_name text constraint order_name_length check (length(customer_name) <= 100),
    customer_phone text constraint order_phone_mask check (customer_phone ~ '^[0-9+() ./-]{3,32}$'),
    status text not null default 'pending' constraint order_status_known check (status in
        ('pending', 'confirmed', 'preparing', 'ready', 'served', 'completed', 'cancelled')),
    payment_status text not null default 'pending' constraint order_payment_status_known
        check (payment_status in ('pending', 'partial', 'paid', 'refunded')),
    payment_method text constraint order_payment_method_length check (length(payment_method) <= 40),
    total_price bigint not null default 0 constraint order_total_range check (total_price >= 0),
    estimated_time int constraint order_estimate_range check (estimated_time between 0 and 1440),
    notes text constraint order_notes_length check (length(notes) <= 1000),
    created_by text not null default 'system',
    version bigint not null default 1,
    updated_by text not null default 'system',
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    external_ref text,
    primary key (venue, id),
    constraint order_number_unique unique (venue, order_number),
    constraint order_table_exists foreign key (venue, table_id) references maitred.dining_table,
    constraint order_session_exists foreign key (venue, session_id) references maitred.table_session,
    constraint order_customer_exists foreign key (venue, customer_id) references maitred.customer
) with (fillfactor = 85);
create index order_created on maitred.customer_order (venue, created_at);
create index order_open on maitred.customer_order (venue, table_id)
    where status not in ('completed', 'cancelled');
create index order_session on maitred.customer_order (venue, session_id) where session_id is not null;
create index order_customer on maitred.customer_order (venue, customer_id) where customer_id is not null;
create unique index order_external_ref_unique on maitred.customer_order (venue, external_ref)
    where external_ref is not null;

create table maitred.order_item (
    venue bigint not null,                -- known through what it belongs to
    id bigint generated always as identity,
    order_id bigint not null,
    menu_item_id bigint,
    name text not null constraint line_name_length check (length(name) between 1 and 150),
    quantity int not null constraint line_quantity_range check (quantity between 1 and 999),
    unit_price bigint not null constraint line_price_range check (unit_price >= 0),
    notes text constraint line_notes_length check (length(notes) <= 500),
    status text not null default 'placed' constraint line_status_known
        check (status in ('placed', 'preparing', 'ready', 'served', 'void')),
    created_by text not null default 'system',
    created_at timestamptz not null default clock_timestamp(),
    external_ref text,
    primary key (venue, id),
    constraint line_order_exists foreign key (venue, order_id) references maitred.customer_order,
    constraint line_menu_item_exists foreign key (venue, menu_item_id) references maitred.menu_item
);
create index line_order on maitred.order_item (venue, order_id);
create index line_menu_item on maitred.order_item (venue, menu_item_id);
create unique index line_external_ref_unique on maitred.order_item (venue, external_ref)
    where external_ref is not null;

create table maitred.payment (
    venue bigint not null,                -- known through what it belongs to
    id bigint generated always as identity,
    order_id bigint,
    reservation_id bigint,
    booking_id bigint,
    amount bigint not null constraint payment_amount_range check (amount > 0),
    method text not null constraint payment_method_mask check (method ~ '^[a-z][a-z0-9_]{0,39}$'),
    status text not null default 'pending' constraint payment_status_known
        check (status in ('pending', 'completed', 'failed', 'refunded')),
    created_by text not null default 'system',
    created_at timestamptz not null default clock_timestamp(),
    updated_at timestamptz not null default clock_timestamp(),
    external_ref text,
    primary key (venue, id),
    constraint payment_one_target check (num_nonnulls(order_id, reservation_id, booking_id) = 1),
    constraint payment_order_exists foreign key (venue, order_id) references maitred.customer_order,
    constraint payment_reservation_exists foreign key (venue, reservation_id) references maitred.reservation,
    constraint payment_booking_exists foreign key (venue, booking_id) references maitred.booking
);
create index payment_created on maitred.payment (venue, created_at);
create index payment_order on maitred.payment (venue, order_id) where order_id is not null;
create index payment_reservation on maitred.payment (venue, reservation_id) where reservation_id is not null;
create index payment_booking on maitred.payment (venue, booking_id) where booking_id is not null;
create unique index payment_external_ref_unique on maitred.payment (venue, external_ref)
    where external_ref is not null;

-- ---------------------------------------------------------------- calls and messages

-- A guest's call from a table, open until resolved.
create table maitred.service_request (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    session_id bigint,
    table_id bigint,
    order_id bigint,
    waiter_id bigint,                    -- null: all waiters
    kind text not null constraint request_kind_known check (kind in ('call_waiter', 'bill_requested')),
    priority text not null default 'normal' constraint request_priority_known
        check (priority in ('low', 'normal', 'high', 'urgent')),
    text text not null default '' constraint request_text_length check (length(text) <= 500),
    created_by text not null default 'system',
    created_at timestamptz not null default clock_timestamp(),
    acknowledged_by text,
    acknowledged_at timestamptz,
    resolved_at timestamptz,
    primary key (venue, id),
    constraint request_session_exists foreign key (venue, session_id) references maitred.table_session,
    constraint request_table_exists foreign key (venue, table_id) references maitred.dining_table,
    constraint request_order_exists foreign key (venue, order_id) references maitred.customer_order,
    constraint request_waiter_exists foreign key (venue, waiter_id) references maitred.account
);
create index request_created on maitred.service_request (venue, created_at);
create index request_open on maitred.service_request (venue, session_id) where resolved_at is null;

create table maitred.notification (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    waiter_id bigint,                    -- null: everybody
    kind text not null constraint notification_kind_known check (kind in
        ('call_waiter', 'bill_requested', 'order_ready', 'new_order', 'payment_completed', 'alert')),
    priority text not null default 'normal' constraint notification_priority_known
        check (priority in ('low', 'normal', 'high', 'urgent')),
    text text not null constraint notification_text_length check (length(text) between 1 and 500),
    data jsonb constraint notification_data_size
        check (jsonb_typeof(data) = 'object' and octet_length(data::text) <= 4096),
    table_id bigint,
    order_id bigint,
    session_id bigint,
    request_id bigint,
    created_by text not null default 'system',
    created_at timestamptz not null default clock_timestamp(),
    acknowledged_by text,
    acknowledged_at timestamptz,
    resolved_at timestamptz,
    primary key (venue, id),
    constraint notification_waiter_exists foreign key (venue, waiter_id) references maitred.account,
    constraint notification_table_exists foreign key (venue, table_id) references maitred.dining_table,
    constraint notification_order_exists foreign key (venue, order_id) references maitred.customer_order,
    constraint notification_session_exists foreign key (venue, session_id) references maitred.table_session,
    constraint notification_request_exists foreign key (venue, request_id) references maitred.service_request
);
create index notification_created on maitred.notification (venue, created_at);
create index notification_open on maitred.notification (venue, waiter_id)
    where acknowledged_at is null and resolved_at is null;
