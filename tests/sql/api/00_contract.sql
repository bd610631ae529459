-- The functions that C calls are there as it calls them: names, argument types, what they may do
-- and who may call them. (A C test prepares every op; this one needs nothing but the database.)
begin;
\ir fixture.psql
select plan(16);

create temp table op (name text, args text, write boolean);
insert into op values
    ('login_start', 'text, text, text', true), ('login_done', 'bigint, text, boolean', true),
    ('api_key_session', 'text', true), ('session_check', 'text, bigint', false), ('session_user', '', true),
    ('logout', 'text, bigint', true), ('session_account', 'text, bigint', false),
    ('ticket_create', 'text, text, bigint, bigint, text', true), ('ticket_redeem', 'text', true),
    ('guest_token_create', 'bigint, bigint, text, bigint', true), ('api_key_list', 'bigint', false),
    ('api_key_create', 'text, bigint, text', true), ('api_key_revoke', 'bigint', true),
    ('account_list', 'text[], boolean, text, integer, integer', false), ('account_get', 'bigint', false),
    ('account_create', 'text, text, text, text, text', true),
    ('account_update', 'bigint, text, text, text, text, boolean', true), ('user_profile', '', false), ('dashboard_stats', '', false),
    ('dashboard_trends', 'text', false), ('dashboard_today', '', false), ('customers_frequency', 'text', false),
    ('revenue_by_category', 'text', false), ('reservation_sources', 'text', false),
    ('hotel_revenue_breakdown', 'text', false), ('reservations_upcoming', '', false),
    ('reservation_list', 'text[], date, bigint, bigint', false), ('reservation_get', 'bigint', false),
    ('reservation_create', 'text, timestamp with time zone, bigint, text, text, text, text, bigint, bigint, boolean, numeric, text', true),
    ('reservation_update', 'bigint, text, timestamp with time zone, bigint, text, text, text, text, bigint, bigint, boolean, numeric, text, bigint', true),
    ('reservation_seat', 'bigint, bigint, bigint', true), ('reservation_cancel', 'bigint, text', true),
    ('menu_category_list', 'bigint, bigint', false), ('menu_category_get', 'bigint', false), ('menu_category_delete', 'bigint', true),
    ('menu_category_create', 'text, text, bigint, text', true), ('menu_category_update', 'bigint, text, text, bigint, text', true),
    ('menu_item_list', 'bigint, boolean, boolean, bigint, bigint', false), ('menu_item_get', 'bigint', false), ('menu_item_delete', 'bigint', true),
    ('menu_item_create', 'text, text, numeric, bigint, boolean, text, boolean, bigint', true), ('menu_item_availability', 'bigint, boolean', true),
    ('menu_item_update', 'bigint, text, text, numeric, bigint, boolean, text, boolean, bigint', true),
    ('reservation_no_show', 'bigint', true), ('room_availability', 'date, date', false), ('room_calendar', 'date, date', false), ('order_stats', '', false),
    ('channel_snapshot', 'text, bigint', false),
    ('tables_admin_list', '', false), ('table_close', 'bigint', true), ('table_disable', 'bigint', true),
    ('table_enable', 'bigint', true), ('table_restore', 'bigint', true), ('table_move', 'bigint, bigint', true);
insert into op values
    ('table_list', 'text[], bigint, text, text, text, text, bigint, bigint', false), ('table_get', 'bigint', false),
    ('table_stats', '', false), ('floor_list', '', false), ('table_delete', 'bigint, bigint', true),
    ('table_create', 'bigint, text, text, bigint, bigint, bigint, text, jsonb', true),
    ('table_update', 'bigint, bigint, text, text, bigint, bigint, bigint, text, jsonb, bigint', true),
    ('table_replace', 'bigint, bigint, text, text, bigint, bigint, bigint, text, jsonb, bigint', true),
    ('table_set_status', 'bigint, text, text, bigint, boolean', true), ('table_bulk', 'bigint[], jsonb, boolean', true),
    ('floor_layout_save', 'bigint, jsonb', true);
insert into op values
    ('room_type_list', 'bigint, bigint', false), ('room_type_get', 'bigint', false), ('room_type_delete', 'bigint', true),
    ('room_type_create', 'text, text, numeric, bigint, text[]', true), ('room_type_update', 'bigint, text, text, numeric, bigint, text[]', true),
    ('room_list', 'text[], bigint, bigint, boolean, bigint, bigint', false), ('room_get', 'bigint', false), ('room_delete', 'bigint, bigint', true),
    ('room_create', 'text, bigint, bigint, text, boolean, text', true),
    ('room_update', 'bigint, text, boolean, text, text, bigint, bigint, bigint', true),
    ('booking_list', 'text[], date, date, date, bigint, bigint', false), ('booking_get', 'bigint', false),
    ('booking_create', 'text, bigint, bigint, date, date, bigint, bigint, bigint, numeric, numeric, text, text, text, text, text', true),
    ('booking_update', 'bigint, text, bigint, bigint, boolean, date, date, bigint, bigint, bigint, numeric, numeric, text, text, text, text, text, boolean, bigint', true),
    ('booking_check_in', 'bigint, bigint, boolean, bigint', true), ('booking_check_out', 'bigint, bigint', true),
    ('booking_cancel', 'bigint, text, bigint', true), ('booking_no_show', 'bigint, bigint', true),
    ('booking_pay', 'bigint, numeric, text, text, bigint', true), ('booking_payment', 'bigint, bigint, text, bigint', true);
