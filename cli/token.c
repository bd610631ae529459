/* token.c - maitred token VENUE ACCOUNT: prints a JWT, for scripts and for trying things out. */
#include "config.h"

#include "cli.h"
#include "pg.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>

static struct {
    const char *lifetime;
} o;

static const struct opt opts[] = {
    {"lifetime", OPT_TEXT, &o.lifetime, "SECONDS", "how long it is good (default: token_lifetime_s)"},
    {0},
};

static bool subject_read(struct cli *c, char **operands, struct principal *p, struct err *e) {
    const char *values[] = {operands[0], operands[1]};
    struct pg_rows rows;
    if (!pg_call(c->pg, "select * from maitred.token_subject($1, $2)", 2, values, &rows, e))
        return false;
    *p = (struct principal){
        .venue = atoll(pg_value(&rows, 0, 0)),
        .account = atoll(pg_value(&rows, 0, 1)),
        .role = role_parse(pg_value(&rows, 0, 3)),
    };
    snprintf(p->name, sizeof p->name, "%s", pg_value(&rows, 0, 2));
    snprintf(p->slug, sizeof p->slug, "%s", operands[0]);
    pg_rows_free(&rows);
    return true;
}

static bool lifetime_read(struct principal *p, int64_t now, struct err *e) {
    long long seconds;
    if (!o.lifetime)
        return true;
    if (!str_to_int64(o.lifetime, &seconds) || seconds < 1 || seconds > 366LL * 86400)
        return err_set(e, ERR_INVALID_FIELD, "--lifetime is from 1 second to a year");
    p->exp = now + seconds;
    return true;
}

static bool run(struct cli *c, char **operands, int n, struct err *e) {
    (void)n;
    struct principal p;
    int64_t now = clock_wall_s();
    if (!cli_connect(c, NULL, e) || !subject_read(c, operands, &p, e) || !lifetime_read(&p, now, e))
        return false;
    struct auth_options options = settings_auth(&c->settings);
    struct auth *auth = auth_load(&options, e);
    if (!auth)
        return false;
    char *token = auth_sign(auth, &p, now, e);
    auth_free(auth);
    if (!token)
        return false;
    puts(token);
    x_free(token);
    return true;
}

const struct command command_token = {
    "token", "VENUE ACCOUNT", 2, 2, "Print a token (JWT) of an account.",
    "Signed with the newest key of key_dir; whoever can read the keys can make any token.", opts, run};
