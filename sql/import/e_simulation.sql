-- What `maitred simulate` asks before it begins: who works in the venue, and which day it is there.
-- Everything else it does by the operations of REST, in these people's names. Job role only.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Active accounts by role and name; those who only look on are left out.
create or replace function import.simulation_staff(p_venue text)
returns table (venue bigint, account bigint, username text, role text)
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare v bigint := maitred.venue_named(p_venue);
begin
    if not (select x.active from maitred.venue x where x.id = v) then
        perform maitred.fail(409, 'venue_inactive', format('The venue %s is deactivated.', p_venue));
    end if;
    return query select a.venue, a.id, a.username, a.role from maitred.account a
        where a.venue = v and a.active and a.role <> 'viewer' order by a.role, a.username;
end $$;

-- The venue's business day, some days on.
create or replace function import.simulation_day(p_venue bigint, p_days int) returns date
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp
as $$ begin return maitred.today(p_venue) + p_days; end $$;
