-- Lines and payments of an order. Lines are appended or voided, never replaced, so appending needs
-- no version: the order's row lock puts two waiters one after the other, and both keep their lines.
-- What is paid follows from the payments (sql/rules/orders.sql).
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function api.order_append(p_caller api.caller, p_id bigint, p_items jsonb)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare o maitred.customer_order;
begin
    perform feed.act_as(p_caller);
    perform maitred.refuse_guest(p_caller, p_id);
    o := maitred.take_order(p_caller, p_id);
    perform maitred.refuse_closed_order(o);
    perform maitred.check_items(p_caller, p_items);
    perform maitred.add_lines(p_caller, o.id, p_items);
    return maitred.order_answer(p_caller, 201, o.id, '/api/v1/orders/' || o.id);
end $$;

-- {status} or {"void": true}: one of the two.
create or replace function maitred.line_step(status text, void boolean) returns text
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if coalesce(void, false) and coalesce(status, 'void') = 'void' then return 'void'; end if;
    if status is null then
        perform maitred.fail(422, 'required', 'Say a status, or that the line is void.', 'status');
    elsif void is not null and void <> (status = 'void') then
        perform maitred.fail(422, 'invalid_field', 'void contradicts the status.', 'void');
    end if;
    return status;
end $$;

create or replace function api.order_line(
    p_caller api.caller, p_id bigint, p_item_id bigint, p_status text, p_void boolean)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    wanted text := maitred.line_step(p_status, p_void);
    o maitred.customer_order;
    line maitred.order_item;
begin
    perform feed.act_as(p_caller);
    o := maitred.take_order(p_caller, p_id);
    select * into line from maitred.order_item i
        where i.venue = o.venue and i.order_id = o.id and i.id = p_item_id for no key update;
    if line.id is null then
        perform maitred.fail(404, 'not_found', 'The order has no such line.');
    end if;
    perform maitred.check_cook(p_caller, wanted);
    perform maitred.refuse_closed_order(o);
    if line.status = wanted then perform maitred.refuse_step('line', line.status, wanted); end if;
    update maitred.order_item i set status = wanted where i.venue = o.venue and i.id = line.id;
    return maitred.order_answer(p_caller, 200, o.id);
end $$;

-- ---------------------------------------------------------------- payments

create or replace function maitred.paid_of_order(o maitred.customer_order) returns bigint
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    return (select coalesce(sum(p.amount), 0)::bigint from maitred.payment p
            where p.venue = o.venue and p.order_id = o.id and p.status = 'completed');
end $$;

-- Without an amount, what is still due. An order that is paid takes no more, so that two who charge
-- one table do not both take its money; more than is due (a tip) is fine.
create or replace function api.order_pay(
    p_caller api.caller, p_id bigint, p_amount numeric, p_method text, p_status text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    o maitred.customer_order;
    due bigint;
begin
    perform feed.act_as(p_caller);
    perform maitred.refuse_guest(p_caller, p_id);
    if coalesce(p_status, 'completed') not in ('pending', 'completed') then
        perform maitred.fail(422, 'invalid_field', 'A new payment is pending or completed.', 'status');
    end if;
    o := maitred.take_order(p_caller, p_id);
    due := o.total_price - maitred.paid_of_order(o);
    if o.status = 'cancelled' then
        perform maitred.refuse_closed_order(o);
    elsif due <= 0 then
        perform maitred.fail(409, 'order_paid', 'Nothing of the order is left to pay.', null,
                             maitred.order_seen(p_caller, o.id));
    end if;
    insert into maitred.payment (venue, order_id, amount, method, status)
        values (v.id, o.id, coalesce(maitred.minor(p_amount, v.currency), due),
                p_method, coalesce(p_status, 'completed'));
    return maitred.order_answer(p_caller, 201, o.id, '/api/v1/orders/' || o.id);
end $$;

create or replace function api.order_payment(
    p_caller api.caller, p_id bigint, p_payment_id bigint, p_status text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    o maitred.customer_order;
    p maitred.payment;
begin
    perform feed.act_as(p_caller);
    perform maitred.refuse_guest(p_caller, p_id);
    o := maitred.take_order(p_caller, p_id);
    select * into p from maitred.payment x
        where x.venue = o.venue and x.order_id = o.id and x.id = p_payment_id for no key update;
    if p.id is null then
        perform maitred.fail(404, 'not_found', 'The order has no such payment.');
    end if;
    if p.status = p_status then perform maitred.refuse_step('payment', p.status, p_status); end if;
    update maitred.payment x set status = p_status where x.venue = o.venue and x.id = p.id;
    return maitred.order_answer(p_caller, 200, o.id);
end $$;
