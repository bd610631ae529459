-- Bounds of what menus, rooms and bookings may hold, the contact of a booking, and the index that
-- the front desk's list of bookings is read by.
--
-- The checks are not valid: rows that are there already stay as they are, every write is checked.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

alter table maitred.menu_category
    add constraint category_description_length check (length(description) <= 2000) not valid;

-- An image is an address of http or https, or a path on this site; "//host" and "/\host" are
-- addresses of another site in a browser's eyes, and nothing that runs (javascript:, data:) gets in.
alter table maitred.menu_item
    add constraint item_description_length check (length(description) <= 2000) not valid,
    add constraint item_image_length check (length(image) <= 500) not valid,
    add constraint item_image_scheme check (
        image ~ '^https?://[^\s/\\<>"''`]+(/[^\s\\<>"''`]*)?$' or image ~ '^/([^\s/\\<>"''`][^\s\\<>"''`]*)?$') not valid;

create function maitred.short_texts(texts text[], each int) returns boolean
language sql immutable strict parallel safe
as $$ select coalesce(bool_and(t is not null and length(t) between 1 and each), true) from unnest(texts) t $$;

alter table maitred.room_type
    add constraint room_type_description_length check (length(description) <= 2000) not valid,
    add constraint room_type_amenities_number check (cardinality(amenities) <= 50) not valid,
    add constraint room_type_amenities_length check (maitred.short_texts(amenities, 100)) not valid;

-- As they were given, like a reservation's.
alter table maitred.booking
    add contact_number text constraint booking_phone_mask check (contact_number ~ '^[0-9+() ./-]{3,32}$'),
    add email text constraint booking_email_mask check (email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 254);

-- Who is in the house, and any list of one state; counts need nothing else.
create index booking_status on maitred.booking (venue, status, check_in);
