-- Taking, changing, seating, cancelling reservations. The rules themselves (allowed steps, one
-- party a table at a time) are the tables' own, and maitred.constraint_error says what a broken one
-- means; these functions lock, check what a row can't know, and say no in words. Every write ends
-- in maitred.written: events first, then the answer.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- What the checks of the table mean to a client (the others are in sql/rules/errors.sql).
insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('reservation_name_length', 422, 'invalid_field', 'customerName must have 1 to 100 characters.', 'customerName'),
    ('reservation_phone_mask', 422, 'invalid_field', 'contactNumber must be 3 to 32 digits, blanks and + ( ) . / -', 'contactNumber'),
    ('reservation_email_mask', 422, 'invalid_field', 'email must be an address.', 'email'),
    ('reservation_source_known', 422, 'invalid_field', 'source must be website, mobile, phone, walk_in or partner.', 'source'),
    ('reservation_amount_range', 422, 'invalid_field', 'amountDue must not be negative.', 'amountDue'),
    ('reservation_requests_length', 422, 'invalid_field', 'specialRequests must have no more than 1000 characters.', 'specialRequests'),
    ('reservation_status_known', 422, 'invalid_field', 'There is no such status.', 'status'),
    ('reservation_start_finite', 422, 'invalid_field', 'date must be a moment.', 'date'),
    ('customer_email_mask', 422, 'invalid_field', 'email must be an address.', 'email'),
    ('customer_phone_mask', 422, 'invalid_field', 'contactNumber must be 3 to 32 digits, blanks and + ( ) . / -', 'contactNumber'),
    ('customer_name_length', 422, 'invalid_field', 'customerName must have 1 to 100 characters.', 'customerName')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

-- Locks the caller's reservation, or 404; with a version, refuses one that has moved on (409 with
-- the current document, so that a client can show what it would overwrite).
create or replace function maitred.take_reservation(
    caller api.caller, id bigint, version bigint default null)
returns maitred.reservation language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare r maitred.reservation;
begin
    select * into r from maitred.reservation x
        where x.venue = caller.venue and x.id = take_reservation.id for no key update;
    if r.id is null then perform maitred.fail_no_reservation(); end if;
    if version is not null and version <> r.version then
        perform maitred.fail(409, 'version_conflict',
            format('The reservation has changed: it is at version %s, not %s.', r.version, version),
            'version', maitred.reservation_seen(caller, r.id));
    end if;
    return r;
end $$;

-- Spaces and marks tell no two numbers apart.
create or replace function maitred.phone_key(phone text) returns text
language sql immutable strict parallel safe
as $$ select regexp_replace(phone, '[^0-9+]', '', 'g') $$;

-- The customer with this number, made when there is none. Without a number nobody can be known
-- again: no customer.
create or replace function maitred.customer_for(
    caller api.caller, given_name text, number text, mail text)
returns bigint language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
#variable_conflict use_column
declare
    key text := maitred.phone_key(number);
    found_id bigint;
begin
    if coalesce(length(key), 0) < 3 then return null; end if;
    loop
        select c.id into found_id from maitred.customer c
            where c.venue = caller.venue and c.phone = key;
        if found_id is not null then return found_id; end if;
        insert into maitred.customer as c (venue, name, phone, email)
            values (caller.venue, given_name, key, mail)
            on conflict (venue, phone) where phone is not null do nothing
            returning c.id into found_id;
        if found_id is not null then return found_id; end if;
    end loop;   -- another transaction made it meanwhile: the next look sees it
end $$;

-- Another venue's table does not exist here. That it is not deleted is checked where it is set.
create or replace function maitred.known_table(caller api.caller, table_id bigint) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if table_id is null then return; end if;
    perform from maitred.dining_table t where t.venue = caller.venue and t.id = table_id;
    if not found then
        perform maitred.fail(404, 'table_not_found', 'There is no such table.', 'tableId');
    end if;
end $$;

create or replace function maitred.reservation_answer(
    caller api.caller, status int, id bigint, location text default null)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare a api.answer := maitred.written(caller, status, null, location);
