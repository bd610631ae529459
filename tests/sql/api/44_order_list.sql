-- The list of orders: filters, order, pages, exact totals; what a guest and a viewer see of it; and
-- the sums behind the totals, held against a count after many random changes.
begin;
\ir fixture.psql
select no_plan();
create function pg_temp.list(status text[] default null, day date default null, tab bigint default null, session bigint default null,
    page bigint default 1, lim bigint default 50, who api.caller default pg_temp.caller('bistro', 'admin')) returns api.answer
language sql stable as $$ select api.order_list($7, $1, $2, $3, $4, $5, $6) $$;
-- The orders of a page by the name that they were given, and the total.
create function pg_temp.names(a api.answer) returns text language sql stable
as $$ select coalesce((select string_agg(o ->> 'customer_name', ' ' order by n) from jsonb_array_elements($1.body::jsonb) with ordinality x (o, n)), '-') || ' of ' || $1.total $$;

update maitred.dining_table set status = 'occupied' where id = pg_temp.tab('bistro', 1);
insert into maitred.customer_order (venue, customer_name, status, created_at, table_id, session_id)
    select pg_temp.venue('bistro'), name, status, pg_temp.hour('bistro', day, hour), pg_temp.tab('bistro', tab),
           case when tab = 1 then (select id from maitred.table_session where table_id = pg_temp.tab('bistro', 1)) end
    from (values ('a', 'completed', -3, 1.0, 2), ('b', 'pending', -3, 2, 3), ('c', 'cancelled', -1, 1, 2), ('d', 'completed', -1, 1, null),
                 ('e', 'ready', 0, 0, 2), ('f', 'pending', 0, 1, 1), ('g', 'served', 0, 2, 1)) x (name, status, day, hour, tab) order by name;
