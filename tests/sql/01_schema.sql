-- The shape of the schema: nothing crosses venues, nobody reads a table, every function is safe.
begin;
set local search_path = public, pg_catalog;
select plan(17);

select is_empty($$
    select k.conrelid::regclass, k.conname from pg_constraint k
    join pg_class f on f.oid = k.confrelid
    where k.contype = 'f' and k.connamespace in ('maitred'::regnamespace)
      and f.relname <> 'venue'
      and not exists (select from unnest(k.conkey, k.confkey) c (a, b)
          join pg_attribute x on x.attrelid = k.conrelid and x.attnum = c.a and x.attname = 'venue'
          join pg_attribute y on y.attrelid = k.confrelid and y.attnum = c.b and y.attname = 'venue')
$$, 'every reference carries the venue on both sides');

select is_empty($$
    select c.relname from pg_class c
    where c.relnamespace = 'maitred'::regnamespace and c.relkind = 'r'
      and c.relname not in ('venue', 'transition', 'constraint_error', 'mask_rule', 'login_attempt')
      and not exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'venue' and a.attnotnull)
$$, 'every table of the product says which venue a row is of');

select is_empty($$
    select constraint_name from maitred.constraint_error e
    where not exists (select from pg_constraint k where k.conname = e.constraint_name)
      and not exists (select from pg_class c where c.relname = e.constraint_name and c.relkind = 'i')
$$, 'every translated constraint exists');

select is_empty($$ select conrelid::regclass, conname from pg_constraint
    where condeferrable and connamespace = 'feed'::regnamespace and contype <> 't' $$,
    'no deferrable keys on the feed');

select is_empty($$
    select p.oid::regprocedure from pg_proc p
    where p.pronamespace in ('maitred'::regnamespace, 'feed'::regnamespace, 'api'::regnamespace,
                             'import'::regnamespace)
      and has_function_privilege('public', p.oid, 'execute')
$$, 'PUBLIC may execute nothing');

select is_empty($$
    select r, p.oid::regprocedure from pg_proc p,
        unnest(array['maitred_rest', 'maitred_realtime', 'maitred_job']) r
    where p.pronamespace in ('maitred'::regnamespace, 'feed'::regnamespace)
      and has_function_privilege(r, p.oid, 'execute')
$$, 'login roles reach nothing but schema api');

select is_empty($$
    select r, c.oid::regclass from pg_class c,
        unnest(array['maitred_rest', 'maitred_realtime', 'maitred_job']) r
    where c.relnamespace in ('maitred'::regnamespace, 'feed'::regnamespace, 'feed_days'::regnamespace)
      and c.relkind in ('r', 'p', 'v')
      and has_table_privilege(r, c.oid, 'select, insert, update, delete, truncate')
      and not pg_has_role(r, c.relowner, 'usage')
$$, 'login roles read and write no table');

select is_empty($$
    select p.oid::regprocedure from pg_proc p
    where p.pronamespace = 'api'::regnamespace
      and (not p.prosecdef or pg_get_userbyid(p.proowner) <> 'maitred_owner'
           or not exists (select from unnest(p.proconfig) c where c like 'search_path=%'))
$$, 'every api function is security definer, owned by maitred_owner, with a pinned search_path');

select is_empty($$
    select p.oid::regprocedure from pg_proc p
    where p.prosecdef and p.pronamespace in ('maitred'::regnamespace, 'feed'::regnamespace,
                                             'api'::regnamespace, 'import'::regnamespace)
      and not exists (select from unnest(p.proconfig) c
                      where c like 'search_path=%' and c like '%pg_temp')
$$, 'whatever runs with its owner''s rights looks into pg_temp last');

select is_empty($$
    select r, s from unnest(array['maitred_rest', 'maitred_realtime', 'maitred_job']) r,
        unnest(array['lock_timeout', 'statement_timeout', 'search_path',
                     'default_transaction_isolation=read committed']) s
    where not exists (select from pg_db_role_setting d, unnest(d.setconfig) c
                      where d.setrole = r::regrole and c like s || '%')
$$, 'role defaults are set');

select is_empty($$
    select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'venue'
    where c.relnamespace = 'maitred'::regnamespace and c.relkind = 'r'
      and not exists (select from pg_trigger g where g.tgrelid = c.oid and g.tgname = 'no_truncate')
$$, 'TRUNCATE is refused on every table of a venue');

select throws_ok('truncate maitred.order_item', 'MD409', 'truncate_refused');
select throws_ok('truncate maitred.venue cascade', 'MD409', 'truncate_refused');

select is(array(select name from feed.area order by no),
    array['tables', 'orders', 'reservations', 'bookings', 'rooms', 'menu', 'customers',
          'notifications', 'accounts', 'venue'], 'the areas and their order');
select is_empty($$ select * from feed.area where feed.area_no(name) <> no $$,
    'the feed numbers areas as the table does');

set local role maitred_rest;
select throws_ok('select * from maitred.venue', '42501', null, 'maitred_rest can not read a table');
select throws_ok('select * from api.feed_heads()', '42501', null, 'nor follow the feed');
reset role;
select * from finish();
rollback;
