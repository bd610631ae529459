-- Sums a business day (docs/statistics.md): what keeps the figures' cost from growing with history.
-- The triggers that write them are in sql/rules/rollups*.sql, what reads them in sql/api.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

-- One row: what a venue had on a day, of a kind, in a state, of a part. Which states and parts a
-- kind has, and which sums it fills, is written in sql/rules/rollups.sql. The day '-infinity' holds
-- the sums over all days.
create table maitred.rollup (
    venue bigint not null,
    kind text not null constraint rollup_kind_known
        check (kind in ('reservation', 'arrival', 'night', 'order', 'line')),
    day date not null,
    status text not null,
    part text not null,
    n bigint not null,
    prepaid bigint not null,
    guests bigint not null,
    amount bigint not null,
    primary key (venue, kind, day, status, part)
) with (fillfactor = 70);

-- What statements have changed since: only ever added to, so that no writer waits for another;
-- whoever holds the venue's counter moves it into the table above now and then. Readers add both.
create table maitred.rollup_change (
    venue bigint not null,
    kind text not null,
    day date not null,
    status text not null,
    part text not null,
    n bigint not null,
    prepaid bigint not null,
    guests bigint not null,
    amount bigint not null
);
create index rollup_change_day on maitred.rollup_change (venue, kind, day);

-- A row a venue whose sums have been made: a deploy makes those of the others.
create table maitred.rollup_state (
    venue bigint primary key,
    made_at timestamptz not null default clock_timestamp()
);

-- A customer's first visit is one descent of these, whatever was cancelled since.
create index reservation_visit on maitred.reservation (venue, customer_id, starts_at)
    where customer_id is not null and status not in ('cancelled', 'no_show');
create index booking_visit on maitred.booking (venue, customer_id, check_in)
    where customer_id is not null and status not in ('cancelled', 'no_show');

-- A day has to follow from it.
alter table maitred.customer_order
    add constraint order_created_finite check (isfinite(created_at));
