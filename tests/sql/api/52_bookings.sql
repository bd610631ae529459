-- A hotel's types, rooms and bookings: what the functions refuse, what the tables hold whoever writes
-- (psql too), what is told, and that one hotel does not see another's.
begin;
\ir fixture.psql
select plan(56);
insert into maitred.venue (slug, kind, name, timezone) values ('t-plaza', 'hotel', 'Plaza', 'UTC');
insert into maitred.account (venue, username, display_name, role) values (pg_temp.venue('plaza'), 'admin', 'Admin', 'admin');
insert into maitred.room_type (venue, name, base_price) values
    (pg_temp.venue('grand'), 'Double', 10000), (pg_temp.venue('grand'), 'Suite', 25000), (pg_temp.venue('plaza'), 'Double', 9000);
create function pg_temp.type(slug text, name text) returns bigint language sql stable
as $$ select id from maitred.room_type where venue = pg_temp.venue($1) and room_type.name = $2 $$;
insert into maitred.room (venue, room_type_id, number) values
    (pg_temp.venue('grand'), pg_temp.type('grand', 'Double'), '101'), (pg_temp.venue('grand'), pg_temp.type('grand', 'Double'), '102'),
    (pg_temp.venue('grand'), pg_temp.type('grand', 'Suite'), '201'), (pg_temp.venue('plaza'), pg_temp.type('plaza', 'Double'), '101');
select pg_temp.caller('grand', 'admin') as me, pg_temp.caller('plaza', 'admin') as them, pg_temp.type('grand', 'Double') as double,
    pg_temp.type('grand', 'Suite') as suite, maitred.today(pg_temp.venue('grand')) as today \gset
create function pg_temp.room(number text, slug text default 'grand') returns bigint language sql stable
as $$ select id from maitred.room where venue = pg_temp.venue($2) and room.number = $1 $$;
create function pg_temp.book(from_day int, to_day int, more jsonb default '{}') returns bigint language sql volatile
as $$ select substr(pg_temp.body(api.booking_create(pg_temp.caller('grand', 'admin'), coalesce($3 ->> 'name', 'Grace Hopper'),
        coalesce(($3 ->> 'type')::bigint, pg_temp.type('grand', 'Double')), ($3 ->> 'room')::bigint,
        maitred.today(pg_temp.venue('grand')) + $1, maitred.today(pg_temp.venue('grand')) + $2, 2, null, null, null,
        ($3 ->> 'total')::numeric, null, $3 ->> 'phone', null, null, $3 ->> 'status')) ->> 'id', 4)::bigint $$;
create function pg_temp.no(from_day int, to_day int, more jsonb default '{}') returns text language sql volatile
as $$ select pg_temp.says(format('select pg_temp.book(%s, %s, %L)', $1, $2, $3)) $$;
create function pg_temp.b(id bigint) returns jsonb language sql stable as $$ select maitred.booking_json(pg_temp.venue('grand'), $1) $$;
create function pg_temp.violates(statement text) returns text language plpgsql as $$
declare broken text; message text;
begin
    execute statement;
    return 'none';
exception when others then
    get stacked diagnostics broken = constraint_name, message = message_text;
    return coalesce(nullif(broken, ''), message);
end $$;
create function pg_temp.event() returns feed.log language sql stable
as $$ select l from feed.log l where venue = pg_temp.venue('grand') order by seq desc limit 1 $$;

-- taking ------------------------------------------------------------------------------------------
select pg_temp.book(0, 3, '{"name": "Ada Byron", "phone": "+43 1 234"}') as ada \gset
select is(pg_temp.b(:ada) @> '{"guestName": "Ada Byron", "nights": 3, "totalAmount": 300, "nightlyRate": 100, "status": "pending", "roomId": null}', true, 'the rate of all nights');
select is((pg_temp.event()).type || ' ' || (pg_temp.event()).actor, 'booking.created admin', 'told');
select is((select c.name from maitred.customer c where c.id = (pg_temp.b(:ada) ->> 'customerId')::bigint and c.phone like '%234'), 'Ada Byron', 'a customer is known by the number');
select pg_temp.book(0, 1, '{"total": 77.5, "status": "confirmed"}') as grace \gset
select is(pg_temp.b(:grace) ->> 'totalAmount', '77.5', 'a total that is named');
select is(pg_temp.no(0, 1), 'MD409 room_type_sold_out roomTypeId', 'never beyond the rooms');
select is(pg_temp.no(1, 2, '{"status": "checked_in"}'), 'MD422 invalid_field status', 'nobody arrives by being written down');
select is(pg_temp.no(2, 2), 'MD422 invalid_field checkOut', 'a stay has a night');
select is(pg_temp.no(0, 401), 'MD422 invalid_field checkOut', '... and no more than 400');
select is(pg_temp.says(format('select api.booking_get(%L::api.caller, %s)', :'them', :ada)), 'MD404 not_found', 'another hotel''s');
select is(pg_temp.says(format('select api.room_update(%L::api.caller, %s, ''dirty'', null, null, null, null, null, null)', :'them', pg_temp.room('101'))), 'MD404 not_found', 'another hotel''s room');
select is(maitred.mask('booking', pg_temp.b(:ada)) @> '{"guestName": "A. B.", "contactNumber": "+** * *34"}', true, 'masked');

