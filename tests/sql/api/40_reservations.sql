-- Taking, reading, changing, seating and ending reservations: answers, refusals, masks, venues.
begin;
\ir fixture.psql
select plan(89);

-- One row to copy arguments from, so that each test names only what it is about.
create function pg_temp.make(more jsonb default '{}', slug text default 'bistro', role text default 'admin')
returns api.answer language sql volatile
as $$ select api.reservation_create(pg_temp.caller($2, $3), coalesce($1 ->> 'name', 'John Smith'),
          coalesce(($1 ->> 'at')::timestamptz, pg_temp.hour($2, 1, 15)), coalesce(($1 ->> 'size')::bigint, 4),
          $1 ->> 'source', $1 ->> 'phone', $1 ->> 'email', $1 ->> 'wish', ($1 ->> 'table')::bigint,
          ($1 ->> 'minutes')::bigint, ($1 ->> 'prepaid')::boolean, ($1 ->> 'due')::numeric, $1 ->> 'status') $$;
create function pg_temp.change(id bigint, more jsonb, slug text default 'bistro', role text default 'admin')
returns api.answer language sql volatile
as $$ select api.reservation_update(pg_temp.caller($3, $4), $1, $2 ->> 'name', ($2 ->> 'at')::timestamptz,
          ($2 ->> 'size')::bigint, $2 ->> 'source', $2 ->> 'phone', $2 ->> 'email', $2 ->> 'wish',
          ($2 ->> 'table')::bigint, ($2 ->> 'minutes')::bigint, ($2 ->> 'prepaid')::boolean,
          ($2 ->> 'due')::numeric, $2 ->> 'status', ($2 ->> 'version')::bigint) $$;
create function pg_temp.no(a api.answer) returns bigint language sql immutable
as $$ select substr($1.body::jsonb ->> 'id', 4)::bigint $$;
create function pg_temp.get(id bigint, slug text default 'bistro', role text default 'admin') returns jsonb
language sql stable as $$ select pg_temp.body(api.reservation_get(pg_temp.caller($2, $3), $1)) $$;
create function pg_temp.refused(call text, more text) returns text language sql volatile
as $$ select pg_temp.says(format('select pg_temp.%s(%s)', $1, $2)) $$;
create temp table made (k text primary key, id bigint, a api.answer);
grant all on made to public;
create function pg_temp.id(k text) returns bigint language sql stable as $$ select id from made where made.k = $1 $$;
create function pg_temp.keep(k text, a api.answer) returns void language sql volatile
as $$ insert into made values ($1, pg_temp.no($2), $2) $$;
create function pg_temp.last_event(slug text default 'bistro') returns feed.log language sql stable
as $$ select l from feed.log l where venue = pg_temp.venue($1) order by seq desc limit 1 $$;

-- create ----------------------------------------------------------------------------------------
do $$ begin perform pg_temp.keep('smith', pg_temp.make(jsonb_build_object('phone', '+49 30 123-45', 'email', 'john@example.com',
    'source', 'phone', 'wish', 'window', 'table', pg_temp.tab('bistro', 1), 'prepaid', true, 'due', 12.5))); end $$;
select is((select (a).status from made where k = 'smith'), 201, 'created');
select is((select (a).location from made where k = 'smith'), '/api/restaurant/reservations/res' || pg_temp.id('smith'), 'where it is');
select is((select (a).body::jsonb - 'createdAt' - 'updatedAt' - 'customerId' from made where k = 'smith'), jsonb_build_object(
    'id', 'res' || pg_temp.id('smith'), 'customerName', 'John Smith', 'customerInitials', 'JS',
    'date', maitred.iso(pg_temp.hour('bistro', 1, 15)), 'time', '7:00 PM', 'guests', 4, 'partySize', 4,
    'status', 'pending', 'statusText', 'Pending', 'specialRequests', 'window', 'contactNumber', '+49 30 123-45',
    'email', 'john@example.com', 'tableId', pg_temp.tab('bistro', 1), 'durationMinutes', 120, 'source', 'phone',
    'prepaid', true, 'amountDue', 12.5, 'version', 1, 'payments', '[]'::jsonb), 'the canonical document');
select is((select (a).position from made where k = 'smith'), feed.position(pg_temp.venue('bistro')), 'at the position of its event');
select is((pg_temp.last_event()).type || ' ' || (pg_temp.last_event()).actor, 'reservation.created admin', 'an event says who');
select is((pg_temp.last_event()).data -> 'new', pg_temp.get(pg_temp.id('smith')), 'an event and a GET agree');
select is((select (name, phone, email)::text from maitred.customer where venue = pg_temp.venue('bistro')),
    '("John Smith",+493012345,john@example.com)', 'a customer is made of the number');
