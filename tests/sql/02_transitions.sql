-- Every step of every status: the ones in the table pass, all others are refused, by name.
begin;
set local search_path = public, pg_catalog;
select plan(13);
select t.restaurant('steps') as v \gset
select t.hotel('steps-inn') as h \gset

-- Tries each pair of different states on a row that was inserted in the first of them.
create function pg_temp.try_all(kind text, states text[], make text, tab text, col text)
returns table (from_status text, to_status text, outcome text) language plpgsql as $$
declare row_id bigint; made record;
begin
    foreach from_status in array states loop
        foreach to_status in array states loop
            continue when from_status = to_status;
            begin
                execute format(make, from_status) into row_id;
                execute format('update maitred.%I set %I = %L where id = %s', tab, col, to_status, row_id);
                outcome := 'allowed';
                raise exception using errcode = 'TT000';
            exception
                when sqlstate 'TT000' then null;
                when sqlstate 'MD409' then outcome := sqlerrm;
            end;
            return next;
        end loop;
    end loop;
end $$;
create function pg_temp.unexpected(kind text, states text[], make text, tab text, col text default 'status')
returns setof record language sql as $$
    select a.from_status, a.to_status, a.outcome from pg_temp.try_all(kind, states, make, tab, col) a
    where a.outcome <> case when exists (select from maitred.transition t where t.kind = $1
        and t.from_status = a.from_status and t.to_status = a.to_status)
        then 'allowed' else 'invalid_transition' end $$;

select is_empty(format($$ select * from pg_temp.unexpected('table',
    '{available,occupied,reserved,maintenance}',
    'insert into maitred.dining_table (venue, number, label, capacity, status)
     values (%s, 90, ''X'', 2, %%L) returning id', 'dining_table') as (a text, b text, c text) $$, :v),
    'tables');
select is_empty(format($$ select * from pg_temp.unexpected('order',
    '{pending,confirmed,preparing,ready,served,completed,cancelled}',
    'insert into maitred.customer_order (venue, status) values (%s, %%L) returning id',
    'customer_order') as (a text, b text, c text) $$, :v), 'orders');
select is_empty(format($$ select * from pg_temp.unexpected('reservation',
    '{pending,confirmed,seated,completed,cancelled,no_show}',
    'insert into maitred.reservation (venue, customer_name, party_size, starts_at, status)
     values (%s, ''A'', 2, now(), %%L) returning id', 'reservation') as (a text, b text, c text) $$, :v),
    'reservations');
select is_empty(format($$ select * from pg_temp.unexpected('booking',
    '{pending,confirmed,checked_in,checked_out,cancelled,no_show}',
    'insert into maitred.booking (venue, guest_name, room_type_id, check_in, check_out, status)
     values (%s, ''A'', %s, current_date, current_date + 1, %%L) returning id', 'booking')
     as (a text, b text, c text) $$, :h, t.type_id(:h, 'Double')), 'bookings');
select is_empty(format($$ select * from pg_temp.unexpected('line',
    '{placed,preparing,ready,served,void}',
    'with o as (insert into maitred.customer_order (venue) values (%1$s) returning id)
     insert into maitred.order_item (venue, order_id, name, quantity, unit_price, status, external_ref)
     select %1$s, id, ''Soup'', 1, 100, %%L, ''r'' from o returning id', 'order_item')
     as (a text, b text, c text) $$, :v), 'lines');
select is_empty(format($$ select * from pg_temp.unexpected('payment',
    '{pending,completed,failed,refunded}',
    'with o as (insert into maitred.customer_order (venue) values (%1$s) returning id)
     insert into maitred.payment (venue, order_id, amount, method, status)
     select %1$s, id, 100, ''card'', %%L from o returning id', 'payment')
     as (a text, b text, c text) $$, :v), 'payments');

-- The rows that SPEC section 1 spells out.
select set_eq($$ select from_status, to_status from maitred.transition where kind = 'table' $$,
    $$ values ('available', 'occupied'), ('available', 'reserved'), ('available', 'maintenance'),
              ('occupied', 'available'), ('reserved', 'available'), ('reserved', 'occupied'),
              ('reserved', 'maintenance'), ('maintenance', 'available') $$, 'the steps of a table');
select set_eq($$ select from_status, to_status from maitred.transition where kind = 'order' $$,
    $$ values ('pending', 'confirmed'), ('confirmed', 'preparing'), ('preparing', 'ready'),
              ('ready', 'served'), ('served', 'completed'), ('pending', 'cancelled'),
              ('confirmed', 'cancelled'), ('preparing', 'cancelled'), ('ready', 'cancelled') $$,
    'the steps of an order');

insert into maitred.customer_order (venue, status) values (:v, 'pending') returning id as o \gset
select t.refusal(format('update maitred.customer_order set status = ''served'' where id = %s', :o)) as r \gset
select is(:'r'::jsonb ->> 'sqlstate', 'MD409', 'a refusal is an MD409');
select is(:'r'::jsonb ->> 'code', 'invalid_transition', 'with a slug');
select is(:'r'::jsonb -> 'state', '{"from": "pending", "to": "served", "allowed": ["cancelled", "confirmed"]}'::jsonb,
    'and it names the allowed steps');
select is(:'r'::jsonb ->> 'detail', 'An order that is pending can not become served; allowed: cancelled, confirmed.',
    'for people too');
select lives_ok(format('update maitred.customer_order set status = status where id = %s', :o),
    'no step at all is no step');
select * from finish();
rollback;
