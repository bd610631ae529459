-- Small formats that everything above uses: money, time, names, and the acting account.
-- Called by the documents, the feed and the api functions. Without SET clauses, so that the
-- planner can inline them; every name in them is qualified or built in.
set local role maitred_owner;

-- Timestamps leave as ISO 8601 UTC with milliseconds.
create or replace function maitred.iso(at timestamptz) returns text
language sql stable strict parallel safe
as $$ select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') $$;

-- Minor units a currency has (ISO 4217).
create or replace function maitred.currency_digits(currency text) returns int
language sql immutable parallel safe
as $$ select case
    when currency in ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF',
                      'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') then 0
    when currency in ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') then 3
    else 2 end $$;

-- Money leaves in major units: 2499 EUR is 24.99.
create or replace function maitred.major(amount bigint, currency text) returns numeric
language sql immutable parallel safe
as $$ select trim_scale(amount / power(10::numeric, maitred.currency_digits(currency))) $$;

-- And comes in the same way; parts below the smallest unit are rounded.
create or replace function maitred.minor(amount numeric, currency text) returns bigint
language sql immutable parallel safe
as $$ select round(amount * power(10::numeric, maitred.currency_digits(currency)))::bigint $$;

-- "John Smith" -> "JS", "Anna" -> "A".
create or replace function maitred.initials(name text) returns text
language sql immutable parallel safe
as $$ select upper(left(btrim(name), 1) ||
        case when btrim(name) ~ '\s' then left(substring(btrim(name) from '(\S+)$'), 1) else '' end) $$;

-- "no_show" -> "No Show": a status as people read it.
create or replace function maitred.status_text(status text) returns text
language sql immutable strict parallel safe
as $$ select initcap(replace(status, '_', ' ')) $$;

create or replace function maitred.clock_text(at timestamptz, timezone text) returns text
language sql stable strict parallel safe
as $$ select to_char(at at time zone timezone, 'FMHH12:MI AM') $$;

-- The account's name that acts in this transaction; 'system' where nobody said so (psql, timers).
create or replace function maitred.actor() returns text
language sql stable parallel safe
as $$ select coalesce(nullif(current_setting('maitred.actor', true), ''), 'system') $$;

-- True while maitred.erase_venue() removes everything of this venue.
create or replace function maitred.erasing(venue bigint) returns boolean
language sql stable parallel safe
as $$ select coalesce(current_setting('maitred.erasing', true) = venue::text, false) $$;
