-- The feed when somebody says `set constraints all immediate` by hand and goes on writing: the
-- firing then comes before the rows of its statement are noted. Lost events were a bug.
begin;
set local search_path = public, pg_catalog;
select plan(10);
select t.restaurant('hasty') as v \gset
select t.restaurant('hasty-two') as w \gset
select t.tab(:v, 1) as t1, t.tab(:v, 2) as t2 \gset

select t.seq(:v) as s \gset
set constraints all immediate;
update maitred.dining_table set section = 'bar' where id = :t1;
select is(t.types(:v, :s), 'table.updated', 'immediate before the first change: told with its statement');
update maitred.dining_table set section = 'terrace' where venue = :v;
select is(t.types(:v, :s + 1), 'table.updated table.updated table.updated table.updated',
    'a statement of four rows: four events, none lost');
select is((select data -> 'old' ->> 'section' from feed.log where venue = :v and entity = :t1
    order by seq desc limit 1), 'bar', 'old values are those from before the statement');
select t.seq(:v) as s \gset
update maitred.dining_table set section = 'garden' where venue in (:v, :w) and number = 1;
select is(t.types(:v, :s), 'table.updated', 'two venues in one statement: the one');
select is((t.last_event(:w)).type, 'table.updated', 'and the other');
set constraints all deferred;

select t.seq(:v) as s \gset
update maitred.dining_table set section = 'a' where id = :t1;
savepoint a;
set constraints all immediate;
release a;
update maitred.dining_table set section = 'b' where id = :t2;
select is(t.types(:v, :s), 'table.updated table.updated', 'made immediate half-way in a savepoint: what comes after is told too');
set constraints all deferred;

select t.seq(:v) as s \gset
set constraints maitred.x_emit immediate;
insert into maitred.customer_order (venue, order_number, customer_name) values (:v, 'H-1', 'Hasty');
select is(t.types(:v, :s), 'order.created notification.created', 'the firing alone made immediate');
set constraints all deferred;

select t.seq(:v) as s \gset
update maitred.dining_table set section = 'c' where venue = :v;
update maitred.dining_table set section = 'd' where id = :t1;
select is(t.types(:v, :s), '', 'deferred again: nothing before the commit');
select t.flush();
select is(t.types(:v, :s), 'table.updated table.updated table.updated table.updated', 'one event a table');

select throws_ok('truncate feed.event', 'MD409', 'truncate_refused', 'the event table is not truncated either');
select * from finish();
rollback;