do $$ begin perform pg_temp.keep('again', pg_temp.make(jsonb_build_object('name', 'J. Smith', 'phone', '+49 (30) 12345', 'at', pg_temp.hour('bistro', 2, 15)))); end $$;
select is(pg_temp.get(pg_temp.id('again')) -> 'customerId', pg_temp.get(pg_temp.id('smith')) -> 'customerId', 'the same number is the same customer');
select is((select name from maitred.customer where venue = pg_temp.venue('bistro')), 'John Smith', '... who keeps the first name');
do $$ begin perform pg_temp.keep('plain', pg_temp.make('{"status": "confirmed", "name": "Eve"}')); end $$;
select is(pg_temp.get(pg_temp.id('plain')) ->> 'status', 'confirmed', 'a new one may be confirmed');
select is(pg_temp.get(pg_temp.id('plain')) ->> 'source', 'website', 'the source is the website where none is said');
select is(pg_temp.get(pg_temp.id('plain')) ->> 'customerId', null, 'without a number nobody is known');
select is(pg_temp.refused('make', $$'{"status": "seated"}'$$), 'MD422 invalid_field status', 'a new one is not seated');
select is(pg_temp.refused('make', format($$jsonb_build_object('table', %s)$$, pg_temp.tab('other', 1))), 'MD404 table_not_found tableId', 'another venue''s table');
select is(pg_temp.refused('make', $$'{"table": 0}'$$), 'MD404 table_not_found tableId', 'no table at all answers alike');
update maitred.dining_table set active = false where id = pg_temp.tab('bistro', 4);
select is(pg_temp.refused('make', (select format($$jsonb_build_object('table', %s)$$, id) from maitred.dining_table where venue = pg_temp.venue('bistro') and number = 4)),
    'MD409 table_deleted tableId', 'a deleted table');
create function pg_temp.meaning(call text, more text) returns text language plpgsql
as $$ declare broken text; begin
    execute format('select pg_temp.%s(%s)', call, more); return 'nothing was refused';
exception when integrity_constraint_violation then
    get stacked diagnostics broken = constraint_name;
    return (select status || ' ' || code || ' ' || coalesce(field, '') from maitred.constraint_error where constraint_name = broken);
end $$;
select is(pg_temp.meaning('make', format($$jsonb_build_object('table', %s, 'at', %L)$$, pg_temp.tab('bistro', 1), pg_temp.hour('bistro', 1, 16.99))),
    '409 table_not_available tableId', 'a table that is taken at that time');
select lives_ok(format($$select pg_temp.make(jsonb_build_object('table', %s, 'at', %L, 'minutes', 60))$$, pg_temp.tab('bistro', 1), pg_temp.hour('bistro', 1, 17)),
    'from the minute it is free again, it can be had');
select is(pg_temp.meaning('make', $$'{"size": 101}'$$), '422 invalid_field partySize', 'too large a party');
select is(pg_temp.meaning('make', $$'{"minutes": 14}'$$), '422 invalid_field durationMinutes', 'too short a time');
select is(pg_temp.meaning('make', $$'{"phone": "call me"}'$$), '422 invalid_field contactNumber', 'a number that is none');
select is(pg_temp.meaning('make', $$'{"email": "nobody"}'$$), '422 invalid_field email', 'an address that is none');
select is(pg_temp.meaning('make', $$'{"source": "pigeon"}'$$), '422 invalid_field source', 'an unknown source');
select is(pg_temp.meaning('make', $$'{"due": -1}'$$), '422 invalid_field amountDue', 'less than nothing');
select is(pg_temp.meaning('make', $$'{"at": "infinity"}'$$), '422 invalid_field date', 'no moment');
select is(pg_temp.meaning('make', format('jsonb_build_object(''name'', %L)', repeat('x', 101))), '422 invalid_field customerName', 'too long a name');
select is(pg_temp.says($$select api.reservation_create('(0,1,x,admin,,,f)', 'A', now(), 1, null, null, null, null, null, null, null, null, null)$$),
    'MD404 not_found', 'a venue that is not there');

