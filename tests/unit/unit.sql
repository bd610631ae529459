-- Functions that misbehave on purpose, for the tests of db.c, dba.c and session.c. Applied by run.sh to a
-- private database that holds the whole schema already.
create table public.unit_row (id bigint generated always as identity primary key, n int);
create function public.unit_refuse_13() returns trigger language plpgsql as $$
begin
    if new.n = 13 then
        perform maitred.fail(409, 'unlucky', 'Thirteen is refused at commit.', null, '{"n":12}');
    end if;
    return null;
end $$;
create constraint trigger unit_refuse_13 after insert on public.unit_row
    deferrable initially deferred for each row execute function public.unit_refuse_13();
create sequence public.unit_tries;
create sequence public.unit_runs;

create function api.unit_echo(p_caller api.caller, p_text text) returns api.answer
language sql stable as $$
    select (201, json_build_object('caller', p_caller, 'text', p_text)::text, 42, '/x', null)::api.answer $$;
create function api.unit_prepared(p_caller api.caller) returns api.answer language sql stable as $$
    select (200, (select json_agg(name order by name)::text from pg_prepared_statements
                  where name like 'unit%'), null, null, null)::api.answer $$;
create function api.unit_write(p_caller api.caller, n int) returns api.answer language plpgsql as $$
begin
    perform nextval('unit_runs');
    insert into public.unit_row (n) values (n);
    return (200, json_build_object('n', n)::text, null, null, null)::api.answer;
end $$;
-- Fails the first p_times times since unit_tries was reset, in the named way.
create function api.unit_flaky(p_caller api.caller, p_how text, p_times int) returns api.answer
language plpgsql as $$
begin
    if nextval('unit_tries') <= p_times then
        case p_how
            when 'serialization' then raise exception using errcode = '40001';
            when 'deadlock' then raise exception using errcode = '40P01';
            when 'terminate' then perform pg_terminate_backend(pg_backend_pid());
                perform pg_sleep(5);
            when 'deallocate' then execute 'deallocate all';
        end case;
    end if;
    return (200, '"done"', null, null, null)::api.answer;
end $$;
create function api.unit_fail(p_caller api.caller, p_how text) returns api.answer
language plpgsql as $$
begin
    case p_how
        when 'rule' then perform maitred.fail(409, 'table_occupied', 'The table is occupied.', null,
                                              '{"version":3}');
        when 'field' then perform maitred.fail(422, 'unknown_floor', 'There is no such floor.', 'floor');
        when 'slow down' then perform maitred.fail(429, 'rate_limited', 'Wait.', null, '17');
        when 'known constraint' then
            raise exception using errcode = '23505', constraint = 'venue_slug_unique';
        when 'unknown constraint' then
            raise exception 'secret row' using errcode = '23505', constraint = 'no_such_constraint';
        when 'check' then
            raise exception 'secret row' using errcode = '23514', constraint = 'no_such_constraint';
        when 'division' then perform 1 / 0;
        when 'overflow' then perform 2147483647 + length(p_how);
        when 'slow' then perform pg_sleep(30);
        when 'read only' then raise exception using errcode = '25006';
    end case;
    return (200, null, null, null, null)::api.answer;
end $$;
create function api.unit_sleep(p_caller api.caller, p_seconds float8) returns api.answer
language sql volatile as $$
    select (200, '"slept"', null, null, null)::api.answer from pg_sleep(p_seconds) $$;

insert into maitred.venue (slug, kind, name) values ('unit', 'restaurant', 'Unit'), ('other', 'hotel', 'Other');
insert into maitred.account (venue, username, display_name, role)
    select v.id, n, initcap(n), 'admin' from maitred.venue v, unnest(array['anna', 'boss']) n;
