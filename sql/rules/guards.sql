-- What must not happen to a venue's rows, whoever asks: TRUNCATE, rewriting history, erasing a
-- venue by the way. And the accounts' not-before, which ends every token at once.
set local role maitred_owner;
set local search_path = pg_catalog, maitred, feed, pg_temp;

-- ---------------------------------------------------------------- accounts

create or replace function maitred.account_changed() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    new.not_before := greatest(new.not_before, clock_timestamp());
    return new;
end $$;
create or replace trigger b_not_before before update on maitred.account
    for each row when ((old.role, old.password_hash, old.active)
                       is distinct from (new.role, new.password_hash, new.active))
    execute function maitred.account_changed();

-- A key that is revoked takes with it what was opened by it: a login by key gives a token of the
-- account, which nobody can tell from its others, so all of them end. After the key's own note, so
-- that its event comes first.
create or replace function maitred.api_key_ended() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    update maitred.account a set not_before = greatest(a.not_before, clock_timestamp())
        where a.venue = old.venue and a.id = old.account_id
          and not coalesce(current_setting('maitred.erasing', true) = old.venue::text, false);
    return null;
end $$;
create or replace trigger z_tokens_end after update of revoked_at on maitred.api_key
    for each row when (old.revoked_at is null and new.revoked_at is not null)
    execute function maitred.api_key_ended();
create or replace trigger z_tokens_end_too after delete on maitred.api_key
    for each row when (old.revoked_at is null) execute function maitred.api_key_ended();

-- ---------------------------------------------------------------- append-only, no truncate

create or replace function maitred.append_only() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if tg_op = 'DELETE' and maitred.erasing(old.venue) then return old; end if;
    perform maitred.fail(409, 'append_only', 'History is only ever added to.');
end $$;
create or replace trigger a_append_only before update or delete on maitred.status_history
    for each row execute function maitred.append_only();

create or replace function maitred.no_truncate() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    perform maitred.fail(409, 'truncate_refused', format(
        'TRUNCATE of %s is refused: it would remove rows of every venue without a trace.',
        tg_table_name));
end $$;

create or replace function maitred.venue_stays() returns trigger
language plpgsql security definer set search_path = pg_catalog, maitred, pg_temp
as $$
begin
    if maitred.erasing(old.id) then return old; end if;
    perform maitred.fail(409, 'venue_stays',
        'A venue is deactivated; only maitred.erase_venue(slug, confirm) erases one.');
end $$;
create or replace trigger a_venue_stays before delete on maitred.venue
    for each row execute function maitred.venue_stays();

-- Every table that holds a venue's rows, also those of later migrations; the feed's counters and
-- the keeper's table of events too. (Its partitions come and go without a trigger of their own.)
do $$
declare r record;
begin
    for r in select c.oid::regclass as tab from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where n.nspname in ('maitred', 'feed') and c.relkind in ('r', 'p')
               and pg_has_role(c.relowner, 'usage') and not c.relispartition
               and (c.relname = 'venue' or exists (
                   select from pg_attribute a where a.attrelid = c.oid and a.attname = 'venue'
                       and not a.attisdropped))
    loop
        execute format('create or replace trigger no_truncate before truncate on %s
                        for each statement execute function maitred.no_truncate()', r.tab);
    end loop;
end $$;

-- ---------------------------------------------------------------- erasing a venue

-- The only way to erase a venue: everything of it goes, its events and its counter too. The
-- setting tells the guards and the feed's notes to let these rows pass; it ends with this call.
create or replace function maitred.erase_venue(slug text, confirm text) returns bigint
language plpgsql security definer set search_path = pg_catalog, maitred, feed, pg_temp
as $$
declare
    v bigint;
    t text;
    n bigint;
    total bigint := 0;
begin
    if confirm is distinct from slug then
        perform maitred.fail(422, 'not_confirmed', 'Say the slug twice to erase a venue.', 'confirm');
    end if;
    select id into v from maitred.venue x where x.slug = erase_venue.slug for update;
    if v is null then perform maitred.fail(404, 'venue_not_found', 'There is no such venue.'); end if;
    -- Changes of this transaction that are not yet events are made events before they go.
    set constraints all immediate;
    set constraints all deferred;
    perform set_config('maitred.erasing', v::text, true);
    foreach t in array array[
        'feed.event', 'feed.event_overflow', 'feed.counter',
        'maitred.ticket', 'maitred.guest_token', 'maitred.idempotency', 'maitred.rate_window',
        'maitred.revoked_token', 'maitred.socket_session', 'maitred.socket_leaver',
        'maitred.status_history', 'maitred.notification', 'maitred.service_request',
        'maitred.payment', 'maitred.order_item', 'maitred.customer_order',
        'maitred.booking', 'maitred.rollup', 'maitred.rollup_change', 'maitred.rollup_state',
        'maitred.room_type_night', 'maitred.room', 'maitred.room_type', 'maitred.reservation',
        'maitred.menu_item', 'maitred.menu_category', 'maitred.table_session',
        'maitred.dining_table', 'maitred.floor', 'maitred.customer', 'maitred.api_key',
        'maitred.account']
    loop
        execute format('delete from %s where venue = $1', t) using v;
        get diagnostics n = row_count;
        total := total + n;
    end loop;
    delete from maitred.venue where id = v;
    -- The deferred checks of these deletes look at rows that are all gone.
    set constraints all immediate;
    set constraints all deferred;
    perform set_config('maitred.erasing', '', true);
    perform pg_notify('maitred_feed', v || ':0');
    return total + 1;
end $$;
