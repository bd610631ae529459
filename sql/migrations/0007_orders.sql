-- Lists of orders and of what is open: the indexes that a page is read off, and the tally that
-- gives a list's exact total without counting the history.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- A page is the newest of each wanted status, merged (sql/api/43_orders.sql).
create index order_by_status on maitred.customer_order (venue, status, created_at, id);
create index order_by_table on maitred.customer_order (venue, table_id, status, created_at, id)
    where table_id is not null;

-- How many orders of a table (null: of none) are in a status: the sum of n over the rows. Each
-- writer only adds rows, so that nobody waits for anybody; now and then one of them folds a
-- venue's rows into a few (sql/rules/order_tally.sql).
create table maitred.order_tally (
    venue bigint not null references maitred.venue,
    id bigint generated always as identity,
    table_id bigint,
    status text not null,
    n bigint not null,
    primary key (venue, id)
);
insert into maitred.order_tally (venue, table_id, status, n)
    select o.venue, o.table_id, o.status, count(*) from maitred.customer_order o group by 1, 2, 3;

-- What is open, by what it is about: closed as the order or the request moves on.
create index notification_of_order on maitred.notification (venue, order_id)
    where order_id is not null and acknowledged_at is null and resolved_at is null;
create index notification_of_request on maitred.notification (venue, request_id)
    where request_id is not null;
create index notification_open_newest on maitred.notification (venue, created_at, id)
    where acknowledged_at is null and resolved_at is null;
create index request_open_newest on maitred.service_request (venue, created_at, id)
    where resolved_at is null;
