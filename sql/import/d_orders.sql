-- Restaurant orders and their menu, out of four staged files: types and priced variants make
-- categories and items (one a size), orders and details make orders, lines and payments.
-- External references are the export's own ids.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, import, pg_temp;

-- ---------------------------------------------------------------- menu

create or replace function import.read_types() returns void
language plpgsql volatile
as $$
begin
    create temp table import_dishes on commit drop as
    select t.line, import.clean(t.type_id) as type_id, import.clean(t.name) as name,
           import.clean(t.category) as category, coalesce(import.clean(t.ingredients), '') as ingredients,
           import.reasons(t.problem,
               case when t.problem is null and import.clean(t.type_id) is null then 'no PizzaTypeID' end,
               case when t.problem is null and import.clean(t.name) is null then 'no name' end,
               case when length(t.name) > 140 then 'the name is too long' end,
               case when t.problem is null and import.clean(t.category) is null then 'no category' end,
               case when length(t.category) > 100 then 'the category is too long' end,
               case when row_number() over (partition by import.clean(t.type_id) order by t.line) > 1
                         and import.clean(t.type_id) is not null
                    then 'PizzaTypeID ' || t.type_id || ' is there twice' end) as reason
    from pg_temp.import_types t;
    insert into pg_temp.import_rejects
        select 'import_types', d.line, d.reason from pg_temp.import_dishes d where d.reason is not null;
    delete from pg_temp.import_dishes d where d.reason is not null;
end $$;

create or replace function import.read_items(currency text) returns void
language plpgsql volatile
as $$
begin
    create temp table import_items on commit drop as
    select p.line, import.clean(p.pizza_id) as pizza_id, d.category, d.ingredients, d.line as dish_line,
           d.name || coalesce(' (' || import.clean(p.size) || ')', '') as name,
           maitred.minor(import.to_number(p.price), currency) as price,
           null::bigint as id, import.reasons(p.problem,
               case when p.problem is null and import.clean(p.pizza_id) is null then 'no PizzaID' end,
               case when p.problem is null and d.type_id is null
                    then 'no such PizzaTypeID: ' || coalesce(p.type_id, '') end,
               case when length(p.size) > 8 then 'the size is too long' end,
               case when p.problem is null and import.to_number(p.price) is null
                    then 'the price is no number: ' || coalesce(p.price, '') end,
               case when import.to_number(p.price) < 0 then 'a negative price: ' || p.price end,
               case when row_number() over (partition by import.clean(p.pizza_id) order by p.line) > 1
                         and import.clean(p.pizza_id) is not null
                    then 'PizzaID ' || p.pizza_id || ' is there twice' end) as reason
    from pg_temp.import_pizzas p
    left join pg_temp.import_dishes d on d.type_id = import.clean(p.type_id);
    insert into pg_temp.import_rejects
        select 'import_pizzas', i.line, i.reason from pg_temp.import_items i where i.reason is not null;
    delete from pg_temp.import_items i where i.reason is not null;
end $$;

create or replace function import.add_categories(v bigint) returns bigint
language plpgsql volatile
as $$
declare
    palette text[] := array['#c2410c', '#15803d', '#1d4ed8', '#a16207', '#7e22ce', '#0f766e', '#be123c', '#4d7c0f'];
    n bigint;
begin
    insert into maitred.menu_category (venue, name, sort, color, external_ref)
        select v, c.category, c.no, palette[1 + (c.no - 1) % cardinality(palette)], 'category:' || c.category
        from (select i.category, row_number() over (order by i.category)::int as no
              from pg_temp.import_items i group by i.category) c
        on conflict do nothing;
    get diagnostics n = row_count;
    return n;
end $$;

-- Adds what is not there and notes the id of every item, new or old.
create or replace function import.add_items(v bigint) returns bigint
language plpgsql volatile
as $$
declare n bigint;
begin
    insert into maitred.menu_item (venue, category_id, name, description, price, sort, external_ref)
        select v, c.id, i.name, i.ingredients, i.price,
               row_number() over (partition by i.category order by i.dish_line, i.price, i.line),
               'item:' || i.pizza_id
        from pg_temp.import_items i
        join lateral (select m.id from maitred.menu_category m
                      where m.venue = v and (m.external_ref = 'category:' || i.category
                                             or (m.active and m.name = i.category))
                      order by (m.external_ref is null) limit 1) c on true
        order by i.line
        on conflict do nothing;
    get diagnostics n = row_count;
    update pg_temp.import_items i set id = m.id from maitred.menu_item m
        where m.venue = v and m.external_ref = 'item:' || i.pizza_id;
    return n;
end $$;

