-- The rooms of Socket.IO sessions: joined and left one by one, of this venue's floors, their owner's
-- alone, and renewed while somebody is connected.
begin;
\ir fixture.psql
select plan(49);

create function pg_temp.join(floor int, session text default 's1', slug text default 'bistro', role text default 'waiter') returns text
language sql volatile as $$ select (api.socket_join(pg_temp.caller($3, $4), $2, $1)).body::jsonb::text $$;
create function pg_temp.leave(floor int, session text default 's1', slug text default 'bistro', role text default 'waiter') returns text
language sql volatile as $$ select (api.socket_leave(pg_temp.caller($3, $4), $2, $1)).body::jsonb::text $$;
create function pg_temp.rooms(session text default 's1', slug text default 'bistro', role text default 'waiter') returns text
language sql volatile as $$ select ((api.socket_rooms(pg_temp.caller($2, $3), $1, 0)).body::jsonb - '{told,heard,ended}'::text[])::text $$;
create function pg_temp.past(session text default 's1', begun bigint default 0, slug text default 'bistro', role text default 'waiter') returns jsonb
language sql volatile as $$ select (api.socket_rooms(pg_temp.caller($3, $4), $1, $2)).body::jsonb - '{all,floors}'::text[] $$;
create function pg_temp.finish(session text default 's1', slug text default 'bistro', role text default 'waiter') returns text
language sql volatile as $$ select (api.socket_end(pg_temp.caller($2, $3), $1)).body::text $$;
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
update maitred.socket_session set renewed_at = now() - interval '359 min' where session = 's1';
update maitred.socket_session set renewed_at = now() - interval '361 min' where session = 's2';
select lives_ok($$select api.socket_renew('{s1,s2,nobody}', '{t1,t2,t3}', '{h1,h2,h3}')$$, 'those that are connected are renewed');
select is((pg_temp.row_of('s1')).renewed_at, now() - interval '359 min', '... what is fresh is not written');
select ok((pg_temp.row_of('s2')).renewed_at >= now(), '... what is old is');
select pg_temp.join(2) \g /dev/null
select ok((pg_temp.row_of('s1')).renewed_at >= now(), 'joining renews');
update feed.state set keep = interval '20 hours';
update maitred.socket_session set renewed_at = now() - interval '301 min' where session = 's1';
select api.socket_renew('{s1}', '{null}', '{null}') \g /dev/null
select ok((pg_temp.row_of('s1')).renewed_at >= now(), '... sooner where events are kept for less');
select ok(not has_function_privilege(r, 'api.socket_renew(text[], text[], text[])', 'execute'), r || ' has no say in it') from unnest(array['maitred_rest', 'maitred_job']) r;

-- how far it had heard ------------------------------------------------------------------------------
select is(pg_temp.past('s1'), '{"told": null, "heard": null, "ended": false}', 'nothing is known of one that was not renewed');
select is(pg_temp.past('s2', 0, 'bistro', 'viewer'), '{"told": "t2", "heard": "h2", "ended": false}', 'what it was told, and up to where nothing else concerned it');
update maitred.socket_session set renewed_at = now() - interval '1 day' where session = 's2';
select api.socket_renew('{s2}', '{null}', '{null}') \g /dev/null
select is(pg_temp.past('s2', 0, 'bistro', 'viewer'), '{"told": "t2", "heard": "h2", "ended": false}', '... stays, when nothing is known later');
select is(pg_temp.past('s2'), '{"told": null, "heard": null, "ended": false}', '... and is its owner''s alone');

-- left for good -------------------------------------------------------------------------------------
select pg_temp.finish('s1', 'bistro', 'manager'), pg_temp.finish('s1', 'other') \g /dev/null
select is(pg_temp.rooms(), '{"all": false, "floors": [1, 2]}', 'nobody else can end it');
select is(pg_temp.finish(), '{}', 'it is ended');
select is(pg_temp.row_of(), null, '... and its row goes');
create function pg_temp.head() returns bigint language sql volatile as $$ select seq from feed.counter where venue = pg_temp.venue('bistro') $$;
select is(pg_temp.past('s1', pg_temp.head()) -> 'ended', 'true', 'who says it again is told so');
select is(pg_temp.past('s1', pg_temp.head() + 1) -> 'ended', 'false', 'one that began later was not ended');
select is(pg_temp.past('s1', 0, 'bistro', 'viewer') -> 'ended', 'false', '... nor another account''s');
select pg_temp.join(1) \g /dev/null
select is(pg_temp.past('s1') -> 'ended', 'false', '... nor one that has rooms');
insert into maitred.dining_table (venue, number, label, floor, capacity) values (pg_temp.venue('bistro'), 77, 'E-1', 1, 2);
set constraints all immediate;
select pg_temp.finish() \g /dev/null
select is((select seq from maitred.socket_leaver where venue = pg_temp.venue('bistro') and owner = (pg_temp.caller('bistro', 'waiter')).account), pg_temp.head(), 'the last end counts');
select ok(not has_function_privilege(r, 'api.socket_end(api.caller, text)', 'execute'), r || ' can''t end any') from unnest(array['maitred_rest', 'maitred_job']) r;
select * from finish();
rollback;
