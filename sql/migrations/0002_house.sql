-- The house: venues, people and keys, customers, floors and tables with their sessions, the menu.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

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