insert into maitred.customer_order (venue, customer_name, status) values (pg_temp.venue('other'), 'theirs', 'pending');
select is(pg_temp.names(pg_temp.list()), 'g f e d c b a of 7', 'newest first, of one moment the later one first');
select is(pg_temp.names(pg_temp.list(array['pending', 'ready'])), 'f e b of 3', 'by status');
select is(pg_temp.names(pg_temp.list(array['confirmed'])), '- of 0', 'none of a status');
select is(pg_temp.names(pg_temp.list('{}')), 'g f e d c b a of 7', 'no status is any');
select is(pg_temp.names(pg_temp.list(null, maitred.today(pg_temp.venue('bistro')))), 'g f e of 3', 'of a business day: from its first moment');
select is(pg_temp.names(pg_temp.list(array['completed'], maitred.today(pg_temp.venue('bistro')) - 1)), 'd of 1', '... and a status');
select is(pg_temp.names(pg_temp.list(null, null, pg_temp.tab('bistro', 2))), 'e c a of 3', 'of a table');
select is(pg_temp.names(pg_temp.list(array['cancelled', 'completed'], null, pg_temp.tab('bistro', 2))), 'c a of 2', '... and a status');
select is(pg_temp.names(pg_temp.list(null, maitred.today(pg_temp.venue('bistro')) - 1, pg_temp.tab('bistro', 2))), 'c of 1', '... and a day');
select is(pg_temp.names(pg_temp.list(null, null, null, s.id)), 'g f of 2', 'of a session') from maitred.table_session s where table_id = pg_temp.tab('bistro', 1);
select is(pg_temp.names(pg_temp.list(array['served'], null, pg_temp.tab('bistro', 1), s.id)), 'g of 1', '... and a status') from maitred.table_session s where table_id = pg_temp.tab('bistro', 1);
select is(pg_temp.names(pg_temp.list(null, null, pg_temp.tab('other', 2))), '- of 0', 'another venue''s table has none');
select is(pg_temp.names(pg_temp.list(page => 2, lim => 3)), 'd c b of 7', 'a page');
select is(pg_temp.names(pg_temp.list(page => 3, lim => 3)), 'a of 7', 'the last');
select is(pg_temp.names(pg_temp.list(page => 9, lim => 3)), '- of 7', 'and past it');
select is(pg_temp.says('select pg_temp.list(page => 0)'), 'MD422 invalid_field page', 'no page');
select is(pg_temp.says('select pg_temp.list(lim => 201)'), 'MD422 invalid_field limit', 'too much of one');
select is(pg_temp.names(pg_temp.list(who => pg_temp.caller('other', 'waiter'))), 'theirs of 1', 'each venue has its own');
select is(pg_temp.body(pg_temp.list(array['ready'], who => pg_temp.caller('bistro', 'kitchen'))) #>> '{0,customer_name}', maitred.mask_name('e'), 'masked for the kitchen');
create function pg_temp.guest(session bigint, order_id bigint default null) returns api.caller language sql stable
as $$ select (pg_temp.venue('bistro'), null, 'guest', 'guest', $1, $2, false)::api.caller $$;
select is(pg_temp.names(pg_temp.list(who => pg_temp.guest(s.id))), 'g f of 2', 'a guest''s session') from maitred.table_session s where table_id = pg_temp.tab('bistro', 1);
select is(pg_temp.names(pg_temp.list(page => 2, lim => 1, who => pg_temp.guest(s.id))), 'f of 2', '... in pages') from maitred.table_session s where table_id = pg_temp.tab('bistro', 1);
select is(pg_temp.names(pg_temp.list(session => s.id, who => pg_temp.guest(-1))), '- of 0', '... and no other, though it is named') from maitred.table_session s where table_id = pg_temp.tab('bistro', 1);
select is(pg_temp.names(pg_temp.list(who => pg_temp.guest(null, o.id))), 'e of 1', 'a guest''s one order') from maitred.customer_order o where venue = pg_temp.venue('bistro') and customer_name = 'e';
select is(pg_temp.body(pg_temp.list()) -> 0, (select maitred.order_json(venue, id) from maitred.customer_order where venue = pg_temp.venue('bistro') and customer_name = 'g'), 'the same object as one');

-- the sums behind the totals -------------------------------------------------------------------------------------
create function pg_temp.wrong() returns bigint language sql stable
as $$ select count(*) from maitred.venue v, maitred.rollup_check(v.id) $$;
select is(pg_temp.wrong(), 0::bigint, 'right so far');
do $$
declare
    v bigint; o record; next text; what int;
begin
    perform setseed(0.42);
    for i in 1 .. 1200 loop
        v := pg_temp.venue((array['bistro', 'other'])[1 + i % 2]);
        what := floor(random() * 10);
        select * into o from maitred.customer_order x where x.venue = v and x.status not in ('completed', 'cancelled') order by random() limit 1;
        select t.to_status into next from maitred.transition t where t.kind = 'order' and t.from_status = o.status order by random() limit 1;
        case when what < 3 then insert into maitred.customer_order (venue, table_id)
                 select v, (select t.id from maitred.dining_table t where t.venue = v and t.active and random() < 0.7 order by random() limit 1);
             when what < 8 then update maitred.customer_order x set status = next where x.venue = v and x.id = o.id and next is not null;
             when what = 8 then update maitred.customer_order x set table_id = (select t.id from maitred.dining_table t where t.venue = v order by random() limit 1) where x.venue = v and x.id = o.id;
             else begin
                 insert into maitred.customer_order (venue) values (v);
                 raise exception 'undone';
             exception when raise_exception then null; end;
        end case;
    end loop;
end $$;
select is(pg_temp.wrong(), 0::bigint, 'right after many changes, some of them undone');
select is((pg_temp.list(array['pending'])).total, (select count(*) from maitred.customer_order where venue = pg_temp.venue('bistro') and status = 'pending'), 'so a total is a count');
select is((pg_temp.list(null, null, pg_temp.tab('bistro', 2))).total, (select count(*) from maitred.customer_order where table_id = pg_temp.tab('bistro', 2)), '... of a table too');
select maitred.rollup_fold(pg_temp.venue('bistro'));
select is(pg_temp.wrong(), 0::bigint, 'folding changes no sum');
select ok((select count(*) from maitred.rollup where venue = pg_temp.venue('bistro') and kind = 'table') <= 7 * 5, '... and leaves a row a table and status');
delete from maitred.notification where venue = pg_temp.venue('other');
delete from maitred.customer_order where venue = pg_temp.venue('other') and status = 'pending';
select is(pg_temp.wrong(), 0::bigint, 'deleted orders are gone from it');
select * from finish();
rollback;
