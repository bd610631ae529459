-- The schema of SPEC section 1: roles, schemas, types and tables with the rules that a row or
-- an index can hold by itself. Rules that need code (transitions, sessions, inventory, history)
-- live in sql/rules and are re-applied at each deploy; the feed's tables are in 0002.
--
-- Every row belongs to one venue: primary keys are (venue, id), and every reference is a
-- composite key that starts with the venue, so that nothing can cross.
-- Constraints are named: maitred.constraint_error says what each one means to a client.

-- Roles. Owner and keeper can not log in. The three login roles execute functions of schema api
-- and nothing else; READ COMMITTED because a counter row taken under REPEATABLE READ fails to
-- serialise as soon as two writers of a venue meet.
do $$
declare r text;
begin
    foreach r in array array['maitred_owner', 'maitred_feed_keeper'] loop
        if to_regrole(r) is null then execute format('create role %I nologin', r); end if;
    end loop;
    foreach r in array array['maitred_rest', 'maitred_realtime', 'maitred_job'] loop
        if to_regrole(r) is null then execute format('create role %I login noinherit', r); end if;
        execute format('alter role %I set default_transaction_isolation = ''read committed''', r);
        execute format('alter role %I set search_path = pg_catalog, api', r);
        execute format('alter role %I set timezone = ''UTC''', r);
        execute format('alter role %I set idle_in_transaction_session_timeout = ''30s''', r);
        execute format('alter role %I set lock_timeout = ''3s''', r);
        execute format('alter role %I set statement_timeout = ''15s''', r);
    end loop;
    -- An import may take its time, and waits for a writer rather than fail.
    alter role maitred_job set statement_timeout = '30min';
    alter role maitred_job set lock_timeout = '30s';
    alter role maitred_job set idle_in_transaction_session_timeout = '30min';
    execute format('revoke all on database %I from public', current_database());
    execute format('grant connect on database %I to maitred_rest, maitred_realtime, maitred_job',
                   current_database());
    execute format('grant temporary on database %I to maitred_job', current_database());
    execute format('grant create, connect, temporary on database %I to maitred_owner',
                   current_database());
end $$;

-- The keeper owns the event table and its partitions, nothing else: DETACH CONCURRENTLY can not
-- run inside a function, so whoever maintains the feed becomes this role for that statement.
grant maitred_feed_keeper to maitred_owner, maitred_realtime, maitred_job;

create schema if not exists extensions;
create extension if not exists btree_gist with schema extensions;
grant usage on schema extensions to maitred_owner, maitred_rest, maitred_realtime, maitred_job;

create schema maitred authorization maitred_owner;
create schema feed authorization maitred_owner;
create schema api authorization maitred_owner;
create schema import authorization maitred_owner;

set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

alter default privileges for role maitred_owner revoke execute on functions from public;
alter default privileges for role maitred_owner revoke usage on types from public;
alter default privileges for role maitred_owner in schema api
    grant execute on functions to maitred_rest, maitred_realtime, maitred_job;
alter default privileges for role maitred_owner in schema api
    grant usage on types to maitred_rest, maitred_realtime, maitred_job;
alter default privileges for role maitred_owner in schema import
    grant execute on functions to maitred_job;
grant usage on schema api to maitred_rest, maitred_realtime, maitred_job;
grant usage on schema import to maitred_job;

-- Who calls: the first argument of every api function.
create type api.caller as (
    venue bigint, account bigint, actor text, role text,
    session bigint, order_id bigint, masked boolean
);
-- What every api function returns: body is JSON text, ready for the wire.
create type api.answer as (
    status int, body text, total bigint, location text, position text
);

-- Two pure helpers that constraints and generated columns need.
create function maitred.minutes_after(at timestamptz, minutes int) returns timestamptz
language sql immutable strict parallel safe
as $$ select at + minutes * interval '1 minute' $$;  -- minutes only: no time zone involved

create function maitred.is_timezone(name text) returns boolean
language plpgsql immutable strict parallel safe set search_path = pg_catalog
as $$
begin
    perform timestamptz '2000-01-01 00:00+00' at time zone name;
    return name ~ '^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$';
exception when invalid_parameter_value then
    return false;
end $$;

-- ---------------------------------------------------------------- tenant and people

