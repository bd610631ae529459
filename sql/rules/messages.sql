-- Calls and messages that follow from what happens, made and ended by triggers in the same
-- transaction, whoever made the change:
--   new_order           an order is placed; done with when it is confirmed, or goes on
--   order_ready         an order is ready; done with when it goes on
--   payment_completed   an order is paid, in part or in full; done with when the order is over
--   call_waiter, bill_requested   a guest's call; done with when it is resolved
-- They are for the waiter of the table's session, where there is one, else for all. Their texts
-- name tables and orders, never guests: every role that gets them may read them unmasked.
-- Rows of an import (external_ref) are the past: nobody is told. (z_: behind x_note, so that an order's
-- event comes before its message's.)
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- "Table 4", or nothing of a table: "Order ORD-12".
create or replace function maitred.order_place(o maitred.customer_order) returns text
language sql immutable
as $$ select coalesce('Table ' || o.table_number || ', order ', 'Order ') || o.order_number $$;

create or replace function maitred.session_waiter(v bigint, session_id bigint) returns bigint
language plpgsql stable
as $$
begin
    return (select s.waiter_id from maitred.table_session s where s.venue = v and s.id = session_id);
end $$;

create or replace function maitred.tell_of_order(
    o maitred.customer_order, kind text, priority text, words text, facts jsonb default null)
returns void language plpgsql volatile
as $$
begin
    insert into maitred.notification (venue, waiter_id, kind, priority, text, data, table_id, order_id, session_id)
        values (o.venue, maitred.session_waiter(o.venue, o.session_id), kind, priority,
                maitred.order_place(o) || ': ' || words, facts, o.table_id, o.id, o.session_id);
end $$;

-- Nobody needs to see to these any more.
create or replace function maitred.end_of_order_messages(v bigint, order_id bigint, kinds text[])
returns void language plpgsql volatile
as $$
begin
    update maitred.notification n set resolved_at = clock_timestamp()
        where n.venue = v and n.order_id = $2 and n.kind = any (kinds)
          and n.acknowledged_at is null and n.resolved_at is null;
end $$;

-- ---------------------------------------------------------------- orders and payments

create or replace function maitred.order_placed() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform maitred.tell_of_order(new, 'new_order', 'normal', 'new');
    return null;
end $$;
create or replace trigger z_placed after insert on maitred.customer_order for each row
    when (new.external_ref is null and new.status in ('pending', 'confirmed'))
    execute function maitred.order_placed();

create or replace function maitred.order_went_on() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform maitred.end_of_order_messages(new.venue, new.id, case
        when new.status in ('completed', 'cancelled')
            then array['new_order', 'order_ready', 'payment_completed']
        else array['new_order', 'order_ready'] end);
    if new.status = 'ready' then
        perform maitred.tell_of_order(new, 'order_ready', 'high', 'ready to be served');
    end if;
    return null;
end $$;
create or replace trigger z_went_on after update of status on maitred.customer_order for each row
    when (old.status <> new.status) execute function maitred.order_went_on();

create or replace function maitred.payment_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    o maitred.customer_order;
    currency text;
begin
    select * into o from maitred.customer_order x where x.venue = new.venue and x.id = new.order_id;
    select v.currency into currency from maitred.venue v where v.id = new.venue;
    perform maitred.tell_of_order(o, 'payment_completed', 'normal', format('%s %s paid by %s',
        maitred.major(new.amount, currency), currency, replace(new.method, '_', ' ')),
        jsonb_build_object('payment_id', new.id, 'order_number', o.order_number,
            'amount', maitred.major(new.amount, currency), 'method', new.method));
    return null;
end $$;
create or replace trigger z_told_new after insert on maitred.payment for each row
    when (new.order_id is not null and new.external_ref is null and new.status = 'completed')
    execute function maitred.payment_told();
create or replace trigger z_told_changed after update of status on maitred.payment for each row
    when (new.order_id is not null and new.status = 'completed' and old.status <> 'completed')
    execute function maitred.payment_told();

-- ---------------------------------------------------------------- a guest's call

-- The session says which table and which waiter. What is called from a session that is over, or
-- from a table that it is not at, is refused.
create or replace function maitred.request_new() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare s maitred.table_session;
begin
    if new.session_id is null then return new; end if;
    select * into s from maitred.table_session x where x.venue = new.venue and x.id = new.session_id;
    if s.state <> 'open' and new.resolved_at is null then
        perform maitred.fail(409, 'session_closed', 'The session is closed.', 'session_id');
    elsif new.table_id <> s.table_id then
        perform maitred.fail(422, 'session_of_other_table', 'The session is at another table.', 'session_id');
    end if;
    new.table_id := s.table_id;
    new.waiter_id := coalesce(new.waiter_id, s.waiter_id);
    return new;
end $$;
create or replace trigger b_new before insert on maitred.service_request
    for each row execute function maitred.request_new();

create or replace function maitred.request_told() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare place text := coalesce('Table ' || (select t.number from maitred.dining_table t
    where t.venue = new.venue and t.id = new.table_id), 'A guest');
begin
    insert into maitred.notification (venue, waiter_id, kind, priority, text, table_id, order_id,
                                      session_id, request_id, created_by)
        values (new.venue, new.waiter_id, new.kind, new.priority,
                left(place || case new.kind when 'bill_requested' then ' asks for the bill'
                                            else ' calls' end
                     || case when new.text <> '' then ': ' || new.text else '' end, 500),
                new.table_id, new.order_id, new.session_id, new.id, new.created_by);
    return null;
end $$;
create or replace trigger z_told after insert on maitred.service_request for each row
    when (new.resolved_at is null) execute function maitred.request_told();

-- A call that is resolved needs nobody any more; a message that is acknowledged says that somebody
-- is on the way to the guest who called. Whoever came first stays.
create or replace function maitred.request_resolved() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    update maitred.notification n set resolved_at = new.resolved_at
        where n.venue = new.venue and n.request_id = new.id and n.resolved_at is null;
    return null;
end $$;
create or replace trigger z_resolved after update of resolved_at on maitred.service_request for each row
    when (old.resolved_at is null and new.resolved_at is not null)
    execute function maitred.request_resolved();

create or replace function maitred.message_acknowledged() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    update maitred.service_request r
        set acknowledged_by = new.acknowledged_by, acknowledged_at = new.acknowledged_at
        where r.venue = new.venue and r.id = new.request_id and r.acknowledged_at is null;
    return null;
end $$;
create or replace trigger z_acknowledged after update of acknowledged_at on maitred.notification
    for each row when (new.request_id is not null and old.acknowledged_at is null
                       and new.acknowledged_at is not null)
    execute function maitred.message_acknowledged();
