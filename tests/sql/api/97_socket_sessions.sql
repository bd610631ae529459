-- The rooms of Socket.IO sessions: joined and left one by one, of this venue's floors, their owner's
-- alone, and renewed while somebody is connected.
begin;
\ir fixture.psql
select plan(34);

create function pg_temp.join(floor int, session text default 's1', slug text default 'bistro', role text default 'waiter') returns text
language sql volatile as $$ select (api.socket_join(pg_temp.caller($3, $4), $2, $1)).body::jsonb::text $$;
create function pg_temp.leave(floor int, session text default 's1', slug text default 'bistro', role text default 'waiter') returns text
language sql volatile as $$ select (api.socket_leave(pg_temp.caller($3, $4), $2, $1)).body::jsonb::text $$;
create function pg_temp.rooms(session text default 's1', slug text default 'bistro', role text default 'waiter') returns text
language sql volatile as $$ select (api.socket_rooms(pg_temp.caller($2, $3), $1)).body::jsonb::text $$;
create function pg_temp.row_of(session text default 's1') returns maitred.socket_session
language sql volatile as $$ select s from maitred.socket_session s where s.session = $1 $$;

-- one by one ------------------------------------------------------------------------------------
select is(pg_temp.rooms(), '{"all": false, "floors": []}', 'nothing was joined');
select is(pg_temp.join(2), '{"floor": 2}', 'a floor is joined');
select is(pg_temp.rooms(), '{"all": false, "floors": [2]}', '... and is there');
select is(pg_temp.join(1), '{"floor": 1}', 'another');
select is(pg_temp.join(2), '{"floor": 2}', 'one twice');
select is(pg_temp.rooms(), '{"all": false, "floors": [1, 2]}', '... is there once');
select is(pg_temp.join(null), '{"floor": null}', 'all tables');
select is(pg_temp.rooms(), '{"all": true, "floors": [1, 2]}', '... beside the floors');
select is(pg_temp.leave(1), '{"floor": 1}', 'a floor is left');
select is(pg_temp.rooms(), '{"all": true, "floors": [2]}', '... and the others stay');
select is(pg_temp.leave(1), '{"floor": 1}', 'what was not joined is left without a word');
select is(pg_temp.leave(99), '{"floor": 99}', '... a floor that is not there, too');
select is(pg_temp.leave(null), '{"floor": null}', 'all tables are left');
select is(pg_temp.rooms(), '{"all": false, "floors": [2]}', '... and the floor stays');
select is(pg_temp.leave(2), '{"floor": 2}', 'the last one is left');
select is(pg_temp.row_of(), null, '... and nothing is kept');
select is(pg_temp.leave(2, 'nobody'), '{"floor": 2}', 'a session that never joined leaves');
select isnt((api.socket_join(pg_temp.caller('bistro', 'viewer'), 's2', null)).position, null, 'the answer names a position');

-- floors ------------------------------------------------------------------------------------------
select is(pg_temp.says('select pg_temp.join(3)'), 'MD404 floor_not_found floor', 'a floor that is not there');
select is(pg_temp.says('select pg_temp.join(0)'), 'MD404 floor_not_found floor', '... nor is this one');
select is(pg_temp.row_of(), null, '... and nothing is kept of it');
select is(pg_temp.says($$select pg_temp.join(1, 's9', 'grand', 'admin')$$), 'MD409 not_a_restaurant', 'a hotel has no floor plan');
select is(pg_temp.says($$select pg_temp.join(1, '')$$), '23514 new row for relation "socket_session" violates check constraint "socket_session_length"', 'a session has an id');
insert into maitred.floor (venue, number, name) values (pg_temp.venue('bistro'), 7, 'Roof');
select pg_temp.join(7), pg_temp.join(1) \g /dev/null
delete from maitred.floor where venue = pg_temp.venue('bistro') and number = 7;
select is(pg_temp.rooms(), '{"all": false, "floors": [1]}', 'a floor that is gone is no room');

-- whose it is -------------------------------------------------------------------------------------
select is(pg_temp.says($$select pg_temp.join(2, 's1', 'bistro', 'manager')$$), 'MD404 session_not_found', 'another account''s session does not exist');
select is(pg_temp.says($$select pg_temp.join(2, 's1', 'other')$$), 'MD404 session_not_found', '... nor another venue''s');
select is(pg_temp.rooms('s1', 'bistro', 'manager') || pg_temp.rooms('s1', 'other'), repeat('{"all": false, "floors": []}', 2), '... its rooms are nobody''s business');
select pg_temp.leave(1, 's1', 'bistro', 'manager'), pg_temp.leave(1, 's1', 'other') \g /dev/null
select is(pg_temp.rooms(), '{"all": false, "floors": [1]}', '... and it is in them still');

-- how long ----------------------------------------------------------------------------------------
update maitred.socket_session set renewed_at = now() - interval '59 min' where session = 's1';
update maitred.socket_session set renewed_at = now() - interval '61 min' where session = 's2';
select lives_ok($$select api.socket_renew(array['s1', 's2', 'nobody'])$$, 'those that are connected are renewed');
select is((pg_temp.row_of('s1')).renewed_at, now() - interval '59 min', '... what is fresh is not written');
select ok((pg_temp.row_of('s2')).renewed_at >= now(), '... what is old is');
select pg_temp.join(2) \g /dev/null
select ok((pg_temp.row_of('s1')).renewed_at >= now(), 'joining renews');
select ok(not has_function_privilege(r, 'api.socket_renew(text[])', 'execute'), r || ' has no say in it') from unnest(array['maitred_rest', 'maitred_job']) r;
select * from finish();
rollback;
