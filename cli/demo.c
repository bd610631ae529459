/* demo.c - maitred demo-data: two living venues, for ./demo, trials and screenshots.
 *
 * Makes the venues and their accounts where they are missing, then runs sql/demo.sql in one
 * transaction. That file only adds, relative to now; run again, it adds nothing.
 */
#include "config.h"

#include "migrate.h"
#include "pg.h"
#include "base/mem.h"

#include <string.h>

static struct {
    const char *restaurant, *hotel, *sql_dir;
    bool password_stdin;
} o;

static const struct opt opts[] = {
    {"restaurant", OPT_TEXT, &o.restaurant, "SLUG", "the restaurant (default: bistro)"},
    {"hotel", OPT_TEXT, &o.hotel, "SLUG", "the hotel (default: grand)"},
    {"password-stdin", OPT_FLAG, &o.password_stdin, NULL,
     "password of all its accounts, from stdin's first line (else: asked for)"},
    {"sql-dir", OPT_TEXT, &o.sql_dir, "DIR", "the sql directory (default: MAITRED_SQL, sql_dir)"},
    {0},
};

static bool script_run(struct cli *c, struct err *e) {
    struct str path = STR_INIT, text = STR_INIT;
    str_printf(&path, "%s/demo.sql", migrate_sql_dir(c, o.sql_dir));
    bool good = cli_read_file(str_c(&path), &text, e) &&
                pg_script(c->pg, "demo.sql", str_c(&text), e);
    str_free(&path);
    str_free(&text);
    return good;
}

static bool data_make(struct cli *c, const char *hash, struct err *e) {
    const char *restaurant = o.restaurant ? o.restaurant : "bistro";
    const char *hotel = o.hotel ? o.hotel : "grand";
    const char *values[] = {restaurant, hotel, hash};
    if (!pg_do(c->pg, "begin", e) ||
        !pg_run(c->pg, "select maitred.demo_begin($1, $2, $3)", 3, values, e) || !script_run(c, e))
        return false;
    struct pg_rows rows;
    if (!pg_call(c->pg, "select * from maitred.demo_report($1, $2)", 2, values, &rows, e))
        return false;
    bool good = pg_do(c->pg, "commit", e);
    for (int r = 0; good && r < rows.n; r++)
        cli_say(c, "%-12s %-28s %s", pg_value(&rows, r, 0), pg_value(&rows, r, 1),
                pg_value(&rows, r, 2));
    pg_rows_free(&rows);
    return good;
}

static bool run(struct cli *c, char **operands, int n, struct err *e) {
    (void)operands, (void)n;
    if (!cli_connect(c, NULL, e))
        return false;
    char *password = cli_password(o.password_stdin, e);
    if (!password)
        return false;
    char *hash = password_hash(password, e);
    explicit_bzero(password, strlen(password));
    x_free(password);
    bool good = hash && data_make(c, hash, e);
    x_free(hash);
    return good;
}

const struct command command_demo = {
    "demo-data", "", 0, 0, "Fill two demo venues with accounts and a present.",
    "Venues and accounts (admin, manager, waiter, kitchen, frontdesk, viewer) are made where they\n"
    "are missing. Import real data first, if there is any: this adds what such data lacks.",
    opts, run};
