-- What a Socket.IO session has joined (SPEC 5.5), kept so that a client that comes back, to whichever
-- sidecar, is in its rooms again. Owned by who opened it; sql/api/97_socket_sessions.sql writes it.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

create table maitred.socket_session (
    session text primary key constraint socket_session_length check (length(session) between 1 and 64),
    venue bigint not null references maitred.venue,
    owner bigint not null,               -- the account; a guest as maitred.key_owner says
    all_tables boolean not null default false,
    floors int[] not null default '{}',
    renewed_at timestamptz not null default clock_timestamp(),
    constraint socket_session_rooms check (cardinality(floors) <= 10)
);
create index socket_session_venue on maitred.socket_session (venue);
create index socket_session_renewed on maitred.socket_session (renewed_at);
