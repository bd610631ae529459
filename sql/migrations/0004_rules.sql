-- History, rules as data, and what logins and requests leave behind.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

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
