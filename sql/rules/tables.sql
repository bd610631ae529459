-- Rules of tables and their sessions. A table is occupied exactly while it has an open session:
-- whoever sets occupied opens one, whoever leaves it closes it (BEFORE trigger, so psql works
-- too), and a deferred check at commit catches whoever changed only one of the two.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- ---------------------------------------------------------------- version, who and when

-- The stamps use built-in functions only, so they need neither their owner's rights nor a pinned
-- path, which would cost more than they do themselves.

-- A row's version counts its changes; a write that changes nothing leaves it alone.
create or replace function maitred.stamp_actor() returns trigger
language plpgsql
as $$
declare
    forced boolean := false;
    was record := old;
begin
    if tg_op = 'UPDATE' then
        forced := new.version > old.version;   -- a part of the aggregate changed, not the row
        new.version := old.version;
        new.updated_by := old.updated_by;
        new.updated_at := old.updated_at;
        -- How long a table is kept follows from its reservations: no change of the table.
        if tg_table_name = 'dining_table' then was.reserved_until := new.reserved_until; end if;
        if new is not distinct from was and not forced then return new; end if;
        new.version := old.version + 1;
    end if;
    new.updated_by := maitred.actor();
    new.updated_at := clock_timestamp();
    return new;
end $$;

-- The same for rows that do not say who (reservations, bookings). That an announcement was sent
-- is no change of what the guest has agreed to.
create or replace function maitred.stamp_version() returns trigger
language plpgsql
as $$
declare
    forced boolean := new.version > old.version; -- a part of the aggregate changed, not the row
    was record := old;
begin
    new.version := old.version;
    new.updated_at := old.updated_at;
    was.upcoming_sent_at := new.upcoming_sent_at;
    -- A generated column is not there yet before the update.
    if tg_table_name = 'reservation' then was.during := new.during;
    else was.nights := new.nights; end if;
    if new is not distinct from was and not forced then return new; end if;
    new.version := old.version + 1;
    new.updated_at := clock_timestamp();
    return new;
end $$;

create or replace trigger z_stamp before insert or update on maitred.dining_table
    for each row execute function maitred.stamp_actor();
create or replace trigger z_stamp before insert or update on maitred.room
    for each row execute function maitred.stamp_actor();
create or replace trigger z_stamp before update on maitred.customer_order
    for each row execute function maitred.stamp_actor();
create or replace trigger z_stamp before update on maitred.reservation
    for each row execute function maitred.stamp_version();
create or replace trigger z_stamp before update on maitred.booking
    for each row execute function maitred.stamp_version();

-- Rows that name their author get the acting account where nothing else is said.
create or replace function maitred.stamp_author() returns trigger
language plpgsql
as $$
begin
    new.created_by := maitred.actor();
    return new;
end $$;