create table maitred.venue (
    id bigint generated always as identity primary key,
    slug text not null constraint venue_slug_unique unique
        constraint venue_slug_mask check (slug ~ '^[a-z0-9](-?[a-z0-9]){0,39}$'),
    kind text not null constraint venue_kind_known check (kind in ('restaurant', 'hotel')),
    name text not null constraint venue_name_length check (length(name) between 1 and 100),
    timezone text not null default 'UTC'
        constraint venue_timezone_known check (maitred.is_timezone(timezone)),
    currency text not null default 'EUR' constraint venue_currency_mask check (currency ~ '^[A-Z]{3}$'),
    business_day_cutoff time not null default '04:00',
    settings jsonb not null default '{}'
        constraint venue_settings_object check (jsonb_typeof(settings) = 'object'),
    active boolean not null default true,
    created_at timestamptz not null default clock_timestamp(),
    constraint venue_allowance_range check (
        coalesce(settings ->> 'overbooking_allowance', '0') ~ '^[0-9]{1,4}$')
);

create table maitred.account (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    username text not null
        constraint account_username_mask check (username ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$'),
    display_name text not null
        constraint account_display_name_length check (length(display_name) between 1 and 100),
    email text constraint account_email_mask check (email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
    role text not null constraint account_role_known
        check (role in ('admin', 'manager', 'waiter', 'kitchen', 'frontdesk', 'viewer')),
    password_hash text,
    active boolean not null default true,
    -- Tokens issued before this moment are no longer good (role, password or active changed).
    not_before timestamptz not null default '-infinity',
    last_login_at timestamptz,
    created_at timestamptz not null default clock_timestamp(),
    primary key (venue, id)
);
create unique index account_username_unique on maitred.account (venue, lower(username));

create table maitred.api_key (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    account_id bigint not null,
    hash text not null constraint api_key_hash_unique unique,
    label text not null default '' constraint api_key_label_length check (length(label) <= 100),
    created_at timestamptz not null default clock_timestamp(),
    last_used_at timestamptz,
    revoked_at timestamptz,
    primary key (venue, id),
    constraint api_key_account_exists foreign key (venue, account_id) references maitred.account
);
create index api_key_account on maitred.api_key (venue, account_id);

create table maitred.customer (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    name text not null constraint customer_name_length check (length(name) between 1 and 100),
    phone text constraint customer_phone_mask check (phone ~ '^[0-9+() ./-]{3,32}$'),
    email text constraint customer_email_mask check (email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254),
    external_ref text,
    created_at timestamptz not null default clock_timestamp(),
    primary key (venue, id)
);
create unique index customer_phone_unique on maitred.customer (venue, phone) where phone is not null;
create unique index customer_external_ref_unique on maitred.customer (venue, external_ref)
    where external_ref is not null;

-- ---------------------------------------------------------------- floor, tables, sessions

create table maitred.floor (
    venue bigint not null references maitred.venue,
    number int not null constraint floor_number_range check (number between 1 and 10),
    name text not null constraint floor_name_length check (length(name) between 1 and 50),
    primary key (venue, number)
);

create table maitred.dining_table (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    number int not null constraint table_number_range check (number between 1 and 9999),
    label text not null constraint table_label_mask check (label ~ '^[A-Za-z0-9-]{1,20}$'),
    name text constraint table_name_length check (length(name) <= 50),
    floor int not null default 1,
    section text constraint table_section_length check (length(section) <= 50),
    capacity int not null constraint table_capacity_range check (capacity between 1 and 20),
    min_capacity int not null default 1,
    position jsonb not null default '{}' constraint table_position_object
        check (jsonb_typeof(position) = 'object' and length(position::text) <= 2048),
    status text not null default 'available' constraint table_status_known
        check (status in ('available', 'occupied', 'reserved', 'maintenance')),
    status_note text constraint table_note_length check (length(status_note) <= 500),
    active boolean not null default true,
    version bigint not null default 1,
    updated_by text not null default 'system',
    updated_at timestamptz not null default clock_timestamp(),
    created_at timestamptz not null default clock_timestamp(),
    primary key (venue, id),
    constraint table_min_capacity_range check (min_capacity between 1 and capacity),
    constraint table_inactive_is_free check (active or status <> 'occupied'),
    constraint table_floor_exists foreign key (venue, floor) references maitred.floor
);
-- A deleted table is only inactive; its label and number are free again.
create unique index table_label_unique on maitred.dining_table (venue, label) where active;
create unique index table_number_unique on maitred.dining_table (venue, number) where active;
create index table_floor on maitred.dining_table (venue, floor);

create table maitred.table_session (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    table_id bigint not null,
    guest_count int not null default 1
        constraint session_guest_count_range check (guest_count between 1 and 100),
    waiter_id bigint,
    session_code text not null default upper(substr(md5(gen_random_uuid()::text), 1, 8)),
    opened_at timestamptz not null default clock_timestamp(),
    last_active timestamptz not null default clock_timestamp(),
    closed_at timestamptz,
    state text not null default 'open'
        constraint session_state_known check (state in ('open', 'closed', 'expired')),
    primary key (venue, id),
    constraint session_code_unique unique (venue, session_code),
    constraint session_closed_at_set check ((state = 'open') = (closed_at is null)),
    constraint session_table_exists foreign key (venue, table_id) references maitred.dining_table,
    constraint session_waiter_exists foreign key (venue, waiter_id) references maitred.account
);
create unique index session_one_open on maitred.table_session (venue, table_id) where state = 'open';
create index session_table on maitred.table_session (venue, table_id, id);
create index session_waiter on maitred.table_session (venue, waiter_id) where state = 'open';

-- ---------------------------------------------------------------- menu

create table maitred.menu_category (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    name text not null constraint category_name_length check (length(name) between 1 and 100),
    description text not null default '',
    sort int not null default 0,
    color text constraint category_color_mask check (color ~ '^#[0-9a-fA-F]{6}$'),
    active boolean not null default true,
    external_ref text,
    primary key (venue, id)
);
create unique index category_name_unique on maitred.menu_category (venue, name) where active;
create unique index category_external_ref_unique on maitred.menu_category (venue, external_ref)
    where external_ref is not null;

create table maitred.menu_item (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    category_id bigint not null,
    name text not null constraint item_name_length check (length(name) between 1 and 150),
    description text not null default '',
    price bigint not null constraint item_price_range check (price >= 0),
    sort int not null default 0,
    popular boolean not null default false,
    image text,
    available boolean not null default true,
    active boolean not null default true,
    external_ref text,
    primary key (venue, id),
    constraint item_category_exists foreign key (venue, category_id) references maitred.menu_category
);
create index item_category on maitred.menu_item (venue, category_id);
create unique index item_external_ref_unique on maitred.menu_item (venue, external_ref)
    where external_ref is not null;

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

-- ---------------------------------------------------------------- history and rules as data

create table maitred.status_history (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    kind text not null constraint history_kind_known
        check (kind in ('table', 'order', 'reservation', 'booking')),
    entity_id bigint not null,
    at timestamptz not null default clock_timestamp(),
    actor text not null,
    old_status text,
    new_status text not null,
    note text,
    primary key (venue, id)
);
create index history_entity on maitred.status_history (venue, kind, entity_id, at);

create table maitred.transition (
    kind text not null,
    from_status text not null,
    to_status text not null,
    note text not null default '',
    primary key (kind, from_status, to_status)
);

create table maitred.constraint_error (
    constraint_name text primary key,
    status int not null,
    code text not null,
    detail text not null,
    field text
);

-- Which keys of a document are private, and how they are hidden.
create table maitred.mask_rule (
    kind text not null,
    key text not null,
    how text not null check (how in ('name', 'initials', 'phone', 'email', 'remove')),
    primary key (kind, key)
);

-- ---------------------------------------------------------------- access

create table maitred.revoked_token (
    id bigint generated always as identity primary key,
    jti text not null constraint revoked_token_unique unique,
    venue bigint not null references maitred.venue,
    account_id bigint,                   -- null: a guest's token
    revoked_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,     -- of the token: afterwards the row may go
    constraint revoked_account_exists foreign key (venue, account_id) references maitred.account
);
create index revoked_expiry on maitred.revoked_token (expires_at);

-- Failed logins, an entry a subject: 'account:<venue slug>/<name>' or 'address:<ip>'.
create table maitred.login_attempt (
    subject text primary key,
    failures int not null default 0,
    first_at timestamptz not null default clock_timestamp(),
    last_at timestamptz not null default clock_timestamp(),
    blocked_until timestamptz
);

-- The moments of an account's latest operations that count against its rate.
create unlogged table maitred.rate_window (
    venue bigint not null,
    account_id bigint not null,
    moments timestamptz[] not null default '{}',
    primary key (venue, account_id)
) with (fillfactor = 50);

create table maitred.idempotency (
    venue bigint not null references maitred.venue,
    account bigint not null,             -- 0 - session id for a guest
    key text not null constraint idempotency_key_length check (length(key) between 1 and 200),
    op text not null,
    request_hash text not null,
    status int,                          -- null while the operation runs
    body text,
    location text,
    position text,
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null default clock_timestamp() + interval '24 hours',
    primary key (venue, account, key)
);
create index idempotency_expiry on maitred.idempotency (expires_at);

-- One use, 30 seconds: stands for a token in a socket's URL.
create table maitred.ticket (
    hash text primary key,
    venue bigint not null references maitred.venue,
    claims jsonb not null,
    expires_at timestamptz not null default clock_timestamp() + interval '30 seconds'
);
create index ticket_expiry on maitred.ticket (expires_at);
