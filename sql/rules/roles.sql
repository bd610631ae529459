-- What the login roles leave in the server's log: no guest's name, phone or e-mail. A refusal carries
-- the state that the caller may see (HINT), a violated constraint the row (DETAIL): both are for the
-- caller and none of the log's business. Statements are logged with $1, $2, never with values.
-- Needs a superuser; a deploy by anybody else says what to do, and goes on.
do $$
declare r text;
begin
    foreach r in array array['maitred_rest', 'maitred_realtime', 'maitred_job'] loop
        continue when exists (select from pg_db_role_setting s where s.setdatabase = 0
            and s.setrole = to_regrole(r) and 'log_error_verbosity=terse' = any (s.setconfig));
        execute format('alter role %I set log_error_verbosity = terse', r);
        execute format('alter role %I set log_parameter_max_length_on_error = 0', r);
        execute format('alter role %I set log_parameter_max_length = 0', r);
    end loop;
exception when insufficient_privilege then
    raise warning 'set log_error_verbosity = terse for the roles maitred_rest, maitred_realtime and '
        'maitred_job as a superuser: else refusals leave personal data in the server''s log';
end $$;
