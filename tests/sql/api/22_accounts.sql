-- Accounts, API keys, tickets and guests' tokens: who may, what ends them, and that a venue keeps an
-- administrator, whoever writes.
begin;
\ir fixture.psql
select plan(61);

create function pg_temp.made(a api.answer) returns text language sql immutable
as $$ select a.status || ' ' || coalesce(a.location, '-') $$;

-- accounts ----------------------------------------------------------------------------------
select is((select (api.account_list(pg_temp.caller('bistro', 'admin'), null, null, null, 1, 50)).total), 6::bigint, 'the venue''s accounts');
select is((select array_agg(x ->> 'username') from jsonb_array_elements(pg_temp.body(
    api.account_list(pg_temp.caller('bistro', 'admin'), null, null, null, 2, 4))) x), array['viewer', 'waiter'], '... by name, in pages');
select is((select array_agg(x ->> 'username') from jsonb_array_elements(pg_temp.body(
    api.account_list(pg_temp.caller('bistro', 'admin'), '{waiter,kitchen}', true, 'KITCH', 1, 50))) x), array['kitchen'], '... by role and search');
create temp table made as select api.account_create(pg_temp.caller('bistro', 'admin'), 'Eve', null, 'eve@example.com', 'waiter', '$y$x') as a;
create temp table eve as select id from maitred.account where username = 'Eve' and venue = pg_temp.venue('bistro');
select is((select pg_temp.made(a) from made), (select '201 /api/accounts/' || id from eve), 'a new account');
select is((select pg_temp.body(a) - 'createdAt' from made), jsonb_build_object('id', (select id from eve), 'username', 'Eve',
    'displayName', 'Eve', 'email', 'eve@example.com', 'role', 'waiter', 'active', true, 'hasPassword', true, 'apiKeys', 0,
    'lastLoginAt', null), '... as its administrator sees it, without the hash');
select is(pg_temp.says($$select api.account_create(pg_temp.caller('bistro', 'admin'), 'EVE', null, null, 'waiter', null)$$),
    '23505 duplicate key value violates unique constraint "account_username_unique"', 'a name is taken in any case of letters');
select is((select code from maitred.constraint_error where constraint_name = 'account_username_unique'), 'username_taken', '... and said so');
select is((api.account_create(pg_temp.caller('other', 'admin'), 'eve', null, null, 'viewer', null)).status, 201, '... not in another venue');
select is(pg_temp.says(format('select api.account_get(pg_temp.caller(''other'', ''admin''), %s)', (select id from eve))), 'MD404 not_found', 'another venue''s is not there');
select is(pg_temp.says(format('select api.account_update(pg_temp.caller(''other'', ''admin''), %s, ''x'', null, null, null, null)', (select id from eve))), 'MD404 not_found', '... to be changed neither');
select is((select display_name from maitred.account where id = (select id from eve)), 'Eve', '... and was not');
select is(pg_temp.body(api.account_update(pg_temp.caller('bistro', 'admin'), (select id from eve), 'Eva', '', null, null, null)) - '{createdAt,id}'::text[],
    '{"username":"Eve","displayName":"Eva","email":null,"role":"waiter","active":true,"hasPassword":true,"apiKeys":0,"lastLoginAt":null}', 'a change of what it says');
select is((select not_before from maitred.account where id = (select id from eve)), '-infinity', '... ends no token');
select lives_ok(format('select api.account_update(pg_temp.caller(''bistro'', ''admin''), %s, null, null, ''kitchen'', null, null)', (select id from eve)), 'another role');
select ok((select isfinite(not_before) from maitred.account where id = (select id from eve)), '... ends its tokens');
select is((select actor from feed.log where venue = pg_temp.venue('bistro') and type = 'account.updated' order by seq desc limit 1), 'admin', '... and is told, with who did it');

-- the last administrator ----------------------------------------------------------------------
create function pg_temp.demote(what text) returns text language sql
as $$ select pg_temp.says(format('update maitred.account set %s where venue = pg_temp.venue(''bistro'') and username = ''admin''', what)) $$;
select is(pg_temp.says(format($$select api.account_update(pg_temp.caller('bistro', 'admin'), %s, null, null, 'manager', null, null)$$,
    pg_temp.account('bistro', 'admin'))), 'MD409 last_admin role', 'the last administrator stays one');
select is(pg_temp.demote('active = false'), 'MD409 last_admin active', '... and active, in psql too');
select is(pg_temp.demote('role = ''viewer'', active = false'), 'MD409 last_admin role', '... whichever way');
select is(pg_temp.demote('display_name = ''Boss'''), 'nothing was refused', '... but may be called anything');
update maitred.account set role = 'admin', active = false where id = (select id from eve);
select is(pg_temp.demote('role = ''viewer'''), 'MD409 last_admin role', 'an inactive one does not count');
update maitred.account set active = true where id = (select id from eve);
select is(pg_temp.demote('role = ''viewer'''), 'nothing was refused', 'with another one it may go');
select is(pg_temp.says('update maitred.account set active = false where venue = pg_temp.venue(''bistro'')'), 'MD409 last_admin active', 'all at once may not');

