-- The sums a business day, kept by triggers. Each statement adds its own difference to
-- maitred.rollup_change (nobody waits for anybody); the fold (rollups_fold.sql) moves them into
-- maitred.rollup; readers add both, so a figure is right in every snapshot. docs/architecture.md
-- says why so and not otherwise, docs/statistics.md which figure is made of what.
--
--   kind         day                      status           part          sums
--   reservation  of starts_at             its own          source        n, prepaid, guests
--   arrival      check_in of a booking    its own          source        n, prepaid, guests
--   night        each night of a booking  ''               room type     n, amount (the rate)
--   order        of created_at            its own          ''            n, amount (the total)
--   line         of its order             ''               menu item     n (pieces), amount
--   table        none: all of them        its own          table         n (orders)
--
-- Nights are those of bookings that count, lines those that are not void, of orders not cancelled.
-- A day follows from the venue's zone and cutoff as they are now. So every writer holds a lock,
-- shared with all other writers, that a change of zone or cutoff takes for itself alone
-- (rollups_fold.sql): it waits for them, then makes the venue's sums anew, and they go on after it.
--
-- No rows are joined but an order with its lines, and every writer of either holds the order's row
-- by then (sql/rules/orders.sql), so that two of them never reckon with each other's past.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- Not strict: a strict function with this body could not be inlined.
create or replace function maitred.it_counts(status text) returns boolean
language sql immutable parallel safe
as $$ select status not in ('cancelled', 'no_show') $$;

-- Any number: seed of the keys of the locks.
create or replace function maitred.rollup_key(venue bigint) returns bigint
language sql immutable parallel safe
as $$ select 5496933 * 4294967296 + venue $$;

-- The queries that make rows of sums out of rows of a table, by kind: what the triggers, the
-- rebuild and the check have in common. `rows` is a table or a transition table.
create or replace function maitred.rollup_query(kind text, rows text) returns text
language plpgsql immutable
as $$
declare
    head text := format('select x.venue, %L as kind, ', kind);
    day_of constant text := 'maitred.business_day(v.timezone, v.business_day_cutoff, %s) as day, ';
    from_rows text := format(' from %s x join maitred.venue v on v.id = x.venue', rows);
begin
    return case kind
    when 'reservation' then head || format(day_of, 'x.starts_at')
        || 'x.status, x.source as part, 1 as n, x.prepaid::int as prepaid, x.party_size as guests, 0 as amount'
        || from_rows
    when 'arrival' then head || $q$x.check_in as day, x.status, x.source as part, 1 as n,
            (x.payment_status = 'paid')::int as prepaid, x.adults + x.children as guests, 0 as amount$q$
        || format(' from %s x', rows)
    when 'night' then head || $q$x.check_in + g as day, '' as status, x.room_type_id::text as part, 1 as n,
            0 as prepaid, 0 as guests, x.nightly_rate as amount$q$
        || format(' from %s x, generate_series(0, x.check_out - x.check_in - 1) g', rows)
        || ' where maitred.it_counts(x.status)'
    when 'order' then head || format(day_of, 'x.created_at')
        || $q$x.status, '' as part, 1 as n, 0 as prepaid, 0 as guests, x.total_price as amount$q$ || from_rows
    when 'table' then head || $q$'-infinity'::date as day, x.status, coalesce(x.table_id::text, '') as part,
            1 as n, 0 as prepaid, 0 as guests, 0 as amount$q$ || format(' from %s x', rows)
    when 'line' then head || format(day_of, 'o.created_at')
        || $q$'' as status, coalesce(x.menu_item_id::text, '') as part, x.quantity as n, 0 as prepaid,
            0 as guests, x.quantity * x.unit_price as amount$q$ || from_rows
        || $q$ join maitred.customer_order o on o.venue = x.venue and o.id = x.order_id
            where x.status <> 'void' and o.status <> 'cancelled'$q$
    end;
end $$;

