-- How SQL says no. Every refusal of a rule carries
--   SQLSTATE  'MD' || HTTP status: MD400, MD401, MD403, MD404, MD409, MD422, MD429
--   MESSAGE   a stable slug for programs ('table_occupied')
--   DETAIL    a sentence for people
--   COLUMN    the field of the request that is to blame, where there is one
--   HINT      JSON: the allowed steps, or the current state
-- Constraint violations (class 23) carry the constraint's name; maitred.constraint_error says
-- what that means to a client, as data, for SQL and C alike.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.fail(
    status int, code text, detail text, field text default null, state jsonb default null)
returns void language plpgsql volatile
as $$
begin
    raise exception using errcode = 'MD' || status, message = code, detail = detail,
        column = coalesce(field, ''), hint = coalesce(state::text, '');
end $$;

insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('venue_slug_unique', 409, 'slug_taken', 'Another venue has this slug.', 'slug'),
    ('account_username_unique', 409, 'username_taken', 'Another account has this name.', 'username'),
    ('customer_phone_unique', 409, 'phone_taken', 'Another customer has this phone number.', 'phone'),
    ('table_label_unique', 409, 'label_taken', 'Another table has this label.', 'tableNumber'),
    ('table_number_unique', 409, 'number_taken', 'Another table has this number.', 'number'),
    ('table_floor_exists', 422, 'unknown_floor', 'There is no such floor.', 'floor'),
    ('table_min_capacity_range', 422, 'invalid_field', 'minCapacity must be from 1 to capacity.', 'minCapacity'),
    ('table_capacity_range', 422, 'invalid_field', 'capacity must be from 1 to 20.', 'capacity'),
    ('table_label_mask', 422, 'invalid_field', 'A label is 1 to 20 letters, digits and hyphens.', 'tableNumber'),
    ('table_inactive_is_free', 409, 'table_occupied', 'An occupied table can not be deleted.', null),
    ('session_one_open', 409, 'table_occupied', 'The table has an open session already.', null),
    ('session_guest_count_range', 422, 'invalid_field', 'guests_count must be from 1 to 100.', 'guests_count'),
    ('session_table_exists', 404, 'table_not_found', 'There is no such table.', 'table_id'),
    ('category_name_unique', 409, 'name_taken', 'Another category has this name.', 'name'),
    ('item_category_exists', 422, 'unknown_category', 'There is no such category.', 'categoryId'),
    ('line_menu_item_exists', 422, 'unknown_item', 'There is no such menu item.', 'menu_item_id'),
    ('line_order_exists', 404, 'order_not_found', 'There is no such order.', null),
    ('order_table_exists', 422, 'unknown_table', 'There is no such table.', 'table_id'),
    ('order_session_exists', 422, 'unknown_session', 'There is no such session.', 'session_id'),
    ('order_number_unique', 409, 'order_number_taken', 'Another order has this number.', 'order_number'),
    ('reservation_table_free', 409, 'table_not_available', 'The table is reserved at that time.', 'tableId'),
    ('reservation_table_exists', 422, 'unknown_table', 'There is no such table.', 'tableId'),
    ('reservation_party_range', 422, 'invalid_field', 'partySize must be from 1 to 100.', 'partySize'),
    ('reservation_duration_range', 422, 'invalid_field', 'durationMinutes must be from 15 to 1440.', 'durationMinutes'),
    ('room_number_unique', 409, 'room_number_taken', 'Another room has this number.', 'number'),
    ('room_type_name_unique', 409, 'name_taken', 'Another room type has this name.', 'name'),
    ('booking_room_free', 409, 'room_not_available', 'The room is booked on one of those nights.', 'roomId'),
    ('booking_nights_range', 422, 'invalid_field', 'checkOut must be after checkIn, and no more than 400 nights.', 'checkOut'),
    ('booking_somebody', 422, 'invalid_field', 'A booking is for one guest at least.', 'guests'),
    ('booking_room_type_exists', 422, 'unknown_room_type', 'There is no such room type.', 'roomTypeId'),
    ('booking_room_exists', 422, 'unknown_room', 'There is no such room.', 'roomId'),
    ('payment_amount_range', 422, 'invalid_field', 'amount must be more than nothing.', 'amount'),
    ('notification_data_size', 422, 'invalid_field', 'data must be an object of no more than 2 KiB.', 'data'),
    ('notification_waiter_exists', 422, 'unknown_waiter', 'There is no such account.', 'waiter_id'),
    ('request_waiter_exists', 422, 'unknown_waiter', 'There is no such account.', 'waiter_id'),
    ('session_waiter_exists', 422, 'unknown_waiter', 'There is no such account.', 'waiter')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

-- For the programs, which load it once.
create or replace function api.constraint_errors()
returns table (constraint_name text, status int, code text, detail text, field text)
language sql stable security definer set search_path = pg_catalog, maitred, pg_temp
as $$ select * from maitred.constraint_error $$;
