-- Reading tables and floors. Called by REST; the documents are the feed's own (sql/rules).
set local role maitred_owner;
set local search_path = pg_catalog, maitred, pg_temp;

-- GET /admin/api/tables: what the admin dashboard's socket sends on connecting, for those without.
create or replace function maitred.table_infos(venue bigint) returns jsonb
language plpgsql stable parallel safe set search_path = pg_catalog, maitred, pg_temp
as $$ begin return (select coalesce(jsonb_agg(maitred.table_info_doc(t, s) order by t.number), '[]')
    from maitred.dining_table t
    left join maitred.table_session s
        on s.venue = t.venue and s.table_id = t.id and s.state = 'open'
    where t.venue = $1 and t.active); end $$;

create or replace function api.tables_admin_list(p_caller api.caller) returns api.answer
language plpgsql stable security definer set search_path = pg_catalog, maitred, pg_temp set jit = off
as $$ begin
    return maitred.ok(jsonb_build_object('tables', maitred.table_infos(p_caller.venue))::text);
end $$;
