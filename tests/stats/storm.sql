-- Random operations on five venues, as psql, programs, imports and mistakes would do them, and the
-- comparison of everything with reckoning.sql. Loaded by run.sh, which runs t.storm() in several
-- sessions at once. What a rule refuses (and what a deadlock or a savepoint takes back) is part of
-- it: t.tally counts both.
create table t.tally (session int, op text, done bigint not null default 0, refused bigint not null default 0,
                      primary key (session, op));

-- Zones whose clocks change by an hour, by half an hour, at midnight or never; cutoffs in the gaps.
create or replace function t.venues() returns void language plpgsql as $$
declare
    h record; v bigint; c bigint;
begin
    for h in select * from (values ('berlin', 'restaurant', 'Europe/Berlin', '04:00'), ('howe', 'restaurant', 'Australia/Lord_Howe', '02:15'),
            ('york', 'hotel', 'America/New_York', '02:30'), ('katmandu', 'restaurant', 'Asia/Kathmandu', '00:00'),
            ('santiago', 'hotel', 'America/Santiago', '00:30')) x (slug, kind, zone, cutoff) loop
        insert into maitred.venue (slug, kind, name, timezone, business_day_cutoff, settings)
            values (h.slug, h.kind, h.slug, h.zone, h.cutoff::time, '{"overbooking_allowance": 9999}') returning id into v;
        insert into maitred.customer (venue, name) select v, 'Guest ' || g from generate_series(1, 25) g;
        insert into maitred.floor (venue, number, name) values (v, 1, 'Ground');
        insert into maitred.dining_table (venue, number, label, capacity) select v, g, 'T-' || g, 4 from generate_series(1, 5) g;
        for i in 1 .. 4 loop
            insert into maitred.menu_category (venue, name) values (v, 'Category ' || i) returning id into c;
            insert into maitred.menu_item (venue, category_id, name, price) select v, c, 'Item ' || i || g, g * 100 from generate_series(1, 3) g;
            insert into maitred.room_type (venue, name) values (v, 'Type ' || i) returning id into c;
            insert into maitred.room (venue, room_type_id, number, out_of_order) select v, c, i || '0' || g, g = 4 from generate_series(1, 4) g;
        end loop;
    end loop;
end $$;

create or replace function t.any(n int) returns int language sql volatile as $$ select (random() * n)::int $$;
create or replace function t.one_of(variadic words text[]) returns text language sql volatile
as $$ select words[1 + floor(random() * cardinality(words))::int] $$;
-- Around the days of 2026 on which clocks change: spring and autumn, both hemispheres.
create or replace function t.a_day() returns date language sql volatile
as $$ select t.one_of('2026-03-08', '2026-03-29', '2026-04-05', '2026-09-06', '2026-10-04', '2026-10-25', '2026-11-01')::date
      + (case when random() < 0.3 then t.any(2) - 1 else t.any(50) - 25 end) $$;
create or replace function t.a_moment() returns timestamptz language sql volatile
as $$ select t.a_day()::timestamp at time zone 'UTC' + t.any(1440) * interval '1 minute' $$;
create or replace function t.a_row(tab text, v bigint) returns bigint language plpgsql volatile as $$
declare found_id bigint;
begin
    execute format('select id from maitred.%I where venue = %s order by id offset floor(random()
        * (select count(*) from maitred.%1$I where venue = %2$s)) limit 1', tab, v) into found_id;
    return found_id;
end $$;

-- A step to a state that may follow, or (one time in four) to any.
create or replace function t.step_of(kind text, tab text, v bigint) returns text language plpgsql volatile as $$
declare
    row_id bigint := t.a_row(tab, v);
    word text;
