-- What has been applied to this database: the migrations, once each and for good, and the code
-- (rules, feed, api, import, admin), which is applied again whenever one of its files changes.
-- `maitred migrate` runs this file before anything else, in every run; it changes nothing when it
-- has run before. Owned by whoever migrates; nobody else can see it.
create schema if not exists deploy;

create table if not exists deploy.migration (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp(),
    applied_by text not null default session_user
);
create table if not exists deploy.code (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp()
);

-- Line ends do not count: a checkout on another system is no change.
create or replace function deploy.checksum(content text) returns text
language sql immutable strict set search_path = pg_catalog
as $$ select encode(sha256(convert_to(replace(content, E'\r\n', E'\n'), 'UTF8')), 'hex') $$;

-- One row a file, and one a migration that was applied and whose file is gone. States: applied,
-- pending, changed (applied with other content), missing, late (pending, but a later one has
-- been applied: migrations go forward only).
create or replace function deploy.migration_states(names text[], contents text[])
returns table (name text, state text) language sql stable set search_path = pg_catalog
as $$
    select coalesce(f.name, m.name),
           case when f.name is null then 'missing'
                when m.checksum = deploy.checksum(f.content) then 'applied'
                when m.name is not null then 'changed'
                when f.name < (select max(x.name collate "C") from deploy.migration x) collate "C"
                    then 'late'
                else 'pending' end
    from unnest(names, contents) f (name, content)
    full join deploy.migration m on m.name = f.name
    order by coalesce(f.name, m.name) collate "C"
$$;

create or replace function deploy.migration_done(file text, content text) returns void
language sql volatile set search_path = pg_catalog
as $$ insert into deploy.migration (name, checksum) values (file, deploy.checksum(content)) $$;

-- The files of the code whose content differs from what was applied; gone ones too.
create or replace function deploy.code_changes(names text[], contents text[])
returns table (name text, state text) language sql stable set search_path = pg_catalog
as $$
    select coalesce(f.name, c.name),
           case when f.name is null then 'gone' when c.name is null then 'new' else 'changed' end
    from unnest(names, contents) f (name, content)
    full join deploy.code c on c.name = f.name
    where c.checksum is distinct from deploy.checksum(f.content)
    order by 1
$$;

create or replace function deploy.code_done(names text[], contents text[]) returns void
language sql volatile set search_path = pg_catalog
as $$
    delete from deploy.code;
    insert into deploy.code (name, checksum)
        select f.name, deploy.checksum(f.content) from unnest(names, contents) f (name, content);
$$;

-- Before the code is applied: takes away every function that nothing depends on, so that one that
-- is gone from the files is gone, and one may change its arguments' names or its result. What
-- constraints, columns, views or triggers use stays and is replaced in place; so a function that a
-- migration makes must be of that kind.
create or replace function deploy.drop_code() returns void
language plpgsql volatile set search_path = pg_catalog
as $$
declare f regprocedure;
begin
    for f in select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
             where n.nspname in ('api', 'feed', 'import', 'maitred')
               and not exists (select from pg_depend d where d.classid = 'pg_proc'::regclass
                               and d.objid = p.oid and d.deptype = 'e')
    loop
        begin
            execute format('drop routine %s', f);
        exception when dependent_objects_still_exist then
            null;
        end;
    end loop;
end $$;
