/* migrate.c - maitred migrate: the migration runner.
 *
 * One advisory lock for the whole run, so that two processes take turns and the second finds
 * nothing left to do. Migrations: forward only, one transaction a file, known by checksum; one
 * that was applied and has changed since is refused by name. Then the code (functions, triggers):
 * all of it in one transaction, and only when one of its files has changed.
 * The record is kept by the functions of sql/admin/ledger.sql. Called by init too.
 */
#include "config.h"

#include "migrate.h"
#include "pg.h"
#include "sqldir.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct {
    const char *sql_dir;
    bool status, dry_run;
} o;

static const struct opt opts[] = {
    {"sql-dir", OPT_TEXT, &o.sql_dir, "DIR", "the sql directory (default: MAITRED_SQL, sql_dir)"},
    {"status", OPT_FLAG, &o.status, NULL, "only list every migration and its state"},
    {"dry-run", OPT_FLAG, &o.dry_run, NULL, "only say what would be applied"},
    {0},
};

/* Column names of deploy.*: a file's name and its state. */
enum { COL_NAME, COL_STATE };

static void arrays_build(const struct sqlfile *files, size_t n, struct str *names,
                         struct str *texts) {
    for (size_t i = 0; i < n; i++) {
        pg_array_put(names, files[i].name);
        pg_array_put(texts, files[i].text);
    }
    str_puts(names, n ? "}" : "{}");
    str_puts(texts, n ? "}" : "{}");
}

/* Calls a function of the ledger with all files of a kind: names and contents. */
static bool ledger_call(struct pg *pg, const char *statement, const struct sqlfile *files, size_t n,
                        struct pg_rows *rows, struct err *e) {
    struct str names = STR_INIT, texts = STR_INIT;
    arrays_build(files, n, &names, &texts);
    const char *values[] = {str_c(&names), str_c(&texts)};
    bool done = pg_call(pg, statement, 2, values, rows, e);
    str_free(&names);
    str_free(&texts);
    return done;
}

static bool states_read(struct pg *pg, const struct sqldir *d, struct pg_rows *rows, struct err *e) {
    return ledger_call(pg, "select * from deploy.migration_states($1::text[], $2::text[])",
                       d->migrations, d->nmigrations, rows, e);
}

static bool changes_read(struct pg *pg, const struct sqldir *d, struct pg_rows *rows, struct err *e) {
    return ledger_call(pg, "select * from deploy.code_changes($1::text[], $2::text[])", d->code,
                       d->ncode, rows, e);
}

/* History that has been rewritten is refused before anything is touched. */
static bool states_sound(const struct pg_rows *rows, struct err *e) {
    static const struct {
        const char *state, *why;
    } refusals[] = {
        {"changed", "has changed since it was applied; undo the change and write a new migration"},
        {"missing", "was applied to this database and is not in the sql directory"},
        {"late", "comes before a migration that has been applied; give it a later number"},
    };
    for (int r = 0; r < rows->n; r++)
        for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
            if (str_eq(pg_value(rows, r, COL_STATE), refusals[i].state))
                return err_set(e, ERR_CONFLICT, "%s %s", pg_value(rows, r, COL_NAME),
                               refusals[i].why);
    return true;
}

static bool abandon(struct pg *pg) {
    struct err ignored;
    if (!pg_do(pg, "rollback", &ignored))
        return false; /* the connection is gone, and the transaction with it */
    return false;
}

static bool migration_apply(struct cli *c, const struct sqlfile *file, struct err *e) {
    const char *values[] = {file->name, file->text};
    if (!pg_do(c->pg, "begin", e))
        return false;
    if (!pg_script(c->pg, file->name, file->text, e) || !pg_do(c->pg, "reset role; reset all", e) ||
        !pg_run(c->pg, "select deploy.migration_done($1, $2)", 2, values, e) ||
        !pg_do(c->pg, "commit", e))
        return abandon(c->pg);
    cli_say(c, "applied %s", file->name);
    return true;
}

static bool is_pending(const struct pg_rows *states, const char *name) {
    for (int r = 0; r < states->n; r++)
        if (str_eq(pg_value(states, r, COL_NAME), name))
            return str_eq(pg_value(states, r, COL_STATE), "pending");
    return false;
}

static bool migrations_apply(struct cli *c, const struct sqldir *d, int *applied, struct err *e) {
    struct pg_rows states;
    if (!states_read(c->pg, d, &states, e))
        return false;
    bool good = states_sound(&states, e);
    for (size_t i = 0; good && i < d->nmigrations; i++)
        if (is_pending(&states, d->migrations[i].name)) {
            good = migration_apply(c, &d->migrations[i], e);
            *applied += good;
        }
    pg_rows_free(&states);
    return good;
}

/* Each file starts as the connection does: without the role and the settings of the one before. */
static bool code_files_run(struct pg *pg, const struct sqldir *d, struct err *e) {
    if (!pg_do(pg, "select deploy.drop_code()", e))
        return false;
    for (size_t i = 0; i < d->ncode; i++)
        if (!pg_do(pg, "reset role; reset all", e) ||
            !pg_script(pg, d->code[i].name, d->code[i].text, e))
            return false;
    return pg_do(pg, "reset role; reset all", e);
}