-- Sums of such rows; sign -1 takes them away.
create or replace function maitred.rollup_sums(parts text[]) returns text
language sql immutable
as $$ select 'select venue, kind, day, status, part, sum(n) as n, sum(prepaid) as prepaid,
        sum(guests) as guests, sum(amount) as amount from (' || array_to_string(parts, ' union all ')
    || ') s group by 1, 2, 3, 4, 5
        having sum(n) <> 0 or sum(prepaid) <> 0 or sum(guests) <> 0 or sum(amount) <> 0' $$;

create or replace function maitred.rollup_minus(query text) returns text
language sql immutable
as $$ select 'select venue, kind, day, status, part, -n as n, -prepaid as prepaid, -guests as guests,
        -amount as amount from (' || query || ') m' $$;

-- The lines of orders that an update moves to another day, or cancels, or brings back: before and
-- after. Not a join of the old rows with the new, which would be quadratic in a plan made for one.
create or replace function maitred.rollup_moved_query() returns text
language sql immutable
as $$ select $q$select m.venue, 'line' as kind,
        maitred.business_day(v.timezone, v.business_day_cutoff, s.at) as day, '' as status,
        coalesce(i.menu_item_id::text, '') as part, s.sign * i.quantity as n, 0 as prepaid, 0 as guests,
        s.sign * i.quantity * i.unit_price as amount
    from (select u.venue, u.id, max(u.at) filter (where u.sign > 0) as new_at,
                 max(u.at) filter (where u.sign < 0) as old_at,
                 bool_or(u.off) filter (where u.sign > 0) as new_off,
                 bool_or(u.off) filter (where u.sign < 0) as old_off
          from (select venue, id, created_at as at, status = 'cancelled' as off, 1 as sign from new_rows
                union all select venue, id, created_at, status = 'cancelled', -1 from old_rows) u
          group by u.venue, u.id
          having min(u.at) <> max(u.at) or bool_or(u.off) <> bool_and(u.off)) m
    join maitred.venue v on v.id = m.venue
    join maitred.customer_order o on o.venue = m.venue and o.id = m.id
    join maitred.order_item i on i.venue = m.venue and i.order_id = m.id
    cross join lateral (values (1, m.new_at, m.new_off), (-1, m.old_at, m.old_off)) s (sign, at, off)
    where case when i.xmin = o.xmin and i.cmin = o.cmin then maitred.refuse_order_and_lines()
               else i.status <> 'void' and not s.off end$q$ $$;

-- Which of the two came first, one statement that writes both (WITH ... UPDATE) would not tell.
create or replace function maitred.refuse_order_and_lines() returns boolean
language plpgsql volatile
as $$
begin
    perform maitred.fail(409, 'order_and_lines',
        'An order is cancelled or dated anew in a statement of its own, apart from its lines.');
end $$;

-- The triggers of one table: a function each for insert, update and delete, written out, so that
-- their plans are kept. They come after the rules' own (r_ after m_ and n_), which have set totals
-- and locked orders by then. What is erased takes its sums with it. A plan is made for the first
-- statement of a session, one row or a year's; without hash and merge joins it is good for both:
-- every join here is a look-up by a whole primary key, or of the lines of one order.
create or replace function maitred.create_rollup_triggers(tab text, kinds text[], moved text[] default '{}')
returns void language plpgsql
as $f$
declare
    news text[] := array(select maitred.rollup_query(k, 'new_rows') from unnest(kinds) k);
    olds text[] := array(select maitred.rollup_minus(maitred.rollup_query(k, 'old_rows')) from unnest(kinds) k);
    t record;
begin
    for t in select * from (values
        ('insert', 'new table as new_rows', 'new_rows', news),
        ('update', 'old table as old_rows new table as new_rows', 'new_rows', news || olds || moved),
        ('delete', 'old table as old_rows', 'old_rows', olds)) x (op, tables, touched, parts)
    loop
        execute format($t$
            create or replace function maitred.rollup_%1$s_%2$s() returns trigger
            language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
            set enable_hashjoin = off set enable_mergejoin = off
            as $body$
            begin
                perform pg_advisory_xact_lock_shared(maitred.rollup_key(d.venue))
                    from (select distinct x.venue from %3$s x) d;
                if not found or current_setting('maitred.erasing', true) <> '' then return null; end if;
                insert into maitred.rollup_change %4$s;
                return null;
            end $body$;
            create or replace trigger r_rollup_%2$s after %2$s on maitred.%1$I
                referencing %5$s for each statement execute function maitred.rollup_%1$s_%2$s();
            $t$, tab, t.op, t.touched, maitred.rollup_sums(t.parts), t.tables);
    end loop;
end $f$;

do $$
begin
    perform maitred.create_rollup_triggers('reservation', '{reservation}');
    perform maitred.create_rollup_triggers('booking', '{arrival, night}');
    perform maitred.create_rollup_triggers('customer_order', '{order, table}', array[maitred.rollup_moved_query()]);
    perform maitred.create_rollup_triggers('order_item', '{line}');
end $$;