do $$
declare t text;
begin
    foreach t in array array['order_item', 'payment', 'service_request', 'notification'] loop
        execute format('create or replace trigger y_author before insert on maitred.%I
            for each row when (new.created_by = ''system''
                               and coalesce(current_setting(''maitred.actor'', true), '''') <> '''')
            execute function maitred.stamp_author()', t);
    end loop;
end $$;

-- ---------------------------------------------------------------- occupied and sessions

-- Locks a table that something new is put on, and refuses one that is deleted. The lock is the
-- one that an update takes, so that deleting the table and using it can not both succeed.
create or replace function maitred.use_table(venue bigint, id bigint, field text default 'tableId')
returns maitred.dining_table language plpgsql volatile
as $$
declare t maitred.dining_table;
begin
    select * into t from maitred.dining_table d
        where d.venue = use_table.venue and d.id = use_table.id for no key update;
    if t.id is null then
        perform maitred.fail(422, 'unknown_table', 'There is no such table.', field);
    elsif not t.active then
        perform maitred.fail(409, 'table_deleted', 'The table has been deleted.', field);
    end if;
    return t;
end $$;

-- Whose a session is that somebody opens now: a waiter's own, else nobody's yet.
create or replace function maitred.acting_waiter(v bigint) returns bigint
language plpgsql stable
as $$
begin
    return (select a.id from maitred.account a
            where a.venue = v and a.username = maitred.actor() and a.role = 'waiter' and a.active);
end $$;

create or replace function maitred.table_status_session() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if new.status = 'occupied' then
        -- An operation may have opened, restored or moved the session itself before.
        perform from maitred.table_session s
            where s.venue = new.venue and s.table_id = new.id and s.state = 'open';
        if not found then
            insert into maitred.table_session (venue, table_id, waiter_id)
                values (new.venue, new.id, maitred.acting_waiter(new.venue));
        end if;
    elsif tg_op = 'UPDATE' and old.status = 'occupied' then
        update maitred.table_session s set state = 'closed', closed_at = clock_timestamp()
            where s.venue = new.venue and s.table_id = new.id and s.state = 'open';
    end if;
    return new;
end $$;

create or replace trigger c_session before update of status on maitred.dining_table
    for each row when (old.status is distinct from new.status)
    execute function maitred.table_status_session();
-- A new table is there to refer to only after its insert.
create or replace trigger c_session_new after insert on maitred.dining_table
    for each row when (new.status = 'occupied')
    execute function maitred.table_status_session();

create or replace function maitred.session_rules() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if new.state <> 'open' then
        new.closed_at := coalesce(new.closed_at, clock_timestamp());
    else
        new.closed_at := null;
        if tg_op = 'INSERT' or old.table_id <> new.table_id or old.state <> 'open' then
            perform maitred.use_table(new.venue, new.table_id, 'table_id');
        end if;
    end if;
    return new;
end $$;
create or replace trigger b_session before insert or update on maitred.table_session
    for each row execute function maitred.session_rules();

-- A session that ends resolves its open calls; one that moves takes its orders and open calls along.
create or replace function maitred.session_follow() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if old.state = 'open' and new.state <> 'open' then
        update maitred.service_request r set resolved_at = clock_timestamp()
            where r.venue = new.venue and r.session_id = new.id and r.resolved_at is null;
    end if;
    if old.table_id <> new.table_id then
        update maitred.customer_order o set table_id = new.table_id
            where o.venue = new.venue and o.session_id = new.id;
        update maitred.service_request r set table_id = new.table_id
            where r.venue = new.venue and r.session_id = new.id and r.resolved_at is null;
    end if;
    return null;
end $$;
create or replace trigger f_follow after update of state, table_id on maitred.table_session
    for each row execute function maitred.session_follow();

-- ---------------------------------------------------------------- checked at commit

create or replace function maitred.check_occupied() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    who record := case when tg_op = 'DELETE' then old else new end;
    tables bigint[];
    bad record;
begin
    if tg_table_name = 'dining_table' then tables := array[who.id];
    elsif tg_op = 'UPDATE' then tables := array[old.table_id, new.table_id];
    else tables := array[who.table_id]; end if;
    select t.label, t.status into bad from maitred.dining_table t
        where t.venue = who.venue and t.id = any (tables)
          and (t.status = 'occupied') <> exists (
              select from maitred.table_session s
              where s.venue = t.venue and s.table_id = t.id and s.state = 'open');
    if found then
        perform maitred.fail(409, 'table_session_mismatch', format(
            'Table %s is %s, which does not agree with its session.', bad.label, bad.status));
    end if;
    return null;
end $$;

drop trigger if exists occupied_at_commit on maitred.dining_table;
create constraint trigger occupied_at_commit after insert or update of status on maitred.dining_table
    deferrable initially deferred for each row execute function maitred.check_occupied();
drop trigger if exists occupied_at_commit on maitred.table_session;
create constraint trigger occupied_at_commit
    after insert or delete or update of state, table_id on maitred.table_session
    deferrable initially deferred for each row execute function maitred.check_occupied();

-- ---------------------------------------------------------------- deleting a table

-- Deleting is soft (active = false) and refused while something still needs the table.
create or replace function maitred.table_delete() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if maitred.erasing(old.venue) then return case when tg_op = 'DELETE' then old else new end; end if;
    if old.status = 'occupied' then
        perform maitred.fail(409, 'table_occupied', 'An occupied table can not be deleted.');
    end if;
    perform from maitred.customer_order o where o.venue = old.venue and o.table_id = old.id
        and o.status not in ('completed', 'cancelled');
    if found then
        perform maitred.fail(409, 'table_has_orders', 'The table has an open order.');
    end if;
    perform from maitred.reservation r where r.venue = old.venue and r.table_id = old.id
        and r.status in ('pending', 'confirmed', 'seated') and upper(r.during) > clock_timestamp();
    if found then
        perform maitred.fail(409, 'table_has_reservations', 'The table has an upcoming reservation.');
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
create or replace trigger d_soft_delete before update of active on maitred.dining_table
    for each row when (old.active and not new.active) execute function maitred.table_delete();
create or replace trigger d_hard_delete before delete on maitred.dining_table
    for each row execute function maitred.table_delete();

-- ---------------------------------------------------------------- reservations of a table

-- Whoever puts a live reservation on a table locks the table first. The exclusion constraint alone
-- would be right too, but two inserts that find each other's row wait for each other: a deadlock.
create or replace function maitred.reservation_table() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if tg_op = 'INSERT' or old.table_id is distinct from new.table_id then
        perform maitred.use_table(new.venue, new.table_id);
    else
        perform from maitred.dining_table t
            where t.venue = new.venue and t.id = new.table_id for no key update;
    end if;
    return new;
end $$;
create or replace trigger c_table_new before insert on maitred.reservation
    for each row when (new.table_id is not null and new.external_ref is null)
    execute function maitred.reservation_table();
create or replace trigger c_table_changed
    before update of table_id, starts_at, duration_minutes, status on maitred.reservation
    for each row when (new.table_id is not null and new.status in ('pending', 'confirmed', 'seated')
        and (old.table_id, old.starts_at, old.duration_minutes, old.status) is distinct from
            (new.table_id, new.starts_at, new.duration_minutes, new.status))
    execute function maitred.reservation_table();
