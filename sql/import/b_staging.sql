-- The staging tables of an import and what stands in for it while it runs. All are temporary and
-- go with the transaction. Called by `maitred import` first (begin), in the middle (COPY into the
-- tables), then one of import.bookings, import.orders, import.menu, and last import.rejects.
--
-- The functions run as their owner, so that the importing role needs no right on any table; they
-- read only staging tables that they made themselves.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, import, pg_temp;

-- Which columns a kind of export has; the tool's own tables name the same ones.
create or replace function import.layout(kind text) returns table (tab text, cols text[])
language sql immutable
as $$
    select v.tab, v.cols from (values
        ('bookings', 'import_bookings', array['hotel', 'lead_time', 'year', 'month', 'day',
            'weekend_nights', 'week_nights', 'adults', 'children', 'babies', 'segment', 'channel',
            'repeated', 'reserved_type', 'assigned_type', 'deposit', 'adr', 'status', 'status_date']),
        ('menu', 'import_types', array['type_id', 'name', 'category', 'ingredients']),
        ('menu', 'import_pizzas', array['pizza_id', 'type_id', 'size', 'price']),
        ('orders', 'import_orders', array['order_id', 'day', 'clock']),
        ('orders', 'import_details', array['detail_id', 'order_id', 'pizza_id', 'quantity'])
    ) v (kind, tab, cols)
    where v.kind = $1 or ($1 = 'orders' and v.kind = 'menu')
$$;

create or replace function import.venue(slug text, kind text) returns bigint
language plpgsql stable
as $$
declare v maitred.venue;
begin
    select * into v from maitred.venue x where x.slug = $1;
    if v.id is null then
        perform maitred.fail(404, 'venue_not_found', format('There is no venue %s.', slug));
    elsif v.kind <> (case $2 when 'bookings' then 'hotel' else 'restaurant' end) then
        perform maitred.fail(409, 'other_kind', format('Venue %s is a %s: it has no %s.', slug, v.kind, kind));
    end if;
    return v.id;
end $$;

create or replace function import.begin(kind text, slug text) returns void
language plpgsql volatile security definer set search_path = pg_catalog, maitred, import, pg_temp
as $$
declare t record;
begin
    perform import.venue(slug, kind);
    for t in select l.tab, l.cols from import.layout(kind) l loop
        execute format('create temp table %I (line int not null, problem text, %s) on commit drop',
            t.tab, (select string_agg(format('%I text', c), ', ' order by n)
                    from unnest(t.cols) with ordinality u (c, n)));
        execute format('grant insert on pg_temp.%I to %I', t.tab, session_user);
    end loop;
    create temp table import_rejects (tab text not null, line int not null, reason text not null)
        on commit drop;
end $$;

-- Refuses staging tables that are not begin's own, takes turns with other imports of the venue
-- (the second finds the first one's rows), and says who acts.
create or replace function import.ready(kind text, slug text) returns bigint
language plpgsql volatile
as $$
declare
    v bigint := import.venue(slug, kind);
    t text;
begin
    for t in select l.tab from import.layout(kind) l union all select 'import_rejects' loop
        perform from pg_class c where c.oid = to_regclass('pg_temp.' || quote_ident(t))
            and c.relkind = 'r' and c.relowner = to_regrole(quote_ident(current_user));
        if not found then
            perform maitred.fail(409, 'not_begun', 'import.begin comes first, in the same transaction.');
        end if;
        execute format('revoke insert on pg_temp.%I from %I', t, session_user);
    end loop;
    perform pg_advisory_xact_lock(hashtext('maitred import'), v::int);
    perform set_config('maitred.actor', 'import', true);
    return v;
end $$;

-- Nulls left out, the rest in one sentence; null when nothing is wrong.
create or replace function import.reasons(variadic said text[]) returns text
language plpgsql immutable parallel safe
as $$ begin return nullif(array_to_string(said, '; '), ''); end $$;

create or replace function import.rejects() returns table (tab text, line int, reason text)
language plpgsql volatile security definer set search_path = pg_catalog, import, pg_temp
as $$
begin
    return query select r.tab, r.line, r.reason from pg_temp.import_rejects r order by r.tab, r.line;
end $$;
