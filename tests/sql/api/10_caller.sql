-- The position beside an answer, and what an Idempotency-Key keeps.
begin;
\ir fixture.psql
select plan(27);

-- position ----------------------------------------------------------------------------------
select is((select count(*)::int from api.position('(,,,,,,)'::api.caller)), 1,
          'without a venue there is still one row');
select is((select "position" from api.position('(,,,,,,)'::api.caller)), null, '... of nulls');
select feed.flush();
select matches((select "position" from api.position(pg_temp.caller('bistro', 'admin'))),
          '^[0-9a-f]{8}v' || pg_temp.venue('bistro') || '-[0-9]+$', 'a position names its venue');
select is((select array_length(areas, 1) from api.position(pg_temp.caller('bistro', 'admin'))), 10,
          'an area each');
select is((select p."position" from api.position_after(pg_temp.caller('bistro', 'admin'), 'said') p), 'said',
          'after a write: what the write said');
select is((select p."position" from api.position_after(pg_temp.caller('bistro', 'admin'), null) p),
          (select "position" from api.position(pg_temp.caller('bistro', 'admin'))), '... else the counter');

-- A cursor keeps its statement's snapshot: body and position must both come from it.
create temp table r as
    select a.* from api.reservation_create(pg_temp.caller('bistro', 'admin'), 'Ann Lee',
        pg_temp.hour('bistro', 1, 12), 2, 'phone', null, null, null, null, null, null, null, null) a;
create temp table rid as select substr(body::jsonb ->> 'id', 4)::bigint as id, position as made_at from r;
select is((select made_at from rid), (select "position" from api.position(pg_temp.caller('bistro', 'admin'))),
          'a write says the position at which it can be read');
declare seen cursor for
    select a.body::jsonb ->> 'partySize' as size, p."position" as pos
    from api.reservation_get(pg_temp.caller('bistro', 'admin'), (select id from rid)) a,
         api.position(pg_temp.caller('bistro', 'admin')) p;
create temp table moved as
    select a.position as pos from api.reservation_update(pg_temp.caller('bistro', 'admin'), (select id from rid),
        null, null, 5, null, null, null, null, null, null, null, null, null, null) a;
select isnt((select pos from moved), (select made_at from rid), 'a change moves the position');
create temp table fetched (size text, pos text);
do $$
declare c refcursor := 'seen'; x record;
begin
    fetch c into x;
    insert into fetched values (x.size, x.pos);
end $$;
select is((select size from fetched), '2', 'a statement reads the body of its own snapshot');
select is((select pos from fetched), (select made_at from rid), '... and the position of that same snapshot');
close seen;
select is((select p."position" from api.reservation_get(pg_temp.caller('bistro', 'admin'), (select id from rid)) a,
              api.position(pg_temp.caller('bistro', 'admin')) p), (select pos from moved),
          'the next statement reads both anew');

-- idempotency -------------------------------------------------------------------------------
create function pg_temp.create_once(key text, hash text, name text, role text default 'admin')
returns api.answer language sql volatile
as $f$
    select x.a from (select case when t.fresh then
            api.idempotency_keep(pg_temp.caller('bistro', $4), $1,
                api.reservation_create(pg_temp.caller('bistro', $4), $3, pg_temp.hour('bistro', 2, 10), 2,
                    'website', null, null, null, null, null, null, null, null))
            else t.answer end as a
        from api.idempotency_take(pg_temp.caller('bistro', $4), $1, 'reservation_create', $2) t offset 0) x
$f$;
create temp table once as select (pg_temp.create_once('k1', 'h1', 'Once')).*;
create temp table twice as select (pg_temp.create_once('k1', 'h1', 'Once')).*;
select is((select status from once), 201, 'the first answer');
select is((select body from twice), (select body from once), 'the same key replays the stored body');
select is((select location from twice), (select location from once), '... location');
select is((select position from twice), (select position from once), '... position');
select is((select status from twice), 201, '... and status');
select is((select count(*)::int from maitred.reservation where customer_name = 'Once'
              and venue = pg_temp.venue('bistro')), 1, 'and does nothing again');
select is(pg_temp.says($$select pg_temp.create_once('k1', 'h2', 'Once')$$),
          'MD422 idempotency_key_reused Idempotency-Key', 'another body with that key');
select is((select t.fresh from api.idempotency_take(pg_temp.caller('bistro', 'admin'), 'k2', 'op1', 'h') t), true,
          'a new key');
select is(pg_temp.says($$select api.idempotency_take(pg_temp.caller('bistro', 'admin'), 'k2', 'op2', 'h')$$),
          'MD422 idempotency_key_reused Idempotency-Key', 'another operation with that key');
select is((pg_temp.create_once('k1', 'h9', 'Mine', 'manager')).status, 201,
          'a key belongs to its account');
update maitred.idempotency set expires_at = clock_timestamp() - interval '1 second'
    where key = 'k1' and account = pg_temp.account('bistro', 'admin');
select is((pg_temp.create_once('k1', 'h3', 'After a day')).status, 201, 'after 24 hours the key is free again');
select is((select request_hash from maitred.idempotency where key = 'k1'
              and account = pg_temp.account('bistro', 'admin')), 'h3', '... and belongs to the new request');
select is((select t.fresh from api.idempotency_take('(,,,,,,)'::api.caller, 'k', 'login', 'h') t), true,
          'a login keeps nothing');
select is(pg_temp.says($$select api.idempotency_take(pg_temp.caller('bistro', 'admin'), '', 'op', 'h')$$),
          'MD422 invalid_field Idempotency-Key', 'a key has at least a character');
select isnt(maitred.key_owner((1, null, 'g', 'guest', 5, null, false)::api.caller),
            maitred.key_owner((1, null, 'g', 'guest', null, 5, false)::api.caller),
            'guests of session 5 and of order 5 are not the same');
select ok(maitred.key_owner((1, 0, 'g', 'guest', 5, null, false)::api.caller) < 0, 'a guest is no account');
select * from finish();
rollback;
