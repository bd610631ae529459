-- Logging in and its throttle, API keys, sessions, logout, and what takes effect at once.
begin;
\ir fixture.psql
select plan(55);

create function pg_temp.start(venue text, username text, address text default '10.0.0.1') returns jsonb
language sql volatile as $$ select body::jsonb from api.login_start('(,,,,,,)'::api.caller, $1, $2, $3) $$;
create function pg_temp.done(account bigint, success boolean, address text default '10.0.0.1')
returns api.answer language sql volatile
as $$ select api.login_done('(,,,,,,)'::api.caller, $1, $3, $2) $$;
create function pg_temp.fails(n int, username text, address text) returns void language plpgsql
as $$
begin
    for i in 1..n loop
        perform pg_temp.done((pg_temp.start('t-bistro', username, address) ->> 'account')::bigint, false, address);
    end loop;
end $$;

-- login_start -------------------------------------------------------------------------------
select is(pg_temp.start('t-bistro', 'manager'), jsonb_build_object(
    'account', pg_temp.account('bistro', 'manager'), 'venue', pg_temp.venue('bistro'),
    'hash', '$y$hash-of-manager', 'role', 'manager', 'username', 'manager', 'slug', 't-bistro',
    'active', true), 'a known account');
select is(pg_temp.start('T-BISTRO', 'MANAGER') ->> 'username', 'manager', 'in any case of letters');
select is((select array_agg(k order by k) from jsonb_object_keys(pg_temp.start('t-bistro', 'nobody')) k),
          (select array_agg(k order by k) from jsonb_object_keys(pg_temp.start('t-bistro', 'manager')) k),
          'an unknown account has the same members');
select is(jsonb_strip_nulls(pg_temp.start('t-bistro', 'nobody')), '{"active": false}', '... all null');
select is(jsonb_strip_nulls(pg_temp.start('t-nowhere', 'manager')), '{"active": false}', 'an unknown venue too');
update maitred.account set active = false where venue = pg_temp.venue('bistro') and username = 'viewer';
select is(pg_temp.start('t-bistro', 'viewer') -> 'active', 'false', 'a deactivated account says so');

-- login_done --------------------------------------------------------------------------------
select is(pg_temp.body(pg_temp.done(pg_temp.account('bistro', 'manager'), true)), jsonb_build_object(
    'id', pg_temp.account('bistro', 'manager'), 'username', 'manager', 'name', 'Manager',
    'email', 'manager@example.com', 'role', 'manager', 'venue', jsonb_build_object(
        'id', pg_temp.venue('bistro'), 'slug', 't-bistro', 'name', 'Bistro', 'kind', 'restaurant',
        'timezone', 'Europe/Berlin', 'currency', 'EUR', 'businessDayCutoff', '04:00')), 'a success answers with the user');
select ok((select last_login_at is not null from maitred.account where username = 'manager'
              and venue = pg_temp.venue('bistro')), '... and is remembered');
select is((pg_temp.done(pg_temp.account('bistro', 'manager'), false)).status, 401, 'a failure is 401');
select is((pg_temp.done(pg_temp.account('bistro', 'manager'), false)).body, null, '... without a body');
select is((select failures from maitred.login_attempt where subject = 'account:t-bistro/manager'), 2,
          '... and counted');
select is((pg_temp.done(pg_temp.account('bistro', 'manager'), true)).status, 200, 'the right password');
select is((select count(*)::int from maitred.login_attempt where subject = 'account:t-bistro/manager'), 0,
          '... forgets the failures of the account');
select is((select failures from maitred.login_attempt where subject = 'address:10.0.0.1'), 2,
          '... but not those of the address');
select is((pg_temp.done(pg_temp.account('bistro', 'viewer'), true)).status, 401,
          'a deactivated account can not log in');

-- throttle: five an account -----------------------------------------------------------------
do $$ begin perform pg_temp.fails(4, 'waiter', '10.0.0.2'); end $$;
select lives_ok($$select pg_temp.start('t-bistro', 'waiter', '10.0.0.3')$$, 'four failures are not too many');
do $$ begin perform pg_temp.fails(1, 'waiter', '10.0.0.2'); end $$;
select is(pg_temp.says($$select pg_temp.start('t-bistro', 'waiter', '10.0.0.3')$$), 'MD429 rate_limited',
          'the fifth locks the account, from any address');
select ok((select state::text::int between 290 and 300 from pg_temp.refusal(
    $$select pg_temp.start('t-bistro', 'waiter', '10.0.0.3')$$)), '... for five minutes');
select is(pg_temp.says($$select pg_temp.done(pg_temp.account('bistro', 'waiter'), true, '10.0.0.3')$$),
          'MD429 rate_limited', 'the right guess of a burst comes too late');