-- get -------------------------------------------------------------------------------------------
select is((api.reservation_get(pg_temp.caller('bistro', 'waiter'), pg_temp.id('smith'))).status, 200, 'one reservation');
select is(pg_temp.get(pg_temp.id('smith'), 'bistro', 'viewer') - '{id,date,time,status,statusText,guests,partySize,tableId,source,prepaid,amountDue,durationMinutes,version,createdAt,updatedAt,payments}'::text[],
    '{"customerName": "J. S.", "customerInitials": "JS", "contactNumber": "+** ** ***-45", "email": "j***@***.com", "specialRequests": null, "customerId": null}',
    'a viewer sees neither name nor number');
select is(pg_temp.says(format('select pg_temp.get(%s, ''other'')', pg_temp.id('smith'))), 'MD404 not_found', 'another venue''s reservation does not exist');
select is(pg_temp.says('select pg_temp.get(0)'), 'MD404 not_found', 'nor does none');

-- list ------------------------------------------------------------------------------------------
do $$
begin
    perform pg_temp.make(jsonb_build_object('at', pg_temp.hour('bistro', n, 12), 'name', 'Day ' || n)) from generate_series(-3, 3) n where n <> 0;
    perform pg_temp.make(jsonb_build_object('at', pg_temp.hour('bistro', 0, 0), 'name', 'First today'));
    perform pg_temp.make(jsonb_build_object('at', pg_temp.hour('bistro', 1, 0) - interval '1 second', 'name', 'Last today'));
end $$;
create function pg_temp.names(status text[], day date, page bigint, lim bigint, slug text default 'bistro', role text default 'admin')
returns text language sql stable
as $$ select coalesce(string_agg(r ->> 'customerName', ', ' order by n), '') || ' of ' || (select total from api.reservation_list(pg_temp.caller($5, $6), $1, $2, $3, $4))
      from jsonb_array_elements((select body::jsonb from api.reservation_list(pg_temp.caller($5, $6), $1, $2, $3, $4))) with ordinality x (r, n) $$;
create function pg_temp.day(n int) returns date language sql stable as $$ select maitred.today(pg_temp.venue('bistro')) + $1 $$;
select is(pg_temp.names(null, pg_temp.day(0), 1, 50), 'First today, Last today of 2', 'a business day, by time');
select is((api.reservation_list(pg_temp.caller('bistro', 'admin'), null, pg_temp.day(2), 1, 50)).body::jsonb -> 1,
    pg_temp.get(pg_temp.id('again')), 'an item of a list is the reservation that a GET gives');
select is(pg_temp.names(null, pg_temp.day(-2), 1, 50), 'Day -2 of 1', 'a day of the past');
select is(pg_temp.names(null, pg_temp.day(-9), 1, 50), ' of 0', 'a day of nothing');
select is(pg_temp.names(null, null, 1, 5), 'First today, Last today, Day 1, John Smith, Eve of 12', 'without a day: today first, and on');
select is(pg_temp.names(null, null, 2, 5), 'John Smith, Day 2, J. Smith, Day 3, Day -1 of 12', '... then the past, backwards');
select is(pg_temp.names(null, null, 3, 5), 'Day -2, Day -3 of 12', '... to its end');
select is(pg_temp.names(null, null, 4, 5), ' of 12', '... and no further');
select is(pg_temp.names('{confirmed}', null, 1, 50), 'Eve of 1', 'of a status');
select is(pg_temp.names('{confirmed,pending}', pg_temp.day(1), 1, 50), 'Day 1, John Smith, Eve, John Smith of 4', 'of several, and a day');
select is(pg_temp.names('{}', pg_temp.day(0), null, null), 'First today, Last today of 2', 'an empty list of them is none');
select is(pg_temp.names(null, null, 1, 50, 'other'), ' of 0', 'nothing of it elsewhere');
select is(pg_temp.names(null, pg_temp.day(0), 1, 50, 'bistro', 'viewer'), 'F. T., L. T. of 2', 'masked for a viewer');
select is(pg_temp.says($$select pg_temp.names(null, null, 0, 50)$$), 'MD422 invalid_field page', 'page 0');
select is(pg_temp.says($$select pg_temp.names(null, null, 1, 201)$$), 'MD422 invalid_field limit', 'too many at once');

-- update ----------------------------------------------------------------------------------------
select is(pg_temp.body(pg_temp.change(pg_temp.id('smith'), '{"size": 6, "wish": "quiet", "version": 1}')) - 'updatedAt',
    (select (a).body::jsonb - 'updatedAt' || '{"guests": 6, "partySize": 6, "specialRequests": "quiet", "version": 2}' from made where k = 'smith'),
    'what is named changes, the rest stays');
select is((pg_temp.last_event()).data -> 'old', (select '{"guests": 4, "partySize": 4, "specialRequests": "window", "version": 1}'::jsonb
    || jsonb_build_object('updatedAt', (a).body::jsonb -> 'updatedAt') from made where k = 'smith'), 'the event has the old values of just these');
