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
