-- How many orders of a table are in a status is one more of the sums that are kept anyway
-- (sql/rules/rollups.sql, kind 'table'): the tally of its own goes, and the next deploy step makes
-- every venue's sums anew.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

drop trigger if exists n_tally_new on maitred.customer_order;
drop trigger if exists n_tally_moved on maitred.customer_order;
drop trigger if exists n_tally_gone on maitred.customer_order;
drop function if exists maitred.order_tally_fold(bigint), maitred.order_tally_new(), maitred.order_tally_moved(),
    maitred.order_tally_sum(bigint, text[], bigint);
drop table maitred.order_tally;

alter table maitred.rollup
    drop constraint rollup_kind_known,
    add constraint rollup_kind_known
        check (kind in ('reservation', 'arrival', 'night', 'order', 'line', 'table'));
delete from maitred.rollup_state;
