/* cli.h - what the subcommands share: the table row of a command, its options, and the run itself.
 *
 * main.c finds the row, cli_parse reads its options (one table gives parsing and --help), and the
 * run opens what it needs: settings (--config, environment), the database, the keys.
 * Exit status: 0 done, 1 refused or failed (one line on stderr says why), 2 wrong usage.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "access/settings.h"
#include "base/err.h"
#include "base/str.h"

enum opt_kind {
    OPT_FLAG,    /* bool *to: --name */
    OPT_TEXT,    /* const char **to: --name VALUE */
    OPT_MAYBE,   /* const char **to: --name (then "") or --name=VALUE */
    OPT_REPEAT   /* struct opt_list *to: every --name VALUE */
};

struct opt {
    const char *name;  /* without the dashes; NULL ends the table */
    enum opt_kind kind;
    void *to;
    const char *value; /* what --help calls the value */
    const char *help;  /* one line */
};

#define OPT_LIST_MAX 32
struct opt_list {
    int n;
    const char *v[OPT_LIST_MAX];
};

struct cli;

struct command {
    const char *name;      /* "init" or "user add" */
    const char *operands;  /* "VENUE NAME", for the usage line */
    int min, max;          /* how many operands */
    const char *summary;   /* one line */
    const char *about;     /* what --help says beyond the options, or NULL */
    const struct opt *opts;
    bool (*run)(struct cli *c, char **operands, int n, struct err *e);
};

struct cli {
    const struct command *command;
    const char *config, *database; /* --config, --database, or NULL */
    bool quiet;
    struct settings settings;
    bool loaded;
    struct pg *pg;
};

/* --help was answered: nothing more to do. */
enum cli_parsed { CLI_RUN, CLI_HELPED, CLI_WRONG };
enum cli_parsed cli_parse(struct cli *c, int argc, char **argv, char ***operands, int *n);
void cli_usage(const struct command *cmd);

/* Settings from --config and the environment, once; --database goes before both. */
bool cli_settings(struct cli *c, struct err *e) must_check;
/* Settings, then a connection in c->pg. `role` NULL: the owner's. */
bool cli_connect(struct cli *c, const char *role, struct err *e) must_check;
void cli_close(struct cli *c);

/* A line for people on stdout, unless --quiet. */
void cli_say(const struct cli *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The whole file; `out` is appended to. */
bool cli_read_file(const char *path, struct str *out, struct err *e) must_check;

/* A password: first line of stdin, or asked for twice on the terminal without echo. x_free. */
char *cli_password(bool from_stdin, struct err *e) must_check;

/* One a file, in the order of --help. */
extern const struct command command_init, command_migrate;
extern const struct command command_venue_create, command_venue_list, command_venue_deactivate,
    command_venue_activate, command_venue_set;
extern const struct command command_user_add, command_user_list, command_user_set;
extern const struct command command_key_create, command_key_list, command_key_revoke;
extern const struct command command_token, command_maintain;
extern const struct command command_import_bookings, command_import_orders, command_import_menu;
extern const struct command command_demo, command_simulate;

#endif