begin
    a.body := maitred.reservation_seen(caller, id)::text;
    return a;
end $$;

create or replace function api.reservation_create(
    p_caller api.caller, p_customer_name text, p_starts_at timestamptz, p_party_size bigint,
    p_source text, p_contact_number text, p_email text, p_special_requests text, p_table_id bigint,
    p_duration_minutes bigint, p_prepaid boolean, p_amount_due numeric, p_status text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    new_id bigint;
begin
    perform feed.act_as(p_caller);
    if coalesce(p_status, 'pending') not in ('pending', 'confirmed') then
        perform maitred.fail(422, 'invalid_field',
            'A new reservation is pending or confirmed.', 'status');
    end if;
    perform maitred.known_table(p_caller, p_table_id);
    insert into maitred.reservation as r (
            venue, customer_id, customer_name, contact_number, email, party_size, starts_at,
            duration_minutes, table_id, source, prepaid, amount_due, special_requests, status)
        values (v.id, maitred.customer_for(p_caller, p_customer_name, p_contact_number, p_email),
            p_customer_name, p_contact_number, p_email, p_party_size, p_starts_at,
            coalesce(p_duration_minutes, 120), p_table_id, coalesce(p_source, 'website'),
            coalesce(p_prepaid, false), maitred.minor(coalesce(p_amount_due, 0), v.currency),
            p_special_requests, coalesce(p_status, 'pending'))
        returning r.id into new_id;
    return maitred.reservation_answer(p_caller, 201, new_id,
                                      '/api/restaurant/reservations/res' || new_id);
end $$;

-- ---------------------------------------------------------------- seating

-- The party sits down: the table becomes occupied, with a session of the guests who came, and the
-- reservation is tied to that table. A waiter who seats them serves them.
create or replace function maitred.seat_party(
    caller api.caller, r maitred.reservation, wanted_table bigint, guests bigint)
returns void language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare t maitred.dining_table;
begin
    if wanted_table is null then
        perform maitred.fail(422, 'missing_field',
            'The reservation has no table; say which.', 'tableId');
    end if;
    perform maitred.known_table(caller, wanted_table);
    perform from maitred.transition x
        where x.kind = 'reservation' and x.from_status = r.status and x.to_status = 'seated';
    if not found then perform maitred.refuse_step('reservation', r.status, 'seated'); end if;
    t := maitred.use_table(caller.venue, wanted_table);
    if t.status = 'occupied' then
        perform maitred.fail(409, 'table_occupied', format('Table %s is occupied.', t.label),
            'tableId', maitred.table_json(caller.venue, t.id));
    elsif t.status = 'maintenance' then
        perform maitred.fail(409, 'table_in_maintenance',
            format('Table %s is in maintenance.', t.label), 'tableId',
            maitred.table_json(caller.venue, t.id));
    end if;
    update maitred.reservation x set status = 'seated', table_id = wanted_table
        where x.venue = caller.venue and x.id = r.id;
    insert into maitred.table_session (venue, table_id, guest_count, waiter_id)
        values (caller.venue, t.id, coalesce(guests, r.party_size),
                case when caller.role = 'waiter' then caller.account end);
    update maitred.dining_table x set status = 'occupied'
        where x.venue = caller.venue and x.id = t.id;
end $$;

create or replace function api.reservation_seat(
    p_caller api.caller, p_id bigint, p_table_id bigint, p_guest_count bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    r maitred.reservation;
begin
    perform feed.act_as(p_caller);
    r := maitred.take_reservation(p_caller, p_id);
    perform maitred.seat_party(p_caller, r, coalesce(p_table_id, r.table_id), p_guest_count);
    return maitred.reservation_answer(p_caller, 200, p_id);
end $$;

-- ---------------------------------------------------------------- changing

-- What is null stays. A change to seated is a seating. What is over (completed, cancelled,
-- no_show) keeps its facts: only its status may still change, where a step allows it.
create or replace function maitred.refuse_change_of_past(r maitred.reservation) returns void
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if r.status in ('completed', 'cancelled', 'no_show') then
        perform maitred.fail(409, 'reservation_closed', format('The reservation is %s.', r.status));
    end if;
end $$;

create or replace function api.reservation_update(
    p_caller api.caller, p_id bigint, p_customer_name text, p_starts_at timestamptz,
    p_party_size bigint, p_source text, p_contact_number text, p_email text,
    p_special_requests text, p_table_id bigint, p_duration_minutes bigint, p_prepaid boolean,
    p_amount_due numeric, p_status text, p_version bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare
    v maitred.venue := maitred.venue_of(p_caller);
    r maitred.reservation;
begin
    perform feed.act_as(p_caller);
    r := maitred.take_reservation(p_caller, p_id, p_version);
    if num_nonnulls(p_customer_name, p_starts_at, p_party_size, p_source, p_contact_number, p_email,
                    p_special_requests, p_duration_minutes, p_prepaid, p_amount_due) > 0
       or (p_table_id is not null and p_status is distinct from 'seated') then
        perform maitred.refuse_change_of_past(r);
    end if;
    perform maitred.known_table(p_caller, p_table_id);
    update maitred.reservation x set
            customer_id = case when p_contact_number is null then x.customer_id else
                maitred.customer_for(p_caller, coalesce(p_customer_name, x.customer_name),
                                     p_contact_number, coalesce(p_email, x.email)) end,
            customer_name = coalesce(p_customer_name, x.customer_name),
            contact_number = coalesce(p_contact_number, x.contact_number),
            email = coalesce(p_email, x.email),
            party_size = coalesce(p_party_size, x.party_size),
            starts_at = coalesce(p_starts_at, x.starts_at),
            -- Moved to a later hour, it is announced again.
            upcoming_sent_at = case when p_starts_at > x.starts_at then null else x.upcoming_sent_at end,
            duration_minutes = coalesce(p_duration_minutes, x.duration_minutes),
            table_id = case when p_status = 'seated' then x.table_id
                            else coalesce(p_table_id, x.table_id) end,
            source = coalesce(p_source, x.source), prepaid = coalesce(p_prepaid, x.prepaid),
            amount_due = coalesce(maitred.minor(p_amount_due, v.currency), x.amount_due),
            special_requests = coalesce(p_special_requests, x.special_requests),
            status = case when p_status = 'seated' then x.status else coalesce(p_status, x.status) end
        where x.venue = v.id and x.id = r.id
        returning * into r;
    if p_status = 'seated' and r.status <> 'seated' then
        perform maitred.seat_party(p_caller, r, coalesce(p_table_id, r.table_id), null);
    end if;
    return maitred.reservation_answer(p_caller, 200, p_id);
end $$;

-- One step of status; the reason goes to the history. The step itself is checked by the table.
create or replace function maitred.reservation_step(
    caller api.caller, id bigint, status text, reason text)
returns api.answer language plpgsql volatile set search_path = pg_catalog, maitred, pg_temp
as $$
declare r maitred.reservation;
begin
    perform feed.act_as(caller);
    r := maitred.take_reservation(caller, id);
    if r.status = reservation_step.status then
        perform maitred.refuse_step('reservation', r.status, reservation_step.status);
    end if;
    perform set_config('maitred.note', coalesce(reason, ''), true);
    update maitred.reservation x set status = reservation_step.status
        where x.venue = caller.venue and x.id = r.id;
    perform set_config('maitred.note', '', true);
    return maitred.reservation_answer(caller, 200, r.id);
end $$;

create or replace function api.reservation_cancel(p_caller api.caller, p_id bigint, p_reason text)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$ begin return maitred.reservation_step(p_caller, p_id, 'cancelled', p_reason); end $$;

create or replace function api.reservation_no_show(p_caller api.caller, p_id bigint)
returns api.answer
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$ begin return maitred.reservation_step(p_caller, p_id, 'no_show', null); end $$;
