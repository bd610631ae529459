-- Logging in: finding the account, throttling, recording how it ended. The password itself is
-- checked by the accounts program between login_start and login_done.
--
-- Throttle: an account 5 failures in 5 minutes, an address 20; the count starts with the first
-- failure and is forgotten 5 minutes later. Names that do not exist are counted like those that
-- do, so that the limit tells nobody which accounts there are.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.login_limit(subject text) returns int
language sql immutable strict parallel safe
as $$ select case when subject like 'account:%' then 5 else 20 end $$;

create or replace function maitred.login_subject(slug text, username text) returns text
language sql immutable strict parallel safe
as $$ select 'account:' || left(lower(slug), 64) || '/' || left(lower(username), 64) $$;

-- One house has 2^64 addresses of IPv6: its first 64 bits count. IPv4 in the clothes of IPv6 is
-- IPv4; what is no address stays as it is.
create or replace function maitred.address_subject(address text) returns text
language plpgsql immutable parallel safe
as $$
declare ip inet;
begin
    ip := regexp_replace(address, '^::ffff:([0-9]+\.)', '\1', 'i');
    if family(ip) = 6 then ip := network(set_masklen(ip, 64)); end if;
    return 'address:' || coalesce(host(ip), '');
exception when invalid_text_representation then
    return 'address:' || left(address, 64);
end $$;

-- Seconds until these subjects may try again; 0: now.
create or replace function maitred.login_wait(subjects text[]) returns int
language sql stable parallel safe
as $$ select coalesce(max(ceil(extract(epoch from a.blocked_until - clock_timestamp()))::int), 0)
    from maitred.login_attempt a
    where a.subject = any (subjects) and a.blocked_until > clock_timestamp() $$;

create or replace function maitred.refuse_if_blocked(subjects text[]) returns void
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare seconds int := maitred.login_wait(subjects);
begin
    if seconds > 0 then
        perform maitred.fail(429, 'rate_limited',
            format('Too many failed attempts. Try again in %s seconds.', seconds),
            null, to_jsonb(seconds));
    end if;
end $$;

create or replace function maitred.login_failed(subjects text[]) returns void
language sql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
    insert into maitred.login_attempt as a (subject, failures, first_at, last_at)
        select s, 1, clock_timestamp(), clock_timestamp() from unnest(subjects) s order by s
        on conflict (subject) do update set
            failures = case when a.first_at > clock_timestamp() - interval '5 minutes'
                            then a.failures + 1 else 1 end,
            first_at = case when a.first_at > clock_timestamp() - interval '5 minutes'
                            then a.first_at else clock_timestamp() end,
            last_at = clock_timestamp(),
            blocked_until = case when a.first_at > clock_timestamp() - interval '5 minutes'
                                  and a.failures + 1 >= maitred.login_limit(a.subject)
                                 then a.first_at + interval '5 minutes' end
$$;

-- Step one. The same shape for an account that is not there, so that the password check takes
-- place, and takes as long, anyway. An unknown name is counted here: step two does not know it.
create or replace function api.login_start(
    p_caller api.caller, p_venue text, p_username text, p_address text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    who text := maitred.login_subject(coalesce(p_venue, ''), coalesce(p_username, ''));
    v maitred.venue;
    a maitred.account;
begin
    perform maitred.refuse_if_blocked(array[who, maitred.address_subject(p_address)]);
    select * into v from maitred.venue x where x.slug = lower(p_venue);
    select * into a from maitred.account x
        where x.venue = v.id and lower(x.username) = lower(p_username);
    if a.id is null then perform maitred.login_failed(array[who]); end if;
    return maitred.ok(json_build_object(
        'account', a.id, 'venue', case when a.id is not null then v.id end,
        'hash', a.password_hash, 'role', a.role, 'username', a.username,
        'slug', case when a.id is not null then v.slug end,
        'active', coalesce(a.active and v.active, false))::text);
end $$;

-- What a client is told about who it is.
create or replace function maitred.user_json(a maitred.account, v maitred.venue) returns json
language sql stable parallel safe
as $$ select json_build_object(
    'id', a.id, 'username', a.username, 'name', a.display_name, 'email', a.email, 'role', a.role,
    'venue', json_build_object('id', v.id, 'slug', v.slug, 'name', v.name, 'kind', v.kind,
                               'timezone', v.timezone, 'currency', v.currency,
                               'businessDayCutoff', to_char(v.business_day_cutoff, 'HH24:MI'))) $$;

-- A token made in the very second of its account's last change would look older than the change,
-- because iat has whole seconds: whoever is about to be given one waits for the next second.
create or replace function maitred.wait_out_change(not_before timestamptz) returns void
language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare wait double precision;
begin
    if not isfinite(not_before) then return; end if;
    wait := extract(epoch from
        date_trunc('second', not_before) + interval '1 second' - clock_timestamp());
    if wait between 0 and 1 then perform pg_sleep(wait); end if;
end $$;

-- Step two. A failure is answered (401, no body), not raised: the count must be committed.
-- A right password is refused too once the limit is reached, or a burst of guesses sent side by
-- side would not be limited at all.
create or replace function api.login_done(
    p_caller api.caller, p_account bigint, p_address text, p_success boolean)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    a maitred.account;
    v maitred.venue;
    who text;
begin
    select * into a from maitred.account x
        where x.id = p_account and x.venue = coalesce(p_caller.venue, x.venue);
    select * into v from maitred.venue x where x.id = a.venue;
    who := maitred.login_subject(v.slug, a.username);
    if not coalesce(p_success and a.active and v.active, false) then
        perform maitred.login_failed(array_remove(array[who, maitred.address_subject(p_address)], null));
        return (401, null, null, null, null)::api.answer;
    end if;
    perform maitred.refuse_if_blocked(array[who, maitred.address_subject(p_address)]);
    delete from maitred.login_attempt t where t.subject = who;
    update maitred.account x set last_login_at = clock_timestamp()
        where x.venue = a.venue and x.id = a.id;
    perform maitred.wait_out_change(a.not_before);
    return maitred.ok(maitred.user_json(a, v)::text);
end $$;

-- An API key as a bearer. Its last use is noted once a minute at most.
create or replace function api.api_key_session(p_caller api.caller, p_hash text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    k maitred.api_key;
    a maitred.account;
    v maitred.venue;
begin
    select * into k from maitred.api_key x where x.hash = p_hash and x.revoked_at is null;
    select * into a from maitred.account x where x.venue = k.venue and x.id = k.account_id and x.active;
    select * into v from maitred.venue x where x.id = a.venue and x.active;
    if v.id is null then perform maitred.fail(401, 'token_invalid', 'The key is not valid.'); end if;
    update maitred.api_key x set last_used_at = clock_timestamp()
        where x.venue = k.venue and x.id = k.id
          and (x.last_used_at is null or x.last_used_at < clock_timestamp() - interval '1 minute');
    return maitred.ok(json_build_object('account', a.id, 'venue', v.id, 'role', a.role,
        'username', a.username, 'slug', v.slug, 'jti', 'key:' || k.id)::text);
end $$;
