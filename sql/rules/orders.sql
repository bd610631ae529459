-- Rules of orders, their lines and payments. Lines are appended or voided, never replaced; the
-- total and the payment status follow from lines and payments, computed under the order's row
-- lock, so that two waiters on one order never lose each other's lines.
-- Rows with an external_ref come from an import: they are history in their final state, and the
-- checks that look at the present (is the item available, is the order open) are not for them.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- ---------------------------------------------------------------- the order itself

create or replace function maitred.order_new() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare s maitred.table_session;
begin
    new.order_number := coalesce(new.order_number, 'ORD-' || new.id);
    new.created_by := coalesce(nullif(new.created_by, 'system'), maitred.actor());
    new.updated_by := maitred.actor();
    if new.session_id is not null then
        select * into s from maitred.table_session t
            where t.venue = new.venue and t.id = new.session_id for no key update;
        if s.id is null then
            perform maitred.fail(422, 'unknown_session', 'There is no such session.', 'session_id');
        elsif new.table_id <> s.table_id then
            perform maitred.fail(422, 'session_of_other_table',
                                 'The session is at another table.', 'session_id');
        elsif s.state <> 'open' and new.external_ref is null then
            perform maitred.fail(409, 'session_closed', 'The session is closed.', 'session_id');
        end if;
        new.table_id := s.table_id;
        update maitred.table_session t set last_active = clock_timestamp()
            where t.venue = s.venue and t.id = s.id and t.state = 'open';
    end if;
    return new;
end $$;
create or replace trigger b_new before insert on maitred.customer_order
    for each row execute function maitred.order_new();

create or replace function maitred.order_table() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare t maitred.dining_table;
begin
    if new.table_id is null then
        new.table_number := null;
    elsif new.external_ref is null then
        t := maitred.use_table(new.venue, new.table_id, 'table_id');
        new.table_number := t.number;
    end if;
    return new;
end $$;
create or replace trigger c_table_new before insert on maitred.customer_order
    for each row when (new.table_id is not null or new.session_id is not null)
    execute function maitred.order_table();
create or replace trigger c_table_moved before update of table_id on maitred.customer_order
    for each row when (old.table_id is distinct from new.table_id)
    execute function maitred.order_table();

-- A table that gets another number: its open orders follow.
create or replace function maitred.table_renumbered() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    update maitred.customer_order o set table_number = new.number
        where o.venue = new.venue and o.table_id = new.id
          and o.status not in ('completed', 'cancelled');
    return null;
end $$;
create or replace trigger f_renumbered after update of number on maitred.dining_table
    for each row when (old.number <> new.number) execute function maitred.table_renumbered();

-- ---------------------------------------------------------------- lines

create or replace function maitred.line_new() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    o_status text;
    item maitred.menu_item;
begin
    select o.status into o_status from maitred.customer_order o
        where o.venue = new.venue and o.id = new.order_id for no key update;
    if o_status in ('completed', 'cancelled') then
        perform maitred.fail(409, 'order_closed', format('The order is %s.', o_status));
    end if;
    if new.menu_item_id is not null then
        -- Shared with other orders; whoever takes the item off the menu waits for this order.
        select * into item from maitred.menu_item m
            where m.venue = new.venue and m.id = new.menu_item_id for share;
        if item.id is null then
            perform maitred.fail(422, 'unknown_item', 'There is no such menu item.', 'menu_item_id');
        elsif not item.active or not item.available then
            perform maitred.fail(409, 'item_unavailable',
                format('%s is not available.', item.name), 'menu_item_id',
                jsonb_build_object('menu_item_id', item.id));
        end if;
        new.name := coalesce(new.name, item.name);
        new.unit_price := coalesce(new.unit_price, item.price);
    end if;
    return new;
end $$;
create or replace trigger b_new before insert on maitred.order_item
    for each row when (new.external_ref is null) execute function maitred.line_new();

create or replace function maitred.line_fixed() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if maitred.erasing(old.venue) then return old; end if;
    perform maitred.fail(409, 'line_is_final',
        'A line of an order is voided and placed again, never changed or removed.');
end $$;
create or replace trigger b_fixed before update on maitred.order_item for each row
    when ((old.order_id, old.menu_item_id, old.name, old.quantity, old.unit_price)
          is distinct from (new.order_id, new.menu_item_id, new.name, new.quantity, new.unit_price))
    execute function maitred.line_fixed();
create or replace trigger b_no_delete before delete on maitred.order_item
    for each row execute function maitred.line_fixed();

-- After a statement on lines: lock the touched orders in ascending order, then (a new snapshot,
-- so that lines committed meanwhile count) set their totals. An order of this very transaction
-- whose total is right already is left alone, so an import costs one query and no update.
create or replace function maitred.order_totals() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform from maitred.customer_order o
        where (o.venue, o.id) in (select venue, order_id from changed)
        order by o.venue, o.id for no key update;
    update maitred.customer_order o
        set total_price = s.total, version = o.version + 1
        from (select i.venue, i.order_id,
                     coalesce(sum(i.quantity * i.unit_price) filter (where i.status <> 'void'), 0)
                         as total
              from maitred.order_item i
              where (i.venue, i.order_id) in (select venue, order_id from changed)
              group by i.venue, i.order_id) s
        where o.venue = s.venue and o.id = s.order_id
          and (o.total_price <> s.total or o.xmin <> pg_current_xact_id()::xid);
    return null;
