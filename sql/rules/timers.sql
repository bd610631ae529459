-- When something happens by itself. Three kinds of rows say the moment, and null is never:
--   notification.escalate_at      an order or a guest's call that nobody acknowledged becomes an alert
--   dining_table.reserved_until   a table that was kept for a reservation is free again
--   table_session.expires_at      a session that nobody uses ends
-- The triggers here keep them, whoever makes the change; sql/api/61_due.sql does what is due. After how
-- long is the venue's to say (venue.settings, seconds, 0: never). A venue that is not active has nothing due.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

insert into maitred.constraint_error (constraint_name, status, code, detail, field) values
    ('venue_escalate_after_range', 422, 'invalid_field', 'escalate_after_s must be from 0 to 86400 seconds.', 'settings'),
    ('venue_reservation_grace_range', 422, 'invalid_field', 'reservation_grace_s must be from 0 to 86400 seconds.', 'settings'),
    ('venue_session_idle_range', 422, 'invalid_field', 'session_idle_s must be from 0 to 604800 seconds.', 'settings'),
    ('venue_allowance_range', 422, 'invalid_field', 'overbooking_allowance must be from 0 to 9999.', 'settings')
on conflict (constraint_name) do update
    set status = excluded.status, code = excluded.code, detail = excluded.detail, field = excluded.field;

create or replace function maitred.timer_default(key text) returns int
language sql immutable strict parallel safe
as $$ select case key when 'escalate_after_s' then 180       -- three minutes
                      when 'reservation_grace_s' then 900    -- a quarter of an hour
                      when 'session_idle_s' then 14400 end $$;   -- four hours

-- Null: never.
create or replace function maitred.timer_after(v bigint, key text) returns interval
language plpgsql stable
as $$
begin
    return (select make_interval(secs => nullif(
                coalesce((x.settings ->> key)::int, maitred.timer_default(key)), 0))
            from maitred.venue x where x.id = v and x.active);
end $$;

-- ---------------------------------------------------------------- messages

create or replace function maitred.escalates_at(n maitred.notification) returns timestamptz
language plpgsql stable
as $$
begin
    if n.kind not in ('new_order', 'call_waiter', 'bill_requested')
       or n.acknowledged_at is not null or n.resolved_at is not null then
        return null;
    end if;
    return n.created_at + maitred.timer_after(n.venue, 'escalate_after_s');
end $$;

create or replace function maitred.message_due() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    new.escalate_at := maitred.escalates_at(new);
    return new;
end $$;
create or replace trigger e_due before insert on maitred.notification for each row
    execute function maitred.message_due();
create or replace trigger e_over before update on maitred.notification for each row
    when (old.escalate_at is not null
          and (new.acknowledged_at is not null or new.resolved_at is not null))
    execute function maitred.message_due();

-- A message and its alert end together: who sees to one has seen to the other. The second update
-- finds its counterpart ended, so it goes no further.
create or replace function maitred.alert_ends() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    update maitred.notification n
        set acknowledged_by = coalesce(n.acknowledged_by, new.acknowledged_by),
            acknowledged_at = coalesce(n.acknowledged_at, new.acknowledged_at),
            resolved_at = coalesce(n.resolved_at, new.resolved_at)
        where n.venue = new.venue and (n.escalates = new.id or n.id = new.escalates)
          and (n.acknowledged_at is null and new.acknowledged_at is not null
               or n.resolved_at is null and new.resolved_at is not null);
    return null;
end $$;
create or replace trigger z_alert_ends after update of acknowledged_at, resolved_at on maitred.notification
    for each row when (old.acknowledged_at is null and new.acknowledged_at is not null
                       or old.resolved_at is null and new.resolved_at is not null)
    execute function maitred.alert_ends();

-- ---------------------------------------------------------------- reserved tables

-- The end of the grace of the party that is next at a reserved table. One that was kept for a party
-- which does not come any more is due at once; one that is kept for none that is known is kept until
-- somebody says otherwise.
create or replace function maitred.released_at(t maitred.dining_table) returns timestamptz
language plpgsql stable
as $$
declare grace interval;
begin
    if t.status <> 'reserved' or not t.active then return null; end if;
    grace := maitred.timer_after(t.venue, 'reservation_grace_s');
    return coalesce(
        (select min(r.starts_at) + grace from maitred.reservation r
         where r.venue = t.venue and r.table_id = t.id and r.status in ('pending', 'confirmed')
           and r.starts_at > clock_timestamp() - grace),
        case when grace is not null and t.reserved_until is not null then clock_timestamp() end);