select is(pg_temp.refused('change', pg_temp.id('smith') || $$, '{"size": 7, "version": 1}'$$), 'MD409 version_conflict version', 'an older version is refused');
select is((select state -> 'partySize' from pg_temp.refusal(format($$select pg_temp.change(%s, '{"size": 7, "version": 1}')$$, pg_temp.id('smith')))), '6',
    '... with the current reservation');
select is(pg_temp.body(pg_temp.change(pg_temp.id('smith'), '{}')) -> 'version', '2', 'a change of nothing is none');
select is(pg_temp.body(pg_temp.change(pg_temp.id('smith'), '{"status": "confirmed"}')) ->> 'status', 'confirmed', 'a step of status');
select is(pg_temp.refused('change', pg_temp.id('smith') || $$, '{"status": "pending"}'$$), 'MD409 invalid_transition status', 'a step that is not allowed');
select is((select state from pg_temp.refusal(format($$select pg_temp.change(%s, '{"status": "pending"}')$$, pg_temp.id('smith')))),
    '{"from": "confirmed", "to": "pending", "allowed": ["cancelled", "no_show", "seated"]}', '... says which are');
select is(pg_temp.refused('change', pg_temp.id('smith') || ', ' || quote_literal(jsonb_build_object('table', pg_temp.tab('other', 1)))), 'MD404 table_not_found tableId', 'another venue''s table');
select is(pg_temp.meaning('change', pg_temp.id('plain') || ', ' || quote_literal(jsonb_build_object('table', pg_temp.tab('bistro', 1)))),
    '409 table_not_available tableId', 'a table that is taken');
select is(pg_temp.refused('change', pg_temp.id('smith') || $$, '{"size": 7}', 'other'$$), 'MD404 not_found', 'another venue''s reservation does not exist');
select is(pg_temp.body(pg_temp.change(pg_temp.id('smith'), '{"phone": "555-0100"}')) ->> 'contactNumber', '555-0100', 'another number');
select is((select c.phone from maitred.customer c join maitred.reservation r on r.customer_id = c.id and r.venue = c.venue where r.id = pg_temp.id('smith')),
    '5550100', '... is another customer');
update maitred.reservation set upcoming_sent_at = clock_timestamp() where id = pg_temp.id('smith');
do $$ begin perform pg_temp.change(pg_temp.id('smith'), jsonb_build_object('minutes', 90)); end $$;
select isnt((select upcoming_sent_at from maitred.reservation where id = pg_temp.id('smith')), null, 'announced is announced');
do $$ begin perform pg_temp.change(pg_temp.id('smith'), jsonb_build_object('at', pg_temp.hour('bistro', 2, 18), 'table', pg_temp.tab('bistro', 2))); end $$;
select is((select upcoming_sent_at from maitred.reservation where id = pg_temp.id('smith')), null, '... unless it is moved to a later time');

-- seat ------------------------------------------------------------------------------------------
create function pg_temp.seat(id bigint, tab bigint default null, guests bigint default null, role text default 'waiter', slug text default 'bistro')
returns api.answer language sql volatile as $$ select api.reservation_seat(pg_temp.caller($5, $4), $1, $2, $3) $$;
select is(pg_temp.refused('seat', pg_temp.id('plain')::text), 'MD422 missing_field tableId', 'no table, none said');
select is(pg_temp.refused('seat', pg_temp.id('plain') || ', ' || pg_temp.tab('other', 1)), 'MD404 table_not_found tableId', 'another venue''s table');
select is(pg_temp.refused('seat', pg_temp.id('plain') || ', null, null, ''admin'', ''other'''), 'MD404 not_found', 'another venue''s reservation');
update maitred.dining_table set status = 'maintenance' where id = pg_temp.tab('bistro', 3);
select is(pg_temp.refused('seat', pg_temp.id('plain') || ', ' || pg_temp.tab('bistro', 3)), 'MD409 table_in_maintenance tableId', 'a table in maintenance');
do $$ begin perform pg_temp.keep('seated', pg_temp.seat(pg_temp.id('smith'), null, 5)); end $$;
select is((select (a).body::jsonb ->> 'status' from made where k = 'seated'), 'seated', 'seated at the table that was kept');
select is((select (guest_count, waiter_id, state)::text from maitred.table_session where table_id = pg_temp.tab('bistro', 2)),
    format('(5,%s,open)', pg_temp.account('bistro', 'waiter')), 'the table has a session of those who came, and the waiter who seated them');
