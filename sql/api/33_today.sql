-- GET /api/dashboard/reservations/today and /api/reservations/upcoming, in the words of S3. Which
-- belong to today, and which are upcoming, is written in docs/statistics.md.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- S3's small reservation. `status` as people read it, or the word that the caller says.
create or replace function maitred.card(kind text, doc jsonb, masked boolean, status text default null)
returns json language sql stable parallel safe
as $$
    select json_build_object('id', d -> 'id', 'customerName', d -> 'customerName',
        'customerInitials', d -> 'customerInitials', 'date', d -> 'date', 'time', d -> 'time',
        'guests', d -> 'guests', 'status', coalesce(to_jsonb(status), d -> 'statusText'))
    from (select case when coalesce(masked, true) then maitred.mask(kind, doc) else doc end as d) m $$;

create or replace function maitred.booking_card(
    b maitred.booking, v maitred.venue, masked boolean, status text default null)
returns json language sql stable parallel safe
as $$ select maitred.card('booking', maitred.booking_doc(b, null, null, null, v), masked, status) $$;

create or replace function maitred.reservation_card(
    r maitred.reservation, v maitred.venue, masked boolean, status text default null)
returns json language sql stable parallel safe
as $$ select maitred.card('reservation',
        maitred.reservation_doc(r, null, v.timezone, v.currency), masked, status) $$;

create or replace function maitred.todays_cards(v maitred.venue, today date, masked boolean)
returns json language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    opens timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, today);
    closes timestamptz := maitred.day_start(v.timezone, v.business_day_cutoff, today + 1);
    cards json;
begin
    if v.kind = 'hotel' then
        select json_agg(maitred.booking_card(b, v, masked) order by b.guest_name, b.id) into cards
            from maitred.booking b
            where b.venue = v.id and b.check_in = today and maitred.it_counts(b.status);
    else
        select json_agg(maitred.reservation_card(r, v, masked) order by r.starts_at, r.id) into cards
            from maitred.reservation r
            where r.venue = v.id and r.starts_at >= opens and r.starts_at < closes
              and maitred.it_counts(r.status);
    end if;
    return coalesce(cards, '[]');
end $$;

-- A hotel's cards are its bookings, and whoever may read reservations may not always read those
-- (SPEC section 2: bookings.read). C knows the right that an op needs, not the venue's kind; a test
-- of the routes holds these roles against the matrix.
create or replace function maitred.venue_of_cards(caller api.caller) returns maitred.venue
language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare v maitred.venue := maitred.venue_of(caller);
begin
    if v.kind = 'hotel' and caller.role not in ('admin', 'manager', 'frontdesk', 'viewer') then
        perform maitred.fail(403, 'forbidden', format('The role %s lacks the right bookings.read.', caller.role));
    end if;
    return v;
end $$;

create or replace function api.dashboard_today(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
declare v maitred.venue := maitred.venue_of_cards(p_caller);
begin
    return maitred.ok(maitred.todays_cards(v, maitred.today(v.id), p_caller.masked)::text);
end $$;

-- What starts in the half hour after `at`. The local days around it are all that can.
create or replace function maitred.upcoming_cards(v maitred.venue, at timestamptz, masked boolean)
returns json language plpgsql stable set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    until timestamptz := at + interval '30 minutes';
    cards json;
begin
    if v.kind = 'hotel' then
        select json_agg(maitred.booking_card(b, v, masked, 'Upcoming') order by b.check_in, b.id)
            into cards
            from maitred.booking b
            where b.venue = v.id and b.status in ('pending', 'confirmed')
              and b.check_in between (at at time zone v.timezone)::date
                                 and (until at time zone v.timezone)::date
              and maitred.arrival(b.check_in, v.settings, v.timezone) between at and until;
    else
        select json_agg(maitred.reservation_card(r, v, masked, 'Upcoming') order by r.starts_at, r.id)
            into cards
            from maitred.reservation r
            where r.venue = v.id and r.starts_at between at and until
              and r.status in ('pending', 'confirmed');
    end if;
    return coalesce(cards, '[]');
end $$;

create or replace function api.reservations_upcoming(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$
begin
    return maitred.ok(maitred.upcoming_cards(
        maitred.venue_of_cards(p_caller), clock_timestamp(), p_caller.masked)::text);
end $$;