-- changing ----------------------------------------------------------------------------------------
create function pg_temp.change(id bigint, more jsonb) returns jsonb language sql volatile
as $$ select pg_temp.body(api.booking_update(pg_temp.caller('grand', 'admin'), $1, $2 ->> 'name', ($2 ->> 'type')::bigint,
        ($2 ->> 'room')::bigint, ($2 ->> 'release')::boolean, maitred.today(pg_temp.venue('grand')) + ($2 ->> 'from')::int,
        maitred.today(pg_temp.venue('grand')) + ($2 ->> 'to')::int, ($2 ->> 'guests')::bigint, null, null, ($2 ->> 'rate')::numeric, null, null,
        null, null, null, $2 ->> 'status', ($2 ->> 'dirty')::boolean, ($2 ->> 'version')::bigint)) $$;
create function pg_temp.change_no(id bigint, more jsonb) returns text language sql volatile
as $$ select pg_temp.says(format('select pg_temp.change(%s, %L)', $1, $2)) $$;
select is(pg_temp.change(:ada, '{"rate": 110}') @> '{"totalAmount": 330, "version": 2}', true, 'another rate, another total');
select is(pg_temp.change(:ada, jsonb_build_object('room', pg_temp.room('101'))) ->> 'room', '101', 'a room');
select is(pg_temp.change_no(:grace, jsonb_build_object('room', pg_temp.room('101'))), '23P01 conflicting key value violates exclusion constraint "booking_room_free"', 'not the same room for two (its words: maitred.constraint_error)');
select is((select code || ' ' || field from maitred.constraint_error where constraint_name = 'booking_room_free'), 'room_not_available roomId', '... which the answer says so');
select is(pg_temp.change_no(:ada, jsonb_build_object('room', pg_temp.room('201'))), 'MD422 room_of_other_type roomId', 'nor one of another type');
select is(pg_temp.change(:ada, jsonb_build_object('type', :suite, 'room', pg_temp.room('201'))) @> '{"roomType": "Suite", "room": "201"}', true, 'unless the type changes too');
select is(pg_temp.change(:ada, jsonb_build_object('type', :double)) @> '{"roomType": "Double", "room": null}', true, 'another type, no room yet');
select is(pg_temp.change_no(:ada, '{"version": 1}'), 'MD409 version_conflict version', 'an old version');
select is(pg_temp.change_no(:ada, '{"status": "checked_out"}'), 'MD409 invalid_transition status', 'a step that there is not');

