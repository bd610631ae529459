-- Roles, schemas, types and the two helpers that the tables' constraints need.
--
-- The tables (0002 to 0004) hold the rules that a row or an index can hold by itself. Rules that
-- need code (transitions, sessions, inventory, history) live in sql/rules and are re-applied at
-- each deploy; the feed's tables are in 0005.
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
