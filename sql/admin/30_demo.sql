-- The frame of `maitred demo-data`: venues and accounts before sql/demo.sql runs, and what is there
-- afterwards. Called by cli/demo.c; owner only.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Makes the two venues and six accounts in each, where they are missing, and tells the script
-- of them in transaction-local settings. An account that exists keeps its password.
create or replace function maitred.demo_begin(restaurant text, hotel text, password_hash text)
returns void language plpgsql volatile
as $$
declare
    slug text;
    role text;
    names constant jsonb := '{"admin": "Ada Lindqvist", "manager": "Marta Keller",
        "waiter": "Wim de Boer", "kitchen": "Karim Haddad", "frontdesk": "Fiona Byrne",
        "viewer": "Viktor Sand"}';
begin
    perform maitred.venue_create(restaurant, 'restaurant', 'Bistro am Markt', 'Europe/Berlin',
                                 'EUR', '04:00', true);
    perform maitred.venue_create(hotel, 'hotel', 'Grand Hotel Atlântico', 'Europe/Lisbon',
                                 'EUR', '04:00', true);
    foreach slug in array array[restaurant, hotel] loop
        foreach role in array array['admin', 'manager', 'waiter', 'kitchen', 'frontdesk', 'viewer'] loop
            perform maitred.account_create(slug, role, names ->> role, role || '@' || slug || '.example',
                                           role, password_hash, true);
        end loop;
    end loop;
    perform set_config('maitred.actor', 'demo', true);
    perform set_config('maitred.demo_restaurant', maitred.venue_named(restaurant)::text, true);
    perform set_config('maitred.demo_hotel', maitred.venue_named(hotel)::text, true);
end $$;

create or replace function maitred.demo_report(restaurant text, hotel text)
returns table (venue text, what text, n bigint) language sql stable
as $$
    select v.slug, x.what, x.n
    from maitred.venue v, lateral (values
        (1, 'accounts', (select count(*) from maitred.account a where a.venue = v.id)),
        (2, 'tables', (select count(*) from maitred.dining_table t where t.venue = v.id and t.active)),
        (3, 'tables occupied', (select count(*) from maitred.table_session s
                                where s.venue = v.id and s.state = 'open')),
        (4, 'reservations', (select count(*) from maitred.reservation r where r.venue = v.id)),
        (5, 'rooms', (select count(*) from maitred.room r where r.venue = v.id)),
        (6, 'bookings', (select count(*) from maitred.booking b where b.venue = v.id)),
        (7, 'guests in the house', (select count(*) from maitred.booking b
                                    where b.venue = v.id and b.status = 'checked_in')),
        (8, 'orders', (select count(*) from maitred.customer_order o where o.venue = v.id)),
        (9, 'orders open', (select count(*) from maitred.customer_order o
                            where o.venue = v.id and o.status not in ('completed', 'cancelled')))
    ) x (no, what, n)
    where v.slug in (restaurant, hotel) and x.n > 0
    order by v.slug = hotel, x.no
$$;
