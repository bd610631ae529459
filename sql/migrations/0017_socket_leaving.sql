-- A Socket.IO session that hears nothing: its client's position moves on all the same, here. And one that
-- its client has ended: its row goes at once, and nobody comes back to it (sql/api/97_socket_sessions.sql).
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

alter table maitred.socket_session
    add column told text,                -- the last position that the client was told,
    add column heard text,               -- and up to where all else was filtered out meanwhile
    add constraint socket_session_heard
        check ((told is null) = (heard is null) and length(told) <= 64 and length(heard) <= 64);

create table maitred.socket_leaver (
    venue bigint not null references maitred.venue,
    owner bigint not null,               -- as in maitred.socket_session
    seq bigint not null,                 -- when a session of theirs was ended last
    primary key (venue, owner)
);

-- They take other arguments now.
drop function if exists api.socket_rooms(api.caller, text);
drop function if exists api.socket_renew(text[]);