create or replace function import.menu_of(v bigint, out categories bigint, out items bigint)
language plpgsql volatile
as $$
begin
    perform import.read_types();
    perform import.read_items(x.currency) from maitred.venue x where x.id = v;
    categories := import.add_categories(v);
    items := import.add_items(v);
end $$;

create or replace function import.menu(slug text, options jsonb) returns table (what text, n bigint)
language plpgsql volatile security definer set search_path = pg_catalog, maitred, import, pg_temp
as $$
declare
    v bigint := import.ready('menu', slug);
    made record;
begin
    made := import.menu_of(v);
    return query values ('categories added', made.categories), ('items added', made.items);
end $$;

-- ---------------------------------------------------------------- orders and lines

create or replace function import.read_orders(v bigint, timezone text) returns void
language plpgsql volatile
as $$
begin
    create temp table import_bills on commit drop as
    with words as materialized (
        select s.line, s.problem, import.clean(s.order_id) as order_id, import.read_date(s.day, 'dmy') as day,
               import.read_time(s.clock) as clock, s.day as day_word, s.clock as clock_word
        from pg_temp.import_orders s
    )
    select w.line, w.order_id, w.day, w.clock, null::timestamptz as at, null::bigint as total,
           null::bigint as id, import.reasons(w.problem,
               case when w.problem is null and w.order_id is null then 'no OrderID' end,
               case when w.problem is null and w.day is null
                    then 'no such date: ' || coalesce(w.day_word, '') end,
               case when w.problem is null and w.clock is null
                    then 'no such time: ' || coalesce(w.clock_word, '') end,
               case when w.order_id is not null
                         and row_number() over (partition by w.order_id order by w.line) > 1
                    then 'OrderID ' || w.order_id || ' is there twice' end) as reason
    from words w;
    insert into pg_temp.import_rejects
        select 'import_orders', b.line, b.reason from pg_temp.import_bills b where b.reason is not null;
    delete from pg_temp.import_bills b where b.reason is not null;
    create unique index on pg_temp.import_bills (order_id);
    analyze pg_temp.import_bills;
end $$;

-- Lines need their order and their item. An order that is left without a line is no order.
create or replace function import.read_lines() returns void
language plpgsql volatile
as $$
begin
    create temp table import_lines on commit drop as
    with words as materialized (
        select d.*, import.clean(d.detail_id) as detail, import.clean(d.order_id) as bill,
               import.clean(d.pizza_id) as pizza, import.to_int(d.quantity) as number
        from pg_temp.import_details d
    )
    select d.line, d.detail as detail_id, b.order_id, i.id as item_id, i.name, i.price,
           d.number as quantity, case when d.problem is not null or b.order_id is null or i.pizza_id is null
                   or d.detail is null or d.number is null or d.number not between 1 and 999 or d.times > 1
               then import.reasons(d.problem,
                   case when d.problem is null and d.detail is null then 'no OrderDetailsID' end,
                   case when d.problem is null and b.order_id is null
                        then 'no such order: ' || coalesce(d.order_id, '') end,
                   case when d.problem is null and i.pizza_id is null
                        then 'no such pizza: ' || coalesce(d.pizza_id, '') end,
                   case when d.problem is null and coalesce(d.number, 0) not between 1 and 999
                        then 'no such quantity: ' || coalesce(d.quantity, '') end,
                   case when d.times > 1 then 'OrderDetailsID ' || d.detail_id || ' is there twice' end)
           end as reason
    from (select w.*, case when w.detail is not null
                  then row_number() over (partition by w.detail order by w.line) end as times
          from words w) d
    left join pg_temp.import_bills b on b.order_id = d.bill
    left join pg_temp.import_items i on i.pizza_id = d.pizza;
    insert into pg_temp.import_rejects
        select 'import_details', l.line, l.reason from pg_temp.import_lines l where l.reason is not null;
    delete from pg_temp.import_lines l where l.reason is not null;
    analyze pg_temp.import_lines;
    update pg_temp.import_bills b set total = s.total
        from (select l.order_id, sum(l.quantity * l.price) as total
              from pg_temp.import_lines l group by l.order_id) s
        where s.order_id = b.order_id;
    insert into pg_temp.import_rejects
        select 'import_orders', b.line, 'no line of this order can be read'
        from pg_temp.import_bills b where b.total is null;
    delete from pg_temp.import_bills b where b.total is null;
end $$;

-- Moves the orders, and sets their instant in the venue's zone. What would then lie ahead of now
-- goes back by the length of the history in whole weeks, to just before its beginning: so every
-- order is kept, weekdays are kept, the history ends now and nothing lies in the future.
create or replace function import.shift_orders(days int, timezone text) returns bigint
language plpgsql volatile
as $$
declare
    weeks int;
    wrapped bigint := 0;
