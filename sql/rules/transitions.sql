-- Which step of a status is allowed, as data, and the one trigger function that refuses others.
-- Only updates are checked: an import inserts rows in their final state. Aliases (in_progress,
-- delivered, paid, canceled, disabled ...) exist at the wire only.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

create temp table wanted on commit drop as
select * from (values
    ('table', 'available', 'occupied', 'guests sit down: a session opens'),
    ('table', 'available', 'reserved', ''),
    ('table', 'available', 'maintenance', ''),
    ('table', 'occupied', 'available', 'the session closes'),
    ('table', 'reserved', 'available', ''),
    ('table', 'reserved', 'occupied', 'the party has come'),
    ('table', 'reserved', 'maintenance', ''),
    ('table', 'maintenance', 'available', ''),
    ('session', 'open', 'closed', ''),
    ('session', 'open', 'expired', 'nobody has been active for long'),
    ('session', 'closed', 'open', 'restored'),
    ('session', 'expired', 'open', 'restored'),
    ('order', 'pending', 'confirmed', ''),
    ('order', 'confirmed', 'preparing', ''),
    ('order', 'preparing', 'ready', ''),
    ('order', 'ready', 'served', ''),
    ('order', 'served', 'completed', ''),
    ('order', 'pending', 'cancelled', 'cancelled from any state before served'),
    ('order', 'confirmed', 'cancelled', ''),
    ('order', 'preparing', 'cancelled', ''),
    ('order', 'ready', 'cancelled', ''),
    ('line', 'placed', 'preparing', ''),
    ('line', 'placed', 'ready', 'what needs no cooking'),
    ('line', 'placed', 'served', 'what is carried at once'),
    ('line', 'preparing', 'ready', ''),
    ('line', 'preparing', 'served', ''),
    ('line', 'ready', 'served', ''),
    ('line', 'placed', 'void', 'voided until it is served; a served line is refunded instead'),
    ('line', 'preparing', 'void', ''),
    ('line', 'ready', 'void', ''),
    ('reservation', 'pending', 'confirmed', ''),
    ('reservation', 'pending', 'seated', 'the party came before anybody confirmed'),
    ('reservation', 'pending', 'cancelled', ''),
    ('reservation', 'pending', 'no_show', ''),
    ('reservation', 'confirmed', 'seated', ''),
    ('reservation', 'confirmed', 'cancelled', ''),
    ('reservation', 'confirmed', 'no_show', ''),
    ('reservation', 'no_show', 'seated', 'late, but here: the table must still be free'),
    ('reservation', 'seated', 'completed', ''),
    ('booking', 'pending', 'confirmed', ''),
    ('booking', 'pending', 'checked_in', 'the guest came before anybody confirmed'),
    ('booking', 'pending', 'cancelled', ''),
    ('booking', 'pending', 'no_show', ''),
    ('booking', 'confirmed', 'checked_in', ''),
    ('booking', 'confirmed', 'cancelled', ''),
    ('booking', 'confirmed', 'no_show', ''),
    ('booking', 'no_show', 'checked_in', 'late, but here: a room must still be free'),
    ('booking', 'checked_in', 'checked_out', ''),
    ('payment', 'pending', 'completed', ''),
    ('payment', 'pending', 'failed', ''),
    ('payment', 'failed', 'pending', 'tried again'),
    ('payment', 'completed', 'refunded', '')
) as v (kind, from_status, to_status, note);

delete from maitred.transition t where not exists (
    select from wanted w where (w.kind, w.from_status, w.to_status)
                             = (t.kind, t.from_status, t.to_status));
insert into maitred.transition select * from wanted
on conflict (kind, from_status, to_status) do update set note = excluded.note
where maitred.transition.note <> excluded.note;

-- The steps that are allowed from a state.
create or replace function maitred.next_steps(kind text, status text) returns text[]
language sql stable
as $$ select coalesce(array_agg(t.to_status order by t.to_status), '{}')
    from maitred.transition t where t.kind = $1 and t.from_status = $2 $$;

create or replace function maitred.refuse_step(kind text, from_status text, to_status text)
returns void language plpgsql stable
as $$
declare steps text[] := maitred.next_steps(kind, from_status);
begin
    perform maitred.fail(409, 'invalid_transition',
        format('%s %s that is %s can not become %s; %s.',
               case when kind ~ '^[aeiou]' then 'An' else 'A' end, kind, from_status, to_status,
               case when steps = '{}' then 'that is a final state'
                    else 'allowed: ' || array_to_string(steps, ', ') end),
        'status',
        jsonb_build_object('from', from_status, 'to', to_status, 'allowed', to_jsonb(steps)));
end $$;

-- Argument: the kind. Fires only where the status changes (WHEN). The state column of a session
-- is called state, everywhere else status.
create or replace function maitred.check_transition() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
declare
    kind text := tg_argv[0];
    was text;
    wants text;
begin
    if kind = 'session' then was := old.state; wants := new.state;
    else was := old.status; wants := new.status; end if;
    perform from maitred.transition t
        where t.kind = tg_argv[0] and t.from_status = was and t.to_status = wants;
    if not found then perform maitred.refuse_step(kind, was, wants); end if;
    return new;
end $$;

-- Who changed a status, when, from what to what, and why. maitred.note is set by the operation.
create or replace function maitred.write_history() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    insert into maitred.status_history (venue, kind, entity_id, actor, old_status, new_status, note)
    values (new.venue, tg_argv[0], new.id, maitred.actor(), old.status, new.status,
            case when tg_argv[0] = 'table' then to_jsonb(new) ->> 'status_note'
                 else nullif(current_setting('maitred.note', true), '') end);
    return null;
end $$;

do $$
declare r record;
begin
    for r in select * from (values
        ('table', 'dining_table', 'status'), ('session', 'table_session', 'state'),
        ('order', 'customer_order', 'status'), ('line', 'order_item', 'status'),
        ('reservation', 'reservation', 'status'), ('booking', 'booking', 'status'),
        ('payment', 'payment', 'status')) v (kind, tab, col)
    loop
        execute format('create or replace trigger a_transition before update of %I on maitred.%I
            for each row when (old.%1$I is distinct from new.%1$I)
            execute function maitred.check_transition(%3$L)', r.col, r.tab, r.kind);
        if r.kind in ('table', 'order', 'reservation', 'booking') then
            execute format('create or replace trigger h_history after update of %I on maitred.%I
                for each row when (old.%1$I is distinct from new.%1$I)
                execute function maitred.write_history(%3$L)', r.col, r.tab, r.kind);
        end if;
    end loop;
end $$;
