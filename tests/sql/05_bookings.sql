-- Reservations and bookings: exclusion, inventory of room types, allowance, rooms that go away.
begin;
set local search_path = public, pg_catalog;
select plan(47);
select t.restaurant('resto') as v \gset
select t.hotel('inn') as h \gset
select t.tab(:v, 1) as t1 \gset
select t.type_id(:h, 'Double') as d, t.type_id(:h, 'Suite') as su, t.room_id(:h, '101') as r1, t.room_id(:h, '102') as r2 \gset

create function pg_temp.reserve(v bigint, tab bigint, at text, status text default 'pending', minutes int default 120)
returns text language sql as $$ select t.violates(format(
    'insert into maitred.reservation (venue, customer_name, party_size, starts_at, duration_minutes, table_id, status)
     values (%s, ''Ann Lee'', 2, %L, %s, %s, %L)', v, at, minutes, tab, status)) $$;
create function pg_temp.book(h bigint, type bigint, c_in text, c_out text, room bigint default null, status text default 'confirmed')
returns text language sql as $$ select t.violates(format(
    'insert into maitred.booking (venue, guest_name, room_type_id, room_id, check_in, check_out, status)
     values (%s, ''Bob Ray'', %s, %L, %L, %L, %L)', h, type, room, c_in, c_out, status)) $$;
create function pg_temp.sold(h bigint, type bigint) returns text language sql as $$
    select coalesce(string_agg(to_char(night, 'DD') || ':' || sold, ' ' order by night), '')
    from maitred.room_type_night where venue = h and room_type_id = type and sold <> 0 $$;

-- Tables.
select is(pg_temp.reserve(:v, :t1, '2030-05-01 18:00Z'), 'none', 'a reservation');
select is(pg_temp.reserve(:v, :t1, '2030-05-01 19:59Z'), '23P01 reservation_table_free', 'overlaps');
select is(pg_temp.reserve(:v, :t1, '2030-05-01 17:00Z', 'confirmed', 61), '23P01 reservation_table_free', 'overlaps by its end');
select is(pg_temp.reserve(:v, :t1, '2030-05-01 20:00Z'), 'none', 'follows on');
select is(pg_temp.reserve(:v, :t1, '2030-05-01 17:00Z', 'pending', 60), 'none', 'comes just before');
select is(pg_temp.reserve(:v, t.tab(:v, 2), '2030-05-01 18:00Z'), 'none', 'another table');
select is(pg_temp.reserve(:v, :t1, '2030-05-01 18:00Z', 'cancelled'), 'none', 'a cancelled one takes no table');
update maitred.reservation set status = 'cancelled' where venue = :v and table_id = :t1 and starts_at = '2030-05-01 18:00Z' and status = 'pending';
select is(pg_temp.reserve(:v, :t1, '2030-05-01 18:30Z', 'confirmed', 60), 'none', 'a cancelled one frees the table');
select throws_ok(format('update maitred.reservation set starts_at = ''2030-05-01 19:30Z'' where venue = %s and starts_at = ''2030-05-01 18:30Z''', :v),
    '23P01', null, 'moving into another is refused');
select is(pg_temp.reserve(:v, t.tab(:v, 1) + 100000, '2030-05-02 18:00Z'), 'MD422 unknown_table');
select is(pg_temp.reserve(:v, :t1, '2030-05-03 18:00Z', 'pending', 14), '23514 reservation_duration_range');

-- Reservations and money.
insert into maitred.reservation (venue, customer_name, party_size, starts_at, amount_due) values (:v, 'Pat Doe', 2, '2030-06-01 18:00Z', 5000) returning id as r \gset
insert into maitred.payment (venue, reservation_id, amount, method, status) values (:v, :r, 2000, 'card', 'completed');
select is((select row(amount_due, prepaid)::text from maitred.reservation where id = :r), '(3000,f)', 'a payment lowers what is due');
insert into maitred.payment (venue, reservation_id, amount, method, status) values (:v, :r, 3000, 'card', 'completed') returning id as p \gset
select is((select row(amount_due, prepaid)::text from maitred.reservation where id = :r), '(0,t)', 'paid before the evening is prepaid');
update maitred.payment set status = 'refunded' where id = :p;
select is((select amount_due from maitred.reservation where id = :r), 3000::bigint, 'a refund raises it again');
select is((select version from maitred.reservation where id = :r), 4::bigint, 'its version counts');
update maitred.reservation set upcoming_sent_at = now() where id = :r;
select is((select version from maitred.reservation where id = :r), 4::bigint, 'an announcement is no change');

-- Rooms.
select is(pg_temp.book(:h, :d, '2030-05-01', '2030-05-04', :r1), 'none', 'a booking');
select is(pg_temp.book(:h, :d, '2030-05-03', '2030-05-05', :r1), '23P01 booking_room_free', 'the last night');
select is(pg_temp.book(:h, :d, '2030-05-04', '2030-05-05', :r1), 'none', 'from the day they leave');
select is(pg_temp.sold(:h, :d), '01:1 02:1 03:1 04:1', 'nights are counted');
select is(pg_temp.book(:h, :d, '2030-05-02', '2030-05-05'), 'none', 'the second of the type');
select is(pg_temp.sold(:h, :d), '01:1 02:2 03:2 04:2', 'added up');
select is(pg_temp.book(:h, :d, '2030-05-04', '2030-05-06'), 'MD409 room_type_sold_out', 'a third is one too many');
select is(pg_temp.book(:h, :d, '2030-05-05', '2030-05-06'), 'none', 'not on the next night');
select is(t.refusal(format('insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out)
    values (%s, ''C'', %s, ''2030-05-01'', ''2030-05-06'')', :h, :d)) -> 'state',
    '{"nights": ["2030-05-02", "2030-05-03", "2030-05-04"]}'::jsonb, 'the refusal names the nights');
select is(pg_temp.book(:h, :d, '2030-05-02', '2030-05-03', null, 'cancelled'), 'none', 'a cancelled one takes none');
select is(pg_temp.book(:h, :su, '2030-05-02', '2030-05-03'), 'none', 'another type');
select is(pg_temp.book(:h, :d, '2030-05-02', '2030-05-02'), '23514 booking_nights_range', 'no nights');
update maitred.venue set settings = '{"overbooking_allowance": 1}' where id = :h;
select is(pg_temp.book(:h, :d, '2030-05-04', '2030-05-05'), 'none', 'the allowance');
select is(pg_temp.book(:h, :d, '2030-05-04', '2030-05-05'), 'MD409 room_type_sold_out', 'and no more');
select is(t.violates(format('update maitred.venue set settings = ''{"overbooking_allowance": "many"}'' where id = %s', :h)), '23514 venue_allowance_range');
update maitred.venue set settings = '{}' where id = :h;

-- Changes move the nights with them, in one statement over many rows too.
update maitred.booking set status = 'cancelled' where venue = :h and room_type_id = :d and room_id is null and check_in in ('2030-05-02', '2030-05-04') and status = 'confirmed';
select is(pg_temp.sold(:h, :d), '01:1 02:1 03:1 04:1 05:1', 'cancelling frees');
update maitred.booking set check_in = check_in + 10, check_out = check_out + 10 where venue = :h and room_type_id = :d and room_id is not null;
select is(pg_temp.sold(:h, :d), '05:1 11:1 12:1 13:1 14:1', 'new dates');
select throws_ok(format('update maitred.booking set room_type_id = %s, check_in = ''2030-05-02'', check_out = ''2030-05-03'' where venue = %s and check_in = ''2030-05-05''', :su, :h),
    'MD409', 'room_type_sold_out', 'into a type that is full');
update maitred.booking set status = 'checked_in' where venue = :h and check_in = '2030-05-11';
select is(pg_temp.sold(:h, :d), '05:1 11:1 12:1 13:1 14:1', 'checked in is still sold');
update maitred.booking set status = 'checked_out' where venue = :h and check_in = '2030-05-11';
select is(pg_temp.sold(:h, :d), '05:1 14:1', 'checked out is not');
select is((select housekeeping from maitred.room where id = :r1), 'dirty', 'and leaves the room dirty');
delete from maitred.booking where venue = :h and room_id is not null;
select is(pg_temp.sold(:h, :d), '05:1', 'deleted rows free their nights');

-- A broken room is no longer sold, but may break while it is.
update maitred.room set out_of_order = true where id = :r1;
select is(pg_temp.book(:h, :d, '2030-05-05', '2030-05-06'), 'MD409 room_type_sold_out', 'one of the two is out of order');
select is(pg_temp.book(:h, :d, '2030-05-20', '2030-05-21', :r1), 'MD409 room_out_of_order', 'it can not be given');
select lives_ok(format('update maitred.room set out_of_order = true where id = %s', :r2), 'the other may break too');
select lives_ok(format('update maitred.booking set status = ''cancelled'' where venue = %s and check_in = ''2030-05-05''', :h), 'cancelling is always possible');

-- A room that is needed does not go away.
update maitred.room set out_of_order = false where id in (:r1, :r2);
select pg_temp.book(:h, :d, current_date::text, (current_date + 1)::text), pg_temp.book(:h, :d, current_date::text, (current_date + 1)::text);
select throws_ok(format('delete from maitred.room where id = %s', :r2), 'MD409', 'room_type_sold_out', 'deleting it');
select throws_ok(format('update maitred.room set room_type_id = %s where id = %s', :su, :r2), 'MD409', 'room_type_sold_out', 'or giving it to another type');

-- Nothing crosses.
select is(pg_temp.book(:v, :d, '2030-07-01', '2030-07-02'), '23503 booking_room_type_exists', 'another venue''s room type');
insert into maitred.customer (venue, name, phone) values (:h, 'A', '123 456');
select is(t.violates(format('insert into maitred.customer (venue, name, phone) values (%s, ''B'', ''123 456'')', :h)), '23505 customer_phone_unique');
select is(t.violates(format('insert into maitred.customer (venue, name, phone) values (%s, ''B'', ''123 456'')', :v)), 'none', 'the same phone in another venue');
select * from finish();
rollback;