select lives_ok($$select pg_temp.start('t-other', 'waiter', '10.0.0.3')$$,
                'the same name elsewhere is another account');
update maitred.login_attempt set first_at = first_at - interval '5 minutes',
    blocked_until = blocked_until - interval '5 minutes' where subject = 'account:t-bistro/waiter';
select lives_ok($$select pg_temp.start('t-bistro', 'waiter', '10.0.0.3')$$, 'after five minutes it is open again');
do $$ begin perform pg_temp.fails(1, 'waiter', '10.0.0.3'); end $$;
select is((select failures from maitred.login_attempt where subject = 'account:t-bistro/waiter'), 1,
          '... and counts from one');
do $$ begin perform pg_temp.fails(5, 'ghost', '10.0.0.4'); end $$;
select is(pg_temp.says($$select pg_temp.start('t-bistro', 'ghost', '10.0.0.5')$$), 'MD429 rate_limited',
          'a name that does not exist is locked alike');

-- throttle: twenty an address ---------------------------------------------------------------
do $$ begin for i in 1..19 loop perform pg_temp.fails(1, 'name' || i, '10.0.0.9'); end loop; end $$;
select lives_ok($$select pg_temp.start('t-bistro', 'admin', '10.0.0.9')$$, 'nineteen failures of an address');
do $$ begin perform pg_temp.fails(1, 'name20', '10.0.0.9'); end $$;
select is(pg_temp.says($$select pg_temp.start('t-bistro', 'admin', '10.0.0.9')$$), 'MD429 rate_limited',
          'twenty lock the address');
select lives_ok($$select pg_temp.start('t-bistro', 'admin', '10.0.0.10')$$, '... and nobody else');

-- api keys ----------------------------------------------------------------------------------
insert into maitred.api_key (venue, account_id, hash, label)
    values (pg_temp.venue('bistro'), pg_temp.account('bistro', 'manager'), 'hash-1', 'till');
create function pg_temp.key(hash text) returns jsonb language sql volatile
as $$ select body::jsonb from api.api_key_session('(,,,,,,)'::api.caller, $1) $$;
select is(pg_temp.key('hash-1') - 'jti', jsonb_build_object('account', pg_temp.account('bistro', 'manager'),
    'venue', pg_temp.venue('bistro'), 'role', 'manager', 'username', 'manager', 'slug', 't-bistro'),
    'a key stands for its account');
create temp table used as select last_used_at as at from maitred.api_key where hash = 'hash-1';
select ok((select at is not null from used), '... and its use is noted');
do $$ begin perform pg_temp.key('hash-1'); end $$;
select is((select last_used_at from maitred.api_key where hash = 'hash-1'), (select at from used),
          '... once a minute');
update maitred.api_key set last_used_at = last_used_at - interval '61 seconds' where hash = 'hash-1';
do $$ begin perform pg_temp.key('hash-1'); end $$;
select ok((select last_used_at >= (select at from used) from maitred.api_key where hash = 'hash-1'), '... and again later');
select is(pg_temp.says($$select pg_temp.key('hash-2')$$), 'MD401 token_invalid', 'an unknown key');
update maitred.account set active = false where venue = pg_temp.venue('bistro') and username = 'manager';
select is(pg_temp.says($$select pg_temp.key('hash-1')$$), 'MD401 token_invalid', 'a key of a deactivated account');
update maitred.account set active = true where venue = pg_temp.venue('bistro') and username = 'manager';
update maitred.venue set active = false where slug = 't-bistro';
select is(pg_temp.says($$select pg_temp.key('hash-1')$$), 'MD401 token_invalid', 'a key of a closed venue');
update maitred.venue set active = true where slug = 't-bistro';
update maitred.api_key set revoked_at = clock_timestamp() where hash = 'hash-1';
select is(pg_temp.says($$select pg_temp.key('hash-1')$$), 'MD401 token_invalid', 'a revoked key');

-- session_check -----------------------------------------------------------------------------
create function pg_temp.check(who api.caller, jti text, iat bigint) returns text language plpgsql
as $$ begin return pg_temp.says(format('select api.session_check(%L, %L, %s)', who, jti, iat)); end $$;
create function pg_temp.unix(at timestamptz default clock_timestamp()) returns bigint language sql
as $$ select floor(extract(epoch from $1))::bigint $$;
select is((api.session_check(pg_temp.caller('bistro', 'admin'), 'j1', pg_temp.unix())).status, 204, 'a good token');
select is(pg_temp.check(pg_temp.caller('bistro', 'manager'), 'j1', pg_temp.unix() - 1), 'MD401 role_changed',
          'a token from before the last change');