begin
    update pg_temp.import_bills b set at = (b.day + days + b.clock) at time zone timezone;
    if days = 0 then return 0; end if;
    select ceil((max(b.day) - min(b.day) + 1) / 7.0)::int into weeks from pg_temp.import_bills b;
    update pg_temp.import_bills b
        set at = (b.day + days - 7 * weeks + b.clock) at time zone timezone
        where b.at > now();
    get diagnostics wrapped = row_count;
    return wrapped;
end $$;

create or replace function import.add_orders(v bigint) returns bigint
language plpgsql volatile
as $$
declare n bigint;
begin
    with made as (
        insert into maitred.customer_order (venue, order_number, status, payment_status,
                payment_method, total_price, created_at, updated_at, external_ref)
            select v, 'P' || b.order_id, 'completed', 'paid',
                   case when b.total > 0 then import.method_of(b.order_id) end, b.total, b.at,
                   least(b.at + interval '1 hour', now()), 'order:' || b.order_id
            from pg_temp.import_bills b order by b.at, b.line
            returning id, external_ref
    )
    update pg_temp.import_bills b set id = made.id from made
        where made.external_ref = 'order:' || b.order_id;
    get diagnostics n = row_count;
    return n;
end $$;

-- The file does not say how an order was paid: three in four by card.
create or replace function import.method_of(order_id text) returns text
language plpgsql immutable parallel safe
as $$ begin return case when import.pick(order_id, 4) = 0 then 'cash' else 'card' end; end $$;

create or replace function import.add_lines(v bigint) returns bigint
language plpgsql volatile
as $$
declare n bigint;
begin
    insert into maitred.order_item (venue, order_id, menu_item_id, name, quantity, unit_price, status,
            created_at, external_ref)
        select v, b.id, l.item_id, l.name, l.quantity, l.price, 'served', b.at, 'line:' || l.detail_id
        from pg_temp.import_lines l join pg_temp.import_bills b using (order_id)
        order by l.line;
    get diagnostics n = row_count;
    return n;
end $$;

create or replace function import.add_payments(v bigint) returns bigint
language plpgsql volatile
as $$
declare n bigint;
begin
    insert into maitred.payment (venue, order_id, amount, method, status, created_at, updated_at, external_ref)
        select v, b.id, b.total, import.method_of(b.order_id), 'completed',
               least(b.at + interval '1 hour', now()), least(b.at + interval '1 hour', now()),
               'payment:' || b.order_id
        from pg_temp.import_bills b where b.total > 0 order by b.at, b.line;
    get diagnostics n = row_count;
    return n;
end $$;

-- What sold best is what the menu calls popular.
create or replace function import.mark_popular(v bigint, how_many int) returns void
language sql volatile
as $$
    update maitred.menu_item m set popular = true
        where m.venue = v and not m.popular and m.id in (
            select i.menu_item_id from maitred.order_item i
            where i.venue = v and i.status <> 'void' and i.menu_item_id is not null
            group by i.menu_item_id order by sum(i.quantity) desc, i.menu_item_id limit how_many)
$$;

create or replace function import.orders(slug text, options jsonb) returns table (what text, n bigint)
language plpgsql volatile security definer set search_path = pg_catalog, maitred, import, pg_temp
as $$
declare
    v bigint := import.ready('orders', slug);
    venue_zone text := (select x.timezone from maitred.venue x where x.id = v);
    days int;
    menu record;
    wrapped bigint := 0;
    present bigint;
    added bigint := 0;
    lines bigint := 0;
    payments bigint := 0;
begin
    menu := import.menu_of(v);
    perform import.read_orders(v, venue_zone);
    perform import.read_lines();
    select import.shift_days(options ->> 'shift', max(b.day), maitred.today(v)) into days
        from pg_temp.import_bills b;
    wrapped := import.shift_orders(coalesce(days, 0), venue_zone);
    delete from pg_temp.import_bills b using maitred.customer_order o
        where o.venue = v and o.external_ref = 'order:' || b.order_id;
    get diagnostics present = row_count;
    if exists (select from pg_temp.import_bills) then
        added := import.add_orders(v);
        lines := import.add_lines(v);
        payments := import.add_payments(v);
        -- So that the first questions after the commit (and the next one here) are not planned
        -- for an empty venue.
        analyze maitred.customer_order, maitred.order_item, maitred.payment, maitred.menu_item;
        perform import.mark_popular(v, 8);
    end if;
    return query values ('categories added', menu.categories), ('items added', menu.items),
        ('orders added', added), ('lines added', lines), ('payments added', payments),
        ('orders there already', present), ('days shifted', coalesce(days, 0)::bigint),
        ('orders moved to the front', case when present = 0 then wrapped else 0 end);
end $$;
