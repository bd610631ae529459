/* venue.c - maitred venue: makes, lists, deactivates and re-activates venues; their settings.
 *
 * Each is one call of a function in sql/admin/10_venues.sql, which holds the rules.
 */
#include "config.h"

#include "cli.h"
#include "pg.h"
#include "table.h"

#include <string.h>

static struct {
    const char *kind, *name, *timezone, *currency, *cutoff;
    bool if_missing;
} o;

static const struct opt create_opts[] = {
    {"kind", OPT_TEXT, &o.kind, "KIND", "restaurant or hotel (needed)"},
    {"name", OPT_TEXT, &o.name, "TEXT", "name for people (default: the slug)"},
    {"timezone", OPT_TEXT, &o.timezone, "ZONE", "IANA zone (default: UTC)"},
    {"currency", OPT_TEXT, &o.currency, "CODE", "ISO 4217 code (default: EUR)"},
    {"cutoff", OPT_TEXT, &o.cutoff, "HH:MM", "when a business day begins (default: 04:00)"},
    {"if-missing", OPT_FLAG, &o.if_missing, NULL, "a venue that exists already is left as it is"},
    {0},
};

static bool create_run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    const char *values[] = {operands[0], o.kind,   o.name, o.timezone,
                            o.currency,  o.cutoff, o.if_missing ? "true" : "false"};
    struct pg_rows rows;
    if (!o.kind)
        return err_set(e, ERR_MISSING_FIELD, "--kind restaurant or --kind hotel is needed");
    if (!cli_connect(c, NULL, e) ||
        !pg_call(c->pg, "select * from maitred.venue_create($1, $2, $3, $4, $5, $6::time, $7::boolean)",
                 7, values, &rows, e))
        return false;
    bool made = str_eq(pg_value(&rows, 0, 1), "t");
    cli_say(c, made ? "venue %s made (id %s)" : "venue %s exists already (id %s)", operands[0],
            pg_value(&rows, 0, 0));
    pg_rows_free(&rows);
    return true;
}

static bool list_run(struct cli *c, char **operands, int n, struct err *e) {
    (void)operands, (void)n;
    return cli_connect(c, NULL, e) &&
           table_print(c->pg, "select * from maitred.venue_list()", 0, NULL, e);
}

static bool active_set(struct cli *c, const char *slug, const char *active, struct err *e) {
    const char *values[] = {slug, active};
    return cli_connect(c, NULL, e) &&
           pg_run(c->pg, "select maitred.venue_set_active($1, $2::boolean)", 2, values, e);
}

static bool deactivate_run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    if (!active_set(c, operands[0], "false", e))
        return false;
    cli_say(c, "venue %s deactivated: nobody can log in, its open tokens end", operands[0]);
    return true;
}

static bool activate_run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    if (!active_set(c, operands[0], "true", e))
        return false;
    cli_say(c, "venue %s activated", operands[0]);
    return true;
}

static bool setting_set(struct cli *c, const char *slug, const char *setting, struct err *e) {
    const char *sign = strchr(setting, '=');
    if (!sign || sign == setting)
        return err_set(e, ERR_INVALID_FIELD, "%s is no KEY=VALUE", setting);
    struct str key = STR_INIT;
    str_printf(&key, "%.*s", (int)(sign - setting), setting);
    const char *values[] = {slug, str_c(&key), sign + 1};
    bool good = pg_run(c->pg, "select maitred.venue_set($1, $2, $3)", 3, values, e);
    str_free(&key);
    return good;
}

/* All or none of them. */
static bool settings_set(struct cli *c, char **operands, int n, struct err *e) {
    if (!pg_do(c->pg, "begin", e))
        return false;
    for (int i = 1; i < n; i++)
        if (!setting_set(c, operands[0], operands[i], e))
            return false;
    return pg_do(c->pg, "commit", e);
}

static bool set_run(struct cli *c, char **operands, int n, struct err *e) {
    const char *values[] = {operands[0]};
    return cli_connect(c, NULL, e) && (n == 1 || settings_set(c, operands, n, e)) &&
           table_print(c->pg, "select * from maitred.venue_settings($1)", 1, values, e);
}

const struct command command_venue_create = {
    "venue create", "SLUG", 1, 1, "Make a venue.", NULL, create_opts, create_run};
const struct command command_venue_list = {
    "venue list", "", 0, 0, "List all venues.", NULL, NULL, list_run};
const struct command command_venue_deactivate = {
    "venue deactivate", "SLUG", 1, 1, "Close a venue to everybody; its data stays.", NULL, NULL,
    deactivate_run};
const struct command command_venue_activate = {
    "venue activate", "SLUG", 1, 1, "Open a deactivated venue again.", NULL, NULL, activate_run};
const struct command command_venue_set = {
    "venue set",
    "SLUG [KEY=VALUE...]",
    1,
    OPT_LIST_MAX,
    "Change settings of a venue, and show all.",
    "KEY= takes a setting back: then what is usual holds. docs/operations.md says what each is.",
    NULL,
    set_run};