insert into op values
    ('socket_join', 'text, integer', true), ('socket_leave', 'text, integer', true), ('socket_end', 'text', true),
    ('socket_rooms', 'text, bigint', false);
insert into op values
    ('order_list', 'text[], date, bigint, bigint, bigint, bigint', false), ('order_get', 'bigint', false),
    ('order_create', 'bigint, bigint, text, text, jsonb, text, bigint, text, text', true),
    ('order_update', 'bigint, text, text, bigint, text, text, bigint, bigint', true),
    ('order_status', 'bigint, text, text, bigint, boolean', true), ('order_append', 'bigint, jsonb', true),
    ('order_line', 'bigint, bigint, text, boolean', true), ('order_pay', 'bigint, numeric, text, text', true),
    ('order_payment', 'bigint, bigint, text', true), ('notification_list', 'bigint, text[], bigint, bigint', false),
    ('notification_get', 'bigint', false), ('notification_create', 'bigint, text, text, text, jsonb', true),
    ('notification_acknowledge', 'bigint', true), ('waiter_tasks', 'bigint', false),
    ('service_request_list', 'bigint, bigint', false), ('service_request_get', 'bigint', false),
    ('service_request_create', 'text, bigint, bigint, text, text', true), ('service_request_resolve', 'bigint', true),
    ('table_history', 'bigint, bigint, bigint', false), ('order_history', 'bigint, bigint, bigint', false),
    ('session_update', 'bigint, bigint, bigint', true), ('session_close', 'bigint', true), ('broadcast_create', 'text, text, jsonb', true),
    ('reservation_history', 'bigint, bigint, bigint', false), ('booking_history', 'bigint, bigint, bigint', false);
create temp table fn as
    select o.*, p.oid, p.provolatile, p.prosecdef, p.proconfig, p.prorettype::regtype::text as answers, p.proretset
    from op o left join pg_proc p on p.pronamespace = 'api'::regnamespace and p.proname = o.name
        and oidvectortypes(p.proargtypes) = 'api.caller' || case o.args when '' then '' else ', ' || o.args end;
select is((select array_agg(name) from fn where oid is null), null, 'every function is there, with its arguments');
select is((select array_agg(name) from fn where answers <> 'api.answer' or proretset), null, 'each gives one answer');
select is((select array_agg(name) from fn where provolatile <> case when write then 'v' else 's' end), null, 'reads are stable, writes volatile');
-- Each function of these files, helpers of other areas included.
select is((select array_agg(p.proname) from pg_proc p where p.pronamespace = 'api'::regnamespace and not p.prosecdef), null, 'all act for the caller');
select is((select array_agg(p.proname) from pg_proc p where p.pronamespace = 'api'::regnamespace
    and not exists (select from unnest(p.proconfig) c where c like 'search\_path=pg\_catalog, %pg\_temp')), null, '... with a pinned search_path, pg_temp last');
select is((select array_agg(proname) from pg_proc where pronamespace = 'api'::regnamespace group by proname having count(*) > 1), null,
    'and none is there twice');
select is((select array_agg(name) from fn where not has_function_privilege('maitred_rest', oid, 'execute') and name !~ '^(channel_snapshot|socket_)'), null, 'REST may call them');
select is((select array_agg(name) from fn where not has_function_privilege('maitred_realtime', oid, 'execute')), null, 'the sidecar too');
select is((select array_agg(p.oid::regprocedure) from pg_proc p where p.pronamespace in ('api'::regnamespace, 'maitred'::regnamespace, 'feed'::regnamespace)
    and has_function_privilege('public', p.oid, 'execute')), null, 'nobody else may call anything');
select is((select array_agg(p.oid::regprocedure) from pg_proc p where p.pronamespace = 'maitred'::regnamespace
    and (has_function_privilege('maitred_rest', p.oid, 'execute') or has_function_privilege('maitred_realtime', p.oid, 'execute'))), null,
    'and what is behind them is nobody''s business');
select ok(not has_function_privilege('maitred_rest', 'api.due_run(int)', 'execute'), 'the timer is the sidecar''s');

-- As the roles themselves, through the statements that C builds.
create function pg_temp.as_role(role text, statement text) returns text language plpgsql
as $$
begin
    perform set_config('role', role, true);
    execute statement;
    perform set_config('role', 'none', true);
    return 'done';
exception when others then
    return sqlstate;   -- the role went back with the rollback
end $$;
select is(pg_temp.as_role('maitred_rest', format($$select a.status, a.body, a.total, a.location, p.position, p.areas
    from api.dashboard_stats(%L::api.caller) a, api.position(%1$L::api.caller) p$$, pg_temp.caller('bistro', 'admin'))), 'done', 'a read, as REST''s role');
select is(pg_temp.as_role('maitred_rest', format($$select a.status, p.position from api.reservation_create(%L::api.caller,
    'Ann'::text, now(), 2::int, null::text, '555-0100'::text, null::text, null::text, null::bigint, null::int, null::boolean, null::numeric, null::text) a,
    lateral api.position_after(%1$L::api.caller, a.position) p$$, pg_temp.caller('bistro', 'admin'))), 'done', 'a write, as REST''s role');
select is(pg_temp.as_role('maitred_realtime', 'select announced, escalated, released, expired, wait_ms from api.due_run(1)'), 'done', 'the timer, as the sidecar''s role');
select is(pg_temp.as_role('maitred_rest', 'select count(*) from maitred.reservation'), '42501', 'no role reads a table');
select is(pg_temp.as_role('maitred_rest', 'select maitred.today(1)'), '42501', '... nor calls what is behind the api');
select * from finish();
rollback;