select is((select status from maitred.dining_table where id = pg_temp.tab('bistro', 2)), 'occupied', '... and is occupied');
select is((select array_agg(type order by type) from feed.log where venue = pg_temp.venue('bistro') and seq > (pg_temp.last_event()).seq - 2),
    array['reservation.updated', 'table.updated'], 'one event of each');
select is(pg_temp.refused('seat', pg_temp.id('smith')::text), 'MD409 invalid_transition status', 'who sits, sits');
select is(pg_temp.refused('seat', pg_temp.id('plain') || ', ' || pg_temp.tab('bistro', 2)), 'MD409 table_occupied tableId', 'an occupied table');
select is((select state #>> '{session,guests_count}' from pg_temp.refusal(format('select pg_temp.seat(%s, %s)', pg_temp.id('plain'), pg_temp.tab('bistro', 2)))),
    '5', '... says by whom');
update maitred.dining_table set status = 'available' where id = pg_temp.tab('bistro', 3);
update maitred.dining_table set status = 'reserved' where id = pg_temp.tab('bistro', 3);
select is(pg_temp.body(pg_temp.change(pg_temp.id('plain'), jsonb_build_object('status', 'seated', 'table', pg_temp.tab('bistro', 3)))) ->> 'tableId',
    pg_temp.tab('bistro', 3)::text, 'a change to seated is a seating, and ties the table');
select is((select (guest_count, waiter_id)::text from maitred.table_session where table_id = pg_temp.tab('bistro', 3)), '(4,)',
    '... of the whole party; who is no waiter does not serve');
set constraints all immediate;
select pass('table and session agree');

-- cancel, no-show ---------------------------------------------------------------------------------
create function pg_temp.cancel(id bigint, reason text default null, slug text default 'bistro')
returns api.answer language sql volatile as $$ select api.reservation_cancel(pg_temp.caller($3, 'frontdesk'), $1, $2) $$;
create function pg_temp.no_show(id bigint, slug text default 'bistro')
returns api.answer language sql volatile as $$ select api.reservation_no_show(pg_temp.caller($2, 'frontdesk'), $1) $$;
select is(pg_temp.body(pg_temp.cancel(pg_temp.id('again'), 'ill')) ->> 'status', 'cancelled', 'cancelled');
select is((select (actor, old_status, new_status, note)::text from maitred.status_history where kind = 'reservation'
    and entity_id = pg_temp.id('again')), '(frontdesk,pending,cancelled,ill)', '... the history says by whom and why');
select is(pg_temp.refused('cancel', pg_temp.id('again')::text), 'MD409 invalid_transition status', 'once');
select is(pg_temp.refused('change', pg_temp.id('again') || $$, '{"size": 2}'$$), 'MD409 reservation_closed', 'what is over keeps its facts');
select is(pg_temp.refused('no_show', pg_temp.id('again')::text), 'MD409 invalid_transition status', 'who cancelled can not fail to come');
select is(pg_temp.refused('cancel', pg_temp.id('smith')::text), 'MD409 invalid_transition status', 'who sits can not cancel');
select is(pg_temp.refused('cancel', pg_temp.id('smith') || ', null, ''other'''), 'MD404 not_found', 'another venue''s');
select is(pg_temp.refused('no_show', pg_temp.id('smith') || ', ''other'''), 'MD404 not_found', 'another venue''s');
do $$ begin perform pg_temp.keep('late', pg_temp.make(jsonb_build_object('table', pg_temp.tab('bistro', 1), 'at', pg_temp.hour('bistro', 3, 15)))); end $$;
select is(pg_temp.body(pg_temp.no_show(pg_temp.id('late'))) ->> 'statusText', 'No Show', 'they did not come');
select is((select note from maitred.status_history where kind = 'reservation' and entity_id = pg_temp.id('late')), null, 'a reason is not carried over');
select lives_ok(format($$select pg_temp.make(jsonb_build_object('table', %s, 'at', %L))$$, pg_temp.tab('bistro', 1), pg_temp.hour('bistro', 3, 15)),
    'their table can be had');
select is(pg_temp.meaning('seat', pg_temp.id('late')::text), '409 table_not_available tableId', 'late after all: the table has gone to others');
select is((select count(distinct position)::int from (select (a).position from made) p), (select count(*)::int from made), 'each write has a position of its own');
select is((select count(*)::int from feed.log where venue = pg_temp.venue('other') and area = 'reservations'), 0, 'and none of it is told elsewhere');
select * from finish();
rollback;
