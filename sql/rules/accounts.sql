-- What must hold of accounts and guests, whoever writes: a venue keeps an administrator, and a
-- guest's token ends with its table session. (The accounts' not-before is in guards.sql.)
set local role maitred_owner;
set local search_path = pg_catalog, maitred, feed, pg_temp;

-- ---------------------------------------------------------------- the last administrator

-- Two administrators who demote each other at once: each waits here for the other's row, one of them
-- is told of the deadlock, tries again and is then refused. An erased venue keeps nobody.
create or replace function maitred.admin_stays() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform from maitred.account a
        where a.venue = old.venue and a.id <> old.id and a.role = 'admin' and a.active
        order by a.id limit 1 for share;
    if not found and not maitred.erasing(old.venue) then
        perform maitred.fail(409, 'last_admin', 'This is the last active administrator of the venue.',
            case when tg_op = 'UPDATE' then
                case when new.role <> 'admin' then 'role' else 'active' end end);
    end if;
    return case when tg_op = 'DELETE' then old else new end;
end $$;
create or replace trigger c_admin_stays before update on maitred.account
    for each row when (old.role = 'admin' and old.active and (new.role <> 'admin' or not new.active))
    execute function maitred.admin_stays();
create or replace trigger c_admin_stays_too before delete on maitred.account
    for each row when (old.role = 'admin' and old.active) execute function maitred.admin_stays();

-- ---------------------------------------------------------------- guests leave

-- After the session's own note, so that guests are told `table_closed` before their sockets close.
create or replace function maitred.guests_leave() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    with gone as (delete from maitred.guest_token g
                  where g.venue = new.venue and g.session_id = new.id returning g.*)
    insert into maitred.revoked_token (jti, venue, expires_at)
        select g.jti, g.venue, g.expires_at from gone g where g.expires_at > clock_timestamp()
        on conflict (jti) do nothing;
    return null;
end $$;
create or replace trigger z_guests_leave after update on maitred.table_session
    for each row when (old.state = 'open' and new.state <> 'open')
    execute function maitred.guests_leave();