end $$;
create or replace trigger m_totals_new after insert on maitred.order_item
    referencing new table as changed
    for each statement execute function maitred.order_totals();
create or replace trigger m_totals_changed after update on maitred.order_item
    referencing new table as changed
    for each statement execute function maitred.order_totals();

-- ---------------------------------------------------------------- payments

-- What is paid of an amount, in one word.
create or replace function maitred.paid_word(total bigint, paid bigint, refunded bigint)
returns text language sql immutable parallel safe
as $$ select case when paid > 0 and paid >= total then 'paid' when paid > 0 then 'partial'
                  when refunded > 0 then 'refunded' else 'pending' end $$;

create or replace function maitred.payments_of_orders() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform from maitred.customer_order o
        where (o.venue, o.id) in (select venue, order_id from changed)
        order by o.venue, o.id for no key update;
    update maitred.customer_order o
        set payment_status = maitred.paid_word(o.total_price, s.paid, s.refunded),
            payment_method = coalesce(o.payment_method, s.method), version = o.version + 1
        from (select p.venue, p.order_id,
                     coalesce(sum(p.amount) filter (where p.status = 'completed'), 0)::bigint as paid,
                     coalesce(sum(p.amount) filter (where p.status = 'refunded'), 0)::bigint as refunded,
                     max(p.method) filter (where p.status = 'completed') as method
              from maitred.payment p
              where (p.venue, p.order_id) in (select venue, order_id from changed)
              group by p.venue, p.order_id) s
        where o.venue = s.venue and o.id = s.order_id
          and (o.payment_status <> maitred.paid_word(o.total_price, s.paid, s.refunded)
               or o.xmin <> pg_current_xact_id()::xid);
    perform from maitred.booking b
        where (b.venue, b.id) in (select venue, booking_id from changed)
        order by b.venue, b.id for no key update;
    update maitred.booking b
        set payment_status = maitred.paid_word(b.total_amount, s.paid, s.refunded), version = b.version + 1
        from (select p.venue, p.booking_id,
                     coalesce(sum(p.amount) filter (where p.status = 'completed'), 0)::bigint as paid,
                     coalesce(sum(p.amount) filter (where p.status = 'refunded'), 0)::bigint as refunded
              from maitred.payment p
              where (p.venue, p.booking_id) in (select venue, booking_id from changed)
              group by p.venue, p.booking_id) s
        where b.venue = s.venue and b.id = s.booking_id
          and (b.payment_status <> maitred.paid_word(b.total_amount, s.paid, s.refunded)
               or b.xmin <> pg_current_xact_id()::xid);
    return null;
end $$;
create or replace trigger m_paid_new after insert on maitred.payment
    referencing new table as changed
    for each statement execute function maitred.payments_of_orders();
create or replace trigger m_paid_changed after update on maitred.payment
    referencing new table as changed
    for each statement execute function maitred.payments_of_orders();

-- A reservation's amount_due is what is still to be paid: a completed payment lowers it, a
-- refund raises it again.
create or replace function maitred.payment_of_reservation() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare paid bigint := case when new.status = 'completed' then new.amount else 0 end;
begin
    if tg_op = 'UPDATE' and old.status = 'completed' then paid := paid - old.amount; end if;
    update maitred.reservation r
        set amount_due = greatest(r.amount_due - paid, 0),
            prepaid = r.prepaid or (paid > 0 and r.amount_due - paid <= 0
                                    and r.status in ('pending', 'confirmed'))
        where r.venue = new.venue and r.id = new.reservation_id and paid <> 0;
    return null;
end $$;
create or replace trigger m_reservation_new after insert on maitred.payment for each row
    when (new.reservation_id is not null and new.external_ref is null)
    execute function maitred.payment_of_reservation();
create or replace trigger m_reservation_changed after update on maitred.payment for each row
    when (new.reservation_id is not null) execute function maitred.payment_of_reservation();

create or replace function maitred.payment_fixed() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if tg_op = 'DELETE' and maitred.erasing(old.venue) then return old; end if;
    if tg_op = 'UPDATE' and (old.order_id, old.reservation_id, old.booking_id, old.amount)
       is not distinct from (new.order_id, new.reservation_id, new.booking_id, new.amount) then
        new.updated_at := clock_timestamp();
        return new;
    end if;
    perform maitred.fail(409, 'payment_is_final',
        'A payment is refunded or fails; it is never changed or removed.');
end $$;
create or replace trigger b_fixed before update or delete on maitred.payment
    for each row execute function maitred.payment_fixed();