end $$;

create or replace function maitred.table_held() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    new.reserved_until := maitred.released_at(new);
    return new;
end $$;
create or replace trigger e_held before update of status, active on maitred.dining_table for each row
    when ('reserved' in (old.status, new.status)
          and (old.status, old.active) is distinct from (new.status, new.active))
    execute function maitred.table_held();

-- A reservation came, moved, was cancelled, sits elsewhere: the reserved tables that it was or is for.
create or replace function maitred.reservation_holds() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    v bigint := case when tg_op = 'DELETE' then old.venue else new.venue end;
    tables bigint[] := case tg_op when 'INSERT' then array[new.table_id]
                                  when 'DELETE' then array[old.table_id]
                                  else array[old.table_id, new.table_id] end;
begin
    update maitred.dining_table t set reserved_until = maitred.released_at(t)
        where t.venue = v and t.id = any (tables) and t.status = 'reserved' and t.active;
    return null;
end $$;
create or replace trigger z_holds_new after insert on maitred.reservation for each row
    when (new.table_id is not null and new.external_ref is null)
    execute function maitred.reservation_holds();
create or replace trigger z_holds_changed after update of table_id, starts_at, status on maitred.reservation
    for each row when (coalesce(old.table_id, new.table_id) is not null
        and (old.table_id, old.starts_at, old.status) is distinct from
            (new.table_id, new.starts_at, new.status))
    execute function maitred.reservation_holds();
create or replace trigger z_holds_gone after delete on maitred.reservation for each row
    when (old.table_id is not null) execute function maitred.reservation_holds();

-- ---------------------------------------------------------------- sessions

create or replace function maitred.session_due() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    new.expires_at := case when new.state = 'open'
        then new.last_active + maitred.timer_after(new.venue, 'session_idle_s') end;
    return new;
end $$;
create or replace trigger e_due_new before insert on maitred.table_session
    for each row execute function maitred.session_due();
create or replace trigger e_due before update on maitred.table_session for each row
    when ((old.state, old.last_active) is distinct from (new.state, new.last_active))
    execute function maitred.session_due();

-- Something is still to be paid: an order that is neither over nor paid.
create or replace function maitred.session_owes(v bigint, session_id bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (select from maitred.customer_order o
        where o.venue = v and o.session_id = $2 and o.status not in ('completed', 'cancelled')
          and o.payment_status in ('pending', 'partial') and o.total_price > 0);
end $$;

-- When somebody last did something there. last_active moves with new orders; that an order went on,
-- a guest called or got a token is looked at here, when it matters, instead of a write each time.
create or replace function maitred.session_used(s maitred.table_session) returns timestamptz
language plpgsql stable
as $$
begin
    return greatest(s.last_active,
        (select max(o.updated_at) from maitred.customer_order o
         where o.venue = s.venue and o.session_id = s.id),
        (select max(r.created_at) from maitred.service_request r
         where r.venue = s.venue and r.session_id = s.id and r.created_at > s.last_active),
        (select max(g.made_at) from maitred.guest_token g
         where g.venue = s.venue and g.session_id = s.id));
end $$;

-- ---------------------------------------------------------------- the venue says otherwise

create or replace function maitred.venue_timers() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    update maitred.notification n set escalate_at = maitred.escalates_at(n)
        where n.venue = new.id and n.acknowledged_at is null and n.resolved_at is null
          and n.escalate_at is distinct from maitred.escalates_at(n)
          and not exists (select from maitred.notification a
                          where a.venue = n.venue and a.escalates = n.id);
    update maitred.dining_table t set reserved_until = maitred.released_at(t)
        where t.venue = new.id and t.status = 'reserved' and t.active;
    update maitred.table_session s
        set expires_at = s.last_active + maitred.timer_after(s.venue, 'session_idle_s')
        where s.venue = new.id and s.state = 'open';
    return null;
end $$;
create or replace trigger z_timers after update of settings, active on maitred.venue for each row
    when ((old.active, old.settings -> 'escalate_after_s', old.settings -> 'reservation_grace_s',
           old.settings -> 'session_idle_s') is distinct from
          (new.active, new.settings -> 'escalate_after_s', new.settings -> 'reservation_grace_s',
           new.settings -> 'session_idle_s'))
    execute function maitred.venue_timers();
