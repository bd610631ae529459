-- What the sockets of one session, one restaurant and one hotel show on connect (SPEC 5.4): parts of
-- channel_documents (60_snapshots.sql), which reads them in one statement with their position.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- A session in its table's document, as an event has it; also one that is over. A guest has one.
create or replace function maitred.session_snapshot(caller api.caller, id bigint)
returns table (place bigint, doc jsonb) language sql stable
as $$
    select s.id, maitred.table_doc(t, s)
    from maitred.table_session s
    join maitred.dining_table t on t.venue = s.venue and t.id = s.table_id
    where s.venue = caller.venue and s.id = $2
      and (caller.role is distinct from 'guest' or s.id = caller.session) $$;

create or replace function maitred.restaurant_now(v maitred.venue) returns jsonb
language sql stable
as $$ select jsonb_build_object('id', v.id, 'name', v.name,
    'active_orders', (select count(*) from maitred.customer_order o
        where o.venue = v.id and o.status not in ('completed', 'cancelled')),
    'occupied_tables', (select count(*) from maitred.dining_table t
        where t.venue = v.id and t.active and t.status = 'occupied')) $$;

create or replace function maitred.hotel_now(v maitred.venue, today date) returns jsonb
language sql stable
as $$ select jsonb_build_object('id', v.id, 'name', v.name,
    'rooms', (select count(*) from maitred.room r where r.venue = v.id),
    'out_of_order', (select count(*) from maitred.room r where r.venue = v.id and r.out_of_order),
    'in_house', (select count(*) from maitred.booking b
        where b.venue = v.id and b.status = 'checked_in'),
    'arrivals_today', (select count(*) from maitred.booking b
        where b.venue = v.id and b.check_in = today and b.status in ('pending', 'confirmed')),
    'departures_today', (select count(*) from maitred.booking b
        where b.venue = v.id and b.check_out = today and b.status = 'checked_in')) $$;
