-- At most 5 updates in any second by one account, over all transports and sidecars (SPEC 5.5): counted
-- in the operation's own transaction, so that a refused operation does not count. Called first by
-- every op that is rate_limited in shared/data; a bulk operation calls it once.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.rate_refuse() returns void
language sql volatile
as $$ select maitred.fail(429, 'rate_limited', 'Too many requests. Please slow down.', null, to_jsonb(1)) $$;

-- An emergency passes, for those who may call one; imports and the simulation (the job role) are
-- not counted, nor is psql, which has no account.
create or replace function maitred.rate_take(caller api.caller, emergency boolean default false)
returns void language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if coalesce(emergency, false) then
        if caller.role not in ('admin', 'manager') then
            perform maitred.fail(403, 'forbidden',
                format('The role %s lacks the right emergency.', caller.role), 'emergency');
        end if;
        return;
    end if;
    if session_user = 'maitred_job' or coalesce(caller.account, 0) = 0 then return; end if;
    -- The clock is read behind the row's lock: those who waited for it count from when they got it.
    insert into maitred.rate_window as w (venue, account_id, moments)
        values (caller.venue, caller.account, array[clock_timestamp()])
        on conflict (venue, account_id) do update
            set moments = array(select m from unnest(w.moments) m
                                where m > clock_timestamp() - interval '1 second') || clock_timestamp()
            where 5 > (select count(*) from unnest(w.moments) m
                       where m > clock_timestamp() - interval '1 second');
    if not found then perform maitred.rate_refuse(); end if;
end $$;
