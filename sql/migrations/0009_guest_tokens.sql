-- Guests' tokens that end with their table session: when it closes, each of them is revoked
-- (sql/rules/accounts.sql), which every program and sidecar hears of as of any other revocation.
-- A token of one order ends by its own time and needs no row.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

create table maitred.guest_token (
    jti text primary key,
    venue bigint not null references maitred.venue,
    session_id bigint not null,
    made_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,     -- afterwards the row may go
    constraint guest_token_session_exists foreign key (venue, session_id)
        references maitred.table_session
);
create index guest_token_session on maitred.guest_token (venue, session_id);
create index guest_token_expiry on maitred.guest_token (expires_at);
