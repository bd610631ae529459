-- What happens by itself: rows say when they are due, null is never. The triggers of sql/rules/timers.sql
-- keep these moments, sql/api/61_due.sql sees to what is due.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, extensions, pg_temp;

-- A setting of a venue in whole seconds; what is not set has a default.
create function maitred.is_seconds(value text, most int) returns boolean
language sql immutable parallel safe
as $$ select case when value ~ '^[0-9]{1,6}$' then value::int <= most else value is null end $$;

alter table maitred.venue
    add constraint venue_escalate_after_range
        check (maitred.is_seconds(settings ->> 'escalate_after_s', 86400)),
    add constraint venue_reservation_grace_range
        check (maitred.is_seconds(settings ->> 'reservation_grace_s', 86400)),
    add constraint venue_session_idle_range
        check (maitred.is_seconds(settings ->> 'session_idle_s', 604800));

-- A message that nobody acknowledges becomes an alert to those in charge: one, whoever makes it.
alter table maitred.notification
    add column audience text constraint notification_audience_known check (audience = 'managers'),
    add column escalates bigint,
    add column escalate_at timestamptz,
    add constraint notification_escalates_exists
        foreign key (venue, escalates) references maitred.notification;
create unique index notification_escalated_once on maitred.notification (venue, escalates)
    where escalates is not null;
create index notification_escalate on maitred.notification (escalate_at) where escalate_at is not null;

alter table maitred.dining_table add column reserved_until timestamptz;
create index table_reserved_until on maitred.dining_table (reserved_until)
    where reserved_until is not null;

alter table maitred.table_session add column expires_at timestamptz;
create index session_expires on maitred.table_session (expires_at) where expires_at is not null;

-- What is there already, by the defaults; messages of the past stay as they are.
update maitred.dining_table t set reserved_until = (
        select min(r.starts_at) + interval '15 minutes' from maitred.reservation r
        where r.venue = t.venue and r.table_id = t.id and r.status in ('pending', 'confirmed')
          and r.starts_at > clock_timestamp() - interval '15 minutes')
    where t.status = 'reserved' and t.active;
update maitred.table_session s set expires_at = s.last_active + interval '4 hours' where s.state = 'open';
