/* user.c - maitred user: accounts of a venue; adds, lists, sets role, password, name and active.
 *
 * Each is one call of a function in sql/admin/20_accounts.sql. A change of role, password or active
 * ends the account's tokens at once: the database's trigger moves its not-before.
 */
#include "config.h"

#include "cli.h"
#include "pg.h"
#include "table.h"
#include "base/mem.h"

#include <string.h>

static struct {
    const char *role, *name, *email;
    bool password, password_stdin, no_password, activate, deactivate, if_missing;
} o;

static const struct opt add_opts[] = {
    {"role", OPT_TEXT, &o.role, "ROLE",
     "admin, manager, waiter, kitchen, frontdesk or viewer (needed)"},
    {"name", OPT_TEXT, &o.name, "TEXT", "display name (default: the user name)"},
    {"email", OPT_TEXT, &o.email, "ADDRESS", "e-mail address"},
    {"password-stdin", OPT_FLAG, &o.password_stdin, NULL, "password is the first line of stdin"},
    {"no-password", OPT_FLAG, &o.no_password, NULL, "no password: API keys only"},
    {"if-missing", OPT_FLAG, &o.if_missing, NULL, "an account that exists is left as it is"},
    {0},
};

static const struct opt set_opts[] = {
    {"role", OPT_TEXT, &o.role, "ROLE", "new role"},
    {"name", OPT_TEXT, &o.name, "TEXT", "new display name"},
    {"email", OPT_TEXT, &o.email, "ADDRESS", "new e-mail address"},
    {"password", OPT_FLAG, &o.password, NULL, "ask for a new password"},
    {"password-stdin", OPT_FLAG, &o.password_stdin, NULL, "new password from stdin's first line"},
    {"activate", OPT_FLAG, &o.activate, NULL, "may log in again"},
    {"deactivate", OPT_FLAG, &o.deactivate, NULL, "may not log in any more"},
    {0},
};

static bool hash_get(bool from_stdin, char **hash, struct err *e) {
    char *password = cli_password(from_stdin, e);
    if (!password)
        return false;
    *hash = password_hash(password, e);
    explicit_bzero(password, strlen(password));
    x_free(password);
    return *hash != NULL;
}

static bool account_add(struct cli *c, char **operands, const char *hash, struct err *e) {
    const char *values[] = {operands[0], operands[1], o.name, o.email, o.role, hash,
                            o.if_missing ? "true" : "false"};
    struct pg_rows rows;
    if (!pg_call(c->pg,
                 "select * from maitred.account_create($1, $2, $3, $4, $5, $6, $7::boolean)", 7,
                 values, &rows, e))
        return false;
    bool made = str_eq(pg_value(&rows, 0, 1), "t");
    cli_say(c, made ? "%s added to %s (id %s)" : "%s of %s exists already (id %s)", operands[1],
            operands[0], pg_value(&rows, 0, 0));
    pg_rows_free(&rows);
    return true;
}

static bool add_run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    char *hash = NULL;
    if (!o.role)
        return err_set(e, ERR_MISSING_FIELD, "--role is needed");
    if (!cli_connect(c, NULL, e) || (!o.no_password && !hash_get(o.password_stdin, &hash, e)))
        return false;
    bool done = account_add(c, operands, hash, e);
    x_free(hash);
    return done;
}

static bool list_run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    const char *values[] = {operands[0]};
    return cli_connect(c, NULL, e) &&
           table_print(c->pg, "select * from maitred.account_list($1)", 1, values, e);
}

static bool set_run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    char *hash = NULL;
    if (o.activate && o.deactivate)
        return err_set(e, ERR_INVALID_FIELD, "--activate and --deactivate exclude each other");
    if (!cli_connect(c, NULL, e) ||
        ((o.password || o.password_stdin) && !hash_get(o.password_stdin, &hash, e)))
        return false;
    const char *active = o.activate ? "true" : o.deactivate ? "false" : NULL;
    const char *values[] = {operands[0], operands[1], o.name, o.email, o.role, hash, active};
    bool done = pg_run(c->pg,
                       "select maitred.account_set($1, $2, $3, $4, $5, $6, $7::boolean)", 7, values, e);
    x_free(hash);
    if (done)
        cli_say(c, "%s of %s changed", operands[1], operands[0]);
    return done;
}

const struct command command_user_add = {
    "user add", "VENUE NAME", 2, 2, "Add an account to a venue.", NULL, add_opts, add_run};
const struct command command_user_list = {
    "user list", "VENUE", 1, 1, "List a venue's accounts.", NULL, NULL, list_run};
const struct command command_user_set = {
    "user set", "VENUE NAME", 2, 2, "Change an account.",
    "A new role, password or active state ends the tokens of the account at once.", set_opts,
    set_run};