static bool code_apply(struct cli *c, const struct sqldir *d, int *changed, struct err *e) {
    struct pg_rows rows;
    if (!changes_read(c->pg, d, &rows, e))
        return false;
    *changed = rows.n;
    pg_rows_free(&rows);
    if (*changed == 0)
        return true;
    if (!pg_do(c->pg, "begin", e))
        return false;
    if (!code_files_run(c->pg, d, e) ||
        !ledger_call(c->pg, "select deploy.code_done($1::text[], $2::text[])", d->code, d->ncode,
                     &rows, e))
        return abandon(c->pg);
    pg_rows_free(&rows);
    return pg_do(c->pg, "commit", e) ? true : abandon(c->pg);
}

const char *migrate_sql_dir(const struct cli *c, const char *given) {
    const char *env = getenv("MAITRED_SQL");
    if (given || (env && *env))
        return given ? given : env;
#ifdef MAITRED_PKGDATADIR
    /* Installed elsewhere than where the configuration's default looks. */
    if (access(c->settings.sql_dir, F_OK) != 0)
        return MAITRED_PKGDATADIR "/sql";
#endif
    return c->settings.sql_dir;
}

static bool ledger_ready(struct pg *pg, const struct sqldir *d, struct err *e) {
    return pg_do(pg, "begin", e) && pg_script(pg, d->ledger->name, d->ledger->text, e) &&
           pg_do(pg, "commit", e);
}

bool migrate_apply(struct cli *c, const char *sql_dir, struct err *e) {
    struct sqldir d;
    int applied = 0, changed = 0;
    if (!sqldir_read(&d, sql_dir, e))
        return false;
    /* Held by the session: it ends with the connection, however this process ends. */
    bool good = pg_do(c->pg, "select pg_advisory_lock(hashtext('maitred migrate'))", e) &&
                ledger_ready(c->pg, &d, e) && migrations_apply(c, &d, &applied, e) &&
                code_apply(c, &d, &changed, e) &&
                pg_do(c->pg, "select pg_advisory_unlock(hashtext('maitred migrate'))", e);
    if (good && applied + changed == 0)
        cli_say(c, "nothing to do: %zu migrations and the code are applied", d.nmigrations);
    else if (good)
        cli_say(c, "%d migrations applied, code %s", applied,
                changed ? "applied again" : "unchanged");
    sqldir_free(&d);
    return good;
}

/* --status and --dry-run write nothing, not even the ledger. */
static bool report_without_ledger(const struct sqldir *d) {
    for (size_t i = 0; i < d->nmigrations; i++)
        printf("pending  %s\n", d->migrations[i].name);
    printf("code     never applied\n");
    return true;
}

static void rows_report(const struct pg_rows *rows, bool all, const char *prefix) {
    for (int r = 0; r < rows->n; r++)
        if (all || !str_eq(pg_value(rows, r, COL_STATE), "applied"))
            printf("%-8s %s%s\n", pg_value(rows, r, COL_STATE), prefix, pg_value(rows, r, COL_NAME));
}

static bool report(struct cli *c, const struct sqldir *d, struct err *e) {
    struct pg_rows rows, states;
    if (!pg_call(c->pg, "select to_regproc('deploy.code_changes') is not null", 0, NULL, &rows, e))
        return false;
    bool ledger = str_eq(pg_value(&rows, 0, 0), "t");
    pg_rows_free(&rows);
    if (!ledger)
        return report_without_ledger(d);
    if (!states_read(c->pg, d, &states, e))
        return false;
    rows_report(&states, o.status, "");
    bool good = changes_read(c->pg, d, &rows, e);
    if (good) {
        rows_report(&rows, true, "");
        if (rows.n == 0 && (o.status || states_sound(&states, e)))
            printf("code is applied as it is in the sql directory\n");
        pg_rows_free(&rows);
    }
    good = good && states_sound(&states, e);
    pg_rows_free(&states);
    return good;
}

static bool run(struct cli *c, char **operands, int n, struct err *e) {
    (void)operands, (void)n;
    if (!cli_connect(c, NULL, e))
        return false;
    const char *sql_dir = migrate_sql_dir(c, o.sql_dir);
    if (!o.status && !o.dry_run)
        return migrate_apply(c, sql_dir, e);
    struct sqldir d;
    if (!sqldir_read(&d, sql_dir, e))
        return false;
    bool good = report(c, &d, e);
    sqldir_free(&d);
    return good;
}

const struct command command_migrate = {
    "migrate", "", 0, 0, "Bring the database to the state of the sql directory.",
    "Run as a superuser or the database's owner with CREATEROLE. Migrations go forward only; one\n"
    "that was applied and has changed since is refused. The login roles that migrations make\n"
    "(maitred_rest, maitred_realtime, maitred_job) have no password: let pg_hba.conf admit them on\n"
    "the unix socket (peer with a map, or trust in a private cluster).",
    opts, run};
