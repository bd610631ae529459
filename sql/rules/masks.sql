-- Hiding names, phones and e-mails from the roles that do not need them (viewer, kitchen).
-- One function, used by the reads of the api and by the feed's reader; what is hidden is data.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

insert into maitred.mask_rule (kind, key, how) values
    ('reservation', 'customerName', 'name'), ('reservation', 'contactNumber', 'phone'),
    ('reservation', 'email', 'email'), ('reservation', 'specialRequests', 'remove'),
    ('reservation', 'customerId', 'remove'),
    ('booking', 'guestName', 'name'), ('booking', 'customerName', 'name'),
    ('booking', 'contactNumber', 'phone'), ('booking', 'email', 'email'),
    ('booking', 'specialRequests', 'remove'), ('booking', 'customerId', 'remove'),
    ('order', 'customer_name', 'name'), ('order', 'customer_phone', 'phone'),
    ('customer', 'name', 'name'), ('customer', 'phone', 'phone'), ('customer', 'email', 'email'),
    ('account', 'email', 'email')
on conflict (kind, key) do update set how = excluded.how;

-- "John Smith" -> "J. S."
create or replace function maitred.mask_name(name text) returns text
language sql immutable strict parallel safe
as $$ select coalesce(nullif(btrim(regexp_replace(maitred.initials(name), '(.)', '\1. ', 'g')), ''), '*') $$;

-- Every digit but the last two.
create or replace function maitred.mask_phone(phone text) returns text
language sql immutable strict parallel safe
as $$ select regexp_replace(phone, '[0-9](?=(?:[^0-9]*[0-9]){2})', '*', 'g') $$;

-- "john@example.com" -> "j***@***.com"
create or replace function maitred.mask_email(email text) returns text
language sql immutable strict parallel safe
as $$ select left(email, 1) || '***@***' || coalesce(substring(email from '\.[^.@]*$'), '') $$;

create or replace function maitred.mask_value(how text, value jsonb) returns jsonb
language sql immutable parallel safe
as $$ select case
    when value is null or value = 'null' then 'null'::jsonb
    when how = 'name' then to_jsonb(maitred.mask_name(value #>> '{}'))
    when how = 'phone' then to_jsonb(maitred.mask_phone(value #>> '{}'))
    when how = 'email' then to_jsonb(maitred.mask_email(value #>> '{}'))
    when how = 'initials' then to_jsonb(maitred.initials(value #>> '{}'))
    else 'null'::jsonb end $$;

-- Masks a document or a bag of old values; returns it unchanged where nothing is private.
create or replace function maitred.mask(kind text, doc jsonb) returns jsonb
language plpgsql stable parallel safe set search_path = pg_catalog, maitred, pg_temp
as $$
declare hidden jsonb;
begin
    if doc is null or jsonb_typeof(doc) <> 'object' then return doc; end if;
    select jsonb_object_agg(r.key, maitred.mask_value(r.how, doc -> r.key)) into hidden
    from maitred.mask_rule r where r.kind = mask.kind and doc ? r.key;
    return case when hidden is null then doc else doc || hidden end;
end $$;