begin
    execute format('select s.to_status from maitred.transition s join maitred.%I x on x.status = s.from_status
        where s.kind = %L and x.venue = %s and x.id = %s order by random() limit 1', tab, kind, v, coalesce(row_id, 0)) into word;
    if word is null or random() < 0.25 then word := t.one_of('pending', 'confirmed', 'completed', 'cancelled'); end if;
    return format('update maitred.%I set status = %L where venue = %s and id = %s', tab, word, v, coalesce(row_id, 0));
end $$;

-- Statements as text, %1$s the venue, %2$s the row of the table, so that most are also seen as psql sends them.
create or replace function t.statement(op text, v bigint) returns text language plpgsql volatile as $$
declare
    many int := case when random() < 0.01 then 600 else 1 + t.any(3) end;
    kind text := t.one_of('order', 'order', 'reservation', 'booking');
    hard text := t.one_of('null', quote_literal('x' || gen_random_uuid()));   -- with a reference: as an import
begin
    case op
    when 'reserve' then return format($q$insert into maitred.reservation (venue, customer_id, customer_name, party_size, starts_at,
            source, status, prepaid, amount_due, external_ref)
        select %s, case when random() < 0.7 then t.a_row('customer', %1$s) end, 'G', 1 + t.any(7), t.a_moment(),
            t.one_of('website', 'mobile', 'phone', 'walk_in', 'partner'), t.one_of('pending', 'confirmed', 'confirmed', 'cancelled', 'no_show'),
            random() < 0.3, t.any(5) * 700, 'x' || gen_random_uuid() from generate_series(1, %s)$q$, v, many);
    when 'reservation status' then return t.step_of('reservation', 'reservation', v);
    when 'redate' then return format($q$update maitred.reservation set starts_at = starts_at + %L::interval where venue = %s and id = %s$q$,
        t.one_of('1 hour', '-1 hour', '1 day', '-31 days', '30 minutes', '1 month'), v, t.a_row('reservation', v));
    when 'redate many' then return format($q$update maitred.reservation set starts_at = starts_at + interval '1 day' where venue = %s and id %% 9 = %s$q$, v, t.any(8));
    when 'reservation facts' then return format($q$update maitred.reservation set party_size = %s, source = %L, prepaid = not prepaid,
        customer_id = %s where venue = %s and id = %s$q$, 1 + t.any(9), t.one_of('website', 'phone'),
        t.a_row('customer', v), v, t.a_row('reservation', v));
    when 'unreserve' then return format($q$delete from maitred.reservation where venue = %s and id = %s$q$, v, t.a_row('reservation', v));
    when 'book' then return format($q$insert into maitred.booking (venue, guest_name, customer_id, room_type_id, room_id, check_in, check_out,
            adults, children, status, nightly_rate, total_amount, source, external_ref)
        select %s, 'G', case when random() < 0.7 then t.a_row('customer', %1$s) end, t.a_row('room_type', %1$s),
            case when %2$s < 9 and random() < 0.4 then t.a_row('room', %1$s) end, d, d + 1 + t.any(6), 1 + t.any(2), t.any(2),
            t.one_of('pending', 'confirmed', 'checked_in', 'checked_out', 'cancelled', 'no_show'), t.any(9) * 1000, t.any(40) * 1000,
            t.one_of('website', 'ota', 'phone'), 'x' || gen_random_uuid()
        from (select t.a_day() as d from generate_series(1, %2$s)) x$q$, v, many);
    when 'booking status' then return t.step_of('booking', 'booking', v);
    when 'rebook' then return format($q$update maitred.booking set check_in = check_in + %s, check_out = check_out + %s, nightly_rate = %s,
        room_type_id = %s, payment_status = %L where venue = %s and id = %s$q$, t.any(40) - 20, t.any(40) - 10, t.any(9) * 900,
        t.a_row('room_type', v), t.one_of('pending', 'paid'), v, t.a_row('booking', v));
    when 'unbook' then return format($q$delete from maitred.booking where venue = %s and id = %s$q$, v, t.a_row('booking', v));
    when 'order' then return format($q$with o as (insert into maitred.customer_order (venue, customer_id, customer_phone, created_at, external_ref)
            select %s, case when random() < 0.3 then t.a_row('customer', %1$s) end, case when random() < 0.3 then '+' || 100 + t.any(9) end,
                t.a_moment(), %3$s from generate_series(1, case when %3$s is null then %2$s else 1 end) returning venue, id, external_ref)
        insert into maitred.order_item (venue, order_id, menu_item_id, name, quantity, unit_price, external_ref)
        select o.venue, o.id, case when random() < 0.9 then t.a_row('menu_item', o.venue) end, 'X', 1 + t.any(3), t.any(9) * 100,
            o.external_ref || g from o, generate_series(1, 3) g$q$, v, many, hard);
    when 'line' then return format($q$insert into maitred.order_item (venue, order_id, menu_item_id, quantity) values (%s, %s, %s, %s)$q$,
        v, t.a_row('customer_order', v), t.a_row('menu_item', v), 1 + t.any(4));
    when 'void' then return format($q$update maitred.order_item set status = %L where venue = %s and order_id = %s and random() < 0.5$q$,
        t.one_of('void', 'void', 'placed', 'ready'), v, t.a_row('customer_order', v));
    when 'order status' then return t.step_of('order', 'customer_order', v);
    when 'order to a table' then return format($q$update maitred.customer_order set table_id = %s where venue = %s and id %% 7 = %s$q$,
        coalesce(nullif(t.a_row('dining_table', v), t.a_row('dining_table', v))::text, 'null'), v, t.any(6));
    when 'order dated back' then return format($q$update maitred.customer_order set created_at = created_at - %L::interval%s where venue = %s and id %% 5 = %s$q$,
        t.one_of('1 hour', '1 day', '30 days', '-1 day'), t.one_of('', '', ', status = ''cancelled'''), v, t.any(4));
    when 'pay' then return format($q$insert into maitred.payment (venue, %I, amount, method, status, created_at)
        select %s, t.a_row(%L, %2$s), 100 * (1 + t.any(20)), 'card', t.one_of('completed', 'completed', 'pending'), t.a_moment()$q$,
        kind || '_id', v, case kind when 'order' then 'customer_order' else kind end);
    when 'refund' then return format($q$update maitred.payment set status = %L where venue = %s and id = %s$q$,
        t.one_of('refunded', 'failed', 'completed'), v, t.a_row('payment', v));
    when 'move item' then return format($q$update maitred.menu_item set category_id = t.a_row('menu_category', venue) where venue = %s and id = %s$q$, v, t.a_row('menu_item', v));
    when 'room' then return format($q$update maitred.room set out_of_order = not out_of_order where venue = %s and id = %s$q$, v, t.a_row('room', v));
    when 'zone' then return format($q$update maitred.venue set timezone = %L, business_day_cutoff = %L where id = %s$q$,
        t.one_of('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Chatham', 'America/Santiago'),
        t.one_of('00:00', '02:30', '04:00', '23:30'), v);
    when 'immediate' then return 'set constraints all immediate';
    end case;
end $$;

create or replace function t.ops(kind text) returns text[] language sql immutable as $$
    select array['reserve', 'reserve', 'reservation status', 'redate', 'redate many', 'reservation facts', 'unreserve', 'order', 'order',
        'line', 'void', 'order status', 'order status', 'order to a table', 'order dated back', 'pay', 'refund', 'move item', 'immediate']
    || case kind when 'hotel' then array['book', 'book', 'book', 'booking status', 'booking status', 'rebook', 'rebook', 'unbook', 'room'] else '{}' end $$;

-- One step: an operation or two in a savepoint, taken back one time in eight. True when the
-- transaction has to end with it, because it holds a venue's counter, which is locked last of all.
create or replace function t.step(session int) returns boolean language plpgsql as $$
declare
    v maitred.venue;
    op text;
    many int := 1 + t.any(1);
    good boolean := true;
    last boolean;
begin
    select * into v from maitred.venue offset floor(random() * 5) limit 1;
    op := case when random() < 0.004 then 'zone' else t.one_of(variadic t.ops(v.kind)) end;
    last := op in ('zone', 'immediate');
    if last then many := 1; end if;
    begin
        for i in 1 .. many loop execute t.statement(op, v.id); end loop;
        if random() < 0.125 then raise exception 'taken back'; end if;
    exception when others then good := false;
    end;
    insert into t.tally values (session, op, many * good::int, many * (not good)::int)
        on conflict on constraint tally_pkey do update set done = tally.done + excluded.done, refused = tally.refused + excluded.refused;
    return last;
end $$;

create or replace procedure t.storm(session int, steps int, seed float) language plpgsql as $$
begin
    perform setseed(seed);
    for i in 1 .. steps loop
        if t.step(session) or random() < 0.6 then commit; end if;
    end loop;
    commit;
end $$;

-- ---------------------------------------------------------------- everything compared

-- What the house says of a day, and what it has to be.
create or replace function t.said(v maitred.venue, today date) returns table (what text, said jsonb, meant jsonb)
language plpgsql stable as $$
declare
    at timestamptz := (today + v.business_day_cutoff) at time zone v.timezone + interval '14 hours';
    p record;
begin
    return query select 'stats', maitred.dashboard_figures(v, today, at), t.stats(v, today, at);
    return query select 'order stats', maitred.order_figures(v, today)::jsonb, t.order_stats(v, today);
    for p in select * from (values ('weekly', 7), ('monthly', 30)) x (period, days) loop
        return query select 'trends ' || p.period, maitred.chart_data(v, p.period, today)::jsonb -> 'chartData', t.trends(v, p.days, today);
        return query select 'frequency ' || p.period, maitred.customer_frequency(v, p.period, today)::jsonb, t.frequency(v, p.days, today);
        return query select 'sources ' || p.period, coalesce((select jsonb_object_agg(replace(key, 'walkIn', 'walk_in'), value)
                from jsonb_each(maitred.source_shares(v, p.period, today) -> 'counts') where value <> '0' and key <> 'total'), '{}'),
            t.sources(v, p.days, today);
        return query select 'categories ' || p.period, coalesce((select jsonb_object_agg(case when e ->> 'name' like 'Type %' then 'room ' else 'menu ' end || (e ->> 'name'), e -> 'amount')
                from jsonb_array_elements(maitred.revenue_categories(v, p.period, today)::jsonb -> 'categories') e), '{}'), t.by_name(v, p.days, today);
        return query select 'breakdown ' || p.period, coalesce((select jsonb_object_agg(k || (e ->> 'type'), e -> 'revenue')
                from (values ('room ', 'roomTypes'), ('menu ', 'services')) w (k, list),
                     jsonb_array_elements(maitred.hotel_breakdown(v, p.period, today)::jsonb -> list) e), '{}'), t.by_name(v, p.days, today);
        return query select 'availability ' || p.period, (select jsonb_object_agg(e ->> 'type', jsonb_build_array(e -> 'total', e -> 'available'))
                from jsonb_array_elements(maitred.availability(v, today, today + p.days)::jsonb -> 'roomTypes') e), t.availability(v.id, today, today + p.days);
    end loop;
    return query select 'count ' || k, to_jsonb(array[maitred.rollup_count(v.id, k, null, null, null), maitred.rollup_count(v.id, k, s, null, today),
            maitred.rollup_count(v.id, k, s, today, null), maitred.rollup_count(v.id, k, s, today - 6, today)]),
        (select to_jsonb(array[count(*), count(*) filter (where r.day <= today and r.status = any (s)),
            count(*) filter (where r.day >= today and r.status = any (s)), count(*) filter (where r.day between today - 6 and today and r.status = any (s))])
         from (select 'reservation' as kind, x.day, (x.r).status from t.day_of_reservations(v.id) x
               union all select 'order', x.day, (x.o).status from t.day_of_orders(v.id) x
               union all select 'arrival', b.check_in, b.status from maitred.booking b where b.venue = v.id) r where r.kind = k)
        from unnest(array['reservation', 'order', 'arrival']) k, (values (array['confirmed', 'cancelled'])) w (s);
end $$;

create or replace function t.wrong_figures(days date[]) returns setof text language sql stable as $$
    select format('%s %s %s: said %s, meant %s', v.slug, d, s.what, s.said, s.meant)
    from maitred.venue v, unnest(days) d, t.said(v, d) s where s.said is distinct from s.meant $$;

create or replace function t.wrong() returns bigint language sql volatile
as $$ select t.look(); select count(*) from maitred.venue v, t.wrong_sums(v.id) $$;