-- the stay ----------------------------------------------------------------------------------------
update maitred.room set housekeeping = 'inspected' where id = pg_temp.room('102');
select is(pg_temp.body(api.booking_check_in(:'me', :ada, null, null, null)) ->> 'room', '102', 'an inspected room first');
select is((pg_temp.event()).data #>> '{old,status}', 'pending', 'told with what it was');
select is(pg_temp.change(:ada, jsonb_build_object('room', pg_temp.room('101'))) ->> 'room', '101', 'the guest moves');
select is((select housekeeping from maitred.room where id = pg_temp.room('102')), 'dirty', '... and leaves the room dirty');
select is(pg_temp.says(format('select api.booking_check_in(%L::api.caller, %s, null, null, null)', :'me', :grace)), 'MD409 no_room_ready roomId', 'the only other room is dirty');
select is(pg_temp.change_no(:ada, '{"release": true}'), 'MD409 booking_checked_in roomId', 'a guest in the house is never without a room');
update maitred.room set out_of_order = true where id = pg_temp.room('102');
select is(pg_temp.says(format('select api.booking_check_in(%L::api.caller, %s, %s, true, null)', :'me', :grace, pg_temp.room('102'))), 'MD409 room_out_of_order roomId', 'out of order is out of order');
update maitred.room set out_of_order = false where id = pg_temp.room('102');
select is(pg_temp.body(api.booking_check_in(:'me', :grace, pg_temp.room('102'), true, null)) ->> 'status', 'checked_in', 'dirty, where the desk says so');
update maitred.booking set status = 'checked_out' where id = :ada;
select is((select housekeeping from maitred.room where id = pg_temp.room('101')), 'dirty', 'by psql too: who leaves leaves it dirty');
select is(pg_temp.change_no(:ada, '{"name": "Somebody"}'), 'MD409 booking_closed', 'what is over keeps its facts');
select is(pg_temp.says(format('select api.booking_cancel(%L::api.caller, %s, ''x'', null)', :'me', :grace)), 'MD409 invalid_transition status', 'nobody who is here is cancelled');
select pg_temp.book(1, 2) as late \gset
select is(pg_temp.body(api.booking_cancel(:'me', :late, 'ill', null)) ->> 'status', 'cancelled', 'cancelled');
select is((select note from maitred.status_history where venue = pg_temp.venue('grand') and entity_id = :late and new_status = 'cancelled'), 'ill', '... with the reason');

-- payments ----------------------------------------------------------------------------------------
create function pg_temp.pay(id bigint, amount numeric, method text default 'cash', status text default null, version bigint default null) returns jsonb
language sql volatile as $$ select pg_temp.body(api.booking_pay(pg_temp.caller('grand', 'frontdesk'), $1, $2, $3, $4, $5)) $$;
create function pg_temp.pay_no(id bigint, amount numeric, method text default 'cash', version bigint default null) returns text language sql volatile
as $$ select pg_temp.says(format('select pg_temp.pay(%s, %L, %L, null, %L)', $1, $2, $3, $4)) $$;
create function pg_temp.later(id bigint, n int, status text) returns jsonb language sql volatile
as $$ select pg_temp.body(api.booking_payment(pg_temp.caller('grand', 'frontdesk'), $1, (pg_temp.b($1) #>> array['payments', $2::text, 'id'])::bigint, $3, null)) $$;
select (pg_temp.b(:grace) ->> 'version')::bigint as seen \gset
select is(pg_temp.pay(:grace, 20, 'card') - 'payments' @> jsonb_build_object('paymentStatus', 'partial', 'version', :seen + 1), true, 'a deposit: paid in part, and a version of its own');
select is((pg_temp.event()).type || ' ' || ((pg_temp.event()).data #>> '{old,paymentStatus}'), 'booking.updated pending', 'told with what it was');
select is(pg_temp.pay(:grace, 7.5, 'card', 'pending') ->> 'paymentStatus', 'partial', 'a pending one is none yet');
select is(pg_temp.pay_no(:grace, 1, 'cash', :seen), 'MD409 version_conflict version', 'an old version');
select is(pg_temp.says(format('select pg_temp.later(%s, 1, ''refunded'')', :grace)), 'MD409 invalid_transition status', 'what has not come in is not given back');
select is(pg_temp.later(:grace, 1, 'failed') #>> '{payments,1,status}', 'failed', 'it fails');
select is(pg_temp.pay(:grace, null) @> '{"paymentStatus": "paid", "payments": [{}, {}, {"amount": 57.5, "method": "cash"}]}', true, 'without an amount, what is due');
select is(pg_temp.pay_no(:grace, 1), 'MD409 booking_paid', 'and no more');
select is(pg_temp.later(:grace, 2, 'refunded') ->> 'paymentStatus', 'partial', 'given back');
select is(pg_temp.pay_no(:late, 1), 'MD409 booking_closed', 'what is cancelled is not paid');
select is(pg_temp.pay(:ada, null, 'transfer') ->> 'paymentStatus', 'paid', 'after the stay, by transfer');
select is(split_part(pg_temp.pay_no(:grace, 1, 'BAD'), ' ', 1), '23514', 'a method is a word');
select is(pg_temp.says(format('select api.booking_pay(%L::api.caller, %s, 1, ''cash'', null, null)', :'them', :grace)), 'MD404 not_found', 'another hotel''s');
select is(pg_temp.says(format('select api.booking_payment(%L::api.caller, %s, 0, ''failed'', null)', :'me', :grace)), 'MD404 not_found', 'no such payment');
select pg_temp.book(3, 4) as told \gset
update maitred.booking set payment_status = 'paid' where id = :told;
select is(pg_temp.pay_no(:told, 1), 'MD409 booking_paid', 'what another system says is paid');

-- types and rooms ---------------------------------------------------------------------------------
select is(pg_temp.says(format('select api.room_type_delete(%L::api.caller, %s)', :'me', :double)), 'MD409 room_type_in_use', 'a type with rooms stays');
select is(pg_temp.violates(format('update maitred.room_type set active = false where id = %s', :suite)), 'room_type_in_use', '... by psql too');
select is(pg_temp.says(format('select api.room_delete(%L::api.caller, %s, null)', :'me', pg_temp.room('101'))), 'MD409 room_in_use', 'a room that was booked is history');
select is((api.room_delete(:'me', pg_temp.room('201'), null)).status, 204, 'one that never was goes');
select is((api.room_type_delete(:'me', :suite)).status, 204, '... and then its type');
select is(pg_temp.violates(format('insert into maitred.room (venue, room_type_id, number) values (%s, %s, ''202'')', pg_temp.venue('grand'), :suite)), 'room_type_deleted', 'a deleted type gets no rooms');
select is(pg_temp.no(0, 1, jsonb_build_object('type', :suite)), 'MD404 room_type_not_found roomTypeId', '... and no bookings');
select is(pg_temp.says(format('select api.room_create(%L::api.caller, ''1'', 1, null, null, null, null)', pg_temp.caller('bistro', 'admin'))), 'MD409 not_a_hotel', 'a restaurant has no rooms');
select * from finish();
rollback;