-- API keys ------------------------------------------------------------------------------------
create temp table k as select pg_temp.body(api.api_key_create(pg_temp.caller('bistro', 'waiter'), 'till', null, repeat('ab', 32))) as j;
select is((select j - '{id,createdAt}'::text[] from k), jsonb_build_object('account', pg_temp.account('bistro', 'waiter'), 'label', 'till',
    'fingerprint', 'abababab', 'lastUsedAt', null, 'revokedAt', null), 'a key of one''s own');
select is(jsonb_array_length(pg_temp.body(api.api_key_list(pg_temp.caller('bistro', 'waiter'), null))), 1, '... is listed');
select is(jsonb_array_length(pg_temp.body(api.api_key_list(pg_temp.caller('bistro', 'manager'), null))), 0, '... not to others');
select is(pg_temp.says($$select api.api_key_list(pg_temp.caller('bistro', 'manager'), pg_temp.account('bistro', 'waiter'))$$), 'MD403 forbidden account', '... who may not ask');
select is(jsonb_array_length(pg_temp.body(api.api_key_list((pg_temp.venue('bistro'), (select id from eve), 'Eve', 'admin', null, null, false)::api.caller,
    pg_temp.account('bistro', 'waiter')))), 1, '... unless they administer accounts');
select is(pg_temp.says($$select api.api_key_list(pg_temp.caller('other', 'admin'), pg_temp.account('bistro', 'waiter'))$$), 'MD404 not_found', '... of this venue');
select is(pg_temp.says($$select api.api_key_create(pg_temp.caller('bistro', 'manager'), '', pg_temp.account('bistro', 'waiter'), repeat('cd', 32))$$), 'MD403 forbidden account', 'nobody makes others'' keys');
select is(pg_temp.says($$select api.api_key_create(pg_temp.caller('other', 'admin'), '', pg_temp.account('bistro', 'waiter'), repeat('cd', 32))$$), 'MD404 not_found', '... nor another venue''s');
select is(pg_temp.says(format($$select api.api_key_revoke(pg_temp.caller('bistro', 'manager'), %s)$$, (select j -> 'id' from k))), 'MD404 not_found', 'another''s key is not there to be revoked');
select is(pg_temp.says(format($$select api.api_key_revoke(pg_temp.caller('other', 'admin'), %s)$$, (select j -> 'id' from k))), 'MD404 not_found', '... nor another venue''s');
select is((api.api_key_revoke(pg_temp.caller('bistro', 'waiter'), (select (j ->> 'id')::bigint from k))).status, 204, 'one''s own is');
select is(pg_temp.says(format($$select api.api_key_revoke(pg_temp.caller('bistro', 'waiter'), %s)$$, (select j -> 'id' from k))), 'MD404 not_found', '... once');
select ok((select (x ->> 'revokedAt') is not null from jsonb_array_elements(pg_temp.body(api.api_key_list(pg_temp.caller('bistro', 'waiter'), null))) x), '... and stays in the list');

-- tickets -------------------------------------------------------------------------------------
create function pg_temp.ticket(who text, hash text, jti text default 'jti-1') returns jsonb language sql
as $$ select pg_temp.body(api.ticket_create(pg_temp.caller('bistro', who), hash, jti, extract(epoch from now())::bigint + 5, 4102444800, 'a1')) $$;
create function pg_temp.redeem(hash text) returns text language sql
as $$ select pg_temp.says(format('select api.ticket_redeem(''(,,,,,,)'', %L)', $1)) $$;
create temp table t as select pg_temp.ticket('manager', 'h1') as j;
select ok((select (j ->> 'expiresAt')::timestamptz from t) between now() + interval '29 seconds' and clock_timestamp() + interval '31 seconds', 'a ticket lasts 30 seconds');
select is(pg_temp.body(api.ticket_redeem('(,,,,,,)', 'h1')) - 'iat', jsonb_build_object('account', pg_temp.account('bistro', 'manager'),
    'venue', pg_temp.venue('bistro'), 'role', 'manager', 'username', 'manager', 'slug', 't-bistro', 'session', null, 'order', null,
    'jti', 'jti-1', 'exp', 4102444800, 'key', 'a1'), 'it says whom it speaks for, as its token did');