select is(pg_temp.check(pg_temp.caller('bistro', 'manager'), 'j1', pg_temp.unix() + 2), 'nothing was refused',
          '... and one from after it');
update maitred.account set role = 'waiter' where venue = pg_temp.venue('bistro') and username = 'frontdesk';
select is(pg_temp.check(pg_temp.caller('bistro', 'frontdesk'), 'j1', pg_temp.unix() + 2), 'MD401 role_changed',
          'a token that claims the role of before');
select is(pg_temp.check(pg_temp.caller('bistro', 'viewer'), 'j1', pg_temp.unix() + 2), 'MD401 role_changed',
          'a deactivated account');
select is(pg_temp.check((pg_temp.venue('other'), pg_temp.account('bistro', 'admin'), 'admin', 'admin', null, null, false),
          'j1', pg_temp.unix()), 'MD401 role_changed', 'an account of another venue');
select is(pg_temp.check((pg_temp.venue('bistro'), null, 'guest', 'guest', 1, null, false), 'g1', pg_temp.unix()),
          'nothing was refused', 'a guest');
update maitred.account set password_hash = '$y$new' where venue = pg_temp.venue('bistro') and username = 'kitchen';
select is(pg_temp.check(pg_temp.caller('bistro', 'kitchen'), 'j1', (select pg_temp.unix(not_before) from maitred.account
              where venue = pg_temp.venue('bistro') and username = 'kitchen')), 'MD401 role_changed',
          'a token of the very second of the change is one from before it');
do $$ begin perform pg_temp.done(pg_temp.account('bistro', 'kitchen'), true, '10.0.1.1'); end $$;
select is(pg_temp.check(pg_temp.caller('bistro', 'kitchen'), 'j1', pg_temp.unix()), 'nothing was refused',
          '... so that a login waits for the next one');

-- logout ------------------------------------------------------------------------------------
select is((api.logout(pg_temp.caller('bistro', 'admin'), 'j1', pg_temp.unix() + 3600)).status, 204, 'logout');
select is(pg_temp.check(pg_temp.caller('bistro', 'admin'), 'j1', pg_temp.unix()), 'MD401 token_revoked', 'revokes the token');
select is((select type || ' ' || area || ' ' || actor || ' ' || (refs ->> 'jti') from feed.log
           where venue = pg_temp.venue('bistro') order by seq desc limit 1),
          'token.revoked accounts admin j1', '... and every sidecar reads of it');
select lives_ok($$select api.logout(pg_temp.caller('bistro', 'admin'), 'j1', 0)$$, 'twice does no harm');
select is((api.logout(pg_temp.caller('bistro', 'admin'), null, null)).status, 204, 'without a jti there is nothing to revoke');
select is(pg_temp.check((pg_temp.venue('bistro'), null, 'guest', 'guest', 1, null, false), 'j1', pg_temp.unix()),
          'MD401 token_revoked', 'also for a guest');

-- session_state -----------------------------------------------------------------------------
select is((select value from api.session_state() where kind = 'jti' and key = 'j1') > pg_temp.unix(), true,
          'state: a revoked token and when it ends');
select is((select value from api.session_state() where kind = 'account'
              and key = pg_temp.account('bistro', 'kitchen')::text),
          (select ceil(extract(epoch from not_before))::bigint from maitred.account
              where venue = pg_temp.venue('bistro') and username = 'kitchen'), 'state: a change, its second rounded up');
select is((select count(*)::int from api.session_state() where kind = 'inactive'
              and key = pg_temp.account('bistro', 'viewer')::text), 1, 'state: who may do nothing');

-- session_user, user_profile ----------------------------------------------------------------
select is(pg_temp.body(api.session_user(pg_temp.caller('bistro', 'frontdesk'))) ->> 'role', 'waiter',
          'a refresh gives the role of now');
select is(pg_temp.says($$select api.session_user(pg_temp.caller('bistro', 'viewer'))$$), 'MD401 role_changed',
          '... and nothing to a deactivated account');
select is(pg_temp.body(api.user_profile(pg_temp.caller('grand', 'admin'))), jsonb_build_object(
    'id', pg_temp.account('grand', 'admin'), 'username', 'admin', 'name', 'Admin',
    'businessName', 'Grand', 'role', 'admin', 'email', 'admin@example.com', 'businessType', 'hotel',
    'onboarded', true, 'profileImage', null, 'venue', jsonb_build_object('id', pg_temp.venue('grand'),
        'slug', 't-grand', 'name', 'Grand', 'kind', 'hotel', 'timezone', 'Europe/Berlin', 'currency', 'EUR', 'businessDayCutoff', '04:00')),
    'the profile of S3');
select * from finish();
rollback;
