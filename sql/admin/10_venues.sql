-- Venues, as the operator sees them. Called by `maitred venue ...`; owner only (schema maitred).
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- The id behind a slug, or a refusal.
create or replace function maitred.venue_named(slug text) returns bigint
language plpgsql stable
as $$
declare v bigint;
begin
    select x.id into v from maitred.venue x where x.slug = venue_named.slug;
    if v is null then
        perform maitred.fail(404, 'venue_not_found', format('There is no venue %s.', slug));
    end if;
    return v;
end $$;

create or replace function maitred.venue_create(
    slug text, kind text, name text, timezone text, currency text, cutoff time, if_missing boolean,
    out id bigint, out made boolean)
language plpgsql volatile
as $$
begin
    insert into maitred.venue (slug, kind, name, timezone, currency, business_day_cutoff)
        values (slug, kind, coalesce(name, initcap(slug)), coalesce(timezone, 'UTC'),
                coalesce(currency, 'EUR'), coalesce(cutoff, '04:00'))
        on conflict on constraint venue_slug_unique do nothing
        returning venue.id into id;
    made := id is not null;
    if made then return; end if;
    if not coalesce(if_missing, false) then
        perform maitred.fail(409, 'slug_taken', format('There is a venue %s already.', slug), 'slug');
    end if;
    select v.id into id from maitred.venue v where v.slug = venue_create.slug;
    perform from maitred.venue v where v.id = venue_create.id and v.kind = venue_create.kind;
    if not found then
        perform maitred.fail(409, 'other_kind', format('Venue %s is no %s.', slug, kind), 'kind');
    end if;
end $$;

create or replace function maitred.venue_list()
returns table (id bigint, slug text, kind text, name text, timezone text, currency text,
               cutoff time, active boolean, accounts bigint)
language sql stable
as $$
    select v.id, v.slug, v.kind, v.name, v.timezone, v.currency, v.business_day_cutoff, v.active,
           (select count(*) from maitred.account a where a.venue = v.id and a.active)
    from maitred.venue v order by v.slug
$$;

-- Deactivating ends every token of the venue: nobody is told that it is open who looks at an
-- account's not-before alone.
create or replace function maitred.venue_set_active(slug text, active boolean) returns void
language plpgsql volatile
as $$
declare v bigint := maitred.venue_named(slug);
begin
    update maitred.venue x set active = venue_set_active.active
        where x.id = v and x.active is distinct from venue_set_active.active;
    if found and not active then
        update maitred.account a set not_before = clock_timestamp() where a.venue = v;
    end if;
end $$;

-- What a venue says otherwise than usual, and what holds where it says nothing.
create or replace function maitred.venue_settings(slug text)
returns table (key text, value text, usual text)
language sql stable
as $$
    select k.key, coalesce(v.settings ->> k.key, k.usual), k.usual
    from maitred.venue v, (values
        ('escalate_after_s', maitred.timer_default('escalate_after_s')::text),
        ('reservation_grace_s', maitred.timer_default('reservation_grace_s')::text),
        ('session_idle_s', maitred.timer_default('session_idle_s')::text),
        ('overbooking_allowance', '0'), ('check_in_time', '15:00')) k (key, usual)
    where v.id = maitred.venue_named(venue_settings.slug)
$$;

-- Nothing ('') takes a setting back. Whether a number is good, the table's constraints say.
create or replace function maitred.venue_set(slug text, key text, value text) returns void
language plpgsql volatile
as $$
declare
    v bigint := maitred.venue_named(slug);
    broken text;
    wanted jsonb;
begin
    perform from maitred.venue_settings(venue_set.slug) s where s.key = venue_set.key;
    if not found then
        perform maitred.fail(422, 'unknown_setting', format('A venue has no setting %s.', key), 'key');
    end if;
    wanted := case when value = '' then null when key = 'check_in_time' then to_jsonb(left(value::time::text, 5))
                   when value ~ '^[0-9]{1,9}$' then to_jsonb(value::int) else to_jsonb(value) end;
    update maitred.venue x set settings = case when wanted is null then x.settings - venue_set.key
            else x.settings || jsonb_build_object(venue_set.key, wanted) end
        where x.id = v and x.settings -> venue_set.key is distinct from wanted;
exception
    when check_violation then
        get stacked diagnostics broken = constraint_name;
        perform maitred.fail(e.status, e.code, e.detail, e.field)
            from maitred.constraint_error e where e.constraint_name = broken;
    when invalid_datetime_format or datetime_field_overflow then
        perform maitred.fail(422, 'invalid_field', 'check_in_time must be a time of day, HH:MM.', 'settings');
end $$;