select is(pg_temp.redeem('h1'), 'MD401 token_invalid', '... once');
select is(pg_temp.redeem('h0'), 'MD401 token_invalid', 'an unknown one is refused');
do $$ begin perform pg_temp.ticket('manager', 'h2'); update maitred.ticket set expires_at = clock_timestamp() where hash = 'h2'; end $$;
select is(pg_temp.redeem('h2'), 'MD401 token_invalid', 'an old one too');
do $$ begin perform pg_temp.ticket('manager', 'h3', 'jti-3'), api.logout(pg_temp.caller('bistro', 'manager'), 'jti-3', 4102444800); end $$;
select is(pg_temp.redeem('h3'), 'MD401 token_revoked', 'one of a token that was revoked meanwhile too');
do $$ begin perform pg_temp.ticket('frontdesk', 'h4'); update maitred.account set active = false where venue = pg_temp.venue('bistro') and username = 'frontdesk'; end $$;
select is(pg_temp.redeem('h4'), 'MD401 role_changed', 'one of an account that was closed too');
do $$ begin perform pg_temp.ticket('viewer', 'h5'); update maitred.account set role = 'waiter' where venue = pg_temp.venue('bistro') and username = 'viewer'; end $$;
select is(pg_temp.redeem('h5'), 'MD401 role_changed', '... or has another role');
do $$ begin perform pg_temp.ticket('manager', 'h6'); update maitred.venue set active = false where id = pg_temp.venue('bistro'); end $$;
select is(pg_temp.redeem('h6'), 'MD401 role_changed', '... or whose venue is closed');
update maitred.venue set active = true where id = pg_temp.venue('bistro');

-- an outside provider's token -------------------------------------------------------------------
create function pg_temp.outside(venue bigint, account bigint, role text, iat bigint) returns text language sql
as $$ select pg_temp.says(format('select api.session_account((%s, %s, null, %L, null, null, false)::api.caller, ''o-1'', %s)', venue, account, role, iat)) $$;
select is(pg_temp.body(api.session_account((pg_temp.venue('bistro'), pg_temp.account('bistro', 'waiter'), null, 'admin', null, null, false)::api.caller,
    'o-1', extract(epoch from now())::bigint + 5)), jsonb_build_object('account', pg_temp.account('bistro', 'waiter'), 'venue', pg_temp.venue('bistro'),
    'role', 'waiter', 'username', 'waiter', 'slug', 't-bistro'), 'an outside token''s role is its account''s');
select is(pg_temp.outside(pg_temp.venue('other'), pg_temp.account('bistro', 'waiter'), 'admin', 4102444800), 'MD401 role_changed', '... of its own venue');
select is(pg_temp.outside(pg_temp.venue('bistro'), pg_temp.account('bistro', 'frontdesk'), 'admin', 4102444800), 'MD401 role_changed', '... while it is active');
select is(pg_temp.outside(pg_temp.venue('bistro'), pg_temp.account('bistro', 'viewer'), 'admin', extract(epoch from now())::bigint - 60), 'MD401 role_changed', '... and older than the token');

-- guests ----------------------------------------------------------------------------------------
update maitred.dining_table set status = 'occupied' where id = pg_temp.tab('bistro', 1);
create temp table s as select id from maitred.table_session where table_id = pg_temp.tab('bistro', 1) and state = 'open';
create function pg_temp.guest(slug text, session bigint, jti text) returns text language sql
as $$ select pg_temp.says(format('select api.guest_token_create(pg_temp.caller(%L, ''waiter''), %s, null, %L, 4102444800)', slug, session, jti)) $$;
select is(pg_temp.guest('bistro', (select id from s), 'g-1'), 'nothing was refused', 'a token for an open session');
select is(pg_temp.guest('other', (select id from s), 'g-2'), 'MD404 not_found session_id', '... of the own venue');
select is(pg_temp.says($$select api.guest_token_create(pg_temp.caller('bistro', 'waiter'), null, null, 'g-3', 4102444800)$$), 'MD422 invalid_field session_id', '... for something');
select is(pg_temp.says($$select api.guest_token_create(pg_temp.caller('bistro', 'waiter'), null, 99999999, 'g-3', 4102444800)$$), 'MD404 not_found order_id', '... that is there');
select is((select count(*) from maitred.revoked_token where jti = 'g-1'), 0::bigint, 'it is good while the session lasts');
update maitred.dining_table set status = 'available' where id = pg_temp.tab('bistro', 1);
select is((select venue from maitred.revoked_token where jti = 'g-1'), pg_temp.venue('bistro'), '... and revoked when it is closed');
select is((select count(*) from maitred.guest_token where jti = 'g-1'), 0::bigint, '... then there is nothing more to remember');
select is(pg_temp.guest('bistro', (select id from s), 'g-4'), 'MD409 session_closed session_id', 'a closed session takes no more guests');

-- login throttle: addresses ---------------------------------------------------------------------
select is(maitred.address_subject('2001:db8:1:2:aaaa::1'), maitred.address_subject('2001:DB8:1:2:b::2'), 'a house of IPv6 is one address');
select isnt(maitred.address_subject('2001:db8:1:2::1'), maitred.address_subject('2001:db8:1:3::1'), '... and its neighbour another');
select is(maitred.address_subject('::ffff:192.0.2.7'), 'address:192.0.2.7', 'IPv4 in IPv6 is IPv4');
select is(maitred.address_subject('local'), 'address:local', 'what is no address stays as it is');
select * from finish();
rollback;
