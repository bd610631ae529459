-- A broadcast is a message to all that asks for nothing: it is resolved as it is made.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

alter table maitred.notification
    drop constraint notification_kind_known,
    add constraint notification_kind_known check (kind in ('call_waiter', 'bill_requested', 'order_ready',
        'new_order', 'payment_completed', 'alert', 'broadcast'));

-- It has one argument more now (sql/rules/messages.sql).
drop function if exists maitred.tell_of_order(maitred.customer_order, text, text, text);
