-- /api/auth/api-keys: everybody's own, and for administrators those of others. The key itself is
-- made by the accounts program, shown once, and never comes here: only its hash does.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Eight digits of the hash tell keys apart without telling anything of the key.
create or replace function maitred.api_key_seen(k maitred.api_key) returns json
language sql stable parallel safe
as $$ select json_build_object('id', k.id, 'account', k.account_id, 'label', k.label,
    'fingerprint', left(k.hash, 8), 'createdAt', maitred.iso(k.created_at),
    'lastUsedAt', maitred.iso(k.last_used_at), 'revokedAt', maitred.iso(k.revoked_at)) $$;

-- The account that is meant: the caller's own where none is named. Another one is an
-- administrator's business; one of another venue does not exist.
create or replace function maitred.key_account(caller api.caller, account bigint)
returns maitred.account language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare a maitred.account;
begin
    if account is distinct from caller.account and account is not null and caller.role <> 'admin' then
        perform maitred.fail(403, 'forbidden',
            format('The role %s lacks the right accounts.', caller.role), 'account');
    end if;
    select * into a from maitred.account x
        where x.venue = caller.venue and x.id = coalesce(account, caller.account);
    if a.id is null then perform maitred.fail_no_account(); end if;
    return a;
end $$;

create or replace function api.api_key_list(p_caller api.caller, p_account bigint) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    a maitred.account := maitred.key_account(p_caller, p_account);
    items json;
begin
    select json_agg(maitred.api_key_seen(k) order by k.id desc) into items
        from (select * from maitred.api_key x where x.venue = a.venue and x.account_id = a.id
              order by x.id desc limit 200) k;
    return maitred.ok(coalesce(items, '[]')::text);
end $$;

create or replace function api.api_key_create(
    p_caller api.caller, p_label text, p_account bigint, p_hash text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    a maitred.account := maitred.key_account(p_caller, p_account);
    k maitred.api_key;
begin
    perform feed.act_as(p_caller);
    if not a.active then
        perform maitred.fail(409, 'account_inactive', 'The account is not active.', 'account');
    end if;
    insert into maitred.api_key (venue, account_id, hash, label)
        values (a.venue, a.id, p_hash, coalesce(p_label, '')) returning * into k;
    return maitred.written(p_caller, 201, maitred.api_key_seen(k)::text,
                           '/api/auth/api-keys/' || k.id);
end $$;

-- One that is revoked already, or is not the caller's to see, is not there.
create or replace function api.api_key_revoke(p_caller api.caller, p_id bigint) returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    perform feed.act_as(p_caller);
    update maitred.api_key k set revoked_at = clock_timestamp()
        where k.venue = p_caller.venue and k.id = p_id and k.revoked_at is null
          and (k.account_id = p_caller.account or p_caller.role = 'admin');
    if not found then perform maitred.fail(404, 'not_found', 'There is no such key.'); end if;
    return maitred.written(p_caller, 204, null);
end $$;
