-- How many orders of a table are in a status, kept so that the total of a list costs the same
-- whatever the history (sql/api/43_orders.sql reads it). Rows are only ever added, one a change and
-- sign: writers of one venue share no row and no lock. Folding takes what nobody else is folding
-- and puts its sums back in the same transaction, so that every snapshot adds up.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create or replace function maitred.order_tally_fold(v bigint) returns void
language plpgsql volatile security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    with found as materialized (
        select t.id from maitred.order_tally t where t.venue = v for update skip locked
    ), gone as (
        delete from maitred.order_tally t using found f where t.venue = v and t.id = f.id
        returning t.table_id, t.status, t.n
    )
    insert into maitred.order_tally (venue, table_id, status, n)
        select v, g.table_id, g.status, sum(g.n) from gone g
        group by g.table_id, g.status having sum(g.n) <> 0;
end $$;

-- One call in a hundred folds: a venue has some hundreds of rows, whatever it does.
create or replace function maitred.order_tally_new() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare v bigint;
begin
    insert into maitred.order_tally (venue, table_id, status, n)
        select c.venue, c.table_id, c.status, count(*) from changed c group by 1, 2, 3;
    if random() < 0.01 then
        for v in select distinct c.venue from changed c loop
            perform maitred.order_tally_fold(v);
        end loop;
    end if;
    return null;
end $$;
create or replace trigger n_tally_new after insert on maitred.customer_order
    referencing new table as changed
    for each statement execute function maitred.order_tally_new();

create or replace function maitred.order_tally_moved() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if tg_op = 'DELETE' and maitred.erasing(old.venue) then return null; end if;
    insert into maitred.order_tally (venue, table_id, status, n)
        values (old.venue, old.table_id, old.status, -1);
    if tg_op = 'UPDATE' then
        insert into maitred.order_tally (venue, table_id, status, n)
            values (new.venue, new.table_id, new.status, 1);
    end if;
    if random() < 0.01 then perform maitred.order_tally_fold(old.venue); end if;
    return null;
end $$;
create or replace trigger n_tally_moved after update on maitred.customer_order
    for each row when ((old.table_id, old.status) is distinct from (new.table_id, new.status))
    execute function maitred.order_tally_moved();
create or replace trigger n_tally_gone after delete on maitred.customer_order
    for each row execute function maitred.order_tally_moved();

-- Orders in the wanted states (null: any) of a table (null: of all).
create or replace function maitred.order_tally_sum(v bigint, wanted text[], of_table bigint)
returns bigint language plpgsql stable
as $$
begin
    return (select coalesce(sum(t.n), 0)::bigint from maitred.order_tally t
            where t.venue = v and (wanted is null or t.status = any (wanted))
              and (of_table is null or t.table_id = of_table));
end $$;
