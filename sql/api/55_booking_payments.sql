-- What guests pay of their stay: POST /api/hotel/bookings/{id}/payments and PATCH .../payments/{paymentId}.
--
-- A deposit, the bill at the desk, a fee of who did not come. What is paid in one word follows from the
-- payments (sql/rules/orders.sql).
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- What came from another system may be paid without a payment that is known here.
create or replace function maitred.due_of_booking(b maitred.booking) returns bigint
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    payments bigint;
    paid bigint;
begin
    select count(*), coalesce(sum(p.amount) filter (where p.status = 'completed'), 0)
        into payments, paid from maitred.payment p where p.venue = b.venue and p.booking_id = b.id;
    return case when payments = 0 and b.payment_status = 'paid' then 0 else b.total_amount - paid end;
end $$;

-- Without an amount, what is still due. A stay that is paid takes no more, so that two desks do not both
-- take its money; more than is due is fine.
create or replace function api.booking_pay(
    p_caller api.caller, p_id bigint, p_amount numeric, p_method text, p_status text, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    b maitred.booking;
    due bigint;
begin
    perform feed.act_as(p_caller);
    b := maitred.take_booking(p_caller, p_id, p_version);
    due := maitred.due_of_booking(b);
    if b.status = 'cancelled' then
        perform maitred.fail(409, 'booking_closed', 'The booking is cancelled.', null, maitred.booking_seen(p_caller, b.id));
    elsif due <= 0 then
        perform maitred.fail(409, 'booking_paid', 'Nothing of the booking is left to pay.', null,
                             maitred.booking_seen(p_caller, b.id));
    end if;
    insert into maitred.payment (venue, booking_id, amount, method, status)
        values (v.id, b.id, coalesce(maitred.minor(p_amount, v.currency), due),
                p_method, coalesce(p_status, 'completed'));
    return maitred.booking_answer(p_caller, 201, b.id, '/api/hotel/bookings/bkg' || b.id);
end $$;

create or replace function api.booking_payment(
    p_caller api.caller, p_id bigint, p_payment_id bigint, p_status text, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    b maitred.booking;
    p maitred.payment;
begin
    perform feed.act_as(p_caller);
    b := maitred.take_booking(p_caller, p_id, p_version);
    select * into p from maitred.payment x
        where x.venue = b.venue and x.booking_id = b.id and x.id = p_payment_id for no key update;
    if p.id is null then
        perform maitred.fail(404, 'not_found', 'The booking has no such payment.');
    end if;
    if p.status = p_status then perform maitred.refuse_step('payment', p.status, p_status); end if;
    update maitred.payment x set status = p_status where x.venue = b.venue and x.id = p.id;
    return maitred.booking_answer(p_caller, 200, b.id);
end $$;
