/* api_key.c - maitred api-key: makes (shown once), lists and revokes API keys.
 *
 * The key is made here and only its hash goes to the database (sql/admin/20_accounts.sql).
 */
#include "config.h"

#include "cli.h"
#include "pg.h"
#include "table.h"

#include <stdio.h>
#include <string.h>

static struct {
    const char *label;
} o;

static const struct opt create_opts[] = {
    {"label", OPT_TEXT, &o.label, "TEXT", "what the key is for"},
    {0},
};

static bool create_run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    char key[48], hash[65];
    api_key_make(key);
    api_key_hash(key, hash);
    const char *values[] = {operands[0], operands[1], hash, o.label ? o.label : ""};
    bool done = cli_connect(c, NULL, e) &&
                pg_run(c->pg, "select maitred.api_key_create($1, $2, $3, $4)", 4, values, e);
    if (done) {
        /* The key alone on stdout, so that it can be piped to where it is needed. */
        if (!c->quiet)
            fprintf(stderr, "The key is shown this once; only its hash is kept.\n");
        puts(key);
    }
    explicit_bzero(key, sizeof key);
    return done;
}

static bool list_run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    const char *values[] = {operands[0]};
    return cli_connect(c, NULL, e) &&
           table_print(c->pg, "select * from maitred.api_key_list($1)", 1, values, e);
}

static bool revoke_run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    long long id;
    if (!str_to_int64(operands[1], &id) || id < 1)
        return err_set(e, ERR_INVALID_FIELD, "'%s' is no key's number; see api-key list", operands[1]);
    const char *values[] = {operands[0], operands[1]};
    if (!cli_connect(c, NULL, e) ||
        !pg_run(c->pg, "select maitred.api_key_revoke($1, $2::bigint)", 2, values, e))
        return false;
    cli_say(c, "key %s of %s revoked", operands[1], operands[0]);
    return true;
}

const struct command command_key_create = {
    "api-key create", "VENUE ACCOUNT", 2, 2, "Make an API key; it is shown once.", NULL,
    create_opts, create_run};
const struct command command_key_list = {
    "api-key list", "VENUE", 1, 1, "List a venue's API keys.", NULL, NULL, list_run};
const struct command command_key_revoke = {
    "api-key revoke", "VENUE NUMBER", 2, 2, "Revoke an API key.", NULL, NULL, revoke_run};
